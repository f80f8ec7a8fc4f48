"""Event loops that do not wait for threads when they end.

Such a thread may belong to a keyring that waits for a person, or fill the sandbox, which takes seconds.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class _Pool(ThreadPoolExecutor):
    """A thread pool whose end does not wait for its threads. `flattr_tui.cli` waits for them, for a limited time."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=cancel_futures)


def make_runner() -> asyncio.Runner:
    """Return a runner whose event loop does not wait for threads when it ends."""

    def make_loop() -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.set_default_executor(_Pool())
        return loop

    return asyncio.Runner(loop_factory=make_loop)


def run_coroutine(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a new event loop, and return its result. Unlike `asyncio.run`, do not wait for threads."""
    with make_runner() as runner:
        return runner.run(main)

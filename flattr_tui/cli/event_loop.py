"""Event loops that do not wait for threads when they end.

A keyring may wait for a person, and filling the sandbox takes seconds.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class _Pool(ThreadPoolExecutor):
    """Threads for blocking calls. Its end does not wait for them: `flattr_tui.cli` does so, for a limited time."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=cancel_futures)


def make_runner() -> asyncio.Runner:
    """Return a runner whose event loop ends without waiting for calls in threads."""

    def make_loop() -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.set_default_executor(_Pool())
        return loop

    return asyncio.Runner(loop_factory=make_loop)


def run_coroutine(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine as `asyncio.run` does, but without waiting for threads at the end, and return its result."""
    with make_runner() as runner:
        return runner.run(main)

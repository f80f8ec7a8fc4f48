"""The one thread that does all writing, job after job."""

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class WriterThread:
    """Runs jobs in the order of submission. The thread starts with the first job.

    It is a daemon thread, so that a program that quits never waits for a slow disk or another program's lock. A job in
    progress is then cut off as by `kill -9`, which the store survives by design.
    """

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._urgent: deque[bool] = deque()
        self._started = False

    @property
    def has_urgent(self) -> bool:
        """Whether an urgent job is queued."""
        return bool(self._urgent)

    async def run(self, work: Callable[[], T], *, urgent: bool = True) -> T:
        """Run a job and return its result. Cancelling this call does not interrupt the job: every write is complete."""
        running = asyncio.wrap_future(self.submit(work, urgent=urgent))
        running.add_done_callback(_retrieve_exception)  # even if nobody waits for it any more
        return await asyncio.shield(running)

    def submit(self, work: Callable[[], T], *, urgent: bool = True) -> "Future[T]":
        """Queue a job, and return a future of its result."""
        future: Future[T] = Future()
        if urgent:
            self._urgent.append(True)

        def execute() -> None:
            if urgent:
                self._urgent.popleft()
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 -- raised where the result is awaited
                future.set_exception(error)

        self._queue.put(execute)
        if not self._started:
            self._started = True
            threading.Thread(target=self._loop, name="flattr-writer", daemon=True).start()
        return future

    def close(self) -> None:
        """End the thread after all submitted jobs."""
        self._queue.put(None)

    def _loop(self) -> None:
        while (work := self._queue.get()) is not None:
            work()
            del work  # it holds what it wrote, up to 16 MiB


def _retrieve_exception(writing: "asyncio.Future[Any]") -> None:
    with contextlib.suppress(asyncio.CancelledError):
        writing.exception()

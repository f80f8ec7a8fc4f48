"""What is to be fetched, in which order: equal requests joined, what nobody waits for dropped, bounded."""

import asyncio
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Final, Generic, TypeVar

import msgspec

from flattr_tui.api.methods import BY_NAME, Method
from flattr_tui.library.fetch.rate_gate import is_ahead
from flattr_tui.model.api_request import Request

LIMIT: Final = 256
"""How many asks may wait."""
T = TypeVar("T")


class Priority(IntEnum):
    """How urgent an ask is; the smaller goes first."""

    SCREEN = 0
    """It is looked at."""
    NEAR = 1
    """It is a neighbour of what is looked at."""
    BACKGROUND = 2
    """A sync wants it."""


class DroppedError(Exception):
    """Nobody wants the answer any more, or there was no room for the ask: it was not sent."""


class Ask(msgspec.Struct, frozen=True):
    """One question to the server: a part of a list, or a whole answer."""

    request: Request
    page: int = 1
    count: int = 0
    """How many items a page; 0 where the method has no pages."""

    @property
    def method(self) -> Method:
        """The method that it calls."""
        return BY_NAME[self.request.method]


class Job(msgspec.Struct, Generic[T], eq=False):
    """An ask with all who wait for its answer."""

    ask: Ask
    order: int
    """When it was asked first."""
    waiters: dict[asyncio.Future[T], Priority] = msgspec.field(default_factory=dict)
    not_before: float = 0.0
    """Unix seconds: it rests until then, after a failure."""
    tries: int = 0
    """How often it failed in a way that another try may mend."""
    hurried: bool = False

    @property
    def priority(self) -> Priority:
        """The highest of those who wait."""
        if self.hurried:
            return Priority.SCREEN
        return min(self.waiters.values(), default=Priority.BACKGROUND)

    def answer(self, value: T) -> None:
        """Give all who wait the answer."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(value)

    def fail(self, error: Exception) -> None:
        """Tell all who wait that there is none."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_exception(error)


class Queue(Generic[T]):
    """See the module. Belongs to the event loop's thread; holds what is in flight too, so that it is joined."""

    def __init__(self, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._waiting: dict[Ask, Job[T]] = {}
        self._active: dict[Ask, Job[T]] = {}
        self._orders = 0

    def __len__(self) -> int:
        """How many wait, those in flight not counted."""
        return len(self._waiting)

    @property
    def active_limited(self) -> int:
        """How many of these count against the rate limit."""
        return sum(ask.method.limited for ask in self._active)

    def waiting(self) -> Iterator[Job[T]]:
        """All that wait."""
        return iter(tuple(self._waiting.values()))

    def join(self, ask: Ask, priority: Priority) -> asyncio.Future[T]:
        """Wait for an ask's answer, together with whoever waits for it already.

        Where there is no room, the least urgent of all (the newest of these) fails with `DroppedError`.
        """
        job = self._active.get(ask) or self._waiting.get(ask)
        if job is None:
            self._orders += 1
            job = self._waiting[ask] = Job(ask, self._orders)
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job.waiters[waiter] = priority
        if len(self._waiting) > self._limit:
            worst = max(self._waiting.values(), key=lambda job: (job.priority, job.order))
            del self._waiting[worst.ask]
            worst.fail(DroppedError())
        return waiter

    def leave(self, ask: Ask, waiter: asyncio.Future[T]) -> None:
        """Wait no longer. An ask that nobody waits for is dropped; one in flight arrives all the same, to be kept."""
        for jobs in (self._waiting, self._active):
            if (job := jobs.get(ask)) is not None:
                job.waiters.pop(waiter, None)
        if (job := self._waiting.get(ask)) is not None and not job.waiters:
            del self._waiting[ask]

    def hurry(self, which: Callable[[Ask], bool]) -> None:
        """Treat some of what waits as what is on screen."""
        for job in self._waiting.values():
            if which(job.ask):
                job.hurried = True

    def drop(self, which: Callable[[Ask], bool]) -> None:
        """Fail some of what waits with `DroppedError`."""
        for ask in [ask for ask in self._waiting if which(ask)]:
            self._waiting.pop(ask).fail(DroppedError())

    def take(self, now: float, may: Callable[[Ask], bool]) -> Job[T] | None:
        """Take the best job that need not rest and that `may` be sent; it is in flight then."""
        ready = [job for job in self._waiting.values() if not is_ahead(job.not_before, now) and may(job.ask)]
        if not ready:
            return None
        job = min(ready, key=lambda job: (job.priority, job.order))
        del self._waiting[job.ask]
        self._active[job.ask] = job
        return job

    def put_back(self, job: Job[T], not_before: float = 0.0) -> None:
        """Let a job wait again that was in flight; nobody waiting for it any more, it is dropped."""
        self._active.pop(job.ask, None)
        job.not_before = not_before
        if not all(waiter.done() for waiter in job.waiters):
            self._waiting[job.ask] = job

    def finish(self, job: Job[T]) -> None:
        """Forget a job that was in flight."""
        self._active.pop(job.ask, None)

"""The queue of requests to the server: ordered by priority, without duplicates, bounded."""

import asyncio
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Final, Generic, TypeVar

import msgspec

from flattr_tui.api.method_table import BY_NAME, Method
from flattr_tui.library.fetch.rate_limiter import is_upcoming
from flattr_tui.model.api_request import ApiRequest

MAX_WAITING: Final = 256
"""Maximum number of waiting requests."""
T = TypeVar("T")


class Priority(IntEnum):
    """How urgent a request is. A smaller number is more urgent."""

    SCREEN = 0
    """For rows that are visible on screen."""
    NEAR = 1
    """For rows next to the visible ones."""
    BACKGROUND = 2
    """For requests that no screen waits for, such as those of a sync."""


class DroppedError(Exception):
    """Raised if a request was not sent, because nobody needs the response any more, or because the queue was full."""


class FetchRequest(msgspec.Struct, frozen=True):
    """A request to the server: one page of a list, or a single object."""

    request: ApiRequest
    page: int = 1
    count: int = 0
    """Page size; 0 if the method has no pages."""

    @property
    def method(self) -> Method:
        """The API method of the request."""
        return BY_NAME[self.request.method]


class Job(msgspec.Struct, Generic[T], eq=False):
    """A queued request, and all who wait for its response."""

    request: FetchRequest
    order: int
    """Position in the order in which requests were queued."""
    waiters: dict[asyncio.Future[T], Priority] = msgspec.field(default_factory=dict)
    not_before: float = 0.0
    """The earliest time to send it after a failure, in Unix seconds."""
    tries: int = 0
    """How often it failed with an error that may be temporary."""
    is_raised: bool = False
    """Whether the request has the priority of visible rows, whatever its waiters asked for."""

    @property
    def priority(self) -> Priority:
        """The most urgent priority among its waiters."""
        if self.is_raised:
            return Priority.SCREEN
        return min(self.waiters.values(), default=Priority.BACKGROUND)

    def set_result(self, value: T) -> None:
        """Give the result to all waiters."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(value)

    def set_error(self, error: Exception) -> None:
        """Raise the error in all waiters."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_exception(error)


class FetchQueue(Generic[T]):
    """The queue of requests that wait, and the set of those that were sent. Use it on the event loop's thread."""

    def __init__(self, *, limit: int = MAX_WAITING) -> None:
        self._limit = limit
        self._waiting: dict[FetchRequest, Job[T]] = {}
        self._active: dict[FetchRequest, Job[T]] = {}
        self._orders = 0

    def __len__(self) -> int:
        """Number of waiting requests, without those that were sent."""
        return len(self._waiting)

    @property
    def active_limited(self) -> int:
        """Number of requests that were sent, are not answered, and count against the rate limit."""
        return sum(ask.method.limited for ask in self._active)

    def waiting_jobs(self) -> Iterator[Job[T]]:
        """Yield all waiting jobs."""
        return iter(tuple(self._waiting.values()))

    def join(self, ask: FetchRequest, priority: Priority) -> asyncio.Future[T]:
        """Queue a request, and return a future for its response. Equal requests share one response.

        If the queue is full, the newest of the least urgent requests fails with `DroppedError`.
        """
        job = self._active.get(ask) or self._waiting.get(ask)
        if job is None:
            self._orders += 1
            job = self._waiting[ask] = Job(ask, self._orders)
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job.waiters[waiter] = priority
        if len(self._waiting) > self._limit:
            worst = max(self._waiting.values(), key=lambda job: (job.priority, job.order))
            del self._waiting[worst.request]
            worst.set_error(DroppedError())
        return waiter

    def abandon(self, ask: FetchRequest, waiter: asyncio.Future[T]) -> None:
        """Remove a waiter.

        Without other waiters, a waiting request is dropped; one that was sent is completed and stored.
        """
        for jobs in (self._waiting, self._active):
            if (job := jobs.get(ask)) is not None:
                job.waiters.pop(waiter, None)
        if (job := self._waiting.get(ask)) is not None and not job.waiters:
            del self._waiting[ask]

    def raise_priority(self, which: Callable[[FetchRequest], bool]) -> None:
        """Give the waiting requests for which `which` is true the priority of visible rows."""
        for job in self._waiting.values():
            if which(job.request):
                job.is_raised = True

    def drop(self, which: Callable[[FetchRequest], bool]) -> None:
        """Drop the waiting requests for which `which` is true: they fail with `DroppedError`."""
        for ask in [ask for ask in self._waiting if which(ask)]:
            self._waiting.pop(ask).set_error(DroppedError())

    def pop(self, now: float, may: Callable[[FetchRequest], bool]) -> Job[T] | None:
        """Return the most urgent job that is due and that `may` allows, and count it as sent.

        Returns None if there is none. `now` is in Unix seconds.
        """
        ready = [job for job in self._waiting.values() if not is_upcoming(job.not_before, now) and may(job.request)]
        if not ready:
            return None
        job = min(ready, key=lambda job: (job.priority, job.order))
        del self._waiting[job.request]
        self._active[job.request] = job
        return job

    def requeue(self, job: Job[T], not_before: float = 0.0) -> None:
        """Put a job back into the queue after it was sent. It is not sent again before `not_before` (Unix seconds).

        A job for which nobody waits any longer is dropped.
        """
        self._active.pop(job.request, None)
        job.not_before = not_before
        if not all(waiter.done() for waiter in job.waiters):
            self._waiting[job.request] = job

    def finish(self, job: Job[T]) -> None:
        """Remove a job that was sent."""
        self._active.pop(job.request, None)

"""The queue of requests to the server, by priority. Equal requests are sent once, and the queue's length is limited."""

import asyncio
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Final, Generic, TypeVar

import msgspec

from flattr_tui.api.method_table import BY_NAME, Method
from flattr_tui.library.fetch.server_limits import is_upcoming
from flattr_tui.model.api_request import ApiRequest

MAX_WAITING: Final = 256
"""Maximum number of requests in the queue, not counting those that were sent."""
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
    """Raised if a request was dropped, because nobody needs the response any more, or because the queue was full."""


class FetchRequest(msgspec.Struct, frozen=True):
    """A request for one API page of a list, or for a single object."""

    request: ApiRequest
    """The request for the whole list or for the object."""
    page: int = 1
    """The number of the page, from 1."""
    count: int = 0
    """The requested page size in items; 0 if the API method has no pages."""

    @property
    def method(self) -> Method:
        """The API method that the request calls."""
        return BY_NAME[self.request.method]


class Job(msgspec.Struct, Generic[T], eq=False):
    """A queued request, and the futures through which callers wait for its response."""

    request: FetchRequest
    order: int
    """The number of the request in the order in which requests were queued."""
    waiters: dict[asyncio.Future[T], Priority] = msgspec.field(default_factory=dict)
    """The futures of the callers, each with the priority that the caller asked for."""
    not_before: float = 0.0
    """The earliest time at which the request may be sent again after a failure, in Unix seconds."""
    tries: int = 0
    """How often the request has failed with an error that may be temporary."""
    is_raised: bool = False
    """Whether the request has the priority of visible rows, whatever its callers asked for."""

    @property
    def priority(self) -> Priority:
        """The priority of the request: the most urgent priority that any of its callers asked for."""
        if self.is_raised:
            return Priority.SCREEN
        return min(self.waiters.values(), default=Priority.BACKGROUND)

    def set_result(self, value: T) -> None:
        """Give the response's result to all callers that wait for it."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(value)

    def set_error(self, error: Exception) -> None:
        """Raise an error in all callers that wait for the response."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_exception(error)


class FetchQueue(Generic[T]):
    """The requests that wait to be sent, and the requests that were sent and are not answered. Not thread-safe.

    At most `limit` requests wait.
    """

    def __init__(self, *, limit: int = MAX_WAITING) -> None:
        self._limit = limit
        self._waiting: dict[FetchRequest, Job[T]] = {}
        self._active: dict[FetchRequest, Job[T]] = {}
        self._orders = 0

    def __len__(self) -> int:
        """Return the number of requests that wait to be sent."""
        return len(self._waiting)

    @property
    def active_limited(self) -> int:
        """Number of requests that were sent, are not answered yet, and count against the rate limit."""
        return sum(fetch_request.method.limited for fetch_request in self._active)

    def waiting_jobs(self) -> Iterator[Job[T]]:
        """Yield the jobs of all requests that wait to be sent."""
        return iter(tuple(self._waiting.values()))

    def join(self, fetch_request: FetchRequest, priority: Priority) -> asyncio.Future[T]:
        """Queue a request, and return a future for its result.

        If an equal request is queued, or was sent and is not answered yet, no second one is queued: the future gets the
        result of the first. If the queue becomes too long, the newest of the least urgent requests is dropped: its
        futures raise `DroppedError`.
        """
        job = self._active.get(fetch_request) or self._waiting.get(fetch_request)
        if job is None:
            self._orders += 1
            job = self._waiting[fetch_request] = Job(fetch_request, self._orders)
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job.waiters[waiter] = priority
        if len(self._waiting) > self._limit:
            worst = max(self._waiting.values(), key=lambda job: (job.priority, job.order))
            del self._waiting[worst.request]
            worst.set_error(DroppedError())
        return waiter

    def abandon(self, fetch_request: FetchRequest, waiter: asyncio.Future[T]) -> None:
        """Stop waiting for a request. `waiter` is the future that `join` returned.

        If nobody else waits for the request, the request is dropped. But a request that was sent already is not
        dropped: its response is stored.
        """
        for jobs in (self._waiting, self._active):
            if (job := jobs.get(fetch_request)) is not None:
                job.waiters.pop(waiter, None)
        if (job := self._waiting.get(fetch_request)) is not None and not job.waiters:
            del self._waiting[fetch_request]

    def raise_priority(self, which: Callable[[FetchRequest], bool]) -> None:
        """Give queued requests the priority of visible rows, if `which(request)` is true."""
        for job in self._waiting.values():
            if which(job.request):
                job.is_raised = True

    def drop(self, which: Callable[[FetchRequest], bool]) -> None:
        """Drop queued requests with `DroppedError`, if `which(request)` is true."""
        for fetch_request in [fetch_request for fetch_request in self._waiting if which(fetch_request)]:
            self._waiting.pop(fetch_request).set_error(DroppedError())

    def pop(self, now: float, may: Callable[[FetchRequest], bool]) -> Job[T] | None:
        """Return the job of the most urgent request that may be sent now, and count the request as sent.

        Requests for which `may(request)` is false, and requests that must wait after a failure, are left out.
        Returns None if no request is left. `now` is the current time in Unix seconds.
        """
        ready = [job for job in self._waiting.values() if not is_upcoming(job.not_before, now) and may(job.request)]
        if not ready:
            return None
        job = min(ready, key=lambda job: (job.priority, job.order))
        del self._waiting[job.request]
        self._active[job.request] = job
        return job

    def requeue(self, job: Job[T], not_before: float = 0.0) -> None:
        """Put a request that was sent back into the queue. It is not sent again before `not_before` (Unix seconds).

        A request for which nobody waits any longer is dropped.
        """
        self._active.pop(job.request, None)
        job.not_before = not_before
        if not all(waiter.done() for waiter in job.waiters):
            self._waiting[job.request] = job

    def finish(self, job: Job[T]) -> None:
        """Forget a request that was sent, because it is answered or has failed for good."""
        self._active.pop(job.request, None)

"""The queue of requests to the server, and the server's limits, which decide when requests are sent.

Requests are sent by priority, and equal requests only once. Limits are how many requests a server allows until when,
and how many items a page may have. Source: `flattr/developers.flattr.net`, content/api/index.md, 'Rate limiting';
RFC 9110, 10.2.3 (Retry-After).
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from enum import IntEnum
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec

from flattr_tui.api.errors import MAX_WAIT_AHEAD
from flattr_tui.api.method_table import BY_NAME, Method
from flattr_tui.api.request_log import make_logger
from flattr_tui.library.events import WaitReason
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import RateLimit
from flattr_tui.store.shared_files import replace_file

LOG: Final = make_logger(__name__)
DEFAULT_WAIT: Final = 60.0
"""Time in seconds to wait if the rate limit is used up and the server does not say when it is reset."""
MIN_WAIT: Final = 5.0
"""Minimum time in seconds to wait after a refusal, because the server's clock may be behind ours."""
GIVE_UP_AFTER: Final = (3, 2 * 3600.0)
"""After more refusals in a row than this number, and this many seconds after the first one, requests fail at once."""
MAX_PAGE_SIZE: Final = 100
"""The page size that is requested from a source whose maximum is unknown."""
NEARLY_DEFAULT: Final = 25
"""Number of items from which on a first page may be a full page of the default size with some items hidden."""
ROUND_SIZES: Final = frozenset({10, 12, 15, 16, 20, 24})
"""Smaller numbers of items that may be a server's maximum page size. Few lists have exactly so many items."""
MAX_BELIEVED: Final = 10_000
"""Maximum page size that is accepted from the file. Larger values are ignored."""


def is_upcoming(moment: float, now: float) -> bool:
    """Whether a time is in the future, but at most a day away. Both times are in Unix seconds.

    A later time is not believed: the clock has been set back since it was computed, or the server's clock is wrong.
    """
    return now < moment <= now + MAX_WAIT_AHEAD


class RateLimiter:
    """Tracks the server's rate limit and the server's failures, and says whether a request may be sent now.

    All times are in Unix seconds. The rate headers of responses are followed until the server refuses a request. After
    that, requests wait until the reset time in the refusal, even if other responses arrive meanwhile.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.rate: RateLimit | None = None
        """The rate limit that the server last reported; None if it never did."""
        self._refused_until = 0.0
        self._refused_since = 0.0
        """When the first of the refusals in a row came."""
        self._refusals = 0
        """Number of refusals in a row. Refusals of requests that were sent at the same time count once."""
        self._resting_until = 0.0
        """Until when the server asked not to be sent anything (Retry-After)."""

    # -- input

    def on_success(self) -> None:
        """Record that a request succeeded."""
        if not is_upcoming(self._refused_until, self._clock()):
            self._refusals = 0

    def on_response(self, rate: RateLimit | None) -> None:
        """Record the rate limit in the headers of a response, successful or not; None without such headers."""
        known = self.rate
        if rate is None:
            return
        same_hour = known is not None and known.reset == rate.reset and is_upcoming(rate.reset or 0, self._clock())
        if known is None or not same_hour or rate.remaining <= known.remaining:  # responses may arrive out of order
            self.rate = rate

    def on_limited(self, reset: int | None) -> None:
        """Record that the server refused a request because the rate limit is used up.

        Requests that count against the rate limit then wait until `reset` (Unix seconds), but at least five seconds.
        With None, they wait a minute. The minimum grows to a minute if the server refuses several requests in a row.
        """
        now, rate = self._clock(), self.rate
        if not is_upcoming(self._refused_until, now):
            self._refused_since = self._refused_since if self._refusals else now
            self._refusals += 1
        is_known = reset is not None and is_upcoming(reset, now)
        until = max(now + MIN_WAIT, reset if reset is not None and is_known else now + DEFAULT_WAIT)
        if self._refusals > 2:
            until = max(until, now + min(DEFAULT_WAIT, MIN_WAIT * 2**self._refusals))
        if rate is not None:
            self.rate = RateLimit(limit=rate.limit, remaining=0, current=rate.limit, reset=int(until))
        LOG.info("rate limit: nothing that counts against it is sent for %d s", until - now)
        self._refused_until = max(until, self._refused_until if is_upcoming(self._refused_until, now) else 0.0)

    @property
    def gave_up(self) -> bool:
        """Whether requests should fail instead of waiting any longer, because the server has refused them for hours."""
        times, seconds = GIVE_UP_AFTER
        return self._refusals > times and self._clock() - self._refused_since >= seconds

    def on_server_error(self, retry_at: int | None) -> None:
        """Record that the server failed. If `retry_at` is a time (Unix seconds), nothing is sent before it."""
        now = self._clock()
        if retry_at is not None and is_upcoming(retry_at, now):
            LOG.info("the server failed: nothing is sent for %d s", retry_at - now)
            self._resting_until = max(retry_at, self._resting_until if is_upcoming(self._resting_until, now) else 0.0)

    # -- output

    def may_send(self, *, limited: bool, active: int) -> bool:
        """Whether a request may be sent now. `limited` says whether it counts against the rate limit.

        `active` is the number of rate-limited requests that were sent and are not answered yet.
        """
        now, rate = self._clock(), self.rate
        if is_upcoming(self._resting_until, now):
            return False
        if not limited:
            return True
        if is_upcoming(self._refused_until, now):
            return False
        return rate is None or not is_upcoming(rate.reset or 0, now) or rate.remaining > active

    def wait_until(self, *, limited: bool) -> tuple[float, WaitReason] | None:
        """Return until when requests must wait (Unix seconds) and for what; None if they may be sent now.

        `limited` says whether any of these requests counts against the rate limit.
        """
        now, rate = self._clock(), self.rate
        moments = [(self._resting_until, WaitReason.SERVER)]
        if limited:
            used_up = rate.reset or 0 if rate is not None and not rate.remaining else 0
            moments += [(self._refused_until, WaitReason.RATE_LIMIT), (float(used_up), WaitReason.RATE_LIMIT)]
        return max((pair for pair in moments if is_upcoming(pair[0], now)), default=None)


class PageSizes:
    """The largest page sizes that sources allow, as far as known. The JSON file `path`, if given, stores the sizes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = _read_page_sizes(path)

    def known(self, source: str, method: str = "") -> int | None:
        """Return the largest page size that a source allows for an API method; None if it is unknown.

        With `method` "", return the size that was found last for any method of the source.
        """
        return self._known.get(_page_size_key(source, method))

    def size_to_request(self, source: str, method: str = "") -> int:
        """Return the page size to request from a source for an API method.

        This is the largest page size that the source allows for the method. If that is unknown, it is the size that was
        found last for another method of the source, but at most `MAX_PAGE_SIZE`. If no size is known, it is
        `MAX_PAGE_SIZE`. With `method` "", it is the size that was found last for any method.
        """
        return self.known(source, method) or min(self.known(source) or MAX_PAGE_SIZE, MAX_PAGE_SIZE)

    def remember(self, source: str, method: str, count: int) -> None:
        """Store that a source allows `count` items per page for an API method.

        Until more is known, this size is also assumed for other methods of the source. If the file can't be written,
        that is ignored, because the size will be found again.
        """
        if self._known.get(source) == self._known.get(_page_size_key(source, method)) == count:
            return
        # Another program may have added other sources meanwhile.
        self._known = {
            **self._known,
            **_read_page_sizes(self._path),
            source: count,
            _page_size_key(source, method): count,
        }
        if self._path is not None:
            with contextlib.suppress(OSError):
                replace_file(self._path, msgspec.json.format(msgspec.json.encode(self._known)), durable=False)


def may_be_size_limit(count: int, requested: int) -> bool:
    """Whether a first page with `count` of `requested` items may be so short because of the server's page size limit.

    True if `count` is a likely limit, or a little less: some items may be hidden. The list may then have more pages.
    """
    return count < requested and (count >= NEARLY_DEFAULT or count in ROUND_SIZES)


def _page_size_key(source: str, method: str) -> str:
    return f"{source} {method}" if method else source


def _read_page_sizes(path: Path | None) -> dict[str, int]:
    if path is None:
        return {}
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, int])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}  # the sizes will be found again
    return {source: count for source, count in found.items() if 0 < count <= MAX_BELIEVED}


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
        """Give the result (`value`) of the request to all callers that wait for it."""
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
        """Queue a request with a priority, and return a future for its result.

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
        """Stop waiting for the response to a request. `waiter` is the future that `join` returned.

        If nobody else waits, and the request was not sent yet, it is dropped. If it was sent, its response is stored
        nevertheless.
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
        """Queue a request again that was sent. It is not sent again before `not_before` (Unix seconds).

        A request for which nobody waits any longer is dropped.
        """
        self._active.pop(job.request, None)
        job.not_before = not_before
        if not all(waiter.done() for waiter in job.waiters):
            self._waiting[job.request] = job

    def finish(self, job: Job[T]) -> None:
        """Forget a request that was sent, because it is answered or has failed for good."""
        self._active.pop(job.request, None)

"""The background worker that sends the queued requests, and stores every response before it is shown.

Up to four requests are sent at the same time. After a failure that may be temporary, a request is sent again, with
exponential backoff and jitter. If the rate limit is used up, requests wait until it is reset; if it never is, they fail
after some hours. After a server error with Retry-After, all requests wait until then.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from flattr_tui.api.errors import FlattrError, NetworkError, RateLimitedError, ServerFailedError
from flattr_tui.api.response import Response
from flattr_tui.library.events import ConnectionState, SourceStatus, WaitReason
from flattr_tui.library.fetch.queue_and_limits import (
    DroppedError,
    FetchQueue,
    FetchRequest,
    Job,
    Priority,
    RateLimiter,
    is_upcoming,
)
from flattr_tui.library.fetch.store_writer import FetchResult, StoppedError, StoreWriter
from flattr_tui.store.errors import StoreError
from flattr_tui.store.stored_response import ResponseKey, StoredResponse

if TYPE_CHECKING:
    from flattr_tui.api.client import Client

MAX_IN_FLIGHT: Final = 4
MAX_TRIES: Final = {Priority.SCREEN: 3, Priority.NEAR: 2, Priority.BACKGROUND: 6}
"""How often a request is sent before its failure is final, by the request's priority."""
FIRST_BACKOFF: Final = 0.5
"""Time in seconds between a failure and the second attempt, on average. Each further wait is twice as long."""
MAX_BACKOFF: Final = 60.0
"""Maximum time in seconds between two attempts, on average."""

Sleep = Callable[[float], Awaitable[None]]


class NotStoredError(FlattrError):
    """Raised if a response could not be stored, and therefore can't be shown."""


class Fetcher:
    """Sends queued requests, and stores their responses. Call all its methods on the event loop's thread.

    `account` returns the account under which the response to a request is stored; "" for a public response. `on_stored`
    is called after each stored response, and `on_status` after each change of the status. `clock` returns the current
    time in Unix seconds; `pause` sleeps for some seconds.
    """

    def __init__(
        self,
        client: "Client",
        writer: StoreWriter,
        *,
        account: Callable[[FetchRequest], str],
        on_stored: Callable[[FetchRequest], None],
        on_status: Callable[[SourceStatus], None],
        clock: Callable[[], float] = time.time,
        pause: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._writer = writer
        self._account = account
        self._on_stored = on_stored
        self._on_status = on_status
        self._clock = clock
        self._pause = pause
        self._queue: FetchQueue[FetchResult] = FetchQueue()
        self._tasks: dict[asyncio.Task[None], Job[FetchResult]] = {}
        self._wake = asyncio.Event()
        self._rate_limiter = RateLimiter(clock)
        self._crash: BaseException | None = None
        self.status = SourceStatus()
        self._extra_pending = 0
        client.on_response = self._record_rate

    # -- requests

    async def fetch(self, fetch_request: FetchRequest, priority: Priority) -> FetchResult:
        """Queue a request, wait until its response is stored, and return what the response changed in saved data.

        `priority` says how urgent the request is. Raises `FlattrError` if the request fails, and `DroppedError` if the
        request was not sent. If this call is cancelled, a queued request is dropped, unless somebody else waits for its
        response.
        """
        waiter = self._queue.join(fetch_request, priority)
        self._wake.set()
        self._publish_status()
        try:
            return await waiter
        finally:
            self._queue.abandon(fetch_request, waiter)
            self._publish_status()

    def adjust_pending(self, more: int) -> None:
        """Add `more` to the number of queued requests that the status shows. `more` may be negative.

        Use this to count requests that will be queued as soon as the catalogue is ready.
        """
        self._extra_pending += more
        self._publish_status()

    def raise_priority(self, which: Callable[[FetchRequest], bool]) -> None:
        """Give queued requests the priority of visible rows, if `which(request)` is true."""
        self._queue.raise_priority(which)

    def cancel(self) -> None:
        """Drop all queued requests, and cancel all requests that were sent and are not answered yet."""
        self.drop(lambda _: True)

    def drop(self, which: Callable[[FetchRequest], bool]) -> None:
        """Drop queued requests and cancel sent ones, if `which(request)` is true. The callers get `DroppedError`."""
        self._queue.drop(which)
        for task, job in self._tasks.items():
            if which(job.request):
                job.set_error(DroppedError())
                task.cancel()
        self._publish_status()

    # -- the worker

    async def run(self) -> None:
        """Send queued requests until this coroutine is cancelled.

        If a request's task fails with an unexpected exception (a bug), or if `report_crash` is called with one, this
        coroutine raises it.
        """
        try:
            while True:
                self._wake.clear()
                self._raise_crash()
                self._dispatch()
                self._publish_status()
                await self._wait()
        finally:
            for task in tuple(self._tasks):
                task.cancel()

    def report_crash(self, error: BaseException) -> None:
        """Make `run` raise `error`, an unexpected exception that another task raised because of a bug."""
        self._crash = self._crash or error
        self._wake.set()

    def _raise_crash(self) -> None:
        crash, self._crash = self._crash, None
        if crash is not None:
            raise crash

    def _dispatch(self) -> None:
        while len(self._tasks) < MAX_IN_FLIGHT and (job := self._queue.pop(self._clock(), self._may_send)) is not None:
            task = asyncio.create_task(self._fetch(job), name=f"fetch {job.request.request}")
            self._tasks[task] = job
            task.add_done_callback(self._on_task_done)

    def _on_task_done(self, task: "asyncio.Task[None]") -> None:
        job = self._tasks.pop(task)
        if task.cancelled():
            self._queue.requeue(job)
        elif (error := task.exception()) is not None:
            self._queue.finish(job)
            job.set_error(DroppedError())
            self.report_crash(error)
        self._wake.set()
        self._publish_status()

    async def _wait(self) -> None:
        """Wait until a request may be sent, or until the queue changes."""
        if (until := self._next_wakeup()) is None:
            await self._wake.wait()
            return
        waits = (
            asyncio.ensure_future(self._wake.wait()),
            asyncio.ensure_future(self._pause(max(0.0, until - self._clock()))),
        )
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _next_wakeup(self) -> float | None:
        moments = [job.not_before for job in self._queue.waiting_jobs() if self._may_send(job.request)]
        if (waiting := self._wait_reason()) is not None:
            moments.append(waiting[0])
        now = self._clock()
        return min((moment for moment in moments if is_upcoming(moment, now)), default=None)

    # -- one request

    def _record_rate(self, response: Response) -> None:
        """Record the rate limit in a response to any request of the client, also to those of the console."""
        self._rate_limiter.on_response(response.rate)
        self._publish_status()

    async def _fetch(self, job: Job[FetchResult]) -> None:
        try:
            outcome = await self._call_server(job.request)
        except RateLimitedError as error:
            self._rate_limiter.on_limited(error.reset)
            self._set_connection(connection=ConnectionState.LIVE)
            if self._rate_limiter.gave_up:
                self._queue.finish(job)
                job.set_error(error)
            else:
                self._queue.requeue(job)
        except FlattrError as error:
            self._on_error(job, error)
        except StoppedError:
            self._queue.finish(job)
            job.set_error(DroppedError())
        else:
            self._queue.finish(job)
            job.set_result(outcome)
            self._on_stored(job.request)

    async def _call_server(self, fetch_request: FetchRequest) -> FetchResult:
        method, account = fetch_request.method, self._account(fetch_request)
        key = ResponseKey(
            source=self._client.source.name,
            account=account,
            request=fetch_request.request,
            page=fetch_request.page,
            count=fetch_request.count,
            format=method.default_format.value,
        )
        arguments = dict(fetch_request.request.arguments)
        if fetch_request.count:
            arguments |= {"count": str(fetch_request.count), "page": str(fetch_request.page)}
        response = await self._client.call(method, arguments, etag=self._writer.etag_of(key))
        self._rate_limiter.on_success()
        self._set_connection(connection=ConnectionState.LIVE)
        try:
            if response.not_modified:
                return await self._writer.confirm(fetch_request, key, response.fetched_at)
            return await self._writer.store(fetch_request, _to_stored(key, response))
        except StoreError as error:
            raise NotStoredError(f"the response can't be kept. {error}") from error

    def _on_error(self, job: Job[FetchResult], error: FlattrError) -> None:
        self._set_connection(
            connection=ConnectionState.UNREACHABLE if isinstance(error, NetworkError) else ConnectionState.LIVE
        )
        if isinstance(error, ServerFailedError):
            self._rate_limiter.on_server_error(error.retry_at)
        job.tries += 1
        if error.retryable and job.waiters and job.tries < MAX_TRIES[job.priority]:
            rest = min(MAX_BACKOFF, FIRST_BACKOFF * 2 ** (job.tries - 1))
            self._queue.requeue(job, self._clock() + rest * (0.5 + random.random()))  # noqa: S311 -- no secret
        else:
            self._queue.finish(job)
            job.set_error(error)

    # -- waiting

    def _may_send(self, fetch_request: FetchRequest) -> bool:
        return self._rate_limiter.may_send(limited=fetch_request.method.limited, active=self._queue.active_limited)

    def _wait_reason(self) -> tuple[float, WaitReason] | None:
        """Return when queued requests may be sent (Unix seconds) and why not now; None if they need not wait."""
        if not len(self._queue):
            return None
        return self._rate_limiter.wait_until(
            limited=any(job.request.method.limited for job in self._queue.waiting_jobs())
        )

    # -- the status

    def _set_connection(self, *, connection: ConnectionState) -> None:
        self.status = replace(self.status, connection=connection)

    def _publish_status(self) -> None:
        until, waiting_for = self._wait_reason() or (None, None)
        connection = self.status.connection
        if until is not None:
            connection = ConnectionState.WAITING
        elif connection is ConnectionState.WAITING:
            connection = ConnectionState.LIVE
        queued = len(self._queue) + self._extra_pending
        status = SourceStatus(connection, self._rate_limiter.rate, until, len(self._tasks), queued, waiting_for)
        if status != self.status:
            self.status = status
            self._on_status(status)

    # -- closing

    async def aclose(self) -> None:
        """Cancel all requests, and close the connections, within 0.15 s."""
        self.cancel()
        tasks = tuple(self._tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=0.05)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await self._client.aclose()


def _to_stored(key: ResponseKey, response: Response) -> StoredResponse:
    return StoredResponse(
        source=key.source,
        account=key.account,
        request=key.request,
        page=key.page,
        count=key.count,
        format=key.format,
        response_kind=response.method.response_kind,
        url=response.url,
        status=response.status,
        content_type=response.content_type,
        etag=response.etag or None,
        fetched_at=response.fetched_at,
        body=response.body,
    )

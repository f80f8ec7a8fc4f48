"""The background worker: asks the server, one queue for all, and has every answer kept before anybody is told.

Up to four requests are in flight. What fails in a way that another try may mend is tried again, later and later, at
moments spread by chance. When the requests of the hour are used up, everything waits until they are given anew, but
not for ever where they never are; when the server failed and said when to ask again, until then.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final

from msgspec.structs import replace

from flattr_tui.api.client import Client, Response
from flattr_tui.api.errors import FlattrError, NetworkError, RateLimitedError, ServerFailedError
from flattr_tui.library.events import Connection, Status
from flattr_tui.library.fetch.queue import Ask, DroppedError, Job, Priority, Queue
from flattr_tui.library.fetch.rate_gate import Pausing, is_ahead
from flattr_tui.library.fetch.store_writer import Keeper, Outcome, StoppedError
from flattr_tui.library.sync_progress import Waiting
from flattr_tui.store.errors import StoreError
from flattr_tui.store.stored_response import ResponseKey, StoredResponse

IN_FLIGHT: Final = 4
TRIES: Final = {Priority.SCREEN: 3, Priority.NEAR: 2, Priority.BACKGROUND: 6}
"""How often something is asked for before its failure is final."""
FIRST_REST: Final = 0.5
"""Seconds until the second try; twice as many before each further one."""
LONGEST_REST: Final = 60.0

Pause = Callable[[float], Awaitable[None]]


class NotKeptError(FlattrError):
    """An answer came that could not be kept, and so not be shown."""


class Fetcher:
    """See the module. All methods belong to the event loop's thread.

    `account` says whose answers to an ask are ("" for everybody's). `arrived` is told of all that was kept, `changed`
    of every new status. `pause` is how it waits, `chance` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        client: Client,
        keeper: Keeper,
        *,
        account: Callable[[Ask], str],
        arrived: Callable[[Ask], None],
        changed: Callable[[Status], None],
        clock: Callable[[], float] = time.time,
        pause: Pause = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._keeper = keeper
        self._account = account
        self._arrived = arrived
        self._changed = changed
        self._clock = clock
        self._pause = pause
        self._chance = chance
        self._queue: Queue[Outcome] = Queue()
        self._tasks: dict[asyncio.Task[None], Job[Outcome]] = {}
        self._wake = asyncio.Event()
        self._pausing = Pausing(clock)
        self._crash: BaseException | None = None
        self.status = Status()
        self._expected = 0

    # -- asking

    async def get(self, ask: Ask, priority: Priority) -> Outcome:
        """Ask the server, and return once the answer is kept.

        Raises a `FlattrError` where there is none, `DroppedError` where it was not sent. Cancelled, it drops the ask
        unless someone else waits for it or it is in flight.
        """
        waiter = self._queue.join(ask, priority)
        self._wake.set()
        self._tell()
        try:
            return await waiter
        finally:
            self._queue.leave(ask, waiter)
            self._tell()

    def expect(self, more: int) -> None:
        """Count so many more (or fewer) that are about to ask among those that are queued."""
        self._expected += more
        self._tell()

    def hurry(self, ask_of: Callable[[Ask], bool]) -> None:
        """Treat some of what waits as what is on screen."""
        self._queue.hurry(ask_of)

    def cancel(self) -> None:
        """Drop all that waits, and break off what is in flight."""
        self.drop(lambda _: True)

    def drop(self, which: Callable[[Ask], bool]) -> None:
        """Drop and break off some: who waits for it gets `DroppedError`."""
        self._queue.drop(which)
        for task, job in self._tasks.items():
            if which(job.ask):
                job.fail(DroppedError())
                task.cancel()
        self._tell()

    # -- the worker

    async def run(self) -> None:
        """Send what is asked for until cancelled. Raises what is a mistake of the program's own."""
        try:
            while True:
                self._wake.clear()
                self._raise_crash()
                self._send()
                self._tell()
                await self._rest()
        finally:
            for task in tuple(self._tasks):
                task.cancel()

    def crash(self, error: BaseException) -> None:
        """Let `run` raise a mistake of the program's own, so that somebody hears of it."""
        self._crash = self._crash or error
        self._wake.set()

    def _raise_crash(self) -> None:
        crash, self._crash = self._crash, None
        if crash is not None:
            raise crash

    def _send(self) -> None:
        while len(self._tasks) < IN_FLIGHT and (job := self._queue.take(self._clock(), self._may_send)) is not None:
            task = asyncio.create_task(self._fetch(job), name=f"fetch {job.ask.request}")
            self._tasks[task] = job
            task.add_done_callback(self._sent)

    def _sent(self, task: "asyncio.Task[None]") -> None:
        job = self._tasks.pop(task)
        if task.cancelled():
            self._queue.put_back(job)
        elif (error := task.exception()) is not None:
            self._queue.finish(job)
            job.fail(DroppedError())
            self.crash(error)
        self._wake.set()
        self._tell()

    async def _rest(self) -> None:
        """Wait until there may be something to do."""
        if (until := self._next_at()) is None:
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

    def _next_at(self) -> float | None:
        moments = [job.not_before for job in self._queue.waiting() if self._may_send(job.ask)]
        if (waiting := self._waiting()) is not None:
            moments.append(waiting[0])
        now = self._clock()
        return min((moment for moment in moments if is_ahead(moment, now)), default=None)

    # -- one request

    async def _fetch(self, job: Job[Outcome]) -> None:
        try:
            outcome = await self._ask(job.ask)
        except RateLimitedError as error:
            self._pausing.refused(error.reset)
            self._set(connection=Connection.LIVE)
            if self._pausing.hopeless:
                self._queue.finish(job)
                job.fail(error)
            else:
                self._queue.put_back(job)
        except FlattrError as error:
            self._failed(job, error)
        except StoppedError:
            self._queue.finish(job)
            job.fail(DroppedError())
        else:
            self._queue.finish(job)
            job.answer(outcome)
            self._arrived(job.ask)

    async def _ask(self, ask: Ask) -> Outcome:
        method, account = ask.method, self._account(ask)
        place = ResponseKey(
            source=self._client.source.name,
            account=account,
            request=ask.request,
            page=ask.page,
            count=ask.count,
            format=method.default_format.value,
        )
        arguments = dict(ask.request.arguments)
        if ask.count:
            arguments |= {"count": str(ask.count), "page": str(ask.page)}
        response = await self._client.call(method, arguments, etag=self._keeper.etag(place))
        self._pausing.answered(response.rate)
        self._set(connection=Connection.LIVE)
        try:
            if response.not_modified:
                return await self._keeper.confirm(ask, place, response.fetched_at)
            return await self._keeper.keep(ask, _stored(place, response))
        except StoreError as error:
            raise NotKeptError(f"what came can't be kept. {error}") from error

    def _failed(self, job: Job[Outcome], error: FlattrError) -> None:
        self._set(connection=Connection.UNREACHABLE if isinstance(error, NetworkError) else Connection.LIVE)
        if isinstance(error, ServerFailedError):
            self._pausing.failed(error.retry_at)
        job.tries += 1
        if error.retryable and job.waiters and job.tries < TRIES[job.priority]:
            rest = min(LONGEST_REST, FIRST_REST * 2 ** (job.tries - 1))
            self._queue.put_back(job, self._clock() + rest * (0.5 + self._chance()))
        else:
            self._queue.finish(job)
            job.fail(error)

    # -- waiting

    def _may_send(self, ask: Ask) -> bool:
        return self._pausing.may_send(limited=ask.method.limited, active=self._queue.active_limited)

    def _waiting(self) -> tuple[float, Waiting] | None:
        """Until when what is queued waits for the server (Unix seconds), and for what; None: it does not."""
        if not len(self._queue):
            return None
        return self._pausing.until(limited=any(job.ask.method.limited for job in self._queue.waiting()))

    # -- the status

    def _set(self, *, connection: Connection) -> None:
        self.status = replace(self.status, connection=connection)

    def _tell(self) -> None:
        until, waiting_for = self._waiting() or (None, None)
        connection = self.status.connection
        if until is not None:
            connection = Connection.WAITING
        elif connection is Connection.WAITING:
            connection = Connection.LIVE
        queued = len(self._queue) + self._expected
        status = Status(connection, self._pausing.rate, until, len(self._tasks), queued, waiting_for)
        if status != self.status:
            self.status = status
            self._changed(status)

    # -- the end

    async def aclose(self) -> None:
        """Break off all and close the connections."""
        self.cancel()
        tasks = tuple(self._tasks)
        if tasks:
            await asyncio.wait(tasks, timeout=0.05)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await self._client.aclose()


def _stored(place: ResponseKey, response: Response) -> StoredResponse:
    return StoredResponse(
        source=place.source,
        account=place.account,
        request=place.request,
        page=place.page,
        count=place.count,
        format=place.format,
        answer=response.method.answer,
        url=response.url,
        status=response.status,
        content_type=response.content_type,
        etag=response.etag or None,
        fetched_at=response.fetched_at,
        body=response.body,
    )

"""Tests of the order and the limit of the fetch queue, of pauses that servers request, and of wrong times."""

import asyncio
from email.utils import formatdate
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response
from starlette.routing import Route

from flattr_tui.api.errors import ServerFailedError
from flattr_tui.cli.commands.sync import progress_text
from flattr_tui.library.events import ConnectionState, SyncProgress, WaitReason
from flattr_tui.library.fetch.fetcher import MAX_IN_FLIGHT
from flattr_tui.library.fetch.queue_and_limits import DroppedError, FetchQueue, FetchRequest, Priority
from flattr_tui.library.sync import Syncer, Targets
from flattr_tui.model.api_request import ApiRequest, user_things_request
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import ADA, NOW, PROFILE, Time, make_library, row_keys, run_library, settle

YEAR = 365 * 86_400.0
HOUR = 3_600.0
FULL = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0"}


def make_failure(retry_after: object, times: int = 1) -> Fault:
    return Fault(status=503, headers={"Retry-After": str(retry_after)}, times=times)


def make_limited(status: int, *, body: bytes = b"", times: int = FOREVER, path: str = "", **headers: object) -> Fault:
    """Return a fault whose responses have rate limit headers: `remaining=0` sends `X-RateLimit-Remaining: 0`."""
    sent = {f"X-RateLimit-{name.title()}": str(value) for name, value in headers.items()}
    sent |= {"Content-Type": "application/json"}
    return Fault(status=status, body=body, headers=sent, times=times, path=path)


@pytest.mark.parametrize("date", [False, True], ids=["seconds", "date"])
async def test_a_failed_request_is_retried_at_the_time_of_retry_after(
    tmp_path: Path, shared_world: World, time: Time, *, date: bool
) -> None:
    retry_after = formatdate(time.now + 120, usegmt=True) if date else 120
    faults = Faults([make_failure(retry_after)])
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        status = library.status
        assert (status.connection, status.waiting_for) == (ConnectionState.WAITING, WaitReason.SERVER)
        assert status.waiting_until == time.now + 120
        assert library.feed(ADA).status.loading
        library.observe(PROFILE)
        library.observe(ApiRequest.of("rate-limit"))
        await settle(library)
        assert len(faults.seen) == 1, "another request was sent before that time"
        time.advance(119)
        await settle(library)
        assert len(faults.seen) == 1
        time.advance(1)
        await settle(library)
        assert (library.status.connection, library.status.waiting_for) == (ConnectionState.LIVE, None)
        assert row_keys(library, ADA)
        assert library.record(PROFILE).entity is not None


@pytest.mark.parametrize(
    "retry_after", [10**9, -1, 0, "soon", "Mon, 01 Jan 2018 00:00:00 GMT", "Tue, 01 Jan 2019 00:00:00 GMT"]
)
async def test_an_invalid_retry_after_is_ignored(
    tmp_path: Path, shared_world: World, time: Time, retry_after: object
) -> None:
    library = make_library(tmp_path, shared_world, faults=Faults([make_failure(retry_after)]), time=time)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        assert row_keys(library, ADA), "the request was not retried soon"
        assert max(time.paused) < 1


async def test_a_server_that_fails_again_and_again_is_a_failure(
    tmp_path: Path, shared_world: World, time: Time
) -> None:
    faults = Faults([make_failure(120, FOREVER)])
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        library.observe(ADA)
        for request_count in (1, 2, 3):
            await settle(library)
            assert len(faults.seen) == request_count
            time.advance(120)
        await settle(library)
        failure = library.feed(ADA).status.failure
        assert failure is not None
        assert isinstance(failure.error, ServerFailedError)
        assert failure.sentence.endswith("the server failed (503). Try again in 120 s.")
        assert len(faults.seen) == 3


async def test_the_progress_of_a_sync_says_what_it_waits_for(tmp_path: Path, shared_world: World, time: Time) -> None:
    reports: list[SyncProgress] = []
    library = make_library(tmp_path, shared_world, faults=Faults([make_failure(300)]), time=time)
    async with run_library(library):
        assert library.sync is not None
        targets = Targets(users=("ada",), things=False, activities=False)
        task = asyncio.create_task(library.sync.run(targets, reports.append))
        while library.status.connection is not ConnectionState.WAITING:
            await settle(library)
        assert progress_text(reports[-1], time.now).endswith("waiting 05:00 for the server")
        time.advance(300)
        assert (await task).waiting_for is None
        assert row_keys(library, ADA)


async def test_each_refusal_without_a_time_is_a_pause_of_a_minute(
    tmp_path: Path, shared_world: World, time: Time
) -> None:
    faults = Faults([make_limited(429, times=10)])
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        library.observe(ADA)
        while faults.remaining:
            await settle(library)
        await settle(library)
        assert time.now - NOW == 10 * 60
        assert len(faults.seen) == 11
        assert row_keys(library, ADA)
        assert library.feed(ADA).status.failure is None


@pytest.mark.parametrize("skew", [-YEAR, YEAR], ids=["our clock is ahead", "our clock is behind"])
@pytest.mark.parametrize(("status", "body"), [(403, b'{"error":"rate_limit_exceeded"}'), (429, b"")])
async def test_a_reset_time_that_is_a_year_off_is_ignored(
    tmp_path: Path, shared_world: World, time: Time, skew: float, status: int, body: bytes
) -> None:
    reset = int(NOW + skew + 600)
    faults = Faults([make_limited(status, body=body, times=10, limit=10, remaining=0, reset=reset)])
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        library.observe(ADA)
        while faults.remaining:
            await settle(library)
        await settle(library)
        assert time.now - NOW == 10 * 60, "each pause must be a minute"
        assert row_keys(library, ADA)


async def test_requests_go_on_if_none_is_left_but_no_reset_time_is_sent(
    tmp_path: Path, shared_world: World, time: Time
) -> None:
    faults = Faults([make_limited(200, body=b"[]", limit=1000, remaining=0)])
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        for name in shared_world.usernames()[:12]:
            library.observe(user_things_request(name))
        await settle(library)
        assert len(faults.seen) == 12
        assert time.paused == []


async def test_requests_wait_for_the_reset_time_if_none_is_left(
    tmp_path: Path, shared_world: World, time: Time
) -> None:
    faults = Faults([make_limited(200, body=b"[]", limit=1000, remaining=0, reset=int(NOW) + 3600)])
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        for name in shared_world.usernames()[:12]:
            library.observe(user_things_request(name))
        await settle(library)
        assert len(faults.seen) == MAX_IN_FLIGHT
        assert (library.status.waiting_until, library.status.waiting_for) == (NOW + 3600, WaitReason.RATE_LIMIT)
        time.advance(3600)
        await settle(library)
        assert len(faults.seen) == 12
        assert library.status.connection is ConnectionState.LIVE


async def test_the_remaining_requests_may_grow_if_no_reset_time_is_sent(
    tmp_path: Path, shared_world: World, time: Time
) -> None:
    faults = Faults([make_limited(200, body=b"[]", times=1, limit=9, remaining=left) for left in (2, 8)])
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        for name in shared_world.usernames()[:2]:
            library.observe(user_things_request(name))
            await settle(library)
        assert library.status.rate is not None
        assert library.status.rate.remaining == 8


async def test_a_response_in_flight_does_not_end_the_pause(tmp_path: Path, shared_world: World, time: Time) -> None:
    faults = Faults()
    faults.add(Fault(status=429, headers={"Retry-After": "120"}, path="/rest/v2/users/ada/flattrs"))
    faults.add(Fault.slow(0.01, path="/rest/v2/users/ada"))
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        library.observe(ADA)
        library.observe(PROFILE)
        while library.record(PROFILE).entity is None:
            await settle(library)
        assert library.status.waiting_until == NOW + 120
        assert len(faults.seen) == 2
        time.advance(120)
        await settle(library)
        assert row_keys(library, ADA)


async def test_a_clock_that_is_set_back_does_not_lengthen_the_pause(
    tmp_path: Path, shared_world: World, time: Time
) -> None:
    faults = Faults([Fault(status=429, headers={"Retry-After": "120"})])
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        assert library.status.connection is ConnectionState.WAITING
        time.now -= YEAR
        library.observe(PROFILE)
        await settle(library)
        assert row_keys(library, ADA)
        assert library.record(PROFILE).entity is not None


async def test_a_response_fetched_with_a_clock_ahead_is_not_fresh_for_a_year(
    tmp_path: Path, shared_world: World, time: Time
) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        time.now -= YEAR
        library.observe(ADA)
        await settle(library)
        library.observe(ADA)
        await settle(library)
        assert len(faults.seen) == 2


class LimitedServer:
    """A server that refuses every request with 429 before the time `until`."""

    def __init__(self, headers: dict[str, str], *, until: float = float("inf"), time: Time) -> None:
        self._headers = headers
        self._until = until
        self._time = time
        self.request_count = 0

    async def _answer(self, request: HTTPRequest) -> Response:
        self.request_count += 1
        if self._time.now >= self._until:
            return Response(b'{"type": "user", "username": "odd"}', media_type="application/json")
        return Response(status_code=429, headers=self._headers)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._answer)])


async def run_sync(tmp_path: Path, server: LimitedServer, time: Time, hours: float) -> SyncProgress | None:
    """Run a sync, and return its result; None if the sync still waits after this many hours."""
    library = make_library(tmp_path, None, source="https://odd.example/rest/v2", time=time, server=server.app)
    async with run_library(library):
        no_lists = {"things": False, "flattrs": False, "activities": False}
        syncing = asyncio.create_task(Syncer(library).run(Targets(users=("odd", "other"), **no_lists)))
        await asyncio.sleep(0)
        while not syncing.done() and time.now < NOW + hours * HOUR:
            await settle(library)
            time.advance(60)
        await settle(library)
        if not syncing.done():
            syncing.cancel()
            return None
        return syncing.result()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Retry-After": "0"}, {"Retry-After": "1"}, {"Retry-After": "-5"}, {**FULL, "X-RateLimit-Reset": "9" * 12}],
)
async def test_a_sync_gives_up_a_limit_that_never_ends(tmp_path: Path, time: Time, headers: dict[str, str]) -> None:
    server = LimitedServer(headers, time=time)
    progress = await run_sync(tmp_path, server, time, 6)
    assert progress is not None
    assert [problem.exit_code for problem in progress.problems][:1] == [5]
    assert progress.problems[0].sentence == "odd could not be fetched: this hour's requests are used up."
    assert time.now - NOW < 3 * HOUR
    assert server.request_count < 2 * 130, "each user may be requested once a minute"


async def test_a_sync_waits_for_a_limit_of_an_hour_without_headers(tmp_path: Path, time: Time) -> None:
    server = LimitedServer({}, until=NOW + HOUR, time=time)
    progress = await run_sync(tmp_path, server, time, 3)
    assert progress is not None
    assert progress.problems == ()
    assert progress.done == 2


def make_request(name: str, page: int = 1) -> FetchRequest:
    return FetchRequest(ApiRequest.of("user-flattrs", username=name), page, 30)


def accept_all(_: FetchRequest) -> bool:
    return True


def pop_all(queue: FetchQueue[int]) -> list[str]:
    names = []
    while (job := queue.pop(0.0, accept_all)) is not None:
        names.append(job.request.request.get("username"))
    return names


async def test_requests_on_screen_come_before_near_ones_and_before_background_ones() -> None:
    queue: FetchQueue[int] = FetchQueue()
    for name, priority in [
        ("c", Priority.BACKGROUND),
        ("b", Priority.NEAR),
        ("a", Priority.SCREEN),
        ("z", Priority.SCREEN),
    ]:
        queue.join(make_request(name), priority)
    assert pop_all(queue) == ["a", "z", "b", "c"]


async def test_equal_requests_are_one_with_the_highest_priority() -> None:
    queue: FetchQueue[int] = FetchQueue()
    waiters = [queue.join(make_request("a"), Priority.BACKGROUND), queue.join(make_request("b"), Priority.NEAR)]
    waiters.append(queue.join(make_request("a"), Priority.SCREEN))
    assert len(queue) == 2
    job = queue.pop(0.0, accept_all)
    assert job is not None
    late = queue.join(make_request("a"), Priority.NEAR)
    assert queue.active_limited == 1
    assert len(queue) == 1
    job.set_result(7)
    assert [await waiter for waiter in (waiters[0], waiters[2], late)] == [7, 7, 7]


async def test_an_abandoned_request_is_dropped_unless_it_was_sent() -> None:
    queue: FetchQueue[int] = FetchQueue()
    first, second = queue.join(make_request("a"), Priority.NEAR), queue.join(make_request("a"), Priority.NEAR)
    queue.abandon(make_request("a"), first)
    assert len(queue) == 1
    queue.abandon(make_request("a"), second)
    assert len(queue) == 0
    sent = queue.join(make_request("b"), Priority.NEAR)
    job = queue.pop(0.0, accept_all)
    queue.abandon(make_request("b"), sent)
    assert job is not None
    assert queue.active_limited == 1
    queue.requeue(job)
    assert (queue.active_limited, len(queue)) == (0, 0)


async def test_a_request_with_raised_priority_comes_first() -> None:
    queue: FetchQueue[int] = FetchQueue()
    for name in "ab":
        queue.join(make_request(name), Priority.NEAR)
    queue.raise_priority(lambda request: request.request.get("username") == "b")
    assert pop_all(queue) == ["b", "a"]


async def test_a_requeued_request_waits_for_its_time() -> None:
    queue: FetchQueue[int] = FetchQueue()
    queue.join(make_request("a"), Priority.SCREEN)
    job = queue.pop(0.0, accept_all)
    assert job is not None
    queue.requeue(job, not_before=5.0)
    assert queue.pop(4.9, accept_all) is None
    assert queue.pop(5.0, accept_all) is job


async def test_a_request_with_an_implausibly_late_time_is_ready() -> None:
    queue: FetchQueue[int] = FetchQueue()
    queue.join(make_request("a"), Priority.SCREEN)
    job = queue.pop(0.0, accept_all)
    assert job is not None
    queue.requeue(job, not_before=365 * 86_400.0)  # the clock was set back
    assert queue.pop(0.0, accept_all) is job


async def test_a_full_queue_drops_the_request_with_the_lowest_priority() -> None:
    queue: FetchQueue[int] = FetchQueue(limit=2)
    first = queue.join(make_request("a"), Priority.BACKGROUND)
    queue.join(make_request("b"), Priority.NEAR)
    queue.join(make_request("c"), Priority.SCREEN)
    with pytest.raises(DroppedError):
        await first
    last = queue.join(make_request("d"), Priority.BACKGROUND)
    with pytest.raises(DroppedError):
        await last
    assert pop_all(queue) == ["c", "b"]


async def test_only_the_dropped_requests_fail() -> None:
    queue: FetchQueue[int] = FetchQueue()
    gone, kept = queue.join(make_request("a"), Priority.NEAR), queue.join(make_request("b"), Priority.NEAR)
    queue.drop(lambda request: request.request.get("username") == "a")
    with pytest.raises(DroppedError):
        await gone
    assert not kept.done()
    assert pop_all(queue) == ["b"]


async def test_a_requeued_request_without_waiters_is_dropped() -> None:
    queue: FetchQueue[int] = FetchQueue()
    waiter = queue.join(make_request("a"), Priority.NEAR)
    job = queue.pop(0.0, accept_all)
    assert job is not None
    job.set_error(DroppedError())
    with pytest.raises(DroppedError):
        await waiter
    queue.requeue(job)
    assert len(queue) == 0

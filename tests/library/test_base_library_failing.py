"""Tests of the library with a server that fails, refuses or limits: retries, failure messages, and saved data."""

import asyncio
from pathlib import Path

import pytest

from flattr_tui.api.errors import NotFoundError, ServerFailedError
from flattr_tui.library.events import ConnectionState
from flattr_tui.library.fetch.revalidator import MAX_REMEMBERED
from flattr_tui.model.api_request import ApiRequest, user_flattrs_request
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import (
    ADA,
    COLLECTOR,
    Time,
    keys_on_server,
    make_library,
    row_keys,
    run_library,
    settle,
)


async def test_a_failed_request_is_retried_with_growing_pauses(tmp_path: Path, shared_world: World, time: Time) -> None:
    faults = Faults([Fault.fail(503, times=2)])
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        assert row_keys(library, ADA)
        assert library.feed(ADA).status.failure is None
    first, second = time.paused
    assert 0.25 <= first <= 0.75
    assert 0.5 <= second <= 1.5


async def test_a_failure_leaves_the_saved_rows(tmp_path: Path, shared_world: World, time: Time) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        rows = row_keys(library, ADA)
        faults.add(Fault.fail(500, times=FOREVER))
        library.refresh(ADA)
        await settle(library)
        status = library.feed(ADA).status
        assert status.failure is not None
        assert isinstance(status.failure.error, ServerFailedError)
        assert status.failure.sentence.startswith("ada's flattrs could not be fetched: the server failed")
        assert row_keys(library, ADA) == rows
        request_count = len(faults.seen)
        library.observe(ADA, stop=400)
        await settle(library)
        assert len(faults.seen) == request_count, "more observations must not repeat requests to a failing server"
        faults.clear()
        library.refresh(ADA)
        await settle(library)
        assert library.feed(ADA).status.failure is None


async def test_a_missing_user_is_a_failure_and_is_not_requested_twice(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    nobody = ApiRequest.of("user", username="nobody-at-all")
    async with run_library(library):
        library.observe(nobody)
        await settle(library)
        failure = library.record(nobody).failure
        assert failure is not None
        assert isinstance(failure.error, NotFoundError)
        assert failure.sentence == "nobody-at-all could not be found on this server."
        assert len(faults.seen) == 1


@pytest.mark.parametrize("fault", [Fault.portal(times=FOREVER), Fault.garbage(times=FOREVER)])
async def test_a_body_that_is_no_response_of_the_api_is_not_kept(
    tmp_path: Path, shared_world: World, fault: Fault
) -> None:
    library = make_library(tmp_path, shared_world, faults=Faults([fault]))
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        assert library.feed(ADA).status.failure is not None
        assert library.responses.last_sequence() == 0


async def test_a_truncated_response_is_requested_again(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world, faults=Faults([Fault.cut(500)]))
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        assert row_keys(library, ADA)[:100] == keys_on_server(shared_world, "ada", 100)


async def test_an_exhausted_rate_limit_is_waited_for_without_a_refusal(
    tmp_path: Path, shared_world: World, time: Time
) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults, rate_limit=3, time=time)
    async with run_library(library) as events:
        library.observe(COLLECTOR, stop=1000)
        await settle(library)
        status = library.status
        assert (status.connection, status.queued, status.active) == (ConnectionState.WAITING, 1, 0)
        assert status.waiting_until == time.now + 3600
        assert status.rate is not None
        assert status.rate.remaining == 0
        assert library.feed(COLLECTOR).status.saved == 300
        assert library.feed(COLLECTOR).status.loading
        assert len(faults.seen) == 3
        library.observe(ApiRequest.of("rate-limit"))
        await settle(library)
        assert len(faults.seen) == 4, "requests for the rate limit are not limited"
        time.advance(3600)
        await settle(library)
        assert library.feed(COLLECTOR).status.saved == 500, (
            "the first page is an hour old, and is requested again first"
        )
        assert any(getattr(getattr(event, "status", None), "waiting_until", None) for event in events)


async def test_a_refusal_by_the_rate_limit_waits_until_its_reset(
    tmp_path: Path, shared_world: World, time: Time
) -> None:
    body = b'{"error":"rate_limit_exceeded","error_description":"Too many"}'
    headers = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.now) + 120)}
    faults = Faults([Fault(status=403, body=body, headers={"Content-Type": "application/json", **headers})])
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        waiting = library.status
        assert (waiting.connection, waiting.waiting_until) == (ConnectionState.WAITING, int(time.now) + 120)
        assert library.feed(ADA).status.failure is None
        time.advance(121)
        await settle(library)
        assert library.status.connection is ConnectionState.LIVE
        assert row_keys(library, ADA)


async def test_cancelling_keeps_the_fetched_rows(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world, faults=Faults([Fault.slow(60, path="/rest/v2/users/melodia")]))
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        library.observe(user_flattrs_request("melodia"))
        while not library.status.active:
            await asyncio.sleep(0)
        library.cancel()
        await settle(library)
        assert row_keys(library, ADA)
        assert not library.feed(user_flattrs_request("melodia")).status.loading


async def test_the_oldest_failures_are_forgotten(tmp_path: Path, shared_world: World) -> None:
    faults = Faults([Fault.fail(404, path="/rest/v2/users/nobody", times=FOREVER)])
    library = make_library(tmp_path, shared_world, faults=faults, offline=False)
    nobodies = [ApiRequest.of("user", username=f"nobody{number}") for number in range(MAX_REMEMBERED + 40)]
    private_request = ApiRequest.of("my-flattrs")
    async with run_library(library):
        library.observe(private_request)
        await settle(library)
        for nobody in nobodies:
            library.observe(nobody)
            await settle(library)
            library.unobserve(nobody)
        remembered = [nobody for nobody in nobodies if library.record(nobody).failure is not None]
        assert remembered == nobodies[-len(remembered) :]
        assert len(remembered) < MAX_REMEMBERED + 2
        assert library.feed(private_request).status.failure is not None, (
            "a request that waits for a login is not forgotten"
        )

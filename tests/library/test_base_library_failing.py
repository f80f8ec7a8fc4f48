"""The library where the server fails, refuses or limits: what is asked again and when, what is said, what is kept."""

import asyncio
from pathlib import Path

import pytest

from flattr_tui.api.errors import NotFoundError, ServerFailedError
from flattr_tui.library.account_requests import user_flattrs_request
from flattr_tui.library.events import Connection
from flattr_tui.library.fetch.revalidator import MAX_REMEMBERED
from flattr_tui.model.api_request import Request
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import ADA, COLLECTOR, Time, keys_on_server, make_library, running, settle, shown


async def test_a_failing_server_is_asked_again_and_later_each_time(tmp_path: Path, people: World, time: Time) -> None:
    faults = Faults([Fault.fail(503, times=2)])
    library = make_library(tmp_path, people, faults=faults, time=time)
    async with running(library):
        library.observe(ADA)
        await settle(library)
        assert shown(library, ADA)
        assert library.feed(ADA).status.failure is None
    first, second = time.paused
    assert 0.25 <= first <= 0.75
    assert 0.5 <= second <= 1.5


async def test_a_failure_stands_beside_what_is_saved(tmp_path: Path, people: World, time: Time) -> None:
    faults = Faults()
    library = make_library(tmp_path, people, faults=faults, time=time)
    async with running(library):
        library.observe(ADA)
        await settle(library)
        rows = shown(library, ADA)
        faults.add(Fault.fail(500, times=FOREVER))
        library.refresh(ADA)
        await settle(library)
        status = library.feed(ADA).status
        assert status.failure is not None
        assert isinstance(status.failure.error, ServerFailedError)
        assert status.failure.sentence.startswith("ada's flattrs could not be fetched: the server failed")
        assert shown(library, ADA) == rows
        asked = len(faults.seen)
        library.observe(ADA, stop=400)
        await settle(library)
        assert len(faults.seen) == asked, "looking on does not ask a failing server all the time"
        faults.clear()
        library.refresh(ADA)
        await settle(library)
        assert library.feed(ADA).status.failure is None


async def test_who_does_not_exist_is_said_so_and_not_asked_for_twice(tmp_path: Path, people: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, people, faults=faults)
    nobody = Request.of("user", username="nobody-at-all")
    async with running(library):
        library.observe(nobody)
        await settle(library)
        failure = library.record(nobody).failure
        assert failure is not None
        assert isinstance(failure.error, NotFoundError)
        assert failure.sentence == "nobody-at-all could not be found on this server."
        assert len(faults.seen) == 1


@pytest.mark.parametrize("fault", [Fault.portal(times=FOREVER), Fault.garbage(times=FOREVER)])
async def test_what_is_no_answer_is_not_kept(tmp_path: Path, people: World, fault: Fault) -> None:
    library = make_library(tmp_path, people, faults=Faults([fault]))
    async with running(library):
        library.observe(ADA)
        await settle(library)
        assert library.feed(ADA).status.failure is not None
        assert library.responses.last_sequence() == 0


async def test_a_cut_answer_is_asked_for_again(tmp_path: Path, people: World) -> None:
    library = make_library(tmp_path, people, faults=Faults([Fault.cut(500)]))
    async with running(library):
        library.observe(ADA)
        await settle(library)
        assert shown(library, ADA)[:100] == keys_on_server(people, "ada", 100)


async def test_used_up_requests_are_waited_for_without_being_refused(tmp_path: Path, people: World, time: Time) -> None:
    faults = Faults()
    library = make_library(tmp_path, people, faults=faults, rate_limit=3, time=time)
    async with running(library) as events:
        library.observe(COLLECTOR, stop=1000)
        await settle(library)
        status = library.status
        assert (status.connection, status.queued, status.active) == (Connection.WAITING, 1, 0)
        assert status.waiting_until == time.now + 3600
        assert status.rate is not None
        assert status.rate.remaining == 0
        assert library.feed(COLLECTOR).status.saved == 300
        assert library.feed(COLLECTOR).status.loading
        assert len(faults.seen) == 3
        library.observe(Request.of("rate-limit"))
        await settle(library)
        assert len(faults.seen) == 4, "asking for the limit is not limited"
        time.advance(3600)
        await settle(library)
        assert library.feed(COLLECTOR).status.saved == 500, "the top is an hour old, and asked for again first"
        assert any(getattr(getattr(event, "status", None), "waiting_until", None) for event in events)


async def test_a_refusal_for_the_limit_waits_until_the_server_says(tmp_path: Path, people: World, time: Time) -> None:
    body = b'{"error":"rate_limit_exceeded","error_description":"Too many"}'
    headers = {"X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.now) + 120)}
    faults = Faults([Fault(status=403, body=body, headers={"Content-Type": "application/json", **headers})])
    library = make_library(tmp_path, people, faults=faults, time=time)
    async with running(library):
        library.observe(ADA)
        await settle(library)
        waiting = library.status
        assert (waiting.connection, waiting.waiting_until) == (Connection.WAITING, int(time.now) + 120)
        assert library.feed(ADA).status.failure is None
        time.advance(121)
        await settle(library)
        assert library.status.connection is Connection.LIVE
        assert shown(library, ADA)


async def test_cancelling_keeps_what_came(tmp_path: Path, people: World) -> None:
    library = make_library(tmp_path, people, faults=Faults([Fault.slow(60, path="/rest/v2/users/melodia")]))
    async with running(library):
        library.observe(ADA)
        await settle(library)
        library.observe(user_flattrs_request("melodia"))
        while not library.status.active:
            await asyncio.sleep(0)
        library.cancel()
        await settle(library)
        assert shown(library, ADA)
        assert not library.feed(user_flattrs_request("melodia")).status.loading


async def test_what_was_only_passed_by_is_forgotten_in_the_end(tmp_path: Path, people: World) -> None:
    faults = Faults([Fault.fail(404, path="/rest/v2/users/nobody", times=FOREVER)])
    library = make_library(tmp_path, people, faults=faults, offline=False)
    nobodies = [Request.of("user", username=f"nobody{number}") for number in range(MAX_REMEMBERED + 40)]
    held = Request.of("my-flattrs")
    async with running(library):
        library.observe(held)
        await settle(library)
        for nobody in nobodies:
            library.observe(nobody)
            await settle(library)
            library.unobserve(nobody)
        remembered = [nobody for nobody in nobodies if library.record(nobody).failure is not None]
        assert remembered == nobodies[-len(remembered) :]
        assert len(remembered) < MAX_REMEMBERED + 2
        assert library.feed(held).status.failure is not None, "it waits for a login"

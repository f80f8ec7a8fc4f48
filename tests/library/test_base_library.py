"""Tests of the library from end to end: it fetches from the sandbox with the real client, saves, and reads offline."""

from pathlib import Path
from typing import Any

import pytest

from flattr_tui.library.events import ConnectionState, Event, FeedChanged, RecordChanged
from flattr_tui.library.query.list_feed import Gap, Row
from flattr_tui.model import entity_decoder
from flattr_tui.model.api_request import ApiRequest, ResponseKind, user_things_request
from flattr_tui.model.entities import LANGUAGES, Flattr, Lookup, Thing, User
from flattr_tui.model.entity_decoder import decode_documented
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import (
    ADA,
    COLLECTOR,
    PROFILE,
    Time,
    keys_on_server,
    make_library,
    row_keys,
    run_library,
    settle,
)


def count_requests(faults: Faults, path: str) -> int:
    return sum(seen == f"GET /rest/v2{path}" for seen in faults.seen)


async def test_an_observed_request_is_fetched_and_read_offline_later(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library) as events:
        assert len(library.feed(ADA)) == 0
        library.observe(ADA, stop=40)
        library.observe(PROFILE)
        assert library.feed(ADA).status.loading
        await settle(library)
        online = row_keys(library, ADA)
        user = library.record(PROFILE).entity
        assert FeedChanged(ADA) in events
        assert RecordChanged(PROFILE) in events
        assert not library.feed(ADA).status.loading
    assert online[:100] == keys_on_server(shared_world, "ada", 100)
    assert isinstance(user, User)
    assert user.firstname
    offline = make_library(tmp_path, shared_world, offline=True)
    async with run_library(offline):
        assert offline.status.connection is ConnectionState.OFFLINE
        offline.observe(ADA, stop=400)
        await settle(offline)
        assert row_keys(offline, ADA) == online
        assert offline.record(PROFILE).entity == user


async def test_offline_never_makes_a_server(tmp_path: Path) -> None:
    def fail() -> World:
        raise AssertionError("a server was made")

    library = make_library(tmp_path, fail, offline=True)
    async with run_library(library):
        library.observe(ADA)
        library.refresh(ADA, complete=True)
        await settle(library)
        assert row_keys(library, ADA) == []
        assert library.feed(ADA).status.fetched_at is None
        assert not library.is_online


async def test_rows_are_fetched_as_far_as_they_are_observed(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    server = keys_on_server(shared_world, "collector")
    async with run_library(library):
        library.observe(COLLECTOR, stop=50)
        await settle(library)
        assert row_keys(library, COLLECTOR) == [*server[:100], "?"]
        tail = library.feed(COLLECTOR).rows(100, 101)[0]
        assert tail == Gap(at_end=True)
        library.observe(COLLECTOR, start=60, stop=101)
        await settle(library)
        assert row_keys(library, COLLECTOR) == [*server[:200], "?"]
        library.observe(COLLECTOR, stop=10_000, near=True)
        await settle(library)
        assert row_keys(library, COLLECTOR) == server
        assert library.feed(COLLECTOR).status.ended
    assert count_requests(faults, "/users/collector/flattrs") == len(server) // 100 + 1


async def test_a_fresh_response_is_not_requested_again(tmp_path: Path, shared_world: World, time: Time) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults, time=time)
    async with run_library(library):
        for seconds, requests in [(0, 1), (200, 1), (200, 2), (0, 2)]:
            time.advance(seconds)
            library.observe(ADA)
            await settle(library)
            assert count_requests(faults, "/users/ada/flattrs") == requests
        for seconds, requests in [(0, 1), (1800, 1), (1801, 2)]:
            time.advance(seconds)
            library.observe(PROFILE)
            await settle(library)
            assert count_requests(faults, "/users/ada") == requests


async def test_an_unchanged_response_is_confirmed_and_not_stored_twice(
    tmp_path: Path, shared_world: World, time: Time
) -> None:
    library = make_library(tmp_path, shared_world, time=time)
    async with run_library(library):
        library.observe(ADA)
        library.observe(PROFILE)
        await settle(library)
        rows, stored = row_keys(library, ADA), library.responses.last_sequence()
        time.advance(7200)
        library.observe(ADA)
        library.observe(PROFILE)
        await settle(library)
        assert library.responses.last_sequence() == stored
        assert row_keys(library, ADA) == rows
        assert library.feed(ADA).status.fetched_at == time.now


async def test_a_page_is_decoded_once(tmp_path: Path, shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[bytes] = []

    def count_body(kind: ResponseKind, body: bytes) -> object:
        decoded.append(body)
        return decode_documented(kind, body)

    monkeypatch.setattr(entity_decoder, "decode_documented", count_body)
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        library.observe(COLLECTOR, stop=250)
        await settle(library)
    assert len(decoded) == len(set(decoded)) == 3


async def test_equal_observations_are_one_request(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library):
        for _ in range(5):
            library.observe(ADA, stop=20)
            library.observe(ADA, stop=40, near=True)
            library.observe(PROFILE)
        await settle(library)
    assert sorted(faults.seen) == ["GET /rest/v2/users/ada", "GET /rest/v2/users/ada/flattrs"]


async def test_a_request_that_is_unobserved_before_it_is_sent_is_never_sent(
    tmp_path: Path, shared_world: World
) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    library.observe(ADA)
    library.observe(PROFILE)
    library.unobserve(ADA)
    async with run_library(library):
        await settle(library)
        assert faults.seen == ["GET /rest/v2/users/ada"]
        assert not library.feed(ADA).status.loading


async def test_observers_of_one_list_do_not_disturb_each_other(tmp_path: Path, shared_world: World) -> None:
    """The statistics of a profile observe many rows of a list, while a screen keeps observing its first rows."""
    library = make_library(tmp_path, shared_world)
    observations: list[int] = []

    def observe_again(event: Event) -> None:
        if isinstance(event, FeedChanged):
            observations.append(1)
            library.observe(COLLECTOR, stop=50, by="list")
            library.observe(COLLECTOR, stop=80, near=True, by="list")

    async with run_library(library):
        library.subscribe(observe_again)
        library.observe(COLLECTOR, stop=300, near=True, by="figures")
        await settle(library)
        assert library.feed(COLLECTOR).status.saved == 300
        assert len(observations) < 20
        library.observe(COLLECTOR, stop=500, near=True, by="figures")
        library.unobserve(COLLECTOR, by="list")
        await settle(library)
        assert library.feed(COLLECTOR).status.saved == 500


async def test_requests_on_screen_go_first(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library):
        for name in shared_world.usernames()[:12]:
            library.observe(user_things_request(name), near=True)
        library.observe(ADA)
        await settle(library)
    assert "GET /rest/v2/users/ada/flattrs" in faults.seen[:4]
    assert len(faults.seen) == 13


async def test_a_gap_is_filled_where_it_is_observed(tmp_path: Path, world: World, time: Time) -> None:
    library = make_library(tmp_path, world, time=time)
    thing = world.flattrs_of("ada", count=1, page=1)[0].thing.id
    async with run_library(library):
        library.observe(COLLECTOR, stop=150)
        await settle(library)
        for second in range(250):
            world.insert_flattr("collector", thing, int(time.now) - 1000 + second)
        time.advance(600)
        server = keys_on_server(world, "collector")
        library.observe(COLLECTOR, stop=50)
        await settle(library)
        rows = row_keys(library, COLLECTOR)
        assert rows == [*server[:100], "?", *server[250:450], "?"]
        library.observe(COLLECTOR, start=90, stop=101)
        await settle(library)
        library.observe(COLLECTOR, start=190, stop=260)
        await settle(library)
        assert row_keys(library, COLLECTOR) == [*server[:450], "?"]


async def test_a_refresh_stops_at_the_rows_that_are_saved(tmp_path: Path, world: World, time: Time) -> None:
    faults = Faults()
    library = make_library(tmp_path, world, faults=faults, time=time)
    thing = world.flattrs_of("ada", count=1, page=1)[0].thing.id
    async with run_library(library):
        library.observe(COLLECTOR, stop=1000)
        await settle(library)
        assert len(faults.seen) == 10
        for second in range(250):
            world.insert_flattr("collector", thing, int(time.now) - 1000 + second)
        library.refresh(COLLECTOR)
        await settle(library)
        assert len(faults.seen) == 13
        assert row_keys(library, COLLECTOR) == [*keys_on_server(world, "collector", 1250), "?"]


async def test_a_complete_refresh_ends_with_the_servers_list(tmp_path: Path, world: World, time: Time) -> None:
    library = make_library(tmp_path, world, time=time)
    async with run_library(library):
        library.observe(COLLECTOR, stop=10_000)
        await settle(library)
        rows = world.flattrs_of("collector", count=10_000, page=1)
        for row in rows[5:700:37]:
            world.remove_flattr(row.id)
        library.refresh(COLLECTOR, complete=True)
        await settle(library)
        assert row_keys(library, COLLECTOR) == keys_on_server(world, "collector")


async def test_lists_without_pages_are_one_request(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    activities = ApiRequest.of("user-activities", username="ada")
    async with run_library(library):
        library.observe(activities, stop=500)
        await settle(library)
        assert len(row_keys(library, activities)) >= 30
        assert faults.seen == ["GET /rest/v2/users/ada/activities.as"]


async def test_a_search_has_a_total(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    search = ApiRequest.of("search", tags="music | audio")
    async with run_library(library):
        library.observe(search, stop=300)
        await settle(library)
        status = library.feed(search).status
        assert status.total == status.saved
        assert status.ended
        rows = library.feed(search).rows(0, 3)
        assert all(isinstance(row, Row) and isinstance(row.item, Thing) for row in rows)


async def test_a_lookup_is_a_record_whether_found_or_not(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    thing = shared_world.things_of("melodia", count=1, page=1)[0]
    found, missing = (ApiRequest.of("lookup", url=url) for url in (thing.url, "https://nowhere.example/"))
    async with run_library(library):
        library.observe(found)
        library.observe(missing)
        await settle(library)
        answers: list[Any] = [library.record(request).entity for request in (found, missing)]
        assert isinstance(answers[0], Lookup)
        assert answers[0].thing_id == thing.id
        assert isinstance(answers[1], Lookup)
        assert not answers[1].found


async def test_a_thing_in_a_fetched_list_is_readable_before_it_is_fetched_itself(
    tmp_path: Path, shared_world: World
) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        row = library.feed(ADA).rows(0, 1)[0]
        assert isinstance(row, Row)
        assert isinstance(row.item, Flattr)
        thing = library.record(ApiRequest.of("thing", id=str(row.item.thing.id))).entity
        assert isinstance(thing, Thing)
        assert thing.title == row.item.thing.title


async def test_choices_are_the_documented_ones_until_those_of_the_server_are_saved(
    tmp_path: Path, shared_world: World
) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        documented = library.choices("languages")
        assert documented == LANGUAGES
        library.observe(ApiRequest.of("languages"))
        await settle(library)
        assert {choice.id for choice in library.choices("languages")} == {choice.id for choice in documented}
        assert library.feed(ApiRequest.of("languages")).status.fetched_at is not None


async def test_statistics_count_the_saved_flattrs(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        library.observe(ADA)
        await settle(library)
        figures = await library.user_statistics("ada")
        assert figures.counted == library.feed(ADA).status.saved
        assert sum(count for _, count in figures.by_month) == figures.counted

"""Tests of the sync: it fetches each page once, resumes after a break, and a second run fetches only new rows."""

import asyncio
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from flattr_tui.api.errors import OfflineError
from flattr_tui.library.events import SyncChanged, SyncProgress, SyncStage
from flattr_tui.library.library import Library
from flattr_tui.library.sync import Syncer, Targets
from flattr_tui.model.api_request import ApiRequest, user_activities_request, user_flattrs_request, user_things_request
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.models import Token
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import (
    COLLECTOR,
    NOW,
    Time,
    keys_on_server,
    make_library,
    row_keys,
    run_library,
    settle,
)

LONG_LIST = Targets(users=("collector",), things=False, activities=False)


def get_syncer(library: Library) -> Syncer:
    assert library.sync is not None
    return library.sync


async def test_a_sync_fetches_every_list_once(tmp_path: Path, shared_world: World) -> None:
    faults, reports = Faults(), list[SyncProgress]()
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library):
        progress = await get_syncer(library).run(Targets(users=("ada",)), reports.append)
        assert row_keys(library, user_flattrs_request("ada")) == keys_on_server(shared_world, "ada")
        assert library.feed(user_things_request("ada")).status.ended
        assert library.feed(user_activities_request("ada", incoming=True)).status.fetched_at == NOW
        assert library.record(ApiRequest.of("user", username="ada")).fetched_at == NOW
        saved = [
            library.feed(request).status.saved for request in (user_flattrs_request("ada"), user_things_request("ada"))
        ]
    assert (progress.stage, progress.problems, progress.done, progress.targets) == (SyncStage.DONE, (), 5, 5)
    assert progress.pages == len(faults.seen)
    assert progress.items == sum(saved)
    assert progress.ended
    assert reports[-1] == progress
    assert [earlier.pages for earlier in reports] == sorted(earlier.pages for earlier in reports)


async def test_a_second_sync_fetches_only_new_flattrs(tmp_path: Path, world: World, time: Time) -> None:
    faults = Faults()
    library = make_library(tmp_path, world, faults=faults, time=time)
    thing = world.flattrs_of("ada", count=1, page=1)[0].thing.id
    async with run_library(library):
        await get_syncer(library).run(LONG_LIST)
        first, stored = len(faults.seen), library.responses.last_sequence()
        assert first == 2 + len(keys_on_server(world, "collector")) // 100 + len([1, 2, 3, 4, 8, 16, 24])
        again = await get_syncer(library).run(LONG_LIST)
        assert len(faults.seen) == first + 1
        assert (again.new, library.responses.last_sequence()) == (0, stored)
        for second in range(150):
            world.insert_flattr("collector", thing, int(NOW) - 1000 + second)
        third = await get_syncer(library).run(LONG_LIST)
        assert third.new == 150
        assert len(faults.seen) == first + 3 + 1, "page 1 once more after page 2"
        assert row_keys(library, COLLECTOR) == keys_on_server(world, "collector")


async def test_a_sync_counts_removed_flattrs_and_changed_counts(tmp_path: Path, world: World, time: Time) -> None:
    library = make_library(tmp_path, world, time=time)
    thing = world.flattrs_of("ada", count=1, page=1)[0].thing.id
    number = world.insert_flattr("ada", thing, int(NOW) - 10)
    targets = Targets(users=("ada",), things=False, activities=False)
    async with run_library(library):
        first = await get_syncer(library).run(targets)
        assert (first.gone, first.recounted) == (0, 0)
        time.advance(86_400)
        world.remove_flattr(number)
        world.insert_flattr("melodia", thing, int(NOW) - 5)
        world.insert_flattr("chizu", thing, int(NOW) - 4)
        again = await get_syncer(library).run(targets)
        assert (again.new, again.gone) == (0, 1)
        assert again.recounted == 1


async def test_a_cancelled_sync_resumes_and_repeats_one_page_at_most(tmp_path: Path, shared_world: World) -> None:
    server = keys_on_server(shared_world, "collector")
    needed = len(server) // 100 + 1
    faults = Faults()
    interrupted = 0
    for turns in [7, 40, 90, 150, 333, 10, 201, 5000]:
        library = make_library(tmp_path, shared_world, faults=faults)
        async with run_library(library):
            task = asyncio.create_task(get_syncer(library).run(LONG_LIST))
            for _ in range(turns):
                await asyncio.sleep(0)
            interrupted += not task.done()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library):
        await get_syncer(library).run(LONG_LIST)
        assert row_keys(library, COLLECTOR) == server
    pages = sum(seen.endswith("/flattrs") for seen in faults.seen)
    assert interrupted >= 4
    checks = 2 * needed.bit_length()
    assert needed <= pages <= needed + interrupted + 1 + checks


async def test_several_lists_are_fetched_concurrently(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    names = shared_world.usernames()[:6]
    async with run_library(library):
        progress = await get_syncer(library).run(Targets(users=tuple(names), activities=False))
        assert progress.problems == ()
        for name in names:
            assert row_keys(library, user_flattrs_request(name)) == keys_on_server(shared_world, name)
    counted = Counter(seen for seen in faults.seen if not seen.endswith("/flattrs"))
    assert set(counted.values()) <= {1, 2}


async def test_owners_are_followed(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    flattrs = shared_world.flattrs_of("ada", count=10_000, page=1)
    owners = {row.thing.owner.username for row in flattrs}
    async with run_library(library):
        targets = Targets(users=("ada",), things=False, activities=False, follow_owners=True)
        progress = await get_syncer(library).run(targets)
        assert progress.problems == ()
        assert progress.targets == progress.done == 2 + 2 * len(owners - {"ada"})
        assert progress.new == progress.items  # the owners' profiles are not counted, as they are in no list
        assert all(library.feed(user_things_request(name)).status.ended for name in owners - {"ada"})


async def test_a_sync_waits_for_the_rate_limit_and_reports_it(tmp_path: Path, shared_world: World, time: Time) -> None:
    faults, reports = Faults(), list[SyncProgress]()
    library = make_library(tmp_path, shared_world, faults=faults, rate_limit=10, time=time)
    async with run_library(library):
        task = asyncio.create_task(get_syncer(library).run(LONG_LIST, reports.append))
        while not task.done():
            await settle(library)
            if reports and reports[-1].stage is SyncStage.WAITING:
                assert reports[-1].requests_left == 0
                assert reports[-1].waiting_until == time.now + 3600
                time.advance(3600)
        assert (await task).stage is SyncStage.DONE
        assert row_keys(library, COLLECTOR) == keys_on_server(shared_world, "collector")
    assert sum(progress.stage is SyncStage.WAITING for progress in reports) >= 2


async def test_a_missing_user_is_a_problem_and_the_others_are_synced(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library):
        targets = Targets(users=("nobody-at-all", "ada"), flattrs=False, activities=False)
        progress = await get_syncer(library).run(targets)
        (problem,) = progress.problems
        assert problem.sentence == "nobody-at-all could not be found on this server."
        assert library.feed(user_things_request("ada")).status.ended
    assert sum("nobody" in seen for seen in faults.seen) == 1


async def test_a_sync_ends_if_the_server_is_gone(tmp_path: Path, shared_world: World) -> None:
    faults = Faults([Fault.cut(0, times=FOREVER)])
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library):
        progress = await get_syncer(library).run(Targets(users=tuple(shared_world.usernames()[:50])))
        assert progress.stage is SyncStage.DONE
        assert progress.problems
        assert len(faults.seen) <= 4 * 6
        assert progress.done == 0


async def test_a_sync_of_private_lists_without_a_login_is_a_problem(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library):
        progress = await get_syncer(library).run(Targets(me=True, users=("ada",), flattrs=False, activities=False))
        (problem,) = progress.problems
        assert "you are not logged in" in problem.sentence
        assert problem.exit_code == 4
        assert library.feed(user_things_request("ada")).status.ended
    assert sum("/user" in seen and "/users" not in seen for seen in faults.seen) == 1


async def test_private_lists_are_saved_for_their_account(tmp_path: Path, world: World) -> None:
    world.store_token(Token("secret", "ada", "flattr-tui", frozenset({"flattr", "thing"})))
    library = make_library(tmp_path, world, account="ada", token=lambda _: "secret")
    async with run_library(library):
        progress = await get_syncer(library).run(Targets(me=True))
        assert progress.problems == ()
        own = ApiRequest.of("my-flattrs", full="1")
        assert row_keys(library, own) == keys_on_server(world, "ada")
        library.account = ""
        assert row_keys(library, own) == []
        library.account = "ada"
        assert row_keys(library, own) == keys_on_server(world, "ada")


async def test_a_started_sync_emits_its_progress(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library) as events:
        sync = get_syncer(library)
        sync.start(Targets(users=("ada",)))
        sync.start(Targets(users=("melodia",)))
        assert sync.running
        while sync.running:
            await asyncio.sleep(0)
        reports = [event.progress for event in events if isinstance(event, SyncChanged)]
        assert reports[-1].stage is SyncStage.DONE
        assert sync.progress == reports[-1]
        assert not any("melodia" in seen for seen in faults.seen), "only one sync runs at a time"


async def test_a_started_sync_can_be_cancelled(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        sync = get_syncer(library)
        sync.start(LONG_LIST)
        while not library.feed(COLLECTOR).status.saved:
            await asyncio.sleep(0)
        sync.cancel()
        while sync.running:
            await asyncio.sleep(0)
        assert sync.progress is not None
        assert sync.progress.stage is SyncStage.CANCELLED
        assert 0 < library.feed(COLLECTOR).status.saved < 2500


async def test_cancelling_all_requests_cancels_the_sync(tmp_path: Path, shared_world: World) -> None:
    faults = Faults([Fault.slow(60, path="/rest/v2/users/collector/flattrs", times=FOREVER)])
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library):
        task = asyncio.create_task(get_syncer(library).run(LONG_LIST))
        while len(faults.seen) < 2:
            await asyncio.sleep(0)
        library.cancel()
        assert (await task).stage is SyncStage.CANCELLED
        await settle(library)
        assert len(faults.seen) == 2, "the cancelled request was sent again"


async def test_the_last_progress_before_a_slow_response_is_emitted(tmp_path: Path, shared_world: World) -> None:
    path = "/rest/v2/users/collector/flattrs"
    faults = Faults([Fault.slow(0, path=path), Fault.slow(60, path=path, times=FOREVER)])
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library):
        changed = asyncio.Event()
        seen: list[SyncProgress] = []

        def listen(event: object) -> None:
            if isinstance(event, SyncChanged):
                seen.append(event.progress)
                changed.set()

        library.subscribe(listen)
        sync = get_syncer(library)
        sync.start(LONG_LIST)
        while not seen or seen[-1].items < 100:
            await asyncio.wait_for(changed.wait(), 5)
            changed.clear()
        assert sync.progress == seen[-1]
        assert len(faults.seen) == 3, "the second page is in flight"
        sync.cancel()
        while sync.running:
            await asyncio.sleep(0)


async def test_observed_requests_come_before_a_sync(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults)
    async with run_library(library):
        sync = get_syncer(library)
        sync.start(Targets(users=tuple(shared_world.usernames()[:20]), activities=False))
        while len(faults.seen) < 8:
            await asyncio.sleep(0)
        library.observe(COLLECTOR)
        before = len(faults.seen)
        while not library.feed(COLLECTOR).status.saved:
            await asyncio.sleep(0)
        assert "GET /rest/v2/users/collector/flattrs" in faults.seen[before : before + 5]
        sync.cancel()
        while sync.running:
            await asyncio.sleep(0)


async def test_a_sync_offline_is_an_error(tmp_path: Path) -> None:
    library = make_library(tmp_path, None, offline=True)
    async with run_library(library):
        with pytest.raises(OfflineError):
            await get_syncer(library).run(LONG_LIST)


async def test_a_smaller_page_size_of_the_server_is_remembered(tmp_path: Path, shared_world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, shared_world, faults=faults, page_cap=50)
    server = keys_on_server(shared_world, "ada")
    async with run_library(library):
        await get_syncer(library).run(Targets(users=("ada",), things=False, activities=False))
        assert row_keys(library, user_flattrs_request("ada")) == server
        assert library.page_sizes.known("sandbox") == 50
    assert len(faults.seen) == 2 + len(server) // 50 + len([1, 2, 3, 4, 8])
    again = make_library(tmp_path, shared_world, faults=faults, page_cap=50)
    assert again.page_sizes.size_to_request("sandbox") == 50
    await again.aclose()


async def test_a_short_list_does_not_look_like_a_smaller_page_size(tmp_path: Path, shared_world: World) -> None:
    name = next(name for name in shared_world.usernames() if 30 <= len(keys_on_server(shared_world, name)) < 100)
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        await get_syncer(library).run(Targets(users=(name,), things=False, activities=False))
        assert row_keys(library, user_flattrs_request(name)) == keys_on_server(shared_world, name)
        assert library.feed(user_flattrs_request(name)).status.ended
        assert library.page_sizes.known("sandbox") is None


@pytest.mark.parametrize(("place", "after"), [(0, 1), (0, 4), (45, 2), (75, 3), (119, 4), (299, 16), (2460, 83)])
async def test_a_removal_between_two_pages_costs_no_flattr(
    tmp_path: Path, world: World, place: int, after: int
) -> None:
    rows = world.flattrs_of("collector", count=10_000, page=1)
    path = "/rest/v2/users/collector/flattrs"
    faults = Faults([Fault.between(lambda _: None, path=path, times=after)])
    faults.add(Fault.between(lambda world: world.remove_flattr(rows[place].id), path=path))
    library = make_library(tmp_path, world, faults=faults, page_cap=30)
    async with run_library(library):
        progress = await get_syncer(library).run(LONG_LIST)
        assert row_keys(library, COLLECTOR) == keys_on_server(world, "collector")
        assert (progress.problems, progress.new) == ((), len(rows))
        assert progress.gone == 1

"""Tests of lists that change between two requests: no row is doubled or invented, and gaps are visible and closed."""

import shutil
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flattr_tui.cli.commands.export import fetch_all
from flattr_tui.library.fetch.queue_and_limits import FetchRequest, Priority
from flattr_tui.library.sync import Syncer, Targets
from flattr_tui.model.api_request import user_flattrs_request
from flattr_tui.sandbox.fault_injection import Fault, Faults
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import NOW, Time, keys_on_server, make_library, row_keys, run_library, settle

LIST = user_flattrs_request("melodia")
"""The request for a list that takes several API pages of 30 items."""
Change = tuple[str, int]
changes = st.lists(
    st.tuples(st.sampled_from(["top", "remove", "remove", "nothing", "middle"]), st.integers(0, 400)), max_size=10
)
_moments = count(int(NOW) - 900_000, 10)
PAGE = 30


def change_world(change: Change, ever: set[str], world: World) -> None:
    """Add or remove flattrs of melodia, and add the keys that the server lists now to `ever`."""
    what, number = change
    rows = world.flattrs_of("melodia", count=10_000, page=1)
    at = rows[number % len(rows)]
    if what == "remove" and len(rows) > 40:
        world.remove_flattr(at.id)
    elif what == "top":
        for _ in range(number % 10):
            world.insert_flattr("melodia", rows[0].thing.id, next(_moments))
    elif what == "middle" and f"melodia/{at.thing.id}/{at.created_at + 1}" not in ever:
        world.insert_flattr("melodia", at.thing.id, at.created_at + 1)
    ever.update(keys_on_server(world, "melodia"))


async def _check_refreshes(world_file: Path, scripts: list[list[Change]]) -> None:
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "world.sqlite"
        shutil.copy(world_file, copy)
        with World.open(copy, scale=2500) as world:
            time, faults = Time(), Faults()
            ever = set(keys_on_server(world, "melodia"))
            library = make_library(Path(folder), world, faults=faults, page_cap=30, time=time)
            async with run_library(library):
                for script in scripts:
                    for change in script:
                        faults.add(Fault.between(partial(change_world, change, ever)))
                    library.refresh(LIST, complete=len(script) % 2 == 0)
                    library.observe(LIST, stop=1 + sum(number for _, number in script) % 300)
                    await settle(library)
                    rows = [key for key in row_keys(library, LIST) if key != "?"]
                    assert len(set(rows)) == len(rows)
                    assert set(rows) <= ever
                faults.clear()
                library.refresh(LIST, complete=True)
                await settle(library)
                assert row_keys(library, LIST) == keys_on_server(world, "melodia")
                request_count = len(faults.seen)
                library.observe(LIST, stop=5000)
                await settle(library)
                assert len(faults.seen) == request_count, "no gap is left, so nothing is requested"


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scripts=st.lists(changes, min_size=1, max_size=3))
async def test_a_complete_refresh_ends_with_the_servers_list(world_file: Path, scripts: list[list[Change]]) -> None:
    await _check_refreshes(world_file, scripts)


def grow(number: int, world: World) -> None:
    thing = world.flattrs_of("melodia", count=1, page=1)[0].thing.id
    for _ in range(number):
        world.insert_flattr("melodia", thing, next(_moments))


async def test_rows_added_between_two_pages_leave_a_visible_gap(tmp_path: Path, world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, world, faults=faults, page_cap=PAGE)
    async with run_library(library):
        before = keys_on_server(world, "melodia")
        await library.fetch(FetchRequest(LIST, 1, PAGE), Priority.SCREEN)
        await library.fetch(FetchRequest(LIST, 4, PAGE), Priority.SCREEN)
        faults.add(Fault.between(partial(grow, 4)))
        await library.fetch(FetchRequest(LIST, 3, PAGE), Priority.SCREEN)
        upper, lower = before[56 : 56 + PAGE], before[90 : 90 + PAGE]
        assert row_keys(library, LIST) == [*before[:PAGE], "?", *upper, "?", *lower, "?"], "four rows are missing below"
        library.refresh(LIST, complete=True)
        await settle(library)
        assert row_keys(library, LIST) == keys_on_server(world, "melodia")


async def test_a_gap_needs_its_pages_and_one_more_request(tmp_path: Path, world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, world, faults=faults, page_cap=PAGE)
    async with run_library(library):
        await library.fetch(FetchRequest(LIST, 1, PAGE), Priority.SCREEN)
        await library.fetch(FetchRequest(LIST, 5, PAGE), Priority.SCREEN)
        library.observe(LIST, stop=10)
        await settle(library)
        request_count = len(faults.seen)
        library.observe(LIST, stop=5 * PAGE)
        await settle(library)
        assert row_keys(library, LIST)[:-1] == keys_on_server(world, "melodia", 5 * PAGE)
        assert len(faults.seen) == request_count + 3 + 1
        library.observe(LIST, stop=5 * PAGE)
        await settle(library)
        assert len(faults.seen) == request_count + 3 + 1, "no gap is left, so nothing is requested"


async def test_a_list_read_from_the_top_needs_one_request_per_page(tmp_path: Path, world: World) -> None:
    faults = Faults()
    library = make_library(tmp_path, world, faults=faults, page_cap=PAGE)
    async with run_library(library):
        server = keys_on_server(world, "melodia")
        library.observe(LIST, stop=5_000)
        await settle(library)
        assert row_keys(library, LIST) == server
        assert len(faults.seen) == len(server) // PAGE + 1
        library.refresh(LIST, complete=True)
        await settle(library)
        assert len(faults.seen) == 2 * (len(server) // PAGE + 1)


async def test_a_complete_refresh_finds_the_row_that_a_removal_moved(tmp_path: Path, world: World) -> None:
    library = make_library(tmp_path, world, faults=remove_after_second_page(world), page_cap=PAGE)
    async with run_library(library):
        library.refresh(LIST, complete=True)
        await settle(library)
        assert row_keys(library, LIST) == keys_on_server(world, "melodia")


async def test_a_removal_costs_no_row_above_a_page_that_was_saved_before(tmp_path: Path, world: World) -> None:
    faults, path = Faults(), "/rest/v2/users/melodia/flattrs"
    library = make_library(tmp_path, world, faults=faults, page_cap=PAGE)
    async with run_library(library):
        await library.fetch(FetchRequest(LIST, 2, PAGE), Priority.SCREEN)
        top = world.flattrs_of("melodia", count=PAGE, page=1)
        # Now the first row of page 2 is not saved.
        world.insert_flattr("melodia", top[0].thing.id, next(_moments))
        faults.add(Fault.between(lambda _: None, path=path))
        faults.add(Fault.between(lambda world: world.remove_flattr(top[5].id), path=path))
        await Syncer(library).run(Targets(users=("melodia",), things=False, activities=False))
        assert row_keys(library, LIST) == keys_on_server(world, "melodia")


async def test_an_export_finds_the_row_that_a_removal_moved(tmp_path: Path, world: World) -> None:
    library = make_library(tmp_path, world, faults=remove_after_second_page(world), page_cap=PAGE)
    await fetch_all(library, LIST)
    assert row_keys(library, LIST) == keys_on_server(world, "melodia")
    await library.aclose()


def remove_after_second_page(world: World) -> Faults:
    path, row = "/rest/v2/users/melodia/flattrs", world.flattrs_of("melodia", count=PAGE, page=2)[0]
    faults = Faults([Fault.between(lambda _: None, path=path, times=2)])
    faults.add(Fault.between(lambda world: world.remove_flattr(row.id), path=path))
    return faults

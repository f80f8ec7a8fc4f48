"""Tests of a list that grows between two pages: the gap is visible, and closing it needs one request more."""

from functools import partial
from itertools import count
from pathlib import Path

from flattr_tui.library.fetch.fetch_queue import FetchRequest, Priority
from flattr_tui.library.user_requests import user_flattrs_request
from flattr_tui.sandbox.fault_injection import Fault, Faults
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import NOW, keys_on_server, make_library, row_keys, run_library, settle

LIST = user_flattrs_request("melodia")
PAGE = 30
_moments = count(int(NOW) - 900_000, 10)


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

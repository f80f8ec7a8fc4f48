"""Tests of lists that change between two requests: no row is doubled or invented, and the end is the server's list."""

import shutil
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flattr_tui.library.user_requests import user_flattrs_request
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

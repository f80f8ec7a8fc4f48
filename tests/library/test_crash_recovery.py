"""Tests that a sync that is killed several times ends with the server's list and repeats few requests."""

import random
import signal
import subprocess
import sys
from pathlib import Path

from flattr_tui.library.sync import Targets
from flattr_tui.model.api_request import user_flattrs_request
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.world import World
from tests.library.conftest import DEEP
from tests.library.library_fixtures import keys_on_server, make_library, row_keys, run_library

KILLS = 5
CHECKS = 8
"""Number of pages of 26 that are fetched again in the end, to see whether a row was removed meanwhile."""
CHILD = """
import asyncio, os, sys
from pathlib import Path

from flattr_tui.library.sync import Targets
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import make_library, run_library

folder, world, log, scale = sys.argv[1:]


class Log(Faults):
    def take(self, method, path):
        with open(log, "a") as file:
            file.write(path + "\\n")
        return None


async def main():
    with World.open(Path(world), scale=int(scale)) as opened:
        library = make_library(Path(folder), opened, faults=Log())
        async with run_library(library):
            print("ready", flush=True)
            targets = Targets(users=("collector",), things=False, activities=False)
            await library.sync.run(targets, lambda progress: print(progress.pages, flush=True))


asyncio.run(main())
"""


async def test_a_sync_resumes_after_being_killed(tmp_path: Path, world_file: Path, world: World) -> None:
    chance = random.Random(20)
    log = tmp_path / "log"
    interrupted = 0
    for _ in range(KILLS):
        places = [str(place) for place in (tmp_path / "home", tmp_path / "world.sqlite", log)]
        command = [sys.executable, "-c", CHILD, *places, str(DEEP)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _, line in zip(range(chance.randint(3, 25)), child.stdout, strict=False):
                assert line
            child.kill()
            _, errors = child.communicate()
            assert child.returncode in {0, -signal.SIGKILL}, errors
            interrupted += child.returncode != 0
    assert interrupted >= 3
    server = keys_on_server(world, "collector")
    faults = Faults()
    library = make_library(tmp_path / "home", world, faults=faults)
    async with run_library(library):
        await library.ready()
        saved = sum(key != "?" for key in row_keys(library, user_flattrs_request("collector")))
        assert library.sync is not None
        progress = await library.sync.run(Targets(users=("collector",), things=False, activities=False))
        assert progress.problems == ()
        assert row_keys(library, user_flattrs_request("collector")) == server
    paths = [*log.read_text().splitlines(), *faults.seen]
    pages = sum(path.endswith("/flattrs") for path in paths)
    assert pages <= len(server) // 100 + 1 + interrupted + 1 + CHECKS  # the last sync requests the first page again
    missing = len(server) // 100 + 1 - saved // 100  # and the profile, the first page, and one that was cut off
    assert len(faults.seen) <= missing + 3 + CHECKS, "the last sync started anew instead of resuming"

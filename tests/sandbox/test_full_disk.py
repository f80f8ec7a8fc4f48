"""A disk that is full, or fails: the sandbox says so in its own form of error, loses nothing, and goes on."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.database import StorageError, Store, connect
from flattr_tui.sandbox.models import Token
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import ALL, BASE
from tests.sandbox.conftest import connect as connect_client
from tests.sandbox.login_helpers import AUTH, AUTHORIZE, BACK, TOKEN, asking, decide

BEARER = {"Authorization": "Bearer all"}
LONG = "x" * 100_000


class Disk:
    """A world whose file may have only so many pages, as on a disk that is full."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path, seed=1, scale=0)
        self.world = World(Store(self._connection), time.time)
        self.world.store_token(Token("all", "ada", "flattr-tui", frozenset(ALL)))

    def fill(self) -> None:
        pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
        self._connection.execute(f"PRAGMA max_page_count={pages}")

    def free(self) -> None:
        self._connection.execute("PRAGMA max_page_count=1000000")


@pytest.fixture
def disk(tmp_path: Path, world: World) -> Iterator[Disk]:
    """A disk with the seeded world on it."""
    world.close()
    disk = Disk(tmp_path / "world.sqlite")
    with disk.world:
        yield disk


async def test_a_full_disk_refuses_changes_in_words_and_goes_on(disk: Disk) -> None:
    async with connect_client(create_app(disk.world, rate_limit=0)) as client:
        before = (await client.get("user/things?count=100", headers=BEARER)).json()
        disk.fill()
        for number in range(2):
            draft = {"url": f"http://new.example/{number}", "title": "New", "description": LONG}
            refused = await client.post("things", json=draft, headers=BEARER)
            assert refused.status_code == 507
            assert refused.json()["error"] == "insufficient_storage"
            assert "disk" in refused.json()["error_description"]
            assert "full" in refused.json()["error_description"]
        assert (await client.get("user/things?count=100", headers=BEARER)).json() == before
        disk.free()
        assert (await client.post("things", json=draft, headers=BEARER)).status_code == 201


async def test_who_logs_in_on_a_full_disk_is_told_so(disk: Disk) -> None:
    async with connect_client(create_app(disk.world)) as client:
        disk.fill()
        form = asking(redirect_uri=f"{BACK}?long={LONG}") | {"username": "ada", "decision": "allow"}
        refused = await client.post(AUTHORIZE, data=form)
        assert refused.status_code == 507
        assert refused.headers["content-type"] == "text/html; charset=utf-8"
        assert "disk" in refused.text
        disk.free()
        allowed = await decide(client, asking())
        assert allowed.status_code == 302


async def test_a_token_that_cannot_be_kept_is_refused_as_json(seeded: Path) -> None:
    connection = connect(seeded, seed=1, scale=0)
    connection.execute("PRAGMA query_only=1")
    with World(Store(connection), time.time) as world:
        async with connect_client(create_app(world)) as client:
            form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": BACK}
            refused = await client.post(TOKEN, data=form, auth=AUTH)
            assert (refused.status_code, refused.json()["error"]) == (503, "service_unavailable")
            assert (await client.get(f"{BASE}/profile/ada")).status_code == 200


def test_a_damaged_file_is_no_reason_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "world.sqlite"
    path.write_bytes(b"not a database" * 1000)
    with World.open(path) as world:
        assert world.user("ada") is not None
    assert [found.read_bytes()[:14] for found in tmp_path.glob("*.set-aside-*")] == [b"not a database"]


PROGRAM = """
import asyncio, resource, sys
from pathlib import Path
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.models import Token
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import connect

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def main(path):
    app = create_app(lambda: World.open(path), rate_limit=0)
    limit(0)
    async with connect(app) as client:
        print((await client.get("users/ada")).status_code)
        token, draft = {"Authorization": "Bearer all"}, {"url": "http://new.example/", "title": "New"}
        was_there = path.exists()
        if was_there:
            print((await client.post("things", json=draft, headers=token)).status_code)
        limit(resource.RLIM_INFINITY)
        print((await client.get("users/ada")).status_code)
        if was_there:
            print((await client.get("user", headers=token)).status_code)
            print((await client.post("things", json=draft, headers=token)).status_code)
    app.state.world.close()

asyncio.run(main(Path(sys.argv[1])))
"""


def run_without_room(path: Path) -> list[int]:
    """Run a sandbox in a process that can write no file for a while; the statuses of what it answered."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert ended.stderr == ""
    return [int(line) for line in ended.stdout.split()]


def test_a_world_that_cannot_be_opened_for_writing_is_read_until_it_can(seeded: Path, tmp_path: Path) -> None:
    path = tmp_path / "world.sqlite"
    shutil.copy(seeded, path)
    with World.open(path) as world:
        world.store_token(Token("all", "ada", "flattr-tui", frozenset(ALL)))
    assert run_without_room(path) == [200, 503, 200, 200, 201]
    assert not list(tmp_path.glob("*.set-aside-*"))


def test_a_world_that_cannot_be_made_is_made_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    assert run_without_room(path) == [503, 200]
    assert [found.name for found in tmp_path.iterdir()] == ["new.sqlite"]


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="can't be opened"):
        World.open(tmp_path / "file" / "world.sqlite")

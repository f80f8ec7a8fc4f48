"""Tests of a full or failing disk: the sandbox responds with its documented errors, loses nothing, and recovers."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flattr_tui.sandbox.asgi_app import LazyWorld, create_app
from flattr_tui.sandbox.database import StorageError, Store, connect
from flattr_tui.sandbox.models import Token
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import BASE, make_client
from tests.sandbox.login_helpers import AUTH, AUTHORIZE, REDIRECT_URI, TOKEN, authorize_params, submit_decision
from tests.sandbox.sandbox_requests import ALL_SCOPES

BEARER = {"Authorization": "Bearer all"}
LONG_TEXT = "x" * 100_000


class LimitedDisk:
    """Sandbox data whose file can be kept from growing, as on a full disk."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path, seed=1, scale=0)
        self.world = World(Store(self._connection), time.time)
        self.world.store_token(Token("all", "ada", "flattr-tui", ALL_SCOPES))

    def fill(self) -> None:
        pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
        self._connection.execute(f"PRAGMA max_page_count={pages}")

    def free(self) -> None:
        self._connection.execute("PRAGMA max_page_count=1000000")


@pytest.fixture
def disk(tmp_path: Path, world: World) -> Iterator[LimitedDisk]:
    """A `LimitedDisk` with the generated data."""
    world.close()
    disk = LimitedDisk(tmp_path / "world.sqlite")
    with disk.world:
        yield disk


async def test_a_full_disk_refuses_writes_with_a_reason_and_recovers(disk: LimitedDisk) -> None:
    async with make_client(create_app(disk.world, rate_limit=0)) as client:
        before = (await client.get("user/things?count=100", headers=BEARER)).json()
        disk.fill()
        for number in range(2):
            draft = {"url": f"http://new.example/{number}", "title": "New", "description": LONG_TEXT}
            refused = await client.post("things", json=draft, headers=BEARER)
            assert refused.status_code == 507
            assert refused.json()["error"] == "insufficient_storage"
            assert "disk" in refused.json()["error_description"]
            assert "full" in refused.json()["error_description"]
        assert (await client.get("user/things?count=100", headers=BEARER)).json() == before
        disk.free()
        assert (await client.post("things", json=draft, headers=BEARER)).status_code == 201


async def test_a_login_on_a_full_disk_gets_an_error_page(disk: LimitedDisk) -> None:
    async with make_client(create_app(disk.world)) as client:
        disk.fill()
        form = authorize_params(redirect_uri=f"{REDIRECT_URI}?long={LONG_TEXT}") | {
            "username": "ada",
            "decision": "allow",
        }
        refused = await client.post(AUTHORIZE, data=form)
        assert refused.status_code == 507
        assert refused.headers["content-type"] == "text/html; charset=utf-8"
        assert "disk" in refused.text
        disk.free()
        allowed = await submit_decision(client, authorize_params())
        assert allowed.status_code == 302


async def test_a_token_that_cannot_be_stored_is_refused_as_json(seeded_world: Path) -> None:
    connection = connect(seeded_world, seed=1, scale=0)
    connection.execute("PRAGMA query_only=1")
    with World(Store(connection), time.time) as world:
        async with make_client(create_app(world)) as client:
            form = {"grant_type": "authorization_code", "code": "x", "redirect_uri": REDIRECT_URI}
            refused = await client.post(TOKEN, data=form, auth=AUTH)
            assert (refused.status_code, refused.json()["error"]) == (503, "service_unavailable")
            assert (await client.get(f"{BASE}/profile/ada")).status_code == 200


def test_a_damaged_database_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "world.sqlite"
    path.write_bytes(b"not a database" * 1000)
    with World.open(path) as world:
        assert world.user("ada") is not None
    assert [file.read_bytes()[:14] for file in tmp_path.glob("*.set-aside-*")] == [b"not a database"]


def test_what_a_killed_program_left_is_deleted_when_it_is_old(tmp_path: Path) -> None:
    old, new = tmp_path / ".world.sqlite-old", tmp_path / ".world.sqlite-new"
    for left in (old, new):
        left.touch()
    os.utime(old, (0, 0))
    World.open(tmp_path / "world.sqlite").close()
    assert (old.exists(), new.exists()) == (False, True)


def test_closing_does_not_wait_for_a_world_that_is_being_opened() -> None:
    opening, end = threading.Event(), threading.Event()

    def open_slowly() -> World:
        opening.set()
        end.wait(20)
        return World.open(None)

    world = LazyWorld(open_slowly)
    thread = threading.Thread(target=world)
    thread.start()
    assert opening.wait(20)
    world.close()
    assert thread.is_alive()
    end.set()
    thread.join()
    world.close()


PROGRAM = """
import asyncio, resource, sys
from pathlib import Path
from flattr_tui.sandbox.asgi_app import LazyWorld, create_app
from flattr_tui.sandbox.models import Token
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import make_client

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def main(path):
    app = create_app(lambda: World.open(path), rate_limit=0)
    limit(0)
    async with make_client(app) as client:
        print((await client.get("users/ada")).status_code)
        token, draft = {"Authorization": "Bearer all"}, {"url": "http://new.example/", "title": "New"}
        existed = path.exists()
        if existed:
            print((await client.post("things", json=draft, headers=token)).status_code)
        limit(resource.RLIM_INFINITY)
        print((await client.get("users/ada")).status_code)
        if existed:
            print((await client.get("user", headers=token)).status_code)
            print((await client.post("things", json=draft, headers=token)).status_code)
    app.state.world.close()

asyncio.run(main(Path(sys.argv[1])))
"""


def run_without_room(path: Path) -> list[int]:
    """Run a sandbox in a process that cannot write files at first. Returns the HTTP statuses of its responses."""
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


def test_a_world_that_cannot_be_opened_for_writing_is_read_until_it_can(seeded_world: Path, tmp_path: Path) -> None:
    path = tmp_path / "world.sqlite"
    shutil.copy(seeded_world, path)
    with World.open(path) as world:
        world.store_token(Token("all", "ada", "flattr-tui", ALL_SCOPES))
    assert run_without_room(path) == [200, 503, 200, 200, 201]
    assert not list(tmp_path.glob("*.set-aside-*"))


def test_a_world_that_cannot_be_made_is_made_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite"
    assert run_without_room(path) == [503, 200]
    assert [file.name for file in tmp_path.iterdir()] == ["new.sqlite"]


def test_an_impossible_folder_raises_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="can't be opened"):
        World.open(tmp_path / "file" / "world.sqlite")

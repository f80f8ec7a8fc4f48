"""Sandbox worlds for the library's tests: one that tests only read, and copies that a test may change."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from flattr_tui.sandbox.world import World
from tests.library.console_setup import ConsoleSetup
from tests.library.library_fixtures import Time
from tests.library.sandbox_accounts import NOW, Sandbox
from tests.library.saved_responses import OPENED

DEEP = 2_500
"""Number of flattrs of the sandbox's user `collector`."""


@pytest.fixture(autouse=True)
def close_searches() -> Iterator[None]:
    """Close the databases that `open_search` opened. From Python 3.13 on, an unclosed SQLite connection warns."""
    yield
    OPENED.close()


@pytest.fixture(scope="session")
def world_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database file of a sandbox world in which `collector` has `DEEP` flattrs."""
    path = tmp_path_factory.mktemp("library-world") / "world.sqlite"
    World.open(path, scale=DEEP).close()
    return path


@pytest.fixture(scope="session")
def shared_world(tmp_path_factory: pytest.TempPathFactory, world_file: Path) -> Iterator[World]:
    """The sandbox world in which `collector` has a long list, shared by all tests: they must not change it."""
    copy = tmp_path_factory.mktemp("library-people") / "world.sqlite"
    shutil.copy(world_file, copy)
    with World.open(copy, scale=DEEP) as world:
        yield world


@pytest.fixture
def world(tmp_path: Path, world_file: Path) -> Iterator[World]:
    """A copy of the sandbox world in which `collector` has a long list. The test may change the copy."""
    copy = tmp_path / "world.sqlite"
    shutil.copy(world_file, copy)
    with World.open(copy, scale=DEEP) as opened:
        yield opened


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def sandbox(tmp_path: Path, seeded_world: Path) -> Iterator[Sandbox]:
    """A sandbox world with its server, at which the test may log in and write."""
    with World.open(Path(shutil.copy(seeded_world, tmp_path / "sandbox.sqlite")), clock=lambda: NOW) as world:
        yield Sandbox(world, tmp_path)


@pytest.fixture
async def setup(tmp_path: Path, seeded_world: Path) -> AsyncIterator[ConsoleSetup]:
    """A sandbox, a store, and a method to make API consoles that use both."""
    setup = ConsoleSetup(tmp_path, seeded_world)
    yield setup
    await setup.close()

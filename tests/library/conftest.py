"""Worlds for the library's tests: one to read, and a fresh one for each test that changes it."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from flattr_tui.sandbox.world import World
from tests.library.console_setup import ConsoleSetup
from tests.library.library_fixtures import Time
from tests.library.sandbox_accounts import NOW, Sandbox
from tests.library.saved_answers import OPENED

DEEP = 2_500
"""How many flattrs the user `collector` has."""


@pytest.fixture(autouse=True)
def closed_finders() -> Iterator[None]:
    """Close what a test searched in: from Python 3.13 on, a connection that is left open warns."""
    yield
    OPENED.close()


@pytest.fixture(scope="session")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a world with a long list."""
    path = tmp_path_factory.mktemp("library-world") / "world.sqlite"
    World.open(path, scale=DEEP).close()
    return path


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory, deep: Path) -> Iterator[World]:
    """A world to read."""
    copy = tmp_path_factory.mktemp("library-people") / "world.sqlite"
    shutil.copy(deep, copy)
    with World.open(copy, scale=DEEP) as world:
        yield world


@pytest.fixture
def world(tmp_path: Path, deep: Path) -> Iterator[World]:
    """A world to change."""
    copy = tmp_path / "world.sqlite"
    shutil.copy(deep, copy)
    with World.open(copy, scale=DEEP) as opened:
        yield opened


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def sandbox(tmp_path: Path, seeded: Path) -> Iterator[Sandbox]:
    """A world to log in to and act in."""
    with World.open(Path(shutil.copy(seeded, tmp_path / "sandbox.sqlite")), clock=lambda: NOW) as world:
        yield Sandbox(world, tmp_path)


@pytest.fixture
async def setup(tmp_path: Path, seeded: Path) -> AsyncIterator[ConsoleSetup]:
    """A console, and what is behind it."""
    setup = ConsoleSetup(tmp_path, seeded)
    yield setup
    await setup.close()

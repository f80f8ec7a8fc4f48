"""The program over a whole sandbox in-process, at a fixed time; and how its screen is read."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.library.library import Library
from flattr_tui.sandbox.world import World
from flattr_tui.ui.app import FlattrApp
from tests.library import library_fixtures
from tests.ui.console_workspace import ConsoleWorkspace
from tests.ui.driver import Driver, clock
from tests.ui.idle_wait import watched
from tests.ui.workspace import Workspace


@pytest.fixture(autouse=True)
def no_idling() -> Iterator[None]:
    """Wait for the program, not for the clock."""
    with watched():
        yield


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> Iterator[World]:
    """A world to read."""
    copy = shutil.copy(seeded, tmp_path_factory.mktemp("people") / "world.sqlite")
    with World.open(Path(copy), clock=clock) as world:
        yield world


@pytest.fixture
def world(tmp_path: Path, seeded: Path) -> Iterator[World]:
    """A world to change."""
    with World.open(Path(shutil.copy(seeded, tmp_path / "world.sqlite")), clock=clock) as world:
        yield world


@pytest.fixture
def workspace(world: World, tmp_path: Path) -> Workspace:
    """Somebody's place in a world to change."""
    return Workspace(world, tmp_path)


@pytest.fixture
async def setup(world: World, tmp_path: Path) -> AsyncIterator[ConsoleWorkspace]:
    """A workspace with the console on it."""
    setup = ConsoleWorkspace(world, tmp_path)
    yield setup
    for client in setup.clients:
        await client.aclose()


Make = Callable[..., Library]


@pytest.fixture
def make_library(people: World, tmp_path: Path) -> Make:
    """Make a library over the sandbox; those in one folder share what is saved."""

    def make(folder: str = "home", **options: Any) -> Library:
        return library_fixtures.make_library(tmp_path / folder, people, **options)

    return make


Start = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.fixture
def start(make_library: Make, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start the program. What it tells stays told, however busy the machine is."""
    monkeypatch.setattr(FlattrApp, "NOTIFICATION_TIMEOUT", 600.0)

    @asynccontextmanager
    async def started(
        library: Library | None = None, size: tuple[int, int] = (120, 40), **options: Any
    ) -> AsyncIterator[Driver]:
        app = FlattrApp(library or make_library(), clock=clock, **options)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            yield driver

    return started

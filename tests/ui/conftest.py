"""Fixtures that run the app over a sandbox in the same process, with a fixed clock."""

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
from tests.ui.idle_wait import fast_idle_wait
from tests.ui.workspace import Workspace


@pytest.fixture(autouse=True)
def wait_for_idle() -> Iterator[None]:
    """Let the pilot wait until the app is idle instead of for a fixed time."""
    with fast_idle_wait():
        yield


@pytest.fixture(scope="session")
def shared_world(tmp_path_factory: pytest.TempPathFactory, seeded_world: Path) -> Iterator[World]:
    """A sandbox world that the whole session shares: read it only."""
    copy = shutil.copy(seeded_world, tmp_path_factory.mktemp("people") / "world.sqlite")
    with World.open(Path(copy), clock=clock) as world:
        yield world


@pytest.fixture
def world(tmp_path: Path, seeded_world: Path) -> Iterator[World]:
    """A sandbox world of the test's own, which it may change."""
    with World.open(Path(shutil.copy(seeded_world, tmp_path / "world.sqlite")), clock=clock) as world:
        yield world


@pytest.fixture
async def workspace(world: World, tmp_path: Path) -> AsyncIterator[Workspace]:
    """A `Workspace` over the test's own world. Its libraries are closed after the test."""
    workspace = Workspace(world, tmp_path)
    yield workspace
    for library in workspace.libraries:
        await library.aclose()


@pytest.fixture
async def setup(world: World, tmp_path: Path) -> AsyncIterator[ConsoleWorkspace]:
    """A `ConsoleWorkspace` over the test's own world. Its clients are closed after the test."""
    setup = ConsoleWorkspace(world, tmp_path)
    yield setup
    for client in setup.clients:
        await client.aclose()


Make = Callable[..., Library]


@pytest.fixture
def make_library(shared_world: World, tmp_path: Path) -> Make:
    """A function that makes a library over the shared world. Libraries of the same folder share their saved data."""

    def make(folder: str = "home", **options: Any) -> Library:
        return library_fixtures.make_library(tmp_path / folder, shared_world, **options)

    return make


Start = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.fixture
def start(make_library: Make, monkeypatch: pytest.MonkeyPatch) -> Start:
    """A function that starts the app and gives its `Driver`.

    Notifications stay for ten minutes, so that a slow machine doesn't drop them before the test reads them.
    """
    monkeypatch.setattr(FlattrApp, "NOTIFICATION_TIMEOUT", 600.0)

    @asynccontextmanager
    async def run_app(
        library: Library | None = None, size: tuple[int, int] = (120, 40), **options: Any
    ) -> AsyncIterator[Driver]:
        app = FlattrApp(library or make_library(), clock=clock, **options)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            yield driver

    return run_app

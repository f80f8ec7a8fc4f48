"""Fixtures that run the app over a sandbox in the same process, with a fixed clock."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from textual.css import stylesheet
from textual.css.model import RuleSet
from textual.css.parse import parse
from textual.css.tokenize import tokenize_values

from flattr_tui.library.library import Library
from flattr_tui.library.preferences import Preferences
from flattr_tui.sandbox.world import World
from flattr_tui.ui.app import SANDBOX_USER, FlattrApp
from tests.library import library_fixtures
from tests.ui.console_workspace import ConsoleWorkspace
from tests.ui.driver import Driver, clock
from tests.ui.idle_wait import fast_idle_wait
from tests.ui.profile_visit import visit_profile
from tests.ui.workspace import Workspace


@pytest.fixture(scope="session", autouse=True)
def parsed_sheets() -> Iterator[None]:
    """Parse each stylesheet only once in this process, because all tests use the same stylesheets."""
    tokens: dict[Hashable, Any] = {}
    rules: dict[Hashable, list[RuleSet]] = {}

    def tokenize_once(variables: dict[str, str]) -> Any:
        key = frozenset(variables.items())
        if key not in tokens:
            tokens[key] = tokenize_values(variables)
        return tokens[key]

    def parse_once(scope: str, css: str, source: Any, *, variable_tokens: Any, **options: Any) -> list[RuleSet]:
        key = (scope, css, source, id(variable_tokens), *options.items())
        if key not in rules:
            rules[key] = list(parse(scope, css, source, variable_tokens=variable_tokens, **options))
        return rules[key]

    with (
        patch.object(stylesheet, "tokenize_values", tokenize_once),
        patch.object(stylesheet, "parse", parse_once),
    ):
        yield


@pytest.fixture(autouse=True)
def wait_for_idle() -> Iterator[None]:
    """Let Textual's pilot wait until the app is idle, and not for a fixed time."""
    with fast_idle_wait():
        yield


@pytest.fixture(scope="session")
def shared_world(tmp_path_factory: pytest.TempPathFactory, seeded_world: Path) -> Iterator[World]:
    """A sandbox world that all tests of the session share: they must not change it."""
    copy = shutil.copy(seeded_world, tmp_path_factory.mktemp("people") / "world.sqlite")
    with World.open(Path(copy), clock=clock) as world:
        yield world


@pytest.fixture
def world(tmp_path: Path, seeded_world: Path) -> Iterator[World]:
    """A sandbox world for one test, which the test may change."""
    with World.open(Path(shutil.copy(seeded_world, tmp_path / "world.sqlite")), clock=clock) as world:
        yield world


@pytest.fixture(scope="session")
def visited_folder(tmp_path_factory: pytest.TempPathFactory, seeded_world: Path) -> Path:
    """A library's folder with two saved profiles, fetched without an account and as the owner of the first profile."""
    folder = tmp_path_factory.mktemp("visited")
    copy = shutil.copy(seeded_world, tmp_path_factory.mktemp("visited-world") / "world.sqlite")
    with World.open(Path(copy), clock=clock) as world:
        workspace = Workspace(world, folder)
        workspace.grant(SANDBOX_USER)
        for account in ("", SANDBOX_USER):
            for username in (SANDBOX_USER, "melodia"):
                asyncio.run(visit_profile(workspace.library(account), username))
    (folder / "tokens.json").unlink()
    return folder


@pytest.fixture
async def workspace(
    world: World, visited_folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Workspace]:
    """A `Workspace` with the test's own sandbox world as its server. Its libraries are closed after the test.

    Its folder starts with saved profiles; with the fixture `nothing_saved`, it starts empty.
    """
    if "nothing_saved" not in request.fixturenames:
        shutil.copytree(visited_folder, tmp_path, dirs_exist_ok=True)
    workspace = Workspace(world, tmp_path)
    yield workspace
    for library in workspace.libraries:
        await library.aclose()


@pytest.fixture
async def setup(world: World, tmp_path: Path) -> AsyncIterator[ConsoleWorkspace]:
    """A `ConsoleWorkspace` with the test's own sandbox world as its server. Its clients are closed after the test."""
    setup = ConsoleWorkspace(world, tmp_path)
    yield setup
    for client in setup.clients:
        await client.aclose()


Make = Callable[..., Library]


@pytest.fixture
async def make_library(
    shared_world: World, visited_folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Make]:
    """A function that makes a library with the shared world as its server. Libraries in one folder share saved data.

    Without options, the library starts with the profile that the app shows first, as if it had been fetched a moment
    ago. So a start sends no requests, and takes half the CPU time. With options, or with the fixture `nothing_saved`,
    the library starts empty, for tests of requests and of pages that are being fetched. All libraries are closed after
    the test.
    """
    is_first_visit = "nothing_saved" in request.fixturenames
    libraries: list[Library] = []

    def make(folder: str = "home", **options: Any) -> Library:
        path = tmp_path / folder
        if not (options or is_first_visit or path.exists()):
            shutil.copytree(visited_folder, path)
        libraries.append(library_fixtures.make_library(path, shared_world, **options))
        return libraries[-1]

    yield make
    for library in libraries:
        await library.aclose()


Start = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.fixture
def start(make_library: Make, monkeypatch: pytest.MonkeyPatch) -> Start:
    """A function that starts the app in the mode `place`, by default in the profile, and returns its `Driver`.

    Notifications stay for ten minutes, so that on a slow machine they don't expire before the test reads them.
    """
    monkeypatch.setattr(FlattrApp, "NOTIFICATION_TIMEOUT", 600.0)

    @asynccontextmanager
    async def run_app(
        library: Library | None = None, size: tuple[int, int] = (120, 40), *, place: str = "", **options: Any
    ) -> AsyncIterator[Driver]:
        if place:
            options["preferences"] = Preferences(place=place, is_welcome_dismissed=True)
        app = FlattrApp(library or make_library(), clock=clock, **options)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.settle_undrawn()
            yield driver

    return run_app

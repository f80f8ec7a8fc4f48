"""The program over a whole sandbox in-process, at a fixed time; and how its screen is read."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from flattr_tui.library.library import Library
from flattr_tui.sandbox.world import World
from flattr_tui.ui.app import FlattrApp
from tests.library import support

NAMES = {" ": "space", "&": "ampersand", "|": "vertical_line", "!": "exclamation_mark", ":": "colon", "/": "slash"}
"""Characters whose keys have names."""
NOW = support.NOW


def clock() -> float:
    return NOW


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world to read."""
    with World.open(tmp_path_factory.mktemp("people") / "world.sqlite", clock=clock) as world:
        yield world


Make = Callable[..., Library]


@pytest.fixture
def make_library(people: World, tmp_path: Path) -> Make:
    """Make a library over the sandbox; those in one folder share what is saved."""

    def make(folder: str = "home", **options: Any) -> Library:
        return support.make_library(tmp_path / folder, people, **options)

    return make


@dataclass
class Driver:
    """Presses keys and reads the screen."""

    app: FlattrApp
    pilot: Pilot[int]

    async def settle(self) -> None:
        """Wait until nothing is under way any more and the screen shows it."""
        await self.pilot.pause()
        await support.settle(self.app.library)
        for worker in [worker for worker in self.app.workers if worker.group != "fetcher"]:
            with suppress(WorkerCancelled):  # a later one took its place
                await worker.wait()
        await self.pilot.pause()
        await self.pilot.pause()

    async def press(self, *keys: str) -> str:
        """Press keys, and read the screen when all is there."""
        await self.pilot.press(*keys)
        await self.settle()
        return self.text

    async def type(self, text: str) -> str:
        """Type a text, and read the screen."""
        return await self.press(*(NAMES.get(character, character) for character in text))

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    @property
    def notices(self) -> list[str]:
        """What was told."""
        return [notice.message for notice in self.app._notifications]


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

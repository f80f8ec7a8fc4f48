"""Presses keys of the program under test, and reads its screen."""

from contextlib import suppress
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.worker import Worker, WorkerCancelled

from flattr_tui.ui.app import FlattrApp
from tests.library import library_fixtures

NAMES = {" ": "space", "&": "ampersand", "|": "vertical_line", "!": "exclamation_mark", ":": "colon", "/": "slash"}
"""Characters whose keys have names."""
NOW = library_fixtures.NOW


def clock() -> float:
    return NOW


@dataclass
class Driver:
    """Presses keys and reads the screen."""

    app: FlattrApp
    pilot: Pilot[int]

    async def settle(self) -> None:
        """Wait until nothing is under way any more and the screen shows it."""
        while True:
            await self.pilot.pause()
            await library_fixtures.settle(self.app.library)
            for worker in self._working():
                with suppress(WorkerCancelled):  # a later one took its place
                    await worker.wait()
            await self.pilot.pause()  # what is shown now may ask for more
            if not self._working() and not library_fixtures.is_busy(self.app.library):
                return

    def _working(self) -> list[Worker[object]]:
        return [worker for worker in self.app.workers if worker.group != "fetcher" and not worker.is_finished]

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

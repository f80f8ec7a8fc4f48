"""Drives the app in a test: presses keys, waits, and reads the screen as text."""

from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass

from textual.pilot import Pilot
from textual.worker import Worker, WorkerCancelled

from flattr_tui.ui.app import FlattrApp
from tests.library import library_fixtures
from tests.ui.idle_wait import fast_typing, find_screen_state, without_drawing

NAMES = {" ": "space", "&": "ampersand", "|": "vertical_line", "!": "exclamation_mark", ":": "colon", "/": "slash"}
"""The names that Textual gives to the keys of some characters, by character."""
SIZES = ((120, 40), (80, 24), (40, 12))
"""Sizes (columns, rows) of terminals on which each page must be usable. Most tests use the first one."""
NOW = library_fixtures.NOW


def clock() -> float:
    return NOW


@dataclass
class Driver:
    """An app under test, with its pilot: presses keys and returns the screen as text."""

    app: FlattrApp
    pilot: Pilot[int]
    _read: tuple[Hashable, str] = (None, "")

    async def settle(self) -> None:
        """Wait until the library and all workers are idle, and the screen shows the result of their work."""
        while True:
            with without_drawing():
                await self.pilot.pause()
                await library_fixtures.settle(self.app.library)
                for worker in self._running_workers():
                    with suppress(WorkerCancelled):  # a newer worker replaced it
                        await worker.wait()
            await self.pilot.pause()  # what is drawn now may start new requests
            if not self._running_workers() and not library_fixtures.is_busy(self.app.library):
                return

    async def settle_undrawn(self) -> None:
        """Wait until the library and all workers are idle. The screen is drawn only at the next key, or to read `text`.

        Drawing takes a quarter of the CPU time of a start, and most tests then go to another page.
        """
        with without_drawing():
            await self.settle()

    def _running_workers(self) -> list[Worker[object]]:
        return [worker for worker in self.app.workers if worker.group != "fetcher" and not worker.is_finished]

    async def press(self, *keys: str) -> str:
        """Press keys, wait until the app is idle, and return the text of the screen."""
        await self.pilot.press(*keys)
        await self.settle()
        return self.text

    async def type(self, text: str) -> str:
        """Type a text without pauses, wait until the app is idle, and return the text of the screen."""
        with fast_typing():
            await self.pilot.press(*(NAMES.get(character, character) for character in text))
        await self.settle()
        return self.text

    async def resize(self, width: int, height: int) -> str:
        """Give the terminal another size, wait until the app is idle, and return the text of the screen."""
        await self.pilot.resize_terminal(width, height)
        await self.settle()
        return self.text

    @property
    def text(self) -> str:
        """The text of the screen: one line for each row, without trailing spaces."""
        state = find_screen_state(self.app)
        if state is None or state != self._read[0]:  # half of the reads come without a change
            text = "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())
            self._read = (state, text)
        return self._read[1]

    @property
    def notices(self) -> list[str]:
        """The messages of the notices on screen, oldest first."""
        return [notice.message for notice in self.app._notifications]

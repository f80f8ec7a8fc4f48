"""Adapts drawing to terminals that know few characters: the Linux console, and terminals without Unicode."""

import re
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from textual.driver import Driver

from flattr_tui.ui.text_encoding import GLYPHS, closest_text

UNKNOWN: Final = re.compile(r"\x1b\[(?:\?[0-9]+\$p|[<>][0-9]*u)")
"""Queries of modes, and kitty's keyboard protocol."""
CLEAR: Final = "\x1b[2J\x1b[H"


def for_linux_console(driver: type[Driver]) -> type[Driver]:
    """Return a driver class for `TERM=linux`, the text mode without a desktop.

    It uses only glyphs of the console's font, and clears the screen at its end: the console has 16 colours, a font of
    256 or 512 glyphs, and no alternate screen; old kernels print the end of queries that they do not know. Source:
    console_codes(4); the font is that of the kernel, drivers/tty/vt/cp437.uni.
    """

    class ConsoleDriver(driver):  # type: ignore[misc, valid-type]
        def write(self, data: str) -> None:
            super().write(UNKNOWN.sub("", data).translate(GLYPHS))

        def stop_application_mode(self) -> None:
            super().stop_application_mode()
            self.write(CLEAR)
            self.flush()

    return ConsoleDriver


def for_encoding(driver: type[Driver], encoding: str) -> type[Driver]:
    """Return a driver class that writes only encodable characters, each in as many cells as the original.

    It draws with ASCII, or with the characters of an older encoding.
    """

    @lru_cache(maxsize=4096)
    def replace(text: str) -> str:
        fitting = "".join(closest_text(character, encoding) for character in text)
        width = cell_len(text)
        return fitting[:width].ljust(width)

    class EncodedDriver(driver):  # type: ignore[misc, valid-type]
        def write(self, data: str) -> None:
            super().write(re.sub(r"[^\x00-\x7f]+", lambda found: replace(found[0]), data))

    return EncodedDriver

"""Adapts drawing to the Linux console (`TERM=linux`), the text mode without a desktop.

It has 16 colours, a font of 256 or 512 glyphs, and no alternate screen; old kernels print the end of queries that they
do not know. Source: console_codes(4); the font is that of the kernel, drivers/tty/vt/cp437.uni.
"""

import re
from typing import Final

from textual.driver import Driver

from flattr_tui.ui.text_encoding import GLYPHS

UNKNOWN: Final = re.compile(r"\x1b\[(?:\?[0-9]+\$p|[<>][0-9]*u)")
"""Queries of modes, and kitty's keyboard protocol."""
CLEAR: Final = "\x1b[2J\x1b[H"


def for_linux_console(driver: type[Driver]) -> type[Driver]:
    """Return a driver class that uses only glyphs of the console's font, and clears the screen at its end."""

    class ConsoleDriver(driver):  # type: ignore[misc, valid-type]
        def write(self, data: str) -> None:
            super().write(UNKNOWN.sub("", data).translate(GLYPHS))

        def stop_application_mode(self) -> None:
            super().stop_application_mode()
            self.write(CLEAR)
            self.flush()

    return ConsoleDriver

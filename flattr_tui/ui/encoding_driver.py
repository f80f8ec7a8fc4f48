"""Draws on terminals whose locale has no Unicode: with ASCII, or with the characters of an older encoding."""

import re
from functools import lru_cache

from rich.cells import cell_len
from textual.driver import Driver

from flattr_tui.ui.text_encoding import closest_text


def for_encoding(driver: type[Driver], encoding: str) -> type[Driver]:
    """Return a driver class that writes only encodable characters, each in as many cells as the original."""

    @lru_cache(maxsize=4096)
    def replace(text: str) -> str:
        fitting = "".join(closest_text(character, encoding) for character in text)
        width = cell_len(text)
        return fitting[:width].ljust(width)

    class EncodedDriver(driver):  # type: ignore[misc, valid-type]
        def write(self, data: str) -> None:
            super().write(re.sub(r"[^\x00-\x7f]+", lambda found: replace(found[0]), data))

    return EncodedDriver

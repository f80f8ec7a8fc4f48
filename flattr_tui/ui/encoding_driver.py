"""Draws on terminals whose locale has no Unicode: with ASCII, or with the characters of an older encoding."""

import codecs
import locale
import os
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from textual.driver import Driver

from flattr_tui.ui.console_driver import GLYPHS

LOCALE_VARIABLES: Final = ("LC_ALL", "LC_CTYPE", "LANG")
"""The first of these that is set counts (POSIX, Base Definitions 8.2)."""
ASCII: Final = {
    **dict(zip("▁▂▃▄▅▆▇█", "_.-=+*%#", strict=True)),  # the levels of a chart
    **dict.fromkeys("━", "="),
    **dict.fromkeys("╸╺╍", "-"),
    **dict.fromkeys("─▀▔–—·", "-"),
    **dict.fromkeys("│┃║▌▐▏▕▎▊▍", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯♥", "+"),
    **dict.fromkeys("░", "."),
    **dict.fromkeys("▒", ":"),
    **dict.fromkeys("▓", "%"),
    **dict.fromkeys("▸▶►≥→›", ">"),
    **dict.fromkeys("≤←‹", "<"),
    **dict.fromkeys("▾▼↓√✓", "v"),
    **dict.fromkeys("↑", "^"),
    **dict.fromkeys("●•★■▪⟳↻", "*"),
    **dict.fromkeys("○◐◌☆", "o"),
    **dict.fromkeys("…⋯", "."),
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("‘’‚", "'"),
    **dict(zip("‖×€ßøØłŁđðþæœıÆŒ", "=xEsoOlLddtaoiAO", strict=True)),
}
"""What comes nearest to a character in ASCII: each is one cell wide. Accents are dropped before this is asked."""


def find_encoding(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the codec of the locale's encoding; None if it is UTF-8, or if no locale is set."""
    name = next((environment[name] for name in LOCALE_VARIABLES if environment.get(name)), "")
    if not name or "utf8" in name.lower().replace("-", ""):  # also one that is not installed: the terminal may know it
        return None
    try:
        codec = codecs.lookup(locale.getencoding()).name
    except LookupError:
        codec = "ascii"
    return None if codec == "utf-8" else codec


def for_encoding(driver: type[Driver], encoding: str) -> type[Driver]:
    """Return a driver class that writes only what a codec can encode, each character in the cells that it had."""

    @lru_cache(maxsize=4096)
    def replace(text: str) -> str:
        fitting = "".join(nearest(character, encoding) for character in text)
        width = cell_len(text)
        return fitting[:width].ljust(width)

    class EncodedDriver(driver):  # type: ignore[misc, valid-type]
        def write(self, data: str) -> None:
            super().write(re.sub(r"[^\x00-\x7f]+", lambda found: replace(found[0]), data))

    return EncodedDriver


@lru_cache(maxsize=4096)
def nearest(character: str, encoding: str) -> str:
    """Return what comes nearest to a character in an encoding, in as many cells; `?` for each cell if nothing does."""
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        pass
    else:
        return character
    if found := ASCII.get(character) or ASCII.get(character.translate(GLYPHS)):
        return found
    if (plain := unicodedata.normalize("NFKD", character)[0]).isascii():
        return plain
    return ASCII.get(plain) or "?" * cell_len(character)

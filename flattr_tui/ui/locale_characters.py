"""The characters that a locale without Unicode can show, and substitutes for the others."""

import codecs
import locale
import os
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from rich.cells import cell_len

GLYPHS: Final = str.maketrans(
    {
        **dict.fromkeys("▁▂", "_"),
        **dict.fromkeys("▃▅", "▄"),
        **dict.fromkeys("▆▇▉▊▋▛▜▙▟", "█"),
        **dict.fromkeys("▍▎▖▘", "▌"),
        **dict.fromkeys("▗▝", "▐"),
        **dict.fromkeys("▔", "▀"),
        **dict.fromkeys("▚▞", "▒"),
        **dict.fromkeys("▏▕┃╏", "│"),
        **dict.fromkeys("━╍╸╺", "─"),
        **dict.fromkeys("╭┏", "┌"),
        **dict.fromkeys("╮┓", "┐"),
        **dict.fromkeys("╰┗", "└"),
        **dict.fromkeys("╯┛", "┘"),
        **dict.fromkeys("┣", "├"),
        **dict.fromkeys("┫", "┤"),
        **dict.fromkeys("●⭘", "•"),
        **dict.fromkeys("◐◌", "○"),
        **dict.fromkeys("★⟳↻", "*"),
        **dict.fromkeys("▸▶‣⭑", "►"),
        **dict.fromkeys("▾", "▼"),
        **dict.fromkeys("▪", "■"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("–—", "-"),
        "‖": "║",
        "‹": "<",
        "›": ">",
        "✓": "√",
        "×": "x",
        "…": ".",
        "⋯": ".",
    }
)
"""Characters that the Linux console's font lacks, and the most similar ones that it has, each one cell wide."""
LOCALE_VARIABLES: Final = ("LC_ALL", "LC_CTYPE", "LANG")
"""Environment variables for the locale. The first one that is set is used (POSIX, Base Definitions 8.2)."""
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
"""The most similar ASCII text for each character, one cell wide. It is used after accents are removed."""


def find_encoding(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the codec of the locale's encoding; None if it is UTF-8, or if no locale is set."""
    name = next((environment[name] for name in LOCALE_VARIABLES if environment.get(name)), "")
    if not name or "utf8" in name.lower().replace("-", ""):  # even if it is not installed: the terminal may know it
        return None
    try:
        codec = codecs.lookup(locale.getencoding()).name
    except LookupError:
        codec = "ascii"
    return None if codec == "utf-8" else codec


@lru_cache(maxsize=4096)
def closest_text(character: str, encoding: str) -> str:
    """Return a character or its most similar substitute in an encoding, as wide as it; `?` per cell for none."""
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

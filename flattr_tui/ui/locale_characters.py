"""Finds out which characters a locale without Unicode can show, and substitutes similar ones for the others."""

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
"""For each character that the Linux console's font lacks, the most similar one that it has. All are one cell wide."""
LOCALE_VARIABLES: Final = ("LC_ALL", "LC_CTYPE", "LANG")
"""Environment variables that set the locale. The first one that is not empty counts (POSIX, Base Definitions 8.2)."""
ASCII: Final = {
    **dict(zip("▁▂▃▄▅▆▇█", "_.-=+*%#", strict=True)),  # the levels of a chart
    **dict.fromkeys("━", "="),
    **dict.fromkeys("╸╺╍", "-"),
    **dict.fromkeys("─▀▔–—·−", "-"),
    **dict.fromkeys("│┃║▌▐▏▕▎▊▍", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯♥", "+"),
    **dict.fromkeys("░", "."),
    **dict.fromkeys("▒", ":"),
    **dict.fromkeys("▓", "%"),
    **dict.fromkeys("▸▶►≥→›", ">"),
    **dict.fromkeys("≤←‹", "<"),
    **dict.fromkeys("▾▼↓√✓", "v"),
    **dict.fromkeys("↑▲", "^"),
    **dict.fromkeys("●•★■▪⟳↻", "*"),
    **dict.fromkeys("○◐◌☆☺", "o"),
    **dict.fromkeys("±", "~"),
    **dict.fromkeys("…⋯", "."),
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("‘’‚", "'"),
    **dict(zip("‖×€ßøØłŁđðþæœıÆŒ", "=xEsoOlLddtaoiAO", strict=True)),
}
"""For each character, the most similar ASCII character. Accents need no entries: they are removed first."""


def find_encoding(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the name of the codec for the locale's encoding; None if that is UTF-8, or if no locale is set.

    `environment` contains the environment variables, in which the locale is set.
    """
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
    """Return `character` if `encoding` has it, otherwise the most similar text that `encoding` has.

    If no text is similar, return a `?` for each cell of the character.
    """
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

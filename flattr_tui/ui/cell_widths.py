"""How many cells of a terminal a text takes. Rich measures text for Textual; here it learns to count as terminals do.

Rich and terminals disagree about some characters, which displaces the text after them:

- Spacing marks of Indic scripts (Unicode category Mc): Rich and kitty count no cell, xterm, tmux, screen and foot count
  one. Here a mark counts as one cell, and is drawn over a blank, so that nothing moves if a terminal uses no cell.
- Emoji sequences (joined by ZWJ, with a skin tone, with variation selector 16, flags): some terminals draw one emoji,
  others draw each part. Here only the first emoji is drawn, and a flag as its two letters.
- Emoji that the terminal is too old to know: the text after them is positioned explicitly.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import repeat

from rich import cells
from rich._unicode_data import load

ZWJ = "\u200d"
SELECTORS = "\ufe0e\ufe0f"
DROPPED = f"{SELECTORS}\u20e3"
"""Characters that are not drawn: variation selectors and the keycap frame. Terminals disagree about their width."""
SOFT_HYPHEN = "\u00ad"
REGIONAL_A = 0x1F1E6
"""Code point of the first regional indicator. Regional indicators stand for the letters A to Z; two form a flag."""
EMOJI = 0x1F000
"""Code point at which the emoji that are two cells wide begin; the rare ideographs begin at `IDEOGRAPHS`."""
IDEOGRAPHS = 0x20000

Span = tuple[int, int, int]
"""Start and end of a grapheme in its text, and its width in cells."""


@cache
def _table_with_marks(unicode_version: str = "auto") -> cells.CellTable:
    """Return Rich's table of character widths, but with a width of one cell for spacing marks (category Mc)."""
    table = load(unicode_version)
    widths: list[tuple[int, int, int]] = []
    for first, last, width in table.widths:
        if width or first >= IDEOGRAPHS:
            widths.append((first, last, width))
            continue
        start = first
        for mark in [point for point in range(first, last + 1) if unicodedata.category(chr(point)) == "Mc"]:
            if start < mark:
                widths.append((start, mark - 1, 0))
            start = mark + 1
        if start <= last:
            widths.append((start, last, 0))
    return table._replace(widths=widths)


def split_graphemes(text: str, unicode_version: str = "auto") -> tuple[list[Span], int]:
    """Split a text into graphemes. Return their spans, and the width of the whole text in cells.

    A span: start index, end index (excluded), width in cells. Replaces Rich's function, which has the same parameters.
    """
    spans: list[Span] = []
    total = at = 0
    while at < len(text):
        start, width = at, cells.get_character_cell_size(text[at], unicode_version)
        is_symbol = text[at] in _table_with_marks(unicode_version).narrow_to_wide and not text[at].isascii()
        is_emoji = width == 2 or is_symbol
        at += 1
        while at < len(text):
            is_joined = is_emoji and text[at - 1] == ZWJ and at - 1 > start
            if not is_joined and cells.get_character_cell_size(text[at], unicode_version):
                break
            at += 1
        if width == 0 and spans:
            spans[-1] = (spans[-1][0], at, spans[-1][2])
        else:
            spans.append((start, at, width))
        total += width
    return spans, total


def _cell_len(text: str, unicode_version: str) -> int:
    if text.isascii() and text.isprintable():
        return len(text)
    if ZWJ not in text:
        return sum(map(cells.get_character_cell_size, text, repeat(unicode_version)))
    return split_graphemes(text, unicode_version)[1]


def adopt_terminal_widths() -> None:
    """Make Rich, and with it Textual, measure text as terminals do."""
    if cells.split_graphemes is split_graphemes:
        return
    replaced = {"load_cell_table": _table_with_marks, "split_graphemes": split_graphemes, "_cell_len": _cell_len}
    for name, ours in replaced.items():
        setattr(cells, name, ours)  # Rich has no other way to measure differently
    cells.get_character_cell_size.cache_clear()
    cells.cached_cell_len.cache_clear()


@lru_cache(maxsize=4096)
def is_undisputed(text: str) -> bool:
    """Whether all terminals draw each character of the text in as many cells as Rich counts."""
    return all(
        (
            cells.get_character_cell_size(character) == 1
            and unicodedata.category(character) not in {"Mc", "Cf"}
            and not _is_regional(character)
        )
        or (cells.get_character_cell_size(character) == 2 and not _is_emoji(character))
        for character in text
    )


@lru_cache(maxsize=1024)
def drawn_pieces(text: str) -> Sequence[tuple[int, str]]:
    """Split a text into the parts to draw. Each part is a pair: its offset in cells, and its text.

    The caller first draws blanks over the full width, then each part at its offset. If a terminal draws a part in fewer
    cells than counted, blanks remain in the other cells.
    """
    pieces: list[tuple[int, str]] = []
    place = begin = 0
    piece, is_disputed = "", False
    for start, end, width in split_graphemes(text)[0]:
        cluster = text[start:end]
        if is_disputed and (cluster == " " or _is_emoji(cluster[0])):
            pieces.append((begin, piece))
            piece, is_disputed = "", False
        if not piece:
            begin = place
        if piece or cluster != " ":
            piece += _portable_form(cluster)
        is_disputed = is_disputed or not is_undisputed(cluster)
        place += width
        if _is_emoji(cluster[0]):
            pieces.append((begin, piece))
            piece, is_disputed = "", False
    return [*pieces, (begin, piece)] if piece else pieces


def _portable_form(grapheme: str) -> str:
    """Return a similar text for one grapheme. All terminals draw the text in the same number of cells."""
    first = grapheme[0]
    if _is_regional(first):
        return chr(ord(first) - REGIONAL_A + ord("A"))
    if first == SOFT_HYPHEN:
        return "-"
    if _is_emoji(first):
        marks = (character for character in grapheme.partition(ZWJ)[0][1:] if unicodedata.category(character) == "Mn")
        return first + "".join(mark for mark in marks if mark not in SELECTORS)
    _, _, joined = grapheme.partition(ZWJ)
    if any(map(cells.get_character_cell_size, joined)):  # other symbols are joined to the first
        grapheme = first
    kept = (character for character in grapheme if character not in DROPPED)
    return "".join(character for character in kept if unicodedata.category(character) != "Cf")


def _is_regional(character: str) -> bool:
    return REGIONAL_A <= ord(character) < REGIONAL_A + 26


def _is_emoji(character: str) -> bool:
    return EMOJI <= ord(character) < IDEOGRAPHS and not _is_regional(character)

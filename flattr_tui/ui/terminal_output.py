"""Output to the terminal: only the cells that have changed are written, and text is measured as terminals measure it.

Textual writes a whole widget when one line of it changes, and the whole screen after most layouts: 3 to 40 KB for each
key pressed. Here the content of each cell is remembered, as curses does.

Textual measures text with Rich. Rich and terminals disagree about some characters, which displaces the text after them:

- Spacing marks of Indic scripts (Unicode category Mc): Rich and kitty count no cell, xterm, tmux, screen and foot count
  one. Here a mark counts as one cell, and is drawn over a blank, so that nothing moves if a terminal uses no cell.
- Emoji sequences (joined by ZWJ, with a skin tone, with variation selector 16, flags): some terminals draw one emoji,
  others draw each part. Here only the first emoji is drawn, and a flag as its two letters.
- Emoji that the terminal is too old to know: the text after them is positioned explicitly.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, cached_property, lru_cache
from itertools import repeat

from rich import cells
from rich._unicode_data import load
from rich.cells import cell_len, get_character_cell_size
from textual.driver import Driver
from textual.theme import Theme

from flattr_tui.ui.textual_private import FirstFrameApp

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
SYNC_BEGIN, SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
"""Control sequences around a frame, so that the terminal shows it at once (synchronized output, mode 2026)."""
TOKEN = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H"
    r"|\x1b\[(?P<style>[\d;:]*)m"
    r"|\x1b\]8;[^;\x07\x1b]*;(?P<link>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
    r"|(?P<newline>\n)"
    r"|(?P<other>\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
    r"|\x1bP[^\x1b]*\x1b\\|\x1b[ -/]*[0-OQ-Z\\^-~]|.)",
    re.DOTALL,
)
"""Matches one part of Textual's output: a cursor position, a style, a link, text, or the end of a line.

Any other control sequence is matched, too, and is passed on unchanged.
"""
BRIDGE = 8
"""Maximum number of unchanged cells between changed cells that are rewritten: to skip them would take as many bytes."""
NO_LINK = "\x1b]8;;\x1b\\"
RESET = "\x1b[0m"
SEEN_ON_BLANKS = frozenset("479")
"""SGR codes of attributes that are visible on a blank: underlined, reversed, struck through."""


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


class TerminalDiff:
    """Remembers the content of each cell on the terminal, and shortens output to the parts that change cells."""

    def __init__(self) -> None:
        self._texts: list[list[str]] = []
        """The character of each cell, by row.

        A text with wide or joined characters is in the first of its cells; all its other cells contain "".
        """
        self._styles: list[list[str]] = []
        """The control sequences that style each cell, by row."""
        self._place: tuple[int, int] | None = None
        """Row and column of the terminal's cursor, from 0; None if unknown."""
        self._pen = ""
        """The control sequences of the style in which the terminal draws the next text."""
        self._parts: list[str] = []

    def forget(self) -> None:
        """Forget the content of all cells, so that the next output writes every cell."""
        self._texts.clear()
        self._styles.clear()
        self._place = None

    def reduce(self, output: str) -> str:
        """Return a shorter output with which the terminal shows the same as with `output`."""
        row, column = self._place or (0, 0)
        moved = False
        style = link = ""
        for found in TOKEN.finditer(output):
            match found.lastgroup:
                case "text":
                    text = found[0]
                    look = style + link if link or not text.isspace() else _visible_on_blank(style)
                    column += self._write(row, column, text, look)
                case "style":
                    style = "" if found["style"] in {"", "0"} else style + found[0]
                case "column":
                    row, column, moved = int(found["row"]) - 1, int(found["column"]) - 1, True
                case "newline":
                    row, moved = row + 1, True
                case "link":
                    link = found[0] if found["link"] else ""
                case _:
                    self._pass_on(found[0])
        if moved and self._place != (row, column):
            self._move(row, column)
        self._set_pen("")
        reduced = "".join(self._parts)
        self._parts.clear()
        return reduced

    def _pass_on(self, sequence: str) -> None:
        """Write a control sequence unchanged, because this class does not know its effect.

        Then call `forget`, unless the sequence can't change any cell, because it only sets a mode, sends a message to
        the terminal (OSC) or rings the bell.
        """
        self._set_pen("")
        self._parts.append(sequence)
        if not sequence.startswith(("\x1b[?", "\x1b]", "\x1b[>", "\x1b[<", "\x07")) or "1049" in sequence:
            self.forget()

    def _write(self, row: int, column: int, text: str, style: str) -> int:
        """Write a text at a row and column, but only the cells that change. Returns the width of the text in cells."""
        while len(self._texts) <= row:
            self._texts.append([])
            self._styles.append([])
        is_plain = text.isascii() or all(map(_is_single, text))
        cells = list(text) if is_plain else _as_one_cell(text)
        count, end = len(cells), column + len(cells)
        texts, styles = self._texts[row], self._styles[row]
        is_new = column >= len(texts)
        if (missing := end - len(texts)) > 0:
            texts += [""] * missing
            styles += ["?"] * missing
        old, old_styles = texts[column:end], styles[column:end]
        if old == cells and old_styles.count(style) == count:
            return count
        if is_plain and is_new:
            self._put(row, column, text, count, style)
        elif is_plain:
            changed = [a != b or c != style for a, b, c in zip(old, cells, old_styles, strict=True)]
            for start, stop in _changed_runs(changed):
                self._put(row, column + start, text[start:stop], stop - start, style)
        elif is_undisputed(text):
            self._put(row, column, text, count, style)
            self._place = None  # so that the next text is positioned explicitly
        elif count:
            self._put(row, column, " " * count, count, style)
            for offset, piece in drawn_pieces(text):
                self._place = None  # terminals disagree about the width of the previous piece
                self._put(row, column + offset, piece, 0, style)
            self._place = None
        texts[column:end], styles[column:end] = cells, [style] * count
        return count

    def _put(self, row: int, column: int, text: str, cells: int, style: str) -> None:
        if self._place != (row, column):
            self._move(row, column)
        self._set_pen(style)
        self._parts.append(text)
        self._place = (row, column + cells)

    def _move(self, row: int, column: int) -> None:
        self._parts.append(f"\x1b[{row + 1};{column + 1}H")
        self._place = (row, column)

    def _set_pen(self, style: str) -> None:
        if style != self._pen:
            self._parts.append(_style_change(self._pen, style))
            self._pen = style


def _as_one_cell(text: str) -> list[str]:
    """Return the cells of a text of wide characters: the whole text in the first cell, and "" in all others."""
    return [text, *[""] * (count - 1)] if (count := cell_len(text)) else []


@lru_cache(maxsize=4096)
def _is_single(character: str) -> bool:
    return get_character_cell_size(character) == 1 and is_undisputed(character)


def _changed_runs(changed: list[bool]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of True in `changed`. Runs at most `BRIDGE` cells apart count as one run."""
    start = stop = -1
    for at, is_changed in enumerate(changed):
        if not is_changed:
            continue
        if stop < 0 or at - stop > BRIDGE:
            if stop >= 0:
                yield start, stop
            start = at
        stop = at + 1
    if stop >= 0:
        yield start, stop


@lru_cache(maxsize=4096)
def _style_change(old: str, new: str) -> str:
    """Return the shortest control sequence that changes the style `old` to the style `new`."""
    prefix = NO_LINK if NO_LINK[:4] in old else ""
    after, link = _split_link(new)
    before, _ = _split_link(old)
    was, wanted = _colours(before), _colours(after)
    if was is None or wanted is None or not was[2] <= wanted[2]:
        return prefix + RESET + new
    codes = [
        *sorted(wanted[2] - was[2]),
        *([wanted[0] or "39"] if wanted[0] != was[0] else []),
        *([wanted[1] or "49"] if wanted[1] != was[1] else []),
    ]
    if not after:
        return prefix + (RESET if codes else "") + link
    return prefix + (f"\x1b[{';'.join(codes)}m" if codes else "") + link


@lru_cache(maxsize=4096)
def _visible_on_blank(style: str) -> str:
    """Return the part of a style that is visible on a blank, such as its background."""
    colours = _colours(style)
    if colours is None or colours[2] & SEEN_ON_BLANKS:
        return style
    return f"\x1b[{colours[1]}m" if colours[1] else ""


def _split_link(style: str) -> tuple[str, str]:
    at = style.find("\x1b]8;")
    return (style, "") if at < 0 else (style[:at], style[at:])


@lru_cache(maxsize=4096)
def _colours(style: str) -> tuple[str, str, frozenset[str]] | None:
    """Return the text colour, the background colour ("" is the terminal's own) and the attributes of a style.

    Returns None if the style contains codes that this function doesn't know. The caller must then write all its codes.
    """
    if ":" in style:
        return None
    codes = [code for sequence in style.split("\x1b[") for code in sequence.rstrip("m").split(";") if code]
    colours, attributes, at = ["", ""], set(), 0
    while at < len(codes):
        code = codes[at]
        length = 1
        if code in {"38", "48"}:
            length = {"2": 5, "5": 3}.get("".join(codes[at + 1 : at + 2]), 1)
            colours[code == "48"] = ";".join(codes[at : at + length])
        elif len(code) == 1 and code != "0":
            attributes.add(code)
        elif code in {"39", "49"}:
            colours[code == "49"] = ""
        elif code[:-1] in {"3", "9", "4", "10"}:
            colours[code[:-1] in {"4", "10"}] = code
        else:
            return None
        at += length
    return colours[0], colours[1], frozenset(attributes)


def diff_driver(driver: type[Driver], diff: TerminalDiff) -> type[Driver]:
    """Return a subclass of `driver` that writes only the cells that have changed, according to `diff`.

    A driver that is not one of Textual's terminal drivers is returned as it is.
    """
    if driver.__module__ != "textual.drivers.linux_driver":
        return driver

    class ChangesDriver(driver):  # type: ignore[misc, valid-type]
        """A driver that writes only the cells that the terminal does not show yet."""

        _held = ""

        def write(self, data: str) -> None:
            """Write `data`, but leave out what would not change the content of the terminal."""
            if data == SYNC_BEGIN:
                self._held = data
            elif data == SYNC_END and self._held:
                self._held = ""
            elif reduced := diff.reduce(data):
                super().write(self._held + reduced)
                self._held = ""

    return ChangesDriver


class PartialRedrawApp(FirstFrameApp, inherit_bindings=False):
    """An app that writes only the cells that have changed."""

    def get_driver_class(self) -> type[Driver]:
        """Return a driver class that writes only the cells that have changed."""
        self._diff = TerminalDiff()
        return diff_driver(super().get_driver_class(), self._diff)

    @cached_property
    def current_theme(self) -> Theme:
        """The theme, cached. Textual asks for the theme whenever it draws a line, and copies all themes each time."""
        return super().current_theme

    def validate_theme(self, name: str) -> str:
        """Discard the cached theme, and return `name` unchanged: every name is accepted."""
        self.__dict__.pop("current_theme", None)
        return name

    def register_theme(self, theme: Theme) -> None:
        """Add a theme, or replace the one with the same name."""
        super().register_theme(theme)
        self.__dict__.pop("current_theme", None)

    def on_resize(self) -> None:
        """Write all cells again after the size has changed."""
        self._diff.forget()

    def action_redraw(self) -> None:
        """Write the whole screen again, because another program may have written over it."""
        self._diff.forget()
        self.screen.refresh()

"""Output to the terminal: only the cells that have changed are written.

Textual writes a whole widget when one line of it changes, and the whole screen after most layouts: 3 to 40 KB for each
key pressed. Here the content of each cell is remembered, as curses does.
"""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache

from rich.cells import cell_len, get_character_cell_size
from textual.driver import Driver
from textual.theme import Theme

from flattr_tui.ui.cell_widths import drawn_pieces, is_undisputed
from flattr_tui.ui.textual_private import FirstFrameApp

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

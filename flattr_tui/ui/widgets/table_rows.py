"""The drawing half of the table: rows of a source, fitted columns, and only the lines that are on screen."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from msgspec.structs import replace
from textual.cache import LRUCache
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip

from flattr_tui.library.query.feed import Gap, Row, Sort
from flattr_tui.ui.widgets.columns import GAP, Column, Look, fit
from flattr_tui.ui.widgets.line_view import MARGIN, LineView


class RowSource(Protocol):
    """The rows of a table, read by index."""

    def __len__(self) -> int:
        """Number of rows, with each gap as one row."""
        ...

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Read rows `start` to `stop`, clipped to the length."""
        ...

    def find_row(self, key: str) -> int | None:
        """Return the index of the row with this key; None if there is none."""
        ...


class DrawnRows(LineView):
    """Draws a source's rows in columns, below their titles."""

    HEADER = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rowtable--header",
        "rowtable--sorted",
        "rowtable--sign",
        "rowtable--hole",
        "rowtable--footer",
        "rowtable--word",
    }
    DEFAULT_CSS = """
    DrawnRows {
        & > .rowtable--header { color: $muted; }
        & > .rowtable--sorted { color: $accent; }
        & > .rowtable--sign { color: $accent; text-style: bold; }
        & > .rowtable--hole { color: $muted; text-style: italic; }
        & > .rowtable--footer { color: $muted; }
        & > .rowtable--word { color: $accent; text-style: bold underline; }
    }
    """
    source: reactive[RowSource | None] = reactive(None, init=False, always_update=True, layout=False)
    marked: reactive[frozenset[str]] = reactive(frozenset, init=False)
    starred: reactive[frozenset[tuple[str, str]]] = reactive(frozenset, init=False)
    """What is bookmarked: columns show it with a star."""
    footer: reactive[Content] = reactive(Content(""), init=False)
    look: reactive[Look] = reactive(Look(), init=False)
    sorted_by: reactive[tuple[Sort, bool]] = reactive((Sort.SERVER, False), init=False)
    """The order that is shown, and whether it is descending."""

    def __init__(self, columns: Sequence[Column], *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self._fitted: list[tuple[Column, int]] = []
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self._window: list[Row | Gap] = []
        self._window_start = 0
        self._seen = Look()
        """What cells are drawn by: `look`, and what is starred."""

    # -- what is shown

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, those that have left for want of room included."""
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self.refit()

    def row_at(self, index: int) -> Row | Gap | None:
        """Read one row."""
        if self.source is None or not 0 <= index < len(self.source):
            return None
        at = index - self._window_start
        if 0 <= at < len(self._window):
            return self._window[at]
        self._window_start = max(0, index - self.page_rows)
        self._window = self.source.rows(self._window_start, index + 2 * self.page_rows)
        at = index - self._window_start
        return self._window[at] if at < len(self._window) else None

    @property
    def row_count(self) -> int:
        """How many rows there are, holes included."""
        return len(self.source) if self.source is not None else 0

    @property
    def has_last_line(self) -> bool:
        """Whether something is said of the rows below them."""
        return bool(self.footer)

    def watch_footer(self) -> None:
        """Make room for the last line, or take it back."""
        self.measure()

    def watch_look(self) -> None:
        """Draw anew: the time or the words to be marked are others."""
        self._see()

    def watch_starred(self) -> None:
        """Draw anew: stars come and go."""
        self._see()

    def _see(self) -> None:
        self._seen = replace(self.look, starred=self.starred)
        self._strips.clear()
        self.refresh()

    def watch_marked(self) -> None:
        """Draw the marks."""
        self.refresh()

    def watch_sorted_by(self) -> None:
        """Draw the header's arrow."""
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget what was drawn in other colours."""
        self._strips.clear()
        super().notify_style_update()

    def refit(self) -> None:
        """Fit the columns too."""
        self._fitted = fit(self._columns, max(1, self.scrollable_content_region.width - MARGIN - 1))
        self._strips.clear()
        self.measure()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.scrollable_content_region.width
        if y < self.HEADER:
            return self._header(width)
        index = self.scroll_offset.y + y - self.HEADER
        length = self.row_count
        at = self.row_at(index) if index < length else None
        base = self.visual_style
        if at is None:
            text = self.footer if index == length and length else Content("")
            style = base + self.get_visual_style("rowtable--footer", partial=True)
            return self.draw(Content(" " * MARGIN) + text, width, style)
        is_cursor = index == self.cursor
        if isinstance(at, Gap):
            style = (self.cursor_style if is_cursor else base) + self.get_visual_style("rowtable--hole", partial=True)
            return self.draw(Content(f"{' ' * MARGIN}{hole_text(at)}"), width, style)
        marked = at.key in self.marked
        known = (at, width, is_cursor, self.has_focus, marked)
        strip = self._strips.get(known)
        if strip is None:
            content = self._cells(at, is_cursor, marked)
            strip = self.draw_cursor(content, width) if is_cursor else self.draw(content, width, base)
            self._strips[known] = strip
        return strip

    def _cells(self, row: Row, is_cursor: bool, marked: bool) -> Content:
        sign = "✓ " if marked else "▸ " if is_cursor else "  "
        parts: list[Content | str | tuple[str, str]] = [(sign, ".rowtable--sign")]
        gap = 0
        for column, width in self._fitted:
            cell = column.render(row, self._seen).truncate(width, ellipsis=True)
            left = width - cell.cell_length
            before, after = (left, 0) if column.align == "right" else (0, left)
            parts += [" " * (gap + before), cell, " " * after]
            gap = GAP
        return Content.assemble(*parts, strip_control_codes=False)  # cells have none, and at once: each step copies all

    def _header(self, width: int) -> Strip:
        sort, descending = self.sorted_by
        parts: list[Content] = []
        for column, cells in self._fitted:
            on = column.sort is not None and column.sort is sort
            arrow = ("↓" if descending else "↑") if on else ""
            title = column.title[: max(1, cells - len(arrow))] + arrow
            text = title.rjust(cells) if column.align == "right" else title.ljust(cells)
            parts.append(Content.styled(text, ".rowtable--sorted") if on else Content(text))
        line = Content(" " * MARGIN) + Content(" " * GAP).join(parts)
        return self.draw(line, width, self.visual_style + self.get_visual_style("rowtable--header", partial=True))


def hole_text(hole: Gap) -> str:
    """Say what is missing, and what to do."""
    if hole.loading:
        return "⋯ loading" if hole.missing is None else f"⋯ loading {hole.missing:,} rows"
    if hole.missing is not None:
        return f"⋯ {hole.missing:,} row{'s' if hole.missing != 1 else ''} not saved — r fetches them"
    return "⋯ more is not saved — r fetches it" if not hole.at_end else "⋯ more to come — r fetches it"

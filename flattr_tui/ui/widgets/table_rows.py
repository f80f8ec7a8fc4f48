"""The drawing half of the table: rows of a source, fitted columns, and only the lines that are on screen."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from rich.segment import Segment
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from flattr_tui.library.reading.feed import Hole, Row, Sort
from flattr_tui.ui.widgets.columns import GAP, Column, Look, fit

MARGIN = 2
"""Cells left of the first column: room for the cursor's and the marks' signs."""
HEADER = 1
"""Lines of the header, which does not scroll."""


class RowSource(Protocol):
    """What a table reads: rows by index, and where a key stands."""

    def __len__(self) -> int:
        """How many rows there are, holes included."""
        ...

    def rows(self, start: int, stop: int) -> list[Row | Hole]:
        """Read some rows; clipped to the length."""
        ...

    def find(self, key: str) -> int | None:
        """Say where an item stands."""
        ...


class DrawnRows(ScrollView):
    """Draws a source's rows, one line each, below a header that does not scroll."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rowtable--header",
        "rowtable--sorted",
        "rowtable--cursor",
        "rowtable--cursor-blurred",
        "rowtable--sign",
        "rowtable--hole",
        "rowtable--footer",
        "rowtable--word",
    }
    DEFAULT_CSS = """
    DrawnRows {
        height: 1fr;
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        & > .rowtable--header { color: $muted; }
        & > .rowtable--sorted { color: $accent; }
        & > .rowtable--cursor { background: $cursor; }
        & > .rowtable--cursor-blurred { background: $cursor-blurred; }
        & > .rowtable--sign { color: $accent; text-style: bold; }
        & > .rowtable--hole { color: $muted; text-style: italic; }
        & > .rowtable--footer { color: $muted; }
        & > .rowtable--word { color: $accent; text-style: bold underline; }
        &:ansi > .rowtable--cursor { background: ansi_default; }
        &:ansi > .rowtable--cursor-blurred { background: ansi_default; }
    }
    """
    source: reactive[RowSource | None] = reactive(None, init=False, always_update=True, layout=False)
    cursor: reactive[int] = reactive(0, init=False)
    marked: reactive[frozenset[str]] = reactive(frozenset, init=False)
    footer: reactive[Content] = reactive(Content(""), init=False)
    look: reactive[Look] = reactive(Look(), init=False)
    sorted_by: reactive[tuple[Sort, bool]] = reactive((Sort.SERVER, False), init=False)
    """The order that is shown, and whether it is descending."""

    def __init__(self, columns: Sequence[Column], *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self._fitted: list[tuple[Column, int]] = []
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self._window: list[Row | Hole] = []
        self._window_start = 0
        self._text_style = Style.null()

    # -- what is shown

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, those that have left for want of room included."""
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._refit()

    def row_at(self, index: int) -> Row | Hole | None:
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
    def page_rows(self) -> int:
        """How many rows fit on the screen."""
        return max(1, self.scrollable_content_region.height - HEADER)

    def _resize_virtual(self) -> None:
        length = len(self.source) if self.source is not None else 0
        self.virtual_size = Size(self.scrollable_content_region.width, length + HEADER + bool(self.footer))

    def watch_footer(self) -> None:
        """Make room for the last line, or take it back."""
        self._resize_virtual()
        self.refresh()

    def watch_look(self) -> None:
        """Draw anew: the time or the words to be marked are others."""
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

    def _refit(self) -> None:
        self._fitted = fit(self._columns, max(1, self.scrollable_content_region.width - MARGIN - 1))
        self._strips.clear()
        self._resize_virtual()
        self.refresh()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.scrollable_content_region.width
        if y < HEADER:
            return self._header(width)
        index = self.scroll_offset.y + y - HEADER
        length = len(self.source) if self.source is not None else 0
        at = self.row_at(index) if index < length else None
        base = self.visual_style
        if at is None:
            text = self.footer if index == length and length else Content("")
            style = base + self.get_visual_style("rowtable--footer", partial=True)
            return self._strip(Content(" " * MARGIN) + text, width, style)
        is_cursor = index == self.cursor
        if is_cursor:
            name = "rowtable--cursor" if self.has_focus else "rowtable--cursor-blurred"
            base = self.get_visual_style(name)
        if isinstance(at, Hole):
            style = base + self.get_visual_style("rowtable--hole", partial=True)
            return self._strip(Content(f"{' ' * MARGIN}{hole_text(at)}"), width, style)
        marked = at.key in self.marked
        known = (at.key, at.fetched_at, width, is_cursor, self.has_focus, marked)
        strip = self._strips.get(known)
        if strip is None:
            content = self._cells(at, is_cursor, marked)
            if is_cursor and (self.app.native_ansi_color or self.app.no_color):
                # No colour of ours can be relied on: the row is turned round, in one piece.
                content, base = content.without_spans, base + Style(reverse=self.has_focus, bold=True)
            strip = self._strips[known] = self._strip(content, width, base)
        return strip

    def _cells(self, row: Row, is_cursor: bool, marked: bool) -> Content:
        sign = "✓ " if marked else "▸ " if is_cursor else "  "
        parts: list[Content] = []
        for column, width in self._fitted:
            cell = column.render(row, self.look)
            if column.align == "right":
                cell = cell.truncate(width, ellipsis=True).pad_left(max(0, width - cell.cell_length))
            parts.append(cell.truncate(width, ellipsis=True, pad=True))
        return Content.styled(sign, ".rowtable--sign") + Content(" " * GAP).join(parts)

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
        return self._strip(line, width, self.visual_style + self.get_visual_style("rowtable--header", partial=True))

    def _strip(self, content: Content, width: int, style: Style) -> Strip:
        content = content.truncate(width, ellipsis=True, pad=True)
        segments = [
            Segment(text, run.rich_style) for text, run in content.render(style, "", parse_style=self._get_style)
        ]
        return Strip(segments, content.cell_length).adjust_cell_length(width, style.rich_style)

    def refresh_line(self, y: int) -> None:
        """Draw one line anew; the header's are above the rows."""
        self.refresh(Region(0, y - self.scroll_offset.y, self.size.width, 1))


def hole_text(hole: Hole) -> str:
    """Say what is missing, and what to do."""
    if hole.loading:
        return "⋯ loading" if hole.missing is None else f"⋯ loading {hole.missing:,} rows"
    if hole.missing is not None:
        return f"⋯ {hole.missing:,} row{'s' if hole.missing != 1 else ''} not saved — r fetches them"
    return "⋯ more is not saved — r fetches it" if not hole.tail else "⋯ more to come — r fetches it"

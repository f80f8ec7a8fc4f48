"""A table over a row source: draws only the rows on screen, so a key costs the same at 30 and at 1,000,000 rows."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from flattr_tui.library.feed import Hole, Row, Sort
from flattr_tui.ui.widgets.columns import GAP, Column, Look, fit

MARGIN = 2
"""Cells left of the first column: room for the cursor's and the marks' signs."""
_HEADER = 1
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


class RowTable(ScrollView, can_focus=True):
    """Rows with a cursor. The cursor stays on its item whatever moves around it."""

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
    RowTable {
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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", show=False, tooltip="Down", id="table.down"),
        Binding("k,up", "move(-1)", "up", show=False, tooltip="Up", id="table.up"),
        Binding("ctrl+d", "page(0.5)", "half down", show=False, tooltip="Half a page down", id="table.half_down"),
        Binding("ctrl+u", "page(-0.5)", "half up", show=False, tooltip="Half a page up", id="table.half_up"),
        Binding("pagedown", "page(1.0)", "page down", show=False, tooltip="A page down", id="table.page_down"),
        Binding("pageup", "page(-1.0)", "page up", show=False, tooltip="A page up", id="table.page_up"),
        Binding("g,home", "edge(False)", "top", show=False, tooltip="To the top", id="table.top"),
        Binding("G,end", "edge(True)", "end", show=False, tooltip="To the end", id="table.end"),
        Binding("enter", "open", "open", tooltip="Open", id="table.open"),
        Binding("space", "mark", "mark", show=False, tooltip="Mark, and on", id="table.mark"),
    ]

    source: reactive[RowSource | None] = reactive(None, init=False, always_update=True, layout=False)
    cursor: reactive[int] = reactive(0, init=False)
    marked: reactive[frozenset[str]] = reactive(frozenset, init=False)
    footer: reactive[Content] = reactive(Content(""), init=False)
    look: reactive[Look] = reactive(Look(), init=False)
    sorted_by: reactive[tuple[Sort, bool]] = reactive((Sort.SERVER, False), init=False)
    """The order that is shown, and whether it is descending."""

    class Highlighted(Message):
        """The cursor is on another row."""

        def __init__(self, table: "RowTable", row: Row | Hole | None, index: int) -> None:
            super().__init__()
            self.table, self.row, self.index = table, row, index

        @property
        def control(self) -> "RowTable":
            """The table."""
            return self.table

    class Opened(Message):
        """A row is to be opened."""

        def __init__(self, table: "RowTable", row: Row) -> None:
            super().__init__()
            self.table, self.row = table, row

        @property
        def control(self) -> "RowTable":
            """The table."""
            return self.table

    class HoleReached(Message):
        """Enter was pressed on rows that are not saved."""

        def __init__(self, table: "RowTable", hole: Hole, index: int) -> None:
            super().__init__()
            self.table, self.hole, self.index = table, hole, index

        @property
        def control(self) -> "RowTable":
            """The table."""
            return self.table

    class Looked(Message):
        """Other rows than before are on screen."""

        def __init__(self, table: "RowTable", start: int, end: int) -> None:
            super().__init__()
            self.table, self.start, self.end = table, start, end

        @property
        def control(self) -> "RowTable":
            """The table."""
            return self.table

    class Sorted(Message):
        """A column's title was clicked."""

        def __init__(self, table: "RowTable", column: Column) -> None:
            super().__init__()
            self.table, self.column = table, column

        @property
        def control(self) -> "RowTable":
            """The table."""
            return self.table

    def __init__(self, columns: Sequence[Column], *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._columns = tuple(columns)
        self._fitted: list[tuple[Column, int]] = []
        self._key: str | None = None
        self._looked = (0, 0)
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

    @property
    def row(self) -> Row | None:
        """The row under the cursor; None on a hole or without rows."""
        at = self.row_at(self.cursor)
        return at if isinstance(at, Row) else None

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
        return max(1, self.scrollable_content_region.height - _HEADER)

    def watch_source(self) -> None:
        """Show another source; the cursor looks for its item there."""
        self.reload()

    def reload(self) -> None:
        """Take in that the source has changed: the cursor stays on its item, and the item on its line."""
        self._window, self._window_start = [], 0
        length = len(self.source) if self.source is not None else 0
        untouched = self.cursor == 0 and self.scroll_offset.y == 0
        found = self.source.find(self._key) if self.source is not None and self._key is not None else None
        target = min(self.cursor, max(0, length - 1)) if untouched or found is None else found
        shift = target - self.cursor
        self._resize_virtual()
        if shift and not untouched:
            self.scroll_to(y=max(0, self.scroll_offset.y + shift), animate=False, force=True)
        self.set_reactive(RowTable.cursor, target)
        self._announce()
        self._bring_into_view()
        self.refresh()
        self._look()

    def _resize_virtual(self) -> None:
        length = len(self.source) if self.source is not None else 0
        self.virtual_size = Size(self.scrollable_content_region.width, length + _HEADER + bool(self.footer))

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

    def on_resize(self) -> None:
        """Fit the columns to the new width and keep the cursor on screen."""
        self._refit()
        self._bring_into_view()
        self._look()

    def _refit(self) -> None:
        self._fitted = fit(self._columns, max(1, self.scrollable_content_region.width - MARGIN - 1))
        self._strips.clear()
        self._resize_virtual()
        self.refresh()

    # -- the cursor

    def validate_cursor(self, cursor: int) -> int:
        """Keep it on a row."""
        length = len(self.source) if self.source is not None else 0
        return max(0, min(cursor, length - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the two lines that change, and scroll where needed."""
        for index in (old, new):
            self.refresh_line(index + _HEADER)
        self._announce()
        self._bring_into_view()

    def _announce(self) -> None:
        at = self.row_at(self.cursor)
        self._key = at.key if isinstance(at, Row) else None
        self.post_message(self.Highlighted(self, at, self.cursor))

    def _bring_into_view(self) -> None:
        top, page = self.scroll_offset.y, self.page_rows
        last = self.source is not None and self.cursor == len(self.source) - 1
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + page or last:
            self.scroll_to(y=max(top, self.cursor - page + 1 + (last and bool(self.footer))), animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say which rows are on screen now."""
        super().watch_scroll_y(old_value, new_value)
        self._look()

    def _look(self) -> None:
        top = self.scroll_offset.y
        looked = (top, top + self.page_rows)
        if self.source is not None and self.is_attached:
            self._looked = looked
            self.post_message(self.Looked(self, *looked))

    def action_move(self, by: int) -> None:
        """Move by rows."""
        self.cursor += by

    def action_page(self, pages: float) -> None:
        """Move by pages, the screen with the cursor."""
        by = max(1, int(self.page_rows * abs(pages))) * (1 if pages > 0 else -1)
        self.scroll_to(y=max(0, self.scroll_offset.y + by), animate=False, force=True)
        self.cursor += by

    def action_edge(self, end: bool) -> None:
        """Move to the first or the last row."""
        self.cursor = len(self.source) - 1 if end and self.source is not None else 0

    def action_open(self) -> None:
        """Open the row under the cursor, or fetch the hole."""
        at = self.row_at(self.cursor)
        if isinstance(at, Row):
            self.post_message(self.Opened(self, at))
        elif isinstance(at, Hole):
            self.post_message(self.HoleReached(self, at, self.cursor))

    def action_mark(self) -> None:
        """Mark the row, or take the mark away, and go on to the next."""
        if self.row is not None:
            self.marked = self.marked ^ {self.row.key}
            self.cursor += 1

    async def _on_click(self, event: events.Click) -> None:
        """Put the cursor on the row; a second click opens it; a title sorts."""
        y = event.y
        if y < _HEADER:
            at = MARGIN
            for column, width in self._fitted:
                if at <= event.x < at + width + GAP and column.sort is not None:
                    self.post_message(self.Sorted(self, column))
                at += width + GAP
            return
        index = self.scroll_offset.y + y - _HEADER
        if self.source is not None and index < len(self.source):
            self.cursor = index
            if event.chain == 2:
                self.action_open()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self.scrollable_content_region.width
        if y < _HEADER:
            return self._header(width)
        index = self.scroll_offset.y + y - _HEADER
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

"""A table with a cursor and marks, which reads its rows from a source.

Only the rows on screen are drawn, so keys are as fast with 1,000,000 rows.
"""

from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.style import Style

from flattr_tui.library.query.list_feed import Gap, Row, Sort
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.widgets.base_widgets import MARGIN, LineView
from flattr_tui.ui.widgets.list_content import (
    GAP,
    Column,
    Position,
    RowSource,
    RowStyle,
    column_titles,
    fit_columns,
    gap_text,
)

MIN_CHUNK = 16
"""Minimum number of rows that are read at a time."""
MAX_MARKED = 5_000
"""Maximum number of rows that one range marks, because marked items are kept in memory."""


class RowTable(LineView, can_focus=True):
    """A table with a cursor, which stays on its item when rows are added or removed around it."""

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
        Binding("space", "mark", "mark", show=False, tooltip="Mark, and move down", id="table.mark"),
        Binding("V", "mark_range", "range", show=False, tooltip="Start or end a range of marks", id="table.mark_range"),
        Binding("asterisk", "mark_all", "mark all", False, "*", tooltip="Mark all rows shown", id="table.mark_all"),
        Binding("escape", "unmark", "no marks", show=False, tooltip="Clear all marks", id="table.unmark"),
        Binding("e", "export", "export", show=False, tooltip="Write the rows to a file", id="list.export"),
    ]

    HEADER = 1
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rowtable--header",
        "rowtable--sorted",
        "rowtable--sign",
        "rowtable--gap",
        "rowtable--footer",
        "rowtable--word",
    }
    DEFAULT_CSS = """
    RowTable {
        & > .rowtable--header { color: $muted; }
        & > .rowtable--sorted { color: $accent; }
        & > .rowtable--sign { color: $accent; text-style: bold; }
        & > .rowtable--gap { color: $muted; text-style: italic; }
        & > .rowtable--footer { color: $muted; }
        & > .rowtable--word { color: $accent; text-style: bold underline; }
    }
    """
    EXPORT_TITLE: ClassVar[str] = "What was found"
    """Title of the export dialog for this table. Lists from the server have their own titles."""

    source: reactive[RowSource | None] = reactive(None, init=False, always_update=True, layout=False)
    marked: reactive[frozenset[str]] = reactive(frozenset, init=False)
    """Keys of the marked rows."""
    starred: reactive[frozenset[tuple[str, str]]] = reactive(frozenset, init=False)
    """Pairs of kind and key of the bookmarked items, which columns show with a star."""
    footer: reactive[Content] = reactive(Content(""), init=False)
    row_style: reactive[RowStyle] = reactive(RowStyle(), init=False)
    sorted_by: reactive[tuple[Sort, bool]] = reactive((Sort.SERVER, False), init=False)
    """The sort order of the rows, and whether it is descending. The title of its column shows it."""
    highlighted: reactive[Row | Gap | None] = reactive[Row | Gap | None](None, init=False, repaint=False)
    """The row or gap under the cursor. Watch it to draw changes in the same frame: a message would come too late."""

    class Opened(Message):
        """Message: the user opened a row."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    class GapOpened(Message):
        """Message: the user pressed enter on a gap, which stands for rows that are not saved.

        `index` is the row number of the gap.
        """

        def __init__(self, gap: Gap, index: int) -> None:
            super().__init__()
            self.gap, self.index = gap, index

    class VisibleRowsChanged(Message):
        """Message: other rows are on screen now: the rows from `start` up to, but without, `end`."""

        def __init__(self, start: int, end: int) -> None:
            super().__init__()
            self.start, self.end = start, end

    class Sorted(Message):
        """Message: the user clicked on a column's title to sort by it."""

        def __init__(self, column: Column) -> None:
            super().__init__()
            self.column = column

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self._columns = tuple(columns)
        self._fitted: list[tuple[Column, int]] = []
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(512)
        self._rich_styles: dict[tuple[Style | str, bool, bool], RichStyle] = {}
        """Rich's styles, by a cell's style, whether the cursor is on the row, and whether the table has the focus."""
        self._chunks: LRUCache[int, list[Row | Gap]] = LRUCache(8)
        """The rows that were read last: pieces of `_chunk_size` rows, by their number from 0."""
        self._chunk_size = MIN_CHUNK
        self._row_count = 0
        self._effective_style = RowStyle()
        """`row_style` with the bookmarked items added."""
        self._cursor_key: str | None = None
        self._marked_rows: dict[str, Row] = {}
        self._range_start: int | None = None
        """The row at which the range of marks begins; None while no range is being marked."""
        self._marked_before: frozenset[str] = frozenset()

    # -- source and columns

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, including those that are hidden because of the width."""
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self.fit_width()

    def row_at(self, index: int) -> Row | Gap | None:
        """Return the row or gap at an index; None if there is none. About a screenful of rows is read at a time."""
        if self.source is None or not 0 <= index < self._row_count:
            return None
        number, at = divmod(index, self._chunk_size)
        chunk = self._chunks.get(number)
        if chunk is None:
            start = number * self._chunk_size
            chunk = self._chunks[number] = self.source.rows(start, start + self._chunk_size)
        return chunk[at] if at < len(chunk) else None

    @property
    def row_count(self) -> int:
        """Number of rows and gaps, as counted by the last `count_rows`."""
        return self._row_count

    def count_rows(self) -> None:
        """Count the rows of the source again, and discard the rows read from it so far."""
        self._row_count = len(self.source) if self.source is not None else 0
        self._chunk_size = max(MIN_CHUNK, self.page_rows)
        self._chunks.clear()

    @property
    def has_last_line(self) -> bool:
        """Whether a footer follows the rows."""
        return bool(self.footer)

    def watch_footer(self) -> None:
        self.update_size()

    def watch_row_style(self) -> None:
        self._effective_style = replace(self.row_style, starred=self.starred)
        self._strips.clear()
        self.refresh()

    watch_starred = watch_row_style

    def notify_style_update(self) -> None:
        self._strips.clear()
        self._rich_styles.clear()
        super().notify_style_update()

    def fit_width(self) -> None:
        """Choose the columns that fit the width, and set their widths."""
        self._fitted = fit_columns(self._columns, max(1, self.scrollable_content_region.width - MARGIN - 1))
        self._strips.clear()
        self.update_size()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        width = self._line_width
        if y < self.HEADER:
            return self._draw_header(width)
        index = self.scroll_offset.y + y - self.HEADER
        at = self.row_at(index)
        if at is None:
            text = self.footer if index == self.row_count and index else Content("")
            style = self.visual_style + self.get_visual_style("rowtable--footer", partial=True)
            return self.draw_line(Content(" " * MARGIN) + text, width, style)
        is_cursor = index == self.cursor
        if isinstance(at, Gap):
            return self.draw_gap(at, is_cursor=is_cursor, width=width)
        marked = at.key in self.marked
        known = (at, width, is_cursor, self.has_focus, marked)
        strip = self._strips.get(known)
        if strip is None:
            strip = self._strips[known] = self._draw_row(at, width, is_cursor=is_cursor, is_marked=marked)
        return strip

    def draw_gap(self, gap: Gap, *, is_cursor: bool, width: int) -> Strip:
        base = self.cursor_style if is_cursor else self.visual_style
        style = base + self.get_visual_style("rowtable--gap", partial=True)
        return self.draw_line(Content(f"{' ' * MARGIN}{gap_text(gap)}"), width, style)

    def _draw_row(self, row: Row, width: int, *, is_cursor: bool, is_marked: bool) -> Strip:
        """Return a row as a drawn line. The cursor's row and marked rows have their own styles.

        Each cell is drawn alone, and the cells are put together. To draw the joined content of all cells takes 1.5
        times as long.
        """
        base = self.cursor_style if is_cursor else self.visual_style
        look = (is_cursor, self.has_focus)
        sign = "✓ " if is_marked else "▸ " if is_cursor else "• " if row.is_new else "  "
        segments = [Segment(sign, self._rich_style(".rowtable--sign", look, base))]
        used, gap, plain = MARGIN, 0, ""  # `plain` is text in the row's own style that follows `segments`
        own_style = base.rich_style
        for column, cells in self._fitted:
            cell = column.render(row, self._effective_style).truncate(cells, ellipsis=True)
            text, spans, left = cell.plain, cell.spans, cells - cell.cell_length
            before, after = (left, 0) if column.align == "right" else (0, left)
            plain += " " * (gap + before)
            if not spans:
                plain += text
            else:
                if plain:
                    segments.append(Segment(plain, own_style))
                plain = ""
                if len(spans) == 1 and spans[0].start == 0 and spans[0].end >= len(text):
                    segments.append(Segment(text, self._rich_style(spans[0].style, look, base)))
                else:
                    runs = cell.render(base, "", parse_style=self._parse_style)
                    segments += [Segment(part, run.rich_style) for part, run in runs]
            plain += " " * after
            used, gap = used + gap + cells, GAP
        segments.append(Segment(plain + " " * (width - used), own_style))
        strip = Strip(segments, max(used, width)).crop(0, width)
        if is_cursor and (self.app.native_ansi_color or self.app.no_color):
            return self.draw_cursor_line(Content(strip.text, strip_control_codes=False), width)
        return strip

    def _rich_style(self, style: Style | str, look: tuple[bool, bool], base: Style) -> RichStyle:
        """Return the Rich style for a cell with the style `style` in a row with the style `base`.

        `look` says whether the cursor is on the row, and whether the table has the focus.
        """
        found = self._rich_styles.get((style, *look))
        if found is None:
            found = self._rich_styles[style, *look] = (base + self._parse_style(style)).rich_style
        return found

    def _draw_header(self, width: int) -> Strip:
        style = self.visual_style + self.get_visual_style("rowtable--header", partial=True)
        return self.draw_line(Content(" " * MARGIN) + column_titles(self._fitted, *self.sorted_by), width, style)

    # -- rows and position

    @property
    def row(self) -> Row | None:
        """The row under the cursor; None on a gap or without rows."""
        return self.highlighted if isinstance(self.highlighted, Row) else None

    @property
    def position(self) -> Position:
        """The position of the cursor, to return to later with `go_to`."""
        return Position(self._cursor_key, self.cursor, self.cursor - self.scroll_offset.y)

    def go_to(self, position: Position) -> None:
        """Move the cursor to the row of a position, and scroll so that the row is on the same screen line as before."""
        found = self.source.find_row(position.key) if self.source is not None and position.key is not None else None
        self.cursor = position.cursor if found is None else found
        self.call_after_refresh(self.scroll_to, y=max(0, self.cursor - position.line), animate=False, force=True)

    def forget_position(self) -> None:
        """Unmark all rows, and move the cursor to the first row. Call this before the table shows another list.

        `highlighted` keeps its old value until `update_highlighted` is called.
        """
        self._range_start, self._cursor_key = None, None
        self.marked = frozenset()
        self.set_reactive(RowTable.cursor, 0)
        self.scroll_to(y=0, animate=False, force=True)
        self.refresh()

    def on_mount(self) -> None:
        self.watch(self.app, "bookmarks_version", self._update_stars, init=False)

    def _update_stars(self) -> None:
        self.starred = app_of(self).bookmarks.starred

    def watch_source(self) -> None:
        self._range_start = None
        self._update_stars()
        self.reload()

    def reload(self) -> None:
        """Read the source again after a change. The cursor stays on its item, and the item on its line on screen."""
        was_empty = not self.row_count
        self.count_rows()
        length = self.row_count
        untouched = self.cursor == 0 and self.scroll_offset.y == 0
        source, key = self.source, self._cursor_key
        found = source.find_row(key) if source is not None and key is not None else None
        target = min(self.cursor, max(0, length - 1)) if untouched or found is None else found
        shift = target - self.cursor
        self.update_size()
        if shift and not untouched:
            self.scroll_to(y=max(0, self.scroll_offset.y + shift), animate=False, force=True)
        self.set_reactive(RowTable.cursor, target)
        self.update_highlighted()
        self.scroll_to_cursor()
        self._post_visible_rows()
        if was_empty is bool(length):
            self.screen.refresh_bindings()

    def on_resize(self) -> None:
        self.call_next(self._post_visible_rows)

    # -- the cursor

    def watch_cursor(self, old: int, new: int) -> None:
        self.update_highlighted()
        if self._range_start is not None:
            self._mark_rows(self._range_start, new)
        super().watch_cursor(old, new)

    def update_highlighted(self) -> None:
        """Set `highlighted` to the row or gap under the cursor."""
        at = self.row_at(self.cursor)
        self._cursor_key = at.key if isinstance(at, Row) else None
        self.highlighted = at

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._post_visible_rows()

    def _post_visible_rows(self) -> None:
        top = self.scroll_offset.y
        if self.source is not None and self.is_attached:
            self.post_message(self.VisibleRowsChanged(top, top + self.page_rows))

    def action_open(self) -> None:
        """Post `Opened` for the row under the cursor; on a gap, where rows are missing, post `GapOpened`.

        If the cursor is out of sight, only scroll to it.
        """
        if not self.is_cursor_on_screen:
            self.show_cursor_line()
            return
        at = self.row_at(self.cursor)
        if isinstance(at, Row):
            self.post_message(self.Opened(at))
        elif isinstance(at, Gap):
            self.post_message(self.GapOpened(at, self.cursor))

    # -- marks

    @property
    def marked_rows(self) -> list[Row]:
        """The marked rows, in the order on screen. Each is as it was when marked. Rows now hidden come last."""
        source, marked = self.source, self._marked_rows
        places = {key: source.find_row(key) if source is not None else None for key in marked}
        return [marked[key] for key in sorted(marked, key=lambda key: (places[key] is None, places[key] or 0))]

    def watch_marked(self) -> None:
        self._marked_rows = {key: row for key, row in self._marked_rows.items() if key in self.marked}
        self.screen.refresh_bindings()

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor, and move the cursor to the next row."""
        if (row := self.row) is not None:
            self._marked_rows[row.key] = row
            self.marked = self.marked ^ {row.key}
            self.cursor += 1

    def action_mark_range(self) -> None:
        """Start to mark a range of rows, from here to wherever the cursor moves. If a range was started, end it."""
        if self._range_start is None:
            self._range_start, self._marked_before = self.cursor, self.marked
            self._mark_rows(self.cursor, self.cursor)
        else:
            self._range_start = None

    def action_mark_all(self) -> None:
        """Mark all rows of the table, or the first `MAX_MARKED` rows if there are more."""
        self._range_start, self._marked_before = None, self.marked
        self._mark_rows(0, self.row_count)
        if self.row_count > MAX_MARKED:
            app_of(self).notify_user(f"The first {MAX_MARKED:,} of {self.row_count:,} rows are marked.", "warning")

    def _mark_rows(self, first: int, last: int) -> None:
        """Mark the rows from `first` to `last`, and all that were marked before this range began. Unmark all others."""
        low, high = min(first, last), min(max(first, last) + 1, min(first, last) + MAX_MARKED)
        rows = [row for row in self.source.rows(low, high) if isinstance(row, Row)] if self.source is not None else []
        self._marked_rows.update((row.key, row) for row in rows)
        self.marked = self._marked_before | {row.key for row in rows}

    def action_unmark(self) -> None:
        self._range_start = None
        self.marked = frozenset()

    def action_export(self) -> None:
        app_of(self).export.ask()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the keys that need rows if there are none, and the key that unmarks if no row is marked."""
        if action in {"open", "mark", "mark_range", "mark_all", "export"}:
            return self._row_count > 0
        return bool(self.marked) if action == "unmark" else True

    async def _on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row. A double click opens the row; a click on a column title sorts by it."""
        if event.y < self.HEADER:
            at = MARGIN
            for column, width in self._fitted:
                if at <= event.x < at + width + GAP and column.sort is not None:
                    self.post_message(self.Sorted(column))
                at += width + GAP
            return
        index = self.scroll_offset.y + event.y - self.HEADER
        if index < self.row_count:
            self.cursor = index
            if event.chain == 2:
                self.action_open()

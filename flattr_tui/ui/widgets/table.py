"""A table with a cursor and marks, which reads its rows from a source.

Only the rows on screen are drawn, so keys are as fast with 1,000,000 rows.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from flattr_tui.library.query.list_feed import Gap, Row
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.widgets.base_widgets import MARGIN
from flattr_tui.ui.widgets.table_columns import GAP, Column
from flattr_tui.ui.widgets.table_rows import RowRenderer

MAX_MARKED = 5_000
"""Maximum number of rows that one range marks, because marked items are kept in memory."""


class Position(NamedTuple):
    """A position of a table's cursor, to which the table can return later."""

    key: str | None
    """Key of the row under the cursor; None on a gap or without rows."""
    cursor: int
    """Index of the row under the cursor."""
    line: int
    """Number of the cursor's line on screen, counted from the first visible row of the table."""


class RowTable(RowRenderer, can_focus=True):
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
        Binding(
            "asterisk",
            "mark_all",
            "mark all",
            show=False,
            key_display="*",
            tooltip="Mark all rows shown",
            id="table.mark_all",
        ),
        Binding("escape", "unmark", "no marks", show=False, tooltip="Clear all marks", id="table.unmark"),
        Binding("e", "app.export", "export", show=False, tooltip="Write the rows to a file", id="list.export"),
    ]

    EXPORT_TITLE: ClassVar[str] = "What was found"
    """Title of the export dialog for this table. Lists from the server have their own titles."""

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
        super().__init__(columns)
        self._cursor_key: str | None = None
        self._marked_rows: dict[str, Row] = {}
        self._range_start: int | None = None
        """The row at which the range of marks begins; None while no range is being marked."""
        self._marked_before: frozenset[str] = frozenset()

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
        """Put the cursor on the row of a position, and scroll so that it is on the same line of the screen."""
        found = self.source.find_row(position.key) if self.source is not None and position.key is not None else None
        self.cursor = position.cursor if found is None else found
        self.call_after_refresh(self.scroll_to, y=max(0, self.cursor - position.line), animate=False, force=True)

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
        found = (
            self.source.find_row(self._cursor_key) if self.source is not None and self._cursor_key is not None else None
        )
        target = min(self.cursor, max(0, length - 1)) if untouched or found is None else found
        shift = target - self.cursor
        self.update_size()
        if shift and not untouched:
            self.scroll_to(y=max(0, self.scroll_offset.y + shift), animate=False, force=True)
        self.set_reactive(RowTable.cursor, target)
        self._update_highlighted()
        self.scroll_to_cursor()
        self._post_visible_rows()
        if was_empty is bool(length):
            self.screen.refresh_bindings()

    def on_resize(self) -> None:
        self.call_next(self._post_visible_rows)

    # -- the cursor

    def watch_cursor(self, old: int, new: int) -> None:
        self._update_highlighted()
        if self._range_start is not None:
            self._mark_rows(self._range_start, new)
        super().watch_cursor(old, new)

    def _update_highlighted(self) -> None:
        at = self.row_at(self.cursor)
        self._cursor_key = at.key if isinstance(at, Row) else None
        self.highlighted = at

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._post_visible_rows()

    def _post_visible_rows(self) -> None:
        top = self.scroll_offset.y
        visible = (top, top + self.page_rows)
        if self.source is not None and self.is_attached:
            self.post_message(self.VisibleRowsChanged(*visible))

    def action_open(self) -> None:
        """Open the row under the cursor or, on a gap, ask for the missing rows.

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
        """The marked rows, as they were when they were marked, in the order on screen. Rows now hidden come last."""
        source = self.source
        places = {key: source.find_row(key) if source is not None else None for key in self._marked_rows}
        end = len(source) if source is not None else 0

        def place(key: str) -> int:
            at = places[key]
            return end if at is None else at

        return [self._marked_rows[key] for key in sorted(self._marked_rows, key=place)]

    def watch_marked(self) -> None:
        self._marked_rows = {key: row for key, row in self._marked_rows.items() if key in self.marked}
        self.refresh()
        self.screen.refresh_bindings()

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor, and move the cursor to the next row."""
        if (row := self.row) is not None:
            self._marked_rows[row.key] = row
            self.marked = self.marked ^ {row.key}
            self.cursor += 1

    def action_mark_range(self) -> None:
        """Start a range of marked rows at the cursor, which grows as the cursor moves. If one was started, end it."""
        if self._range_start is None:
            self._range_start, self._marked_before = self.cursor, self.marked
            self._mark_rows(self.cursor, self.cursor)
        else:
            self._range_start = None

    def action_mark_all(self) -> None:
        """Mark all rows of the table; at most the first `MAX_MARKED`."""
        self._range_start, self._marked_before = None, self.marked
        self._mark_rows(0, self.row_count)
        if self.row_count > MAX_MARKED:
            app_of(self).notify_user(f"The first {MAX_MARKED:,} of {self.row_count:,} rows are marked.", "warning")

    def _mark_rows(self, first: int, last: int) -> None:
        """Mark the rows from `first` to `last`, and keep the marks from before the range; unmark all other rows."""
        low, high = min(first, last), min(max(first, last) + 1, min(first, last) + MAX_MARKED)
        rows = [row for row in self.source.rows(low, high) if isinstance(row, Row)] if self.source is not None else []
        self._marked_rows.update((row.key, row) for row in rows)
        self.marked = self._marked_before | {row.key for row in rows}

    def action_unmark(self) -> None:
        self._range_start = None
        self.marked = frozenset()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """If no row is marked, leave `esc` to the screen. If there are no rows, disable the keys that open and mark."""
        if action in {"open", "mark", "mark_range", "mark_all"}:
            return self._row_count > 0
        return bool(self.marked) if action == "unmark" else True

    async def _on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row. A double click opens the row; a click on a column title sorts by it."""
        y = event.y
        if y < self.HEADER:
            at = MARGIN
            for column, width in self._fitted:
                if at <= event.x < at + width + GAP and column.sort is not None:
                    self.post_message(self.Sorted(column))
                at += width + GAP
            return
        index = self.scroll_offset.y + y - self.HEADER
        if index < self.row_count:
            self.cursor = index
            if event.chain == 2:
                self.action_open()

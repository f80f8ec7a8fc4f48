"""What has changed in the saved data, by day: items added, items gone, and changed counts."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message

from flattr_tui.library.events import Event, FeedChanged, RecordChanged
from flattr_tui.library.query.changes import SAVED_CHANGES, Change, ChangedDay, ChangesReader
from flattr_tui.library.query.feed import Row
from flattr_tui.model.entities import Entity
from flattr_tui.model.source import SourceKind
from flattr_tui.store.errors import StoreError
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import CHANGES
from flattr_tui.ui.panes.change_table import COLUMNS, GROUPS, ChangeRows, ChangeTable
from flattr_tui.ui.panes.detail_pane import DetailPane
from flattr_tui.ui.screens.base import Page
from flattr_tui.ui.typed_app import app_of
from flattr_tui.ui.widgets.columns import RowStyle
from flattr_tui.ui.widgets.placeholder import Placeholder, PlaceholderLine
from flattr_tui.ui.widgets.steady_text import SteadyText
from flattr_tui.ui.widgets.table import RowTable

REREAD_SECONDS = 1.0
"""Delay after which changes are read again while data arrives."""
READING = Placeholder("⋯ Reading what has changed.")


class ChangesRead(Message):
    """The changes were read."""

    def __init__(self, days: tuple[ChangedDay, ...]) -> None:
        super().__init__()
        self.days = days


class ChangesScreen(Page):
    """All changes of the source, the latest first."""

    CRUMB = "Changes"
    CSS_PATH = "bookmarks.tcss"
    BINDINGS: ClassVar[list[BindingType]] = list(CHANGES)
    AUTO_FOCUS = "ChangeTable"

    def __init__(self) -> None:
        super().__init__()
        self._days: tuple[ChangedDay, ...] | None = None
        """None until they are read."""
        self._group = ""
        """The only group that is listed; "" for all."""
        self._seen_until: int | None = None
        self._is_stale = False

    def body(self) -> ComposeResult:
        with Horizontal(classes="split"):
            with Vertical(classes="list marks"):
                with Horizontal(classes="heading"):
                    yield SteadyText(classes="title")
                    yield SteadyText(classes="count")
                yield PlaceholderLine()
                yield ChangeTable(COLUMNS)
            yield DetailPane(classes="detail")

    def on_mount(self) -> None:
        super().on_mount()
        app = app_of(self)
        app.library_changed.subscribe(self, self._library_changed)
        table = self.query_one(ChangeTable)
        self.watch(table, "highlighted", self._show_row, init=False)
        self.watch(self.app, "now", self._tick)
        self.query_one(".marks .title", SteadyText).update(Content.styled("Changes", "bold"))
        self._seen_until = app.news.seen_until(SAVED_CHANGES)
        self._update()
        self._read()

    def _tick(self, now: float) -> None:
        table, tz = self.query_one(ChangeTable), app_of(self).tz
        if not table.row_style.now or fmt.day(now, tz) != fmt.day(table.row_style.now, tz):
            table.row_style = RowStyle(now, tz)

    # -- what is listed

    def _read(self) -> None:
        self._is_stale = False
        app = app_of(self)
        app.run_in_thread(_read_job(self._reader, app.tz), self, "reading changes", when_ready=True)

    @property
    def _reader(self) -> ChangesReader:
        library = app_of(self).library
        return ChangesReader(library.catalogue, library.source, library.account)

    def on_changes_read(self, event: ChangesRead) -> None:
        event.stop()
        if event.days == self._days:
            return
        self._days = event.days
        self._update()
        newest = max((change.at for day in event.days[:1] for change in day.changes), default=None)
        self.fetched_at = newest
        if newest is not None and app_of(self).news.note_look(SAVED_CHANGES, int(newest)):
            self._seen_until = app_of(self).news.seen_until(SAVED_CHANGES)

    def _update(self) -> None:
        days = self._days or ()
        table = self.query_one(ChangeTable)
        rows = ChangeRows(days, self._read_rows, self._group)
        table.display = bool(rows)
        table.source = rows
        line = self.query_one(PlaceholderLine)
        line.placeholder, line.fills_pane = self._make_placeholder() if not rows else None, not rows
        self.query_one(".marks .count", SteadyText).update(self._count_text(rows.count))
        if rows and self.focused is None:
            self.set_focus(table)
        self.refresh_bindings()

    def _read_rows(self, changes: Sequence[Change]) -> list[Row | None]:
        try:
            return self._reader.read_rows(changes, self._seen_until)
        except StoreError:
            return [None] * len(changes)  # the catalogue reports it

    def _count_text(self, shown: int) -> Content:
        if not self._days:
            return Content("")
        counted = [change for day in self._days for change in day.changes]
        new = sum(self._is_new(change) for change in counted)
        parts = [fmt.plural(shown, "change") if not self._group else fmt.plural(shown, *GROUPS[self._group])]
        parts += [f"{new:,} new"] if new else []
        return Content.styled(" · ".join(parts), "$muted")

    def _is_new(self, change: Change) -> bool:
        return self._seen_until is not None and int(change.at) > self._seen_until

    def _make_placeholder(self) -> Placeholder:
        if self._days is None:
            return READING
        text = "Nothing has changed since the lists were first saved."
        if app_of(self).library.source.kind is SourceKind.SAVED:
            return Placeholder(text, "When you import a later copy of a saved list, the differences appear here.")
        return Placeholder(text, "Lists are compared when they are fetched again: press r on one, or ctrl+s to sync.")

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, FeedChanged | RecordChanged) and not self._is_stale:
            self._is_stale = True
            self.set_timer(REREAD_SECONDS, self._read_if_stale)  # not for every page of a list

    def _read_if_stale(self) -> None:
        if self._is_stale and self.is_current:
            self._read()

    def on_screen_resume(self) -> None:
        """Read again what changed while the page was hidden."""
        super().on_screen_resume()
        if self._is_stale:
            self._read()

    def source_changed(self) -> None:
        """List the changes of the other source."""
        self._days = None
        self._seen_until = app_of(self).news.seen_until(SAVED_CHANGES)
        self._update()
        self._read()

    # -- the rows

    @property
    def subject(self) -> Entity | None:
        """The item under the cursor."""
        row = self.query_one(ChangeTable).row if self.is_mounted else None
        return row.item if row is not None else None

    def _show_row(self) -> None:
        self.query_one(DetailPane).item = self.subject
        self.refresh_bindings()

    @on(RowTable.Opened)
    def _opened(self, event: RowTable.Opened) -> None:
        event.stop()
        self.open_item(event.row.item)

    # -- keys

    @property
    def _groups(self) -> list[str]:
        found = {change.group for day in self._days or () for change in day.changes}
        return ["", *(group for group in GROUPS if group in found)]

    def action_kind(self) -> None:
        """List only one kind of change, or all."""
        groups = self._groups
        self._group = groups[(groups.index(self._group) + 1) % len(groups)] if self._group in groups else ""
        self._update()

    def action_next_new(self) -> None:
        """Move to the next new change; after the last one, to the first."""
        table = self.query_one(ChangeTable)
        if isinstance(table.source, ChangeRows):
            at = table.source.find_next(table.cursor, self._is_new)
            table.cursor = table.cursor if at is None else at

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"refresh", "refresh_all"}:
            return False
        if action == "kind":
            return len(self._groups) > 2
        if action == "next_new":
            return any(self._is_new(change) for day in self._days or () for change in day.changes)
        return super().check_action(action, parameters)


def _read_job(reader: ChangesReader, tz: tzinfo) -> Callable[[], Message]:
    return lambda: ChangesRead(reader.read_days(tz))

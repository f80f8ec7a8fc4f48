"""The page of changes in the saved data, by day: items added, items gone, and changed counts."""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from flattr_tui.library.events import Event, FeedChanged, RecordChanged
from flattr_tui.library.query.change_history import SAVED_CHANGES, Change, ChangedDay, ChangesReader
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.query_language import Query, parse_query
from flattr_tui.store.errors import StoreError
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of, find_query_fault, query_context
from flattr_tui.ui.bindings import CHANGES
from flattr_tui.ui.panes.change_table import COLUMNS, GROUPS, ChangeRows, ChangeTable
from flattr_tui.ui.screens.base_page import DetailPane, Page
from flattr_tui.ui.widgets.base_widgets import Heading, Placeholder, PlaceholderLine, Severity, Split
from flattr_tui.ui.widgets.inputs import FilterInput
from flattr_tui.ui.widgets.list_content import Position, RowStyle

REREAD_SECONDS = 1.0
"""While new data arrives, the changes are read again after this many seconds."""
TYPING_SECONDS = 0.05
"""Seconds without typing after which the filter is applied, so that unfinished words are not searched."""
CHECK_SECONDS = 2.0
"""Seconds between two checks whether another program has changed the data. A check takes 20 µs."""
READING = Placeholder("⋯ Reading what has changed.")


class ChangesRead(Message):
    """Message: the changes that match a filter were read."""

    def __init__(self, days: tuple[ChangedDay, ...], query: Query) -> None:
        super().__init__()
        self.days = days
        self.query = query


class ChangesScreen(Page):
    """The page that lists the changes in the saved data of the current source, the latest first."""

    CRUMB = "Changes"
    CSS_PATH = "bookmarks.tcss"
    BINDINGS: ClassVar[list[BindingType]] = list(CHANGES)
    AUTO_FOCUS = "ChangeTable"

    def __init__(self, filter: str = "", group: str = "", position: Position | None = None) -> None:
        """List the changes that match the query `filter`, and move the cursor to `position`.

        If `group` is `thing`, `flattr` or `activity`, only changes of such items are listed; with "", all changes.
        """
        super().__init__()
        self._position = position
        self._days: tuple[ChangedDay, ...] | None = None
        """The changes that match the filter; None until they are read."""
        self._shown_query = Query()
        """The filter that the changes in `_days` match."""
        self._group = group
        """The group of changes that is listed; "" for all groups."""
        self._seen_until: int | None = None
        """The time in Unix seconds after which changes count as new; None if the page was never opened before."""
        self._filter = filter
        """The last text in the filter's input that was a valid query."""
        self._query_fault = ""
        """What is wrong with the query in the filter's input; "" if it is valid."""
        self._version = 0
        """Version of the saved data from which the changes were last read."""

    def body(self) -> ComposeResult:
        with Split():
            with Vertical(classes="list marks changes"):
                yield Heading("Changes")
                table = ChangeTable(COLUMNS)
                yield FilterInput("changes", table, self._filter)
                yield PlaceholderLine()
                yield table
            yield DetailPane(classes="detail")

    def copy(self) -> "ChangesScreen":
        """Return a new page with the same changes, with the cursor on the same change."""
        return ChangesScreen(self._filter, self._group, self.query_one(ChangeTable).position)

    def on_mount(self) -> None:
        super().on_mount()
        app = app_of(self)
        app.library_changed.subscribe(self, self._library_changed)
        table = self.query_one(ChangeTable)
        self.watch(table, "highlighted", self.show_row, init=False)
        self.watch(self.app, "now", self._tick)
        self._seen_until = app.new_items.seen_until(SAVED_CHANGES)
        self._update()
        self._read()
        self._checks = self.set_interval(CHECK_SECONDS, self._read_if_changed)

    def _tick(self, now: float) -> None:
        table, tz = self.query_one(ChangeTable), app_of(self).tz
        if not table.row_style.now or fmt.day(now, tz) != fmt.day(table.row_style.now, tz):
            table.row_style = RowStyle(now, tz, self._shown_query.words)

    # -- the list

    def _read(self, after: float = 0.0) -> None:
        app = app_of(self)
        try:
            self._version = self._reader.read_version()
        except StoreError:
            self._version = 0  # the catalogue reports the error
        work = _read_job(self._reader, app.tz, self._query)
        app.run_in_thread(work, self, "reading changes", delay=after, when_ready=True)

    def _read_if_changed(self) -> None:
        """Read the changes again if another program has changed the saved data.

        Changes that this program makes need no such check: the app publishes them through `library_changed`.
        """
        try:
            has_changed = self._reader.read_version() != self._version
        except StoreError:
            return  # the catalogue reports the error
        if has_changed:
            self._read()

    @property
    def _query(self) -> Query:
        return parse_query(self._filter, query_context(self, self._seen_until))

    @property
    def _reader(self) -> ChangesReader:
        library = app_of(self).library
        return ChangesReader(library.catalogue, library.source, library.account)

    def on_changes_read(self, event: ChangesRead) -> None:
        event.stop()
        if event.query != self._query or (event.days == self._days and event.query == self._shown_query):
            return
        self._days, self._shown_query = event.days, event.query
        self._update()
        if self._position is not None:
            self.query_one(ChangeTable).go_to(self._position)
            self._position = None
        if event.query:
            return
        newest = max((change.at for day in event.days[:1] for change in day.changes), default=None)
        self.fetched_at = newest
        if newest is not None and app_of(self).new_items.record_look(SAVED_CHANGES, int(newest)):
            self._seen_until = app_of(self).new_items.seen_until(SAVED_CHANGES)

    def _update(self) -> None:
        days = self._days or ()
        table = self.query_one(ChangeTable)
        rows = ChangeRows(days, self._read_rows, self._group)
        table.display = bool(rows)
        table.source = rows
        line = self.query_one(PlaceholderLine)
        line.placeholder, line.fills_pane = (
            self._make_placeholder() if self._query_fault or not rows else None,
            not rows,
        )
        self.query_one(Heading).show(None, self._count_text(rows.count))
        table.row_style = RowStyle(app_of(self).now, app_of(self).tz, self._shown_query.words)
        if not rows and self.focused is table:
            self.set_focus(None)
        if rows and self.focused is None:
            self.set_focus(table)
        self.refresh_bindings()

    def _read_rows(self, changes: Sequence[Change]) -> list[Row | None]:
        try:
            return self._reader.read_rows(changes, self._seen_until)
        except StoreError:
            return [None] * len(changes)  # the catalogue reports the error

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
        if self._query_fault:
            return Placeholder(self._query_fault, "f1 explains the query language.", Severity.ERROR)
        if self._days is None:
            return READING
        if self._shown_query:
            return Placeholder("No change matches.", "Press esc to clear the filter.")
        text = "Nothing has changed since the lists were first saved."
        library = app_of(self).library
        if library.source.kind is SourceKind.SAVED:
            return Placeholder(text, "When you import a later copy of a saved list, the differences appear here.")
        if not library.is_online:
            return Placeholder(text, "Start without --offline to compare them with the server's.")
        return Placeholder(text, "Lists are compared when they are fetched again: press r on one, or ctrl+s to sync.")

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, FeedChanged | RecordChanged):
            self.reread_after(REREAD_SECONDS)

    def reread(self) -> None:
        """Read the changes again."""
        self._read()

    def on_screen_resume(self) -> None:
        """Read the changes again if they changed while the page was hidden."""
        super().on_screen_resume()
        self._checks.resume()
        self._read_if_changed()

    def on_screen_suspend(self) -> None:
        super().on_screen_suspend()
        self._checks.pause()

    def source_changed(self) -> None:
        """List the changes of the source that the app shows now."""
        self._days = None
        self._seen_until = app_of(self).new_items.seen_until(SAVED_CHANGES)
        self._update()
        self._read()

    # -- the rows

    @property
    def is_awaiting_data(self) -> bool:
        """Whether the changes are still being read."""
        return self.is_mounted and (self._days is None or self._query != self._shown_query) and not self._query_fault

    # -- the filter

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._query_fault = find_query_fault(event.value, query_context(self, self._seen_until))
        if self._query_fault:
            self._update()
        else:
            self._filter = event.value.strip()
            self._read(TYPING_SECONDS)

    def action_filter(self) -> None:
        self.query_one(FilterInput).open()

    def action_back(self) -> None:
        """Clear the filter; if there is no filter, leave the page."""
        if not self.query_one(FilterInput).close():
            super().action_back()

    # -- keys

    @property
    def _groups(self) -> list[str]:
        found = {change.group for day in self._days or () for change in day.changes}
        return ["", *(group for group in GROUPS if group in found)]

    def action_kind(self) -> None:
        """List the changes of the next group only, such as things; after the last group, list all changes."""
        groups = self._groups
        self._group = groups[(groups.index(self._group) + 1) % len(groups)] if self._group in groups else ""
        self._update()

    def action_next_new(self) -> None:
        """Move the cursor to the next new change; after the last new change, to the first."""
        table = self.query_one(ChangeTable)
        if isinstance(table.source, ChangeRows):
            at = table.source.find_next(table.cursor, self._is_new)
            table.cursor = table.cursor if at is None else at

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "filter":
            return self._days is None or bool(self._days or self._shown_query)
        if action == "kind":
            return len(self._groups) > 2
        if action == "next_new":
            return any(self._is_new(change) for day in self._days or () for change in day.changes)
        return super().check_action(action, parameters)


def _read_job(reader: ChangesReader, tz: tzinfo, query: Query) -> Callable[[], Message]:
    return lambda: ChangesRead(reader.read_days(tz, query=query), query)

"""A list with all that belongs to it: title and count, filter, table, and what stands where data would be."""

import math
from typing import ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input

from flattr_tui.library.events import Connection, Event, FeedChanged
from flattr_tui.library.query.feed import Feed, FeedStatus, Gap, Row, Sort, View
from flattr_tui.model.api_request import Request
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import LIST
from flattr_tui.ui.columns import KINDS, Kind
from flattr_tui.ui.item_links import username_of
from flattr_tui.ui.panes.list_status import heading, state_of
from flattr_tui.ui.typed_app import app_of, is_visible
from flattr_tui.ui.widgets.columns import Column, RowStyle
from flattr_tui.ui.widgets.line_input import LineInput
from flattr_tui.ui.widgets.placeholder import Placeholder, PlaceholderLine
from flattr_tui.ui.widgets.steady_text import SteadyText
from flattr_tui.ui.widgets.table import RowTable

NEAR = 30
"""Rows above and below the screen that are fetched behind it."""


class FeedView(Vertical):
    """Shows the feed of `request`; None shows nothing."""

    BINDINGS: ClassVar[list[BindingType]] = list(LIST)

    request: reactive[Request | None] = reactive[Request | None](None, init=False, repaint=False)
    view: reactive[View] = reactive(View(), init=False, repaint=False)
    is_watching: reactive[bool] = reactive(True, init=False, repaint=False)
    """Whether its screen is the one that is seen: only then rows are asked for."""
    note: reactive[str] = reactive("", init=False, repaint=False)
    """What the title says besides, of a list that is a part."""

    highlighted: reactive[Row | None] = reactive[Row | None](None, init=False, repaint=False)
    """The row under the cursor, to be watched."""

    class Opened(Message):
        """A row is to be opened."""

        def __init__(self, row: Row) -> None:
            super().__init__()
            self.row = row

    class StatusChanged(Message):
        """The feed has more, fewer or other rows than before."""

        def __init__(self, status: FeedStatus) -> None:
            super().__init__()
            self.status = status

    def __init__(
        self,
        method: str,
        *,
        unasked: str = "",
        filterable: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.filterable = filterable
        """Whether `/` filters its rows; a search has fields of its own for that."""
        self.feed: Feed | None = None
        self._next: Feed | None = None
        """The same list in another order or with another filter, shown once its first rows are found."""
        self.unasked = unasked or "Nobody is shown yet. u goes to a user, 5 searches things."
        """What is said while there is nothing to list."""
        self.kind: Kind = KINDS[method]

    @property
    def table(self) -> RowTable:
        """The table."""
        return self.query_one(RowTable)

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.table.row

    @property
    def who(self) -> str:
        """Whose list it is."""
        return self.request.get("username") if self.request is not None else ""

    def compose(self) -> ComposeResult:
        """Title, table, state; the filter comes between them when it is first asked for."""
        with Horizontal(classes="heading"):
            yield SteadyText(classes="title")
            yield SteadyText(classes="count")
        yield RowTable(self.kind.columns)
        yield PlaceholderLine()

    def on_mount(self) -> None:
        """Follow the library and the time."""
        app = app_of(self)
        app.library_changed.subscribe(self, self._library_changed)
        self.watch(app, "status", self._follow_status, init=False)
        self.watch(app, "now", self._tick)
        self.watch(self.table, "highlighted", self._highlight)
        if self.request is not None:
            self.watch_request(None, self.request)

    def _tick(self, now: float) -> None:
        tz, before = app_of(self).tz, self.table.row_style.now
        if not before or fmt.day(now, tz) != fmt.day(before, tz):
            self._look(now)
        self._follow_status()

    def _follow_status(self) -> None:
        if is_visible(self):  # else it is said when one comes there
            self._show_status()

    def next_change_in(self, now: float) -> float:
        """Seconds until the time changes what is said of the list."""
        source = app_of(self).library.status
        if self.feed is not None and source.connection is Connection.WAITING:
            return fmt.next_countdown_in((source.waiting_until or now) - now)
        status = self.feed.status if self.feed is not None else FeedStatus()
        if status.failure is not None and status.fetched_at is not None:
            return fmt.next_age_in(now - status.fetched_at)
        return math.inf

    def _look(self, now: float) -> None:
        query = self.request.get("query") if self.request is not None else ""
        self.table.row_style = RowStyle(now, app_of(self).tz, tuple(f"{query} {self._seen_as.text}".split()))

    @property
    def _seen_as(self) -> View:
        """How what is shown is looked at: `view`, unless that is still being found."""
        return self.feed.view if self.feed is not None else self.view

    # -- what is listed

    def watch_request(self, old: Request | None, new: Request | None) -> None:
        """Leave the one list and open the other, at its top."""
        if not self.is_mounted:
            return
        if old is not None:
            app_of(self).library.unobserve(old, by=self)
        self.kind = KINDS[new.method] if new is not None else self.kind
        if self.table.columns != tuple(self.kind.columns):
            self.table.columns = self.kind.columns
        self.table.marked = frozenset()
        self.table.cursor = 0
        self._open()
        self._look(app_of(self).now)
        self._want(0, self.table.page_rows + NEAR)

    def watch_view(self) -> None:
        """Look at the same list in another way; the cursor stays on its item where that is still shown."""
        self._open()

    def _open(self) -> None:
        """Show the list as it is looked at now; what is shown of it stays until there is something."""
        app = app_of(self)
        feed = app.with_pending_writes(app.library.feed(self.request, self.view)) if self.request is not None else None
        if feed is not None and feed.status.sorting and self.feed is not None and self.feed.request == feed.request:
            self._next = feed
        else:
            self._turn_to(feed)
        self._show_status()

    def _turn_to(self, feed: Feed | None) -> None:
        """Show another list, or the same in another way."""
        self.feed, self._next = feed, None
        self.table.sorted_by = (self._seen_as.sort, self._seen_as.descending)
        self._look(self.table.row_style.now)
        self.table.source = feed

    def reopen(self) -> None:
        """Open it anew: the library is another one."""
        self.feed = None
        self._open()
        self._want(0, self.table.page_rows + NEAR)

    def _library_changed(self, event: Event) -> None:
        if not isinstance(event, FeedChanged) or event.request != self.request or self.feed is None:
            return
        if self._next is None:
            self.feed.reload()
            self.table.reload()
        else:
            self._next.reload()
            if self._next.status.saved == 0:  # it can't be read, as is told: what is shown stays
                self.view = self._seen_as
            elif not self._next.status.sorting:
                self._turn_to(self._next)
        self._show_status()

    def redraw(self) -> None:
        """Draw the rows as they are with what was done."""
        if self.feed is not None:
            self.table.reload()
            self._show_status()

    def _want(self, start: int, stop: int, *, near: bool = False) -> None:
        if self.request is not None and self.is_watching:
            app_of(self).library.observe(self.request, start=start, stop=stop, near=near, by=self)

    def watch_is_watching(self, looked_at: bool) -> None:
        """Ask for what is on screen again, or for nothing more."""
        if self.request is None:
            return
        if looked_at:
            self._show_status()
            self._want(self.table.scroll_offset.y, self.table.scroll_offset.y + self.table.page_rows)
        else:
            app_of(self).library.unobserve(self.request, by=self)

    @on(RowTable.VisibleRowsChanged)
    def _visible_rows_changed(self, event: RowTable.VisibleRowsChanged) -> None:
        event.stop()
        if self.view == View(sort=self.view.sort if self.view.sort is Sort.SERVER else Sort.SERVER):
            self._want(event.start, event.end)
            self._want(max(0, event.start - NEAR), event.end + NEAR, near=True)

    def _highlight(self, at: Row | Gap | None) -> None:
        row = at if isinstance(at, Row) else None
        if row is not None and (name := username_of(row.item)):
            app_of(self).known_usernames.setdefault(name)
        self.highlighted = row

    @on(RowTable.Opened)
    def _opened(self, event: RowTable.Opened) -> None:
        event.stop()
        self.post_message(self.Opened(event.row))

    @on(RowTable.GapOpened)
    def _gap_opened(self, event: RowTable.GapOpened) -> None:
        event.stop()
        self._want(event.index, event.index + NEAR)

    # -- what is said of it

    def _show_status(self) -> None:
        if self.feed is None:
            for part in (".title", ".count"):
                self.query_one(part, SteadyText).update(Content(""))
            self.query_one(PlaceholderLine).placeholder = Placeholder(self.unasked)
            self._show_rows(False)
            return
        app, status = app_of(self), self.feed.status
        title, count = heading(self.kind, self.who, status, self._seen_as)
        title += Content.styled(f" · {self.note}" if self.note else "", "$muted")
        self.query_one(".title", SteadyText).update(title)
        self.query_one(".count", SteadyText).update(count)
        state = state_of(self.kind, self.who, status, self._seen_as, app.library.status, app.clock())
        line = self.query_one(PlaceholderLine)
        line.placeholder, line.fills_pane = state, status.shown == 0
        self._show_rows(status.shown > 0)
        complete = status.ended and not self._seen_as.text and status.shown > 0
        self.table.footer = Content.styled(f"— {self.kind.count(status.shown)} —") if complete else Content("")
        self.post_message(self.StatusChanged(status))

    def _show_rows(self, shown: bool) -> None:
        """Show the table or not. Where nobody else has the focus, it is the table's as soon as there are rows."""
        if not shown and self.table.has_focus:
            self.screen.set_focus(None)
        self.table.display = shown
        if shown and self.screen.focused is None:
            self.screen.set_focus(self.table, scroll_visible=False)

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `/` to the screen where the list has no filter of its own."""
        return self.filterable if action == "filter" else True

    @property
    def _entry(self) -> Input | None:
        """The filter, once there is one."""
        return next(iter(self.query(".filter").results(Input)), None)

    async def action_filter(self) -> None:
        """Type what the saved rows must have."""
        entry = self._entry
        if entry is None:
            entry = LineInput(placeholder="filter what is saved", compact=True, classes="filter")
            await self.mount(entry, before=self.table)
        entry.add_class("-shown")
        self.screen.set_focus(entry)  # at once, not soon: the next key is its first letter

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        event.stop()
        self.view = replace(self.view, text=event.value.strip())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the rows; an empty filter leaves."""
        event.stop()
        event.input.set_class(bool(event.value), "-shown")
        self.table.focus()

    def clear_filter(self) -> bool:
        """Take the filter away; False where there is none."""
        entry = self._entry
        if entry is None or not entry.has_class("-shown"):
            return False
        entry.value = ""
        entry.remove_class("-shown")
        self.table.focus()
        return True

    def key_down(self) -> None:
        """Go from the filter to the rows."""
        if self._entry is not None and self._entry.has_focus:
            self.table.focus()

    def watch_note(self) -> None:
        """Say it."""
        self._show_status()

    def _sorts(self) -> list[Sort]:
        return [Sort.SERVER, *(column.sort for column in self.kind.columns if column.sort is not None)]

    def action_sort(self) -> None:
        """Sort by the next column, in the direction that people mean by it."""
        sorts = self._sorts()
        self._sort(sorts[(sorts.index(self.view.sort) + 1) % len(sorts)])

    def action_sort_back(self) -> None:
        """Turn the order round."""
        if self.view.sort is Sort.SERVER:
            self._sort(Sort.WHEN if Sort.WHEN in self._sorts() else self._sorts()[-1])
        self.view = replace(self.view, descending=not self.view.descending)

    def _sort(self, sort: Sort) -> None:
        self.view = replace(self.view, sort=sort, descending=sort in {Sort.WHEN, Sort.FLATTRS})

    @on(RowTable.Sorted)
    def _sorted(self, event: RowTable.Sorted) -> None:
        event.stop()
        column: Column = event.column
        if column.sort is self.view.sort:
            self.action_sort_back()
        elif column.sort is not None:
            self._sort(column.sort)

    def refresh_feed(self, *, complete: bool = False) -> None:
        """Fetch what is new; on a hole what is missing; `complete` all to the end."""
        if self.request is None:
            return
        if not complete and isinstance(self.table.row_at(self.table.cursor), Gap):
            self._want(self.table.cursor, self.table.cursor + NEAR)
        else:
            app_of(self).library.refresh(self.request, complete=complete)

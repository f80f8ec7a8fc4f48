"""A list of the library on screen: title, count, filter and table, and a placeholder while there is no data."""

import math
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input

from flattr_tui.library.bookmarks import Mark
from flattr_tui.library.events import ConnectionState, Event, FeedChanged
from flattr_tui.library.query.list_feed import Feed, FeedStatus, Gap, Row, Sort, View, find_new_row
from flattr_tui.library.query.saved_queries import make_filter_mark
from flattr_tui.model.api_request import ApiRequest, fold_username
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import username_of
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of, find_query_fault, is_visible, query_context
from flattr_tui.ui.bindings import LIST
from flattr_tui.ui.widgets.base_widgets import EvenLines, Heading, Placeholder, PlaceholderLine, Severity
from flattr_tui.ui.widgets.list_content import (
    KINDS,
    ListKind,
    Position,
    RowStyle,
    end_line,
    heading,
    list_placeholder,
    next_placeholder_in,
)
from flattr_tui.ui.widgets.table import RowTable

if TYPE_CHECKING:
    from flattr_tui.ui.widgets.inputs import FilterInput

PREFETCH_ROWS = 30
"""Number of rows above and below the visible ones that are fetched in advance."""


class ListPane(EvenLines, Vertical):
    """Shows the list that the API request `request` returns; an explanation if `request` is None."""

    BINDINGS: ClassVar[list[BindingType]] = list(LIST)

    request: reactive[ApiRequest | None] = reactive[ApiRequest | None](None, init=False, repaint=False)
    view: reactive[View] = reactive(View(), init=False, repaint=False)
    """The sort order and the filter that the user has chosen."""
    is_watching: reactive[bool] = reactive(True, init=False, repaint=False)
    """Whether the page of the list is on screen. Rows are fetched only then."""
    note: reactive[str] = reactive("", init=False, repaint=False)
    """A word in the title that says which part of the list is shown, such as `incoming`; "" for the whole list."""
    highlighted: reactive[Row | None] = reactive[Row | None](None, init=False, repaint=False)
    """The row under the cursor, for pages to watch; None on a gap or without rows."""

    class StatusChanged(Message):
        """Message: the list's `status` or rows may have changed. Its title, counts and placeholder were redrawn."""

        def __init__(self, status: FeedStatus) -> None:
            super().__init__()
            self.status = status

    def __init__(
        self,
        method: str,
        *,
        empty_text: str = "",
        filterable: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Make a pane for a list of the kind that the API method `method` returns.

        Until a request is set, the pane shows `empty_text`; with "", it says that no user is shown yet. With
        `filterable`, a key filters the rows.
        """
        super().__init__(id=id, classes=classes)
        self.filterable = filterable
        """Whether `/` filters the rows. False for search results, which the fields of the search filter."""
        self.feed: Feed | None = None
        self._next_feed: Feed | None = None
        """The same list with another order or filter; shown once its first rows are ready."""
        self.empty_text = empty_text or "No user is shown yet. Press u to go to a user, 5 to search things."
        """The text shown while there is no request."""
        self.kind: ListKind = KINDS[method]
        self._shown_new = 0
        self._has_rows = True
        """Whether the list has rows, even if the filter hides all of them, or may still get some."""
        self._last_look: tuple[ApiRequest, int | None] | None = None
        """The list that was last on screen, and the time of its newest item (Unix seconds; None without items)."""
        self._filter_input: FilterInput | None = None
        """The input of the filter; None until the filter is first used."""
        self._query_fault = ""
        """What is wrong with the query typed into the filter; "" if it is valid."""
        self._is_stale = False
        """Whether the list has changed while it was hidden."""
        self._position: Position | None = None
        """The cursor position to restore once there are rows; None if there is none."""

    @property
    def table(self) -> RowTable:
        return self.query_one(RowTable)

    @property
    def bookmarked_request(self) -> ApiRequest | None:
        """The request that a bookmark of this list stores; None if the list can't be bookmarked."""
        return self.request

    @property
    def username(self) -> str:
        """The user whose list is shown; "" if the list does not belong to a user."""
        return self.request.get("username") if self.request is not None else ""

    def compose(self) -> ComposeResult:
        yield Heading()
        yield RowTable(self.kind.columns)
        yield PlaceholderLine()

    def on_mount(self) -> None:
        app_of(self).library_changed.subscribe(self, self._library_changed)
        self.watch(self.screen, "status", self._show_status, init=False)  # a hidden page keeps its status
        self.watch(self.screen, "now", self._tick, init=False)
        self.watch(self.table, "highlighted", self._highlight)
        self.watch(self.table, "marked", self._show_status, init=False)
        sort, descending = app_of(self).preferences.sorts.get(self.kind.noun, ("", False))  # as the user last chose
        if sort in {order.value for order in self.kind.sorts}:
            self.set_reactive(ListPane.view, View(Sort(sort), descending))
        if self.request is not None:
            self._open_request(self.request)
        else:
            self._tick(app_of(self).now)

    def _tick(self, now: float) -> None:
        tz, before = app_of(self).tz, self.table.row_style.now
        if not before or fmt.day(now, tz) != fmt.day(before, tz):
            self._update_row_style(now)
        self._show_status()

    def next_change_in(self, now: float) -> float:
        """Return the seconds from `now` (Unix seconds) until the list's placeholder is outdated; infinity if never."""
        source = app_of(self).library.status
        return next_placeholder_in(self.feed.status, source, now) if self.feed is not None else math.inf

    def _update_row_style(self, now: float) -> None:
        query = self.request.get("query") if self.request is not None else ""
        words, app = (*query.split(), *self._shown_view.query.words), app_of(self)
        self.table.row_style = RowStyle(now, app.tz, words, self.username or app.library.account)

    @property
    def _shown_view(self) -> View:
        """The sort order and filter of the rows on screen. `view` may already contain those of the next rows."""
        return self.feed.view if self.feed is not None else self.view

    def watch_request(self, old: ApiRequest | None, new: ApiRequest | None) -> None:
        """Show the list that the new request returns, from its first row."""
        if not self.is_mounted:
            return
        if old is not None:
            app_of(self).library.unobserve(old, by=self)
        self._open_request(new)

    def _open_request(self, request: ApiRequest | None) -> None:
        self.kind = KINDS[request.method] if request is not None else self.kind
        if self.table.columns != tuple(self.kind.columns):
            self.table.columns = self.kind.columns
        self.table.forget_position()
        self._position = app_of(self).trail.take_position(request) if request is not None else None
        self._open_feed()
        self.table.update_highlighted()
        self._update_row_style(app_of(self).now)
        self._request_rows(0, self.table.page_rows + PREFETCH_ROWS)

    def watch_view(self) -> None:
        """Sort and filter the list as the new `view` says. The cursor stays on its item."""
        self._open_feed()

    def _open_feed(self) -> None:
        """Open the list of `request`, sorted and filtered as `view` says.

        The rows of the previous list stay on screen until the rows of the new list are read.
        """
        feed = self._make_feed()
        if feed is not None and self._record_look(feed):
            feed = self._make_feed()  # again, because `seen_until` is set now
        if feed is not None and feed.status.sorting and self.feed is not None and self.feed.request == feed.request:
            self._next_feed = feed
        else:
            self._show_feed(feed)
        self._show_status()

    def _make_feed(self) -> Feed | None:
        app = app_of(self)
        if self.request is None:
            return None
        view = replace(self.view, seen_until=app.new_items.seen_until(self.request))
        return app.writes.apply_to_feed(app.library.feed(self.request, view))

    def _record_look(self, feed: Feed) -> bool:
        """Record that the list `feed` is on screen, so that items that are added later count as new.

        Returns True if the list was never on screen before. The caller must then read its rows again: `seen_until`, the
        time after which items are new, was None until now.
        """
        look = (feed.request, feed.status.newest)
        if look == self._last_look or not self.is_watching or not is_visible(self):
            return False
        self._last_look = look
        return app_of(self).new_items.record_look(*look)

    def _show_feed(self, feed: Feed | None) -> None:
        self.feed, self._next_feed = feed, None
        self.table.sorted_by = (self._shown_view.sort, self._shown_view.descending)
        self._update_row_style(self.table.row_style.now)
        self.table.source = feed
        if self._position is not None and feed is not None and len(feed):
            self.table.go_to(self._position)
            self._position = None

    def reload_library(self) -> None:
        """Open the list again, because the library was replaced."""
        self.feed = self._last_look = None
        self._open_feed()
        self._request_rows(0, self.table.page_rows + PREFETCH_ROWS)

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, FeedChanged) and event.request == self.request:
            self._is_stale = not is_visible(self)
            if not self._is_stale:
                self._reload_feed()

    def _reload_feed(self) -> None:
        """Read the list again from the library, and draw its rows and its status."""
        self._is_stale = False
        if self.feed is None:
            return
        if self._next_feed is None:
            is_changed = self.feed.reload()
            if is_changed and self._record_look(self.feed):
                self._open_feed()
                if self._next_feed is None:
                    return  # everything is drawn
            if is_changed:
                self.table.reload()
        else:
            self._next_feed.reload()
            if self._next_feed.status.saved == 0:  # unreadable, which a notice says: keep the rows
                self.view = replace(self._shown_view, seen_until=None)
            elif not self._next_feed.status.sorting:
                self._show_feed(self._next_feed)
        self._show_status()

    def refresh_rows(self) -> None:
        """Draw the rows again, because pending writes have changed, and the rows show their effects."""
        if self.feed is not None:
            self.table.reload()
            self._show_status()

    def _request_rows(self, start: int, stop: int, *, near: bool = False) -> None:
        if self.request is not None and self.is_watching:
            app_of(self).library.observe(self.request, start=start, stop=stop, near=near, by=self)

    def watch_is_watching(self, looked_at: bool) -> None:
        if self.request is not None and not looked_at:
            app_of(self).library.unobserve(self.request, by=self)
        elif self.request is not None:
            if self._is_stale:
                self._reload_feed()
            self._show_status()
            self._request_rows(self.table.scroll_offset.y, self.table.scroll_offset.y + self.table.page_rows)

    @on(RowTable.VisibleRowsChanged)
    def _visible_rows_changed(self, event: RowTable.VisibleRowsChanged) -> None:
        event.stop()
        if not self.view.text and self.view.sort is Sort.SERVER and not self.view.descending:
            self._request_rows(event.start, event.end)
            self._request_rows(max(0, event.start - PREFETCH_ROWS), event.end + PREFETCH_ROWS, near=True)

    def _highlight(self, at: Row | Gap | None) -> None:
        row = at if isinstance(at, Row) else None
        if row is not None and (name := username_of(row.item)):
            app_of(self).known_usernames.setdefault(fold_username(name), name)
        self.highlighted = row

    @on(RowTable.GapOpened)
    def _gap_opened(self, event: RowTable.GapOpened) -> None:
        event.stop()
        self._request_rows(event.index, event.index + PREFETCH_ROWS)

    @property
    def is_awaiting_rows(self) -> bool:
        """Whether rows are still being read or fetched. These rows will then replace the rows on screen."""
        if self.request is None:
            return False
        status = self.feed.status if self.feed is not None else FeedStatus()
        is_known = status.shown or status.ended or status.is_empty or status.failure is not None
        is_fetched = status.loading or app_of(self).library.status.connection is ConnectionState.LIVE
        return self._next_feed is not None or status.sorting or bool(is_fetched and not is_known)

    def _show_status(self) -> None:
        if self.feed is None:
            self.query_one(Heading).show(Content(""), Content(""))
            self.query_one(PlaceholderLine).placeholder = Placeholder(self.empty_text)
            self._show_rows(False)
            self._update_key_bar(0, False)
            return
        status, view = self.feed.status, self.feed.view
        self.query_one(Heading).show(*self._make_heading(status, view))
        line = self.query_one(PlaceholderLine)
        line.placeholder, line.fills_pane = self._make_placeholder(status, view), status.shown == 0
        self._show_rows(status.shown > 0)
        self.table.footer = end_line(self.kind, status, view)
        self._update_key_bar(status.new, bool(status.saved or status.shown or self.is_awaiting_rows))
        self.post_message(self.StatusChanged(status))
        if self._record_look(self.feed):
            self._open_feed()

    def _make_heading(self, status: FeedStatus, view: View) -> tuple[Content, Content, Content]:
        """Return the title of the list, and its counts in two forms: with words, and shorter, without words."""
        return heading(self.kind, self.username, status, view, note=self.note, marked=len(self.table.marked))

    def _make_placeholder(self, status: FeedStatus, view: View) -> Placeholder | None:
        """Return the text to show with or instead of the rows, such as a fault of the filter; None for no text."""
        if self._query_fault:
            return Placeholder(self._query_fault, "f1 explains the query language.", Severity.ERROR)
        library, now = app_of(self).library, app_of(self).clock()
        has_server = library.source.kind is not SourceKind.SAVED
        return list_placeholder(self.kind, self.username, status, view, library.status, now, has_server=has_server)

    def _show_rows(self, visible: bool) -> None:
        """Show the table, and focus it if nothing has the focus; with `visible` False, hide the table."""
        if not visible and self.table.has_focus:
            self.screen.set_focus(None)
        self.table.display = visible
        if visible and self.screen.focused is None:
            self.screen.set_focus(self.table, scroll_visible=False)

    def _update_key_bar(self, new: int, has_rows: bool) -> None:
        """Update the key bar if `new`, the number of new items, or `has_rows` has changed."""
        if (new, has_rows) != (self._shown_new, self._has_rows):
            self._shown_new, self._has_rows = new, has_rows
            self.screen.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the filter key if this list can't be filtered, and the keys that need rows if there are none."""
        if action == "save_query":
            return self.query_mark is not None
        if action in {"next_new", "mark_seen"}:
            return self._shown_new > 0
        if action in {"filter", "sort", "sort_back"}:
            return self._has_rows and (self.filterable or action != "filter")
        return True

    async def action_filter(self) -> None:
        if self._filter_input is None:
            from flattr_tui.ui.widgets.inputs import FilterInput  # noqa: PLC0415 -- imported when it is shown

            self._filter_input = FilterInput("saved rows", self.table)
            await self.mount(self._filter_input, before=self.table)
        self._filter_input.open()

    async def filter_by(self, text: str) -> None:
        """Open the filter with the query `text`, and focus the rows."""
        await self.action_filter()
        if self._filter_input is not None:
            self._filter_input.value = text
        self.table.focus()

    @property
    def query_mark(self) -> Mark | None:
        """A new bookmark of this list with its filter; None if the list has no filter, or can't be bookmarked."""
        if self.request is None or not self.view.text:
            return None
        library, at = app_of(self).library, app_of(self).clock()
        return make_filter_mark(
            self.request, self.view.text, account=library.account, source=library.source.name, at=at
        )

    def action_save_query(self) -> None:
        """Ask for a name, and save the filter as a bookmark with this name."""
        app_of(self).bookmarks.ask_query_name(self.query_mark)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter by the typed text. If the text is not a valid query, the rows stay as they are."""
        event.stop()
        had_filter = bool(self.view.text)
        context = query_context(self, self._shown_view.seen_until)
        self._query_fault = find_query_fault(event.value, context)
        if self._query_fault:
            self._show_status()
        else:
            self.view = replace(self.view, text=event.value.strip(), context=context)
        if bool(self.view.text) != had_filter:
            self.screen.refresh_bindings()

    def clear_filter(self) -> bool:
        """Clear and hide the filter. Returns False if the filter was hidden already."""
        return self._filter_input is not None and self._filter_input.close()

    def watch_note(self) -> None:
        self._show_status()

    def action_sort(self) -> None:
        """Sort by the next sortable column, in that column's usual direction."""
        self._sort(self.view.next_order(self.kind.sorts))

    def action_sort_back(self) -> None:
        """Reverse the sort order."""
        self._sort(self.view.reverse_order(self.kind.sorts))

    def _sort(self, view: View) -> None:
        """Sort the list as `view` says, and store this order for the next list of this kind."""
        self.view = view
        if self.filterable:
            app_of(self).preferences.sorts[self.kind.noun] = (view.sort.value, view.descending)

    @on(RowTable.Sorted)
    def _sorted(self, event: RowTable.Sorted) -> None:
        event.stop()
        column = event.column
        if column.sort is self.view.sort:
            self.action_sort_back()
        elif column.sort is not None:
            self._sort(self.view.in_order(column.sort))

    def action_next_new(self) -> None:
        """Move the cursor to the next new row; after the last new row, to the first."""
        if self.feed is not None and (index := find_new_row(self.feed, self.table.cursor + 1)) is not None:
            self.table.cursor = index

    def action_mark_seen(self) -> None:
        """Mark all items of the list as seen."""
        if self.feed is not None and self.feed.status.newest is not None:
            app_of(self).new_items.mark_seen(self.feed.request, self.feed.status.newest)
            self._open_feed()

    def refresh_from_server(self, *, complete: bool = False) -> None:
        """Fetch new items or, if the cursor is on a gap, its rows. With `complete`, fetch the whole list again."""
        if self.request is None:
            return
        if not complete and isinstance(self.table.row_at(self.table.cursor), Gap):
            self._request_rows(self.table.cursor, self.table.cursor + PREFETCH_ROWS)
        else:
            app_of(self).library.refresh(self.request, complete=complete)

"""The list of search results: at first saved things, then the server's results, once they have arrived."""

from collections.abc import Callable

from msgspec.structs import replace
from textual import events, on
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from flattr_tui.library.events import ConnectionState, Event, FeedChanged
from flattr_tui.library.query.list_feed import Feed, FeedStatus, View
from flattr_tui.library.query.search import FIRST_RESULTS, NO_LIMIT, SavedFeed, ServerQuery, to_server_query
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.query_language import parse_query
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of, query_context
from flattr_tui.ui.format import wait_reason
from flattr_tui.ui.panes.list_pane import PREFETCH_ROWS, ListPane
from flattr_tui.ui.widgets.base_widgets import Heading, Placeholder, PlaceholderLine, Severity
from flattr_tui.ui.widgets.header_and_footer import MAX_LIVE_AGE, counts_as_live
from flattr_tui.ui.widgets.list_content import RowStyle
from flattr_tui.ui.widgets.table import RowTable

TYPING_SECONDS = 0.05
"""Seconds without typing after which saved things are searched."""
IDLE_SECONDS = 0.3
"""Seconds without typing after which all results in saved things are read, not only the first ones."""
MIN_FULL_WIDTH = 60
"""Minimum width in cells for the full texts; below it, short ones are shown."""

Search = Callable[[ApiRequest, View, int, Callable[[], bool]], SavedFeed]
"""Searches saved things. Takes a request, a view, a maximum number of results, and a function.

The search gives up when this function returns True.
"""


class SearchResults(ListPane):
    """Lists search results.

    `search_saved` searches only saved things. `run` does so, too, and sends a request if the source has a server. The
    results from saved things stay on screen until the server has responded. They stay even longer if the server's
    results lack the item under the cursor.
    """

    typed: reactive[ApiRequest | None] = reactive[ApiRequest | None](None, init=False, repaint=False)
    """The search that the form's fields describe now, with which saved things are searched; None for empty fields."""

    class SavedResults(Message):
        """Message: the search in saved things has finished."""

        def __init__(self, feed: SavedFeed) -> None:
            super().__init__()
            self.feed = feed

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__("search", filterable=False, classes=classes)
        self._live_feed: Feed | None = None
        self._saved_feed: SavedFeed | None = None
        self._sent: ServerQuery | None = None
        """The search in two parts: one is sent to the server, the other filters the server's results here.

        None if nothing was sent.
        """
        self._search_number = 0
        """Number of the latest search in saved things, from 1. Earlier searches give up."""

    # -- the search

    @property
    def bookmarked_request(self) -> ApiRequest | None:
        """The search as the user typed it, also with conditions that the server does not understand.

        None if no request was sent to the server.
        """
        return self.typed if self.request is not None else None

    @property
    def saved_only(self) -> bool:
        """Whether only saved things can be searched, because the program is offline."""
        app = app_of(self)
        return app.library.search is not None and app.library.status.connection is ConnectionState.OFFLINE

    @property
    def shows_live(self) -> bool:
        """Whether the results on screen come from the server, not from the search in saved things."""
        return self.feed is not None and self.feed is self._live_feed

    @property
    def shown_at(self) -> float | None:
        """When the results on screen were fetched, in Unix seconds; None if unknown.

        If they are saved results, which were fetched at different times, this is the time of the one under the cursor.
        """
        if self.shows_live and self.feed is not None:
            return self.feed.status.fetched_at
        return self.table.row.fetched_at if self.table.row is not None else None

    def search_saved(self, request: ApiRequest | None) -> None:
        """Search saved things as `request` says. The previous request to the server is abandoned."""
        if request == self.typed:
            return
        self.set_reactive(SearchResults.typed, request)
        if self.request is not None:
            self.request = None
        else:
            self.table.cursor = 0
            self._open_feed()

    def run(self, request: ApiRequest | None) -> None:
        """Search saved things and the server as `request` says; None clears the results."""
        self.set_reactive(SearchResults.typed, request)
        before, self._sent = self._sent, to_server_query(request, query_context(self)) if request is not None else None
        same = before is not None and self._sent is not None and self.request == self._sent.request
        self.request = self._sent.request if self._sent is not None else None
        if same and before != self._sent:
            self._open_feed()  # only the part of the query that filters the results here has changed
        if self._live_feed is not None and self._live_feed.status.failure is not None:
            super().refresh_from_server()

    def _open_feed(self) -> None:
        library = app_of(self).library
        asks = self.request is not None and not self.saved_only
        self._live_feed = None
        if asks and self.request is not None:
            view = View(text=self._sent.rest_text if self._sent is not None else "", context=query_context(self))
            self._live_feed = app_of(self).writes.apply_to_feed(library.feed(self.request, view))
        if self.typed is None or (library.search is None and self._live_feed is None):
            self._show(None)
        elif self._live_feed is not None and (library.search is None or _has_response(self._live_feed.status)):
            self._show(self._live_feed)
        elif self._saved_feed is None or self._saved_feed.request != self.typed:
            self._start_saved_search(FIRST_RESULTS, TYPING_SECONDS)
            self._show_status()
        else:
            self._show(app_of(self).writes.apply_to_feed(self._saved_feed))

    @property
    def is_awaiting_rows(self) -> bool:
        """Whether the results of the current search are still being read or fetched."""
        if self.typed is None:
            return False
        if self._live_feed is not None:
            live, has_saved = self._live_feed.status, self.feed is not None and self.feed.status.shown
            return not has_saved and not _has_response(live) and live.failure is None
        is_found = self._saved_feed is not None and self._saved_feed.request == self.typed
        return app_of(self).library.search is not None and not is_found

    def reload_library(self) -> None:
        """Search again, because the library was replaced."""
        self._saved_feed = None
        super().reload_library()

    def _show(self, feed: Feed | None) -> None:
        self.feed = feed
        self.table.source = feed
        self._update_row_style(app_of(self).now)
        self._show_status()

    def next_change_in(self, now: float) -> float:
        """Return the seconds from `now` (Unix seconds) until a text on screen is outdated; infinity if never."""
        status = self.feed.status if self.feed is not None and self.shows_live else FeedStatus()
        if status.fetched_at is None:
            return super().next_change_in(now)
        age = now - status.fetched_at
        return min(super().next_change_in(now), MAX_LIVE_AGE - age if counts_as_live(age) else fmt.next_age_in(age))

    def _update_row_style(self, now: float) -> None:
        query = self.typed.get("query") if self.typed is not None else ""
        look = RowStyle(now, app_of(self).tz, parse_query(query, query_context(self)).words)
        if look != self.table.row_style:
            self.table.row_style = look

    # -- saved results

    def _start_saved_search(self, limit: int, after: float) -> None:
        app, finder = app_of(self), app_of(self).library.search
        if finder is not None and self.typed is not None:
            self._search_number = asked = self._search_number + 1
            view = replace(self.view, context=query_context(self))
            work = _search_job(finder.search_things, self.typed, view, limit, lambda: self._search_number != asked)
            app.run_in_thread(work, self, "searching", delay=after)

    def on_search_results_saved_results(self, event: SavedResults) -> None:
        event.stop()
        if event.feed.request != self.typed:
            return
        event.feed.adopt_known(self._saved_feed)
        self._saved_feed = event.feed
        if not self.shows_live:
            self._show(app_of(self).writes.apply_to_feed(event.feed))
            if not event.feed.status.ended:
                self._start_saved_search(NO_LIMIT, IDLE_SECONDS)
            self._show_live_if_safe()  # the cursor may be on another item now

    # -- the server's results

    def _library_changed(self, event: Event) -> None:
        if not isinstance(event, FeedChanged) or event.request != self.request or self._live_feed is None:
            return
        self._live_feed.reload()
        if self.shows_live:
            self.table.reload()
            self._show_status()
        else:
            self._show_live_if_safe()

    def _show_live_if_safe(self) -> None:
        """Show the server's results, unless the item under the cursor is missing from these results."""
        live, row = self._live_feed, self.table.row if self.table.has_focus else None
        if live is None or self.shows_live or not _has_response(live.status):
            self._show_status()
            return
        at = live.find_row(row.key) if row is not None else 0
        if at is None and live.status.saved:
            self._show_status()
            return
        self._show(live)
        if row is not None:
            self.table.cursor = at or 0

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """When the table of saved results loses the focus, show the server's results.

        While the table has the focus, the server's results replace the saved ones only if they contain the item under
        the cursor. Otherwise, the cursor would jump.
        """
        self.call_later(self._show_live_if_safe)

    def _request_rows(self, start: int, stop: int, *, near: bool = False) -> None:
        if self._live_feed is None:
            return
        if not self.shows_live:
            start, stop = 0, self.table.page_rows + PREFETCH_ROWS
        super()._request_rows(start, stop, near=near)

    def refresh_from_server(self, *, complete: bool = False) -> None:
        """Show the server's results if they have arrived but are not shown yet; otherwise search again.

        If the server is asked again, only new or missing results are fetched; with `complete`, all results.
        """
        if self._live_feed is not None and not self.shows_live and _has_response(self._live_feed.status):
            self._show(self._live_feed)
        elif self._live_feed is not None:
            super().refresh_from_server(complete=complete)
        elif self.saved_only:
            self._start_saved_search(FIRST_RESULTS, 0.0)
        elif self.typed is not None:
            self.run(self.typed)

    # -- the status

    def on_resize(self, event: events.Resize) -> None:
        self._show_status()

    def _show_status(self) -> None:
        nothing = "Fill in any field: saved things are found as you type"
        self.empty_text = f"{nothing}." if self.saved_only else f"{nothing}; press enter to ask the server."
        if self.shows_live or self.feed is None:
            super()._show_status()
            if self.feed is None and self.typed is not None:
                self.query_one(PlaceholderLine).placeholder = Placeholder("⋯ Searching saved data.")
            return
        status = self.feed.status
        title = Content.styled("Found", "bold")
        if self.saved_only and self.size.width >= MIN_FULL_WIDTH:
            title += Content.styled(" · saved only", "$muted")
        self.query_one(Heading).show(title, self._saved_count(status))
        line = self.query_one(PlaceholderLine)
        line.placeholder, line.fills_pane = self._make_placeholder(status, self.feed.view), not status.shown
        self.table.display = status.shown > 0
        end = f"— {self.kind.count(status.shown)} saved —"
        self.table.footer = Content.styled(end) if status.ended and status.shown else Content("")
        self.post_message(self.StatusChanged(status))

    def _make_heading(self, status: FeedStatus, view: View) -> tuple[Content, Content, Content]:
        count = self._live_count(status)
        return super()._make_heading(status, view)[0], count, count

    def _live_count(self, status: FeedStatus) -> Content:
        app = app_of(self)
        parts = [f"{status.total if status.total is not None else status.saved:,} found"]
        if self._sent is not None and self._sent.rest:
            parts.append(f"{status.shown:,} of the {status.saved:,} here match {self._sent.rest_text}")
        elif not status.ended:
            parts.append(f"{status.saved:,} here")
        text = Content.styled(" · ".join([*parts, ""]), "$muted")
        age = app.clock() - status.fetched_at if status.fetched_at is not None else 0.0
        live = app.library.status.connection in {ConnectionState.LIVE, ConnectionState.WAITING} and counts_as_live(age)
        text += Content.styled("live", "$success") if live else Content.styled(f"saved {fmt.ago(age)}", "$accent")
        return text + Content.styled(" · ⟳" if status.loading else "", "$muted")

    def _saved_count(self, status: FeedStatus) -> Content:
        roomy = self.size.width >= MIN_FULL_WIDTH
        text = Content.styled(f"{status.saved:,} found " + ("in saved data" if roomy else "· saved"), "$muted")
        if self._live_feed is not None and _has_response(self._live_feed.status):
            total = self._live_feed.status.total or self._live_feed.status.saved
            text += Content.styled(f" · r shows the {total:,} of the server" if roomy else " · r: live", "$accent")
        elif self._live_feed is not None and self._live_feed.status.loading:
            text += Content.styled(" · ⟳ asking the server" if roomy else " · ⟳", "$muted")
        return text

    def _make_placeholder(self, status: FeedStatus, view: View) -> Placeholder | None:
        if self.shows_live:
            return super()._make_placeholder(status, view)
        live = self._live_feed.status if self._live_feed is not None else None
        source = app_of(self).library.status
        if live is not None and live.failure is not None and not live.loading:
            kept = "Showing saved results. " if status.shown else "No match in saved data either. "
            return Placeholder(live.failure.sentence, f"{kept}Press r to try again.", Severity.ERROR)
        if live is not None and source.connection is ConnectionState.WAITING:
            left = fmt.countdown((source.waiting_until or 0.0) - app_of(self).clock())
            return Placeholder(f"{wait_reason(source)}; asking the server in {left}.", "", Severity.WAITING)
        if status.shown:
            return None
        if live is not None:
            return Placeholder("⋯ No match in saved data; asking the server.")
        todo = "Try fewer words, or remove a filter." if self.saved_only else "Press enter to ask the server."
        return Placeholder("No match in saved data.", todo)

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the keys that filter and sort a list, because the search form filters and sorts."""
        unused = action in {"filter", "sort", "sort_back", "save_query"}
        return False if unused else super().check_action(action, parameters)

    @on(RowTable.Sorted)
    def _title_clicked(self, event: RowTable.Sorted) -> None:
        event.stop()
        event.prevent_default()


def _has_response(status: FeedStatus) -> bool:
    """Whether the server has responded to the search at least once. `status` is the status of the server's results."""
    return status.saved > 0 or status.ended


def _search_job(
    search: Search, request: ApiRequest, view: View, limit: int, is_cancelled: Callable[[], bool]
) -> Callable[[], Message]:
    return lambda: SearchResults.SavedResults(search(request, view, limit, is_cancelled))

"""What a search finds: at once among what is saved, then what the server answers, in its place."""

from collections.abc import Callable

from textual import events, on
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from flattr_tui.library.events import Connection, Event, FeedChanged
from flattr_tui.library.query.feed import Feed, FeedStatus, View
from flattr_tui.library.query.search import FIRST_RESULTS, NO_LIMIT, SavedFeed
from flattr_tui.model.api_request import Request
from flattr_tui.ui import format as fmt
from flattr_tui.ui.panes.feed_view import NEAR, FeedView
from flattr_tui.ui.panes.list_status import waited_for
from flattr_tui.ui.typed_app import app_of
from flattr_tui.ui.widgets.columns import RowStyle
from flattr_tui.ui.widgets.placeholder import Placeholder, PlaceholderLine, Severity
from flattr_tui.ui.widgets.steady_text import SteadyText
from flattr_tui.ui.widgets.table import RowTable

TYPING_SECONDS = 0.05
"""For so long nothing is typed before it is searched for."""
RESTING_SECONDS = 0.3
"""For so long nothing is typed before all results are read, and not only the first."""
LIVE_SECONDS = 3600.0
"""An answer that is older is not called live."""
ROOM = 60
"""Below so many cells less is said."""

Search = Callable[[Request, View, int, Callable[[], bool]], SavedFeed]


class SearchResults(FeedView):
    """Lists what is found.

    `look_for` searches what is saved. A `request` is asked of the server too, where there is one; until it answers,
    what is saved stays, and the answer comes in its place once it has the item under the cursor.
    """

    typed: reactive[Request | None] = reactive[Request | None](None, init=False, repaint=False)
    """What is in the fields, to be searched among what is saved."""

    class Found(Message):
        """What is saved was searched."""

        def __init__(self, feed: SavedFeed) -> None:
            super().__init__()
            self.feed = feed

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__("search", filterable=False, classes=classes)
        self._live: Feed | None = None
        self._found: SavedFeed | None = None
        self._asked = 0
        """How often was searched: whatever was searched for before the last time is waited for no more."""

    # -- what is looked for

    @property
    def sought(self) -> Request | None:
        """What is looked for."""
        return self.request or self.typed

    @property
    def saved_only(self) -> bool:
        """Whether no server is ever asked."""
        app = app_of(self)
        return app.library.search is not None and app.library.status.connection is Connection.OFFLINE

    @property
    def shows_live(self) -> bool:
        """Whether the server's answer is shown."""
        return self.feed is not None and self.feed is self._live

    @property
    def shown_at(self) -> float | None:
        """How old what is shown is, Unix seconds."""
        if self.shows_live and self.feed is not None:
            return self.feed.status.fetched_at
        return self.row.fetched_at if self.row is not None else None

    def look_for(self, request: Request | None) -> None:
        """Search what is saved, as it is typed; what the server was asked before is not waited for any more."""
        if request == self.sought:
            return
        self.set_reactive(SearchResults.typed, request)
        if self.request is not None:
            self.request = None
        else:
            self.table.cursor = 0
            self._open()

    def run(self, request: Request | None) -> None:
        """Search; the server is asked too."""
        self.set_reactive(SearchResults.typed, request)
        self.request = request
        if self._live is not None and self._live.status.failure is not None:
            super().refresh_feed()

    def _open(self) -> None:
        library = app_of(self).library
        asks = self.request is not None and not self.saved_only
        self._live = (
            app_of(self).with_pending_writes(library.feed(self.request)) if asks and self.request is not None else None
        )
        if self.sought is None or (library.search is None and self._live is None):
            self._show(None)
        elif self._live is not None and (library.search is None or _tells(self._live.status)):
            self._show(self._live)
        elif self._found is None or self._found.request != self.sought:
            self._search_saved(FIRST_RESULTS, TYPING_SECONDS)
            self._show_status()
        else:
            self._show(app_of(self).with_pending_writes(self._found))

    def reopen(self) -> None:
        """Search anew: the library is another one."""
        self._found = None
        super().reopen()

    def _show(self, feed: Feed | None) -> None:
        self.feed = feed
        self.table.source = feed
        self._look(app_of(self).now)
        self._show_status()

    def next_change_in(self, now: float) -> float:
        """Seconds until the time changes what is said of what is found."""
        status = self.feed.status if self.feed is not None and self.shows_live else FeedStatus()
        if status.fetched_at is None:
            return super().next_change_in(now)
        age = now - status.fetched_at
        return min(super().next_change_in(now), fmt.next_age_in(age) if age >= LIVE_SECONDS else LIVE_SECONDS - age)

    def _look(self, now: float) -> None:
        query = self.sought.get("query") if self.sought is not None else ""
        look = RowStyle(now, app_of(self).tz, tuple(query.split()))
        if look != self.table.row_style:
            self.table.row_style = look

    # -- what is saved

    def _search_saved(self, limit: int, after: float) -> None:
        app, finder = app_of(self), app_of(self).library.search
        if finder is not None and self.sought is not None:
            self._asked = asked = self._asked + 1
            work = _searching(finder.search_things, self.sought, self.view, limit, lambda: self._asked != asked)
            app.run_in_thread(work, self, "searching", after=after)

    def on_search_results_found(self, event: Found) -> None:
        """Show it, unless the server was quicker or something else is looked for meanwhile."""
        event.stop()
        if event.feed.request != self.sought:
            return
        event.feed.adopt_known(self._found)
        self._found = event.feed
        if not self.shows_live:
            self._show(app_of(self).with_pending_writes(event.feed))
            if not event.feed.status.ended:
                self._search_saved(NO_LIMIT, RESTING_SECONDS)

    # -- what the server answers

    def _library_changed(self, event: Event) -> None:
        if not isinstance(event, FeedChanged) or event.request != self.request or self._live is None:
            return
        self._live.reload()
        if self.shows_live:
            self.table.reload()
            self._show_status()
        else:
            self._take_answer()

    def _take_answer(self) -> None:
        """Put the answer in the place of what is saved, unless the item under the cursor would be lost."""
        live, row = self._live, self.row if self.table.has_focus else None
        if live is None or self.shows_live or not _tells(live.status):
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
        """Take the answer that had to wait for the cursor."""
        self.call_later(self._take_answer)

    def _want(self, start: int, stop: int, *, near: bool = False) -> None:
        if self._live is None:
            return
        if not self.shows_live:
            start, stop = 0, self.table.page_rows + NEAR
        super()._want(start, stop, near=near)

    def refresh_feed(self, *, complete: bool = False) -> None:
        """Show the answer that waits, or ask the server, or look again."""
        if self._live is not None and not self.shows_live and _tells(self._live.status):
            self._show(self._live)
        elif self._live is not None:
            super().refresh_feed(complete=complete)
        elif self.saved_only:
            self._search_saved(FIRST_RESULTS, 0.0)
        elif self.sought is not None:
            self.run(self.sought)

    # -- what is said of it

    def on_resize(self) -> None:
        """Say as much as there is room for."""
        self._show_status()

    def _show_status(self) -> None:
        nothing = "Fill in any field: what is saved is searched as you type"
        self.unasked = f"{nothing}." if self.saved_only else f"{nothing}, enter asks the server."
        if self.shows_live or self.feed is None:
            super()._show_status()
            if self.feed is not None:
                self.query_one(".count", SteadyText).update(self._counted_live(self.feed.status))
            elif self.sought is not None:
                self.query_one(PlaceholderLine).placeholder = Placeholder("⋯ Looking through what is saved.")
            return
        status = self.feed.status
        title = Content.styled("Found", "bold")
        if self.saved_only and self.size.width >= ROOM:
            title += Content.styled(" · saved only", "$muted")
        self.query_one(".title", SteadyText).update(title)
        self.query_one(".count", SteadyText).update(self._counted_saved(status))
        line = self.query_one(PlaceholderLine)
        line.placeholder, line.fills_pane = self._state(status), not status.shown
        self.table.display = status.shown > 0
        end = f"— {self.kind.count(status.shown)}, of those saved —"
        self.table.footer = Content.styled(end) if status.ended and status.shown else Content("")
        self.post_message(self.StatusChanged(status))

    def _counted_live(self, status: FeedStatus) -> Content:
        app = app_of(self)
        parts = [f"{status.total if status.total is not None else status.saved:,} found"]
        if not status.ended:
            parts.append(f"{status.saved:,} here")
        told = Content.styled(" · ".join([*parts, ""]), "$muted")
        age = app.clock() - status.fetched_at if status.fetched_at is not None else 0.0
        live = app.library.status.connection in {Connection.LIVE, Connection.WAITING} and age < LIVE_SECONDS
        told += Content.styled("live", "$success") if live else Content.styled(f"saved {fmt.ago(age)}", "$accent")
        return told + Content.styled(" · ⟳" if status.loading else "", "$muted")

    def _counted_saved(self, status: FeedStatus) -> Content:
        roomy = self.size.width >= ROOM
        told = Content.styled(f"{status.saved:,} found " + ("among what is saved" if roomy else "· saved"), "$muted")
        if self._live is not None and _tells(self._live.status):
            total = self._live.status.total or self._live.status.saved
            told += Content.styled(f" · r shows the {total:,} of the server" if roomy else " · r: live", "$accent")
        elif self._live is not None and self._live.status.loading:
            told += Content.styled(" · ⟳ asking the server" if roomy else " · ⟳", "$muted")
        return told

    def _state(self, status: FeedStatus) -> Placeholder | None:
        live = self._live.status if self._live is not None else None
        source = app_of(self).library.status
        if live is not None and live.failure is not None and not live.loading:
            kept = "Showing what is saved. " if status.shown else "Nothing that is saved has this either. "
            return Placeholder(live.failure.sentence, f"{kept}r tries again.", Severity.ERROR)
        if live is not None and source.connection is Connection.WAITING:
            left = fmt.countdown((source.waiting_until or 0.0) - app_of(self).clock())
            return Placeholder(f"{waited_for(source)}; asking the server in {left}.", "", Severity.WAITING)
        if status.shown:
            return None
        if live is not None:
            return Placeholder("⋯ Nothing that is saved has this; the server is asked.")
        todo = "Try fewer words, or take a filter away." if self.saved_only else "enter asks the server."
        return Placeholder("Nothing that is saved has this.", todo)

    # -- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave filter and order to the form: the service's hold for both, what is saved and what it answers."""
        return action not in {"filter", "sort", "sort_back"}

    @on(RowTable.Sorted)
    def _title_clicked(self, event: RowTable.Sorted) -> None:
        event.stop()
        event.prevent_default()


def _tells(status: FeedStatus) -> bool:
    """Whether the server ever answered."""
    return status.saved > 0 or status.ended


def _searching(
    search: Search, request: Request, view: View, limit: int, given_up: Callable[[], bool]
) -> Callable[[], Message]:
    return lambda: SearchResults.Found(search(request, view, limit, given_up))

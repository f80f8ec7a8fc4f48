"""The base class of all pages, with their bars and keys, and the pane that describes the item under the cursor."""

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import Input

from flattr_tui.library.bookmarks import Mark
from flattr_tui.library.events import ConnectionState, Event, RecordChanged, SourceStatus, SyncProgress
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.api_request import ApiRequest, to_own_request
from flattr_tui.model.entities import Entity, Flattr, Thing, address_of, thing_of, username_of
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of, copy_selection, is_visible
from flattr_tui.ui.bindings import PAGE
from flattr_tui.ui.modes import MODES
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.textual_private import FirstFrameScreen, forget_closed
from flattr_tui.ui.widgets.base_widgets import EvenLines, SteadyText
from flattr_tui.ui.widgets.header_and_footer import MIN_TERMINAL, KeyBar, ModeBar, Tab, TopBar, next_badge_change_in
from flattr_tui.ui.widgets.table import RowTable


class DetailPane(EvenLines, VerticalScroll):
    """Describes `item`: first with the fields from the list, then with the thing's full record, once it is fetched."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "down", show=False, id="detail.down"),
        Binding("k", "scroll_up", "up", show=False, id="detail.up"),
    ]

    item: reactive[Entity | None] = reactive[Entity | None](None, init=False, repaint=False)
    _is_starred = False

    def compose(self) -> ComposeResult:
        yield SteadyText(id="description")

    def on_mount(self) -> None:
        app_of(self).library_changed.subscribe(self, self._library_changed)
        self.watch(self.app, "bookmarks_version", self._on_bookmarks_changed, init=False)

    def _on_bookmarks_changed(self) -> None:
        if app_of(self).bookmarks.is_bookmarked(self.item) != self._is_starred:  # a visit changes nothing here
            self._update()

    @property
    def request(self) -> ApiRequest | None:
        """The request for the full record of the item's thing; None if the item is not about a thing."""
        thing = thing_of(self.item)
        return ApiRequest.of("thing", id=str(thing.id)) if thing is not None else None

    def watch_item(self, old: Entity | None, new: Entity | None) -> None:
        if thing_of(old) != thing_of(new):
            self.scroll_home(animate=False)
        self._update()

    def _update(self) -> None:
        app = app_of(self)
        item, request = self.item, self.request
        if request is not None:
            record = app.library.record(request)
            known = app.writes.apply_to_item(record.entity, record.fetched_at)
            item = _with_full_record(item, known) if known is not None else item
        text, self._is_starred = self.query_one("#description", SteadyText), app.bookmarks.is_bookmarked(item)
        text.update(describe(item, app.clock(), app.tz, bookmarked=self._is_starred, width=text.size.width))

    def on_resize(self) -> None:
        self._update()

    def redraw(self) -> None:
        """Describe the item again, because a write has changed it."""
        self._update()

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, RecordChanged) and event.request == self.request:
            self._update()


def _with_full_record(item: Entity | None, full_record: Entity) -> Entity | None:
    """Return `item` with the full record of its thing, `full_record`.

    For a thing, that is `full_record` itself; for a flattr, a copy of the flattr that contains `full_record`. Any other
    item is returned unchanged.
    """
    if isinstance(item, Flattr) and isinstance(full_record, Thing):
        return Flattr(thing=full_record, owner=item.owner, created_at=item.created_at)
    return full_record if isinstance(item, Thing) else item


def describe(item: Entity | None, now: float, tz: tzinfo = UTC, *, bookmarked: bool = False, width: int = 0) -> Content:
    """Return the description of an item for the detail pane. A bookmarked item has a star after its name.

    Times are described as seen at `now` (Unix seconds) in the time zone `tz`. Lines with a label are wrapped to `width`
    cells and indented by the label. If `width` is 0, Textual wraps them.
    """
    lines = [_to_content(line, width) for line in fmt.describe_item(item, now, tz)]
    if bookmarked and lines:
        lines[0] += Content.styled(" ★", "$accent")
    return Content("\n").join(lines)


def _to_content(line: fmt.Line, width: int) -> Content:
    content = Content.assemble(*line.parts)
    if line.label is None:
        return content
    wrapped = content.wrap(width - fmt.LABEL_WIDTH) if width > 2 * fmt.LABEL_WIDTH else [content]
    label, indent = Content.styled(line.label.ljust(fmt.LABEL_WIDTH), "$muted"), Content(" " * fmt.LABEL_WIDTH)
    return Content("\n").join([(indent if at else label) + part for at, part in enumerate(wrapped)])


MIN_FRAME_HEIGHT = 8
"""Minimum height of the terminal in lines at which the mode bar, the key bar and the headings are shown."""
MAX_OPENED = 5
"""Maximum number of addresses that are opened in the browser without a confirmation."""
SPLIT_WIDTH = 100
"""Minimum width of the terminal in cells at which the detail pane is shown beside a list."""
WATCHED_STATE = ("user", "source", "status", "now", "syncing")
"""Attributes of the app that pages follow while they are visible."""


class Page(EvenLines, FirstFrameScreen):
    """A screen of the app: a body between the top bar, the mode bar and the key bar."""

    BINDINGS: ClassVar[list[BindingType]] = list(PAGE)
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (SPLIT_WIDTH, "-wide")]  # noqa: RUF012 -- Textual's declaration
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 -- Textual's declaration

    user: reactive[str] = reactive("", init=False, repaint=False)
    """Name of the user that the app shows; "" for nobody."""
    source: reactive[str] = reactive("", init=False, repaint=False)
    status: reactive[SourceStatus] = reactive(SourceStatus(), init=False, repaint=False)
    now: reactive[float] = reactive(0.0, init=False, repaint=False)
    """The current time in Unix seconds."""
    fetched_at: reactive[float | None] = reactive[float | None](None, init=False, repaint=False)
    """When this page's data was fetched, in Unix seconds; None if the page has no data."""
    syncing: reactive[SyncProgress | None] = reactive[SyncProgress | None](None, init=False, repaint=False)
    """Progress of the running sync; None if none is running."""
    mode: reactive[str] = reactive("", init=False, repaint=False)
    """Id of the mode in which the page was opened."""
    trail: reactive[tuple[str, ...]] = reactive[tuple[str, ...]]((), init=False, repaint=False)
    """The breadcrumbs: the names of the pages that led to this page, and its own name; often empty on a first page."""
    REFRESH_FETCHES: ClassVar[bool] = True
    """Whether the refresh keys ask the server, which is impossible offline. If not, they read saved data again."""
    CRUMB: ClassVar[str] = ""
    """The page's name in the breadcrumbs; "" if it depends on what the page shows."""
    terminal: reactive[Size] = reactive(MIN_TERMINAL, init=False, repaint=False)
    """Size of the terminal in cells."""
    is_shown = True
    """Whether the page is on screen, possibly below a dialog. Hidden pages draw nothing."""
    _is_outdated = False
    """Whether saved data has changed since the last call of `reread`."""
    _has_changed_items = False
    """Whether the pending writes have changed while the page was hidden."""

    def compose(self) -> ComposeResult:
        app = app_of(self)
        self._set_size_classes(self.app.size)
        for name in WATCHED_STATE:
            self.set_reactive(getattr(Page, name), getattr(app, name))
        self.set_reactive(Page.mode, self.app.current_mode)
        self.set_reactive(Page.terminal, self.app.size)
        self.set_reactive(Page.trail, app.trail.list_crumbs(self))
        yield TopBar().data_bind(
            Page.terminal, Page.trail, Page.user, Page.source, Page.status, Page.now, Page.fetched_at, Page.syncing
        )
        yield ModeBar([Tab(mode.id, mode.key, mode.label) for mode in MODES]).data_bind(active=Page.mode)
        yield from self.body()
        yield KeyBar()

    def _set_size_classes(self, size: Size) -> None:
        """Set the CSS classes for the terminal's size. Textual would set them only after the first layout."""
        for length, points in ((size.width, self.HORIZONTAL_BREAKPOINTS), (size.height, self.VERTICAL_BREAKPOINTS)):
            self.add_class(max(point for point in points if point[0] <= length)[1], update=False)
        if size.height < MIN_FRAME_HEIGHT:
            self.add_class("-frameless", update=False)

    def body(self) -> ComposeResult:
        """Compose the part of the page between the mode bar and the key bar."""
        yield from ()

    def on_mount(self) -> None:
        self.query_one(TopBar).tz = app_of(self).tz
        forget_closed(self.app, app_of(self).library_changed)
        for name in WATCHED_STATE:
            self.watch(self.app, name, self._follow(name), init=False)
        self.watch(self.app, "news_counts", self._show_news)

    def on_resize(self) -> None:
        """Hide the less important lines if the terminal is low, and show a warning if it is too small."""
        self.terminal = self.size
        self.set_class(self.size.height < MIN_FRAME_HEIGHT, "-frameless")

    def _show_news(self, counts: Mapping[str, int]) -> None:
        self.query_one(ModeBar).news_counts = counts

    def _follow(self, name: str) -> Callable[[object], None]:
        def follow(value: object) -> None:
            if self.is_shown:
                setattr(self, name, value)
                if name == "user":
                    self.update_trail()

        return follow

    # -- the breadcrumbs

    @property
    def breadcrumb(self) -> str:
        """The name of this page for the breadcrumbs, the line in the header that lists the pages that led here."""
        return self.CRUMB

    def copy(self) -> "Page | None":
        """Return a new page with the same content, to open it again after it was closed; None if that is impossible."""
        return type(self)() if self.CRUMB else None

    def update_trail(self) -> None:
        """Update the breadcrumbs in the header after the page's name, or the pages that led to it, have changed."""
        before, self.trail = self.trail, app_of(self).trail.list_crumbs(self)
        if self.trail != before:
            self.refresh_bindings()

    @property
    def leads_back(self) -> bool:
        """Whether going back leads to another page. If not, the key bar does not show the key for it."""
        return app_of(self).trail.leads_back

    # -- the time

    def watch_fetched_at(self) -> None:
        """Show the new age of the data, and set the timer for the moment when the text of the age changes."""
        app = app_of(self)
        self.now = app.clock()
        app.schedule_clock()

    def next_change_in(self, now: float) -> float:
        """Return the seconds from `now` (Unix seconds) until a text on this page, such as an age, is outdated.

        The result is infinity if no text will be outdated.
        """
        badge = next_badge_change_in(self.status, self.fetched_at, now)
        return min(badge, fmt.next_day_in(now, app_of(self).tz), *(view.next_change_in(now) for view in self.lists))

    # -- the subject

    @property
    def lists(self) -> list[ListPane]:
        """The lists on the page."""
        return self.walk_children(ListPane)  # not query: 19 µs instead of 290, several times for each key

    @property
    def subject(self) -> Entity | None:
        """The item that keys act on: the item under the cursor of the page's list; None if there is none."""
        table = next(iter(self.walk_children(RowTable)), None)
        row = table.row if table is not None else None
        return row.item if row is not None else None

    @property
    def marked_items(self) -> list[Entity]:
        """The items of the marked rows, in the order on screen; empty if no row is marked."""
        return [row.item for table in self.walk_children(RowTable) if table.marked for row in table.marked_rows]

    @property
    def request(self) -> ApiRequest | None:
        """The request for the list or record that the page shows; None for other pages."""
        return None

    def as_own_request(self, request: ApiRequest) -> ApiRequest:
        """Return a request for data of the account by its own method, such as `my-things`; others unchanged."""
        return to_own_request(request, app_of(self).library.account)

    @property
    def username(self) -> str:
        """Name of the user that the page is about; "" for none."""
        return ""

    @property
    def searches(self) -> list[ApiRequest]:
        """The searches whose results the page shows."""
        requests = [view.bookmarked_request for view in self.lists]
        return [request for request in requests if request is not None and request.method == "search"]

    @property
    def query_mark(self) -> Mark | None:
        """A new bookmark of the query on the page; None if the page has no query."""
        return next((mark for view in self.lists if (mark := view.query_mark) is not None), None)

    def action_save_query(self) -> None:
        """Ask for a name, and save the page's query as a bookmark with this name."""
        app_of(self).bookmarks.ask_query_name(self.query_mark)

    @on(RowTable.Opened)
    def _row_opened(self, event: RowTable.Opened) -> None:
        event.stop()
        self.open_row(event.row)

    def open_row(self, row: Row) -> None:
        """Open the page of a row's item."""
        app_of(self).open_item(row.item)

    def show_row(self) -> None:
        """Show the item under the cursor in the detail pane."""
        self.query_one(DetailPane).item = self.subject
        self.refresh_bindings()

    @property
    def is_awaiting_data(self) -> bool:
        """Whether rows to which a key may move the cursor are still being read or fetched."""
        return not isinstance(self.focused, Input) and any(view.is_awaiting_rows for view in self.lists)

    # -- showing and hiding

    def on_screen_resume(self) -> None:
        """Show the changes that happened while the page was hidden, and fetch the visible rows."""
        self.is_shown = True
        app_of(self).read_clock()
        # Since Python 3.12 Textual's tasks start eagerly: a page is composed before the app has changed the mode.
        self.mode = self.app.current_mode
        for name in WATCHED_STATE:
            setattr(self, name, getattr(self.app, name))
        self.update_trail()
        for view in self.lists:
            view.is_watching = True
        if self._has_changed_items:
            self._has_changed_items = False
            self.items_changed()
        self._reread_if_outdated()

    def on_screen_suspend(self) -> None:
        self.is_shown = is_visible(self)
        for view in self.lists:
            view.is_watching = False

    def on_mode_bar_chosen(self, event: ModeBar.Chosen) -> None:
        event.stop()
        app_of(self).action_mode(event.mode)

    def source_changed(self) -> None:
        """Reload the page, because the app shows another source or uses another account."""
        for view in self.lists:
            view.reload_library()
        self.refresh_bindings()

    def reread_after(self, seconds: float) -> None:
        """Call `reread` after `seconds`. Further calls until then have no effect.

        If the page is hidden at that time, `reread` is called when the page is shown again.
        """
        if not self._is_outdated:
            self._is_outdated = True
            self.set_timer(seconds, self._reread_if_outdated)

    def _reread_if_outdated(self) -> None:
        if self._is_outdated and self.is_current:
            self._is_outdated = False
            self.reread()

    def reread(self) -> None:
        """Read the page's data again, because saved data has changed."""

    def mark_items_changed(self) -> None:
        """Redraw the items on the page; if the page is hidden, do so when it is shown again."""
        self._has_changed_items = not self.is_shown
        if self.is_shown:
            self.items_changed()

    def items_changed(self) -> None:
        """Redraw the items on the page, because the pending writes have changed."""
        for view in self.lists:
            view.refresh_rows()
        for pane in self.walk_children(DetailPane):
            pane.redraw()
        self.refresh_bindings()

    # -- keys

    def action_back(self) -> None:
        """Clear the filter of the list; if there is no filter, leave the page or return to the previous user."""
        focused = self.focused
        views = [view for view in self.lists if focused is None or focused in view.walk_children()]
        if any(view.clear_filter() for view in views):
            return
        app_of(self).go_back()

    def action_refresh(self) -> None:
        for view in self.lists:
            view.refresh_from_server()

    def action_refresh_all(self) -> None:
        for view in self.lists:
            view.refresh_from_server(complete=True)

    def action_browse(self) -> None:
        """Open the item, or all marked items, in the browser. Ask first if more than `MAX_OPENED` are marked."""
        app, addresses = app_of(self), self._marked_addresses
        if not addresses:
            app.open_address(address_of(self.subject))
            return

        def take(yes: bool | None) -> None:
            for address in addresses if yes else ():
                app.open_address(address)

        if len(addresses) <= MAX_OPENED:
            take(True)
        else:
            from flattr_tui.ui.widgets.dialogs import ConfirmDialog  # noqa: PLC0415 -- imported when it is shown

            self.app.push_screen(ConfirmDialog(f"Open {len(addresses):,} addresses in the browser?"), take)

    @property
    def _marked_addresses(self) -> list[str]:
        return list(dict.fromkeys(filter(None, map(address_of, self.marked_items))))

    def action_copy_text(self) -> None:
        """Copy the text that is selected with the mouse."""
        copy_selection(self)

    def action_copy(self) -> None:
        """Copy the address of the item or, if rows are marked, the addresses of the marked items, one per line."""
        if addresses := self._marked_addresses:
            app_of(self).copy_text("\n".join(addresses), name=fmt.plural(len(addresses), "address", "addresses"))
        else:
            app_of(self).copy_text(address_of(self.subject))

    def action_person(self) -> None:
        if name := username_of(self.subject):
            app_of(self).open_user(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in {"browse", "copy"}:
            return bool(address_of(self.subject))
        if action == "person":
            return bool(username_of(self.subject))
        is_offline = self.status.connection is ConnectionState.OFFLINE
        if action in {"refresh", "refresh_all"} and self.REFRESH_FETCHES and is_offline:
            return False
        if action == "refresh_all" or (action == "refresh" and type(self).action_refresh is Page.action_refresh):
            return bool(self.lists)
        return self.query_mark is not None if action == "save_query" else True

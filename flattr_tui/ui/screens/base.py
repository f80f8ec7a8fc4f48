"""What all screens share: the frame, the user that is shown, the way back, and the keys that work everywhere."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.reactive import reactive
from textual.screen import Screen

from flattr_tui.library.events import Status
from flattr_tui.library.sync_progress import SyncProgress
from flattr_tui.model.entities import Entity
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import PAGE
from flattr_tui.ui.item_links import address_of, username_of
from flattr_tui.ui.modes import MODES
from flattr_tui.ui.panes.detail_pane import DetailPane
from flattr_tui.ui.panes.feed_view import FeedView
from flattr_tui.ui.text_selection import copy_selection
from flattr_tui.ui.typed_app import app_of, is_visible
from flattr_tui.ui.widgets.frame_bars import KeyBar, ModeBar, Tab, TopBar, next_badge_change_in

NARROW = 100
"""Below so many cells the detail opens on top of the list instead of beside it."""
VISIBLE_STATE = ("status", "now", "syncing")
"""What each page draws of the app's state: of no use to one that is not seen."""
WATCHED_STATE = ("user", *VISIBLE_STATE)
"""What each page shows of the app's state."""


class Page(Screen[None]):
    """A screen with the frame around it."""

    BINDINGS: ClassVar[list[BindingType]] = list(PAGE)
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (NARROW, "-wide")]  # noqa: RUF012 -- Textual's declaration
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 -- Textual's declaration

    user: reactive[str] = reactive("", init=False, repaint=False)
    """The user whom the app shows."""
    source: reactive[str] = reactive("", init=False, repaint=False)
    status: reactive[Status] = reactive(Status(), init=False, repaint=False)
    now: reactive[float] = reactive(0.0, init=False, repaint=False)
    fetched_at: reactive[float | None] = reactive[float | None](None, init=False, repaint=False)
    """How old what this screen shows is, Unix seconds."""
    syncing: reactive[SyncProgress | None] = reactive[SyncProgress | None](None, init=False, repaint=False)
    """How far the sync is that runs behind."""
    mode: reactive[str] = reactive("", init=False, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        # It will be styled for the theme of now: else Textual restyles and redraws all, the page that is left too.
        self._css_update_count = getattr(self.app, "_css_update_count", -1)

    def compose(self) -> ComposeResult:
        """The frame, and in it the body."""
        app = app_of(self)
        self._set_size_classes(app.size)
        for name in WATCHED_STATE:
            self.set_reactive(getattr(Page, name), getattr(app, name))
        self.set_reactive(Page.source, app.source)
        self.set_reactive(Page.mode, app.current_mode)
        yield TopBar().data_bind(Page.user, Page.source, Page.status, Page.now, Page.fetched_at, Page.syncing)
        yield ModeBar([Tab(mode.id, mode.key, mode.label) for mode in MODES]).data_bind(active=Page.mode)
        yield from self.body()
        yield KeyBar()

    def _set_size_classes(self, size: Size) -> None:
        """Have the classes of the terminal's size from the first: Textual gives them after a layout without them."""
        for length, points in ((size.width, self.HORIZONTAL_BREAKPOINTS), (size.height, self.VERTICAL_BREAKPOINTS)):
            self.add_class(max(point for point in points if point[0] <= length)[1], update=False)

    def body(self) -> ComposeResult:
        """What is between the frame's lines."""
        yield from ()

    def on_mount(self) -> None:
        """Follow what the app shows."""
        app = app_of(self)
        self.query_one(TopBar).tz = app.tz
        for name in (*WATCHED_STATE, "source"):
            self.watch(app, name, self._follow(name), init=False)

    def _follow(self, name: str) -> Callable[[object], None]:
        def follow(value: object) -> None:
            if is_visible(self) or name not in VISIBLE_STATE:
                setattr(self, name, value)

        return follow

    # -- the time

    def watch_fetched_at(self) -> None:
        """Say how old it is now, and when that changes."""
        app = app_of(self)
        self.now = app.clock()
        app.schedule_clock()

    def next_change_in(self, now: float) -> float:
        """Seconds until the time changes a text of this page."""
        badge = next_badge_change_in(self.status, self.fetched_at, now)
        return min(
            badge, fmt.next_day_in(now, app_of(self).tz), *(view.next_change_in(now) for view in self.query(FeedView))
        )

    # -- what it is about

    @property
    def subject(self) -> Entity | None:
        """The item that `o`, `y` and `p` are about."""
        return None

    def open_item(self, item: Entity) -> None:
        """Open an item's own page."""
        app_of(self).open_item(item)

    # -- being seen

    def _compositor_refresh(self) -> None:
        """Draw nothing while Textual shows nothing: it starts in a batch, and would throw its first drawing away."""
        if not getattr(self.app, "_batch_count", 0):
            super()._compositor_refresh()

    def on_screen_resume(self) -> None:
        """Take in what went by, and ask for what is on screen."""
        app_of(self).read_clock()
        for name in VISIBLE_STATE:
            setattr(self, name, getattr(self.app, name))
        for view in self.query(FeedView):
            view.is_watching = True

    def on_screen_suspend(self) -> None:
        """Ask for nothing more."""
        for view in self.query(FeedView):
            view.is_watching = False

    def on_mode_bar_chosen(self, event: ModeBar.Chosen) -> None:
        """Go where was clicked."""
        event.stop()
        app_of(self).action_mode(event.mode)

    def source_changed(self) -> None:
        """The library is another one: show this screen's things from there."""
        for view in self.query(FeedView):
            view.reload_library()

    def items_changed(self) -> None:
        """Something was done, or taken back: show what is shown as it is now."""
        for view in self.query(FeedView):
            view.refresh_rows()
        for pane in self.query(DetailPane):
            pane.redraw()
        self.refresh_bindings()

    # -- keys

    def action_back(self) -> None:
        """Take the filter away, or leave this page, or return to the user shown before."""
        focused = self.focused
        views = [view for view in self.query(FeedView) if focused is None or focused in view.walk_children()]
        if any(view.clear_filter() for view in views):
            return
        app_of(self).go_back()

    def action_refresh(self) -> None:
        """Fetch what is new."""
        for view in self.query(FeedView):
            view.refresh_from_server()

    def action_refresh_all(self) -> None:
        """Fetch all, to the end."""
        for view in self.query(FeedView):
            view.refresh_from_server(complete=True)

    def action_browse(self) -> None:
        """Open the address in the browser."""
        app_of(self).open_address(address_of(self.subject))

    def action_copy_text(self) -> None:
        """Copy what is selected with the mouse."""
        copy_selection(self)

    def action_copy(self) -> None:
        """Copy the address."""
        app_of(self).copy_text(address_of(self.subject))

    def action_person(self) -> None:
        """Open the page of whose it is."""
        if name := username_of(self.subject):
            app_of(self).open_user(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something for."""
        if action in {"browse", "copy"}:
            return bool(address_of(self.subject))
        if action == "person":
            return bool(username_of(self.subject))
        return True

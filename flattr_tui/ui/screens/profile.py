"""A user at a glance: who it is, what is flattred and when, whom it supports."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from flattr_tui.api.errors import NotFoundError
from flattr_tui.library.account_requests import (
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.library.events import Event, FeedChanged, RecordChanged
from flattr_tui.library.types import ProfileStatistics
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Entity, User
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import PROFILE, USER
from flattr_tui.ui.messages import StatisticsComputed
from flattr_tui.ui.modes import BY_ID
from flattr_tui.ui.panes.feed_view import FeedView
from flattr_tui.ui.panes.item_content import describe
from flattr_tui.ui.screens.base import NARROW, Page
from flattr_tui.ui.typed_app import app_of, is_visible
from flattr_tui.ui.widgets.charts import Bar, BarStack, MonthSparkline
from flattr_tui.ui.widgets.placeholder import Placeholder, PlaceholderLine, Severity
from flattr_tui.ui.widgets.steady_text import SteadyText

FRAME_LINES = 3
"""Lines of the screen that are the frame's."""
LIST_LINES = (5, 14)
"""The least and the most lines that the list of activities is given where the page is higher than the screen."""
BEHIND = 500
"""Rows of the user's flattrs that are fetched behind the screen, for the figures to count."""


class ProfileScreen(Page):
    """One user: the one whom the app shows, or one of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [*USER, *PROFILE]
    AUTO_FOCUS = ""  # the list takes it, and is not scrolled to: who it is comes first

    def __init__(self, username: str = "") -> None:
        super().__init__()
        self._username = username
        self._figures: ProfileStatistics | None = None
        self._shown: User | None = None
        self._wanted: tuple[Request, ...] = ()
        self._missed = False
        """Whether something changed while one was elsewhere."""

    @property
    def username(self) -> str:
        """Who it is."""
        return self._username or self.user

    @property
    def request(self) -> Request:
        """The user's record."""
        return self._asked(Request.of("user", username=self.username))

    @property
    def things(self) -> Request:
        """The user's things."""
        return self._asked(user_things_request(self.username))

    @property
    def flattrs(self) -> Request:
        """The user's flattrs, with all that the figures need."""
        return self._asked(user_flattrs_request(self.username))

    def _asked(self, request: Request) -> Request:
        return to_own_request(request, app_of(self).library.account)

    @property
    def is_me(self) -> bool:
        """Whether it is the account's own profile."""
        return bool(self.username) and self.username == app_of(self).library.account

    def body(self) -> ComposeResult:
        """Who, when, whom, what, and the latest."""
        with VerticalScroll(classes="profile", can_focus=False):
            with Horizontal(classes="who"):
                with Vertical(id="person"):
                    yield SteadyText(id="told")
                    yield SteadyText(id="counts")
                with Vertical(id="months"):
                    yield SteadyText(classes="caption")
                    yield MonthSparkline()
            yield PlaceholderLine(id="record")
            with Horizontal(classes="figures"):
                with Container(id="tallies"):
                    with Vertical(id="categories"):
                        yield Static(Content.styled("Categories", "bold"), markup=False)
                        yield BarStack()
                    with Vertical(id="supported"):
                        yield Static(Content.styled("Most supported", "bold"), markup=False)
                        yield BarStack()
                yield FeedView("user-activities", id="latest")

    def on_resize(self) -> None:
        """Draw as many bars as there is room for, and keep the list as high as the screen where the page scrolls."""
        is_wide, high = self.size.width >= NARROW, self.size.height - FRAME_LINES
        bars = self.size.height if is_wide else max(5, min(16, self.size.height - 18))
        for shown in self.query(BarStack):
            shown.top = bars
        rows = max(LIST_LINES[0], min(LIST_LINES[1], high - 1))
        is_tiny = self.has_class("-tiny")
        self.query_one("#latest").styles.height = rows if is_tiny else "1fr"
        figures = self.query_one(".figures")
        if not is_tiny:
            figures.styles.min_height = rows if is_wide else bars + 2 + rows  # the bars, their title, a blank line
        self.call_after_refresh(self._caption)

    def on_mount(self) -> None:
        """Show what is known, and ask for the rest."""
        super().on_mount()
        app_of(self).library_changed.subscribe(self, self._library_changed)
        self.watch(app_of(self), "bookmarks_version", self._marked, init=False)
        self._open()

    def _marked(self) -> None:
        if self.query("#person"):  # while it is left there is nothing to draw on any more
            self._tell()

    def _show_soon(self) -> None:
        """Draw what changed, once one is here."""
        self._missed = not is_visible(self)
        if not self._missed:
            self._show()

    def watch_user(self) -> None:
        """Show the other user."""
        if self.is_mounted and not self._username:
            self._open()

    def _open(self) -> None:
        self._release()
        self._figures = None
        self._show()
        if not self.username:
            return
        self.query_one(FeedView).request = self._asked(user_activities_request(self.username))
        self._want()
        self._count()

    def _want(self) -> None:
        library = app_of(self).library
        self._wanted = self.request, self.flattrs, self.things
        library.observe(self.request, by=self)
        for counted in (self.flattrs, self.things):
            library.observe(counted, stop=BEHIND, near=True, by=self)

    def _release(self) -> None:
        for request in self._wanted:
            app_of(self).library.unobserve(request, by=self)

    def on_unmount(self) -> None:
        """Want nothing more."""
        self._release()

    def on_screen_resume(self) -> None:
        """Ask for what is shown."""
        super().on_screen_resume()
        if self.is_mounted and self.username:
            if self._missed:
                self._show_soon()
            self._want()

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, RecordChanged) and event.request == self.request:
            self._show_soon()
        elif isinstance(event, FeedChanged) and event.request in {self.flattrs, self.things}:
            self._count()
            self._show_soon()

    def _count(self) -> None:
        app_of(self).compute_statistics(self.username, self)

    def on_statistics_computed(self, event: StatisticsComputed) -> None:
        """Draw what was counted."""
        if event.username == self.username:
            self._figures = event.figures
            self._show_soon()

    # -- drawing

    def _show(self) -> None:
        app = app_of(self)
        record = app.library.record(self.request)
        self._shown = record.entity if isinstance(record.entity, User) else None
        if self._shown is not None:
            app.known_usernames.setdefault(self._shown.username)
        self._tell()
        self.query_one("#counts", SteadyText).update(self._counts())
        self.fetched_at = record.fetched_at
        failure = record.failure
        self.set_class(isinstance(failure and failure.error, NotFoundError) and record.entity is None, "-nobody")
        self.query_one("#record", PlaceholderLine).placeholder = (
            Placeholder(failure.sentence, "r tries again.", Severity.ERROR) if failure is not None else None
        )
        self._draw(self._figures)
        self.refresh_bindings()

    def _tell(self) -> None:
        app, user = app_of(self), self._shown or User(username=self.username)
        told = describe(user, app.clock(), app.tz, bookmarked=app.is_bookmarked(user))
        self.query_one("#told", SteadyText).update(told)

    def _counts(self) -> Content:
        library = app_of(self).library
        parts = []
        for request, noun in ((self.things, "thing"), (self.flattrs, "flattr")):
            status = library.feed(request).status
            more = "" if status.ended else "≥ "
            parts.append(f"{more}{fmt.plural(status.saved, noun)}" if status.saved or status.ended else "")
        return Content.styled(" · ".join(part for part in parts if part), "$foreground")

    def _draw(self, figures: ProfileStatistics | None) -> None:
        # Headings with nothing below them say less than nothing; while something is on its way they keep its place.
        uncounted = figures is not None and not figures.counted
        self.set_class(uncounted and not app_of(self).library.feed(self.flattrs).status.loading, "-uncounted")
        self._caption()
        spark = self.query_one(MonthSparkline)
        categories, supported = self.query(BarStack)
        if figures is None:
            spark.months, supported.bars, categories.bars = (), (), ()
            return
        spark.months = figures.by_month
        supported.bars = [Bar(name, count) for name, count in figures.supported]
        categories.bars = [
            Bar(fmt.category(name), count, fmt.percent(count, figures.counted)) for name, count in figures.categories
        ]

    def _caption(self) -> None:
        """Say over the months what they count, and where there is room, when it was most."""
        line, title, figures = (
            self.query_one(".caption", SteadyText),
            Content.styled("Flattrs by month", "bold"),
            self._figures,
        )
        told = [*_told(figures)] if figures is not None and figures.counted else []
        while told and title.cell_length + 2 + len(" · ".join(told)) > line.size.width:
            told.pop()
        line.update(title + Content.styled(f"  {' · '.join(told)}", "$muted"))

    # -- keys

    @property
    def subject(self) -> Entity | None:
        """The user, where something is known of it."""
        return self._shown

    def on_feed_view_opened(self, event: FeedView.Opened) -> None:
        """Open what it is about."""
        self.open_item(event.row.item)

    def action_refresh(self) -> None:
        """Fetch all of it again."""
        library = app_of(self).library
        for request in (self.request, self.flattrs, self.things):
            library.refresh(request)
        super().action_refresh()

    def source_changed(self) -> None:
        """Ask the other library."""
        self._open()
        super().source_changed()

    def action_things(self) -> None:
        """Open the user's things."""
        self._list("things")

    def action_flattrs(self) -> None:
        """Open the user's flattrs."""
        self._list("flattrs")

    def action_activities(self) -> None:
        """Open the user's activities."""
        self._list("activities")

    def action_scroll_page(self, by: int) -> None:
        """Scroll the page by halves of the screen."""
        page = self.query_one(".profile", VerticalScroll)
        page.scroll_relative(y=by * max(1, page.size.height // 2), animate=False)

    @property
    def _can_scroll_up(self) -> bool:
        """Whether something is out of sight above, and the cursor is where the list begins."""
        table = self.query_one(FeedView).table
        at_start = table.has_focus and table.cursor == 0 and table.scroll_offset.y == 0
        return at_start and self.query_one(".profile", VerticalScroll).scroll_offset.y > 0

    def _list(self, mode: str) -> None:
        if self._username:
            self.app.push_screen(BY_ID[mode].make_screen(self.username))
        else:
            app_of(self).action_mode(mode)

    def action_subscriptions(self) -> None:
        """Open the account's subscriptions."""
        app_of(self).show_subscriptions()

    def action_adopt(self) -> None:
        """Show this user in the other places too."""
        app_of(self).show_user(self.username)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something for."""
        if action == "adopt":
            return bool(self._username)
        if action == "subscriptions":
            return self.is_me
        if action == "person":
            return False
        if action == "scroll_page" and self.is_mounted:
            return self._can_scroll_up
        return super().check_action(action, parameters)


def _told(figures: ProfileStatistics) -> Iterator[str]:
    """Say how many are counted, and when it was most."""
    yield f"all {figures.total:,}" if figures.total is not None else f"of {figures.counted:,} saved"
    month, most = max(figures.by_month, key=lambda pair: pair[1], default=("", 0))
    if most > 1:
        yield f"most in {fmt.month_name(month)}: {most:,}"

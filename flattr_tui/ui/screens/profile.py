"""The page of a user's profile: who they are, what they flattred and when, and whom they support."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from flattr_tui.library.errors import is_missing
from flattr_tui.library.events import Event, FeedChanged, RecordChanged
from flattr_tui.model.api_request import (
    ApiRequest,
    fold_username,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import Entity, User
from flattr_tui.store.catalogue_schema import FlattrStatistics
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import StatisticsComputed, app_of
from flattr_tui.ui.bindings import PROFILE, USER
from flattr_tui.ui.modes import BY_ID
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.base_page import SPLIT_WIDTH, Page, describe
from flattr_tui.ui.widgets.base_widgets import PageScroll, Placeholder, PlaceholderLine, Row, Severity, SteadyText
from flattr_tui.ui.widgets.charts import Bar, BarStack, MonthSparkline

FRAME_LINES = 3
"""Number of lines of the screen that the top bar, the mode bar and the key bar take."""
LIST_LINES = (5, 14)
"""Minimum and maximum number of lines of the list of activities, on a page that is higher than the screen."""
STATISTICS_ROWS = 500
"""Maximum number of the user's flattrs that are fetched in the background for the statistics."""
WELCOME_KEYS = (("?", "keys"), ("u", "user"), ("ctrl+f", "find"))


class WelcomeLine(Static):
    """The line for newcomers: it says that the data is invented, which keys help, and how to import files."""

    DEFAULT_CSS = """
    WelcomeLine { width: 1fr; height: auto; max-height: 4; padding: 0 2; background: $panel; color: $muted; }
    """

    def __init__(self) -> None:
        keys = Content(" · ").join([Content.assemble((key, "bold $primary"), f" {does}") for key, does in WELCOME_KEYS])
        text = Content.assemble(
            ("This is a sandbox with invented people and things. ", "$foreground"),
            ("esc", "bold $primary"),
            " hides this.\n",
            keys,
            " · your own files: ",
            ("flattr-tui import FILE", "bold"),
        )
        super().__init__(text, markup=False)


class ProfileScreen(Page):
    """The profile page of the user `username`; "" is the user that the app shows."""

    BINDINGS: ClassVar[list[BindingType]] = [*USER, *PROFILE]
    AUTO_FOCUS = ""  # the list takes the focus without being scrolled to

    def __init__(self, username: str = "") -> None:
        super().__init__()
        self._username = username
        self._statistics: FlattrStatistics | None = None
        self._known_user: User | None = None
        self._observed: tuple[ApiRequest, ...] = ()
        self._is_starred = False
        self._is_stale = False
        """Whether data of this page has changed while the page was hidden."""
        self._is_uncounted = False
        """Whether the saved flattrs have changed since they were counted.

        They are counted only while the page is on screen.
        """

    @property
    def username(self) -> str:
        """Name of the user whose profile it is."""
        return self._username or self.user

    @property
    def breadcrumb(self) -> str:
        """The page's name in the breadcrumbs: the user's name."""
        return self.username

    def copy(self) -> "ProfileScreen":
        """Return a new profile page of the same user."""
        return ProfileScreen(self._username)

    @property
    def request(self) -> ApiRequest:
        """The request for the user's record."""
        return self.as_own_request(ApiRequest.of("user", username=self.username))

    @property
    def things(self) -> ApiRequest:
        """The request for the user's things."""
        return self.as_own_request(user_things_request(self.username))

    @property
    def flattrs(self) -> ApiRequest:
        """The request for the user's flattrs, with the fields that the statistics need."""
        return self.as_own_request(user_flattrs_request(self.username))

    @property
    def is_own(self) -> bool:
        """Whether the profile is that of the user who is logged in."""
        return bool(self.username) and self.username == app_of(self).library.account

    def body(self) -> ComposeResult:
        app = app_of(self)
        is_first_page = not self._username  # on any other profile, esc leads back to the previous page
        in_sandbox = app.library.source.kind is SourceKind.SANDBOX
        if is_first_page and in_sandbox and not app.preferences.is_welcome_dismissed:
            yield WelcomeLine()
        with PageScroll(classes="profile", can_focus=False):
            with Row(classes="who"):
                yield SteadyText(id="person")
                yield MonthSparkline("Flattrs by month", id="months")
            yield PlaceholderLine(id="record")
            with Row(classes="figures"):
                with Row(id="tallies"):
                    yield BarStack("Categories", id="categories")
                    yield BarStack("Most supported", id="supported")
                yield ListPane("user-activities", id="latest")

    def on_resize(self) -> None:
        """Show as many bars as the new size has room for."""
        is_wide, high = self.size.width >= SPLIT_WIDTH, self.size.height - FRAME_LINES
        bars = self.size.height if is_wide else max(5, min(16, self.size.height - 18))
        for shown in self.query(BarStack):
            shown.top = bars
        rows = max(LIST_LINES[0], min(LIST_LINES[1], high - 1))
        is_tiny = self.has_class("-tiny")
        self.query_one("#latest").styles.height = rows if is_tiny else "1fr"
        figures = self.query_one(".figures")
        if not is_tiny:
            figures.styles.min_height = rows if is_wide else bars + 2 + rows  # the bars, their title, a blank line

    def on_mount(self) -> None:
        super().on_mount()
        app_of(self).library_changed.subscribe(self, self._library_changed)
        self.watch(self.app, "bookmarks_version", self._on_bookmarks_changed, init=False)
        self._load()

    def _on_bookmarks_changed(self) -> None:
        is_changed = app_of(self).bookmarks.is_bookmarked(self._person) != self._is_starred  # a visit changes nothing
        if is_changed and self.query("#person"):  # a page that is being closed has lost its widgets
            self._update_description()

    def _update_if_visible(self) -> None:
        self._is_stale = not self.is_shown
        if self.is_shown:
            self._update()
            self._count_if_changed()

    def watch_user(self) -> None:
        if self.is_mounted and not self._username:
            self._load()

    def _load(self) -> None:
        self._unobserve()
        self._statistics = None
        self._update()
        self.refresh_bindings()
        if not self.username:
            return
        self.query_one(ListPane).request = self.as_own_request(user_activities_request(self.username))
        self._observe()
        self._is_uncounted, self._is_stale = True, not self.is_shown
        self._count_if_changed()

    def _observe(self) -> None:
        library = app_of(self).library
        record, *counted = self._observed = self.request, self.flattrs, self.things
        library.observe(record, by=self)
        for request in counted:
            library.observe(request, stop=STATISTICS_ROWS, near=True, by=self)

    def _unobserve(self) -> None:
        for request in self._observed:
            app_of(self).library.unobserve(request, by=self)
        self._observed = ()

    def on_unmount(self) -> None:
        self._unobserve()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.is_mounted and self.username:
            if self._is_stale:
                self._update_if_visible()
            self._observe()

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, RecordChanged | FeedChanged) and event.request in self._observed:
            self._is_uncounted |= isinstance(event, FeedChanged)
            self._update_if_visible()

    def _count_if_changed(self) -> None:
        if self._is_uncounted and not self._is_stale:
            self._is_uncounted = False
            app_of(self).compute_statistics(self.username, self)

    def on_statistics_computed(self, event: StatisticsComputed) -> None:
        if event.username == self.username:
            self._statistics = event.statistics
            self._update_if_visible()

    # -- keys

    def action_back(self) -> None:
        """Hide the welcome line, and don't show it again at future starts. If there is no such line, go back."""
        welcome = self.query(WelcomeLine)
        if any(line.display for line in welcome):
            app_of(self).preferences.is_welcome_dismissed = True
            welcome.remove()
        else:
            super().action_back()

    # -- drawing

    def _update(self) -> None:
        app = app_of(self)
        record = app.library.record(self.request)
        before, self._known_user = self._known_user, record.entity if isinstance(record.entity, User) else None
        if self._known_user != before:
            self.refresh_bindings()
        if self._known_user is not None:
            name = self._known_user.username
            app.known_usernames.setdefault(fold_username(name), name)
        self._update_description()
        self.fetched_at = record.fetched_at
        failure = record.failure
        is_nobody = failure is not None and is_missing(failure.error) and record.entity is None
        if is_nobody is not self.has_class("-nobody"):
            self.set_class(is_nobody, "-nobody")
            self.refresh_bindings()
        self.query_one("#record", PlaceholderLine).placeholder = (
            Placeholder(failure.sentence, "Press r to try again.", Severity.ERROR) if failure is not None else None
        )
        self._update_statistics(self._statistics)

    def _update_description(self) -> None:
        app, user = app_of(self), self._person
        self._is_starred = app.bookmarks.is_bookmarked(user)
        text = describe(user, app.clock(), app.tz, bookmarked=self._is_starred)
        self.query_one("#person", SteadyText).update(Content("\n").join([text, self._count_text()]))

    @property
    def _person(self) -> User:
        """The user's record; if that is not loaded, a user with only a name."""
        return self._known_user or User(username=self.username)

    def _count_text(self) -> Content:
        library = app_of(self).library
        parts = []
        for request, noun in ((self.things, "thing"), (self.flattrs, "flattr")):
            status = library.feed(request).status
            more = "" if status.ended else "≥ "
            parts.append(f"{more}{fmt.plural(status.saved, noun)}" if status.saved or status.ended else "")
        return Content.styled(" · ".join(part for part in parts if part), "$foreground")

    def _update_statistics(self, figures: FlattrStatistics | None) -> None:
        # Without data the headings are hidden. While the data is loading, the headings stay, so that nothing moves.
        uncounted = figures is not None and not figures.counted
        self.set_class(uncounted and not app_of(self).library.feed(self.flattrs).status.loading, "-uncounted")
        spark = self.query_one(MonthSparkline)
        categories, supported = self.query(BarStack)
        spark.facts = [*_caption_parts(figures)] if figures is not None and figures.counted else []
        if figures is None:
            spark.months, supported.bars, categories.bars = (), (), ()
            return
        spark.months = figures.by_month
        supported.bars = [Bar(name, count) for name, count in figures.supported]
        categories.bars = [
            Bar(fmt.category(name), count, fmt.percent(count, figures.counted)) for name, count in figures.categories
        ]

    # -- keys

    @property
    def subject(self) -> Entity | None:
        """The user's record; None if it is not loaded."""
        return self._known_user

    def action_refresh(self) -> None:
        library = app_of(self).library
        for request in (self.request, self.flattrs, self.things):
            library.refresh(request)
        super().action_refresh()

    def source_changed(self) -> None:
        """Load the profile from the library that the app uses now."""
        self.query(WelcomeLine).remove()
        self._load()
        super().source_changed()

    def action_things(self) -> None:
        self._open_list("things")

    def action_flattrs(self) -> None:
        self._open_list("flattrs")

    def action_activities(self) -> None:
        self._open_list("activities")

    def action_scroll_page(self, by: int) -> None:
        page = self.query_one(".profile", PageScroll)
        page.scroll_relative(y=by * max(1, page.size.height // 2), animate=False)

    def _can_scroll(self, by: int) -> bool:
        table, page = self.query_one(ListPane).table, self.query_one(".profile", PageScroll)
        if by > 0:
            return not table.display and page.scroll_offset.y < page.max_scroll_y
        at_start = not table.display or (table.has_focus and table.cursor == 0 and table.scroll_offset.y == 0)
        return at_start and page.scroll_offset.y > 0

    def _open_list(self, mode: str) -> None:
        if self._username:
            self.app.push_screen(BY_ID[mode].make_screen(self.username))
        else:
            app_of(self).enter_mode(mode)

    def action_subscriptions(self) -> None:
        app_of(self).show_subscriptions()

    def action_adopt(self) -> None:
        app_of(self).show_user(self.username)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "adopt":
            return bool(self._username)
        if action == "subscriptions":
            return self.is_own
        if action == "person":
            return False
        if action == "scroll_page" and self.is_mounted:
            return self._can_scroll(int(str(parameters[0])))
        if action in {"things", "flattrs", "activities"}:
            return not self.has_class("-nobody")
        return super().check_action(action, parameters)


def _caption_parts(figures: FlattrStatistics) -> Iterator[str]:
    yield f"all {figures.total:,}" if figures.total is not None else f"of {figures.counted:,} saved"
    month, most = max(figures.by_month, key=lambda pair: pair[1], default=("", 0))
    if most > 1:
        yield f"most in {fmt.month_name(month)}: {most:,}"

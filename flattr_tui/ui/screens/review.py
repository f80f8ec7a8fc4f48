"""The review: charts of the saved flattrs by month, user, thing, tag, category and language, and a calendar.

A key opens a bar of a chart: a page lists the flattrs that this bar counts.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from flattr_tui.library.events import ConnectionState, Event, FeedChanged
from flattr_tui.library.query.flattr_statistics import CountedEntry, FlattrReport, bar_request
from flattr_tui.library.query.list_feed import View
from flattr_tui.library.query.search import SavedFeed
from flattr_tui.model.api_request import SAVED_FLATTRS, ApiRequest
from flattr_tui.model.entities import Entity, User
from flattr_tui.model.query_dates import SHORT_MONTHS
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.bindings import GIVEN, REVIEW
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.base_page import DetailPane, Page
from flattr_tui.ui.widgets.bar_charts import BarList, MonthChart
from flattr_tui.ui.widgets.base_widgets import Heading, PageScroll, Placeholder, PlaceholderLine, Severity, Split
from flattr_tui.ui.widgets.charts import Bar
from flattr_tui.ui.widgets.heat_maps import Calendar

EVERYBODY = "everybody"
"""Stands for a user name in a request for the saved flattrs of all users."""
TABS = (("review", "Given: flattrs"), ("earnings", "Received: earnings"))
"""The two pages of the review: pairs of an id and a label."""


class ReviewTabs(Widget):
    """A line with the names of the review's two pages. The current one is highlighted; a click opens the other one."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "ReviewTabs { height: 1; width: 1fr; color: $muted; }"

    class Chosen(Message):
        """Message: the user clicked on a tab."""

        def __init__(self, page: str) -> None:
            super().__init__()
            self.page = page

    def __init__(self, active: str) -> None:
        """Highlight the tab with the id `active`."""
        super().__init__()
        self._active = active

    def render(self) -> Content:
        return Content(" ").join(
            Content.styled(f" {label} ", "bold $foreground on $panel" if page == self._active else "$muted")
            for page, label in TABS
        )

    async def _on_click(self, event: events.Click) -> None:
        at = 0
        for page, label in TABS:
            if at <= event.x < at + len(label) + 2:
                self.post_message(self.Chosen(page))
            at += len(label) + 3


class CountedFlattrs(ListPane):
    """Lists the flattrs that a bar of a chart on the review page counts. Only saved data is read."""

    class ListReady(Message):
        """Message: the flattrs of the list have been read."""

        def __init__(self, feed: SavedFeed) -> None:
            super().__init__()
            self.feed = feed

    def __init__(self, *, classes: str | None = None) -> None:
        super().__init__(SAVED_FLATTRS, empty_text="⋯ reading saved data", classes=classes)

    @property
    def username(self) -> str:
        """The user whose flattrs are listed; the word `everybody` for all users."""
        return super().username or EVERYBODY

    def _open_feed(self) -> None:
        """Read the list in a thread. The previous list is shown until then."""
        reviewer = app_of(self).library.statistics
        if self.request is None or reviewer is None:
            self.feed = None
            self.table.source = None
            self._show_status()
            return
        app_of(self).run_in_thread(_list_job(reviewer.list_flattrs, self.request, self.view), self, "listing")
        self._show_status()

    def on_counted_flattrs_list_ready(self, event: ListReady) -> None:
        event.stop()
        if (event.feed.request, event.feed.view) != (self.request, self.view):
            return
        event.feed.adopt_known(self.feed)
        self._show_feed(event.feed)
        self._show_status()

    def _request_rows(self, start: int, stop: int, *, near: bool = False) -> None:
        """Do nothing: the list is always complete, so there are no rows to fetch."""

    def refresh_from_server(self, *, complete: bool = False) -> None:
        """Read the saved flattrs again. `complete` has no effect, because this list is never fetched from a server."""
        self._open_feed()


def _list_job(work: Callable[[ApiRequest, View], SavedFeed], request: ApiRequest, view: View) -> Callable[[], Message]:
    return lambda: CountedFlattrs.ListReady(work(request, view))


def describe_selection(request: ApiRequest) -> str:
    """Return in words which saved flattrs a request selects: `Apr 2013`, `things of melodia`; "" for all."""
    first, last = request.get("start"), request.get("stop")
    if first:
        return _describe_period(first, last)
    for dimension, name in _DIMENSION_NAMES.items():
        if value := request.get(dimension):
            return name(value)
    return ""


_DIMENSION_NAMES: dict[str, Callable[[str], str]] = {
    "owner": "things of {}".format,
    "thing": "of one thing".format,
    "category": fmt.category,
    "language": fmt.language,
    "tag": "tagged {}".format,
}


def _describe_period(start: str, stop: str) -> str:
    from datetime import date, timedelta  # noqa: PLC0415

    first, last = date.fromisoformat(start), date.fromisoformat(stop) - timedelta(days=1)
    if first == last:
        return f"{first.day} {SHORT_MONTHS[first.month - 1]} {first.year}"
    names = [fmt.month_name(f"{day:%Y-%m}") for day in (first, last)]
    return names[0] if names[0] == names[1] else " – ".join(names)


RECOUNT_SECONDS = 3.0
"""While new flattrs arrive, the saved flattrs are counted again after this many seconds."""
DIMENSIONS = {
    "owner": "Most supported",
    "thing": "Things",
    "tag": "Tags",
    "category": "Categories",
    "language": "Languages",
}
"""The title of each bar list, by the dimension in which the list counts the flattrs."""


class PeriodsCounted(Message):
    """Message: the saved flattrs were counted by month and by day. The other counts are not ready yet."""

    def __init__(self, review: FlattrReport) -> None:
        super().__init__()
        self.review = review


class ReportReady(Message):
    """Message: the saved flattrs have been counted. `review` contains the counts for all charts of the page."""

    def __init__(self, review: FlattrReport) -> None:
        super().__init__()
        self.review = review


class ReviewScreen(Page):
    """The review page: charts of the saved flattrs of the shown user, or of all users."""

    CSS_PATH = "review.tcss"
    REFRESH_FETCHES = False
    BINDINGS: ClassVar[list[BindingType]] = [*REVIEW, *GIVEN]
    AUTO_FOCUS = "MonthChart"

    def __init__(self) -> None:
        super().__init__()
        self.review: FlattrReport | None = None
        self.everybody = False

    @property
    def username(self) -> str:
        """Name of the user whose flattrs are counted; "" for all users."""
        return "" if self.everybody else self.user

    def body(self) -> ComposeResult:
        with PageScroll(classes="review", can_focus=False):
            yield ReviewTabs("review")
            yield Heading()
            yield PlaceholderLine()
            yield MonthChart()
            with Grid():
                for name, title in DIMENSIONS.items():
                    yield BarList(title, id=name)
                yield Calendar()

    def on_mount(self) -> None:
        super().on_mount()
        app_of(self).library_changed.subscribe(self, self._library_changed)
        self._recount()

    def watch_user(self) -> None:
        if self.is_mounted and not self.everybody:
            self.review = None
            self._recount()

    def source_changed(self) -> None:
        """Count the saved flattrs of the source that the app shows now."""
        self.review = None
        self._recount()

    # -- counting

    def _recount(self) -> None:
        reviewer, username = app_of(self).library.statistics, self.username
        if reviewer is not None and self.review is None:
            app_of(self).run_in_thread(lambda: PeriodsCounted(reviewer.report_periods(username)), self, "counting")
        else:
            self._count_everything()
        self._update()

    def _count_everything(self) -> None:
        reviewer, username = app_of(self).library.statistics, self.username
        if reviewer is not None:
            app_of(self).run_in_thread(lambda: ReportReady(reviewer.report(username)), self, "counting")

    def on_periods_counted(self, event: PeriodsCounted) -> None:
        """Draw the chart of months before the other counts are ready."""
        event.stop()
        if event.review.username == self.username:
            self.review = event.review
            self._count_everything()
            self._update()

    def on_report_ready(self, event: ReportReady) -> None:
        event.stop()
        if event.review.username == self.username:
            self.review = event.review
            self.fetched_at = event.review.fetched_at
            self._update()

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, FeedChanged) and event.request.method.endswith("-flattrs"):
            self.reread_after(RECOUNT_SECONDS)

    def reread(self) -> None:
        """Count the saved flattrs again."""
        self._recount()

    @property
    def is_awaiting_data(self) -> bool:
        """Whether the saved flattrs are still being counted."""
        return self.review is None and app_of(self).library.statistics is not None

    # -- drawing

    def _update(self) -> None:
        review = self.review
        who = self.username or EVERYBODY
        title = Content.assemble(("Saved flattrs of ", "bold"), (who, "bold $accent"))
        self.query_one(Heading).show(title, Content.styled(self._count_text(), "$muted"))
        empty = review is not None and not review.counted
        line = self.query_one(PlaceholderLine)
        line.placeholder, line.fills_pane = self._make_placeholder(), review is None or empty
        self.query_one(MonthChart).display = review is not None and not empty
        self.query_one(Grid).display = review is not None and bool(review.things)
        if review is None or empty:
            return
        self.query_one(MonthChart).months = review.months
        if self.focused is None:
            self.query_one(MonthChart).focus(scroll_visible=False)  # so that the heading stays on screen
        if not review.things:
            return
        for name, tallied in self._dimensions(review).items():
            self.query_one(f"#{name}", BarList).bars = self._make_bars(name, tallied)
        self.query_one(Calendar).days = review.days

    def _count_text(self) -> str:
        if self.review is None:
            return "⋯ counting" if app_of(self).library.statistics is not None else ""
        counted = self.review.counted
        share = "all " if self.review.total == counted else ""
        return f"{share}{fmt.plural(counted, 'flattr')}" if counted else ""

    def _make_placeholder(self) -> Placeholder | None:
        if app_of(self).library.statistics is None:
            return Placeholder("No data is saved yet.", "", Severity.INFO)
        if self.review is None:
            return Placeholder("⋯ counting saved data")
        if not self.review.counted:
            keys = [] if self.everybody else ["a to count everything saved"]
            if self.status.connection is not ConnectionState.OFFLINE:
                keys.insert(0, "3 to fetch and save them")
            return Placeholder(fmt.none_saved(self.username), f"Press {', '.join([*keys, 'e for earnings'])}.")
        return None

    @staticmethod
    def _dimensions(review: FlattrReport) -> dict[str, Sequence[CountedEntry]]:
        return {
            "owner": review.people,
            "thing": review.things,
            "tag": review.tags,
            "category": review.categories,
            "language": review.languages,
        }

    def _make_bars(self, dimension: str, tallied: Sequence[CountedEntry]) -> list[Bar]:
        names = {"category": fmt.category, "language": fmt.language}
        name = names.get(dimension, str)
        whole = self.review.counted if self.review is not None and dimension in names else 0
        return [
            Bar(name(tally.label if dimension == "thing" else tally.key), tally.count, fmt.percent(tally.count, whole))
            for tally in tallied
        ]

    # -- opening a bar

    @on(MonthChart.Opened)
    def _month_opened(self, event: MonthChart.Opened) -> None:
        event.stop()
        self._open_list(bar_request(self.username, "month", event.period.first, event.period.last))

    @on(Calendar.Opened)
    def _day_opened(self, event: Calendar.Opened) -> None:
        event.stop()
        self._open_list(bar_request(self.username, "day", event.day.isoformat()))

    @on(BarList.Opened)
    def _bar_opened(self, event: BarList.Opened) -> None:
        event.stop()
        dimension = event.bars.id or ""
        if self.review is not None:
            tally = self._dimensions(self.review)[dimension][event.index]
            self._open_list(
                bar_request(self.username, dimension, tally.key), tally.label if dimension == "thing" else ""
            )

    def _open_list(self, request: ApiRequest, title: str = "") -> None:
        self.app.push_screen(SavedFlattrsScreen(request, title))

    # -- keys

    @property
    def subject(self) -> Entity | None:
        """The user whose flattrs are counted; None for all users."""
        return User(username=self.username) if self.username else None

    def action_everybody(self, everybody: bool) -> None:
        """Count the flattrs of all users if `everybody` is true, otherwise those of the shown user."""
        self.everybody = everybody
        self.refresh_bindings()
        self.review = None
        self._recount()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "everybody":
            return parameters != (self.everybody,)
        return super().check_action(action, parameters)

    def action_earnings(self) -> None:
        app_of(self).show_earnings(everybody=self.everybody)

    def on_review_tabs_chosen(self, event: ReviewTabs.Chosen) -> None:
        event.stop()
        if event.page == "earnings":
            self.action_earnings()

    def action_refresh(self) -> None:
        if self.username:
            app_of(self).library.refresh(ApiRequest.of("user-flattrs", username=self.username, full="1"))
        self._recount()


class SavedFlattrsScreen(Page):
    """The page that opens for a bar of a chart on the review page. It lists the saved flattrs that the bar counts."""

    AUTO_FOCUS = "RowTable"

    def __init__(self, request: ApiRequest, title: str = "") -> None:
        super().__init__()
        self._request = request
        self._title = title

    def body(self) -> ComposeResult:
        with Split():
            yield CountedFlattrs(classes="list")
            yield DetailPane(classes="detail")

    def on_mount(self) -> None:
        super().on_mount()
        view = self.query_one(CountedFlattrs)
        self.watch(view, "highlighted", self.show_row)
        view.request = self._request
        view.note = self._title or describe_selection(self._request)

    @property
    def breadcrumb(self) -> str:
        """The name of this page in the breadcrumbs: the name of the bar in the chart, such as a month or a tag."""
        return self._title or describe_selection(self._request)

    def copy(self) -> "SavedFlattrsScreen":
        """Return a new page with the same list."""
        return SavedFlattrsScreen(self._request, self._title)

    def show_row(self) -> None:
        """Show the item under the cursor in the detail pane, and its age in the header."""
        super().show_row()
        row = self.query_one(CountedFlattrs).table.row
        self.fetched_at = row.fetched_at if row is not None else None

"""The page of a thing: the thing and its earnings on the left, the users who flattred it on the right."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from flattr_tui.library.events import Event, RecordChanged
from flattr_tui.library.query.earnings import Earnings
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Entity, Flattr, Thing
from flattr_tui.model.revenue import RevenueRow
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.base_page import DetailPane, Page
from flattr_tui.ui.widgets.bar_charts import MonthChart, RevenueChart, format_euros
from flattr_tui.ui.widgets.base_widgets import Placeholder, PlaceholderLine, Severity, Split


class ThingEarnings(Vertical):
    """Shows the earnings of one thing: totals, and a chart of months. Enter on a bar lists its report rows."""

    DEFAULT_CSS = """
    ThingEarnings { height: auto; margin-top: 1; }
    ThingEarnings Static { height: auto; }
    ThingEarnings MonthChart { height: 8; margin-top: 1; }
    """

    class Opened(Message):
        """Message: the user opened the bar of a period in the chart.

        `period` is the period in words, and `rows` are the report rows that the bar sums up.
        """

        def __init__(self, period: str, rows: Sequence[RevenueRow]) -> None:
            super().__init__()
            self.period, self.rows = period, rows

    def __init__(self, earnings: Earnings) -> None:
        super().__init__()
        self._earnings = earnings

    @property
    def earnings(self) -> Earnings:
        """The earnings of the thing. Setting other earnings draws the totals and the chart again."""
        return self._earnings

    @earnings.setter
    def earnings(self, earnings: Earnings) -> None:
        if earnings.rows != self._earnings.rows:
            self._earnings = earnings
            self._update()

    def compose(self) -> ComposeResult:
        yield Static(Content(""), markup=False)
        yield RevenueChart()

    def on_mount(self) -> None:
        self._update()

    def _update(self) -> None:
        earnings = self._earnings
        ever = max(row.clicks_total for row in earnings.rows)
        clicks = f"{fmt.plural(earnings.clicks, 'click')}{f' of {ever:,} ever' if ever else ''}"
        text = Content.assemble(
            ("Received ", "bold"), (format_euros(earnings.cents), "bold $success"), (f" · {clicks}", "$muted")
        )
        self.query_one(Static).update(text)
        self.query_one(MonthChart).months = [(month, cents) for month, _, cents in earnings.by_month]

    @on(MonthChart.Opened)
    def _opened(self, event: MonthChart.Opened) -> None:
        event.stop()
        period = event.period
        rows = [row for row in self._earnings.rows if period.first <= row.month <= period.last]
        if rows:
            self.post_message(self.Opened(period.label, rows))


class ThingScreen(Page):
    """The page of one thing. It starts with `thing`, which may lack fields, and fetches the full record."""

    CSS_PATH = "thing.tcss"
    AUTO_FOCUS = "RowTable"

    def __init__(self, thing: Thing) -> None:
        super().__init__()
        self.thing = thing
        self._request = ApiRequest.of("thing", id=str(thing.id))
        self._has_title = bool(thing.title)

    def body(self) -> ComposeResult:
        with Split(classes="split thing-page"):
            yield DetailPane(classes="detail")
            yield ListPane("thing-flattrs", classes="list")
        yield PlaceholderLine(id="record")

    def on_mount(self) -> None:
        super().on_mount()
        app = app_of(self)
        app.library_changed.subscribe(self, self._library_changed)
        self.query_one(DetailPane).item = self.thing
        self.query_one(ListPane).request = ApiRequest.of("thing-flattrs", id=str(self.thing.id))
        app.library.observe(self.request, by=self)
        self._update()

    def on_unmount(self) -> None:
        app_of(self).library.unobserve(self.request, by=self)

    @property
    def breadcrumb(self) -> str:
        """The page's name in the breadcrumbs: the thing's title."""
        return self.thing.title or f"thing {self.thing.id}"

    def copy(self) -> "ThingScreen":
        """Return a new page of the same thing."""
        return ThingScreen(self.thing)

    def _library_changed(self, event: Event) -> None:
        if isinstance(event, RecordChanged) and event.request == self.request:
            self._update()

    def _update(self) -> None:
        app, before = app_of(self), self.thing
        record = app.library.record(self.request)
        if isinstance(record.entity, Thing):
            seen = app.writes.apply_to_item(record.entity, record.fetched_at)
            self.thing = seen if isinstance(seen, Thing) else record.entity
            self.query_one(DetailPane).item = self.thing
            self.update_trail()
            if not self._has_title:
                self._has_title = True
                app.bookmarks.record_visit(self.thing)  # opened by its id: the title is known only now
        if record.fetched_at is not None:
            self.fetched_at = record.fetched_at
        self._update_earnings()
        failure = record.failure
        self.query_one("#record", PlaceholderLine).placeholder = (
            Placeholder(failure.sentence, "Press r to try again.", Severity.ERROR) if failure is not None else None
        )
        if self.thing != before:
            self.refresh_bindings()

    def _update_earnings(self) -> None:
        """If revenue reports contain the thing, show its earnings below its description."""
        reader = app_of(self).library.earnings
        earnings = reader.of_thing(self.thing.id) if reader is not None else None
        panes = self.query(ThingEarnings)
        if earnings is None or not earnings.rows:
            panes.remove()
        elif panes:
            panes.first().earnings = earnings
        else:
            self.query_one(DetailPane).mount(ThingEarnings(earnings))

    def on_thing_earnings_opened(self, event: ThingEarnings.Opened) -> None:
        from flattr_tui.ui.screens.earnings import EarningsRowsScreen  # noqa: PLC0415 -- imported when it is shown

        event.stop()
        self.app.push_screen(EarningsRowsScreen(event.rows[0].title, event.period, event.rows))

    def items_changed(self) -> None:
        """Redraw the thing, because the pending writes have changed."""
        self._update()
        super().items_changed()

    @property
    def subject(self) -> Entity | None:
        """The thing that the page shows. The keys act on it, and not on the user under the cursor."""
        return self.thing

    @property
    def request(self) -> ApiRequest:
        """The request for the full record of the thing."""
        return self._request

    def action_refresh(self) -> None:
        app_of(self).library.refresh(self.request)
        super().action_refresh()

    def source_changed(self) -> None:
        """Load the thing from the library that the app uses now."""
        app_of(self).library.observe(self.request, by=self)
        super().source_changed()

    def open_row(self, row: Row) -> None:
        """Open the page of the user whose flattr `row` shows."""
        if isinstance(row.item, Flattr) and row.item.owner is not None:
            app_of(self).open_user(row.item.owner.username)

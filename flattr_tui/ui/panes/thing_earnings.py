"""The earnings of one thing, below its description: totals and a chart of months."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from flattr_tui.library.query.earnings import Earnings
from flattr_tui.model.revenue import RevenueRow
from flattr_tui.ui import format as fmt
from flattr_tui.ui.widgets.bar_charts import MonthChart, RevenueChart, format_euros


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

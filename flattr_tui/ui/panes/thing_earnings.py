"""What one thing earned, below its description: a line of totals, and its months."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from flattr_tui.library.query.earnings import Earnings
from flattr_tui.ui import format as fmt
from flattr_tui.ui.widgets.earnings_charts import RevenueChart, format_euros
from flattr_tui.ui.widgets.month_chart import MonthChart


class ThingEarnings(Vertical):
    """Draws the months of one thing; enter lists the rows behind a bar."""

    DEFAULT_CSS = """
    ThingEarnings { height: auto; margin-top: 1; }
    ThingEarnings Static { height: auto; }
    ThingEarnings MonthChart { height: 8; margin-top: 1; }
    """

    def __init__(self, earnings: Earnings) -> None:
        super().__init__()
        self._earnings = earnings

    @property
    def earnings(self) -> Earnings:
        """What is drawn."""
        return self._earnings

    @earnings.setter
    def earnings(self, earnings: Earnings) -> None:
        if earnings.rows != self._earnings.rows:
            self._earnings = earnings
            self._show()

    def compose(self) -> ComposeResult:
        """The totals and the chart."""
        yield Static(Content(""), markup=False)
        yield RevenueChart()

    def on_mount(self) -> None:
        """Draw it."""
        self._show()

    def _show(self) -> None:
        earnings = self._earnings
        ever = max(row.clicks_total for row in earnings.rows)
        clicks = f"{fmt.plural(earnings.clicks, 'click')}{f' of {ever:,} ever' if ever else ''}"
        told = Content.assemble(
            ("Received ", "bold"), (format_euros(earnings.cents), "bold $success"), (f" · {clicks}", "$muted")
        )
        self.query_one(Static).update(told)
        self.query_one(MonthChart).months = [(month, cents) for month, _, cents in earnings.by_month]

    @on(MonthChart.Opened)
    def _opened(self, event: MonthChart.Opened) -> None:
        """List the rows of the months behind a bar."""
        from flattr_tui.ui.screens.earnings import EarningsRowsScreen  # noqa: PLC0415 -- imported when it is shown

        event.stop()
        period = event.period
        rows = [row for row in self._earnings.rows if period.first <= row.month <= period.last]
        if rows:
            self.app.push_screen(EarningsRowsScreen(rows[0].title, period.label, rows))

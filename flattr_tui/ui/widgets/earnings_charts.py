"""Charts of earnings by month: revenue, clicks, and revenue per click."""

from collections.abc import Sequence

from flattr_tui.model.revenue import CURRENCY, format_cents
from flattr_tui.ui import format as fmt
from flattr_tui.ui.widgets.month_chart import MonthChart, Period, group_months


def format_euros(cents: int) -> str:
    """Format cents as euros: `1,234.50 EUR`."""
    return f"{format_cents(cents, thousands=',')} {CURRENCY}"


def format_per_click(cents: int, clicks: int) -> str:
    """Format the mean revenue of a click, to a hundredth of a cent: `0.0843 EUR`; "" if there are no clicks."""
    if not clicks:
        return ""
    hundredths = (200 * abs(cents) + clicks) // (2 * clicks)
    return f"{'-' if cents < 0 else ''}{hundredths // 10_000}.{hundredths % 10_000:04} {CURRENCY}"


class RevenueChart(MonthChart):
    """A chart of revenue by month, in cents."""

    COLLAPSES_YEARS = False  # the same months stand below each other in the charts of the page

    def format_value(self, value: int) -> str:
        """Format cents as euros."""
        return format_cents(value, thousands=",")

    def describe_period(self, period: Period) -> str:
        """Return the revenue of the months in one bar as text."""
        return format_euros(period.count)

    def can_open(self, period: Period) -> bool:
        """Return True: every bar can be opened, because a month without revenue may still have clicks."""
        return True


class ClicksChart(MonthChart):
    """A chart of clicks by month."""

    COLLAPSES_YEARS = False

    def describe_period(self, period: Period) -> str:
        """Return the number of clicks in the months of one bar as text."""
        return fmt.plural(period.count, "click")


class PerClickChart(RevenueChart):
    """A chart of revenue per click by month, in hundredths of a cent."""

    def __init__(self, title: str = "", *, id: str | None = None) -> None:
        super().__init__(title, id=id)
        self._cents: Sequence[tuple[str, int]] = ()
        self._clicks: Sequence[tuple[str, int]] = ()

    def show(self, months: Sequence[tuple[str, int, int]]) -> None:
        """Show `months`, triples of `YYYY-MM`, clicks and cents, for every month from the first to the last."""
        self._clicks = [(month, clicks) for month, clicks, _ in months]
        self._cents = [(month, cents) for month, _, cents in months]
        self.months = self._cents

    def group_periods(self, width: int) -> list[Period]:
        """Return at most `width` periods, each drawn as a bar.

        The value of a period is its total revenue divided by its total clicks.
        """
        cents, clicks = group_months(self._cents, width), group_months(self._clicks, width)
        return [
            Period(earned.first, earned.last, 100 * earned.count // clicked.count if clicked.count else 0)
            for earned, clicked in zip(cents, clicks, strict=True)
        ]

    def format_value(self, value: int) -> str:
        """Format hundredths of a cent as euros."""
        return f"{value / 10_000:.3f}"

    def describe_period(self, period: Period) -> str:
        """Return the revenue per click in the months of one bar as text."""
        return f"{format_per_click(period.count, 100).removesuffix(f' {CURRENCY}')} {CURRENCY} per click"

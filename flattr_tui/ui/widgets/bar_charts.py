"""Bar charts with a cursor: counts and earnings by month, and a list of labelled horizontal bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from flattr_tui.model.revenue import CURRENCY, format_cents
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import BARS, CHART
from flattr_tui.ui.widgets.charts import GAP_MARK, Bar, Chart, draw_bar, draw_columns, find_empty_years

MONTHS_PER_BAR = (1, 3, 6, 12)
"""How many months one bar may cover. The chart uses the smallest number with which all bars fit the width."""
_POINTER = "▲"


@dataclass(frozen=True, slots=True)
class Period:
    """Consecutive months and the total of their counts."""

    first: str
    """The first month, as `YYYY-MM`."""
    last: str
    count: int

    @property
    def is_gap(self) -> bool:
        """Whether this period stands for several empty years, which the chart draws as one mark."""
        return self.first[:4] != self.last[:4]

    @property
    def label(self) -> str:
        """The period in words: `Apr 2013`, `Apr–Jun 2013`, `2013`."""
        if self.first == self.last:
            return fmt.month_name(self.first)
        if self.is_gap:
            return f"{self.first[:4]}–{self.last[:4]}"
        if (self.first[5:], self.last[5:]) == ("01", "12"):
            return self.first[:4]
        return f"{fmt.month_name(self.first)[:3]}–{fmt.month_name(self.last)}"


def group_months(months: Sequence[tuple[str, int]], width: int, *, collapse: bool = False) -> list[Period]:
    """Return `months` merged into at most `width` periods: into months, quarters, half years or years.

    The periods are as short as possible. If not all years fit, the oldest years are left out. `months` are pairs of
    `YYYY-MM` and a count, for every month from the first to the last. With `collapse`, several empty years in a row
    become one period.
    """
    found: list[Period] = []
    gaps = dict(find_empty_years(months)) if collapse else {}
    for span in MONTHS_PER_BAR:
        found, until = [], 0
        for number, (month, count) in enumerate(months):
            if number in gaps:
                until = gaps[number]
                found.append(Period(month, months[until - 1][0], 0))
            if number < until:
                continue
            at = (int(month[5:]) - 1) // span
            last = found[-1] if found else None
            if last is not None and last.first[:4] == month[:4] and (int(last.last[5:]) - 1) // span == at:
                found[-1] = Period(last.first, month, last.count + count)
            else:
                found.append(Period(month, month, count))
        if len(found) <= width:
            break
    return found[-max(width, 1) :]


class MonthChart(Chart):
    """A chart of bars by month. The left and right keys choose a bar, and enter opens the bar."""

    BINDINGS: ClassVar[list[BindingType]] = list(CHART)
    DEFAULT_CSS = "MonthChart { height: 10; width: 1fr; }"
    COLLAPSES_YEARS: ClassVar[bool] = True
    """Whether several empty years in a row are drawn as one mark."""

    months: reactive[Sequence[tuple[str, int]]] = reactive[Sequence[tuple[str, int]]]((), init=False)
    """Pairs of `YYYY-MM` and a count, for every month from the first to the last."""
    cursor: reactive[int] = reactive(0, init=False)
    """Index of the chosen bar."""

    class Opened(Message):
        """Message: the user opened the bar of `period`, by enter or a double click, to see what it counts."""

        def __init__(self, period: Period) -> None:
            super().__init__()
            self.period = period

    def __init__(self, title: str = "", *, id: str | None = None) -> None:
        """Make a chart with a `title` above it."""
        super().__init__(id=id)
        self.title = title
        self._periods: list[Period] = []
        self._chosen_month = ""
        """First month of the chosen bar; "" while the last bar is chosen."""
        self._lines: list[str] = []
        self._layout_key: tuple[object, Size] | None = None
        self._bar_width = 1
        self._margin = 0

    @property
    def period(self) -> Period | None:
        """The period of the chosen bar; None without bars."""
        return self._periods[self.cursor] if 0 <= self.cursor < len(self._periods) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the key that opens a bar if there are no bars."""
        return bool(self.months) if action == "open" else super().check_action(action, parameters)

    # -- the values

    def format_value(self, value: int) -> str:
        """Return a value as a label of the vertical axis."""
        return fmt.number(value)

    def describe_period(self, period: Period) -> str:
        """Return the value of the bar for a period as text, such as `12 flattrs`."""
        return fmt.plural(period.count, "flattr")

    def group_periods(self, width: int) -> list[Period]:
        """Return the months merged into at most `width` periods, of which each is drawn as one bar."""
        return group_months(self.months, width, collapse=self.COLLAPSES_YEARS)

    def can_open(self, period: Period) -> bool:
        """Whether the bar for a period can be opened."""
        return bool(period.count)

    # -- the bars

    def watch_months(self) -> None:
        """Put the cursor on the last bar, because the newest month is the most interesting."""
        self._chosen_month = ""
        self._lay_out_bars()
        self.refresh()

    def on_resize(self) -> None:
        self._lay_out_bars()
        self.refresh()

    def watch_cursor(self) -> None:
        """Remember the chosen month, so that the cursor stays on it when the months are grouped differently."""
        if self.period is not None:
            self._chosen_month = self.period.first

    def _restore_cursor(self) -> None:
        """Move the cursor to the bar that contains `_chosen_month`, the month on which the user last put the cursor."""
        at = [
            number
            for number, period in enumerate(self._periods)
            if not self._chosen_month or period.first <= self._chosen_month
        ]
        self.set_reactive(MonthChart.cursor, at[-1] if at else 0)

    def _lay_out_bars(self) -> None:
        """Compute the lines of text that draw the bars. The bar of the largest value fills the height."""
        if self._layout_key == (self.months, self.size) or not self.size:
            return
        self._layout_key = (self.months, self.size)
        self._lines = []
        most = max((period.count for period in self.group_periods(max(1, self.size.width))), default=0)
        self._margin = len(self.format_value(most)) + 1
        width = self.size.width - self._margin
        self._periods = self.group_periods(max(1, width))
        self._restore_cursor()
        counts = [period.count for period in self._periods]
        rows = self.size.height - 2 - bool(self.title)  # two lines below: the years, and the chosen bar in words
        if not any(counts) or rows < 1:
            return
        self._bar_width = min(4, max(1, width // len(counts)))
        cells = max(1, self._bar_width - 1)
        apart = " " * (self._bar_width - cells)
        ticks = _ticks(max(counts), rows)
        for row, line in enumerate(draw_columns(counts, len(counts), rows)):
            label = self.format_value(ticks[row]) if row in ticks else ""
            bars = "".join([cell * cells + apart for cell in line])
            self._lines.append(f"{label:>{self._margin - 1}} {bars[:width]}")
        for number, period in enumerate(self._periods):
            if period.is_gap:
                at, line = self._margin + number * self._bar_width, self._lines[-1]
                self._lines[-1] = line[:at] + GAP_MARK + line[at + 1 :]

    # -- drawing

    def render(self) -> Content:
        self._lay_out_bars()
        if not self._lines:
            return Content("")
        start = self._margin + self.cursor * self._bar_width
        stop = start + max(1, self._bar_width - 1)
        lines = []
        for line in self._lines:
            content = Content(line).stylize("$muted", 0, self._margin).stylize("$primary", self._margin)
            lines.append(content.stylize("bold $accent", start, stop) if self.has_focus else content)
        if self.title:
            lines.insert(0, Content.styled(self.title, "bold $accent" if self.has_focus else "bold"))
        lines += [self._year_axis(), self._cursor_label(start)]
        return Content("\n").join(lines)

    def _year_axis(self) -> Content:
        """Return a line with each year below its first bar. Years for which there is no room are left out."""
        line = " " * self._margin
        for number, period in enumerate(self._periods):
            at = self._margin + number * self._bar_width
            new = number == 0 or self._periods[number - 1].first[:4] != period.first[:4]
            if new and not period.is_gap and at >= len(line.rstrip()) + 2 * (number > 0) and at + 4 <= self.size.width:
                line = line.ljust(at) + period.first[:4]
        return Content.styled(line, "$muted")

    def _cursor_label(self, start: int) -> Content:
        if not self.has_focus or self.period is None:
            return Content("")
        label = f"{self.period.label} · {self.describe_period(self.period)}"
        if start + 2 + len(label) <= self.size.width:
            text = f"{_POINTER.rjust(start + 1)} {label}"
        elif start - 1 - len(label) >= 0:
            text = f"{label} {_POINTER}".rjust(start + 1)
        else:  # no room for a pointer: a value that is cut off would be read as another one
            text = label.rjust(self.size.width)
        return Content.styled(text, "bold $accent")

    # -- keys

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self._periods) - 1))

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_edge(self, end: bool) -> None:
        self.cursor = len(self._periods) - 1 if end else 0

    def action_open(self) -> None:
        if self.period is not None and self.can_open(self.period):
            self.post_message(self.Opened(self.period))

    def on_click(self, event: events.Click) -> None:
        self.cursor = (event.x - self._margin) // self._bar_width
        if event.chain == 2:
            self.action_open()


def _ticks(maximum: int, rows: int) -> dict[int, int]:
    """Return which rows of the vertical axis have a label: a mapping from row numbers to values. Row 0 is at the top.

    `maximum` is the largest value, and `rows` the height of the bars in lines.
    """
    middle = rows // 2
    labelled = {rows - 1 - middle: round(maximum * (middle + 1) / rows)} if rows > 4 else {}
    return {rows - 1: 0, **labelled, 0: maximum}


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


BAR_WIDTH = (4, 14)
"""Minimum and maximum width of a bar in cells."""
MIN_LABEL_WIDTH = 6
"""Minimum width of a label in cells. If there is less room, the bars are hidden."""


class BarList(Chart):
    """A title and, below it, as many bars as fit. The other bars come into view when the cursor reaches them."""

    BINDINGS: ClassVar[list[BindingType]] = list(BARS)
    DEFAULT_CSS = "BarList { height: 8; width: 1fr; }"

    bars: reactive[Sequence[Bar]] = reactive[Sequence[Bar]]((), init=False)
    cursor: reactive[int] = reactive(0, init=False)

    class Opened(Message):
        """Message: the user opened the bar with this `index`, by enter or a double click, to see what it counts."""

        def __init__(self, bars: "BarList", index: int) -> None:
            super().__init__()
            self.bars, self.index = bars, index

        @property
        def control(self) -> "BarList":
            """The list to which the opened bar belongs."""
            return self.bars

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title = title

    # -- drawing

    @property
    def _visible_count(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def _first_visible(self) -> int:
        """The index of the first visible bar. The bar under the cursor is always visible, in the middle if possible."""
        return max(0, min(self.cursor - self._visible_count // 2, len(self.bars) - self._visible_count))

    def render(self) -> Content:
        more = len(self.bars) - self._visible_count
        place = f"  {self.cursor + 1:,} of {len(self.bars):,}" if self.has_focus and more > 0 else ""
        title = Content.assemble((self.title, "bold $accent" if self.has_focus else "bold"), (place, "$muted"))
        return Content("\n").join([title, *self._draw_bars()]) if self.bars else title

    def _draw_bars(self) -> list[Content]:
        shown = self.bars[self._first_visible : self._first_visible + self._visible_count]
        width = self.size.width
        numbers = max(len(item.text) for item in shown)
        notes = max(len(item.note) for item in shown)
        free = width - 2 - numbers - 2 - (notes + 1 if notes else 0)
        label = max(
            min(MIN_LABEL_WIDTH, free), min(max(Content(item.label).cell_length for item in shown), free * 3 // 5)
        )
        cells = min(BAR_WIDTH[1], free - label)
        cells = cells if cells >= BAR_WIDTH[0] else 0
        label = max(1, free - cells)
        most = max(item.value for item in self.bars) or 1
        plain = self.app.native_ansi_color or self.app.no_color
        lines = []
        for number, item in enumerate(shown, self._first_visible):
            on = number == self.cursor and self.has_focus
            name = Content(item.label).truncate(label, ellipsis=True, pad=True)
            content = Content.assemble(
                ("▸ " if on else "  ", "bold $accent"),
                name,
                (
                    f" {draw_bar(item.value / most, cells).ljust(cells)}" if cells else " ",
                    "$accent" if on else "$primary",
                ),
                f" {item.text:>{numbers}}",
                (f" {item.note:>{notes}}" if notes else "", "$muted"),
            )
            lines.append(content.stylize("bold reverse" if plain else "bold on $cursor") if on else content)
        return lines

    # -- keys

    def watch_bars(self) -> None:
        self.cursor = 0

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.bars) - 1))

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_edge(self, end: bool) -> None:
        self.cursor = len(self.bars) - 1 if end else 0

    def action_open(self) -> None:
        if self.bars:
            self.post_message(self.Opened(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        if event.y >= 1:
            self.cursor = self._first_visible + event.y - 1
            if event.chain == 2:
                self.action_open()

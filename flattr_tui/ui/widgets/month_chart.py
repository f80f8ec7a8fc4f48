"""A bar chart of counts by month, walked through by keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import CHART
from flattr_tui.ui.widgets.charts import columns

SPANS = (1, 3, 6, 12)
"""Months that one bar may stand for: as few as there is room for."""
_POINTER = "▲"


@dataclass(frozen=True, slots=True)
class Period:
    """Some months in a row, and what was counted in them."""

    first: str
    """`YYYY-MM`"""
    last: str
    count: int

    @property
    def label(self) -> str:
        """Name it: `Apr 2013`, `Apr–Jun 2013`, `2013`."""
        if self.first == self.last:
            return fmt.month_name(self.first)
        if self.first[:4] != self.last[:4]:
            return f"{fmt.month_name(self.first)} – {fmt.month_name(self.last)}"
        if (self.first[5:], self.last[5:]) == ("01", "12"):
            return self.first[:4]
        return f"{fmt.month_name(self.first)[:3]}–{fmt.month_name(self.last)}"


def group_months(months: Sequence[tuple[str, int]], width: int) -> list[Period]:
    """Put months together, by quarters, halves or years, until no more than `width` periods are left."""
    found: list[Period] = []
    for span in SPANS:
        found = []
        for month, count in months:
            at = (int(month[5:]) - 1) // span
            last = found[-1] if found else None
            if last is not None and last.first[:4] == month[:4] and (int(last.last[5:]) - 1) // span == at:
                found[-1] = Period(last.first, month, last.count + count)
            else:
                found.append(Period(month, month, count))
        if len(found) <= width:
            break
    return found[-max(width, 1) :]


class MonthChart(Widget, can_focus=True):
    """Bars by month; left and right walk through them, enter opens what is behind one."""

    BINDINGS: ClassVar[list[BindingType]] = list(CHART)
    DEFAULT_CSS = "MonthChart { height: 10; width: 1fr; }"

    months: reactive[Sequence[tuple[str, int]]] = reactive[Sequence[tuple[str, int]]]((), init=False)
    """`YYYY-MM` and a count, every month from the first to the last."""
    cursor: reactive[int] = reactive(0, init=False)
    """The bar that is chosen, from 0."""

    class Opened(Message):
        """What is behind a bar is asked for."""

        def __init__(self, period: Period) -> None:
            super().__init__()
            self.period = period

    def __init__(self, title: str = "", *, id: str | None = None) -> None:
        """Draw a chart, under a title where there is one."""
        super().__init__(id=id)
        self.title = title
        self._periods: list[Period] = []
        self._month = ""
        """The chosen bar's first month; "" for the last bar."""
        self._lines: list[str] = []
        self._drawn_for: tuple[object, Size] | None = None
        self._each = 1
        self._margin = 0

    @property
    def period(self) -> Period | None:
        """What the chosen bar stands for."""
        return self._periods[self.cursor] if 0 <= self.cursor < len(self._periods) else None

    # -- what is counted

    def write_value(self, value: int) -> str:
        """Write a value beside the axis."""
        return fmt.number(value)

    def describe(self, period: Period) -> str:
        """Write a bar's value in words."""
        return fmt.plural(period.count, "flattr")

    def group(self, width: int) -> list[Period]:
        """Put the months together until no more than `width` periods are left."""
        return group_months(self.months, width)

    def can_open(self, period: Period) -> bool:
        """Whether there is anything behind a bar."""
        return bool(period.count)

    # -- the bars

    def watch_months(self) -> None:
        """Choose the last bar: what is newest is looked at first."""
        self._month = ""
        self._draw()
        self.refresh()

    def on_resize(self) -> None:
        """Draw as many bars as there is room for."""
        self._draw()
        self.refresh()

    def watch_cursor(self) -> None:
        """Remember the month, whatever the bars stand for later."""
        if self.period is not None:
            self._month = self.period.first

    def _choose(self) -> None:
        """Put the cursor where the chosen month is now."""
        at = [number for number, period in enumerate(self._periods) if not self._month or period.first <= self._month]
        self.set_reactive(MonthChart.cursor, at[-1] if at else 0)

    def _draw(self) -> None:
        """Draw the bars as text, at a scale of their own; the columns of one bar stand side by side."""
        if self._drawn_for == (self.months, self.size) or not self.size:
            return
        self._drawn_for = (self.months, self.size)
        self._lines = []
        most = max((period.count for period in self.group(max(1, self.size.width))), default=0)
        self._margin = len(self.write_value(most)) + 1
        width = self.size.width - self._margin
        self._periods = self.group(max(1, width))
        self._choose()
        counts = [period.count for period in self._periods]
        rows = self.size.height - 2 - bool(self.title)  # below the bars: the years, and the chosen bar in words
        if not any(counts) or rows < 1:
            return
        self._each = min(4, max(1, width // len(counts)))
        cells = max(1, self._each - 1)
        ticks = _ticks(max(counts), rows)
        for row, line in enumerate(columns(counts, len(counts), rows)):
            label = self.write_value(ticks[row]) if row in ticks else ""
            bars = "".join((cell * cells).ljust(self._each) for cell in line)
            self._lines.append(f"{label:>{self._margin - 1}} {bars[:width]}")

    # -- drawing

    def render(self) -> Content:
        """Colour what was drawn, the chosen bar apart, and say what it stands for."""
        self._draw()
        if not self._lines:
            return Content("")
        start = self._margin + self.cursor * self._each
        stop = start + max(1, self._each - 1)
        lines = []
        for line in self._lines:
            content = Content(line).stylize("$muted", 0, self._margin).stylize("$primary", self._margin)
            lines.append(content.stylize("bold $accent", start, stop) if self.has_focus else content)
        if self.title:
            lines.insert(0, Content.styled(self.title, "bold $accent" if self.has_focus else "bold"))
        lines += [self._years(), self._chosen(start)]
        return Content("\n").join(lines)

    def _years(self) -> Content:
        """Write each year below its first bar, as many as there is room for."""
        line = " " * self._margin
        for number, period in enumerate(self._periods):
            at = self._margin + number * self._each
            new = number == 0 or self._periods[number - 1].first[:4] != period.first[:4]
            if new and at >= len(line.rstrip()) + 2 * (number > 0) and at + 4 <= self.size.width:
                line = line.ljust(at) + period.first[:4]
        return Content.styled(line, "$muted")

    def _chosen(self, start: int) -> Content:
        if not self.has_focus or self.period is None:
            return Content("")
        told = f"{self.period.label} · {self.describe(self.period)}"
        before = start + 2 + len(told) > self.size.width and start - 1 - len(told) >= 0
        text = f"{told} {_POINTER}".rjust(start + 1) if before else f"{_POINTER.rjust(start + 1)} {told}"
        return Content.styled(text, "bold $accent")

    # -- keys

    def validate_cursor(self, cursor: int) -> int:
        """Keep it on a bar."""
        return max(0, min(cursor, len(self._periods) - 1))

    def action_move(self, by: int) -> None:
        """Go to another bar."""
        self.cursor += by

    def action_edge(self, end: bool) -> None:
        """Go to the first or the last bar."""
        self.cursor = len(self._periods) - 1 if end else 0

    def action_open(self) -> None:
        """Ask for what is behind the bar."""
        if self.period is not None and self.can_open(self.period):
            self.post_message(self.Opened(self.period))

    def on_click(self, event: events.Click) -> None:
        """Choose the bar; a second click opens it."""
        self.cursor = (event.x - self._margin) // self._each
        if event.chain == 2:
            self.action_open()

    def on_focus(self) -> None:
        """Show what is chosen."""
        self.refresh()

    def on_blur(self) -> None:
        """Show it no more."""
        self.refresh()


def _ticks(most: int, rows: int) -> dict[int, int]:
    """Return the count that each labelled row of an axis stands for, by the row's number from the top."""
    middle = rows // 2
    labelled = {rows - 1 - middle: round(most * (middle + 1) / rows)} if rows > 4 else {}
    return {rows - 1: 0, **labelled, 0: most}

"""Numbers that people would rather look at than read."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from flattr_tui.ui import format as fmt

LEVELS = "▁▂▃▄▅▆▇█"
EIGHTHS = " ▏▎▍▌▋▊▉█"
BAR_CELLS = (4, 16)
"""The least and the most cells of a bar."""


def spark(values: Sequence[int], width: int) -> str:
    """Draw values as levels, summed up to `width` cells; nothing is a blank, the least thing is seen."""
    if width <= 0 or not values:
        return ""
    if len(values) > width:
        bounds = [at * len(values) // width for at in range(width + 1)]
        values = [sum(values[a:b]) for a, b in pairwise(bounds)]
    top = max(values)
    return "".join(LEVELS[min(7, (value * 8 - 1) // top)] if value > 0 else " " for value in values) if top else ""


def bar(share: float, width: int) -> str:
    """Draw a share (0 to 1) of `width` cells, to an eighth of a cell."""
    eighths = max(1, round(share * width * 8)) if share > 0 else 0
    whole, rest = divmod(min(eighths, width * 8), 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


class Spark(Widget):
    """Counts by month as one line, with the years that it goes over."""

    DEFAULT_CSS = "Spark { height: 1; width: 1fr; color: $primary; }"

    months: reactive[Sequence[tuple[str, int]]] = reactive[Sequence[tuple[str, int]]](())
    """`YYYY-MM` and a count, every month."""

    def render(self) -> Content:
        """Draw the line."""
        if not self.months:
            return Content("")
        first, last = self.months[0][0][:4], self.months[-1][0][:4]
        width = self.content_size.width - len(first) - len(last) - 3
        if width < 4:
            return Content.styled(spark([count for _, count in self.months], self.content_size.width), "$primary")
        drawn = spark([count for _, count in self.months], width)
        return Content.assemble((f"{first} ", "$muted"), (drawn, "$primary"), (f" {last}", "$muted"))

    def watch_months(self) -> None:
        """Say the highest in words."""
        if self.months:
            month, count = max(self.months, key=lambda pair: pair[1])
            self.tooltip = Content(f"Most in {fmt.month_name(month)}: {fmt.plural(count, 'flattr')}")


class Bar(NamedTuple):
    """One bar: what it is called, how much it is, and its share in words ("" for none)."""

    label: str
    value: int
    note: str = ""


class Bars(Widget):
    """Labels, bars and numbers, lined up; as many as there are lines."""

    DEFAULT_CSS = "Bars { height: auto; width: 1fr; }"

    bars: reactive[Sequence[Bar]] = reactive[Sequence[Bar]]((), layout=True)
    top: reactive[int] = reactive(6, layout=True)
    """How many are drawn."""

    def render(self) -> Content:
        """Draw the bars."""
        shown = list(self.bars[: self.top])
        if not shown:
            return Content("")
        width = self.content_size.width
        figures = [fmt.number(item.value) for item in shown]
        notes = [item.note for item in shown]
        numbers, note = max(map(len, figures)), max(map(len, notes))
        labels = max(Content(item.label).cell_length for item in shown)
        cells = min(BAR_CELLS[1], max(BAR_CELLS[0], width - min(labels, 18) - numbers - note - 3 - bool(note)))
        labels = max(4, min(labels, width - cells - numbers - note - 2 - bool(note)))
        most = max(item.value for item in shown) or 1
        lines = []
        for item, figure in zip(shown, figures, strict=True):
            drawn = bar(item.value / most, cells)
            lines.append(
                Content.assemble(
                    Content(item.label).truncate(labels, ellipsis=True, pad=True),
                    " ",
                    (drawn.ljust(cells), "$primary"),
                    f" {figure:>{numbers}}",
                    (f" {item.note:>{note}}" if note else "", "$muted"),
                )
            )
        return Content("\n").join(lines)

"""Small charts (bars, columns, a sparkline), and the base class of charts with a cursor."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from flattr_tui.ui import format as fmt

LEVELS = "▁▂▃▄▅▆▇█"
MIN_AXIS_HEIGHT = 4
"""Minimum height in lines at which the years are written below a sparkline, and not in its caption."""
BAR_WIDTH = (4, 16)
"""Minimum and maximum width of a bar in cells."""
MIN_EMPTY_YEARS: Final = 2
"""Minimum number of consecutive empty years that are replaced by `GAP_MARK`."""
GAP_MARK: Final = "⋯"
"""The mark that stands for several empty years."""


def resample(values: Sequence[int], width: int) -> Sequence[float]:
    """Return at most `width` values that represent `values` in a chart.

    If there are more than `width` values, neighbouring ones are replaced by their mean. If there are fewer, each value
    is repeated, all equally often, and as often as `width` allows.
    """
    if width <= 0 or not values:
        return ()
    if len(values) <= width:
        return [value for value in values for _ in range(width // len(values))]
    return [sum(values[a:b]) / (b - a) for a, b in pairwise(at * len(values) // width for at in range(width + 1))]


def draw_bar(share: float, width: int) -> str:
    """Return the characters of a horizontal bar. A share of 1 gives a bar of `width` cells, a share of 0 gives "".

    The length is rounded to half cells. A share above 0 gives at least half a cell.
    """
    halves = max(1, round(share * width * 2)) if share > 0 else 0
    return "━" * (halves // 2) + "╸" * (halves % 2)


def draw_columns(values: Sequence[int], width: int, height: int) -> list[str]:
    """Return the lines of a column chart, the topmost first. The column of the largest value is `height` lines high.

    The chart is at most `width` cells wide: `resample` fits the values into this width.
    """
    drawn = resample(values, width)
    top = max(drawn, default=0)
    if not top:
        return [""] * height
    steps = [max(1, round(value / top * height * 8)) if value > 0 else 0 for value in drawn]
    columns = [_draw_column(step, height) for step in steps]
    return ["".join(line) for line in zip(*columns, strict=True)]


@lru_cache(1024)
def _draw_column(eighths: int, height: int) -> str:
    """Return the `height` characters of a column, from top to bottom. `eighths` eighths of a line are filled."""
    full, rest = divmod(eighths, len(LEVELS))
    top = LEVELS[rest - 1] if rest else ""
    return (top + LEVELS[-1] * full).rjust(height)


class Chart(Widget, can_focus=True):
    """The base class of charts with a cursor. The cursor is highlighted only while the chart has the focus."""

    ALLOW_SELECT = False

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


class MonthSparkline(Widget):
    """A caption and, below it, counts by month as small columns, with the years."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "MonthSparkline { height: 2; width: 1fr; text-wrap: nowrap; }"

    months: reactive[Sequence[tuple[str, int]]] = reactive[Sequence[tuple[str, int]]](())
    """Pairs of `YYYY-MM` and a count, for every month from the first to the last."""
    facts: reactive[Sequence[str]] = reactive[Sequence[str]](())
    """Texts that follow the title, as far as there is room."""

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = Content.styled(title, "bold")

    def render(self) -> Content:
        """Return the caption and, in the lines below it, the chart."""
        width, height = self.content_size
        return Content("\n").join([self._draw_caption(width), *self._draw_chart(width, height - 1)])

    def _draw_caption(self, width: int) -> Content:
        facts = [*self.facts]
        while facts and self._title.cell_length + 2 + len(" · ".join(facts)) > width:
            facts.pop()
        return (self._title + Content.styled(f"  {' · '.join(facts)}", "$muted")).truncate(width)

    def _draw_chart(self, width: int, height: int) -> list[Content]:
        if not self.months or height <= 0:
            return []
        months = collapse_empty_years(self.months)
        if height >= MIN_AXIS_HEIGHT:
            lines = _draw_months(months, width, height - 1)
            return [*(Content.styled(line, "$primary") for line in lines), _year_axis(months, width)]
        first, last = self.months[0][0][:4], self.months[-1][0][:4]
        if width < 14:
            return [Content.styled(line, "$primary") for line in _draw_months(months, width, height)]
        *above, bottom = _draw_months(months, width - 10, height)
        drawn = [Content.assemble(" " * 5, (line, "$primary")) for line in above]
        return [*drawn, Content.assemble((f"{first} ", "$muted"), (bottom, "$primary"), (f" {last}", "$muted"))]

    def watch_months(self) -> None:
        """Show the month with the highest count in the tooltip."""
        if self.months:
            month, count = max(self.months, key=lambda pair: pair[1])
            self.tooltip = Content(f"Most in {fmt.month_name(month)}: {fmt.plural(count, 'flattr')}")


def _start_cell(number: int, count: int, width: int) -> int:
    """Return the cell in which a value begins in a chart of `width` cells. `number` is the index of the value.

    The chart shows `count` values, which `resample` has fitted into the width.
    """
    return number * (width // count if count <= width else width) // (1 if count <= width else count)


def _draw_months(months: Sequence[tuple[str, int]], width: int, height: int) -> list[str]:
    """Return the lines of a column chart of counts by month, at most `width` cells wide and `height` lines high.

    In `months`, a gap of empty years is one entry whose month is "". `GAP_MARK` on the last line marks the gap.
    """
    *above, bottom = draw_columns([count for _, count in months], width, height)
    for number, (month, _) in enumerate(months):
        if not month:
            at = _start_cell(number, len(months), width)
            bottom = bottom[:at] + GAP_MARK + bottom[at + 1 :]
    return [*above, bottom]


def _year_axis(months: Sequence[tuple[str, int]], width: int) -> Content:
    """Return a line of years, at most `width` cells long. Each year stands below its first month if there is room."""
    line = ""
    for number, (month, _) in enumerate(months):
        at = _start_cell(number, len(months), width)
        if (not number or month.endswith("-01")) and (not line or at > len(line)) and at + 4 <= width:
            line = line.ljust(at) + month[:4]
    return Content.styled(line, "$muted")


class Bar(NamedTuple):
    """One bar of a `BarStack`: its label and its value."""

    label: str
    value: int
    note: str = ""
    """A text after the value, such as the share of the total; "" for none."""
    figure: str = ""
    """The value as text, such as an amount in euros; "" to write the number itself."""

    @property
    def text(self) -> str:
        """The value as it is written beside the bar."""
        return self.figure or fmt.number(self.value)


class BarStack(Widget):
    """A title and, below it, labelled bars with their numbers, one per line; as many bars as fit."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "BarStack { height: auto; width: 1fr; text-wrap: nowrap; }"

    bars: reactive[Sequence[Bar]] = reactive[Sequence[Bar]](())
    top: reactive[int] = reactive(6)
    """Maximum number of bars."""

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = Content.styled(title, "bold")

    def watch_bars(self) -> None:
        self._request_layout()

    def watch_top(self) -> None:
        self._request_layout()

    def _request_layout(self) -> None:
        """Request a new layout if the number of bars has changed."""
        if self.styles.is_auto_height and self._line_count != self.content_size.height:
            self.refresh(layout=True)

    @property
    def _line_count(self) -> int:
        return 1 + (min(len(self.bars), self.top) or 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines without drawing them. Textual's own method draws the lines to count them."""
        return self._line_count

    def render(self) -> Content:
        shown = list(self.bars[: self.top])
        if not shown:
            return self._title
        width = self.content_size.width
        figures = [item.text for item in shown]
        notes = [item.note for item in shown]
        numbers, note = max(map(len, figures)), max(map(len, notes))
        labels = max(Content(item.label).cell_length for item in shown)
        cells = min(BAR_WIDTH[1], max(BAR_WIDTH[0], width - min(labels, 18) - numbers - note - 3 - bool(note)))
        labels = max(4, min(labels, width - cells - numbers - note - 2 - bool(note)))
        most = max(item.value for item in shown) or 1
        lines = [self._title]
        for item, figure in zip(shown, figures, strict=True):
            drawn = draw_bar(item.value / most, cells)
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


def find_empty_years(months: Sequence[tuple[str, int]]) -> list[tuple[int, int]]:
    """Return the gaps in `months`: the whole calendar years without a count.

    Each gap is a pair of indexes: of its first month, and of the month after its last one. A gap has at least
    `MIN_EMPTY_YEARS` years. `months` are pairs of `YYYY-MM` and a count, for every month from the first to the last.
    """
    runs: list[tuple[int, int]] = []
    for start in range(len(months)):
        stop = start + 12
        if not months[start][0].endswith("-01") or stop > len(months) or any(count for _, count in months[start:stop]):
            continue
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((start, stop))
    return [run for run in runs if run[1] - run[0] >= MIN_EMPTY_YEARS * 12]


def collapse_empty_years(months: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return `months` with one pair `("", 0)` in place of each run of at least `MIN_EMPTY_YEARS` empty years.

    A month is a pair of `YYYY-MM` and a count.
    """
    kept, at = [], 0
    for start, stop in find_empty_years(months):
        kept += [*months[at:start], ("", 0)]
        at = stop
    return [*kept, *months[at:]]

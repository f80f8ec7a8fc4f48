"""A table of months and things that shows by its colours what each thing earned in each month."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import HEAT
from flattr_tui.ui.widgets.calendar import PLAIN, SHADES
from flattr_tui.ui.widgets.earnings_charts import euros

TITLE_CELLS = (8, 28)
"""The least and the most cells of a thing's title."""


class HeatRow(Struct, frozen=True):
    """One thing."""

    key: str
    title: str
    values: Sequence[int]
    """Cents in each month; below 0 for none."""


class MonthHeat(Widget, can_focus=True):
    """Things as lines, months as columns; the arrows walk, enter opens the month of a thing."""

    BINDINGS: ClassVar[list[BindingType]] = list(HEAT)
    DEFAULT_CSS = "MonthHeat { height: 12; width: 1fr; }"

    place: reactive[tuple[int, int]] = reactive((0, 0), init=False)
    """The row and the month that are chosen."""

    class Opened(Message):
        """What is behind a month of a thing is asked for."""

        def __init__(self, key: str, month: str) -> None:
            super().__init__()
            self.key, self.month = key, month

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title = title
        self._months: Sequence[str] = ()
        self._rows: Sequence[HeatRow] = ()
        self._steps: list[int] = []

    def show(self, months: Sequence[str], rows: Sequence[HeatRow]) -> None:
        """Draw these; of the first thing the last month with anything is chosen."""
        self._months, self._rows = months, rows
        values = sorted(value for row in rows for value in row.values if value > 0)
        self._steps = sorted({values[len(values) * part // 4] for part in (1, 2, 3)}) if values else []
        earned = [at for at, value in enumerate(rows[0].values) if value >= 0] if rows else []
        self.place = (0, earned[-1] if earned else 0)
        self.refresh()

    # -- drawing

    @property
    def _lines(self) -> int:
        return max(1, self.size.height - 3)  # the title, the years, and what is chosen in words

    @property
    def _label(self) -> int:
        """Cells of the titles, with the one behind them."""
        longest = max((Content(row.title).cell_length for row in self._rows), default=0)
        return max(TITLE_CELLS[0], min(TITLE_CELLS[1], longest, self.size.width // 3)) + 3

    @property
    def _each(self) -> int:
        """Cells of a month."""
        return 2 if len(self._months) * 2 <= self.size.width - self._label else 1

    @property
    def _first(self) -> tuple[int, int]:
        """The first row and the first month that are seen: such that the chosen ones are."""
        row, month = self.place
        columns = max(1, (self.size.width - self._label) // self._each)
        top = max(0, min(row - self._lines // 2, len(self._rows) - self._lines))
        return top, max(0, min(month - columns // 2, len(self._months) - columns))

    def _level(self, value: int) -> int:
        return 0 if value <= 0 else 1 + sum(value > step for step in self._steps)

    def render(self) -> Content:
        """Draw the title, the years, the rows, and the chosen month in words."""
        if not self._rows:
            return Content("")
        top, left = self._first
        columns = max(1, (self.size.width - self._label) // self._each)
        months = self._months[left : left + columns]
        place = f"  {self.place[0] + 1:,} of {len(self._rows):,}" if len(self._rows) > self._lines else ""
        title = Content.assemble((self.title, "bold $accent" if self.has_focus else "bold"), (place, "$muted"))
        lines = [title, self._years(months)]
        for number, row in enumerate(self._rows[top : top + self._lines], top):
            lines.append(self._drawn(row, number, left, len(months)))
        lines.append(self._chosen())
        return Content("\n").join(lines)

    def _years(self, months: Sequence[str]) -> Content:
        line = ""
        for number, month in enumerate(months):
            at = self._label + number * self._each
            if (number == 0 or month.endswith("-01")) and at >= len(line) + bool(line) and at + 4 <= self.size.width:
                line = line.ljust(at) + month[:4]
        return Content.styled(line, "$muted")

    def _drawn(self, row: HeatRow, number: int, left: int, columns: int) -> Content:
        plain = self.app.native_ansi_color or self.app.no_color
        on = self.has_focus and number == self.place[0]
        parts: list[Content | tuple[str, str]] = [
            ("▸ " if on else "  ", "bold $accent"),
            Content(row.title).truncate(self._label - 3, ellipsis=True, pad=True),
            (" ", ""),
        ]
        for at in range(left, left + columns):
            value = row.values[at]
            level = self._level(value)
            sign, style = (PLAIN[level], "$primary") if plain else SHADES[level]
            if value < 0:
                sign = " "
            if on and at == self.place[1]:
                sign, style = sign if sign != " " else "·", "bold reverse $accent"
            parts += [(sign, style), (" " * (self._each - 1), "")]
        return Content.assemble(*parts)

    def _chosen(self) -> Content:
        if not self.has_focus:
            return Content("")
        row, month = self._rows[self.place[0]], self._months[self.place[1]]
        value = row.values[self.place[1]]
        told = euros(value) if value >= 0 else "nothing"
        return Content.styled(f"  {fmt.month_name(month)} · {told} · {row.title}", "bold $accent").truncate(
            self.size.width, ellipsis=True
        )

    # -- keys

    def validate_place(self, place: tuple[int, int]) -> tuple[int, int]:
        """Keep it on a month of a thing."""
        row, month = place
        return max(0, min(row, len(self._rows) - 1)), max(0, min(month, len(self._months) - 1))

    def action_move(self, rows: int, months: int) -> None:
        """Go to another thing or another month."""
        self.place = (self.place[0] + rows, self.place[1] + months)

    def action_open(self) -> None:
        """Ask for what is behind the month of the thing."""
        if self._rows and self._rows[self.place[0]].values[self.place[1]] >= 0:
            self.post_message(self.Opened(self._rows[self.place[0]].key, self._months[self.place[1]]))

    def on_click(self, event: events.Click) -> None:
        """Choose a month of a thing; a second click opens it."""
        top, left = self._first
        if 2 <= event.y < 2 + self._lines and event.x >= self._label:
            self.place = (top + event.y - 2, left + (event.x - self._label) // self._each)
            if event.chain == 2:
                self.action_open()

    def on_focus(self) -> None:
        """Show what is chosen."""
        self.refresh()

    def on_blur(self) -> None:
        """Show it no more."""
        self.refresh()

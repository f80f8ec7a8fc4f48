"""Heat maps with a cursor: a calendar of the days of a year, and earnings with things as rows and months as columns."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from flattr_tui.model.query_dates import SHORT_MONTHS
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import CALENDAR, HEAT
from flattr_tui.ui.widgets.bar_charts import format_euros
from flattr_tui.ui.widgets.charts import Chart

WEEKDAY_WIDTH = 4
"""Width in cells of the column with the names of the weekdays."""
MAX_WEEKS = 53
"""Maximum number of calendar weeks (Monday to Sunday) that contain days of one year."""
SHADES: tuple[tuple[str, str], ...] = (
    ("·", "$line"),
    ("■", "$primary 45%"),
    ("■", "$primary 65%"),
    ("■", "$primary 85%"),
    ("■", "bold $accent"),
)
"""Symbol and style of each level of a count, from 0 (no items) to 4 (the most)."""
PLAIN_SHADES = ("·", "░", "▒", "▓", "█")
"""Symbols of these levels in ANSI themes and without colours."""
WEEKDAYS = ("Mo", "", "We", "", "Fr", "", "Su")


class Calendar(Chart):
    """A calendar of one year: weeks as columns, days as rows. The arrow keys choose a day, enter opens it."""

    BINDINGS: ClassVar[list[BindingType]] = list(CALENDAR)
    DEFAULT_CSS = "Calendar { height: 10; width: 1fr; }"

    days: reactive[Mapping[date, int]] = reactive[Mapping[date, int]](dict, init=False)
    """The counts by day. A day without a count has 0."""
    cursor: reactive[date] = reactive(date(2010, 1, 1), init=False)

    class Opened(Message):
        """Message: the user opened a day."""

        def __init__(self, day: date) -> None:
            super().__init__()
            self.day = day

    def __init__(self) -> None:
        super().__init__()
        self._thresholds: list[int] = []
        self._first, self._last = self.cursor, self.cursor

    def watch_days(self) -> None:
        """Put the cursor on the last day, and find the counts at which the colours change: the quartiles."""
        counts = sorted(filter(None, self.days.values()))
        self._thresholds = sorted({counts[len(counts) * part // 4] for part in (1, 2, 3)}) if counts else []
        self._first = min(self.days, default=date(2010, 1, 1))
        self._last = max(self.days, default=self._first)
        self.cursor = self._last
        self.refresh()

    def validate_cursor(self, cursor: date) -> date:
        return max(self._first, min(cursor, self._last))

    # -- drawing

    def _level(self, count: int) -> int:
        """Return the colour of a count as a level: 0 for no items, otherwise from 1 (few) to 4 (many).

        The levels from 1 to 4 are the quartiles of the counts of all days with items.
        """
        return 1 + bisect_right(self._thresholds, count) if count else 0

    @property
    def _day_width(self) -> int:
        return 2 if self.size.width >= WEEKDAY_WIDTH + 2 * MAX_WEEKS else 1

    @property
    def _first_monday(self) -> date:
        """The Monday of the first visible week: of the year's first week or, if not all weeks fit, of a later one."""
        weeks = min(MAX_WEEKS, max(1, (self.size.width - WEEKDAY_WIDTH) // self._day_width))
        first = _monday(date(self.cursor.year, 1, 1))
        behind = (_monday(self.cursor) - first).days // 7 - weeks + 1
        return first + timedelta(weeks=max(0, behind))

    def render(self) -> Content:
        shown = self.cursor.year
        year = sum(count for day, count in self.days.items() if day.year == shown)
        title = Content.assemble(
            (str(shown) if self.days else "Calendar", "bold $accent" if self.has_focus else "bold"),
            (f"  {fmt.plural(year, 'flattr')}" if self.days else "", "$muted"),
        )
        if not self.days:
            return title
        if self.has_focus:
            title += Content.styled(f" · {self._cursor_label()}", "bold $accent")
        weeks = min(MAX_WEEKS, max(1, (self.size.width - WEEKDAY_WIDTH) // self._day_width))
        start = self._first_monday
        lines = [title, self._month_axis(start, weeks)]
        lines += [self._weekday_row(number, start, weeks) for number in range(7)]
        return Content("\n").join(lines)

    def _cursor_label(self) -> str:
        count = self.days.get(self.cursor, 0)
        return f"{self.cursor.day} {SHORT_MONTHS[self.cursor.month - 1]}: {fmt.plural(count, 'flattr')}"

    def _month_axis(self, start: date, weeks: int) -> Content:
        line = " " * WEEKDAY_WIDTH
        day_width, year, width = self._day_width, self.cursor.year, self.size.width
        for week in range(weeks):
            day = start + timedelta(weeks=week)
            at = WEEKDAY_WIDTH + week * day_width
            if day.day <= 7 and day.year == year and at >= len(line.rstrip()) + 1 and at + 3 <= width:
                line = line.ljust(at) + SHORT_MONTHS[day.month - 1]
        return Content.styled(line, "$muted")

    def _weekday_row(self, number: int, start: date, weeks: int) -> Content:
        plain = self.app.native_ansi_color or self.app.no_color
        days, cursor, apart = self.days, self.cursor, " " * (self._day_width - 1)  # read once, not for each of 371 days
        marked = cursor if self.has_focus else None
        parts: list[tuple[str, str]] = [(WEEKDAYS[number].ljust(WEEKDAY_WIDTH), "$muted")]
        for week in range(weeks):
            day = start + timedelta(days=7 * week + number)
            level = self._level(days.get(day, 0))
            sign, style = (PLAIN_SHADES[level], "$primary") if plain else SHADES[level]
            if day.year != cursor.year or not self._first <= day <= self._last:
                sign, style = " ", ""
            if day == marked:
                style = "bold reverse $accent"
            parts += [(sign, style), (apart, "")]
        return Content.assemble(*parts)

    # -- keys

    def action_move(self, days: int) -> None:
        try:
            self.cursor += timedelta(days=days)
        except OverflowError:
            return

    def action_next(self, by: int) -> None:
        found = [
            day for day, count in self.days.items() if count and (day > self.cursor if by > 0 else day < self.cursor)
        ]
        if found:
            self.cursor = min(found) if by > 0 else max(found)

    def action_open(self) -> None:
        if self.days.get(self.cursor):
            self.post_message(self.Opened(self.cursor))

    def on_click(self, event: events.Click) -> None:
        if event.y >= 2 and event.x >= WEEKDAY_WIDTH:
            self.cursor = self._first_monday + timedelta(
                days=7 * ((event.x - WEEKDAY_WIDTH) // self._day_width) + event.y - 2
            )
            if event.chain == 2:
                self.action_open()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


TITLE_WIDTH = (8, 28)
"""Minimum and maximum width of a thing's title in cells."""


class HeatRow(Struct, frozen=True):
    """One row of a heat map: a thing and its revenue by month."""

    key: str
    title: str
    values: Sequence[int]
    """The revenue in cents for each month of the map; negative for a month without a report."""


class HeatMap(Chart):
    """A heat map: things as rows, months as columns. The arrow keys choose a cell, and enter opens the cell."""

    BINDINGS: ClassVar[list[BindingType]] = list(HEAT)
    DEFAULT_CSS = "HeatMap { height: 12; width: 1fr; }"

    cursor: reactive[tuple[int, int]] = reactive((0, 0), init=False)
    """Index of the row and of the month of the chosen cell."""

    class Opened(Message):
        """Message: the user opened a cell. `key` is the key of the cell's row, and `month` (`YYYY-MM`) its column."""

        def __init__(self, key: str, month: str) -> None:
            super().__init__()
            self.key, self.month = key, month

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.title = title
        self._months: Sequence[str] = ()
        self._rows: Sequence[HeatRow] = ()
        self._thresholds: list[int] = []

    def show(self, months: Sequence[str], rows: Sequence[HeatRow]) -> None:
        """Show `rows` for `months` (`YYYY-MM`). The cursor starts on the first row, in the last month with a report."""
        self._months, self._rows = months, rows
        values = sorted(value for row in rows for value in row.values if value > 0)
        self._thresholds = sorted({values[len(values) * part // 4] for part in (1, 2, 3)}) if values else []
        earned = [at for at, value in enumerate(rows[0].values) if value >= 0] if rows else []
        self.cursor = (0, earned[-1] if earned else 0)
        self.refresh()

    # -- drawing

    @property
    def _visible_rows(self) -> int:
        return max(1, self.size.height - 3)  # three lines: the title, the years, and the chosen cell in words

    @property
    def _label_width(self) -> int:
        longest = max((Content(row.title).cell_length for row in self._rows), default=0)
        return max(TITLE_WIDTH[0], min(TITLE_WIDTH[1], longest, self.size.width // 3)) + 3

    @property
    def _month_width(self) -> int:
        return 2 if len(self._months) * 2 <= self.size.width - self._label_width else 1

    @property
    def _first_visible(self) -> tuple[int, int]:
        """The indexes of the first row and the first month on screen. The cell under the cursor is always on screen."""
        row, month = self.cursor
        columns = max(1, (self.size.width - self._label_width) // self._month_width)
        top = max(0, min(row - self._visible_rows // 2, len(self._rows) - self._visible_rows))
        return top, max(0, min(month - columns // 2, len(self._months) - columns))

    def _level(self, value: int) -> int:
        return 0 if value <= 0 else 1 + sum(value > step for step in self._thresholds)

    def render(self) -> Content:
        if not self._rows:
            return Content("")
        top, left = self._first_visible
        columns = max(1, (self.size.width - self._label_width) // self._month_width)
        months = self._months[left : left + columns]
        place = f"  {self.cursor[0] + 1:,} of {len(self._rows):,}" if len(self._rows) > self._visible_rows else ""
        title = Content.assemble((self.title, "bold $accent" if self.has_focus else "bold"), (place, "$muted"))
        lines = [title, self._year_axis(months)]
        for number, row in enumerate(self._rows[top : top + self._visible_rows], top):
            lines.append(self._draw_row(row, number, left, len(months)))
        lines.append(self._cursor_label())
        return Content("\n").join(lines)

    def _year_axis(self, months: Sequence[str]) -> Content:
        line = ""
        for number, month in enumerate(months):
            at = self._label_width + number * self._month_width
            if (number == 0 or month.endswith("-01")) and at >= len(line) + bool(line) and at + 4 <= self.size.width:
                line = line.ljust(at) + month[:4]
        return Content.styled(line, "$muted")

    def _draw_row(self, row: HeatRow, number: int, left: int, columns: int) -> Content:
        plain = self.app.native_ansi_color or self.app.no_color
        on = self.has_focus and number == self.cursor[0]
        parts: list[Content | tuple[str, str]] = [
            ("▸ " if on else "  ", "bold $accent"),
            Content(row.title).truncate(self._label_width - 3, ellipsis=True, pad=True),
            (" ", ""),
        ]
        for at in range(left, left + columns):
            value = row.values[at]
            level = self._level(value)
            sign, style = (PLAIN_SHADES[level], "$primary") if plain else SHADES[level]
            if value < 0:
                sign = " "
            if on and at == self.cursor[1]:
                sign, style = sign if sign != " " else "·", "bold reverse $accent"
            parts += [(sign, style), (" " * (self._month_width - 1), "")]
        return Content.assemble(*parts)

    def _cursor_label(self) -> Content:
        if not self.has_focus:
            return Content("")
        row, month = self._rows[self.cursor[0]], self._months[self.cursor[1]]
        value = row.values[self.cursor[1]]
        text = format_euros(value) if value >= 0 else "nothing"
        return Content.styled(f"  {fmt.month_name(month)} · {text} · {row.title}", "bold $accent").truncate(
            self.size.width, ellipsis=True
        )

    # -- keys

    def validate_cursor(self, place: tuple[int, int]) -> tuple[int, int]:
        row, month = place
        return max(0, min(row, len(self._rows) - 1)), max(0, min(month, len(self._months) - 1))

    def action_move(self, rows: int, months: int) -> None:
        self.cursor = (self.cursor[0] + rows, self.cursor[1] + months)

    def action_open(self) -> None:
        if self._rows and self._rows[self.cursor[0]].values[self.cursor[1]] >= 0:
            self.post_message(self.Opened(self._rows[self.cursor[0]].key, self._months[self.cursor[1]]))

    def on_click(self, event: events.Click) -> None:
        top, left = self._first_visible
        if 2 <= event.y < 2 + self._visible_rows and event.x >= self._label_width:
            self.cursor = (top + event.y - 2, left + (event.x - self._label_width) // self._month_width)
            if event.chain == 2:
                self.action_open()

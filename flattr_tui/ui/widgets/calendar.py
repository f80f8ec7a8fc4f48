"""A calendar with a cursor: the days of a year, coloured by their counts."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import CALENDAR
from flattr_tui.ui.widgets.charts import Chart

LABEL_WIDTH = 4
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
        """Put the cursor on the last day, and compute the quartiles of the counts, which decide the colours."""
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
        """Return the level of a count: 0 for no items, otherwise its quartile (1 to 4) among the days with items."""
        return 1 + bisect_right(self._thresholds, count) if count else 0

    @property
    def _day_width(self) -> int:
        return 2 if self.size.width >= LABEL_WIDTH + 2 * MAX_WEEKS else 1

    @property
    def _first_monday(self) -> date:
        """The Monday of the first visible week. That is the year's first week, or a later one if not all weeks fit."""
        weeks = min(MAX_WEEKS, max(1, (self.size.width - LABEL_WIDTH) // self._day_width))
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
        weeks = min(MAX_WEEKS, max(1, (self.size.width - LABEL_WIDTH) // self._day_width))
        start = self._first_monday
        lines = [title, self._month_axis(start, weeks)]
        lines += [self._weekday_row(number, start, weeks) for number in range(7)]
        return Content("\n").join(lines)

    def _cursor_label(self) -> str:
        count = self.days.get(self.cursor, 0)
        return f"{self.cursor.day} {fmt.MONTHS[self.cursor.month - 1]}: {fmt.plural(count, 'flattr')}"

    def _month_axis(self, start: date, weeks: int) -> Content:
        line = " " * LABEL_WIDTH
        day_width, year, width = self._day_width, self.cursor.year, self.size.width
        for week in range(weeks):
            day = start + timedelta(weeks=week)
            at = LABEL_WIDTH + week * day_width
            if day.day <= 7 and day.year == year and at >= len(line.rstrip()) + 1 and at + 3 <= width:
                line = line.ljust(at) + fmt.MONTHS[day.month - 1]
        return Content.styled(line, "$muted")

    def _weekday_row(self, number: int, start: date, weeks: int) -> Content:
        plain = self.app.native_ansi_color or self.app.no_color
        days, cursor, apart = self.days, self.cursor, " " * (self._day_width - 1)  # read once, not for each of 371 days
        marked = cursor if self.has_focus else None
        parts: list[tuple[str, str]] = [(WEEKDAYS[number].ljust(LABEL_WIDTH), "$muted")]
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
        if event.y >= 2 and event.x >= LABEL_WIDTH:
            self.cursor = self._first_monday + timedelta(
                days=7 * ((event.x - LABEL_WIDTH) // self._day_width) + event.y - 2
            )
            if event.chain == 2:
                self.action_open()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

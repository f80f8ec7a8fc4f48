"""A calendar that shows by its colours how much happened on each day, and is walked through by keyboard."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import CALENDAR

LABEL = 4
"""Cells left of the weeks, for the days' names."""
WEEKS = 53
"""Weeks that a year has at most."""
SHADES: tuple[tuple[str, str], ...] = (
    ("·", "$line"),
    ("■", "$primary 45%"),
    ("■", "$primary 65%"),
    ("■", "$primary 85%"),
    ("■", "bold $accent"),
)
"""How little to much looks."""
PLAIN = ("·", "░", "▒", "▓", "█")
"""The same where no colour of ours can be relied on."""
NAMES = ("Mo", "", "We", "", "Fr", "", "Su")


class Calendar(Widget, can_focus=True):
    """Weeks as columns, days as lines; the arrows walk, enter opens a day."""

    BINDINGS: ClassVar[list[BindingType]] = list(CALENDAR)
    DEFAULT_CSS = "Calendar { height: 10; width: 1fr; }"

    days: reactive[Mapping[date, int]] = reactive[Mapping[date, int]](dict, init=False)
    """What was counted on each day; days with nothing may be left out."""
    cursor: reactive[date] = reactive(date(2010, 1, 1), init=False)

    class Opened(Message):
        """What is behind a day is asked for."""

        def __init__(self, day: date) -> None:
            super().__init__()
            self.day = day

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._steps: list[int] = []
        self._first, self._last = self.cursor, self.cursor

    def watch_days(self) -> None:
        """Choose the last day with something."""
        counts = sorted(count for count in self.days.values() if count)
        self._steps = sorted({counts[len(counts) * part // 4] for part in (1, 2, 3)}) if counts else []
        self._first = min(self.days, default=date(2010, 1, 1))
        self._last = max(self.days, default=self._first)
        self.cursor = self._last
        self.refresh()

    def validate_cursor(self, cursor: date) -> date:
        """Keep it between the first and the last day."""
        return max(self._first, min(cursor, self._last))

    # -- drawing

    def _level(self, count: int) -> int:
        """Say how much a count is, 0 to 4: by the quarters that the days with something fall into."""
        return 1 + sum(count >= step for step in self._steps) if count else 0

    @property
    def _each(self) -> int:
        return 2 if self.size.width >= LABEL + 2 * WEEKS else 1

    @property
    def _start(self) -> date:
        """The Monday of the first week that is drawn: the chosen day's year, or where that is too wide what is near."""
        weeks = min(WEEKS, max(1, (self.size.width - LABEL) // self._each))
        first = _monday(date(self.cursor.year, 1, 1))
        behind = (_monday(self.cursor) - first).days // 7 - weeks + 1
        return first + timedelta(weeks=max(0, behind))

    def render(self) -> Content:
        """Draw the title, the months' names, the days, and what is chosen."""
        shown = self.cursor.year
        year = sum(count for day, count in self.days.items() if day.year == shown)
        title = Content.assemble(
            (str(shown) if self.days else "Calendar", "bold $accent" if self.has_focus else "bold"),
            (f"  {fmt.plural(year, 'flattr')}" if self.days else "", "$muted"),
        )
        if not self.days:
            return title
        if self.has_focus:
            title += Content.styled(f" · {self._told()}", "bold $accent")
        weeks = min(WEEKS, max(1, (self.size.width - LABEL) // self._each))
        start = self._start
        lines = [title, self._months(start, weeks)]
        lines += [self._weekday(number, start, weeks) for number in range(7)]
        return Content("\n").join(lines)

    def _told(self) -> str:
        count = self.days.get(self.cursor, 0)
        return f"{self.cursor.day} {fmt.MONTHS[self.cursor.month - 1]}: {fmt.plural(count, 'flattr')}"

    def _months(self, start: date, weeks: int) -> Content:
        line = " " * LABEL
        each, year, width = self._each, self.cursor.year, self.size.width
        for week in range(weeks):
            day = start + timedelta(weeks=week)
            at = LABEL + week * each
            if day.day <= 7 and day.year == year and at >= len(line.rstrip()) + 1 and at + 3 <= width:
                line = line.ljust(at) + fmt.MONTHS[day.month - 1]
        return Content.styled(line, "$muted")

    def _weekday(self, number: int, start: date, weeks: int) -> Content:
        plain = self.app.native_ansi_color or self.app.no_color
        days, cursor, apart = self.days, self.cursor, " " * (self._each - 1)  # looked up once: there are 371 days
        marked = cursor if self.has_focus else None
        parts: list[tuple[str, str]] = [(NAMES[number].ljust(LABEL), "$muted")]
        for week in range(weeks):
            day = start + timedelta(days=7 * week + number)
            level = self._level(days.get(day, 0))
            sign, style = (PLAIN[level], "$primary") if plain else SHADES[level]
            if day.year != cursor.year or not self._first <= day <= self._last:
                sign, style = " ", ""
            if day == marked:
                style = "bold reverse $accent"
            parts += [(sign, style), (apart, "")]
        return Content.assemble(*parts)

    # -- keys

    def action_move(self, days: int) -> None:
        """Go some days on, or back."""
        try:
            self.cursor += timedelta(days=days)
        except OverflowError:
            return

    def action_next(self, by: int) -> None:
        """Go to the next day with something, or the last one before."""
        found = [
            day for day, count in self.days.items() if count and (day > self.cursor if by > 0 else day < self.cursor)
        ]
        if found:
            self.cursor = min(found) if by > 0 else max(found)

    def action_open(self) -> None:
        """Ask for what is behind the day."""
        if self.days.get(self.cursor):
            self.post_message(self.Opened(self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Choose the day; a second click opens it."""
        if event.y >= 2 and event.x >= LABEL:
            self.cursor = self._start + timedelta(days=7 * ((event.x - LABEL) // self._each) + event.y - 2)
            if event.chain == 2:
                self.action_open()

    def on_focus(self) -> None:
        """Show what is chosen."""
        self.refresh()

    def on_blur(self) -> None:
        """Show it no more."""
        self.refresh()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())

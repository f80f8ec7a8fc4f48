"""The table of changes: days as headings, and below each the changes of that day."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from textual.content import Content
from textual.strip import Strip

from flattr_tui.library.query.change_history import Change, ChangedDay, ChangeKind, ChangeRow
from flattr_tui.library.query.list_feed import Gap, Row
from flattr_tui.model.entities import Activity
from flattr_tui.model.query_dates import SHORT_MONTHS
from flattr_tui.ui import format as fmt
from flattr_tui.ui.widgets.base_widgets import MARGIN
from flattr_tui.ui.widgets.list_content import SENTENCE, TITLE_OF_MINE, Column, RowStyle
from flattr_tui.ui.widgets.table import RowTable

SIGNS: Mapping[ChangeKind, tuple[str, str]] = {
    ChangeKind.ADDED: ("+", "$success"),
    ChangeKind.GONE: ("−", "$error"),
    ChangeKind.RECOUNTED: ("±", "$accent"),
}
"""Symbol and colour of each kind of change."""
GROUPS: Mapping[str, tuple[str, str]] = {
    "thing": ("thing", "things"),
    "flattr": ("flattr", "flattrs"),
    "activity": ("activity", "activities"),
    "count": ("count", "counts"),
}
"""The groups of changes that can be listed alone, with their names in the singular and in the plural."""

MIN_COUNTS_WIDTH = 60
"""Minimum width in cells at which the counts before and after a change are shown, in addition to their difference."""
DIFFERENCE_WIDTH = 17
"""Width in cells of the column of counts, such as `1,204 → 1,240 +36`."""


class DayHeading(Gap, frozen=True, kw_only=True):
    """A row that is the heading of a day, above the changes of that day. The cursor skips it."""

    day: date
    counts: str
    """How many changes of each kind happened on that day, in words: `3 added · 1 gone`."""


ReadRows = Callable[[Sequence[Change]], list[Row | None]]
"""Returns for each change the row of the item that has changed; None if that item was deleted meanwhile."""


class ChangeRows:
    """The lines of a change table: for each day a heading and, below it, the changes of that day.

    `read` is called for the changes whose rows are drawn. `group` is the group of the changes to list (`Change.group`,
    such as `thing`); "" lists all changes.
    """

    def __init__(self, days: Sequence[ChangedDay], read: ReadRows, group: str = "") -> None:
        self._read = read
        self._lines: list[DayHeading | Change] = []
        for day in days:
            changes = [change for change in day.changes if group in {"", change.group}]
            if changes:
                self._lines += [DayHeading(day=day.day, counts=count_changes(changes)), *changes]
        self._places = {line.key: at for at, line in enumerate(self._lines) if isinstance(line, Change)}
        self.count = len(self._places)
        """Number of changes; headings do not count."""

    def __len__(self) -> int:
        return len(self._lines)

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows with the indexes from `start` up to, but without, `stop`: changes and headings of days.

        At the end of the table, fewer rows are returned. If the item of a change was deleted, a gap is returned for it.
        """
        lines = self._lines[max(0, start) : stop]
        read = iter(self._read([line for line in lines if isinstance(line, Change)]))
        return [line if isinstance(line, DayHeading) else next(read) or Gap(missing=1) for line in lines]

    def find_row(self, key: str) -> int | None:
        """Return the index of the change with this key; None if there is none."""
        return self._places.get(key)

    def find_next(self, after: int, is_wanted: Callable[[Change], bool]) -> int | None:
        """Return the index of the next line below line `after` with a change for which `is_wanted` returns True.

        If there is none below, return the first such line of the table. Returns None if the table has no such line.
        """
        found = [at for at, line in enumerate(self._lines) if isinstance(line, Change) and is_wanted(line)]
        return next((at for at in found if at > after), found[0] if found else None)

    def is_heading(self, index: int) -> bool:
        """Whether the line at an index is the heading of a day."""
        return 0 <= index < len(self._lines) and isinstance(self._lines[index], DayHeading)


def count_changes(changes: Sequence[Change]) -> str:
    """Return the number of changes of each kind as text: `3 added · 1 gone · 12 counts`.

    Here, 12 things have another number of flattrs than before. Kinds without changes are left out.
    """
    counts = [(sum(change.kind is kind for change in changes), kind) for kind in ChangeKind]
    texts = {ChangeKind.ADDED: "added", ChangeKind.GONE: "gone"}
    return " · ".join(
        f"{number:,} {texts[kind]}" if kind in texts else fmt.plural(number, "count")
        for number, kind in counts
        if number
    )


class ChangeTable(RowTable):
    """A table of changes below headings, which the cursor skips."""

    EXPORT_TITLE = "Changes"

    def fit_width(self) -> None:
        self._columns = NARROW_COLUMNS if self.size.width < MIN_COUNTS_WIDTH else COLUMNS
        super().fit_width()

    @property
    def _changes(self) -> ChangeRows | None:
        return self.source if isinstance(self.source, ChangeRows) else None

    def _is_heading(self, index: int) -> bool:
        return self._changes is not None and self._changes.is_heading(index)

    def validate_cursor(self, cursor: int) -> int:
        at = super().validate_cursor(cursor)
        if not self._is_heading(at):
            return at
        return at - 1 if 0 < at < self.cursor else at + 1

    def reload(self) -> None:
        super().reload()
        if self._is_heading(self.cursor):
            self.cursor += 1

    def scroll_to_cursor(self) -> None:
        """Scroll to the cursor, and show the heading above it."""
        above = self.cursor - 1
        if self._is_heading(above) and above < self.scroll_offset.y:
            self.scroll_to(y=above, animate=False, force=True)
        else:
            super().scroll_to_cursor()

    def draw_gap(self, gap: Gap, *, is_cursor: bool, width: int) -> Strip:
        if not isinstance(gap, DayHeading):
            return super().draw_gap(gap, is_cursor=is_cursor, width=width)
        now, tz = self.row_style.now, self.row_style.tz
        days = (fmt.moment(now, tz).date() - gap.day).days
        name = {0: "Today", 1: "Yesterday"}.get(days) or (fmt.DAYS[gap.day.weekday()] if 1 < days < 7 else "")
        written = f"{gap.day.day} {SHORT_MONTHS[gap.day.month - 1]} {gap.day.year}"
        title = Content.assemble(
            " " * MARGIN, (name or written, "bold $accent"), (f" · {written}" if name else "", "$muted")
        )
        counts = Content.styled(gap.counts, "$muted")
        room = width - 1 - title.cell_length - counts.cell_length
        line = title + Content(" " * room) + counts if room > 1 else title
        return self.draw_line(line, width, self.visual_style)


def _change_of(row: Row) -> Change | None:
    return row.change if isinstance(row, ChangeRow) else None


def _sign(row: Row, look: RowStyle) -> Content:
    change = _change_of(row)
    if change is None:
        return Content("")
    if change.kind is ChangeKind.RECOUNTED:
        return Content.styled("▲", "$success") if change.new > change.old else Content.styled("▼", "$error")
    return Content.styled(*SIGNS[change.kind])


def _noun(row: Row, look: RowStyle) -> Content:
    change = _change_of(row)
    return Content.styled(change.group if change is not None else "", "$muted")


def _title(row: Row, look: RowStyle) -> Content:
    return (SENTENCE if isinstance(row.item, Activity) else TITLE_OF_MINE).render(row, look)


def _who(row: Row, look: RowStyle) -> Content:
    change = _change_of(row)
    return Content.styled(change.username if change is not None else "", "$secondary")


def _difference(row: Row, look: RowStyle) -> Content:
    change = _change_of(row)
    if change is None or change.kind is not ChangeKind.RECOUNTED:
        return Content("")
    difference = _format_difference(change)
    whole = Content.assemble((f"{change.old:,} → ", "$muted"), f"{change.new:,} ", difference)
    return whole if len(whole) <= DIFFERENCE_WIDTH else Content.assemble(f"{change.new:,} ", difference)


def _short_difference(row: Row, look: RowStyle) -> Content:
    """Return the change of a count, such as `+36`, without the two counts; an empty text if no count has changed."""
    change = _change_of(row)
    return _format_difference(change) if change is not None and change.kind is ChangeKind.RECOUNTED else Content("")


def _format_difference(change: Change) -> Content:
    difference = change.new - change.old
    return Content.styled(f"{difference:+,}".replace("-", "−"), "$success" if difference > 0 else "$error")


def _clock_time(row: Row, look: RowStyle) -> Content:
    change = _change_of(row)
    return Content.styled(fmt.clock(change.at, look.tz) if change is not None else "", "$muted")


COLUMNS = (
    Column("time", "When", _clock_time, width=5, priority=4),
    Column("sign", "", _sign, width=1, priority=9),
    Column("noun", "Change", _noun, width=8, priority=5),
    Column("title", "What", _title, minimum=14, priority=10),
    Column("who", "Who", _who, width=13, priority=6),
    Column("difference", "Flattrs", _difference, width=DIFFERENCE_WIDTH, align="right", priority=7),
)
NARROW_COLUMNS = (*COLUMNS[:-1], Column("rise", "Flattrs", _short_difference, width=7, align="right", priority=7))
"""The columns of a narrow table. They show only the difference of counts, which leaves more room for titles."""

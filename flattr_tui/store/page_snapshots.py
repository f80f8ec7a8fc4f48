"""Pages as they were last seen: what a page says of the list around it is known only from when it was seen how."""

import sqlite3
from array import array
from typing import Final, NamedTuple

import msgspec

from flattr_tui.store.list_rows import Row, numbers

_NO_TIME: Final = -(2**62)


class PageSeen(msgspec.Struct, frozen=True):
    """A page as it is laid over a feed."""

    page: int
    count: int
    """How many items were asked for; 0 for a list without pages."""
    offset: int
    """How many rows the server has above it."""
    rows: tuple[Row, ...]
    """Each item once, in the server's order."""
    times: tuple[int | None, ...]
    """When each came about; None: not known."""
    records: int
    """How many records the page had, unreadable ones and repetitions included."""
    ends: bool
    """Whether the list ends with it."""


class Seam(NamedTuple):
    """Where two pages follow each other by number."""

    last: int
    """The item that the upper one ended with."""
    first: int
    """The item that the lower one began with; 0: it was empty."""
    certain: bool
    """Whether one of the pages was seen the same before and after the other was seen."""


class Pages:
    """The pages of one feed, read and written within the transaction of the connection."""

    def __init__(self, connection: sqlite3.Connection, feed: int) -> None:
        self._connection = connection
        self._feed = feed

    def last_item(self, count: int, page: int) -> int | None:
        """Say with which item a page ended when it was last seen."""
        found = self._connection.execute(
            "SELECT items FROM page WHERE feed = ? AND count = ? AND page = ?", (self._feed, count, page)
        ).fetchone()
        return numbers(found[0])[-1] if found and found[0] else None

    def items(self, count: int, page: int) -> list[int]:
        """Return the items of a page as it was last seen; none where it never was."""
        found = self._connection.execute(
            "SELECT items FROM page WHERE feed = ? AND count = ? AND page = ?", (self._feed, count, page)
        ).fetchone()
        return list(numbers(found[0])) if found else []

    def records(self, count: int, page: int) -> int | None:
        """Say how many records a page had when it was last seen."""
        found = self._connection.execute(
            "SELECT records FROM page WHERE feed = ? AND count = ? AND page = ?", (self._feed, count, page)
        ).fetchone()
        return int(found[0]) if found else None

    def recall(self, count: int, page: int, offset: int) -> PageSeen | None:
        """Return a page as it was last seen, to be laid over the feed `offset` rows from the top."""
        found = self._connection.execute(
            "SELECT items, times, subjects, records, ends FROM page WHERE feed = ? AND count = ? AND page = ?",
            (self._feed, count, page),
        ).fetchone()
        if found is None:
            return None
        items, times, subjects = map(numbers, found[:3])
        return PageSeen(
            page=max(1, page),
            count=count,
            offset=offset,
            rows=tuple(map(Row, items, subjects)),
            times=tuple(None if time == _NO_TIME else time for time in times),
            records=found[3],
            ends=bool(found[4]),
        )

    def note(self, page: PageSeen, tick: int) -> None:
        """Remember a page as it is seen now; `tick` is the number of this look at the server."""
        key = (self._feed, page.count, page.page)
        items = array("q", [row.item for row in page.rows])
        first_since = last_since = tick
        found = self._connection.execute(
            "SELECT items, ends, first_since, last_since FROM page WHERE feed = ? AND count = ? AND page = ?", key
        ).fetchone()
        if found:
            old = numbers(found[0])
            if old[:1] == items[:1]:
                first_since = found[2]
            if old[-1:] == items[-1:] and bool(found[1]) == page.ends:
                last_since = found[3]
        times = array("q", [_NO_TIME if time is None else time for time in page.times])
        subjects = array("q", [row.subject for row in page.rows])
        self._connection.execute(
            "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *key,
                items.tobytes(),
                times.tobytes(),
                subjects.tobytes(),
                page.records,
                page.ends,
                first_since,
                last_since,
                tick,
            ),
        )

    def seam(self, count: int, lower: int) -> Seam | None:
        """Say where page `lower` follows the one above it; None where one was never seen, or has nothing readable."""
        found = self._connection.execute(
            "SELECT records, items, first_since, last_since, seen FROM page"
            " WHERE feed = ? AND count = ? AND page IN (?, ?) ORDER BY page",
            (self._feed, count, lower - 1, lower),
        ).fetchall()
        if len(found) < 2 or not found[0][1] or (found[1][0] and not found[1][1]):
            return None
        last = numbers(found[0][1])[-1]
        first = numbers(found[1][1])[0] if found[1][1] else 0
        since, until = max(found[0][3], found[1][2]), min(found[0][4], found[1][4])
        return Seam(last, first, since <= until)

    def forget(self) -> None:
        """Forget all pages."""
        self._connection.execute("DELETE FROM page WHERE feed = ?", (self._feed,))

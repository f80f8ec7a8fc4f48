"""Snapshots of a list's API pages: the items that each page had when it was last seen.

What a page proves about the rows around it depends on when the page was seen. That time is counted in ticks: each merge
of a page into the list is one tick.
"""

import sqlite3
import zlib
from array import array
from typing import Final, NamedTuple

import msgspec

from flattr_tui.store.saved_list_rows import Row, decode_ids, make_ids

_NO_TIME: Final = -(2**62)


def _pack(numbers: "array[int]") -> bytes:
    """Return numbers in compressed form. For a page of 100 items, it takes 0.7 KB instead of 4.6.

    That works well because most of the numbers are consecutive.
    """
    return zlib.compress(numbers.tobytes(), 1) if numbers else b""


def _unpack(data: bytes) -> "array[int]":
    return decode_ids(zlib.decompress(data)) if data else make_ids()


def _unpack_times(data: bytes) -> "array[int]":
    times = array("q")
    times.frombytes(zlib.decompress(data) if data else b"")
    return times


class PageSnapshot(msgspec.Struct, frozen=True):
    """The items of an API page at the time when it was seen, and its place in the list."""

    page: int
    count: int
    """The requested page size; 0 for a list without pages."""
    offset: int
    """Number of rows of the server's list above the page."""
    rows: tuple[Row, ...]
    """The rows in the server's order, each item once."""
    times: tuple[int | None, ...]
    """The time of each row in Unix seconds; None if unknown."""
    records: int
    """Number of records in the page, including unreadable and repeated ones."""
    ends: bool
    """Whether the list ends with this page."""


class PageBoundary(NamedTuple):
    """The boundary between two consecutive API pages."""

    last: int
    """Id of the last item on the upper page."""
    first: int
    """Id of the first item on the lower page; 0 if that page is empty."""
    certain: bool
    """Whether one of the pages was seen unchanged before and after the other one was seen."""


class PageSnapshots:
    """The snapshots of the API pages of the list `list_id`, in the transaction of `connection`.

    A snapshot is what a page had when it was last fetched. The parameter `page_size` of the methods is the requested
    page size. Each page size has its own numbering of pages.
    """

    def __init__(self, connection: sqlite3.Connection, list_id: int) -> None:
        self._connection = connection
        self._list_id = list_id

    def last_item(self, page_size: int, page: int) -> int | None:
        """Return the id of the last item that an API page had when it was last fetched.

        Returns None if the page was never fetched, or if it had no item.
        """
        found = self._connection.execute(
            "SELECT items FROM page WHERE feed = ? AND count = ? AND page = ?", (self._list_id, page_size, page)
        ).fetchone()
        return _unpack(found[0])[-1] if found and found[0] else None

    def item_ids(self, page_size: int, page: int) -> list[int]:
        """Return the ids of the items in the snapshot of an API page; [] if the page was never fetched."""
        found = self._connection.execute(
            "SELECT items FROM page WHERE feed = ? AND count = ? AND page = ?", (self._list_id, page_size, page)
        ).fetchone()
        return list(_unpack(found[0])) if found else []

    def record_count(self, page_size: int, page: int) -> int | None:
        """Return the number of records that an API page had when the page was last fetched; None if it never was."""
        found = self._connection.execute(
            "SELECT records FROM page WHERE feed = ? AND count = ? AND page = ?", (self._list_id, page_size, page)
        ).fetchone()
        return int(found[0]) if found else None

    def load(self, page_size: int, page: int, offset: int) -> PageSnapshot | None:
        """Return the snapshot of an API page; None if the page was never fetched.

        `offset` is the number of rows of the server's list above the page.
        """
        found = self._connection.execute(
            "SELECT items, times, subjects, records, ends FROM page WHERE feed = ? AND count = ? AND page = ?",
            (self._list_id, page_size, page),
        ).fetchone()
        if found is None:
            return None
        items, times, subjects = _unpack(found[0]), _unpack_times(found[1]), _unpack(found[2])
        return PageSnapshot(
            page=max(1, page),
            count=page_size,
            offset=offset,
            rows=tuple(map(Row, items, subjects)),
            times=tuple(None if time == _NO_TIME else time for time in times),
            records=found[3],
            ends=bool(found[4]),
        )

    def save(self, page: PageSnapshot, tick: int) -> None:
        """Save the snapshot of the page that is being merged. `tick` is the number of this merge."""
        key = (self._list_id, page.count, page.page)
        items = make_ids([row.item for row in page.rows])
        first_since = last_since = tick
        found = self._connection.execute(
            "SELECT items, ends, first_since, last_since FROM page WHERE feed = ? AND count = ? AND page = ?", key
        ).fetchone()
        if found:
            old = _unpack(found[0])
            if old[:1] == items[:1]:
                first_since = found[2]
            if old[-1:] == items[-1:] and bool(found[1]) == page.ends:
                last_since = found[3]
        times = array("q", [_NO_TIME if time is None else time for time in page.times])
        subjects = make_ids([row.subject for row in page.rows])
        self._connection.execute(
            "INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *key,
                _pack(items),
                _pack(times),
                _pack(subjects),
                page.records,
                page.ends,
                first_since,
                last_since,
                tick,
            ),
        )

    def boundary(self, page_size: int, lower: int) -> PageBoundary | None:
        """Return the boundary between the API page number `lower` and the page before it.

        Returns None if one of the pages was never fetched, if the upper page has no readable item, or if the lower page
        has items, but no readable one.
        """
        found = self._connection.execute(
            "SELECT records, items, first_since, last_since, seen FROM page"
            " WHERE feed = ? AND count = ? AND page IN (?, ?) ORDER BY page",
            (self._list_id, page_size, lower - 1, lower),
        ).fetchall()
        if len(found) < 2 or not found[0][1] or (found[1][0] and not found[1][1]):
            return None
        last = _unpack(found[0][1])[-1]
        first = _unpack(found[1][1])[0] if found[1][1] else 0
        since, until = max(found[0][3], found[1][2]), min(found[0][4], found[1][4])
        return PageBoundary(last, first, since <= until)

    def clear(self) -> None:
        """Delete all snapshots of the list."""
        self._connection.execute("DELETE FROM page WHERE feed = ?", (self._list_id,))

"""The rows of a saved list: its items in order, with gaps where items are not saved.

A row is identified by its position. Positions are consecutive, and may be negative, because a list grows at its top.
Rows are stored in blocks of some hundred: inserting an API page into a million rows writes one block and the positions
of the others; reading all rows reads a few thousand blobs.
"""

import json
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol

import msgspec

BLOCK: Final = 500
"""Maximum number of rows in a block."""
_MAX_GAP: Final = 2**31 - 2

SCHEMA: Final[tuple[str, ...]] = (
    # `kind` is the kind of the items. `timed`: every page was sorted by time, newest first. `newest`: when the latest
    # ingested response was fetched. `begun`: the time of the newest item on the first page when it was first seen.
    """CREATE TABLE feed (
        id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, method TEXT NOT NULL, arguments TEXT NOT NULL,
        kind INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, saved INTEGER NOT NULL,
        ended INTEGER NOT NULL, timed INTEGER NOT NULL, total INTEGER, fetched_at REAL, newest REAL NOT NULL,
        begun INTEGER, edition INTEGER NOT NULL, UNIQUE (method, arguments, scope))""",
    # `items` and `subjects` are arrays of 32-bit integers. A gap is negative: -1 if its size is unknown, else -1 minus
    # its size.
    """CREATE TABLE block (
        id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, low INTEGER NOT NULL, size INTEGER NOT NULL,
        holes INTEGER NOT NULL, items BLOB NOT NULL, subjects BLOB NOT NULL)""",
    "CREATE INDEX block_low ON block (feed, low)",
    "CREATE INDEX block_holes ON block (feed, low) WHERE holes > 0",
    (
        "CREATE TABLE member (feed INTEGER NOT NULL, item INTEGER NOT NULL, block INTEGER NOT NULL,"
        " PRIMARY KEY (feed, item)) WITHOUT ROWID"
    ),
    # Pages as last seen; the arrays are compressed. `first_since` and `last_since` say since which tick (see
    # `store.list_page_merger`) the page has begun and ended with these items; `seen` is the tick when it was last seen.
    """CREATE TABLE page (
        feed INTEGER NOT NULL, count INTEGER NOT NULL, page INTEGER NOT NULL, items BLOB NOT NULL,
        times BLOB NOT NULL, subjects BLOB NOT NULL, records INTEGER NOT NULL, ends INTEGER NOT NULL,
        first_since INTEGER NOT NULL, last_since INTEGER NOT NULL, seen INTEGER NOT NULL,
        PRIMARY KEY (feed, count, page)) WITHOUT ROWID""",
    # The responses of a list, to rebuild it when an older one is imported.
    (
        "CREATE TABLE origin (feed INTEGER NOT NULL, fetched_at REAL NOT NULL, sequence INTEGER NOT NULL,"
        " PRIMARY KEY (feed, fetched_at, sequence)) WITHOUT ROWID"
    ),
)


class ListStats(msgspec.Struct, frozen=True):
    """The length, the state and the times of a saved list: what is known about it apart from its rows."""

    id: int = 0
    """Id of the list, called `list_id` in the methods of `Catalogue`; 0 if no page of the list was ever ingested."""
    low: int = 0
    high: int = -1
    """Position of the last row. Rows have all positions from `low` to `high`; there are none if `high < low`."""
    saved: int = 0
    """Number of items. Gaps are not counted."""
    ended: bool = False
    """Whether the last row is the end of the list at the server."""
    total: int | None = None
    """Number of results that the server reported for a search; None if it reported none, and for other lists."""
    fetched_at: float | None = None
    """When page 1 was last fetched or confirmed, in Unix seconds; None if never."""
    revision: int = 0
    """A number that increases whenever the rows or their content may have changed."""

    def __len__(self) -> int:
        """Return the number of rows of the list. A gap counts as one row."""
        return self.high - self.low + 1


class Row(NamedTuple):
    """One row of a saved list: an item or a gap."""

    item: int
    """The item's id; negative for a gap."""
    subject: int = 0
    """The id of the item whose words describe the row, such as the thing of a flattr."""


def make_ids(ids: Iterable[int] = ()) -> "array[int]":
    """Return item ids as an array of 32-bit integers, which takes a tenth of the memory of a list.

    A negative number in `ids` stands for a gap.
    """
    return array("i", ids)


def make_gap(missing: int | None) -> Row:
    """Return a row that stands for `missing` rows that are not saved; with None, their number is unknown.

    A number that does not fit into an array of ids, above two thousand million, counts as unknown.
    """
    return Row(-1 if missing is None or missing > _MAX_GAP else -1 - missing)


def gap_size(item: int) -> int | None:
    """Return the number of rows for which a gap stands; None if unknown. `item` is the gap's item id, below 0."""
    return None if item == -1 else -1 - item


def decode_ids(data: bytes) -> "array[int]":
    """Return the 32-bit integers in a blob, as stored in the columns `items` and `subjects`."""
    found = make_ids()
    found.frombytes(data)
    return found


class Queryable(Protocol):
    """Anything from which rows can be read: an `sqlite3.Connection` or a `Database`."""

    def execute(self, sql: str, values: Sequence[Any], /) -> Any:
        """Run a query. The result can be iterated over, and has `fetchone` and `fetchall`."""
        ...


class ListRows:
    """Reads and changes the rows of the saved list with the id `list_id`.

    `low` is the position of the list's first row, and `high` the position of its last row. `splice` needs both, and
    needs a connection with an open transaction. Methods that read rows by position need neither number.
    """

    def __init__(
        self, connection: "Queryable | sqlite3.Connection", list_id: int, low: int = 0, high: int = -1
    ) -> None:
        self._connection = connection
        self.list_id = list_id
        self.low = low
        self.high = high
        self.added: set[int] = set()
        """Ids of the items that the list has gained since this object was made."""
        self.gone: set[int] = set()
        """Ids of the items that the list has lost since this object was made."""

    def _execute_many(self, sql: str, values: Sequence[Sequence[int]]) -> None:
        assert isinstance(self._connection, sqlite3.Connection)  # noqa: S101 -- splicing requires a transaction
        self._connection.executemany(sql, values)

    def __len__(self) -> int:
        return self.high - self.low + 1

    def iter_blocks(self, start: int, stop: int) -> Iterator[tuple[int, int, "array[int]", "array[int]"]]:
        """Yield the blocks that have rows from position `start` to `stop` (excluded), from the top of the list.

        Each block is a tuple: the block's id, the position of its first row, the item ids of its rows, and their
        subject ids.
        """
        for key, low, items, subjects in self._connection.execute(
            "SELECT id, low, items, subjects FROM block"
            " WHERE feed = ? AND low < ? AND low > ? AND low + size > ? ORDER BY low",
            (self.list_id, stop, start - BLOCK, start),
        ):
            yield key, low, decode_ids(items), decode_ids(subjects)

    def read(self, start: int, stop: int) -> list[Row]:
        """Return the rows at positions `start` to `stop` (excluded).

        Positions beyond the ends of the list are left out.
        """
        found: list[Row] = []
        for _, low, items, subjects in self.iter_blocks(start, stop):
            cut = slice(max(start - low, 0), stop - low)
            found += map(Row, items[cut], subjects[cut])
        return found

    def row_at(self, position: int) -> Row | None:
        """Return the row at a position; None beyond the ends of the list."""
        return next(iter(self.read(position, position + 1)), None)

    def find_positions(self, ids: Iterable[int]) -> dict[int, int]:
        """Return the positions of items, by the items' ids. Items that are not in the list are left out."""
        places: dict[int, list[int]] = {}
        for block, item in self._connection.execute(
            "SELECT block, item FROM member WHERE feed = ? AND item IN (SELECT value FROM json_each(?))",
            (self.list_id, json.dumps(list(ids))),
        ):
            places.setdefault(block, []).append(item)
        positions: dict[int, int] = {}
        for block, items in places.items():
            low, data = self._connection.execute("SELECT low, items FROM block WHERE id = ?", (block,)).fetchone()
            held = decode_ids(data)
            if len(items) < 4:
                positions |= {item: low + held.index(item) for item in items}
            else:
                index = {item: place for place, item in enumerate(held)}
                positions |= {item: low + index[item] for item in items}
        return positions

    def read_news(self, seen_until: int | None) -> tuple[int | None, int]:
        """Return the time of the list's newest item, and how many items are newer than `seen_until`.

        Times are in Unix seconds. With `seen_until` None, the returned number is 0. The list must be sorted newest
        first, because reading ends at the first block without a newer item. The returned time is None if no item of the
        first block has a time.
        """
        newest: int | None = None
        count = 0
        low = None
        while True:
            block = self._connection.execute(
                "SELECT low, items FROM block WHERE feed = ? AND (? IS NULL OR low > ?) ORDER BY low LIMIT 1",
                (self.list_id, low, low),
            ).fetchone()
            if block is None:
                break
            low, items = block
            ids = json.dumps([item for item in decode_ids(items) if item > 0])
            found = self._connection.execute(
                "SELECT max(time), coalesce(sum(time > ?), 0) FROM item WHERE id IN (SELECT value FROM json_each(?))",
                (seen_until, ids),
            ).fetchone()
            newest = found[0] if newest is None else newest
            count += found[1]
            if not found[1]:
                break
        return newest, count

    def gaps(self) -> list[tuple[int, int | None]]:
        """Return the gaps, from the top: pairs of a gap's position and its number of missing rows (None: unknown)."""
        return [
            (low + place, gap_size(item))
            for low, items in self._connection.execute(
                "SELECT low, items FROM block WHERE feed = ? AND holes > 0 ORDER BY low", (self.list_id,)
            ).fetchall()
            for place, item in enumerate(decode_ids(items))
            if item < 0
        ]

    def depth_of(self, position: int) -> int | None:
        """Return how many rows the server's list has above a position, including the missing rows in gaps.

        Returns None if a gap above the position has an unknown size.
        """
        depth = position - self.low
        for at, missed in self.gaps():
            if at >= position:
                break
            if missed is None:
                return None
            depth += missed - 1
        return depth

    def position_at_depth(self, depth: int) -> int:
        """Return the position of the row that has `depth` rows above it in the server's list.

        A gap counts as all the rows for which it stands. If the row is in a gap, or below a gap of unknown size, the
        position of that gap is returned. If the list is shorter, the position after the last row is returned.
        """
        at = self.low
        for position, missed in self.gaps():
            if depth <= position - at:
                break
            depth -= position - at
            at = position + 1
            if missed is None or depth < missed:
                return position
            depth -= missed
        return min(at + depth, self.high + 1)

    def clear(self) -> None:
        """Delete all rows of the list."""
        members = self._connection.execute("SELECT item FROM member WHERE feed = ?", (self.list_id,)).fetchall()
        self._record_moves((item for (item,) in members), ())
        for table in ("block", "member"):
            self._connection.execute(f"DELETE FROM {table} WHERE feed = ?", (self.list_id,))
        self.low, self.high = 0, -1

    def splice(self, start: int, stop: int, rows: Sequence[Row]) -> int:
        """Replace the rows from position `start` to `stop` (excluded) by `rows`.

        Returns the position of the first new row. If `start` equals `stop`, `rows` are inserted. If the list becomes
        longer or shorter, either the rows above the new rows or the rows below them get new positions, whichever are
        fewer. So `low` (the position of the list's first row) or `high` (of the last row) changes. The new items must
        not be elsewhere in the list.
        """
        change = len(rows) - (stop - start)
        first, last = start, stop
        touched = list(self.iter_blocks(start, stop) if stop > start else self._insertion_blocks(start))
        if touched:
            first, last = touched[0][1], touched[-1][1] + len(touched[-1][2])
        before, after = start - first, stop - first
        old, old_subjects = make_ids(), make_ids()
        for _, _, block_items, block_subjects in touched:
            old += block_items
            old_subjects += block_subjects
        put, put_subjects = make_ids([row.item for row in rows]), make_ids([row.subject for row in rows])
        items = old[:before] + put + old[after:]
        subjects = old_subjects[:before] + put_subjects + old_subjects[after:]
        above, below = first - self.low, self.high + 1 - last
        at = first if below <= above else first - change
        if change:
            if below <= above:
                if below:
                    self._shift("low >= ?", last, change)
                self.high += change
            else:
                if above:
                    self._shift("low < ?", first, -change)
                self.low -= change
        out, kept = old[before:after], set(items)
        self._execute_many(
            "DELETE FROM member WHERE feed = ? AND item = ?", [(self.list_id, item) for item in out if item not in kept]
        )
        self._record_moves(out, put)
        self._write(at, items, subjects, touched, is_end=not below)
        return at + start - first

    def _record_moves(self, removed: Iterable[int], inserted: Iterable[int]) -> None:
        """Record the items that enter the list in `added`, and the items that leave it in `gone`.

        `removed` and `inserted` are the items of the rows of one change. An item in both has only moved, and is
        recorded in neither set.
        """
        leaving, coming = ({item for item in items if item > 0} for items in (removed, inserted))
        self.gone |= leaving - self.added
        self.added -= leaving
        self.added |= coming - self.gone
        self.gone -= coming

    def _insertion_blocks(self, position: int) -> list[tuple[int, int, "array[int]", "array[int]"]]:
        """Return the block into which rows at `position` are inserted, as a list; [] if there is no such block.

        It is the block that contains the position or, if there is none, the block that ends directly before it.
        """
        return list(self.iter_blocks(position, position + 1)) or list(self.iter_blocks(position - 1, position))

    def _shift(self, which: str, position: int, change: int) -> None:
        self._connection.execute(
            f"UPDATE block SET low = low + ? WHERE feed = ? AND {which}", (change, self.list_id, position)
        )

    def _write(
        self,
        low: int,
        items: "array[int]",
        subjects: "array[int]",
        replaced: Sequence[tuple[int, int, "array[int]", "array[int]"]],
        *,
        is_end: bool,
    ) -> None:
        """Write rows into as many blocks as needed. The first row has position `low`.

        `items` and `subjects` are the ids of the rows' items and subjects. `replaced` are the blocks that are
        overwritten, in the form that `iter_blocks` yields. With `is_end`, the rows are the last ones of the list: all
        blocks but the last become full, because more rows are likely to follow. Otherwise all blocks get equally many
        rows.
        """
        connection = self._connection
        home = {item: key for key, _, held, _ in replaced for item in held}
        keys = [key for key, _, _, _ in replaced]
        parts = -(-len(items) // BLOCK)
        for part in range(parts):
            cut = slice(len(items) * part // parts, len(items) * (part + 1) // parts)
            if is_end:
                cut = slice(BLOCK * part, BLOCK * (part + 1))
            chunk = items[cut]
            holes = sum(item < 0 for item in chunk)
            values = (low, len(chunk), holes, chunk.tobytes(), subjects[cut].tobytes())
            if keys:
                key = keys.pop(0)
                connection.execute(
                    "UPDATE block SET low = ?, size = ?, holes = ?, items = ?, subjects = ? WHERE id = ?",
                    (*values, key),
                )
            else:
                inserted = connection.execute(
                    "INSERT INTO block (feed, low, size, holes, items, subjects) VALUES (?, ?, ?, ?, ?, ?)",
                    (self.list_id, *values),
                ).lastrowid
                key = inserted or 0
            self._execute_many(
                "INSERT OR REPLACE INTO member VALUES (?, ?, ?)",
                [(self.list_id, item, key) for item in chunk if item > 0 and home.get(item) != key],
            )
            low += len(chunk)
        self._execute_many("DELETE FROM block WHERE id = ?", [(key,) for key in keys])

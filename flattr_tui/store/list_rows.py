"""A feed's rows: which items a list holds, in which order, with holes where something is not saved.

Rows stand at dense positions, but are kept in blocks of some hundred: putting a page into the middle of a million
rows writes one block and the beginnings of the others, and walking all rows reads a few thousand blobs.
"""

import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol

BLOCK: Final = 512
"""Rows in a block at most."""

SCHEMA: Final[tuple[str, ...]] = (
    # `kind` is the items'; `timed`: every page was in the order of time, newest first. `newest`: the time of the latest
    # response taken in.
    """CREATE TABLE feed (
        id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, method TEXT NOT NULL, arguments TEXT NOT NULL,
        kind INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, saved INTEGER NOT NULL,
        ended INTEGER NOT NULL, timed INTEGER NOT NULL, total INTEGER, fetched_at REAL, newest REAL NOT NULL,
        edition INTEGER NOT NULL, UNIQUE (method, arguments, scope))""",
    # `items` and `subjects` are arrays of 64-bit numbers; a hole is negative: -1, or -1 less what it stands for.
    """CREATE TABLE block (
        id INTEGER PRIMARY KEY, feed INTEGER NOT NULL, low INTEGER NOT NULL, size INTEGER NOT NULL,
        holes INTEGER NOT NULL, items BLOB NOT NULL, subjects BLOB NOT NULL)""",
    "CREATE INDEX block_low ON block (feed, low)",
    "CREATE INDEX block_holes ON block (feed, low) WHERE holes > 0",
    (
        "CREATE TABLE member (feed INTEGER NOT NULL, item INTEGER NOT NULL, block INTEGER NOT NULL,"
        " PRIMARY KEY (feed, item)) WITHOUT ROWID"
    ),
    # Pages as last seen. `first_since` and `last_since` say since when (see `store.merging`) the page has begun and
    # ended with these items, `seen` when it was last looked at.
    """CREATE TABLE page (
        feed INTEGER NOT NULL, count INTEGER NOT NULL, page INTEGER NOT NULL, items BLOB NOT NULL,
        times BLOB NOT NULL, subjects BLOB NOT NULL, records INTEGER NOT NULL, ends INTEGER NOT NULL,
        first_since INTEGER NOT NULL, last_since INTEGER NOT NULL, seen INTEGER NOT NULL,
        PRIMARY KEY (feed, count, page)) WITHOUT ROWID""",
    # Where a feed's responses are, for making it anew when one turns up that is older than it.
    (
        "CREATE TABLE origin (feed INTEGER NOT NULL, fetched_at REAL NOT NULL, sequence INTEGER NOT NULL,"
        " PRIMARY KEY (feed, fetched_at, sequence)) WITHOUT ROWID"
    ),
)


class Row(NamedTuple):
    """One row."""

    item: int
    """The item's id; negative for a hole."""
    subject: int = 0
    """The item whose words describe it."""


def hole(missing: int | None) -> Row:
    """Make a hole of so many rows."""
    return Row(-1 if missing is None else -1 - missing)


def missing(item: int) -> int | None:
    """Say how many rows a hole stands for; None: nobody knows."""
    return None if item == -1 else -1 - item


def numbers(data: bytes) -> "array[int]":
    """Read an array back."""
    found = array("q")
    found.frombytes(data)
    return found


class Readable(Protocol):
    """What rows are read with: a connection, or `Database` itself."""

    def execute(self, sql: str, values: Sequence[Any], /) -> Any:
        """Run a query; the answer is iterated over, or asked for one or all rows."""
        ...


class Rows:
    """The rows of one feed, read by position; written by `splice`, with the connection of a transaction."""

    def __init__(self, connection: "Readable | sqlite3.Connection", feed: int, low: int = 0, high: int = -1) -> None:
        self._connection = connection
        self.feed = feed
        self.low = low
        self.high = high

    def _many(self, sql: str, values: Sequence[Sequence[int]]) -> None:
        assert isinstance(self._connection, sqlite3.Connection)  # noqa: S101 -- who splices has a transaction
        self._connection.executemany(sql, values)

    def __len__(self) -> int:
        return self.high - self.low + 1

    def blocks(self, start: int, stop: int) -> Iterator[tuple[int, int, "array[int]", "array[int]"]]:
        """Read the blocks that hold positions `start` to `stop` (exclusive): id, position, items, subjects."""
        for key, low, items, subjects in self._connection.execute(
            "SELECT id, low, items, subjects FROM block"
            " WHERE feed = ? AND low < ? AND low > ? AND low + size > ? ORDER BY low",
            (self.feed, stop, start - BLOCK, start),
        ):
            yield key, low, numbers(items), numbers(subjects)

    def backward(self) -> Iterator["tuple[array[int], array[int]]"]:
        """Read all blocks from the bottom: items, subjects."""
        for items, subjects in self._connection.execute(
            "SELECT items, subjects FROM block WHERE feed = ? ORDER BY low DESC", (self.feed,)
        ):
            yield numbers(items), numbers(subjects)

    def read(self, start: int, stop: int) -> list[Row]:
        """Read the rows at positions `start` to `stop` (exclusive), clipped."""
        found: list[Row] = []
        for _, low, items, subjects in self.blocks(start, stop):
            cut = slice(max(start - low, 0), stop - low)
            found += map(Row, items[cut], subjects[cut])
        return found

    def at(self, position: int) -> Row | None:
        """Read one row; None beyond the ends."""
        return next(iter(self.read(position, position + 1)), None)

    def positions(self, ids: Iterable[int]) -> dict[int, int]:
        """Say where items stand; those that are not in the feed are left out."""
        wanted = list(ids)
        places: dict[int, list[int]] = {}
        for item in wanted:
            found = self._connection.execute(
                "SELECT block FROM member WHERE feed = ? AND item = ?", (self.feed, item)
            ).fetchone()
            if found:
                places.setdefault(found[0], []).append(item)
        positions: dict[int, int] = {}
        for block, items in places.items():
            low, data = self._connection.execute("SELECT low, items FROM block WHERE id = ?", (block,)).fetchone()
            held = numbers(data)
            if len(items) < 4:
                positions |= {item: low + held.index(item) for item in items}
            else:
                index = {item: place for place, item in enumerate(held)}
                positions |= {item: low + index[item] for item in items}
        return positions

    def holes(self) -> list[tuple[int, int | None]]:
        """List the holes from the top: position, how many rows are missing."""
        return [
            (low + place, missing(item))
            for low, items in self._connection.execute(
                "SELECT low, items FROM block WHERE feed = ? AND holes > 0 ORDER BY low", (self.feed,)
            ).fetchall()
            for place, item in enumerate(numbers(items))
            if item < 0
        ]

    def depth(self, position: int) -> int | None:
        """Count the rows that the server has above a position; None where an unknown hole is in between."""
        depth = position - self.low
        for at, missed in self.holes():
            if at >= position:
                break
            if missed is None:
                return None
            depth += missed - 1
        return depth

    def at_depth(self, depth: int) -> int:
        """Find the position so many rows below the top, holes counted with what they stand for."""
        at = self.low
        for position, missed in self.holes():
            if depth <= position - at:
                break
            depth -= position - at
            at = position + 1
            if missed is None or depth < missed:
                return position
            depth -= missed
        return min(at + depth, self.high + 1)

    def clear(self) -> None:
        """Take all rows out."""
        for table in ("block", "member"):
            self._connection.execute(f"DELETE FROM {table} WHERE feed = ?", (self.feed,))
        self.low, self.high = 0, -1

    def splice(self, start: int, stop: int, rows: Sequence[Row]) -> int:
        """Put rows in the place of those at positions `start` to `stop` (exclusive; none where they are equal).

        What is above or below moves, whichever is less. Returns the position of the first row put in. The same item
        must not stand in what stays.
        """
        change = len(rows) - (stop - start)
        first, last = start, stop
        touched = list(self.blocks(start, stop) if stop > start else self._beside(start))
        old: list[Row] = []
        if touched:
            first, last = touched[0][1], touched[-1][1] + len(touched[-1][2])
            old = [row for _, _, items, subjects in touched for row in map(Row, items, subjects)]
        new = [*old[: start - first], *rows, *old[stop - first :]]
        above, below = first - self.low, self.high + 1 - last
        at = first if below <= above else first - change
        if change:
            if below <= above:
                self._shift("low >= ?", last, change)
                self.high += change
            else:
                self._shift("low < ?", first, -change)
                self.low -= change
        kept = {row.item for row in new}
        gone = [(self.feed, row.item) for row in old[start - first : stop - first] if row.item not in kept]
        self._many("DELETE FROM member WHERE feed = ? AND item = ?", gone)
        self._write(at, new, touched)
        return at + start - first

    def _beside(self, position: int) -> list[tuple[int, int, "array[int]", "array[int]"]]:
        """Find the block that rows put in at `position` go into: the one that holds it, or the last before it."""
        return list(self.blocks(position, position + 1)) or list(self.blocks(position - 1, position))

    def _shift(self, which: str, position: int, change: int) -> None:
        self._connection.execute(
            f"UPDATE block SET low = low + ? WHERE feed = ? AND {which}", (change, self.feed, position)
        )

    def _write(
        self, low: int, rows: Sequence[Row], before: Sequence[tuple[int, int, "array[int]", "array[int]"]]
    ) -> None:
        """Write rows into as many blocks as they need, beginning with the ones that they came from."""
        connection = self._connection
        home = {item: key for key, _, items, _ in before for item in items if item > 0}
        keys = [key for key, _, _, _ in before]
        parts = -(-len(rows) // BLOCK)
        for part in range(parts):
            chunk = rows[len(rows) * part // parts : len(rows) * (part + 1) // parts]
            items, subjects = (array("q", column).tobytes() for column in zip(*chunk, strict=True))
            holes = sum(row.item < 0 for row in chunk)
            values = (low, len(chunk), holes, items, subjects)
            if keys:
                key = keys.pop(0)
                connection.execute(
                    "UPDATE block SET low = ?, size = ?, holes = ?, items = ?, subjects = ? WHERE id = ?",
                    (*values, key),
                )
            else:
                inserted = connection.execute(
                    "INSERT INTO block (feed, low, size, holes, items, subjects) VALUES (?, ?, ?, ?, ?, ?)",
                    (self.feed, *values),
                ).lastrowid
                key = inserted or 0
            self._many(
                "INSERT OR REPLACE INTO member VALUES (?, ?, ?)",
                [(self.feed, row.item, key) for row in chunk if row.item > 0 and home.get(row.item) != key],
            )
            low += len(chunk)
        self._many("DELETE FROM block WHERE id = ?", [(key,) for key in keys])

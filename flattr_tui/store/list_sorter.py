"""A feed's items in another order, or only those that have some words.

What is shown first must come quickly, for every keystroke and however common a word is. So for the first rows either
the words' index gives few matches, and the feed is gone through for these; or it gives many, and then going through
the feed from its top, or through the index of what it is sorted by, soon finds enough of them. A short feed is gone
through as it is, however much else is saved.
"""

import json
from array import array
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain, compress, count
from typing import Any, Final

from flattr_tui.store import normalizer
from flattr_tui.store.item_reader import Read
from flattr_tui.store.list_rows import numbers
from flattr_tui.store.list_writer import DESCRIBED_BY_PERSON
from flattr_tui.store.schema import ItemKind

SERVER: Final = "server"
WHEN: Final = "when"
COLUMNS: Final = {
    "title": "title",
    "owner": "owner",
    "flattrs": "flattrs",
    "category": "category",
    "language": "language",
}
"""Sorts by what describes a row, and the column of `item` that each goes by."""
COMMON: Final = 2_000
"""Things that are read of an index at once; what so many have in common is looked for in the feed instead."""
OF_THINGS: Final = frozenset({ItemKind.THING, ItemKind.FLATTR, ItemKind.SUBSCRIPTION})
"""What a thing describes."""
FEW: Final = 2_000
"""Matches of which all are got; of more, the first are looked for one by one."""
TURN: Final = 5_000
"""Values that are sorted before other threads have their turn: 2 ms."""
SHORT: Final = 500
"""Rows that are looked through for words one by one, instead of asking the index which of all things have them."""
PATIENCE: Final = 12
"""Blocks of the feed that are looked through for a common word, before the index is asked after all."""
SAID: Final = "' ' || title || char(10) || ' ' || tags || char(10) || ' ' || owner || char(10) || ' ' || description"
"""All folded words of a row of `text`, each with a blank before it; a phrase can't run from one column into another."""

Block = tuple["array[int]", "array[int]"]
"""Items and their subjects."""


class Arranger:
    """Arranges feeds by what `read` reads; make one for each look."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def all(self, feed: int, sort: str, *, descending: bool, text: str) -> "array[int]":
        """Return all items' ids, sorted and filtered."""
        items, subjects = self._columns(feed)
        if text.strip():
            sought = normalizer.typed(text)
            matching = self._having(subjects, sought) if len(items) <= SHORT else self._matching(sought)
            chosen = list(map(matching.__contains__, subjects))
            items = array("q", compress(items, chosen))
            subjects = array("q", compress(subjects, chosen))
        return self._sorted(feed, items, subjects, sort, descending=descending)

    def first(self, feed: int, sort: str, limit: int, *, descending: bool, text: str) -> "array[int]":
        """Return the first of what `all` would."""
        sought = normalizer.typed(text) if text.strip() else None
        if sort not in COLUMNS and self._in_server_order(feed, sort):
            blocks = self._blocks(feed, backward=self._backward(sort, descending=descending))
            return self._take(blocks, sought, limit)
        if sort in COLUMNS:
            leading = self._leading(feed, sort, limit, descending=descending, sought=sought)
            if leading is not None:
                return leading
        return self.all(feed, sort, descending=descending, text=text)[:limit]

    def _leading(
        self, feed: int, sort: str, limit: int, *, descending: bool, sought: tuple[str, ...] | None
    ) -> "array[int] | None":
        """Find the first rows in the order of what describes them from its index; None where sorting all is as quick.

        Equal rows come in the server's order, so all that are equal to the last are looked at.
        """
        described = self._read("SELECT kind, method FROM feed WHERE id = ?", (feed,))
        if not described or described[0][0] not in OF_THINGS or described[0][1] in DESCRIBED_BY_PERSON:
            return None
        if sought is not None and (not sought or self._few(sought) is not None):
            return None
        items, subjects = self._columns(feed)
        held = set(subjects)
        if len(held) < FEW:
            return None
        values: dict[int, Any] = {}
        last: Any = None
        for number, batch in enumerate(self._in_order(COLUMNS[sort], descending=descending)):
            if sought is not None and number == PATIENCE:
                return None
            if len(batch) == COMMON and batch[0][1] == batch[-1][1]:
                last = batch[0][1]
                before = {subject: value for subject, value in values.items() if value != last}
                found = self._ordered(items, subjects, before, descending=descending)
                found += self._alike(feed, COLUMNS[sort], last, sought, limit - len(found))
                return found if len(found) == limit else None
            for subject, value in self._held(batch, held, sought):
                if len(values) >= limit and value != last:
                    return self._ordered(items, subjects, values, descending=descending)[:limit]
                values[subject] = last = value
        return None

    def _held(
        self, batch: list[tuple[int, Any]], held: set[int], sought: tuple[str, ...] | None
    ) -> list[tuple[int, Any]]:
        """Keep what the feed has of some things, and has the words."""
        known = [(subject, value) for subject, value in batch if subject in held]
        if sought is None:
            return known
        having = self._having((subject for subject, _ in known), sought)
        return [(subject, value) for subject, value in known if subject in having]

    def _ordered(
        self, items: "array[int]", subjects: "array[int]", values: dict[int, Any], *, descending: bool
    ) -> "array[int]":
        """Sort the rows whose subjects have a value by it."""
        places = list(compress(count(), map(values.__contains__, subjects)))
        chosen = array("q", [items[place] for place in places])
        return self._by(chosen, [values[subjects[place]] for place in places], descending=descending)

    def _alike(self, feed: int, column: str, value: Any, sought: tuple[str, ...] | None, limit: int) -> "array[int]":
        """Find the first rows that have one value in common with many others, in the server's order."""
        found = array("q")
        for number, (items, subjects) in enumerate(self._blocks(feed, backward=False)):
            if len(found) >= limit or (sought is not None and number == PATIENCE):
                break
            rows = self._read(
                f"SELECT id FROM item WHERE id IN (SELECT value FROM json_each(?)) AND {column} = ?",
                (json.dumps(list(set(subjects))), value),
            )
            having = {row[0] for row in rows}
            if sought is not None:
                having = self._having(having, sought)
            found.extend(item for item, subject in zip(items, subjects, strict=True) if subject in having)
        return found[:limit]

    def _in_order(self, column: str, *, descending: bool) -> Iterator[list[tuple[int, Any]]]:
        """Read all things that have something in a column in its order, some at a time: ids and what they have."""
        compare, order = ("<", "DESC") if descending else (">", "ASC")
        after, size = "", 500
        values: list[Any] = []
        while True:
            found = self._read(
                f"SELECT id, {column} FROM item WHERE kind = {ItemKind.THING:d} AND {column} != ''{after}"
                f" ORDER BY {column} {order}, id {order} LIMIT {size}",
                values,
            )
            if not found:
                return
            yield found
            after, values, size = f" AND ({column}, id) {compare} (?, ?)", [found[-1][1], found[-1][0]], COMMON

    @staticmethod
    def _backward(sort: str, *, descending: bool) -> bool:
        """Whether the order is the server's from its end: the newest come first there."""
        return descending if sort == SERVER else not descending

    def _in_server_order(self, feed: int, sort: str) -> bool:
        return sort == SERVER or self._read("SELECT timed FROM feed WHERE id = ?", (feed,)) == [(1,)]

    def _blocks(self, feed: int, *, backward: bool) -> Iterator[Block]:
        """Read a feed block by block, holes left out."""
        last: int | None = None
        while True:
            compare, order = ("<", "DESC") if backward else (">", "ASC")
            found = self._read(
                f"SELECT low, holes, items, subjects FROM block WHERE feed = ?"
                f"{'' if last is None else f' AND low {compare} {last}'} ORDER BY low {order} LIMIT 64",
                (feed,),
            )
            if not found:
                return
            for low, holes, data, described in found:
                items, subjects = numbers(data), numbers(described)
                if holes:
                    subjects = array("q", [s for item, s in zip(items, subjects, strict=True) if item > 0])
                    items = array("q", [item for item in items if item > 0])
                if backward:
                    items.reverse()
                    subjects.reverse()
                last = low
                yield items, subjects

    def _columns(self, feed: int) -> Block:
        items, subjects = array("q"), array("q")
        for block in self._blocks(feed, backward=False):
            items += block[0]
            subjects += block[1]
        return items, subjects

    def _take(self, blocks: Iterator[Block], sought: tuple[str, ...] | None, limit: int) -> "array[int]":
        """Take the first items, in the order of the blocks, that have the words (None: all have)."""
        found = array("q")
        if sought is None:
            return _until(found, (items for items, _ in blocks), limit)
        if not sought:
            return found
        matching = self._few(sought)
        if matching is None:
            for _ in range(PATIENCE):
                block = next(blocks, None)
                if block is None:
                    return found
                having = self._having(block[1], sought)
                found.extend(item for item, subject in zip(*block, strict=True) if subject in having)
                if len(found) >= limit:
                    return found[:limit]
            matching = self._matching(sought)
        kept = ([item for item, subject in zip(*block, strict=True) if subject in matching] for block in blocks)
        return _until(found, kept, limit)

    def _few(self, sought: tuple[str, ...]) -> set[int] | None:
        """Find all that have the words; None where they are many."""
        rows = self._read(f"SELECT rowid FROM words WHERE words MATCH ? LIMIT {FEW + 1}", (normalizer.match(sought),))
        return None if len(rows) > FEW else {row[0] for row in rows}

    def _matching(self, sought: tuple[str, ...]) -> set[int]:
        if not sought:
            return set()
        return {
            row[0] for row in self._read("SELECT rowid FROM words WHERE words MATCH ?", (normalizer.match(sought),))
        }

    def _having(self, subjects: Iterable[int], sought: tuple[str, ...]) -> set[int]:
        """Look which of the subjects have the words, one by one."""
        if not sought:
            return set()
        test = " AND ".join(["instr(said, ?) > 0"] * len(sought))
        rows = self._read(
            f"SELECT id FROM (SELECT id, {SAID} AS said FROM text WHERE id IN (SELECT value FROM json_each(?)))"
            f" WHERE {test}",
            (json.dumps(list(set(subjects))), *(f" {word}" for word in sought)),
        )
        return {row[0] for row in rows}

    def _sorted(
        self, feed: int, items: "array[int]", subjects: "array[int]", sort: str, *, descending: bool
    ) -> "array[int]":
        if sort not in COLUMNS:
            if self._in_server_order(feed, sort):
                return items[::-1] if self._backward(sort, descending=descending) else items
            times = self._values(items, "time")
            return self._by(items, [times.get(item) for item in items], descending=descending)
        values = self._values(subjects, COLUMNS[sort])
        return self._by(items, [values.get(subject) for subject in subjects], descending=descending)

    @staticmethod
    def _by(items: "array[int]", values: list[Any], *, descending: bool) -> "array[int]":
        """Sort by values, those without one last, equal ones in the server's order.

        Each value once, and not all at once: while Python sorts, no other thread has its turn, nor the event loop.
        """
        having: dict[Any, array[int]] = {}
        without = array("q")
        for place, value in enumerate(values):
            alike = without if value is None or value == "" else having.setdefault(value, array("q"))
            alike.append(place)
        each = list(having)
        parts = (sorted(each[at : at + TURN], reverse=descending) for at in range(0, len(each), TURN))
        places = chain.from_iterable(map(having.__getitem__, merge(*parts, reverse=descending)))
        return array("q", [items[place] for place in chain(places, without)])

    def _values(self, ids: Iterable[int], column: str) -> dict[int, Any]:
        """Read one column of many items."""
        wanted = set(ids)
        sql = f"SELECT id, {column} FROM item"
        if len(wanted) < FEW:
            rows = self._read(f"{sql} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(wanted)),))
            return dict(rows)
        kinds = f" WHERE kind != {ItemKind.FLATTR}" if column != "time" else ""
        return {key: value for key, value in self._read(sql + kinds) if key in wanted}


def _until(found: "array[int]", more: Iterable[Iterable[int]], limit: int) -> "array[int]":
    for items in more:
        found.extend(items)
        if len(found) >= limit:
            break
    return found[:limit]

"""Sorts a list's items, and filters them by words.

The first rows must appear quickly after every keystroke, however common a word is. If the full-text index has few
matches, the list is filtered by them. If it has many, a scan of the list from its top, or of the sort column's index,
soon finds enough. A short list is always scanned.
"""

import json
from array import array
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain, compress, count
from typing import Any, Final

from flattr_tui.store import normalizer
from flattr_tui.store.item_reader import ReadQuery
from flattr_tui.store.list_rows import decode_ids
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
"""Sort orders by the words that describe a row, and the column of `item` for each."""
INDEX_BATCH: Final = 2_000
"""How many things are read from an index at once.

If a whole batch has the same value, the list itself is scanned for it.
"""
DESCRIBED_BY_THING: Final = frozenset({ItemKind.THING, ItemKind.FLATTR, ItemKind.SUBSCRIPTION})
"""Kinds of items that are described by a thing."""
FEW_MATCHES: Final = 2_000
"""Up to this number all matches are fetched; with more, only the first ones are looked for."""
SORT_CHUNK: Final = 5_000
"""How many values are sorted in one go (2 ms), so that other threads get their turn."""
SHORT_LIST: Final = 500
"""Lists of at most so many rows are scanned for words instead of asking the full-text index."""
MAX_SCANNED_BLOCKS: Final = 12
"""How many blocks of a list are scanned for a common word before the full-text index is asked after all."""
FOLDED_TEXT: Final = (
    "' ' || title || char(10) || ' ' || tags || char(10) || ' ' || owner || char(10) || ' ' || description"
)
"""All folded words of a row of `text`, each after a blank; a phrase can't span two columns."""

Block = tuple["array[int]", "array[int]"]
"""Items and their subjects."""


class ListSorter:
    """Sorts and filters lists through the query function `read`; make a new one for each query."""

    def __init__(self, read: ReadQuery) -> None:
        self._read = read

    def sort_all(self, feed: int, sort: str, *, descending: bool, text: str) -> "array[int]":
        """Return the ids of all items, sorted and filtered."""
        items, subjects = self._columns(feed)
        if text.strip():
            sought = normalizer.query_terms(text)
            matching = self._with_words(subjects, sought) if len(items) <= SHORT_LIST else self._all_matches(sought)
            chosen = list(map(matching.__contains__, subjects))
            items = array("q", compress(items, chosen))
            subjects = array("q", compress(subjects, chosen))
        return self._sorted(feed, items, subjects, sort, descending=descending)

    def sort_top(self, feed: int, sort: str, limit: int, *, descending: bool, text: str) -> "array[int]":
        """Return the first `limit` ids of what `sort_all` would."""
        sought = normalizer.query_terms(text) if text.strip() else None
        if sort not in COLUMNS and self._in_server_order(feed, sort):
            blocks = self._iter_blocks(feed, backward=self._is_reversed(sort, descending=descending))
            return self._filter_blocks(blocks, sought, limit)
        if sort in COLUMNS:
            leading = self._top_by_index(feed, sort, limit, descending=descending, sought=sought)
            if leading is not None:
                return leading
        return self.sort_all(feed, sort, descending=descending, text=text)[:limit]

    def _top_by_index(
        self, feed: int, sort: str, limit: int, *, descending: bool, sought: tuple[str, ...] | None
    ) -> "array[int] | None":
        """Find the first rows through the index of the sort column; None if sorting everything is as fast.

        Rows with equal values keep the server's order, so all that are equal to the last one are considered.
        """
        described = self._read("SELECT kind, method FROM feed WHERE id = ?", (feed,))
        if not described or described[0][0] not in DESCRIBED_BY_THING or described[0][1] in DESCRIBED_BY_PERSON:
            return None
        if sought is not None and (not sought or self._few_matches(sought) is not None):
            return None
        items, subjects = self._columns(feed)
        held = set(subjects)
        if len(held) < FEW_MATCHES:
            return None
        values: dict[int, Any] = {}
        last: Any = None
        for number, batch in enumerate(self._iter_column(COLUMNS[sort], descending=descending)):
            if sought is not None and number == MAX_SCANNED_BLOCKS:
                return None
            if len(batch) == INDEX_BATCH and batch[0][1] == batch[-1][1]:
                last = batch[0][1]
                before = {subject: value for subject, value in values.items() if value != last}
                found = self._sort_by_subject(items, subjects, before, descending=descending)
                found += self._rows_with_value(feed, COLUMNS[sort], last, sought, limit - len(found))
                return found if len(found) == limit else None
            for subject, value in self._in_list(batch, held, sought):
                if len(values) >= limit and value != last:
                    return self._sort_by_subject(items, subjects, values, descending=descending)[:limit]
                values[subject] = last = value
        return None

    def _in_list(
        self, batch: list[tuple[int, Any]], held: set[int], sought: tuple[str, ...] | None
    ) -> list[tuple[int, Any]]:
        """Keep the subjects that are in the list and have the words."""
        known = [(subject, value) for subject, value in batch if subject in held]
        if sought is None:
            return known
        having = self._with_words((subject for subject, _ in known), sought)
        return [(subject, value) for subject, value in known if subject in having]

    def _sort_by_subject(
        self, items: "array[int]", subjects: "array[int]", values: dict[int, Any], *, descending: bool
    ) -> "array[int]":
        """Sort the rows whose subjects have a value by that value."""
        places = list(compress(count(), map(values.__contains__, subjects)))
        chosen = array("q", [items[place] for place in places])
        return self._sort_by_values(chosen, [values[subjects[place]] for place in places], descending=descending)

    def _rows_with_value(
        self, feed: int, column: str, value: Any, sought: tuple[str, ...] | None, limit: int
    ) -> "array[int]":
        """Find the first rows with a value that many others share, in the server's order."""
        found = array("q")
        for number, (items, subjects) in enumerate(self._iter_blocks(feed, backward=False)):
            if len(found) >= limit or (sought is not None and number == MAX_SCANNED_BLOCKS):
                break
            rows = self._read(
                f"SELECT id FROM item WHERE id IN (SELECT value FROM json_each(?)) AND {column} = ?",
                (json.dumps(list(set(subjects))), value),
            )
            having = {row[0] for row in rows}
            if sought is not None:
                having = self._with_words(having, sought)
            found.extend(item for item, subject in zip(items, subjects, strict=True) if subject in having)
        return found[:limit]

    def _iter_column(self, column: str, *, descending: bool) -> Iterator[list[tuple[int, Any]]]:
        """Read ids and values of all things with a value in a column, in batches, sorted by the value."""
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
            after, values, size = f" AND ({column}, id) {compare} (?, ?)", [found[-1][1], found[-1][0]], INDEX_BATCH

    @staticmethod
    def _is_reversed(sort: str, *, descending: bool) -> bool:
        """Whether the order is the server's from its end; the server's own order is newest first."""
        return descending if sort == SERVER else not descending

    def _in_server_order(self, feed: int, sort: str) -> bool:
        return sort == SERVER or self._read("SELECT timed FROM feed WHERE id = ?", (feed,)) == [(1,)]

    def _iter_blocks(self, feed: int, *, backward: bool) -> Iterator[Block]:
        """Read a list block by block, without gaps."""
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
                items, subjects = decode_ids(data), decode_ids(described)
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
        for block in self._iter_blocks(feed, backward=False):
            items += block[0]
            subjects += block[1]
        return items, subjects

    def _filter_blocks(self, blocks: Iterator[Block], sought: tuple[str, ...] | None, limit: int) -> "array[int]":
        """Return the first items whose subjects have the words, in the order of the blocks; None means no filter."""
        found = array("q")
        if sought is None:
            return _collect(found, (items for items, _ in blocks), limit)
        if not sought:
            return found
        matching = self._few_matches(sought)
        if matching is None:
            for _ in range(MAX_SCANNED_BLOCKS):
                block = next(blocks, None)
                if block is None:
                    return found
                having = self._with_words(block[1], sought)
                found.extend(item for item, subject in zip(*block, strict=True) if subject in having)
                if len(found) >= limit:
                    return found[:limit]
            matching = self._all_matches(sought)
        kept = ([item for item, subject in zip(*block, strict=True) if subject in matching] for block in blocks)
        return _collect(found, kept, limit)

    def _few_matches(self, sought: tuple[str, ...]) -> set[int] | None:
        """Find all subjects that have the words; None if there are many."""
        rows = self._read(
            f"SELECT rowid FROM words WHERE words MATCH ? LIMIT {FEW_MATCHES + 1}", (normalizer.fts_query(sought),)
        )
        return None if len(rows) > FEW_MATCHES else {row[0] for row in rows}

    def _all_matches(self, sought: tuple[str, ...]) -> set[int]:
        if not sought:
            return set()
        return {
            row[0] for row in self._read("SELECT rowid FROM words WHERE words MATCH ?", (normalizer.fts_query(sought),))
        }

    def _with_words(self, subjects: Iterable[int], sought: tuple[str, ...]) -> set[int]:
        """Return those subjects that have the words, by looking at each."""
        if not sought:
            return set()
        test = " AND ".join(["instr(said, ?) > 0"] * len(sought))
        rows = self._read(
            f"SELECT id FROM (SELECT id, {FOLDED_TEXT} AS said FROM text WHERE id IN (SELECT value FROM json_each(?)))"
            f" WHERE {test}",
            (json.dumps(list(set(subjects))), *(f" {word}" for word in sought)),
        )
        return {row[0] for row in rows}

    def _sorted(
        self, feed: int, items: "array[int]", subjects: "array[int]", sort: str, *, descending: bool
    ) -> "array[int]":
        if sort not in COLUMNS:
            if self._in_server_order(feed, sort):
                return items[::-1] if self._is_reversed(sort, descending=descending) else items
            times = self._column_values(items, "time")
            return self._sort_by_values(items, [times.get(item) for item in items], descending=descending)
        values = self._column_values(subjects, COLUMNS[sort])
        return self._sort_by_values(items, [values.get(subject) for subject in subjects], descending=descending)

    @staticmethod
    def _sort_by_values(items: "array[int]", values: list[Any], *, descending: bool) -> "array[int]":
        """Sort items by values: items without one last, equal ones in the server's order.

        Each value is sorted once, and in chunks, because no other thread runs while Python sorts.
        """
        having: dict[Any, array[int]] = {}
        without = array("q")
        for place, value in enumerate(values):
            alike = without if value is None or value == "" else having.setdefault(value, array("q"))
            alike.append(place)
        each = list(having)
        parts = (sorted(each[at : at + SORT_CHUNK], reverse=descending) for at in range(0, len(each), SORT_CHUNK))
        places = chain.from_iterable(map(having.__getitem__, merge(*parts, reverse=descending)))
        return array("q", [items[place] for place in chain(places, without)])

    def _column_values(self, ids: Iterable[int], column: str) -> dict[int, Any]:
        """Read one column of many items."""
        wanted = set(ids)
        sql = f"SELECT id, {column} FROM item"
        if len(wanted) < FEW_MATCHES:
            rows = self._read(f"{sql} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(wanted)),))
            return dict(rows)
        kinds = f" WHERE kind != {ItemKind.FLATTR}" if column != "time" else ""
        return {key: value for key, value in self._read(sql + kinds) if key in wanted}


def _collect(found: "array[int]", more: Iterable[Iterable[int]], limit: int) -> "array[int]":
    for items in more:
        found.extend(items)
        if len(found) >= limit:
            break
    return found[:limit]

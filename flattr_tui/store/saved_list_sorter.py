"""Sorts the items of a saved list, and filters them by a query.

The first rows must appear quickly after every keystroke, however common a word is. If an index finds few matches, the
result is those of them that are in the list. If it finds many, the list is scanned from its top, or the index of the
sort column is, which soon finds enough rows. A short list is always scanned.
"""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain, compress, islice
from operator import not_, or_
from typing import Any, Final, NamedTuple

from flattr_tui.model.query_language import EVERYTHING, Query
from flattr_tui.store.catalogue_schema import SHORT_LIST, ItemKind
from flattr_tui.store.item_reader import ReadQuery
from flattr_tui.store.saved_list_rows import decode_ids, make_ids
from flattr_tui.store.saved_list_writer import DESCRIBED_BY_PERSON
from flattr_tui.store.text_query_sql import QuerySql, TermGroup, group_terms

SERVER: Final = "server"
"""The server's sort order: newest first, except in a search."""
WHEN: Final = "when"
"""The sort order by time."""
COLUMNS: Final = {
    "title": "title",
    "owner": "owner",
    "flattrs": "flattrs",
    "category": "category",
    "language": "language",
}
"""The sort orders by a property of a row's thing or person, with the column of the table `item` for each."""
INDEX_BATCH: Final = 2_000
"""Number of things that one query reads from the index of a sort column.

If all these things have the same value, the list itself is scanned for rows with that value.
"""
DESCRIBED_BY_THING: Final = frozenset({ItemKind.THING, ItemKind.FLATTR, ItemKind.SUBSCRIPTION})
"""The kinds of items that are about a thing, so that the thing's words describe them."""
FEW_MATCHES: Final = 2_000
"""Maximum number of matches of a term that are all fetched.

If there are more, the list is scanned for the first ones.
"""
SORT_CHUNK: Final = 5_000
"""Number of values that are sorted without a pause (2 ms), because other threads have to wait meanwhile."""
MAX_SCANNED_BLOCKS: Final = 12
"""Number of blocks of a list that are scanned for a common word before the index is asked for all matches."""
Block = tuple["array[int]", "array[int]"]
"""The ids of the items in some rows, and the ids of the things or people that describe these rows."""


class _Found(NamedTuple):
    """What matches a group of terms of a query.

    A row of a list matches if its item is in `items`, or if the thing or person that its item is about is in
    `subjects`.
    """

    subjects: set[int]
    items: set[int]
    excluded: bool
    """Whether rows that match are left out."""


class ListSorter:
    """Sorts and filters saved lists. `read` runs the SQL queries; `list_id` is the id of a list in the catalogue.

    Sort orders are `SERVER`, `WHEN` and the keys of `COLUMNS`. Methods return item ids.
    """

    def __init__(self, read: ReadQuery) -> None:
        self._read = read

    def sort_all(self, list_id: int, sort: str, *, descending: bool, query: Query = EVERYTHING) -> "array[int]":
        """Return the ids of all items of a list that match a query, sorted by `sort`.

        `sort` is a key of `COLUMNS`, `SERVER` for the server's order, or any other text for the order of time.
        """
        is_short = self._read("SELECT saved <= ? FROM feed WHERE id = ?", (SHORT_LIST, list_id)) == [(1,)]
        groups = [] if is_short else [self._find_matches(list_id, group) for group in group_terms(query)]
        block = self._read_matching_rows(list_id, groups)
        if query and is_short:
            block = self._test_block(list_id, block, query)
        return self._sorted(list_id, *block, sort, descending=descending)

    def sort_top(
        self, list_id: int, sort: str, limit: int, *, descending: bool, query: Query = EVERYTHING
    ) -> "array[int]":
        """Return the first `limit` ids that `sort_all` would return."""
        if sort not in COLUMNS and self._in_server_order(list_id, sort):
            blocks = self._iter_blocks(list_id, backward=self._is_reversed(sort, descending=descending))
            return self._filter_blocks(list_id, blocks, query, limit)
        if sort in COLUMNS:
            leading = self._top_by_index(list_id, sort, limit, descending=descending, query=query)
            if leading is not None:
                return leading
        return self.sort_all(list_id, sort, descending=descending, query=query)[:limit]

    def filter_items(self, items: "array[int]", query: Query) -> "array[int]":
        """Return those ids of `items` whose items match a query, in the given order. Each item is tested."""
        matching = self._test_items(items, query) if query else set(items)
        return make_ids(filter(matching.__contains__, items))

    def _top_by_index(
        self, list_id: int, sort: str, limit: int, *, descending: bool, query: Query
    ) -> "array[int] | None":
        """Return the ids of a list's first `limit` items that match a query, sorted by a column that has an index.

        `sort` is a key of `COLUMNS`. The index is read only as far as needed. Returns None if sorting the whole list is
        as fast. Items with equal values keep the server's order. For this purpose, all items with the last value are
        read before the list is cut.
        """
        described = self._read("SELECT kind, method FROM feed WHERE id = ?", (list_id,))
        if not described or described[0][0] not in DESCRIBED_BY_THING or described[0][1] in DESCRIBED_BY_PERSON:
            return None
        if query and (query.conditions or self._few_matches(list_id, group_terms(query)[0]) is not None):
            return None
        items, subjects = self._read_matching_rows(list_id)
        held = set(subjects)
        if len(held) < FEW_MATCHES:
            return None
        values: dict[int, Any] = {}
        last: Any = None
        for number, batch in enumerate(self._iter_column(COLUMNS[sort], descending=descending)):
            if query and number == MAX_SCANNED_BLOCKS:
                return None
            if len(batch) == INDEX_BATCH and batch[0][1] == batch[-1][1]:
                last = batch[0][1]
                before = {subject: value for subject, value in values.items() if value != last}
                found = self._sort_by_subject(items, subjects, before, descending=descending)
                found += self._rows_with_value(list_id, COLUMNS[sort], last, query, limit - len(found))
                return found if len(found) == limit else None
            for subject, value in self._select_pairs(batch, held, query):
                if len(values) >= limit and value != last:
                    return self._sort_by_subject(items, subjects, values, descending=descending)[:limit]
                values[subject] = last = value
        return None

    def _select_pairs(self, batch: list[tuple[int, Any]], subjects: set[int], query: Query) -> list[tuple[int, Any]]:
        """Return the pairs (item id, value) in `batch` whose item is in `subjects` and matches the query."""
        known = [(subject, value) for subject, value in batch if subject in subjects]
        if not query:
            return known
        having = self._test_items((subject for subject, _ in known), query)
        return [(subject, value) for subject, value in known if subject in having]

    def _sort_by_subject(
        self, items: "array[int]", subjects: "array[int]", values: dict[int, Any], *, descending: bool
    ) -> "array[int]":
        """Sort items by a value of the thing or person that each item is about, and return them.

        `subjects` has the id of that thing or person for each of `items`, in the same order. `values` has the values to
        sort by, by these ids. Items whose thing or person has no value are left out.
        """
        chosen, described = _select((items, subjects), map(values.__contains__, subjects))
        return self._sort_by_values(chosen, map(values.__getitem__, described), descending=descending)

    def _rows_with_value(self, list_id: int, column: str, value: Any, query: Query, limit: int) -> "array[int]":
        """Return up to `limit` items of a list that have `value` in a column and match a query, in the server's order.

        The list is scanned from its top, which is fast if many rows have the value.
        """
        found = make_ids()
        for number, (items, subjects) in enumerate(self._iter_blocks(list_id, backward=False)):
            if len(found) >= limit or (query and number == MAX_SCANNED_BLOCKS):
                break
            rows = self._read(
                f"SELECT id FROM item WHERE id IN (SELECT value FROM json_each(?)) AND {column} = ?",
                (json.dumps(list(set(subjects))), value),
            )
            having = {row[0] for row in rows}
            if query:
                having = self._test_items(having, query)
            found.extend(item for item, subject in zip(items, subjects, strict=True) if subject in having)
        return found[:limit]

    def _iter_column(self, column: str, *, descending: bool) -> Iterator[list[tuple[int, Any]]]:
        """Yield pairs of a thing's item id and its value in a column, in batches, sorted by the value.

        Things without a value are left out.
        """
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
        """Whether sorting by `sort` (`SERVER` or `WHEN`) reverses the rows, which are stored newest first."""
        return descending if sort == SERVER else not descending

    def _in_server_order(self, list_id: int, sort: str) -> bool:
        return sort == SERVER or self._read("SELECT timed FROM feed WHERE id = ?", (list_id,)) == [(1,)]

    def _iter_blocks(self, list_id: int, *, backward: bool) -> Iterator[Block]:
        """Yield the rows of a list in blocks, without gaps. With `backward`, the last rows come first."""
        last: int | None = None
        while True:
            compare, order = ("<", "DESC") if backward else (">", "ASC")
            found = self._read(
                f"SELECT low, holes, items, subjects FROM block WHERE feed = ?"
                f"{'' if last is None else f' AND low {compare} {last}'} ORDER BY low {order} LIMIT 64",
                (list_id,),
            )
            if not found:
                return
            for low, holes, data, described in found:
                items, subjects = decode_ids(data), decode_ids(described)
                if holes:
                    subjects = make_ids([s for item, s in zip(items, subjects, strict=True) if item > 0])
                    items = make_ids([item for item in items if item > 0])
                if backward:
                    items.reverse()
                    subjects.reverse()
                last = low
                yield items, subjects

    def _read_matching_rows(self, list_id: int, groups: Sequence[_Found] = ()) -> Block:
        """Return the rows of a list that match every group, in the list's order. Gaps are left out."""
        items, subjects = make_ids(), make_ids()
        for block in self._iter_blocks(list_id, backward=False):
            matching = _keep_found(block, groups)
            items += matching[0]
            subjects += matching[1]
        return items, subjects

    def _filter_blocks(self, list_id: int, blocks: Iterator[Block], query: Query, limit: int) -> "array[int]":
        """Return the ids of the first items in `blocks` that match a query, at most `limit`.

        `blocks` has the rows of the list with the id `list_id`.
        """
        found = make_ids()
        groups = group_terms(query)
        few = [self._few_matches(list_id, group) for group in groups]
        known = [group for group in few if group is not None]
        common = [group for group, matching in zip(groups, few, strict=True) if matching is None]
        if common:
            rest = Query(tuple(term for group in common for term in group.terms))
            for number, block in enumerate(islice(blocks, MAX_SCANNED_BLOCKS)):
                found.extend(self._test_block(list_id, _keep_found(block, known), rest)[0])
                if len(found) >= limit:
                    return found[:limit]
                if number and not found:
                    break  # matches are far down, such as those of a year; saves 20 ms in the middle of 100,000 rows
            known += [self._find_matches(list_id, group) for group in common]
        return _collect(found, (_keep_found(block, known)[0] for block in blocks), limit)

    def _few_matches(self, list_id: int, group: TermGroup) -> _Found | None:
        """Return all matches of a group of terms; None if there are more than `FEW_MATCHES`."""
        found = self._find_matches(list_id, group, FEW_MATCHES + 1)
        return None if max(len(found.subjects), len(found.items)) > FEW_MATCHES else found

    def _find_matches(self, list_id: int, group: TermGroup, limit: int = -1) -> _Found:
        """Return what matches a group of terms: items of the list, and the things and people that items are about.

        `limit` is the maximum number of items, and also of things and people together; -1 stands for no limit.
        """
        sql = QuerySql()
        kind = self._read("SELECT kind FROM feed WHERE id = ?", (list_id,))
        matches = sql.matches(group, ItemKind(kind[0][0]) if kind else ItemKind.THING)
        subjects, items = (
            {row[0] for row in self._read(f"{select} LIMIT {limit}", sql.values)} if select else set()
            for select in matches
        )
        return _Found(subjects, items, group.excluded)

    def _test_block(self, list_id: int, block: Block, query: Query) -> Block:
        """Return the rows of a block that match a query. The rows are tested one by one, without an index.

        `list_id` is the id of the list that has the block.
        """
        method = self._read("SELECT method FROM feed WHERE id = ?", (list_id,))
        described_by = "person" if method and method[0][0] in DESCRIBED_BY_PERSON else "subject"
        matching = self._test_items(block[0], query, described_by)
        return _select(block, map(matching.__contains__, block[0]))

    def _test_items(self, items: Iterable[int], query: Query, described_by: str = "subject") -> set[int]:
        """Return those of `items` that match a query, after testing each item.

        The words of the query must be in the text of the thing or person whose id is in the item's column
        `described_by`: `subject`, or `person` for the giver of a flattr.
        """
        sql = QuerySql()
        ids = sql.bind(json.dumps(list(set(items))))
        test = sql.test(query.terms)
        rows = self._read(
            f"SELECT i.id FROM item i JOIN item s ON s.id = i.{described_by}"
            f" WHERE i.id IN (SELECT value FROM json_each({ids})) AND {test}",
            sql.values,
        )
        return {row[0] for row in rows}

    def _sorted(
        self, list_id: int, items: "array[int]", subjects: "array[int]", sort: str, *, descending: bool
    ) -> "array[int]":
        if sort not in COLUMNS:
            if self._in_server_order(list_id, sort):
                return items[::-1] if self._is_reversed(sort, descending=descending) else items
            times = self._column_values(items, "time")
            return self._sort_by_values(items, map(times.get, items), descending=descending)
        values = self._column_values(subjects, COLUMNS[sort])
        return self._sort_by_values(items, map(values.get, subjects), descending=descending)

    @staticmethod
    def _sort_by_values(items: "array[int]", values: Iterable[Any], *, descending: bool) -> "array[int]":
        """Return the items sorted by their values. `values` has a value for each item, in the order of `items`.

        Items without a value come last; items with equal values keep their order. The values are sorted in chunks,
        because no other thread runs while Python sorts.
        """
        having: dict[Any, array[int]] = {}
        without = array("I")
        for place, value in enumerate(values):
            alike = without if value is None or value == "" else having.setdefault(value, array("I"))
            alike.append(place)
        each = list(having)
        parts = (sorted(each[at : at + SORT_CHUNK], reverse=descending) for at in range(0, len(each), SORT_CHUNK))
        places = chain.from_iterable(map(having.__getitem__, merge(*parts, reverse=descending)))
        return make_ids(map(items.__getitem__, chain(places, without)))

    def _column_values(self, ids: Iterable[int], column: str) -> dict[int, Any]:
        """Return the values that items have in a column of the table `item`, by item id."""
        wanted = set(ids)
        sql = f"SELECT id, {column} FROM item"
        if len(wanted) < FEW_MATCHES:
            rows = self._read(f"{sql} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(wanted)),))
            return dict(rows)
        kinds = f" WHERE kind != {ItemKind.FLATTR}" if column != "time" else ""
        return {key: value for key, value in self._read(sql + kinds) if key in wanted}


def _select(block: Block, chosen: Iterable[bool]) -> Block:
    flags = bytes(chosen)
    items, subjects = (make_ids(compress(column, flags)) for column in block)
    return items, subjects


def _keep_found(block: Block, groups: Iterable[_Found]) -> Block:
    """Return the rows of a block that are found by every including group, and by no excluding group.

    A row is found by a group if the group's `items` have its item, or `subjects` its subject.
    """
    for group in groups:
        by_subject = bool(group.subjects) and not group.subjects.isdisjoint(block[1])
        by_item = bool(group.items) and not group.items.isdisjoint(block[0])
        if not by_subject and not by_item:  # checked first: most blocks have no rare match
            if group.excluded:
                continue
            return make_ids(), make_ids()
        flags: Iterable[bool] = map(group.subjects.__contains__, block[1])
        if by_item:
            flags = map(or_, flags, map(group.items.__contains__, block[0]))
        block = _select(block, map(not_, flags) if group.excluded else flags)
    return block


def _collect(found: "array[int]", more: Iterable[Iterable[int]], limit: int) -> "array[int]":
    for items in more:
        found.extend(items)
        if len(found) >= limit:
            break
    return found[:limit]

"""Full-text search in all saved users, things, flattrs and activities.

Users, things and activities have texts of their own. A flattr has none: the words of the search may be in its thing, in
the name of the person who gave it, or partly in both, so that `ada maps` finds Ada's flattrs of maps. Results must
appear quickly after every keystroke, however common a word is. If few items have the words, the full-text index finds
them. If many do, it is faster to scan the newest flattrs, or all items of a kind that has few items.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.query_language import Query
from flattr_tui.store import text_query_sql
from flattr_tui.store.catalogue_database import Database
from flattr_tui.store.catalogue_schema import ItemKind, RowEntry, Scope, SearchHit
from flattr_tui.store.item_reader import ItemReader, ReadQuery, readable_scopes
from flattr_tui.store.text_query_sql import FOLDED_TEXT, QuerySql
from flattr_tui.store.thing_search import WEIGHTS, rank_sql

KINDS: Final = {
    "user": ItemKind.USER,
    "thing": ItemKind.THING,
    "flattr": ItemKind.FLATTR,
    "activity": ItemKind.ACTIVITY,
}
"""The kinds of items that can be searched, by the name that callers use."""
MAX_NAME_WORDS: Final = 4
"""How many of the first words are tried as the name of the person who gave a flattr."""
MAX_RANKED: Final = 2_000
"""Maximum number of matches that are ranked, because it takes long. If there are more, the newest come first."""
SMALL_KIND: Final = 2_000
"""Maximum number of items of a kind that are all scanned if a word is common."""
SAMPLE_SIZE: Final = 500
"""Number of the newest flattrs that are sampled to estimate how common the words are."""
SCAN_SIZE: Final = 1_000
"""Number of further flattrs that are scanned if the sample promises enough matches among them."""
MAX_THINGS: Final = 10_000
"""Maximum number of matching things whose flattrs are considered."""


class _Match(NamedTuple):
    item: int
    """Id of the item."""
    scope: int
    """Id of the scope (source and account) of this copy of the item."""
    rank: float
    """Rank among the copies of an item for several sources and accounts: the greatest is shown (`rank_sql`)."""
    time: int
    """When the item was created, in Unix seconds; 0 if unknown."""


class FullTextSearch:
    """Searches saved users, things, flattrs and activities."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self,
        scope: Scope,
        query: Query,
        kinds: Iterable[str] = (),
        limit: int = 50,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> list[SearchHit]:
        """Return the saved items that match a query, kind by kind, with up to `limit` items of each kind.

        `kinds` are keys of `KINDS`; () stands for all. Items that the account of `scope` may see are searched, and all
        imported items. A word of the query matches any word that begins with it. The best matches of each kind come
        first. Flattrs are sorted newest first instead, and if the query has conditions, so are all kinds. An empty
        query finds nothing. If very many things match, some of their flattrs may be missing. `is_cancelled` is called
        from time to time, and once it returns True, `SearchCancelledError` is raised; with None, the search can't be
        cancelled.
        """
        sought = text_query_sql.query_terms(query.plain_text)
        read = self._database.cancellable_read(is_cancelled)
        scopes = readable_scopes(read, scope)
        scopes |= _imported_scope(read)
        if not scopes or not (sought or query.conditions) or (query.plain_text and not sought):
            return []
        search = _TextQuery(read, scopes, sought, limit, query)
        return [hit for kind in tuple(kinds) or KINDS for hit in search.find_kind(kind)]


def _imported_scope(read: ReadQuery) -> dict[int, Scope]:
    named = Scope(SourceKind.SAVED.value)
    return {row[0]: named for row in read("SELECT id FROM scope WHERE source = ? AND account = ?", named)}


class _TextQuery:
    """One search for the words and conditions of `query`.

    `scopes` are the sources and accounts to search, by their ids in the catalogue. `sought` are the plain words of
    `query`, normalized. `limit` is the maximum number of results of each kind.
    """

    def __init__(
        self, read: ReadQuery, scopes: dict[int, Scope], sought: tuple[str, ...], limit: int, query: Query
    ) -> None:
        self._read = read
        self._scopes = scopes
        self._words = sought
        self._query = query
        self._limit = limit
        self._row_limit = limit * len(scopes)  # each scope may have a copy of the same item
        self._scope_list = ",".join(map(str, scopes))
        self._head = f"SELECT i.id AS id, i.scope AS scope, {rank_sql(scopes)} AS rank, coalesce(i.time, 0) AS time"
        self._reader = ItemReader(read)

    def find_kind(self, kind: str) -> Iterator[SearchHit]:
        """Yield up to `limit` results of one kind, without duplicates."""
        if self._query.conditions:
            rows = self._find_matches(KINDS[kind])
        else:
            rows = self._find_flattrs() if kind == "flattr" else self._find_items(KINDS[kind])
        for row, entry in list(self._best_copies(rows))[: self._limit]:
            yield SearchHit(entry, kind, self._scopes[row.scope])

    def _best_copies(self, rows: list[_Match]) -> Iterable[tuple[_Match, RowEntry]]:
        """Return the matches in `rows`, each with its item.

        An item may be saved for several sources and accounts. If several copies match, only the one with the greatest
        rank is returned.
        """
        rows = list({row.item: row for row in rows}.values())[: self._row_limit]
        best: dict[str, tuple[_Match, RowEntry]] = {}
        for entry in self._reader.read_rows([row.item for row in rows]):
            row = rows[entry.position]
            if entry.key not in best or row.rank > best[entry.key][0].rank:
                best[entry.key] = (row, entry)
        return best.values()

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[_Match]:
        return [_Match(*row) for row in self._read(sql, values)]

    def _count_up_to(self, sql: str, limit: int, values: tuple[Any, ...] = ()) -> int:
        """Return the number of rows that an SQL query returns, but at most `limit`."""
        found = self._read(f"SELECT count(*) FROM ({sql} LIMIT {limit})", values)
        return int(found[0][0]) if found else 0

    def _find_matches(self, kind: ItemKind) -> list[_Match]:
        """Return the items of a kind that have all words of the query and meet its conditions, the newest first."""
        sql = QuerySql()
        test = sql.test_flattrs(self._query) if kind is ItemKind.FLATTR else sql.test(self._query.terms, by_index=True)
        found = self._read(
            f"{self._head} FROM item i JOIN item s ON s.id = i.subject WHERE i.kind = {kind:d}"
            f" AND (i.kind = {ItemKind.FLATTR:d} OR i.key IS NOT NULL) AND +i.scope IN ({self._scope_list})"
            f" AND i.hidden IS NOT 1 AND {test} ORDER BY i.time DESC, i.id DESC LIMIT {self._row_limit}",
            sql.values,
        )
        return [_Match(*row) for row in found]

    # -- items with texts of their own

    @cached_property
    def _is_common(self) -> bool:
        """Whether more than `MAX_RANKED` items have the searched words, so that ranking them would take too long."""
        match = text_query_sql.fts_query(self._words)
        return self._count_up_to("SELECT 1 FROM words WHERE words MATCH ?", MAX_RANKED + 1, (match,)) > MAX_RANKED

    def _find_items(self, kind: ItemKind) -> list[_Match]:
        """Return the items of a kind that match best. If very many match, return the newest of them instead."""
        held = f"i.kind = {kind:d} AND i.key IS NOT NULL AND i.scope IN ({self._scope_list})"
        there = self._count_up_to(f"SELECT 1 FROM item i WHERE {held}", SMALL_KIND + 1)
        if not there:
            return []
        if self._is_common and there <= SMALL_KIND:
            having = " AND ".join(["instr(said, ?) > 0"] * len(self._words))
            text_sql = f"(SELECT {FOLDED_TEXT} FROM text WHERE id = i.id) AS said"
            return self._rows(
                f"SELECT id, scope, rank, time FROM ({self._head}, {text_sql} FROM item i WHERE {held} LIMIT -1)"
                f" WHERE {having} ORDER BY id DESC LIMIT {self._row_limit}",
                tuple(f" {word}" for word in self._words),
            )
        order = "words.rowid DESC" if self._is_common else f"bm25(words, {WEIGHTS})"
        narrow = " INDEXED BY item_worded" if kind in {ItemKind.USER, ItemKind.ACTIVITY} else ""
        return self._rows(
            f"{self._head} FROM words CROSS JOIN item i{narrow} ON i.id = words.rowid WHERE words MATCH ?"
            f" AND {held}{' AND i.kind IN (0, 3)' if narrow else ''}"
            f" ORDER BY {order} LIMIT {self._row_limit}",
            (text_query_sql.fts_query(self._words),),
        )

    # -- flattrs

    def _find_flattrs(self) -> list[_Match]:
        """Return the flattrs that match, the newest first. The words may be in the thing or in the giver's name."""
        seen, newest = self._scan_newest(0, SAMPLE_SIZE)
        if (
            seen == SAMPLE_SIZE
            and len(newest) < self._row_limit <= len(newest) * (SAMPLE_SIZE + SCAN_SIZE) // SAMPLE_SIZE
        ):
            more, others = self._scan_newest(SAMPLE_SIZE, SCAN_SIZE)
            seen, newest = seen + more, newest + others
        if len(newest) >= self._row_limit or seen < SAMPLE_SIZE:
            return newest
        return sorted(self._find_flattrs_by_index(), key=lambda row: row.time, reverse=True)

    def _scan_newest(self, skip: int, limit: int) -> tuple[int, list[_Match]]:
        """Test some of the newest flattrs. Returns how many were tested, and which of them match.

        The newest `skip` flattrs are left out, and at most `limit` flattrs after them are tested.
        """
        in_text, in_name = (
            " | ".join(f"((instr({where}, ?) > 0) << {bit})" for bit in range(len(self._words)))
            for where in ("said", "named")
        )
        rows = self._read(
            f"SELECT id, scope, rank, time, {in_text}, {in_name} FROM ({self._head},"
            f" (SELECT {FOLDED_TEXT} FROM text WHERE id = i.subject) AS said,"
            " (SELECT ' ' || title FROM text WHERE id = i.person) AS named"
            f" FROM item i INDEXED BY item_newest WHERE i.kind = 2 AND i.scope IN ({self._scope_list})"
            f" ORDER BY i.time DESC LIMIT {limit} OFFSET {skip})",
            tuple(f" {word}" for word in self._words) * 2,
        )
        return len(rows), [_Match(*row) for *row, thing, person in rows if self._has_all_words(thing or 0, person or 0)]

    def _has_all_words(self, thing: int, person: int) -> bool:
        """Whether a flattr matches the words of the search.

        Bit n of `thing` says whether the flattr's thing has the nth word, and bit n of `person` whether the name of the
        flattr's giver has it. The flattr matches if the thing has all words, or if the name has all words. It also
        matches if the thing lacks only one word, the name has that word, and it is one of the first `MAX_NAME_WORDS`
        words.
        """
        every = (1 << len(self._words)) - 1
        missing = every & ~thing
        named = missing & (missing - 1) == 0 and missing < 1 << MAX_NAME_WORDS and person & missing
        return not missing or person == every or bool(named)

    def _find_flattrs_by_index(self) -> list[_Match]:
        """Find the matching flattrs in the full-text index, and return them unsorted. Some may occur twice.

        This is fast if the words are rare.
        """
        tail = f"i.kind = 2 AND i.scope IN ({self._scope_list}) ORDER BY i.time DESC LIMIT {self._row_limit}"
        things = f"SELECT rowid FROM words WHERE words MATCH ? LIMIT {MAX_THINGS}"
        of_things = f"{self._head} FROM ({things}) w CROSS JOIN item i ON i.subject = w.rowid WHERE "
        of_people = f"{self._head} FROM json_each(?) p CROSS JOIN item i ON i.person = p.value WHERE "
        rows = self._rows(of_things + tail, (text_query_sql.fts_query(self._words),))
        called = self._named_users()
        every = (1 << len(self._words)) - 1
        rows += self._rows(of_people + tail, (json.dumps([key for key, names in called if names == every]),))
        for at in range(min(MAX_NAME_WORDS, len(self._words)) if every > 1 else 0):
            people = json.dumps([key for key, names in called if names >> at & 1])
            others = text_query_sql.fts_query(self._words[:at] + self._words[at + 1 :])
            if people == "[]":
                continue
            count = "SELECT 1 FROM json_each(?) p CROSS JOIN item i ON i.person = p.value AND i.kind = 2"
            if self._count_up_to(count, MAX_THINGS + 1, (people,)) <= MAX_THINGS:
                test = "i.subject IN (SELECT rowid FROM words WHERE words MATCH ?) AND "
                rows += self._rows(of_people + test + tail, (people, others))
            else:
                test = "+i.person IN (SELECT value FROM json_each(?)) AND "
                rows += self._rows(of_things + test + tail, (others, people))
        return rows

    def _named_users(self) -> list[tuple[int, int]]:
        """Return the users whose names match a word of the search, as pairs of an item id and a bit mask.

        Bit n of the mask, counted from 0, is set if the name has a word that begins with `_words[n]`.
        """
        names = " | ".join(f"((instr(' ' || title, ?) > 0) << {bit})" for bit in range(len(self._words)))
        return [
            (key, called)
            for key, called in self._read(
                f"SELECT id, {names} AS names FROM item INDEXED BY item_called"
                f" WHERE kind = 0 AND scope IN ({self._scope_list}) AND names",
                tuple(f" {word}" for word in self._words),
            )
        ]

"""Flattr's search for things, applied to saved data, with snippets of the results. It also suggests user names.

A search covers what its `Scope` may read: the public data of its source, and the data of its account. At the source
`saved`, it covers these data of all sources. Copies of a thing in several scopes count as one result. Sorting very many
results would take long. Then the things are scanned in the requested order instead, which soon finds enough for the
first screen. Source of the filters' meaning: `flattr/developers.flattr.net`, content/api/resources/things.md, 'Search
things'.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from flattr_tui.model import tag_expression
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import Activity, Flattr, Item, Thing, User
from flattr_tui.model.query_language import Words
from flattr_tui.store import text_query_sql
from flattr_tui.store.catalogue_database import Database
from flattr_tui.store.catalogue_schema import Scope, SearchResult, ThingFilter
from flattr_tui.store.item_reader import ItemReader, ReadQuery, readable_scopes
from flattr_tui.store.text_query_sql import QuerySql

DAY: Final = 86_400
PERIODS: Final = {"flattrs_month": 30 * DAY, "flattrs_week": 7 * DAY, "flattrs_day": DAY, "trend": 90 * DAY}
"""The sort orders by recent flattrs. Each counts flattrs in a period (seconds) before the newest saved flattr."""
MAX_RANKED: Final = 5_000
"""Maximum number of matches that are ranked. If there are more, the newest come first instead of the best."""
WEIGHTS: Final = "8, 1, 4, 4"
"""Weights of a word in title, description, tags and owner."""
WORD_TEST_COST: Final = 5
"""Ratio of the time for testing a thing for words to the time for sorting it."""
TIE_ORDER: Final = "CAST(i.key AS INTEGER) DESC"
"""The order of results that are equal in the requested order: the newest thing first."""
IMPORT_BONUS: Final = 1e12
"""Seconds added to the time at which an import was fetched, so that imports rank before everything fetched."""
SNIPPET_LENGTH: Final = 120
"""Maximum length of a snippet in characters."""
LEAD_LENGTH: Final = 14
"""Maximum number of characters before the first match in a snippet, so that a narrow column shows the match."""
SCANNED_LENGTH: Final = 2_000
"""Number of characters of a text that are searched for the matches in its snippet."""


def item_texts(entity: Item) -> list[str]:
    """Return the texts of an item in which words are searched, the most important first. Empty ones are left out."""
    match entity:
        case Thing():
            owner = entity.owner
            named = [owner.username, owner.firstname, owner.lastname] if owner else []
            found = [entity.title, " · ".join(entity.tags or ()), entity.description, *named]
        case Flattr():
            found = [headline(entity), *item_texts(entity.thing)[1:]]
        case User():
            found = [entity.username, entity.name, entity.about, entity.city, entity.country]
        case Activity():
            found = [entity.title, entity.object_name, entity.actor_name]
        case _:
            found = []
    return [text for text in found if text]


def headline(entity: Item) -> str:
    """Return the title by which an item is displayed, on one line; "" if the item has no title."""
    match entity:
        case Thing() | Activity():
            text = entity.title
        case Flattr(thing=thing, owner=owner):
            text = f"{owner.username if owner else 'somebody'} flattred {thing.title or thing.id}"
        case User(username=username, name=name):
            text = username if name == username else f"{username} · {name}"
        case _:
            text = ""
    return " ".join(text.split())


def make_snippet(entity: Item, sought: tuple[str, ...]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a part of an item's text with many matches, on one line, and where the matches are in that part.

    Each match is its start and stop (excluded) in characters. The title is left out if the item has other texts.
    `sought` are normalized words (`text_query_sql.query_terms`).
    """
    best, most = "", -1
    for text in item_texts(entity)[1:] or item_texts(entity):
        line = " ".join(text[:SCANNED_LENGTH].split())
        marks = text_query_sql.match_spans(line, sought)
        if len(marks) > most:
            start = max(0, marks[0][0] - LEAD_LENGTH) if marks else 0
            start = max(start, line.find(" ", start, marks[0][0]) + 1) if start else 0
            best, most = f"{'… ' if start else ''}{line[start : start + SNIPPET_LENGTH]}", len(marks)
    return best, tuple(text_query_sql.match_spans(best, sought))


def rank_sql(scopes: dict[int, Scope], alias: str = "i") -> str:
    """Return an SQL expression for the rank of a copy of an item. The best copy has the greatest rank.

    An item has a copy for each source and account for which it is saved. An imported copy is better than a fetched one;
    otherwise, the copy that was fetched later is better. `scopes` are the sources and accounts by their ids, and
    `alias` is the alias of the table `item` in the query.
    """
    imported = [key for key, scope in scopes.items() if scope.source == SourceKind.SAVED]
    return f"({alias}.scope IN ({','.join(map(str, imported))})) * {IMPORT_BONUS} + {alias}.fetched_at"


class ThingSearch:
    """Searches saved things, and suggests saved user names."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(
        self,
        scope: Scope,
        filters: ThingFilter,
        limit: int = 30,
        is_cancelled: Callable[[], bool] | None = None,
    ) -> SearchResult:
        """Return the item ids of the first `limit` things that pass all filters, and how many things pass in all.

        A negative `limit` stands for all. Things are searched in public responses and in responses to the account of
        `scope`: at the scope's source or, if that is `saved`, at all sources. Hidden things are left out.
        `is_cancelled` is called from time to time, and once it returns True, `SearchCancelledError` is raised; with
        None, the search can't be cancelled. Raises `TagSyntaxError` for an invalid tag expression.
        """
        expression = tag_expression.parse_tags(filters.tags) if filters.tags.strip() else None
        typed = text_query_sql.fold(filters.query, split=False).split()[: text_query_sql.MAX_WORDS]
        sought = tuple(map(text_query_sql.fold, typed))
        read = self._database.cancellable_read(is_cancelled)
        scopes = readable_scopes(read, scope)
        if not scopes or (filters.query.strip() and not sought):
            return SearchResult([], 0)
        query = _ThingQuery(read, scopes, filters, expression, sought)
        if any(map(text_query_sql.has_han_or_kana, typed)):  # the index finds these inside runs; Flattr does not
            return _keep_whole_words(read, typed, query.find_all(ranked=True), limit)
        total = query.count()
        if limit >= 0 and query.is_scan_faster(limit, total):
            return SearchResult(query.find_in_order(limit), total)
        found = query.find_all(ranked=total <= MAX_RANKED)
        return SearchResult(found[:limit] if limit >= 0 else found, total)

    def find_thing_id(self, scope: Scope, addresses: Sequence[str]) -> int | None:
        """Return Flattr's id of the saved thing with one of `addresses`; None if no thing has any of them.

        The addresses are tried in order, and are compared as text. They must not end with a slash. If several things
        have the same address, the one that was fetched last is chosen.
        """
        within = ",".join(map(str, readable_scopes(self._database.read, scope)))
        for address in addresses:
            found = self._database.read(
                f"SELECT key FROM item WHERE kind = 1 AND url = ? AND scope IN ({within}) ORDER BY fetched_at DESC, id"
                " LIMIT 1",
                (address,),
            )
            if found:
                return int(found[0][0])
        return None

    def suggest_usernames(self, scope: Scope, prefix: str, limit: int = 10) -> list[str]:
        """Return up to `limit` saved user names that begin with `prefix`, in alphabetical order. Fast.

        At the source `saved`, names from all sources are returned.
        """
        begin = prefix.strip().lower()
        return [
            row[0]
            for row in self._database.read(
                "SELECT DISTINCT i.key FROM item i JOIN scope s ON s.id = i.scope"
                " WHERE i.kind = 0 AND i.owner >= ? AND i.owner < ? AND (? OR s.source = ?) AND s.account IN (?, '')"
                " ORDER BY i.owner LIMIT ?",
                (begin, f"{begin}\U0010ffff", scope.source == SourceKind.SAVED, scope.source, scope.account, limit),
            )
        ]


def _keep_whole_words(read: ReadQuery, typed: Sequence[str], items: Sequence[int], limit: int) -> SearchResult:
    """Return those of `items` that have each Chinese and Japanese word of a search as a whole word.

    `typed` are all words of the search; words in other scripts are not tested. The text of an item has no blanks
    between such words, so a whole word is an unbroken run of characters. The last word of the search may also be the
    beginning of a run. The result has up to `limit` items (negative: all), and the number of all items that match.
    """
    reader = ItemReader(read)
    reader.load(items)
    whole = set(filter(text_query_sql.has_han_or_kana, typed[:-1]))
    beginning = typed[-1] if text_query_sql.has_han_or_kana(typed[-1]) else ""
    found = []
    for item in items:
        entity = reader.entity(item)
        if entity is None:
            continue
        words = " ".join(text_query_sql.fold(text, split=False) for text in item_texts(entity)).split()
        if whole <= set(words) and any(word.startswith(beginning) for word in words):
            found.append(item)
    return SearchResult(found[:limit] if limit >= 0 else found, len(found))


def _listed(scopes: Iterable[int]) -> str:
    return f"({','.join(map(str, scopes))})"


class _ThingQuery:
    """One search for things. The values of `scopes` are the sources and accounts to search, by id.

    `sought` are the normalized words to search for.
    """

    def __init__(
        self,
        read: ReadQuery,
        scopes: dict[int, Scope],
        filters: ThingFilter,
        expression: tag_expression.Expression | None,
        sought: tuple[str, ...],
    ) -> None:
        self._read = read
        self._scopes = scopes
        self._scope_list = _listed(scopes)
        self._filters = filters
        self._expression = expression
        self._words = sought
        self._sql = QuerySql()

    # -- the filters as SQL

    def _filter_sql(self, alias: str, scopes: str | None = None, *, use_scope_index: bool = False) -> str:
        """Return an SQL condition for all filters except the words. `alias` is the alias of the things in the SQL.

        `scopes` is an SQL list of scope ids; None stands for all scopes of the search. `use_scope_index` says whether
        SQLite may use the index of scopes.
        """
        filters, value = self._filters, self._sql.bind
        # `+` keeps SQLite from using the index of scopes, which it overrates, not knowing how many things they have.
        test = [f"{'' if use_scope_index else '+'}{alias}.scope IN {scopes or self._scope_list}"]
        test += [f"{alias}.kind = 1", f"{alias}.hidden IS NOT 1"]
        if filters.url:
            test.append(f"{alias}.url = {value(filters.url.rstrip('/'))}")
        if filters.user:
            people = f"SELECT id FROM item WHERE kind = 0 AND owner = {value(filters.user.lower())}"
            test.append(f"{alias}.person IN ({people} AND scope IN {self._scope_list})")
        for column, chosen in (("language", filters.languages), ("category", filters.categories)):
            if chosen:
                test.append(f"{alias}.{column} IN (SELECT value FROM json_each({value(json.dumps(list(chosen)))}))")
        if self._expression is not None:
            test.append(self._tags_sql(self._expression, alias))
        if filters.conditions:
            test.append(self._sql.test(filters.conditions, alias, alias, by_index=True))
        return " AND ".join(test)

    def _tags_sql(self, expression: tag_expression.Expression, alias: str) -> str:
        """Return a tag expression as an SQL condition. `alias` is the alias of the things in the SQL."""
        match expression:
            case tag_expression.Tag(name):
                return f"{alias}.id IN (SELECT item FROM tag WHERE folded = {self._sql.bind(name.casefold())})"
            case tag_expression.Not(part):
                return f"NOT ({self._tags_sql(part, alias)})"
            case tag_expression.And(left, right) | tag_expression.Or(left, right):
                word = "AND" if isinstance(expression, tag_expression.And) else "OR"
                return f"({self._tags_sql(left, alias)} {word} {self._tags_sql(right, alias)})"

    def _words_sql(self, alias: str) -> str:
        """Return ` AND CONDITION` for the things that have all words; "" if the search has no words.

        The last word may be the beginning of a word of the thing. `alias` is the alias of the things in the SQL.
        """
        if not self._words:
            return ""
        words = [Words(word, whole=True) for word in self._words[:-1]] + [Words(self._words[-1])]
        return f" AND {self._sql.test_words(words, alias, by_index=False)}"

    def _from_sql(self) -> str:
        """Return SQL to write after `FROM`, which selects the things that have all words of the search.

        The SQL ends with `WHERE` or `AND`, so the caller must add a condition.
        """
        if not self._words:
            return "item i WHERE "
        found = self._sql.bind(text_query_sql.fts_query(self._words, whole=len(self._words) - 1))
        return f"words CROSS JOIN item i ON i.id = words.rowid WHERE words MATCH {found} AND "

    def _best_copy_sql(self, scopes: str | None = None) -> str:
        """Return an SQL condition that is true for one copy of each thing: the best one.

        With `scopes`, an SQL list of scope ids, the condition is true for each copy of a thing that has no copy in
        these scopes.
        """
        of = f"j.scope IN {scopes or self._scope_list} AND j.key = i.key AND j.key IS NOT NULL"
        of += f" AND {self._filter_sql('j', scopes)}{self._words_sql('j')}"
        rather = (
            f" AND ({rank_sql(self._scopes, 'j')}, j.id) > ({rank_sql(self._scopes)}, i.id)" if scopes is None else ""
        )
        return f"NOT EXISTS (SELECT 1 FROM item j INDEXED BY item_key WHERE {of}{rather})"

    def _rows(self, sql: str, **numbers: int) -> list[tuple[Any, ...]]:
        return self._read(sql, {**self._sql.values, **numbers})

    # -- finding

    def count(self) -> int:
        """Return the number of things that the search finds. Copies of one thing count once."""
        filters = self._filters
        sparse = bool(filters.url or filters.user or filters.conditions or self._expression is not None)
        if len(self._scopes) > 1 and (sparse or (self._words and not self._is_common())):
            found = self._rows(f"SELECT count(DISTINCT i.key) FROM {self._from_sql()}{self._filter_sql('i')}")
            return int(found[0][0]) if found else 0
        return self._count_by_scope(use_scope_index=not (sparse or self._words))

    def _is_common(self) -> bool:
        """Whether more than `MAX_RANKED` items have the words of the search."""
        match = text_query_sql.fts_query(self._words, whole=len(self._words) - 1)
        sql = f"SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT {MAX_RANKED + 1})"
        found = self._read(sql, (match,))
        return bool(found and found[0][0] > MAX_RANKED)

    def _count_by_scope(self, *, use_scope_index: bool) -> int:
        """Return the number of results. Each scope (source and account) is counted by a query of its own.

        A result that is saved in several scopes counts once. `use_scope_index` says whether SQLite may use the index of
        scopes.
        """
        sizes = (
            [(self._count_things(f"AND scope = {key}"), key) for key in self._scopes] if len(self._scopes) > 1 else []
        )
        larger: list[int] = []
        total = 0
        for key in [key for _, key in sorted(sizes, reverse=True)] or self._scopes:
            once = f" AND {self._best_copy_sql(_listed(larger))}" if larger else ""
            asked = self._filter_sql("i", f"({key})", use_scope_index=use_scope_index)
            found = self._rows(f"SELECT count(*) FROM {self._from_sql()}{asked}{once}")
            total += found[0][0] if found else 0
            larger.append(key)
        return total

    def _count_things(self, which: str = "") -> int:
        found = self._read(f"SELECT count(*) FROM item INDEXED BY item_filtered WHERE kind = 1 {which}")
        return int(found[0][0]) if found else 0

    def is_scan_faster(self, count: int, total: int) -> bool:
        """Whether the first `count` results are found sooner by reading things in order than by sorting all results.

        `total` is the number of all results.
        """
        if total <= MAX_RANKED:
            return False
        looked_at = count * self._count_things() // total
        return looked_at * (WORD_TEST_COST if self._words else 1) < total

    def find_in_order(self, limit: int) -> list[int]:
        """Return the first `limit` results in the requested order, by scanning the things in that order.

        This is fast if there are very many results.
        """
        first: list[int] = []
        test = f"{self._filter_sql('i')}{self._words_sql('i')}"
        if len(self._scopes) > 1:
            test += f" AND {self._best_copy_sql()}"
        head, tail = "SELECT i.id FROM item i", f"{TIE_ORDER} LIMIT :limit"
        if self._filters.sort in PERIODS:
            recent = f"SELECT subject FROM ({self._recent_sql()})"
            rows = self._rows(
                f"SELECT i.id FROM ({self._recent_sql()}) r CROSS JOIN item i ON i.id = r.subject WHERE {test}"
                f" ORDER BY r.recent DESC, i.flattrs DESC, {TIE_ORDER}"
            )
            first = [row[0] for row in rows[:limit]]
            test = f"i.id NOT IN ({recent}) AND {test}"
        column = "flattrs" if self._filters.sort != "relevance" else "time"
        index = f"INDEXED BY item_{'flattrs' if column == 'flattrs' else 'made'}"
        rows = self._rows(f"{head} {index} WHERE {test} ORDER BY i.{column} DESC, {tail}", limit=limit - len(first))
        return first + [row[0] for row in rows]

    def _recent_sql(self) -> str:
        """Return an SQL query with the columns `subject` (a thing's id) and `recent`.

        `recent` is the thing's number of flattrs in the period of the sort order, such as the 30 days before the newest
        saved flattr.
        """
        since = f"(SELECT max(time) FROM item WHERE kind = 2 AND scope IN {self._scope_list})"
        return (
            "SELECT subject, count(*) AS recent FROM item INDEXED BY item_newest WHERE kind = 2"
            f" AND time > {since} - {PERIODS[self._filters.sort]} GROUP BY subject"
        )

    def find_all(self, *, ranked: bool) -> list[int]:
        """Return the ids of all results in the requested order, without duplicates.

        With `ranked` False, the order `relevance` is replaced by the order by time, the newest first, because ranking
        very many results takes long.
        """
        sort, source, recent, score, order = self._filters.sort, self._from_sql(), "0", "0", "flattrs DESC"
        if sort in PERIODS:
            source = source.replace(" WHERE ", f" LEFT JOIN ({self._recent_sql()}) r ON r.subject = i.id WHERE ", 1)
            recent, order = "coalesce(r.recent, 0)", "recent DESC, flattrs DESC"
        elif sort == "relevance" and self._words and ranked:
            score, order = f"bm25(words, {WEIGHTS})", "score, flattrs DESC"
        elif sort == "relevance":
            order = "time DESC"
        found = (
            f"SELECT i.id, i.key, i.flattrs AS flattrs, i.time AS time, {recent} AS recent, {score} AS score,"
            f" {rank_sql(self._scopes)} AS rank FROM {source}{self._filter_sql('i')}"
        )
        last = "CAST(key AS INTEGER) DESC"
        if len(self._scopes) == 1:
            return [row[0] for row in self._rows(f"SELECT id FROM ({found}) ORDER BY {order}, {last}")]
        # Of each thing, take the row with the greatest rank: SQLite takes the other columns from the row of `max`. The
        # limit keeps SQLite from merging the two queries, because `bm25` can't be computed in a group.
        grouped = f"SELECT id, max(rank) FROM ({found} LIMIT -1) GROUP BY key ORDER BY {order}, {last}"
        return [row[0] for row in self._rows(grouped)]

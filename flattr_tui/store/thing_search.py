"""Searching what is saved: the service's own search of things, and suggesting names.

Who searches is given as a `Scope`, and finds what may be read there: of a source, what it told the account and what it
tells everybody; of the source `saved`, that of every source. What several of these tell of one thing is one find.

The first of very many finds are not looked for among all of them, which would take long: the things are gone through in
the order that is asked for, which soon meets enough.

Source of the filters' meaning: `flattr/developers.flattr.net`, content/api/resources/things.md, 'Search things'.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from flattr_tui.model import tags
from flattr_tui.model.source import SourceKind
from flattr_tui.store import normalizer
from flattr_tui.store.database import Database
from flattr_tui.store.item_reader import Read, Shelf
from flattr_tui.store.list_sorter import SAID
from flattr_tui.store.snippets import texts
from flattr_tui.store.types import Found, Scope, ThingFilter

DAY: Final = 86_400
PERIODS: Final = {"flattrs_month": 30 * DAY, "flattrs_week": 7 * DAY, "flattrs_day": DAY, "trend": 90 * DAY}
"""Seconds back from the newest saved flattr in which a sort counts the saved flattrs."""
RANKED: Final = 5_000
"""Of more matches than these, the best by their words are not told apart: the newest come first."""
WEIGHTS: Final = "8, 1, 4, 4"
"""How much a word counts in title, description, tags and owner."""
LOOKING: Final = 5
"""How much longer it takes to look for words in a thing than to sort it."""
LAST: Final = "CAST(i.key AS INTEGER) DESC"
"""The order of what is alike otherwise."""
IMPORTED: Final = 1e12
"""What is added to the time (Unix seconds) of what was imported: it is read before what was fetched."""


def readable(read: Read, scope: Scope) -> dict[int, Scope]:
    """Say which scopes may be read at a source as an account, by their ids.

    These are the account's and nobody's there; of `saved`, which is everything on disk, those of every source. Never
    another account's.
    """
    everywhere = scope.source == SourceKind.SAVED
    return {
        key: Scope(source, account)
        for key, source, account in read(
            "SELECT id, source, account FROM scope WHERE account IN (?, '') AND (? OR source = ?)",
            (scope.account, everywhere, scope.source),
        )
    }


def rank(scopes: dict[int, Scope], alias: str = "i") -> str:
    """Write as SQL which of the items of several scopes is read, where they are of the same: the greatest.

    What was imported, then what was served last, as `Catalogue.which` chooses.
    """
    imported = [key for key, scope in scopes.items() if scope.source == SourceKind.SAVED]
    return f"({alias}.scope IN ({','.join(map(str, imported))})) * {IMPORTED} + {alias}.fetched_at"


class Searcher:
    """Searches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(
        self,
        scope: Scope,
        wanted: ThingFilter,
        limit: int,
        offset: int,
        given_up: Callable[[], bool] | None = None,
    ) -> Found:
        """Find things, hidden ones left out.

        Raises `TagSyntaxError` for a tag expression that does not parse, and `GivenUpError` once `given_up` says so.
        """
        expression = tags.parse(wanted.tags) if wanted.tags.strip() else None
        typed = normalizer.fold(wanted.query, split=False).split()[: normalizer.MAX_WORDS]
        sought = tuple(map(normalizer.fold, typed))
        read = self._database.until(given_up)
        scopes = readable(read, scope)
        if not scopes or (wanted.query.strip() and not sought):
            return Found([], 0)
        look = _Look(read, scopes, wanted, expression, sought)
        if any(map(normalizer.has_han, typed)):  # found inside a run too, which the service does not do
            return _strictly(read, typed, look.all(ranked=True), limit, offset)
        total = look.count()
        if limit >= 0 and look.soon_meets(offset + limit, total):
            return Found(look.walk(limit, offset), total)
        found = look.all(ranked=total <= RANKED)
        return Found(found[offset : offset + limit] if limit >= 0 else found[offset:], total)

    def people(self, scope: Scope, prefix: str, limit: int) -> list[str]:
        """Suggest user names that begin so, in the order of the alphabet."""
        begin = prefix.strip().lower()
        return [
            row[0]
            for row in self._database.read(
                "SELECT DISTINCT i.key FROM item i JOIN scope s ON s.id = i.scope"
                " WHERE i.kind = 0 AND i.owner >= ? AND i.owner < ? AND s.source = ? AND s.account IN (?, '')"
                " ORDER BY i.owner LIMIT ?",
                (begin, f"{begin}\U0010ffff", scope.source, scope.account, limit),
            )
        ]


def _strictly(read: Read, typed: Sequence[str], items: Sequence[int], limit: int, offset: int) -> Found:
    """Keep the items that have the Chinese and Japanese words as whole runs, the last word as a run's beginning."""
    shelf = Shelf(read)
    shelf.load(items)
    whole = set(filter(normalizer.has_han, typed[:-1]))
    beginning = typed[-1] if normalizer.has_han(typed[-1]) else ""
    found = []
    for item in items:
        entity = shelf.entity(item)
        if entity is None:
            continue
        said = " ".join(normalizer.fold(text, split=False) for text in texts(entity)).split()
        if whole <= set(said) and any(word.startswith(beginning) for word in said):
            found.append(item)
    return Found(found[offset : offset + limit] if limit >= 0 else found[offset:], len(found))


def _listed(scopes: Iterable[int]) -> str:
    return f"({','.join(map(str, scopes))})"


class _Look:
    """One search."""

    def __init__(
        self,
        read: Read,
        scopes: dict[int, Scope],
        wanted: ThingFilter,
        expression: tags.Expression | None,
        sought: tuple[str, ...],
    ) -> None:
        self._read = read
        self._scopes = scopes
        self._within = _listed(scopes)
        self._wanted = wanted
        self._expression = expression
        self._sought = sought
        self._values: dict[str, str] = {}
        """The values of the queries, by name."""

    # -- what is asked for, as SQL

    def _value(self, value: str) -> str:
        """Name a value, equal ones alike."""
        for name, known in self._values.items():
            if known == value:
                return f":{name}"
        name = f"v{len(self._values)}"
        self._values[name] = value
        return f":{name}"

    def _asked(self, alias: str, scopes: str | None = None, *, by_scope: bool = False) -> str:
        """Write all filters but the words; without `by_scope` the scope is no way to find the things."""
        wanted, value = self._wanted, self._value
        # With `+` SQLite does not go by the scope, as it would having no idea of how many things that means.
        test = [f"{'' if by_scope else '+'}{alias}.scope IN {scopes or self._within}"]
        test += [f"{alias}.kind = 1", f"{alias}.hidden IS NOT 1"]
        if wanted.url:
            test.append(f"{alias}.url = {value(wanted.url.rstrip('/'))}")
        if wanted.user:
            people = f"SELECT id FROM item WHERE kind = 0 AND owner = {value(wanted.user.lower())}"
            test.append(f"{alias}.person IN ({people} AND scope IN {self._within})")
        for column, chosen in (("language", wanted.languages), ("category", wanted.categories)):
            if chosen:
                test.append(f"{alias}.{column} IN (SELECT value FROM json_each({value(json.dumps(list(chosen)))}))")
        if self._expression is not None:
            test.append(self._tagged(self._expression, alias))
        return " AND ".join(test)

    def _tagged(self, expression: tags.Expression, alias: str) -> str:
        """Write a tag expression."""
        match expression:
            case tags.Tag(name):
                return f"{alias}.id IN (SELECT item FROM tag WHERE folded = {self._value(name.casefold())})"
            case tags.Not(part):
                return f"NOT ({self._tagged(part, alias)})"
            case tags.And(left, right) | tags.Or(left, right):
                word = "AND" if isinstance(expression, tags.And) else "OR"
                return f"({self._tagged(left, alias)} {word} {self._tagged(right, alias)})"

    def _worded(self, alias: str) -> str:
        """Write that a thing has the words, looked at one by one: the last as a beginning, the others whole."""
        if not self._sought:
            return ""
        *whole, last = (f" {word}" for word in self._sought)
        tests = [
            f"(instr(said, {self._value(f'{word} ')}) OR instr(said, {self._value(word + chr(10))}))" for word in whole
        ]
        tests.append(f"instr(said, {self._value(last)})")
        said = f"SELECT {SAID} || char(10) AS said FROM text WHERE id = {alias}.id LIMIT 1"
        return f" AND EXISTS (SELECT 1 FROM ({said}) WHERE {' AND '.join(tests)})"

    def _source(self) -> str:
        """Write from where the things are read whose words the index finds, and up to which filter."""
        if not self._sought:
            return "item i WHERE "
        found = self._value(normalizer.match(self._sought, whole=len(self._sought) - 1))
        return f"words CROSS JOIN item i ON i.id = words.rowid WHERE words MATCH {found} AND "

    def _better(self, scopes: str | None = None) -> str:
        """Write that a thing `i` is told of in no other way that is read rather, or (given `scopes`) not in these."""
        of = f"j.scope IN {scopes or self._within} AND j.key = i.key AND j.key IS NOT NULL"
        of += f" AND {self._asked('j', scopes)}{self._worded('j')}"
        rather = f" AND ({rank(self._scopes, 'j')}, j.id) > ({rank(self._scopes)}, i.id)" if scopes is None else ""
        return f"NOT EXISTS (SELECT 1 FROM item j INDEXED BY item_key WHERE {of}{rather})"

    def _rows(self, sql: str, **numbers: int) -> list[tuple[Any, ...]]:
        return self._read(sql, {**self._values, **numbers})

    # -- finding

    def count(self) -> int:
        """Count the things found, each once."""
        wanted = self._wanted
        sparse = bool(wanted.url or wanted.user or self._expression is not None)
        if len(self._scopes) > 1 and (sparse or (self._sought and not self._common())):
            found = self._rows(f"SELECT count(DISTINCT i.key) FROM {self._source()}{self._asked('i')}")
            return int(found[0][0]) if found else 0
        return self._count_by_scope(by_scope=not (sparse or self._sought))

    def _common(self) -> bool:
        """Whether very many things have the words."""
        match = normalizer.match(self._sought, whole=len(self._sought) - 1)
        sql = f"SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT {RANKED + 1})"
        found = self._read(sql, (match,))
        return bool(found and found[0][0] > RANKED)

    def _count_by_scope(self, *, by_scope: bool) -> int:
        """Count what is found in the largest scope, and in each smaller one what the larger do not have."""
        sizes = [(self._things(f"AND scope = {key}"), key) for key in self._scopes] if len(self._scopes) > 1 else []
        larger: list[int] = []
        total = 0
        for key in [key for _, key in sorted(sizes, reverse=True)] or self._scopes:
            once = f" AND {self._better(_listed(larger))}" if larger else ""
            asked = self._asked("i", f"({key})", by_scope=by_scope)
            found = self._rows(f"SELECT count(*) FROM {self._source()}{asked}{once}")
            total += found[0][0] if found else 0
            larger.append(key)
        return total

    def _things(self, which: str = "") -> int:
        found = self._read(f"SELECT count(*) FROM item INDEXED BY item_filtered WHERE kind = 1 {which}")
        return int(found[0][0]) if found else 0

    def soon_meets(self, wanted: int, total: int) -> bool:
        """Whether going through the things in order meets so many found ones before all could be sorted."""
        if total <= RANKED:
            return False
        looked_at = wanted * self._things() // total
        return looked_at * (LOOKING if self._sought else 1) < total

    def walk(self, limit: int, offset: int) -> list[int]:
        """Find some of very many, in the order that is asked for."""
        first: list[int] = []
        test = f"{self._asked('i')}{self._worded('i')}"
        if len(self._scopes) > 1:
            test += f" AND {self._better()}"
        head, tail = "SELECT i.id FROM item i", f"{LAST} LIMIT :limit OFFSET :offset"
        if self._wanted.sort in PERIODS:
            recent = f"SELECT subject FROM ({self._recent()})"
            rows = self._rows(
                f"SELECT i.id FROM ({self._recent()}) r CROSS JOIN item i ON i.id = r.subject WHERE {test}"
                f" ORDER BY r.recent DESC, i.flattrs DESC, {LAST}"
            )
            first = [row[0] for row in rows]
            offset, skipped = max(0, offset - len(first)), offset
            first = first[skipped : skipped + limit]
            test = f"i.id NOT IN ({recent}) AND {test}"
        column = "flattrs" if self._wanted.sort != "relevance" else "time"
        index = f"INDEXED BY item_{'flattrs' if column == 'flattrs' else 'made'}"
        rows = self._rows(
            f"{head} {index} WHERE {test} ORDER BY i.{column} DESC, {tail}", limit=limit - len(first), offset=offset
        )
        return first + [row[0] for row in rows]

    def _recent(self) -> str:
        """Write the query for the flattrs of each thing that has some in the period of the order."""
        since = f"(SELECT max(time) FROM item WHERE kind = 2 AND scope IN {self._within})"
        return (
            "SELECT subject, count(*) AS recent FROM item INDEXED BY item_newest WHERE kind = 2"
            f" AND time > {since} - {PERIODS[self._wanted.sort]} GROUP BY subject"
        )

    def all(self, *, ranked: bool) -> list[int]:
        """Find all, each thing once, in the order that is asked for."""
        sort, source, recent, score, order = self._wanted.sort, self._source(), "0", "0", "flattrs DESC"
        if sort in PERIODS:
            source = source.replace(" WHERE ", f" LEFT JOIN ({self._recent()}) r ON r.subject = i.id WHERE ", 1)
            recent, order = "coalesce(r.recent, 0)", "recent DESC, flattrs DESC"
        elif sort == "relevance" and self._sought and ranked:
            score, order = f"bm25(words, {WEIGHTS})", "score, flattrs DESC"
        elif sort == "relevance":
            order = "time DESC"
        found = (
            f"SELECT i.id, i.key, i.flattrs AS flattrs, i.time AS time, {recent} AS recent, {score} AS score,"
            f" {rank(self._scopes)} AS rank FROM {source}{self._asked('i')}"
        )
        last = "CAST(key AS INTEGER) DESC"
        if len(self._scopes) == 1:
            return [row[0] for row in self._rows(f"SELECT id FROM ({found}) ORDER BY {order}, {last}")]
        # Of each thing the row with the greatest rank: SQLite takes the other columns from where the one `max` is. The
        # limit keeps the inner query apart, without which `bm25` has no meaning in a group.
        grouped = f"SELECT id, max(rank) FROM ({found} LIMIT -1) GROUP BY key ORDER BY {order}, {last}"
        return [row[0] for row in self._rows(grouped)]

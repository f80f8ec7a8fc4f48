"""Searching what is saved: the service's own search of things, and suggesting names.

Who searches is given as a `Scope`, and finds what may be read there: of a source, what it told the account and what it
tells everybody; of the source `saved`, that of every source. What several of these tell of one thing is one find.

Source of the filters' meaning: `flattr/developers.flattr.net`, content/api/resources/things.md, 'Search things'.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from flattr_tui.model import tags
from flattr_tui.model.source import SourceKind
from flattr_tui.store import words
from flattr_tui.store.database import Database
from flattr_tui.store.reading import Read, Shelf
from flattr_tui.store.shapes import Found, Scope, ThingFilter
from flattr_tui.store.snippets import texts

DAY: Final = 86_400
PERIODS: Final = {"flattrs_month": 30 * DAY, "flattrs_week": 7 * DAY, "flattrs_day": DAY, "trend": 90 * DAY}
"""Seconds back from the newest saved flattr in which a sort counts the saved flattrs."""
RANKED: Final = 5_000
"""Of more matches than these, the best by their words are not told apart: the newest come first."""
WEIGHTS: Final = "8, 1, 4, 4"
"""How much a word counts in title, description, tags and owner."""
IMPORTED: Final = 1e12
"""What is added to the time (Unix seconds) of what was imported: it is read before what was fetched."""
_WORD: Final = re.compile(r"[^\W_]+")


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

    def search(self, scope: Scope, wanted: ThingFilter, limit: int, offset: int) -> Found:
        """Find things, hidden ones left out; raises `TagSyntaxError` for a tag expression that does not parse."""
        expression = tags.parse(wanted.tags) if wanted.tags.strip() else None
        typed = _WORD.findall(wanted.query)[: words.MAX_WORDS]
        sought = tuple(folded for word in typed if (folded := words.fold(word)))
        scopes = readable(self._database.read, scope)
        if not scopes or (wanted.query.strip() and not sought):
            return Found([], 0)
        where, values = _filters(scopes, wanted)
        if expression is not None:
            test, named = _tag_test(expression)
            where.append(test)
            values += named
        source = "item i"
        if sought:
            source = "words JOIN item i ON i.id = words.rowid"
            where.append("words MATCH ?")
            values.append(words.match(sought, whole=len(sought) - 1))
        having = " AND ".join(where)
        if any(" " in word for word in sought):  # Han is found inside a run too, which the service does not do
            return self._strictly(
                typed, _ordered(scopes, source, having, wanted.sort, ranked=True), values, limit, offset
            )
        counted = "count(*)" if len(scopes) == 1 else "count(DISTINCT i.key)"
        count = self._database.read(f"SELECT {counted} FROM {source} WHERE {having}", values)
        total = count[0][0] if count else 0
        sql = _ordered(scopes, source, having, wanted.sort, ranked=bool(sought) and total <= RANKED)
        rows = self._database.read(f"{sql} LIMIT ? OFFSET ?", [*values, limit, offset])
        return Found([row[0] for row in rows], total)

    def _strictly(self, typed: Sequence[str], sql: str, values: Sequence[Any], limit: int, offset: int) -> Found:
        """Search for words that the index finds inside others too: look at each match as the service would."""
        rows = self._database.read(sql, values)
        shelf = Shelf(self._database.read)
        shelf.load(row[0] for row in rows)
        exact = [words.fold(word, split=False) for word in typed]
        found = []
        for item, *_ in rows:
            entity = shelf.entity(item)
            if entity is None:
                continue
            said = " ".join(words.fold(text, split=False) for text in texts(entity)).split()
            if set(exact[:-1]) <= set(said) and any(word.startswith(exact[-1]) for word in said):
                found.append(item)
        return Found(found[offset : offset + limit] if limit >= 0 else found[offset:], len(found))

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


def _filters(scopes: dict[int, Scope], wanted: ThingFilter) -> tuple[list[str], list[Any]]:
    """Write all filters but the words and the tags as SQL over `i`."""
    within = f"({','.join(map(str, scopes))})"
    where = [f"i.scope IN {within}", "i.kind = 1", "i.hidden IS NOT 1"]
    values: list[Any] = []
    if wanted.url:
        where.append("i.url = ?")
        values.append(wanted.url.rstrip("/"))
    if wanted.user:
        where.append(f"i.person IN (SELECT id FROM item WHERE kind = 0 AND owner = ? AND scope IN {within})")
        values.append(wanted.user.lower())
    for column, chosen in (("language", wanted.languages), ("category", wanted.categories)):
        if chosen:
            where.append(f"i.{column} IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(chosen)))
    return where, values


def _ordered(scopes: dict[int, Scope], source: str, having: str, sort: str, *, ranked: bool) -> str:
    """Write the query for the ids of the things found, each thing once, in the order that is asked for."""
    recent, score, order = "0", "0", "flattrs DESC"
    if sort in PERIODS:
        within = ",".join(map(str, scopes))
        source += (
            " LEFT JOIN (SELECT subject, count(*) AS recent FROM item INDEXED BY item_subject WHERE kind = 2 AND time >"
            f" (SELECT max(time) FROM item WHERE kind = 2 AND scope IN ({within})) - {PERIODS[sort]} GROUP BY subject)"
            " r ON r.subject = i.id"
        )
        recent, order = "coalesce(r.recent, 0)", "recent DESC, flattrs DESC"
    elif sort == "relevance" and ranked:
        score, order = f"bm25(words, {WEIGHTS})", "score, flattrs DESC"
    elif sort == "relevance":
        order = "time DESC"
    found = (
        f"SELECT i.id, i.key, i.flattrs AS flattrs, i.time AS time, {recent} AS recent, {score} AS score,"
        f" {rank(scopes)} AS rank FROM {source} WHERE {having}"
    )
    last = "CAST(key AS INTEGER) DESC"
    if len(scopes) == 1:
        return f"SELECT id FROM ({found}) ORDER BY {order}, {last}"
    # Of each thing the row with the greatest rank: SQLite takes the other columns from where the one `max` is. The
    # limit keeps the inner query apart, without which `bm25` has no meaning in a group.
    return f"SELECT id, max(rank) FROM ({found} LIMIT -1) GROUP BY key ORDER BY {order}, {last}"


def _tag_test(expression: tags.Expression) -> tuple[str, list[str]]:
    """Write a tag expression as SQL over `i.id`."""
    match expression:
        case tags.Tag(name):
            return "i.id IN (SELECT item FROM tag WHERE folded = ?)", [name.casefold()]
        case tags.Not(part):
            test, values = _tag_test(part)
            return f"NOT ({test})", values
        case tags.And(left, right) | tags.Or(left, right):
            word = "AND" if isinstance(expression, tags.And) else "OR"
            one, other = _tag_test(left), _tag_test(right)
            return f"({one[0]} {word} {other[0]})", [*one[1], *other[1]]

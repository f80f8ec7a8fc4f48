"""Searching what is saved: the service's own search of things, finding words in everything, suggesting names.

Source of the filters' meaning: `flattr/developers.flattr.net`, content/api/resources/things.md, 'Search things'.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from flattr_tui.model import tags
from flattr_tui.model.entities import Activity, Item, Thing, User
from flattr_tui.store import words
from flattr_tui.store.database import Database
from flattr_tui.store.reading import Shelf
from flattr_tui.store.shapes import Found, Hit, Scope, ThingFilter
from flattr_tui.store.tables import ItemKind

DAY: Final = 86_400
PERIODS: Final = {"flattrs_month": 30 * DAY, "flattrs_week": 7 * DAY, "flattrs_day": DAY, "trend": 90 * DAY}
"""Seconds back from the newest saved flattr in which a sort counts the saved flattrs."""
RANKED: Final = 5_000
"""Of more matches than these, the best by their words are not told apart as you type: the most flattred come first."""
SNIPPET: Final = 120
"""Characters of a snippet."""
WEIGHTS: Final = "8, 1, 4, 4"
"""How much a word counts in title, description, tags and owner."""
KINDS: Final = {"user": ItemKind.USER, "thing": ItemKind.THING, "activity": ItemKind.ACTIVITY}
_NAMES: Final = {kind: name for name, kind in KINDS.items()}
_WORD: Final = re.compile(r"[^\W_]+")


class Searcher:
    """Searches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, scope: Scope, wanted: ThingFilter, limit: int, offset: int) -> Found:
        """Find things, hidden ones left out; raises `TagSyntaxError` for a tag expression that does not parse."""
        expression = tags.parse(wanted.tags) if wanted.tags.strip() else None
        typed = _WORD.findall(wanted.query)[: words.MAX_WORDS]
        sought = tuple(folded for word in typed if (folded := words.fold(word)))
        if wanted.query.strip() and not sought:
            return Found([], 0)
        where, values = self._filters(scope, wanted)
        if expression is not None:
            test, named = _tag_test(expression)
            where.append(test)
            values += named
        source = "FROM item i"
        if sought:
            source = "FROM words JOIN item i ON i.id = words.rowid"
            where.append("words MATCH ?")
            values.append(words.match(sought, whole=len(sought) - 1))
        sql = f"{source} WHERE {' AND '.join(where)}"
        if any(" " in word for word in sought):  # Han is found inside a run too, which the service does not do
            return self._strictly(typed, sql, values, wanted.sort, limit, offset)
        total = self._database.read(f"SELECT count(*) {sql}", values)[0:1]
        count = total[0][0] if total else 0
        joins, order = self._order(wanted.sort, ranked=bool(sought) and count <= RANKED)
        rows = self._database.read(
            f"SELECT i.id {source}{joins} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT ? OFFSET ?",
            [*values, limit, offset],
        )
        return Found([row[0] for row in rows], count)

    def _filters(self, scope: Scope, wanted: ThingFilter) -> tuple[list[str], list[Any]]:
        known = self._database.read("SELECT id FROM scope WHERE source = ? AND account = ?", scope)
        where = ["i.scope = ?", "i.kind = 1", "i.hidden IS NOT 1"]
        values: list[Any] = [known[0][0] if known else 0]
        if wanted.url:
            where.append("i.url = ?")
            values.append(wanted.url.rstrip("/"))
        if wanted.user:
            where.append("i.person IN (SELECT id FROM item WHERE kind = 0 AND owner = ? AND scope = ?)")
            values += [wanted.user.lower(), values[0]]
        for column, chosen in (("language", wanted.languages), ("category", wanted.categories)):
            if chosen:
                where.append(f"i.{column} IN (SELECT value FROM json_each(?))")
                values.append(json.dumps(list(chosen)))
        return where, values

    def _order(self, sort: str, *, ranked: bool) -> tuple[str, str]:
        if sort in PERIODS:
            recent = (
                " LEFT JOIN (SELECT subject, count(*) AS recent FROM item INDEXED BY item_subject WHERE kind = 2"
                f" AND time > (SELECT max(time) FROM item WHERE kind = 2) - {PERIODS[sort]} GROUP BY subject) r"
                " ON r.subject = i.id"
            )
            return recent, "coalesce(r.recent, 0) DESC, i.flattrs DESC, i.id"
        if sort == "relevance" and ranked:
            return "", f"bm25(words, {WEIGHTS}), i.flattrs DESC, i.id"
        if sort == "relevance":
            return "", "i.time DESC, i.id"
        return "", "i.flattrs DESC, i.id"

    def _strictly(
        self, typed: Sequence[str], sql: str, values: Sequence[Any], sort: str, limit: int, offset: int
    ) -> Found:
        """Search for words that the index finds inside others too: look at each match as the service would."""
        joins, order = self._order(sort, ranked=True)
        head, _, tail = sql.partition(" WHERE ")
        rows = self._database.read(f"SELECT i.id {head}{joins} WHERE {tail} ORDER BY {order}", values)
        shelf = Shelf(self._database.read)
        shelf.load(row[0] for row in rows)
        exact = [words.fold(word, split=False) for word in typed]
        found = []
        for (item,) in rows:
            entity = shelf.entity(item)
            if entity is None:
                continue
            said = " ".join(words.fold(text, split=False) for text in _texts(entity)).split()
            if set(exact[:-1]) <= set(said) and any(word.startswith(exact[-1]) for word in said):
                found.append(item)
        return Found(found[offset : offset + limit], len(found))

    def find(self, scopes: Iterable[Scope] | None, text: str, kinds: Iterable[str], limit: int) -> list[Hit]:
        """Find words (prefixes) in all users, things and activities, newest answers last among equals."""
        sought = words.typed(text)
        if not sought:
            return []
        readable = {
            key: Scope(source, account)
            for key, source, account in self._database.read("SELECT id, source, account FROM scope")
        }
        if scopes is not None:
            allowed = set(scopes)
            readable = {key: scope for key, scope in readable.items() if scope in allowed}
        chosen = [KINDS[kind] for kind in kinds] or list(KINDS.values())
        inner = "SELECT rowid FROM words WHERE words MATCH ?"
        few = len(self._database.read(f"{inner} LIMIT {RANKED + 1}", (words.match(sought),))) <= RANKED
        order = f"ORDER BY bm25(words, {WEIGHTS})" if few else "ORDER BY words.rowid DESC"
        rows = self._database.read(
            "SELECT i.id, i.kind, i.scope FROM words CROSS JOIN item i ON i.id = words.rowid WHERE words MATCH ?"
            " AND i.kind IN (SELECT value FROM json_each(?)) AND i.scope IN (SELECT value FROM json_each(?))"
            f" {order} LIMIT ?",
            (words.match(sought), json.dumps(chosen), json.dumps(list(readable)), limit),
        )
        entries = {
            item: entry
            for (item, *_), entry in zip(
                rows, Shelf(self._database.read).entries([row[0] for row in rows]), strict=False
            )
        }
        return [
            Hit(entry, _NAMES[ItemKind(kind)], *snippet(entry.item, sought), readable[scope])
            for item, kind, scope in rows
            if (entry := entries.get(item)) is not None and entry.item is not None
        ]

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


def _texts(entity: Item) -> list[str]:
    """Return the texts that an item is found by, the most telling first."""
    match entity:
        case Thing():
            owner = entity.owner
            named = [owner.username, owner.firstname, owner.lastname] if owner else []
            found = [entity.title, " · ".join(entity.tags or ()), entity.description, *named]
        case User():
            found = [entity.username, entity.name, entity.about, entity.city, entity.country]
        case Activity():
            found = [entity.title, entity.object_name, entity.actor_name]
        case _:
            found = []
    return [text for text in found if text]


def snippet(entity: Item, sought: tuple[str, ...]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Cut the piece of an item's text with the most of the words, on one line, and say where in it they are."""
    best, most = "", -1
    for text in _texts(entity)[1:] or _texts(entity):
        line = " ".join(text.split())
        marks = words.spans(line[:2_000], sought)
        if len(marks) > most:
            start = max(0, marks[0][0] - SNIPPET // 3) if marks else 0
            start = line.rfind(" ", 0, start + 1) + 1 if start else 0
            best, most = line[start : start + SNIPPET], len(marks)
    return best, tuple(words.spans(best, sought))

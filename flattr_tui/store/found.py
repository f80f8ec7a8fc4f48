"""Finding words in everything saved: users, things, flattrs and activities.

Users, things and activities have words of their own. A flattr has none: it is found by the words of its thing, by
those of who flattred, or by some of each, so that `ada maps` finds ada's flattrs of maps.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from flattr_tui.model.source import SourceKind
from flattr_tui.store import words
from flattr_tui.store.database import Database
from flattr_tui.store.reading import Shelf
from flattr_tui.store.searching import RANKED, WEIGHTS, rank, readable
from flattr_tui.store.shapes import Entry, Hit, Scope
from flattr_tui.store.snippets import snippet
from flattr_tui.store.tables import ItemKind

KINDS: Final = {
    "user": ItemKind.USER,
    "thing": ItemKind.THING,
    "flattr": ItemKind.FLATTR,
    "activity": ItemKind.ACTIVITY,
}
"""What words are found in, by name."""
PARTED: Final = 4
"""Of the first so many words each is tried as a name of who flattred, with the others in the thing."""


class _Row(NamedTuple):
    item: int
    scope: int
    rank: float
    """Of the same item in several scopes the one with the greatest is shown."""
    time: int


class Finder:
    """Finds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, scope: Scope, text: str, kinds: Iterable[str], limit: int) -> list[Hit]:
        """Find words (their beginnings) in what may be read, and in what was imported: kind by kind, the best first.

        `limit` is of each kind; no `kinds` are all. Of flattrs the newest come first, and where very many things have
        the words, not all are gone through.
        """
        sought = words.typed(text)
        scopes = readable(self._database.read, scope)
        scopes |= self._imported()
        if not sought or not scopes:
            return []
        return [hit for kind in tuple(kinds) or KINDS for hit in self._of_kind(scopes, sought, kind, limit)]

    def _imported(self) -> dict[int, Scope]:
        named = Scope(SourceKind.SAVED.value)
        found = self._database.read("SELECT id FROM scope WHERE source = ? AND account = ?", named)
        return {row[0]: named for row in found}

    def _of_kind(self, scopes: dict[int, Scope], sought: tuple[str, ...], kind: str, limit: int) -> Iterator[Hit]:
        most = limit * len(scopes)  # each scope may have the same once
        rows = self._flattrs(scopes, sought, most) if kind == "flattr" else self._worded(scopes, sought, kind, most)
        best: dict[str, tuple[_Row, Entry]] = {}
        for row, entry in zip(rows, self._entries(rows), strict=True):
            if entry is not None and (entry.key not in best or row.rank > best[entry.key][0].rank):
                best[entry.key] = (row, entry)
        for row, entry in list(best.values())[:limit]:
            if entry.item is not None:
                yield Hit(entry, kind, *snippet(entry.item, sought), scopes[row.scope])

    def _entries(self, rows: Sequence["_Row"]) -> list[Entry | None]:
        shelf = Shelf(self._database.read)
        shelf.load(row.item for row in rows)
        return [next(iter(shelf.entries([row.item])), None) for row in rows]

    def _worded(self, scopes: dict[int, Scope], sought: tuple[str, ...], kind: str, limit: int) -> list[_Row]:
        """Find what has words of its own."""
        match = words.match(sought)
        few = self._database.read(f"SELECT rowid FROM words WHERE words MATCH ? LIMIT {RANKED + 1}", (match,))
        within = ",".join(map(str, scopes))
        order = f"bm25(words, {WEIGHTS})" if len(few) <= RANKED else "words.rowid DESC"
        return self._rows(
            f"{_head(scopes)} words CROSS JOIN item i ON i.id = words.rowid"
            f" WHERE words MATCH ? AND i.kind = ? AND i.scope IN ({within}) ORDER BY {order} LIMIT ?",
            (match, KINDS[kind], limit),
        )

    def _flattrs(self, scopes: dict[int, Scope], sought: tuple[str, ...], limit: int) -> list[_Row]:
        """Find flattrs by the words of their things and of who flattred."""
        within = ",".join(map(str, scopes))
        head = _head(scopes)
        tail = f"i.kind = 2 AND i.scope IN ({within}) ORDER BY i.time DESC LIMIT ?"
        things = f"SELECT rowid FROM words WHERE words MATCH ? LIMIT {RANKED}"
        rows = self._rows(
            f"{head} ({things}) w CROSS JOIN item i ON i.subject = w.rowid WHERE {tail}", (words.match(sought), limit)
        )
        whole: list[tuple[tuple[str, ...], tuple[str, ...]]] = [(sought, ())]
        parted = [((word,), sought[:at] + sought[at + 1 :]) for at, word in enumerate(sought[:PARTED])]
        for names, others in [*whole, *(parted if len(sought) > 1 else ())]:
            people = json.dumps(self._people(within, names))
            by = f"{head} json_each(?) p CROSS JOIN item i ON i.person = p.value WHERE "
            if not others:
                rows += self._rows(by + tail, (people, limit))
            elif people != "[]":
                rows += self._rows(
                    f"{by} i.subject IN (SELECT rowid FROM words WHERE words MATCH ?) AND {tail}",
                    (people, words.match(others), limit),
                )
        return sorted(rows, key=lambda row: row.time, reverse=True)

    def _people(self, within: str, names: tuple[str, ...]) -> list[int]:
        """Find the users that are called so."""
        return [
            row[0]
            for row in self._database.read(
                "SELECT i.id FROM words CROSS JOIN item i ON i.id = words.rowid WHERE words MATCH ?"
                f" AND i.kind = 0 AND i.scope IN ({within}) LIMIT {RANKED}",
                (f"title : ({words.match(names)})",),
            )
        ]

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[_Row]:
        return [_Row(*row) for row in self._database.read(sql, values)]


def _head(scopes: dict[int, Scope]) -> str:
    return f"SELECT i.id, i.scope, {rank(scopes)}, coalesce(i.time, 0) FROM"

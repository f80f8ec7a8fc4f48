"""Finding words in everything saved: users, things, flattrs and activities.

Users, things and activities have words of their own. A flattr has none: it is found by the words of its thing, by
those of who flattred, or by some of each, so that `ada maps` finds ada's flattrs of maps.

What is shown first must come quickly, for every keystroke and however common a word is. So the words' index is asked
where it gives few matches; where it gives many, the newest flattrs are gone through, or all of a kind that are few,
which soon finds enough.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

from flattr_tui.model.source import SourceKind
from flattr_tui.store import normalizer
from flattr_tui.store.database import Database
from flattr_tui.store.item_reader import Read, Shelf
from flattr_tui.store.list_sorter import SAID
from flattr_tui.store.schema import ItemKind
from flattr_tui.store.thing_search import WEIGHTS, rank, readable
from flattr_tui.store.types import Entry, Hit, Scope

KINDS: Final = {
    "user": ItemKind.USER,
    "thing": ItemKind.THING,
    "flattr": ItemKind.FLATTR,
    "activity": ItemKind.ACTIVITY,
}
"""What words are found in, by name."""
PARTED: Final = 4
"""Of the first so many words each is tried as a name of who flattred, with the others in the thing."""
RANKED: Final = 2_000
"""Of more matches than these, the best by their words are not told apart: the newest come first."""
FEW: Final = 2_000
"""Of a kind of which there are no more than these, all are gone through for a common word."""
GLIMPSE: Final = 500
"""The newest flattrs, by which it is seen how common words are among them."""
WALK: Final = 1_000
"""So many more of the newest flattrs are gone through, where enough will be found among them."""
REACHED: Final = 10_000
"""Things whose flattrs are looked for; of more, not all are."""


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

    def find(
        self, scope: Scope, text: str, kinds: Iterable[str], limit: int, given_up: Callable[[], bool] | None = None
    ) -> list[Hit]:
        """Find words (their beginnings) in what may be read, and in what was imported: kind by kind, the best first.

        `limit` is of each kind; no `kinds` are all. Of flattrs the newest come first, and where very many things have
        the words, not all are gone through. Raises `GivenUpError` once `given_up` says that nobody waits any more.
        """
        sought = normalizer.typed(text)
        read = self._database.until(given_up)
        scopes = readable(read, scope)
        scopes |= _imported(read)
        if not sought or not scopes:
            return []
        look = _Look(read, scopes, sought, limit)
        return [hit for kind in tuple(kinds) or KINDS for hit in look.of_kind(kind)]


def _imported(read: Read) -> dict[int, Scope]:
    named = Scope(SourceKind.SAVED.value)
    return {row[0]: named for row in read("SELECT id FROM scope WHERE source = ? AND account = ?", named)}


class _Look:
    """One look for words."""

    def __init__(self, read: Read, scopes: dict[int, Scope], sought: tuple[str, ...], limit: int) -> None:
        self._read = read
        self._scopes = scopes
        self._sought = sought
        self._limit = limit
        self._most = limit * len(scopes)  # each scope may have the same once
        self._within = ",".join(map(str, scopes))
        self._head = f"SELECT i.id AS id, i.scope AS scope, {rank(scopes)} AS rank, coalesce(i.time, 0) AS time"
        self._shelf = Shelf(read)

    def of_kind(self, kind: str) -> Iterator[Hit]:
        """Find items of one kind, each once."""
        rows = self._flattrs() if kind == "flattr" else self._worded(KINDS[kind])
        for row, entry in list(self._best(rows))[: self._limit]:
            yield Hit(entry, kind, self._scopes[row.scope])

    def _best(self, rows: list[_Row]) -> Iterable[tuple[_Row, Entry]]:
        """Read items; of those that several scopes tell of, the best."""
        rows = list({row.item: row for row in rows}.values())[: self._most]
        best: dict[str, tuple[_Row, Entry]] = {}
        for entry in self._shelf.entries([row.item for row in rows]):
            row = rows[entry.position]
            if entry.key not in best or row.rank > best[entry.key][0].rank:
                best[entry.key] = (row, entry)
        return best.values()

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[_Row]:
        return [_Row(*row) for row in self._read(sql, values)]

    def _number(self, sql: str, most: int, values: tuple[Any, ...] = ()) -> int:
        """Count the rows of a query, as far as it matters."""
        found = self._read(f"SELECT count(*) FROM ({sql} LIMIT {most})", values)
        return int(found[0][0]) if found else 0

    # -- what has words of its own

    @cached_property
    def _common(self) -> bool:
        """Whether so much has the words that the best of it are not told apart."""
        match = normalizer.match(self._sought)
        return self._number("SELECT 1 FROM words WHERE words MATCH ?", RANKED + 1, (match,)) > RANKED

    def _worded(self, kind: ItemKind) -> list[_Row]:
        """Find the best; of very many the newest."""
        held = f"i.kind = {kind:d} AND i.key IS NOT NULL AND i.scope IN ({self._within})"
        there = self._number(f"SELECT 1 FROM item i WHERE {held}", FEW + 1)
        if not there:
            return []
        if self._common and there <= FEW:
            having = " AND ".join(["instr(said, ?) > 0"] * len(self._sought))
            said = f"(SELECT {SAID} FROM text WHERE id = i.id) AS said"
            return self._rows(
                f"SELECT id, scope, rank, time FROM ({self._head}, {said} FROM item i WHERE {held} LIMIT -1)"
                f" WHERE {having} ORDER BY id DESC LIMIT {self._most}",
                tuple(f" {word}" for word in self._sought),
            )
        order = "words.rowid DESC" if self._common else f"bm25(words, {WEIGHTS})"
        narrow = " INDEXED BY item_worded" if kind in {ItemKind.USER, ItemKind.ACTIVITY} else ""
        return self._rows(
            f"{self._head} FROM words CROSS JOIN item i{narrow} ON i.id = words.rowid WHERE words MATCH ?"
            f" AND {held}{' AND i.kind IN (0, 3)' if narrow else ''}"
            f" ORDER BY {order} LIMIT {self._most}",
            (normalizer.match(self._sought),),
        )

    # -- flattrs

    def _flattrs(self) -> list[_Row]:
        """Find flattrs by the words of their things and of who flattred, the newest first."""
        seen, newest = self._newest(0, GLIMPSE)
        if seen == GLIMPSE and len(newest) < self._most <= len(newest) * (GLIMPSE + WALK) // GLIMPSE:
            more, others = self._newest(GLIMPSE, WALK)
            seen, newest = seen + more, newest + others
        if len(newest) >= self._most or seen < GLIMPSE:
            return newest
        return sorted(self._by_index(), key=lambda row: row.time, reverse=True)

    def _newest(self, after: int, most: int) -> tuple[int, list[_Row]]:
        """Go through some of the newest flattrs; returns how many there were, and those that have the words."""
        said, named = (
            " | ".join(f"((instr({where}, ?{bit + 1}) > 0) << {bit})" for bit in range(len(self._sought)))
            for where in ("said", "named")
        )
        rows = self._read(
            f"SELECT id, scope, rank, time, {said}, {named} FROM ({self._head},"
            f" (SELECT {SAID} FROM text WHERE id = i.subject) AS said,"
            " (SELECT ' ' || title FROM text WHERE id = i.person) AS named"
            f" FROM item i INDEXED BY item_newest WHERE i.kind = 2 AND i.scope IN ({self._within})"
            f" ORDER BY i.time DESC LIMIT {most} OFFSET {after})",
            tuple(f" {word}" for word in self._sought),
        )
        return len(rows), [_Row(*row) for *row, thing, person in rows if self._has(thing or 0, person or 0)]

    def _has(self, thing: int, person: int) -> bool:
        """Whether a flattr has all words: thing and person have those whose bits are set."""
        every = (1 << len(self._sought)) - 1
        missing = every & ~thing
        named = missing & (missing - 1) == 0 and missing < 1 << PARTED and person & missing
        return not missing or person == every or bool(named)

    def _by_index(self) -> list[_Row]:
        """Find flattrs by words that few have."""
        tail = f"i.kind = 2 AND i.scope IN ({self._within}) ORDER BY i.time DESC LIMIT {self._most}"
        things = f"SELECT rowid FROM words WHERE words MATCH ? LIMIT {REACHED}"
        of_things = f"{self._head} FROM ({things}) w CROSS JOIN item i ON i.subject = w.rowid WHERE "
        of_people = f"{self._head} FROM json_each(?) p CROSS JOIN item i ON i.person = p.value WHERE "
        rows = self._rows(of_things + tail, (normalizer.match(self._sought),))
        called = self._called()
        every = (1 << len(self._sought)) - 1
        rows += self._rows(of_people + tail, (json.dumps([key for key, names in called if names == every]),))
        for at in range(min(PARTED, len(self._sought)) if every > 1 else 0):
            people = json.dumps([key for key, names in called if names >> at & 1])
            others = normalizer.match(self._sought[:at] + self._sought[at + 1 :])
            if people == "[]":
                continue
            count = "SELECT 1 FROM json_each(?) p CROSS JOIN item i ON i.person = p.value AND i.kind = 2"
            if self._number(count, REACHED + 1, (people,)) <= REACHED:
                test = "i.subject IN (SELECT rowid FROM words WHERE words MATCH ?) AND "
                rows += self._rows(of_people + test + tail, (people, others))
            else:
                test = "+i.person IN (SELECT value FROM json_each(?)) AND "
                rows += self._rows(of_things + test + tail, (others, people))
        return rows

    def _called(self) -> list[tuple[int, int]]:
        """Find the users that are called by some of the words, and by which."""
        names = " | ".join(f"((instr(' ' || title, ?{bit + 1}) > 0) << {bit})" for bit in range(len(self._sought)))
        return [
            (key, called)
            for key, called in self._read(
                f"SELECT id, {names} AS names FROM item INDEXED BY item_called"
                f" WHERE kind = 0 AND scope IN ({self._within}) AND names",
                tuple(f" {word}" for word in self._sought),
            )
        ]

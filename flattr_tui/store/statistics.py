"""Counts over what is saved, for drawing.

Who counts is given as a `Scope`, and everybody's flattrs are those that may be read there (`store.searching.readable`).
A flattr that several scopes tell of, as one's own list and the public one do, counts once.
"""

from array import array
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from flattr_tui.model.api_request import Request
from flattr_tui.model.source import SourceKind
from flattr_tui.store.database import Database
from flattr_tui.store.list_writer import arguments
from flattr_tui.store.schema import decode_fields
from flattr_tui.store.thing_search import readable
from flattr_tui.store.types import FeedFacts, Figures, Scope, Tally

_MOST: Final = 100
_DAY: Final = 86_400
DIMENSIONS: Final = ("month", "day", "owner", "thing", "category", "language", "tag", "user")
"""What can be counted by; `user` is who flattred."""

_SUBJECTS: Final = {
    "owner": "SELECT t.id FROM item t JOIN item u ON u.id = t.person WHERE t.kind = 1 AND u.key = ?",
    "thing": "SELECT id FROM item WHERE kind = 1 AND key = ?",
    "category": "SELECT id FROM item WHERE kind = 1 AND category = ?",
    "language": "SELECT id FROM item WHERE kind = 1 AND language = ?",
    "tag": "SELECT item FROM tag WHERE folded = ?",
}
"""The things that a bar stands for, by what is counted."""


def list_of(facts: Callable[[Scope, Request], FeedFacts], scope: Scope, username: str) -> FeedFacts:
    """Choose the saved list that a user's flattrs are counted in; its id is 0 where none is saved.

    It is the longest one. Where the scope's account is that user, one's own counts too: before all others once it is
    whole, since the public one lacks what is hidden.
    """
    asked = [
        (Scope(scope.source, account), Request.of("user-flattrs", username=username, full=full))
        for account in dict.fromkeys((scope.account, ""))
        for full in ("1", "")
    ]
    public = [(False, facts(*question)) for question in asked]
    own = [(True, facts(scope, Request.of("my-flattrs", full=full))) for full in ("1", "") if scope.account == username]
    ranked = max(own + public, key=lambda pair: (pair[0] and pair[1].ended, pair[1].saved, pair[0], pair[1].ended))
    return ranked[1]


class _Whose(NamedTuple):
    """Which flattrs are meant."""

    sql: str
    """FROM and JOINs; the flattrs are `f`."""
    values: tuple[Any, ...]
    total: int | None = None
    """How many there are in all, where that is known."""
    several: bool = False
    """Whether their things may be of several scopes."""


class Counter:
    """Counts saved flattrs; call it in a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def figures(self, scope: Scope, username: str) -> Figures:
        """Count over the saved flattrs of a user."""
        whose = self._whose(scope, username)
        days = self._days(whose)
        things = self._things(whose)
        return Figures(
            counted=sum(number for _, number in things),
            of=whose.total,
            by_month=tuple((tally.key, tally.count) for tally in _months(days)),
            by_day=tuple((_date(day), number) for day, number in days),
            supported=tuple((tally.key, tally.count) for tally in self._by_column(things, "owner", _MOST)),
            things=tuple(self._by_thing(whose, things, 50)),
            categories=tuple((tally.key, tally.count) for tally in self._by_column(things, "category", _MOST)),
            languages=tuple((tally.key, tally.count) for tally in self._by_column(things, "language", _MOST)),
            tags=tuple((tally.label, tally.count) for tally in self._by_tag(things, _MOST)),
        )

    def counts(self, scope: Scope | None, dimension: str, username: str | None, limit: int) -> list[Tally]:
        """Count by one dimension; raises `ValueError` for one that is none of `DIMENSIONS`."""
        whose = self._whose(scope, username)
        if dimension in {"month", "day"}:
            days = self._days(whose)
            return _months(days) if dimension == "month" else [Tally(_date(d), _date(d), n) for d, n in days]
        if dimension == "user":
            return [
                Tally(name, name, number)
                for name, number in self._database.read(
                    f"SELECT p.key, count(*) AS n {whose.sql} JOIN item p ON p.id = f.person GROUP BY p.key"
                    " ORDER BY n DESC, p.key LIMIT ?",
                    (*whose.values, limit),
                )
            ]
        things = self._things(whose)
        if dimension in {"owner", "category", "language"}:
            return self._by_column(things, dimension, limit)
        if dimension == "thing":
            return self._by_thing(whose, things, limit)
        if dimension == "tag":
            return self._by_tag(things, limit)
        raise ValueError(f"{dimension} is none of {', '.join(DIMENSIONS)}")

    def flattrs(
        self, scope: Scope | None, dimension: str, key: str, start: int | None, stop: int | None
    ) -> "array[int]":
        """List the ids of everybody's saved flattrs that `counts` counts as `key`, or between two moments."""
        whose = self._whose(scope, None)
        given: list[Any]
        if start is not None and stop is not None:
            asked, given = "f.time >= ? AND f.time < ?", [start, stop]
        else:
            asked, given = f"f.subject IN ({_SUBJECTS[dimension]})", [key]
        rows = self._database.read(
            f"SELECT f.id {whose.sql} WHERE {asked} ORDER BY f.time DESC, f.id DESC", (*whose.values, *given)
        )
        return array("q", (row[0] for row in rows))

    def _whose(self, scope: Scope | None, username: str | None) -> _Whose:
        """Say which flattrs are meant.

        Of one user, those in the user's own list where there is one: what is gone from it does not count.
        """
        scope = scope or Scope(SourceKind.SAVED)
        if username is not None and (listed := list_of(self._facts, scope, username)).id:
            total = listed.saved if listed.ended else None
            return _Whose("FROM member m JOIN item f ON m.feed = ? AND f.id = m.item", (listed.id,), total)
        found = readable(self._database.read, scope)
        scopes = sorted(found, key=lambda key: (found[key].account != "", key))
        within, once, several = _of(scopes), _once(scopes), len(scopes) > 1
        if username is None:
            return _Whose(f"FROM (SELECT 1) JOIN item f ON f.kind = 2 AND f.scope {within}{once}", (), None, several)
        who = f"u.kind = 0 AND u.key = ? AND u.scope {within}"
        return _Whose(
            f"FROM item u JOIN item f ON f.person = u.id AND f.kind = 2 AND {who}{once}", (username,), None, several
        )

    def _facts(self, scope: Scope, request: Request) -> FeedFacts:
        """Say as much of a list as `list_of` asks."""
        found = self._database.read(
            "SELECT f.id, f.saved, f.ended FROM feed f JOIN scope s ON s.id = f.scope"
            " WHERE f.method = ? AND f.arguments = ? AND s.source = ? AND s.account = ?",
            (request.method, arguments(request), *scope),
        )
        return next((FeedFacts(id=key, saved=saved, ended=bool(ended)) for key, saved, ended in found), FeedFacts())

    def _days(self, whose: _Whose) -> list[tuple[int, int]]:
        return self._database.read(
            f"SELECT f.time / {_DAY} AS day, count(*) {whose.sql} WHERE f.time BETWEEN 0 AND 4102444800"
            " GROUP BY day ORDER BY day",
            whose.values,
        )

    def _things(self, whose: _Whose) -> list[tuple[int, int]]:
        return self._database.read(f"SELECT f.subject, count(*) {whose.sql} GROUP BY f.subject", whose.values)

    def _column(self, things: Iterable[tuple[int, int]], column: str) -> dict[int, str]:
        wanted = {thing for thing, _ in things}
        if column == "owner":
            rows = self._database.read("SELECT t.id, u.key FROM item t JOIN item u ON u.id = t.person WHERE t.kind = 1")
        else:
            rows = self._database.read(f"SELECT id, {column} FROM item WHERE kind = 1")
        return {key: value for key, value in rows if value and key in wanted}

    def _by_column(self, things: list[tuple[int, int]], column: str, limit: int) -> list[Tally]:
        names = self._column(things, column)
        counts: Counts[str] = Counts()
        for thing, number in things:
            if thing in names:
                counts[names[thing]] += number
        return [Tally(name, name, number) for name, number in _most(counts, limit)]

    def _by_thing(self, whose: _Whose, things: list[tuple[int, int]], limit: int) -> list[Tally]:
        if whose.several:
            things = self._together(things)
        tallies = []
        for item, number in sorted(things, key=lambda pair: (-pair[1], pair[0]))[:limit]:
            for key, title in self._database.read(
                "SELECT i.key, b.entity FROM item i JOIN body b ON b.id = i.id WHERE i.id = ?", (item,)
            ):
                tallies.append(Tally(key, decode_fields(title).get("title", ""), number))
        return tallies

    def _together(self, things: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Add up what is counted of the same thing in several scopes."""
        keys = self._column(things, "key")
        ids: dict[str, int] = {}
        counts: Counts[int] = Counts()
        for thing, number in things:
            counts[ids.setdefault(keys[thing], thing)] += number
        return list(counts.items())

    def _by_tag(self, things: list[tuple[int, int]], limit: int) -> list[Tally]:
        numbers = dict(things)
        counts: Counts[str] = Counts()
        for tag, item in self._database.read("SELECT folded, item FROM tag"):
            if item in numbers:
                counts[tag] += numbers[item]
        return [Tally(tag, tag, number) for tag, number in _most(counts, limit)]


def _of(scopes: Sequence[int]) -> str:
    """Write as SQL that something is one of these."""
    return f"IN ({','.join(map(str, scopes))})"


def _once(scopes: Sequence[int]) -> str:
    """Write as SQL which flattrs are left out: those of a scope that one before it tells of too.

    The same one is the same person's, of the same thing, at the same time. Who flattred must be known.
    """
    told = [
        "SELECT g.id FROM item v CROSS JOIN item u CROSS JOIN item g CROSS JOIN item h CROSS JOIN item s"
        f" CROSS JOIN item t WHERE v.scope = {scope} AND v.kind = 0 AND v.key IS NOT NULL"
        f" AND u.scope {_of(scopes[:place])} AND u.kind = 0 AND u.key = v.key"
        " AND g.person = v.id AND g.kind = 2 AND h.person = u.id AND h.kind = 2 AND h.time IS g.time"
        " AND s.id = g.subject AND t.id = h.subject AND t.key = s.key"
        for place, scope in enumerate(scopes)
        if place
    ]
    return f" AND f.id NOT IN ({' UNION ALL '.join(told)})" if told else ""


def _most(counts: "Counts[str]", limit: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


def _date(day: int) -> str:
    return f"{datetime.fromtimestamp(day * _DAY, UTC):%Y-%m-%d}"


def _months(days: list[tuple[int, int]]) -> list[Tally]:
    """Add days up to months, every one from the first to the last."""
    counts: Counts[str] = Counts()
    for day, number in days:
        counts[_date(day)[:7]] += number
    if not counts:
        return []
    names: list[str] = []
    year, month = (int(part) for part in min(counts).split("-"))
    while not names or names[-1] < max(counts):
        names.append(f"{year:04}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return [Tally(name, name, counts[name]) for name in names]

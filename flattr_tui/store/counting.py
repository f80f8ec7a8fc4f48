"""Counts over what is saved, for drawing."""

from array import array
from collections import Counter as Counts
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from flattr_tui.model.request import Request
from flattr_tui.store.database import Database
from flattr_tui.store.lists import arguments
from flattr_tui.store.shapes import FeedFacts, Figures, Scope, Tally
from flattr_tui.store.tables import decode_fields

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


class Counter:
    """Counts saved flattrs; call it in a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def figures(self, scope: Scope, username: str) -> Figures:
        """Count over the saved flattrs of a user."""
        whose, values, total = self._whose(scope, username)
        days = self._days(whose, values)
        things = self._things(whose, values)
        return Figures(
            counted=sum(number for _, number in things),
            of=total,
            by_month=tuple((tally.key, tally.count) for tally in _months(days)),
            by_day=tuple((_date(day), number) for day, number in days),
            supported=tuple((tally.key, tally.count) for tally in self._by_column(things, "owner", _MOST)),
            things=tuple(self._by_thing(things, 50)),
            categories=tuple((tally.key, tally.count) for tally in self._by_column(things, "category", _MOST)),
            languages=tuple((tally.key, tally.count) for tally in self._by_column(things, "language", _MOST)),
            tags=tuple((tally.label, tally.count) for tally in self._by_tag(things, _MOST)),
        )

    def counts(self, scope: Scope | None, dimension: str, username: str | None, limit: int) -> list[Tally]:
        """Count by one dimension; raises `ValueError` for one that is none of `DIMENSIONS`."""
        whose, values, _ = self._whose(scope, username)
        if dimension in {"month", "day"}:
            days = self._days(whose, values)
            return _months(days) if dimension == "month" else [Tally(_date(d), _date(d), n) for d, n in days]
        if dimension == "user":
            return [
                Tally(name, name, number)
                for name, number in self._database.read(
                    f"SELECT p.key, count(*) AS n {whose} JOIN item p ON p.id = f.person GROUP BY p.key"
                    " ORDER BY n DESC, p.key LIMIT ?",
                    (*values, limit),
                )
            ]
        things = self._things(whose, values)
        if dimension in {"owner", "category", "language"}:
            return self._by_column(things, dimension, limit)
        if dimension == "thing":
            return self._by_thing(things, limit)
        if dimension == "tag":
            return self._by_tag(things, limit)
        raise ValueError(f"{dimension} is none of {', '.join(DIMENSIONS)}")

    def flattrs(
        self, scope: Scope | None, dimension: str, key: str, start: int | None, stop: int | None
    ) -> "array[int]":
        """List the ids of everybody's saved flattrs that `counts` counts as `key`, or between two moments."""
        whose, values, _ = self._whose(scope, None)
        given: list[Any]
        if start is not None and stop is not None:
            asked, given = "f.time >= ? AND f.time < ?", [start, stop]
        else:
            asked, given = f"f.subject IN ({_SUBJECTS[dimension]})", [key]
        rows = self._database.read(
            f"SELECT f.id {whose} WHERE {asked} ORDER BY f.time DESC, f.id DESC", (*values, *given)
        )
        return array("q", (row[0] for row in rows))

    def _whose(self, scope: Scope | None, username: str | None) -> tuple[str, tuple[Any, ...], int | None]:
        """Say which flattrs are meant (FROM and JOINs, alias `f`), and how many there are in all where that is known.

        Of one user, those in the user's own list where there is one: what is gone from it does not count.
        """
        if scope is None:
            if username is None:
                return "FROM (SELECT 1) JOIN item f ON f.kind = 2", (), None
            return (
                "FROM item u JOIN item f ON f.person = u.id AND f.kind = 2 AND u.kind = 0 AND u.key = ?",
                (username,),
                None,
            )
        ids = [
            row[0]
            for row in self._database.read(
                "SELECT id FROM scope WHERE source = ? AND account IN (?, '')", (scope.source, scope.account)
            )
        ]
        scopes = f"({','.join(map(str, ids))})"
        if username is None:
            return f"FROM (SELECT 1) JOIN item f ON f.kind = 2 AND f.scope IN {scopes}", (), None
        if (listed := list_of(self._facts, scope, username)).id:
            total = listed.saved if listed.ended else None
            return "FROM member m JOIN item f ON m.feed = ? AND f.id = m.item", (listed.id,), total
        return (
            (
                "FROM item u JOIN item f ON f.person = u.id AND f.kind = 2 AND u.kind = 0 AND u.key = ?"
                f" AND u.scope IN {scopes}"
            ),
            (username,),
            None,
        )

    def _facts(self, scope: Scope, request: Request) -> FeedFacts:
        """Say as much of a list as `list_of` asks."""
        found = self._database.read(
            "SELECT f.id, f.saved, f.ended FROM feed f JOIN scope s ON s.id = f.scope"
            " WHERE f.method = ? AND f.arguments = ? AND s.source = ? AND s.account = ?",
            (request.method, arguments(request), *scope),
        )
        return next((FeedFacts(id=key, saved=saved, ended=bool(ended)) for key, saved, ended in found), FeedFacts())

    def _days(self, whose: str, values: tuple[Any, ...]) -> list[tuple[int, int]]:
        return self._database.read(
            f"SELECT f.time / {_DAY} AS day, count(*) {whose} WHERE f.time BETWEEN 0 AND 4102444800"
            " GROUP BY day ORDER BY day",
            values,
        )

    def _things(self, whose: str, values: tuple[Any, ...]) -> list[tuple[int, int]]:
        return self._database.read(f"SELECT f.subject, count(*) {whose} GROUP BY f.subject", values)

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

    def _by_thing(self, things: list[tuple[int, int]], limit: int) -> list[Tally]:
        tallies = []
        for item, number in sorted(things, key=lambda pair: (-pair[1], pair[0]))[:limit]:
            for key, title in self._database.read(
                "SELECT i.key, b.entity FROM item i JOIN body b ON b.id = i.id WHERE i.id = ?", (item,)
            ):
                tallies.append(Tally(key, decode_fields(title).get("title", ""), number))
        return tallies

    def _by_tag(self, things: list[tuple[int, int]], limit: int) -> list[Tally]:
        numbers = dict(things)
        counts: Counts[str] = Counts()
        for tag, item in self._database.read("SELECT folded, item FROM tag"):
            if item in numbers:
                counts[tag] += numbers[item]
        return [Tally(tag, tag, number) for tag, number in _most(counts, limit)]


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

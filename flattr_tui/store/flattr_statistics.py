"""Counts saved flattrs for charts.

Only flattrs that a `Scope` may read are counted: the public ones, and those of its account
(`store.item_reader.readable_scopes`). With scope None, imports and the public flattrs at all sources are counted. A
flattr that is saved in several scopes, such as in a user's private list and in the public one, counts once.
"""

from array import array
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from flattr_tui.model.api_request import ApiRequest, fold_username
from flattr_tui.model.data_source import SourceKind
from flattr_tui.store.catalogue_database import Database
from flattr_tui.store.catalogue_schema import FlattrStatistics, Scope, Tally, decode_fields
from flattr_tui.store.item_reader import readable_scopes
from flattr_tui.store.saved_list_rows import ListStats, make_ids

_MOST: Final = 100
_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()
_PERIODS: Final = frozenset({"month", "day"})
DIMENSIONS: Final = ("month", "day", "owner", "thing", "category", "language", "tag", "user")
"""The properties by which flattrs can be counted.

`owner` is the thing's owner, `user` the person who gave the flattr.
"""

_SUBJECTS: Final = {
    "owner": "SELECT t.id FROM item t JOIN item u ON u.id = t.person WHERE t.kind = 1 AND u.key = ?",
    "thing": "SELECT id FROM item WHERE kind = 1 AND key = ?",
    "category": "SELECT id FROM item WHERE kind = 1 AND category = ?",
    "language": "SELECT id FROM item WHERE kind = 1 AND language = ?",
    "tag": "SELECT item FROM tag WHERE folded = ?",
}
"""For each dimension, a query for the ids of the things that have a given value, such as a tag."""


def find_flattr_list(list_stats: Callable[[Scope, ApiRequest], ListStats], scope: Scope, username: str) -> ListStats:
    """Return the `ListStats` of the saved list of the flattrs that a user gave. If none is saved, its id is 0.

    If several such lists are saved, the longest one is chosen. But if the user is the account of `scope`, and the
    account's own list is saved to its end, that list is chosen, because public lists lack hidden flattrs. `list_stats`
    reads the `ListStats` of a list, as `Catalogue.list_stats` does.
    """
    asked = [
        (Scope(scope.source, account), ApiRequest.of("user-flattrs", username=username, full=full))
        for account in dict.fromkeys((scope.account, ""))
        for full in ("1", "")
    ]
    public = [(False, list_stats(*question)) for question in asked]
    own = [
        (True, list_stats(scope, ApiRequest.of("my-flattrs", full=full)))
        for full in ("1", "")
        if fold_username(scope.account) == fold_username(username)
    ]
    ranked = max(own + public, key=lambda pair: (pair[0] and pair[1].ended, pair[1].saved, pair[0], pair[1].ended))
    return ranked[1]


class _FlattrSelection(NamedTuple):
    """A part of an SQL query, which selects the flattrs to count."""

    sql: str
    """The FROM clause, in which the flattrs have the alias `f`."""
    values: tuple[Any, ...]
    """The parameters of `sql`, by position."""
    total: int | None = None
    """Number of flattrs that the user gave; None if the user's list is not complete."""
    several: bool = False
    """Whether the things of the flattrs may be saved for several sources or accounts."""


class Statistics:
    """Counts saved flattrs. Call the methods in a thread other than the event loop's.

    `list_stats` is `Catalogue.list_stats`.
    """

    def __init__(self, database: Database, list_stats: Callable[[Scope, ApiRequest], ListStats]) -> None:
        self._database = database
        self._list_stats = list_stats

    def user_statistics(self, scope: Scope, username: str) -> FlattrStatistics:
        """Return counts of the saved flattrs that a user gave, by month, owner and category.

        Only flattrs that the account of `scope` may see are counted.
        """
        selection = self._select_flattrs(scope, username)
        things = self._count_things(selection)
        return FlattrStatistics(
            counted=sum(number for _, number in things),
            total=selection.total,
            by_month=tuple((tally.key, tally.count) for tally in _count_months(self._count_days(selection))),
            supported=tuple((tally.key, tally.count) for tally in self._by_column(things, "owner", _MOST)),
            categories=tuple((tally.key, tally.count) for tally in self._by_column(things, "category", _MOST)),
        )

    def count_by(
        self, scope: Scope | None, dimension: str, username: str | None = None, limit: int = 50
    ) -> list[Tally]:
        """Return the number of saved flattrs for each value of a dimension, which is one of `DIMENSIONS`.

        `username` is the user who gave the flattrs; with None, the flattrs of all users are counted. `scope` says which
        saved data may be read (None: imports, and all that is public at any source). Months and days are returned in
        the order of time, and months without flattrs are included. Of any other dimension, the `limit` largest counts
        are returned, the largest first.
        """
        return self.count_each(scope, (dimension,), username, limit)[dimension]

    def count_each(
        self, scope: Scope | None, dimensions: Sequence[str], username: str | None = None, limit: int = 50
    ) -> dict[str, list[Tally]]:
        """Return the result of `count_by` for each of `dimensions`, in a dictionary by the dimension's name.

        Raises `ValueError` for a name that is not in `DIMENSIONS`. This is faster than calling `count_by` for each
        dimension, because flattrs are read once for months and days, and once for all properties of things. Seven
        dimensions of 100,000 flattrs take 0.17 s instead of 0.70.
        """
        selection = self._select_flattrs(scope, username)
        days = self._count_days(selection) if not _PERIODS.isdisjoint(dimensions) else []
        things = self._count_things(selection) if not _PERIODS.union(("user",)).issuperset(dimensions) else []
        return {name: self._count(name, selection, days, things, limit) for name in dimensions}

    def _count(
        self,
        dimension: str,
        selection: _FlattrSelection,
        days: list[tuple[int, int]],
        things: list[tuple[int, int]],
        limit: int,
    ) -> list[Tally]:
        if dimension == "month":
            return _count_months(days)
        if dimension == "day":
            return [Tally(name := _iso_date(day), name, number) for day, number in days]
        if dimension == "user":
            return [
                Tally(name, name, number)
                for name, number in self._database.read(
                    f"SELECT p.key, count(*) AS n {selection.sql} JOIN item p ON p.id = f.person GROUP BY p.key"
                    " ORDER BY n DESC, p.key LIMIT ?",
                    (*selection.values, limit),
                )
            ]
        if dimension in {"owner", "category", "language"}:
            return self._by_column(things, dimension, limit)
        if dimension == "thing":
            return self._by_thing(selection, things, limit)
        if dimension == "tag":
            return self._by_tag(things, limit)
        raise ValueError(f"{dimension} is not one of {', '.join(DIMENSIONS)}")

    def list_flattrs(
        self, scope: Scope | None, dimension: str, key: str = "", *, start: int | None = None, stop: int | None = None
    ) -> "array[int]":
        """Return the ids of the saved flattrs of some things, or of a period of time, the newest first.

        With `start` and `stop`, these are all flattrs from `start` to `stop` (Unix seconds, `stop` excluded);
        `dimension` and `key` are then ignored. Otherwise, these are the flattrs of all things whose property
        `dimension` (`owner`, `thing`, `category`, `language` or `tag`) has the value `key`. Only flattrs that the
        account of `scope` may see are returned; with None, imports and the public flattrs of all sources.
        """
        selection = self._select_flattrs(scope, None)
        given: list[Any]
        if start is not None and stop is not None:
            asked, given = "f.time >= ? AND f.time < ?", [start, stop]
        else:
            asked, given = f"f.subject IN ({_SUBJECTS[dimension]})", [key]
        rows = self._database.read(
            f"SELECT f.id {selection.sql} WHERE {asked} ORDER BY f.time DESC, f.id DESC", (*selection.values, *given)
        )
        return make_ids(row[0] for row in rows)

    def _select_flattrs(self, scope: Scope | None, username: str | None) -> _FlattrSelection:
        """Return the selection of the flattrs that the user `username` gave; with None, of the flattrs of all users.

        Only flattrs that the account of `scope` may see are selected; with None, imports and the public flattrs of all
        sources. If the list of the user's flattrs is saved, only flattrs in that list are selected, because deleted
        flattrs are not in it.
        """
        scope = scope or Scope(SourceKind.SAVED)
        if username is not None and (listed := find_flattr_list(self._list_stats, scope, username)).id:
            total = listed.saved if listed.ended else None
            return _FlattrSelection("FROM member m JOIN item f ON m.feed = ? AND f.id = m.item", (listed.id,), total)
        found = readable_scopes(self._database.read, scope)
        scopes = sorted(found, key=lambda key: (found[key].account != "", key))
        within, once, several = _in_scopes(scopes), _without_duplicates(scopes), len(scopes) > 1
        if username is None:
            return _FlattrSelection(
                f"FROM (SELECT 1) JOIN item f ON f.kind = 2 AND f.scope {within}{once}", (), None, several
            )
        who = f"u.kind = 0 AND u.key = ? AND u.scope {within}"
        return _FlattrSelection(
            f"FROM item u JOIN item f ON f.person = u.id AND f.kind = 2 AND {who}{once}", (username,), None, several
        )

    def _count_days(self, selection: _FlattrSelection) -> list[tuple[int, int]]:
        """Return the number of flattrs on each day, as pairs of a day (days since 1970-01-01 in UTC) and a number."""
        return self._database.read(
            f"SELECT f.time / {_DAY} AS day, count(*) {selection.sql} WHERE f.time BETWEEN 0 AND 4102444800"
            " GROUP BY day ORDER BY day",
            selection.values,
        )

    def _count_things(self, selection: _FlattrSelection) -> list[tuple[int, int]]:
        """Return the number of flattrs of each thing, as pairs of the thing's item id and a number."""
        return self._database.read(f"SELECT f.subject, count(*) {selection.sql} GROUP BY f.subject", selection.values)

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
        spellings: dict[str, str] = {}
        for thing, number in things:
            if thing in names:
                name = names[thing]
                counts[spellings.setdefault(fold_username(name), name)] += number
        return [Tally(name, name, number) for name, number in _top(counts, limit)]

    def _by_thing(self, selection: _FlattrSelection, things: list[tuple[int, int]], limit: int) -> list[Tally]:
        if selection.several:
            things = self._merge_copies(things)
        tallies = []
        for item, number in sorted(things, key=lambda pair: (-pair[1], pair[0]))[:limit]:
            for key, title in self._database.read(
                "SELECT i.key, b.entity FROM item i JOIN body b ON b.id = i.id WHERE i.id = ?", (item,)
            ):
                tallies.append(Tally(key, decode_fields(title).get("title", ""), number))
        return tallies

    def _merge_copies(self, things: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return the number of flattrs of each thing. The numbers of all copies of a thing are added up.

        `things` has pairs: the item id of a copy, and the copy's number of flattrs. A thing has several copies if it is
        saved for several sources or accounts. The result has one such pair for each thing.
        """
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
        return [Tally(tag, tag, number) for tag, number in _top(counts, limit)]


def _in_scopes(scopes: Sequence[int]) -> str:
    """Return an SQL condition for the scopes (sources and accounts) with these ids."""
    return f"IN ({','.join(map(str, scopes))})"


def _without_duplicates(scopes: Sequence[int]) -> str:
    """Return an SQL condition that leaves out copies of flattrs: a flattr counts only in the first scope that has it.

    Two flattrs are the same if they have the same person, thing and time. If the person is unknown, both count.
    """
    duplicates = [
        "SELECT g.id FROM item v CROSS JOIN item u CROSS JOIN item g CROSS JOIN item h CROSS JOIN item s"
        f" CROSS JOIN item t WHERE v.scope = {scope} AND v.kind = 0 AND v.key IS NOT NULL"
        f" AND u.scope {_in_scopes(scopes[:place])} AND u.kind = 0 AND u.key = v.key"
        " AND g.person = v.id AND g.kind = 2 AND h.person = u.id AND h.kind = 2 AND h.time IS g.time"
        " AND s.id = g.subject AND t.id = h.subject AND t.key = s.key"
        for place, scope in enumerate(scopes)
        if place
    ]
    return f" AND f.id NOT IN ({' UNION ALL '.join(duplicates)})" if duplicates else ""


def _top(counts: "Counts[str]", limit: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


def _iso_date(day: int) -> str:
    return date.fromordinal(_EPOCH + day).isoformat()


def _count_months(days: list[tuple[int, int]]) -> list[Tally]:
    """Return the number of flattrs in each month. All months between the first and the last are included.

    `days` are pairs of a day (days since 1970-01-01) and its number of flattrs, in the order of time.
    """
    counts: Counts[str] = Counts()
    for day, number in days:
        counts[_iso_date(day)[:7]] += number
    if not counts:
        return []
    names: list[str] = []
    year, month = (int(part) for part in min(counts).split("-"))
    while not names or names[-1] < max(counts):
        names.append(f"{year:04}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return [Tally(name, name, counts[name]) for name in names]

"""Statistics of the saved flattrs that a user, or everybody, gave, and the list of the flattrs that a number counts."""

from array import array
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from flattr_tui.library.query.catalogue_feed import find_flattr_scope
from flattr_tui.library.query.earnings import all_months
from flattr_tui.library.query.list_feed import Sort, View
from flattr_tui.library.query.search import SavedFeed
from flattr_tui.model.api_request import SAVED_FLATTRS, ApiRequest
from flattr_tui.model.data_source import Source
from flattr_tui.model.entities import Flattr, Item
from flattr_tui.model.query_language import Query
from flattr_tui.store.catalogue_schema import Scope, Tally
from flattr_tui.store.saved_list_rows import ListStats, make_ids

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue

MAX_BARS = 100
"""Maximum number of bars in a chart of people, of things, of tags and so on: those with the most flattrs."""
PERIODS = ("month", "day")
"""The periods by which flattrs are counted."""
DIMENSIONS = ("owner", "thing", "category", "language", "tag")
"""The properties of flattred things by which flattrs are counted."""
_CHUNK = 2_000
"""Number of items that are read from the database at a time."""


class CountedEntry(msgspec.Struct, frozen=True):
    """How many flattrs one person, thing, category, language or tag has: a bar of a chart."""

    key: str
    """The user name, the thing's id, the id of the category or language, or the tag."""
    label: str
    """The text to display: a thing's title, otherwise the key."""
    count: int
    """The number of flattrs."""


class FlattrReport(msgspec.Struct, frozen=True):
    """Statistics of the saved flattrs that a user, or everybody, gave. Months and days are in UTC."""

    username: str = ""
    """The user who gave the flattrs; "" for everybody."""
    counted: int = 0
    """Number of saved flattrs, which the statistics count."""
    total: int | None = None
    """Number of all flattrs of the user, if the whole list is saved; None if it is not, or for everybody."""
    fetched_at: float | None = None
    """When the list of the user's flattrs was fetched, in Unix seconds; for everybody, when the latest list was.

    None if no list was fetched.
    """
    months: Sequence[tuple[str, int]] = ()
    """Number of flattrs in each month (`YYYY-MM`) from the first to the last."""
    days: Mapping[date, int] = {}
    """Number of flattrs on each day, in order. Days without flattrs are left out."""
    people: Sequence[CountedEntry] = ()
    """Owners of the flattred things, those with the most flattrs first."""
    things: Sequence[CountedEntry] = ()
    categories: Sequence[CountedEntry] = ()
    languages: Sequence[CountedEntry] = ()
    tags: Sequence[CountedEntry] = ()


def bar_request(username: str, dimension: str, key: str, last: str = "") -> ApiRequest:
    """Return a request for the list of the saved flattrs that a bar of a chart counts. It is not sent to a server.

    `username` is the user who gave the flattrs; "" for everybody. `dimension` says what the bar stands for, and `key`
    is its value: a `month` (`2014-08`), a `day` (`2014-08-31`), or an `owner`, `thing`, `category`, `language` or
    `tag`. A bar for several months begins with the month `key` and ends with the month `last`; "" for a single month.
    """
    match dimension:
        case "month":
            start, stop = date.fromisoformat(f"{key}-01"), _next_month(last or key)
        case "day":
            start, stop = date.fromisoformat(key), date.fromisoformat(key) + timedelta(days=1)
        case _:
            return ApiRequest.of(SAVED_FLATTRS, {"username": username, dimension: key})
    return ApiRequest.of(SAVED_FLATTRS, username=username, start=start.isoformat(), stop=stop.isoformat())


def _next_month(month: str) -> date:
    first = date.fromisoformat(f"{month}-01")
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def time_range(request: ApiRequest) -> tuple[int | None, int | None]:
    """Return the time range in which the flattrs of a list were given: its start and its end (excluded).

    Both are in Unix seconds; None for no limit. `request` is a result of `bar_request`.
    """

    def moment(name: str) -> int | None:
        text = request.get(name)
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) if text else None

    return moment("start"), moment("stop")


class SavedStatistics:
    """Counts and lists the saved flattrs that an account may see at a source. Call its methods in a thread."""

    def __init__(self, catalogue: "Catalogue", source: Source, account: str = "") -> None:
        """Prepare to count the flattrs of `source` that `account` may see.

        The source `saved` stands for all sources. With `account` "", only public data is counted.
        """
        self._catalogue = catalogue
        self._source = source
        self._account = account

    def _scope(self, username: str) -> Scope:
        found = find_flattr_scope(self._catalogue, self._source, self._account, username) if username else None
        return found or Scope(self._source.name, self._account)

    def _list_stats(self, scope: Scope, username: str) -> ListStats | None:
        """Return the counts and times of the saved list of a user's flattrs; None if the list is not saved."""
        from flattr_tui.store.flattr_statistics import find_flattr_list  # noqa: PLC0415

        facts = find_flattr_list(self._catalogue.list_stats, scope, username) if username else None
        return facts if facts is not None and facts.id else None

    def _fetched_at(self, scope: Scope, username: str, listed: ListStats | None) -> float | None:
        if username:
            return listed.fetched_at if listed is not None else None
        return max((person.fetched_at for person in self._catalogue.list_people(scope)), default=0.0) or None

    def report_periods(self, username: str = "") -> FlattrReport:
        """Return how many saved flattrs a user gave in each month and on each day. `username` "" stands for everybody.

        This is much faster than `report`, which returns all statistics.
        """
        return self._report(username, PERIODS)

    def report(self, username: str = "") -> FlattrReport:
        """Return all statistics of the saved flattrs that a user gave. `username` "" stands for everybody."""
        return self._report(username, (*PERIODS, *DIMENSIONS))

    def _report(self, username: str, dimensions: Sequence[str]) -> FlattrReport:
        scope = self._scope(username)
        listed = self._list_stats(scope, username)
        counted = self._catalogue.statistics.count_each(scope, dimensions, username or None, MAX_BARS)
        months = [(tally.key, tally.count) for tally in counted["month"]]
        total = sum(count for _, count in months)
        return FlattrReport(
            username=username,
            counted=total,
            total=listed.saved if listed is not None and listed.ended else None,
            fetched_at=self._fetched_at(scope, username, listed),
            months=fill_months(months),
            days={date.fromisoformat(tally.key): tally.count for tally in counted["day"]},
            people=_to_entries(counted.get("owner", ())),
            things=_to_entries(counted.get("thing", ())),
            categories=_to_entries(counted.get("category", ())),
            languages=_to_entries(counted.get("language", ())),
            tags=_to_entries(counted.get("tag", ())),
        )

    def list_flattrs(self, request: ApiRequest, view: View | None = None) -> SavedFeed:
        """Return the saved flattrs that a bar of a chart counts. `request` is a result of `bar_request`.

        `view` sorts and filters them; None for all, the newest first.
        """
        view = view or View()
        username = request.get("username")
        if not username:
            return SavedFeed(request, view, self._of_everybody(request, view), self._catalogue.read_items)
        listed, ids = self._list_stats(self._scope(username), username), make_ids()
        if listed is not None:
            known = self._catalogue.sort_list(listed.id, view.sort.value, view.descending, view.query)
            for start in range(0, len(known), _CHUNK):
                chunk = known[start : start + _CHUNK]
                entries = zip(chunk, self._catalogue.read_items(chunk), strict=True)
                ids.extend(number for number, entry in entries if matches_request(request, entry.item))
        return SavedFeed(request, view, ids, self._catalogue.read_items)

    def _of_everybody(self, request: ApiRequest, view: View) -> "array[int]":
        start, stop = time_range(request)
        dimension = next((name for name in DIMENSIONS if request.get(name)), "")
        ids = self._catalogue.statistics.list_flattrs(
            self._scope(""), dimension, request.get(dimension), start=start, stop=stop
        )
        if not view.text and view.sort in {Sort.SERVER, Sort.WHEN}:
            return ids if view.sort is Sort.SERVER or view.descending else ids[::-1]
        found: list[tuple[str | int, int]] = []
        words = view.query.plain_text.casefold().split()
        conditions = Query(view.query.conditions)
        for at in range(0, len(ids), _CHUNK):
            chunk = self._catalogue.filter_items(ids[at : at + _CHUNK], conditions)
            for number, entry in zip(chunk, self._catalogue.read_items(chunk), strict=True):
                if isinstance(entry.item, Flattr) and _has_words(entry.item, words):
                    found.append((_sort_key(entry.item, view.sort), number))
        if view.sort is not Sort.SERVER:
            found.sort(key=lambda pair: pair[0], reverse=view.descending)
        return make_ids((number for _, number in found))


def _has_words(flattr: Flattr, words: Sequence[str]) -> bool:
    """Whether each of `words` begins a word in the texts of a flattr.

    The texts are the title, description and tags of the thing, and the names of its owner and of the flattr's giver.
    """
    thing = flattr.thing
    names = [user.username for user in (thing.owner, flattr.owner) if user is not None]
    text = " ".join([thing.title, thing.description or "", *(thing.tags or ()), *names]).casefold()
    return all(text.startswith(word) or f" {word}" in text for word in words)


def _sort_key(flattr: Flattr, sort: Sort) -> str | int:
    """Return the value by which a flattr is sorted in the order `sort`."""
    thing = flattr.thing
    ranks: dict[Sort, str | int] = {
        Sort.WHEN: flattr.created_at or 0,
        Sort.TITLE: thing.title.casefold(),
        Sort.OWNER: thing.owner.username.casefold() if thing.owner else "",
        Sort.FLATTRS: thing.flattrs or 0,
        Sort.CATEGORY: thing.category or "",
        Sort.LANGUAGE: thing.language or "",
    }
    return ranks.get(sort, 0)


def matches_request(request: ApiRequest, item: Item | None) -> bool:
    """Whether `item` is a flattr that a bar of a chart counts. `bar_request` made the `request` of the bar.

    Returns False for any other item, and for None. The giver of the flattr is not compared.
    """
    if not isinstance(item, Flattr):
        return False
    start, stop = time_range(request)
    if start is not None and (item.created_at is None or not start <= item.created_at < (stop or start)):
        return False
    thing = item.thing
    tags = {tag.casefold() for tag in thing.tags or ()}
    value = {
        "owner": thing.owner.username if thing.owner else "",
        "thing": thing.key,
        "category": thing.category,
        "language": thing.language,
    }
    if any(request.get(name) not in {"", of} for name, of in value.items()):
        return False
    return not request.get("tag") or request.get("tag").casefold() in tags


def _to_entries(tallies: "Sequence[Tally]") -> list[CountedEntry]:
    return [CountedEntry(tally.key, tally.label or tally.key, tally.count) for tally in tallies]


def fill_months(months: Sequence[tuple[str, int]]) -> Sequence[tuple[str, int]]:
    """Return all months (`2014-08`) from the first to the last, each with its count. Missing months have 0."""
    counts = dict(months)
    return [(month, counts.get(month, 0)) for month in all_months(sorted(counts))]

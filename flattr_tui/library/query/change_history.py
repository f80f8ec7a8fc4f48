"""What has changed in the saved data: the log of changes by day, and which items of a list are new to the user.

The log has items added, items gone, and changed numbers of flattrs. Items are new if they were added since the user
last looked at their list, that is, since the list was last shown on screen. In one run of the program, new items stay
new until the user marks them as seen.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

import msgspec

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.api_request import ApiRequest, fold_username
from flattr_tui.model.entities import Activity, Flattr, Subscription, Thing
from flattr_tui.model.query_dates import TimeRange
from flattr_tui.model.query_language import EVERYTHING, Condition, CreatedAt, Query, ShownDate, Term, Words
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.change_log import LOGGED_METHODS
from flattr_tui.store.saved_list_rows import make_ids

if TYPE_CHECKING:
    from flattr_tui.model.data_source import Source
    from flattr_tui.store.catalogue import Catalogue
    from flattr_tui.store.change_log import LoggedChange

SAVED_CHANGES: Final = ApiRequest.of("saved-changes")
"""The request that identifies the page of changes within the program. It is not sent: no server has this method."""
NEWS_METHODS = LOGGED_METHODS | {SAVED_CHANGES.method}
"""The API methods whose lists get new items at the top, and the method name for the page of changes."""


class ChangeKind(StrEnum):
    """What happened to an item of a list."""

    ADDED = "added"
    GONE = "gone"
    RECOUNTED = "count"
    """The number of a thing's flattrs has changed."""


class Change(msgspec.Struct, frozen=True):
    """A change in the saved data. All changes of a thing's number of flattrs on one day are merged into one."""

    kind: ChangeKind
    noun: str
    """The kind of item: `thing`, `flattr` or `activity`."""
    at: float
    """When the response that showed the change was fetched, in Unix seconds."""
    item: int
    """The id of the item in the catalogue."""
    key: str
    """A text that identifies the change."""
    username: str
    """The user whose list changed, or whose thing has a different number of flattrs; "" if unknown."""
    old: int = 0
    new: int = 0
    """The new number of flattrs; `old` is the previous number. Both are 0 if another kind of change happened."""

    @property
    def group(self) -> str:
        """The group of the change: `count` if a number of flattrs has changed, otherwise the item's kind (`thing`)."""
        return self.kind.value if self.kind is ChangeKind.RECOUNTED else self.noun


class ChangedDay(msgspec.Struct, frozen=True):
    """A day and what changed on it. The latest change comes first."""

    day: date
    changes: tuple[Change, ...]


def _is_within(at: float, time: TimeRange | None) -> bool:
    start, stop = time or (None, None)
    return time is not None and (start is None or at >= start) and (stop is None or at < stop)


class ChangesReader:
    """Reads the changes in the saved data that `account` may see at a source; for `saved`, at all sources."""

    def __init__(self, catalogue: "Catalogue", source: "Source", account: str = "") -> None:
        self._catalogue = catalogue
        self._source = source
        self._account = account

    def read_days(
        self, tz: tzinfo, since: float = 0.0, username: str = "", query: Query = EVERYTHING
    ) -> tuple[ChangedDay, ...]:
        """Return the days on which saved data has changed since a time (Unix seconds), the latest day first.

        The time zone `tz` decides when a day begins. With `username`, only changes in that user's lists and things are
        returned. Only changes that match `query` are returned; dates in the query mean the dates of the changes. Call
        this in a thread. Raises `StoreError` if the catalogue can't be read.
        """
        logged = self._catalogue.read_changes(Scope(self._source.name, self._account), since)
        days: dict[date, list[LoggedChange]] = {}
        for one in self._filter(list(_without_repetitions(logged)), query):
            if not username or one.username == fold_username(username):
                days.setdefault(datetime.fromtimestamp(one.at, tz).date(), []).append(one)
        found = (ChangedDay(day, tuple(_merge_counts(day, changes))) for day, changes in days.items())
        return tuple(day for day in found if day.changes)

    def _filter(self, logged: "list[LoggedChange]", query: Query) -> "list[LoggedChange]":
        for term in query.terms:
            logged = [one for one, matches in zip(logged, self._test_term(logged, term), strict=True) if matches]
        return logged

    def _test_term(self, logged: "Sequence[LoggedChange]", term: Term) -> Iterable[bool]:
        """Yield for each logged change, in order, whether a term of a query matches that change."""
        condition = term.condition
        time = condition.time if isinstance(condition, CreatedAt | ShownDate) else None
        texts: list[Condition] = []
        if isinstance(condition, ShownDate):
            texts = [Words(word) for word in condition.text.split()]
        elif time is None:
            texts = [condition]
        found: set[int] = set()
        if texts:
            items = make_ids(dict.fromkeys(one.item for one in logged))
            found = set(self._catalogue.filter_items(items, Query(tuple(map(Term, texts)))))
        name = fold_username(condition.text) if isinstance(condition, Words) and not condition.whole else None
        for one in logged:
            is_named = name is not None and fold_username(one.username).startswith(name)
            yield (one.item in found or is_named or _is_within(one.at, time)) is not term.excluded

    def read_version(self) -> int:
        """Return a number that changes when this or another program changes the saved data.

        Raises `StoreError` if the catalogue can't be read.
        """
        return self._catalogue.read_version()

    def read_rows(self, changes: Sequence[Change], seen_until: int | None = None) -> list[Row | None]:
        """Return a `ChangeRow` for each change, in the same order; None for a change whose item has been deleted.

        Changes that are newer than `seen_until` (Unix seconds) are marked as new; with None, no change is marked.
        Raises `StoreError` if the catalogue can't be read.
        """
        ids = list(dict.fromkeys(change.item for change in changes))
        items = {ids[entry.position]: entry for entry in self._catalogue.read_items(ids)}
        rows: list[Row | None] = []
        for change in changes:
            entry = items.get(change.item)
            rows.append(
                ChangeRow(
                    entry.item,
                    change.key,
                    entry.fetched_at,
                    is_removed=change.kind is ChangeKind.GONE,
                    is_new=seen_until is not None and int(change.at) > seen_until,
                    change=change,
                )
                if entry is not None and entry.item is not None
                else None
            )
        return rows


class ChangeRow(Row, frozen=True, kw_only=True):
    """A row on screen that shows a change of an item."""

    change: Change


class ChangeRecord(msgspec.Struct, frozen=True):
    """A change of an item as one record of an export, for files and scripts."""

    at: str
    """When the response that showed the change was fetched, as ISO 8601 in UTC."""
    change: str
    """What happened: `added`, `gone` or `count`."""
    kind: str
    """The kind of item: `thing`, `flattr` or `activity`."""
    user: str
    """The user whose list changed, or whose thing has a different number of flattrs; "" if unknown."""
    thing: int | None
    """The id of the thing; None for an activity, which does not contain the id."""
    title: str
    url: str | None
    old: int | None = None
    new: int | None = None
    """The new number of flattrs; `old` is the previous number. Both are None if another kind of change happened."""

    @classmethod
    def from_row(cls, row: ChangeRow) -> Self:
        """Return a record to export for the change that a row on screen shows."""
        change, item = row.change, row.item
        thing = item.thing if isinstance(item, Flattr | Subscription) else item if isinstance(item, Thing) else None
        title = thing.title if thing is not None else item.title if isinstance(item, Activity) else item.key
        url = thing.url if thing is not None else item.object_url if isinstance(item, Activity) else None
        at = datetime.fromtimestamp(change.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        counts = (change.old, change.new) if change.kind is ChangeKind.RECOUNTED else (None, None)
        number = thing.id if thing is not None else None
        return cls(at, change.kind.value, change.noun, change.username, number, title, url, *counts)


def _without_repetitions(logged: "Sequence[LoggedChange]") -> "Iterable[LoggedChange]":
    """Yield the logged changes, but leave out a change of an activity if a thing or flattr has an equal change.

    Changes are equal if their kind, source and time are equal.
    """
    from flattr_tui.store.catalogue_schema import ItemKind  # noqa: PLC0415 -- not needed before something is read

    reported = {
        (one.kind, one.source, one.time) for one in logged if one.item_kind in {ItemKind.THING, ItemKind.FLATTR}
    }
    return (
        one
        for one in logged
        if one.item_kind is not ItemKind.ACTIVITY or (one.kind, one.source, one.time) not in reported
    )


def _merge_counts(day: date, changes: "Iterable[LoggedChange]") -> "Iterable[Change]":
    """Yield the changes of one day, in order, with only one change of a thing's number of flattrs for each thing.

    If the number is the same again in the end, the thing is left out.
    """
    merged: dict[str, Change] = {}
    for one in changes:  # the latest first
        kind = tuple(ChangeKind)[one.kind]
        key = f"{day} {kind} {one.source} {one.item_kind.name} {one.key} {one.username}"
        known = merged.get(key)
        if known is None:
            noun = one.item_kind.name.lower()
            merged[key] = Change(kind, noun, one.at, one.item, key, one.username, one.old, one.new)
        elif kind is ChangeKind.RECOUNTED:
            merged[key] = msgspec.structs.replace(known, old=one.old)
    return (one for one in merged.values() if one.kind is not ChangeKind.RECOUNTED or one.old != one.new)


class SeenLists:
    """Knows for each list which items are new: those after a time, which depends on when the user last saw the list.

    `owner` returns the name of the current source, and the account. `bookmarks` returns the bookmarks, whose file also
    stores the times. This class does not write the file: the caller must save the bookmarks.
    """

    def __init__(self, owner: Callable[[], tuple[str, str]], bookmarks: Callable[[], Bookmarks]) -> None:
        self._owner = owner
        self._bookmarks = bookmarks
        self._seen: dict[str, int | None] = {}
        """For each list, by its name, the time (Unix seconds) after which its items are new; None if no item is new.

        A time stays the same during a run of the program, unless the user marks the list as seen.
        """

    def _list_name(self, request: ApiRequest) -> str:
        arguments = " ".join(f"{name}={value}" for name, value in request.folded_arguments)
        return " ".join(filter(None, (*self._owner(), request.method, arguments)))

    def seen_until(self, request: ApiRequest) -> int | None:
        """Return the time (Unix seconds) after which items of a list are new; None if no item counts as new.

        `request` is the request for the list. No item counts as new if the list was never on screen, or is of a kind
        without new items.
        """
        if request.method not in NEWS_METHODS:
            return None
        name = self._list_name(request)
        return self._seen.setdefault(name, self._bookmarks().seen_until(name))

    def record_look(self, request: ApiRequest, newest: int | None) -> bool:
        """Record that a list is on screen. Returns whether `seen_until` has a result now, but had none before.

        `request` is the request for the list. `newest` is the time of the list's newest item, in Unix seconds; with
        None (unknown), nothing is recorded.
        """
        if newest is None or request.method not in NEWS_METHODS:
            return False
        is_first = self.seen_until(request) is None
        if is_first:
            self._seen[self._list_name(request)] = newest
        self._bookmarks().record_seen(self._list_name(request), newest)
        return is_first

    def mark_seen(self, request: ApiRequest, newest: int) -> None:
        """Mark all items of a list as seen. `request` is the request for the list.

        `newest` is the time of the list's newest item (Unix seconds).
        """
        name = self._list_name(request)
        self._seen[name] = newest
        self._bookmarks().record_seen(name, newest)

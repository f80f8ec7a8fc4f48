"""What has changed in the saved data, by day: items added, items gone, and counts of flattrs that changed."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from flattr_tui.library.query.feed import Row
from flattr_tui.model.api_request import Request, fold_username

if TYPE_CHECKING:
    from flattr_tui.model.source import Source
    from flattr_tui.store.catalogue import Catalogue
    from flattr_tui.store.change_log import LoggedChange

SAVED_CHANGES: Final = Request.of("saved-changes")
"""Stands for the page of changes where what a list is asked for by names it. No server has such a method."""


class ChangeKind(StrEnum):
    """What happened to an item."""

    ADDED = "added"
    GONE = "gone"
    RECOUNTED = "count"


class Change(msgspec.Struct, frozen=True):
    """One change. Several changes of a thing's count on one day are merged into one."""

    kind: ChangeKind
    noun: str
    """`thing`, `flattr` or `activity`."""
    at: float
    """Unix seconds: when the response was fetched that showed it."""
    item: int
    """The item's id, for `ChangesReader.read_rows`."""
    key: str
    """Tells the change from all others."""
    username: str
    """The user whose list changed, or whose thing has another count; "" if unknown."""
    old: int = 0
    new: int = 0
    """The number of flattrs before and after a change of the count."""

    @property
    def group(self) -> str:
        """The noun to list it under, or `count`."""
        return self.kind.value if self.kind is ChangeKind.RECOUNTED else self.noun


class ChangedDay(msgspec.Struct, frozen=True):
    """The changes of one day, latest first."""

    day: date
    changes: tuple[Change, ...]


class ChangesReader:
    """Reads the changes that an account may see at a source; at the source `saved`, the changes of all saved data."""

    def __init__(self, catalogue: "Catalogue", source: "Source", account: str = "") -> None:
        self._catalogue = catalogue
        self._source = source
        self._account = account

    def read_days(self, tz: tzinfo, since: float = 0.0, username: str = "") -> tuple[ChangedDay, ...]:
        """Return the days with changes since a time (Unix seconds), latest first. Call it in a thread.

        With `username` only what changed in that user's lists and things. Raises `StoreError`.
        """
        from flattr_tui.store.types import Scope  # noqa: PLC0415 -- not before something is read

        logged = self._catalogue.read_changes(Scope(self._source.name, self._account), since)
        days: dict[date, list[LoggedChange]] = {}
        for one in _without_repetitions(logged):
            if not username or one.username == fold_username(username):
                days.setdefault(datetime.fromtimestamp(one.at, tz).date(), []).append(one)
        found = (ChangedDay(day, tuple(_merge_counts(day, changes))) for day, changes in days.items())
        return tuple(day for day in found if day.changes)

    def read_rows(self, changes: Sequence[Change], seen_until: int | None = None) -> list[Row | None]:
        """Read the items of some changes, in their order; None for one that was deleted meanwhile.

        Changes after `seen_until` (Unix seconds) are new. Raises `StoreError`.
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
    """A row with a change of its item."""

    change: Change


def _without_repetitions(logged: "Sequence[LoggedChange]") -> "Iterable[LoggedChange]":
    """Leave out activities that repeat a change: the flattr or thing that they report is listed itself."""
    from flattr_tui.store.schema import ItemKind  # noqa: PLC0415 -- not before something is read

    told = {(one.kind, one.source, one.time) for one in logged if one.item_kind in {ItemKind.THING, ItemKind.FLATTR}}
    return (
        one for one in logged if one.item_kind is not ItemKind.ACTIVITY or (one.kind, one.source, one.time) not in told
    )


def _merge_counts(day: date, changes: "Iterable[LoggedChange]") -> "Iterable[Change]":
    """Merge all changes of an item's count on a day into one."""
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

"""Optimistic changes: the effects of writes that fetched data does not contain yet, applied to what is displayed."""

from typing import Any

import msgspec
from msgspec.structs import replace

from flattr_tui.library.account.write_action import Write
from flattr_tui.library.query.list_feed import Feed, FeedStatus, Gap, Row, View
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Entity, Flattr, Subscription, Thing


class PendingWrite(msgspec.Struct, eq=False):
    """One write, as it changes what is displayed."""

    write: Write
    fields: dict[str, Any]
    """The new values of the thing's fields."""
    active: bool | None = None
    """Whether the subscription is active after the write; None if unknown, or if the write changes none."""
    done_at: float | None = None
    """When the server confirmed the write, in Unix seconds; None while it is in progress.

    Data that was fetched later contains the change already.
    """

    def applies_to(self, fetched_at: float | None) -> bool:
        """Whether data that was fetched at `fetched_at` (Unix seconds; None: unknown) lacks the change."""
        return self.done_at is None or fetched_at is None or fetched_at <= self.done_at


class OptimisticChanges:
    """The pending changes of each thing, in the order of the writes."""

    def __init__(self) -> None:
        self._changes: dict[int, list[PendingWrite]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no change is pending."""
        return not self._changes

    def add(self, write: Write) -> PendingWrite:
        """Record a write as if it had already succeeded, and return the change."""
        toggles = write.method == "toggle-subscription" and write.active is not None
        change = PendingWrite(write, write.changes, not write.active if toggles else None)
        if write.thing_id is not None:
            self._changes.setdefault(write.thing_id, []).append(change)
        return change

    def remove(self, change: PendingWrite) -> None:
        """Undo the change that `add` returned."""
        number = change.write.thing_id
        if number is not None and change in (changes := self._changes.get(number, [])):
            changes.remove(change)
            if not changes:
                del self._changes[number]

    def pending_write(self, thing_id: int) -> Write | None:
        """Return the write on a thing that is still in progress; None if there is none."""
        return next((change.write for change in self._changes.get(thing_id, ()) if change.done_at is None), None)

    def apply_to(self, item: Entity, fetched_at: float | None) -> Entity:
        """Return an item with all the pending changes that it lacks.

        `fetched_at` says when the item was fetched (Unix seconds; None: unknown). Later writes are changes that it
        lacks.
        """
        match item:
            case Thing():
                return self._thing(item, fetched_at)
            case Flattr():
                thing = self._thing(item.thing, fetched_at)
                return item if thing is item.thing else replace(item, thing=thing)
            case Subscription():
                return self._subscription(item, fetched_at)
        return item

    def is_removed(self, item: Entity | None, fetched_at: float | None) -> bool:
        """Whether the item's thing was deleted, or its subscription ended, after the item was fetched."""
        match item:
            case Thing():
                return self._has("delete-thing", item.id, fetched_at)
            case Flattr():
                return self._has("delete-thing", item.thing.id, fetched_at)
            case Subscription():
                number = item.thing.id
                return any(self._has(name, number, fetched_at) for name in ("delete-thing", "unsubscribe"))
        return False

    def _has(self, method: str, thing_id: int, fetched_at: float | None) -> bool:
        return any(change.write.method == method for change in self._shown(thing_id, fetched_at))

    def _shown(self, thing_id: int, fetched_at: float | None) -> list[PendingWrite]:
        return [change for change in self._changes.get(thing_id, ()) if change.applies_to(fetched_at)]

    def _thing(self, thing: Thing, fetched_at: float | None) -> Thing:
        for change in self._shown(thing.id, fetched_at):
            if change.fields:
                thing = replace(thing, **change.fields)
        return thing

    def _subscription(self, held: Subscription, fetched_at: float | None) -> Subscription:
        thing = self._thing(held.thing, fetched_at)
        if thing is not held.thing:
            held = replace(held, thing=thing)
        for change in self._shown(thing.id, fetched_at):
            if change.active is not None:
                held = replace(held, active=change.active)
        return held


class OptimisticFeed:
    """A feed whose rows have the pending changes applied."""

    def __init__(self, feed: Feed, overlay: OptimisticChanges) -> None:
        self._feed = feed
        self._overlay = overlay

    @property
    def request(self) -> ApiRequest:
        """The request that the rows come from."""
        return self._feed.request

    @property
    def view(self) -> View:
        """The sort order and filter of the rows."""
        return self._feed.view

    @property
    def status(self) -> FeedStatus:
        """The status of the feed as of the last `reload`."""
        return self._feed.status

    def __len__(self) -> int:
        return len(self._feed)

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from `start` to `stop` (excluded), with the pending changes applied."""
        if self._overlay.is_empty:
            return self._feed.rows(start, stop)
        return [self._row(row) if isinstance(row, Row) else row for row in self._feed.rows(start, stop)]

    def _row(self, row: Row) -> Row:
        item, gone = (
            self._overlay.apply_to(row.item, row.fetched_at),
            self._overlay.is_removed(row.item, row.fetched_at),
        )
        return row if item is row.item and not gone else replace(row, item=item, is_removed=gone)

    def find_row(self, key: str) -> int | None:
        """Return the index of the item with this key; None if the feed lacks it."""
        return self._feed.find_row(key)

    def reload(self) -> bool:
        """Update rows and status. Returns whether rows may have changed."""
        return self._feed.reload()

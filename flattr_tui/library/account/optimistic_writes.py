"""The user's writes (such as flattrs): their questions, confirmations and effects, which are displayed immediately.

Fetched data is displayed with the effects of the writes that it does not contain yet.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from flattr_tui.library.query.list_feed import Feed, FeedStatus, Gap, Row, View
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Entity, Flattr, Receipt, Subscription, Thing

QUOTED = 80
"""Maximum number of characters of a title in a question or confirmation."""


class Write(msgspec.Struct, frozen=True):
    """An action that changes data at the server: an API method, its arguments, and the thing that it acts on."""

    method: str
    """The name of the API method, such as `flattr`."""
    arguments: tuple[tuple[str, str], ...] = ()
    """The arguments of the API method: pairs of a name and a value."""
    thing: Thing | None = None
    """The thing as it is before the write; None for a thing that is not known."""
    active: bool | None = None
    """Whether the subscription is active before the write; None if unknown, or if the write changes no subscription."""

    @classmethod
    def on(cls, method: str, thing: Thing, *, active: bool | None = None, **arguments: str) -> "Write":
        """Return a write that calls an API method with the id of a thing and with further arguments.

        `active` says whether the subscription is active before the write; None if unknown or not relevant.
        """
        return cls(method, (("id", str(thing.id)), *arguments.items()), thing, active)

    @property
    def thing_id(self) -> int | None:
        """The id of the thing that the write acts on; None if the thing is new or not known."""
        return self.thing.id if self.thing is not None else None

    @property
    def target(self) -> str:
        """What the write acts on, within a sentence: a thing's title and owner, or a new thing's title or address."""
        thing, given = self.thing, dict(self.arguments)
        if thing is None:
            return _quoted(given.get("title", "")) if given.get("title") else given.get("url", "it")
        by = f" by {thing.owner.username}" if thing.owner else ""
        return f"{_quoted(thing.title)}{by}" if thing.title else f"thing {thing.id}{by}"

    @property
    def question(self) -> str:
        """The question to ask the user before the write is sent: `Flattr “Title” by ada?`."""
        return _WORDS[self.method].question(self)

    @property
    def done(self) -> str:
        """The past participle of the write, for messages: `flattred`."""
        return _WORDS[self.method].done

    def confirmation(self, receipt: Receipt) -> str:
        """Return a sentence that tells the user that the write was done. `receipt` is the server's response."""
        return _WORDS[self.method].told(self, receipt)

    @property
    def changes(self) -> dict[str, Any]:
        """The new values of those fields of `Thing` that the write changes, by the field's name."""
        return _WORDS[self.method].changes(self)


def _quoted(title: str) -> str:
    return f"“{title if len(title) <= QUOTED else title[: QUOTED - 1] + '…'}”"


class _Words(msgspec.Struct, frozen=True):
    question: Callable[[Write], str]
    done: str
    told: Callable[[Write, Receipt], str]
    changes: Callable[[Write], dict[str, Any]] = lambda _: {}


def _flattr_changes(write: Write) -> dict[str, Any]:
    flattrs = write.thing.flattrs if write.thing is not None else None
    return {"flattred": True} | ({"flattrs": flattrs + 1} if flattrs is not None else {})


def _edit_changes(write: Write) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in write.arguments if name != "id"}
    if "tags" in given:
        given["tags"] = tuple(tag.strip() for tag in given["tags"].split(",") if tag.strip())
    if "hidden" in given:
        given["hidden"] = given["hidden"] == "1"
    return given


def _toggle_question(write: Write) -> str:
    if write.active is None:
        return f"Pause the subscription to {write.target}, or resume it where it is paused?"
    way = "Pause" if write.active else "Resume"
    return f"{way} the subscription to {write.target}?"


def _toggle_confirmation(write: Write, receipt: Receipt) -> str:
    done = {"paused": "Paused", "started": "Resumed"}.get(receipt.message, "Paused or resumed")
    return f"{done} the subscription to {write.target}."


def _edit_question(write: Write) -> str:
    names = [name for name, _ in write.arguments if name != "id"]
    return f"Change {' and '.join((', '.join(names[:-1]), names[-1]) if len(names) > 1 else names)} of {write.target}?"


_WORDS: Final[Mapping[str, _Words]] = {
    "flattr": _Words(
        lambda write: f"Flattr {write.target}?",
        "flattred",
        lambda write, _: f"Flattred {write.target}.",
        _flattr_changes,
    ),
    "flattr-url": _Words(
        lambda write: f"Flattr {write.target}?",
        "flattred",
        lambda write, receipt: f"Flattred {_quoted(receipt.thing.title) if receipt.thing else write.target}.",
    ),
    "subscribe": _Words(
        lambda write: f"Subscribe to {write.target}, to flattr it every month?",
        "subscribed to",
        lambda write, _: f"Subscribed to {write.target}.",
        lambda _: {"subscribed": True},
    ),
    "toggle-subscription": _Words(_toggle_question, "paused or resumed", _toggle_confirmation),
    "unsubscribe": _Words(
        lambda write: f"End the subscription to {write.target}?",
        "unsubscribed from",
        lambda write, _: f"Unsubscribed from {write.target}.",
        lambda _: {"subscribed": False},
    ),
    "create-thing": _Words(
        lambda write: f"Add {write.target} to Flattr, as yours?", "added", lambda write, _: f"Added {write.target}."
    ),
    "update-thing": _Words(_edit_question, "changed", lambda write, _: f"Changed {write.target}.", _edit_changes),
    "delete-thing": _Words(
        lambda write: f"Delete {write.target} for good, with its flattrs and subscriptions?",
        "deleted",
        lambda write, _: f"Deleted {write.target}.",
    ),
}


class PendingWrite(msgspec.Struct, eq=False):
    """A write (such as a flattr) and its effects on the displayed thing."""

    write: Write
    fields: dict[str, Any]
    """The new values of the thing's fields, by the name of the field."""
    active: bool | None = None
    """Whether the subscription is active after the write; None if unknown, or if the write changes no subscription."""
    done_at: float | None = None
    """When the server confirmed the write, in Unix seconds; None while it has not.

    Data that was fetched after this time contains the effects of the write already.
    """

    def applies_to(self, fetched_at: float | None) -> bool:
        """Whether data lacks the effects of the write, because the data was fetched before the write was done.

        `fetched_at` is when the data was fetched, in Unix seconds. With None (unknown), the result is True.
        """
        return self.done_at is None or fetched_at is None or fetched_at <= self.done_at


class OptimisticChanges:
    """Collects the user's writes, and applies their effects to fetched data that does not contain these effects yet.

    Writes on the same thing are applied in the order in which they were added.
    """

    def __init__(self) -> None:
        self._changes: dict[int, list[PendingWrite]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether there are no writes whose effects must be added to fetched data."""
        return not self._changes

    def add(self, write: Write) -> PendingWrite:
        """Show the effects of a write as if the write had succeeded. To undo this, pass the result to `remove`."""
        toggles = write.method == "toggle-subscription" and write.active is not None
        change = PendingWrite(write, write.changes, not write.active if toggles else None)
        if write.thing_id is not None:
            self._changes.setdefault(write.thing_id, []).append(change)
        return change

    def remove(self, change: PendingWrite) -> None:
        """Stop showing the effects of a write. `change` is what `add` returned for this write."""
        number = change.write.thing_id
        if number is not None and change in (changes := self._changes.get(number, [])):
            changes.remove(change)
            if not changes:
                del self._changes[number]

    def pending_write(self, thing_id: int) -> Write | None:
        """Return the write on this thing if the server has not confirmed the write yet; None without such a write."""
        return next((change.write for change in self._changes.get(thing_id, ()) if change.done_at is None), None)

    def apply_to(self, item: Entity, fetched_at: float | None) -> Entity:
        """Return an item with the effects of the user's writes on its thing, if the item does not have them yet.

        `fetched_at` is when the item was fetched (Unix seconds). The effects that the item lacks are the effects of
        writes that the server had not confirmed by then; with None (unknown), of all writes. If the item lacks none, it
        is returned unchanged.
        """
        match item:
            case Thing():
                return self._apply_to_thing(item, fetched_at)
            case Flattr():
                thing = self._apply_to_thing(item.thing, fetched_at)
                return item if thing is item.thing else replace(item, thing=thing)
            case Subscription():
                return self._apply_to_subscription(item, fetched_at)
        return item

    def is_removed(self, item: Entity | None, fetched_at: float | None) -> bool:
        """Whether the user has deleted the item's thing or ended the item's subscription since the item was fetched.

        `fetched_at` is the time of the fetch in Unix seconds; None if unknown.
        """
        match item:
            case Thing():
                return self._has_write("delete-thing", item.id, fetched_at)
            case Flattr():
                return self._has_write("delete-thing", item.thing.id, fetched_at)
            case Subscription():
                number = item.thing.id
                return any(self._has_write(name, number, fetched_at) for name in ("delete-thing", "unsubscribe"))
        return False

    def _has_write(self, method: str, thing_id: int, fetched_at: float | None) -> bool:
        return any(change.write.method == method for change in self._applicable_writes(thing_id, fetched_at))

    def _applicable_writes(self, thing_id: int, fetched_at: float | None) -> list[PendingWrite]:
        return [change for change in self._changes.get(thing_id, ()) if change.applies_to(fetched_at)]

    def _apply_to_thing(self, thing: Thing, fetched_at: float | None) -> Thing:
        for change in self._applicable_writes(thing.id, fetched_at):
            if change.fields:
                thing = replace(thing, **change.fields)
        return thing

    def _apply_to_subscription(self, held: Subscription, fetched_at: float | None) -> Subscription:
        thing = self._apply_to_thing(held.thing, fetched_at)
        if thing is not held.thing:
            held = replace(held, thing=thing)
        for change in self._applicable_writes(thing.id, fetched_at):
            if change.active is not None:
                held = replace(held, active=change.active)
        return held


class OptimisticFeed:
    """The rows of a list (a `Feed`) with the effects of writes that the fetched rows do not contain yet."""

    def __init__(self, feed: Feed, overlay: OptimisticChanges) -> None:
        self._feed = feed
        self._overlay = overlay

    @property
    def request(self) -> ApiRequest:
        """The API request for the list."""
        return self._feed.request

    @property
    def view(self) -> View:
        """The sort order and filter of the rows."""
        return self._feed.view

    @property
    def status(self) -> FeedStatus:
        """How many rows are saved and whether they are being fetched, as of the last `reload`."""
        return self._feed.status

    def __len__(self) -> int:
        return len(self._feed)

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from the index `start` to `stop` (excluded), with the effects of the writes."""
        if self._overlay.is_empty:
            return self._feed.rows(start, stop)
        return [self._apply_to_row(row) if isinstance(row, Row) else row for row in self._feed.rows(start, stop)]

    def _apply_to_row(self, row: Row) -> Row:
        item, gone = (
            self._overlay.apply_to(row.item, row.fetched_at),
            self._overlay.is_removed(row.item, row.fetched_at),
        )
        return row if item is row.item and not gone else replace(row, item=item, is_removed=gone)

    def find_row(self, key: str) -> int | None:
        """Return the index of the row whose item has this key; None if there is no such row."""
        return self._feed.find_row(key)

    def reload(self) -> bool:
        """Update the rows and the status from saved data. Returns whether the rows may have changed."""
        return self._feed.reload()

"""What can be done: each write with its question, its words when it is done, and what it changes of what is shown."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from flattr_tui.model.entities import Receipt, Thing

QUOTED = 80
"""Characters of a title in a question."""


class Write(msgspec.Struct, frozen=True):
    """One write before it is sent: the method, its arguments, and the thing that it is about, as far as it is known."""

    method: str
    arguments: tuple[tuple[str, str], ...] = ()
    thing: Thing | None = None
    active: bool | None = None
    """Whether the subscription that it is about is running, where that is known."""

    @classmethod
    def on(cls, method: str, thing: Thing, *, active: bool | None = None, **arguments: str) -> "Write":
        """Make a write on a thing."""
        return cls(method, (("id", str(thing.id)), *arguments.items()), thing, active)

    @property
    def thing_id(self) -> int | None:
        """The thing that it changes, None for one that is not there yet."""
        return self.thing.id if self.thing is not None else None

    @property
    def what(self) -> str:
        """Name what it is about: the thing and whose it is."""
        thing, given = self.thing, dict(self.arguments)
        if thing is None:
            return _quoted(given.get("title", "")) if given.get("title") else given.get("url", "it")
        by = f" by {thing.owner.username}" if thing.owner else ""
        return f"{_quoted(thing.title)}{by}" if thing.title else f"thing {thing.id}{by}"

    @property
    def question(self) -> str:
        """Ask whether it is to be done, with what follows from it."""
        return _WORDS[self.method].question(self)

    @property
    def done(self) -> str:
        """Say that it was done, without what it was about: `flattred`."""
        return _WORDS[self.method].done

    def told(self, receipt: Receipt) -> str:
        """Say that it was done."""
        return _WORDS[self.method].told(self, receipt)

    @property
    def changes(self) -> dict[str, Any]:
        """What is other of the thing once it is done, by the names of `Thing`'s fields."""
        return _WORDS[self.method].changes(self)


def _quoted(title: str) -> str:
    return f"“{title if len(title) <= QUOTED else title[: QUOTED - 1] + '…'}”"


class _Words(msgspec.Struct, frozen=True):
    question: Callable[[Write], str]
    done: str
    told: Callable[[Write, Receipt], str]
    changes: Callable[[Write], dict[str, Any]] = lambda _: {}


def _flattred(write: Write) -> dict[str, Any]:
    flattrs = write.thing.flattrs if write.thing is not None else None
    return {"flattred": True} | ({"flattrs": flattrs + 1} if flattrs is not None else {})


def _edited(write: Write) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in write.arguments if name != "id"}
    if "tags" in given:
        given["tags"] = tuple(tag.strip() for tag in given["tags"].split(",") if tag.strip())
    if "hidden" in given:
        given["hidden"] = given["hidden"] == "1"
    return given


def _toggle_question(write: Write) -> str:
    if write.active is None:
        return f"Pause the subscription to {write.what}, or resume it where it is paused?"
    way = "Pause" if write.active else "Resume"
    return f"{way} the subscription to {write.what}?"


def _toggled(write: Write, receipt: Receipt) -> str:
    done = {"paused": "Paused", "started": "Resumed"}.get(receipt.message, "Paused or resumed")
    return f"{done} the subscription to {write.what}."


def _edit_question(write: Write) -> str:
    names = [name for name, _ in write.arguments if name != "id"]
    return f"Change {' and '.join((', '.join(names[:-1]), names[-1]) if len(names) > 1 else names)} of {write.what}?"


_WORDS: Final[Mapping[str, _Words]] = {
    "flattr": _Words(
        lambda write: f"Flattr {write.what}?", "flattred", lambda write, _: f"Flattred {write.what}.", _flattred
    ),
    "flattr-url": _Words(
        lambda write: f"Flattr {write.what}?",
        "flattred",
        lambda write, receipt: f"Flattred {_quoted(receipt.thing.title) if receipt.thing else write.what}.",
    ),
    "subscribe": _Words(
        lambda write: f"Subscribe to {write.what}, to flattr it every month?",
        "subscribed to",
        lambda write, _: f"Subscribed to {write.what}.",
        lambda _: {"subscribed": True},
    ),
    "toggle-subscription": _Words(_toggle_question, "paused or resumed", _toggled),
    "unsubscribe": _Words(
        lambda write: f"End the subscription to {write.what}?",
        "unsubscribed from",
        lambda write, _: f"Unsubscribed from {write.what}.",
        lambda _: {"subscribed": False},
    ),
    "create-thing": _Words(
        lambda write: f"Add {write.what} to Flattr, as yours?", "added", lambda write, _: f"Added {write.what}."
    ),
    "update-thing": _Words(_edit_question, "changed", lambda write, _: f"Changed {write.what}.", _edited),
    "delete-thing": _Words(
        lambda write: f"Delete {write.what} for good, with its flattrs and subscriptions?",
        "deleted",
        lambda write, _: f"Deleted {write.what}.",
    ),
}

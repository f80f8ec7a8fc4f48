"""The actions that change data at the server, such as flattring a thing: their questions, confirmations and effects."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from flattr_tui.model.entities import Receipt, Thing

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
        """The new values of the fields of `Thing` that the write changes, by name."""
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
        return f"Pause the subscription to {write.target}, or resume it where it is paused?"
    way = "Pause" if write.active else "Resume"
    return f"{way} the subscription to {write.target}?"


def _toggled(write: Write, receipt: Receipt) -> str:
    done = {"paused": "Paused", "started": "Resumed"}.get(receipt.message, "Paused or resumed")
    return f"{done} the subscription to {write.target}."


def _edit_question(write: Write) -> str:
    names = [name for name, _ in write.arguments if name != "id"]
    return f"Change {' and '.join((', '.join(names[:-1]), names[-1]) if len(names) > 1 else names)} of {write.target}?"


_WORDS: Final[Mapping[str, _Words]] = {
    "flattr": _Words(
        lambda write: f"Flattr {write.target}?", "flattred", lambda write, _: f"Flattred {write.target}.", _flattred
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
    "toggle-subscription": _Words(_toggle_question, "paused or resumed", _toggled),
    "unsubscribe": _Words(
        lambda write: f"End the subscription to {write.target}?",
        "unsubscribed from",
        lambda write, _: f"Unsubscribed from {write.target}.",
        lambda _: {"subscribed": False},
    ),
    "create-thing": _Words(
        lambda write: f"Add {write.target} to Flattr, as yours?", "added", lambda write, _: f"Added {write.target}."
    ),
    "update-thing": _Words(_edit_question, "changed", lambda write, _: f"Changed {write.target}.", _edited),
    "delete-thing": _Words(
        lambda write: f"Delete {write.target} for good, with its flattrs and subscriptions?",
        "deleted",
        lambda write, _: f"Deleted {write.target}.",
    ),
}

"""Describes items in words, as pieces of text with styles, and names the kinds of lists. Imports nothing of Textual.

A style is written as in Textual (`bold $accent`); "" is ordinary text. `now` is the current time in Unix seconds.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo
from typing import Final, NamedTuple

import msgspec

from flattr_tui.library.bookmarks import Mark, MarkKind
from flattr_tui.library.events import SourceStatus, WaitReason
from flattr_tui.library.query.changes import Change, ChangeKind
from flattr_tui.library.query.list_feed import SAVED_FLATTRS
from flattr_tui.model.api_request import fold_username
from flattr_tui.model.entities import (
    Activity,
    Entity,
    Flattr,
    Subscription,
    Thing,
    User,
    address_of,
    thing_of,
    time_of,
    username_of,
)
from flattr_tui.ui import format as fmt

UNTITLED: Final = "(no title)"
LABEL_WIDTH: Final = 8
"""Width in cells of a label, including the blanks after it."""


class Part(NamedTuple):
    """A part of a line, and its style."""

    text: str
    style: str = ""


class Line(NamedTuple):
    """A line of text parts; its label, if any, is shown in front of them."""

    parts: Sequence[Part] = ()
    label: str | None = None

    @property
    def text(self) -> str:
        """The line without its label and styles."""
        return "".join(part.text for part in self.parts)


DOT: Final = Part(" · ", "$muted")
"""Separates the parts of a line."""
BLANK: Final = Line()


def join_parts(parts: Iterable[str], style: str = "") -> list[Part]:
    """Return the texts in `parts` that are not empty, all in one style, with dots between them."""
    joined: list[Part] = []
    for text in filter(None, parts):
        joined += [DOT, Part(text, style)] if joined else [Part(text, style)]
    return joined


def _line(text: str, style: str = "") -> Line:
    return Line([Part(text, style)])


def _labelled(label: str, *parts: Part) -> Line:
    return Line(parts, label)


def describe_item(item: Entity | None, now: float, tz: tzinfo = UTC) -> list[Line]:
    """Return the lines that describe an item; empty if nothing is known about it."""
    match item:
        case Flattr():
            who = item.owner.username if item.owner else "somebody"
            did = Line([Part(who, "$secondary"), Part(f" flattred it {fmt.when(item.created_at, now, tz)}", "$muted")])
            return [*describe_thing(item.thing, now, tz), BLANK, did]
        case Activity():
            return _describe_activity(item, now, tz)
        case User():
            return describe_user(item, tz)
    thing = thing_of(item)
    return describe_thing(thing, now, tz) if thing is not None else []


def describe_thing(thing: Thing, now: float, tz: tzinfo = UTC) -> list[Line]:
    """Return the lines that describe a thing, as far as its fields are known."""
    by = [f"by {username_of(thing)}" if thing.owner else "", fmt.category(thing.category), fmt.language(thing.language)]
    lines = [_line(thing.title or UNTITLED, "bold $accent"), Line(join_parts(by, "$secondary")), BLANK]
    if thing.flattrs is not None:
        people = f" by {fmt.plural(thing.flattrs_user_count, 'person', 'people')}" if thing.flattrs_user_count else ""
        lines += [Line([Part(fmt.plural(thing.flattrs, "flattr"), "bold"), Part(people, "$muted")]), BLANK]
    if thing.description:
        lines += [_line(thing.description), BLANK]
    if thing.tags:
        lines.append(_labelled("tags", *join_parts(thing.tags)))
    if thing.created_at:
        lines.append(_labelled("added", Part(fmt.day(thing.created_at, tz))))
    if thing.updated_at is not None:
        lines.append(_labelled("changed", Part(fmt.day(thing.updated_at, tz) if thing.updated_at else "never")))
    if thing.last_flattr_at:
        lines.append(_labelled("last", Part(f"flattred {fmt.when(thing.last_flattr_at, now, tz)}")))
    if did := join_parts(["flattred it" if thing.flattred else "", "subscribed" if thing.subscribed else ""]):
        lines.append(_labelled("you", *(Part(text, "$success") for text, _ in did)))
    if thing.hidden:
        lines.append(_labelled("", Part("hidden from public lists", "$warning")))
    if address := address_of(thing):
        lines += [BLANK, _line(address, "underline $secondary")]
    return lines


SIGNED_VERBS: Final = {"like": "flattred", "post": "added", "save": "subscribed"}
"""The verbs of Activity Streams that lists show as a symbol, each with its meaning at Flattr."""


def shorten_sentence(activity: Activity, list_owner: str, *, signed: bool = False) -> str:
    """Return an activity's sentence without the name of `list_owner`, the user whose activities are listed.

    If `list_owner` is "", the sentence keeps all names. `signed` says that the list shows the verb as a symbol: then
    only the thing's name is returned.
    """
    actor, sentence = activity.actor_name or "", activity.title or activity.verb
    if not list_owner or fold_username(actor) != fold_username(list_owner) or not sentence.startswith(f"{actor} "):
        return sentence
    thing = activity.object_name
    if signed and thing and thing in sentence and activity.verb in SIGNED_VERBS:
        return thing
    return sentence.removeprefix(f"{actor} ")


def _describe_activity(activity: Activity, now: float, tz: tzinfo) -> list[Line]:
    lines = [
        _line(activity.title or activity.verb, "bold $accent"),
        _line(fmt.when(activity.published, now, tz), "$muted"),
        BLANK,
    ]
    if activity.actor_name and activity.actor_name not in activity.title:
        lines.append(_labelled("who", Part(activity.actor_name, "$secondary")))
    if activity.object_name and activity.object_name not in activity.title:
        lines.append(_labelled("what", Part(activity.object_name)))
    if activity.object_url:
        lines += [BLANK] if lines[-1] != BLANK else []
        lines.append(_line(activity.object_url, "underline $secondary"))
    return lines


def describe_user(user: User, tz: tzinfo = UTC) -> list[Line]:
    """Return the lines that describe a user: names, location, and the text about themselves."""
    name = user.name if user.name != user.username else ""
    lines = [_line(user.username, "bold $accent")]
    if text := join_parts([name, ", ".join(part for part in (user.city, user.country) if part)]):
        lines.append(Line(text))
    if user.about:
        lines.append(_line(f"“{user.about}”", "italic"))
    if user.url:
        lines.append(_line(user.url, "underline $secondary"))
    if user.email:
        lines.append(_line(user.email, "$muted"))
    if user.registered_at:
        lines.append(_line(f"since {fmt.month(user.registered_at, tz)}", "$muted"))
    return lines


def summarize(
    item: Entity | None, now: float, tz: tzinfo = UTC, *, list_owner: str = "", with_giver: bool = False
) -> list[str]:
    """Return the texts by which a row of a list shows an item, the most important first.

    The texts do not contain the name `list_owner`, the user whose list it is. With `with_giver`, the texts of a flattr
    contain the name of the user who gave it.
    """
    moment = time_of(item) if isinstance(item, Flattr | Activity | Subscription | Thing) else None
    at = fmt.when(moment, now, tz)
    match item:
        case Activity():
            return [shorten_sentence(item, list_owner), at]
        case User():
            return [item.username, item.name if item.name != item.username else ""]
        case Flattr() if item.owner is not None and with_giver:
            return [f"{item.owner.username} flattred {item.thing.title or UNTITLED}", at]
    thing = thing_of(item)
    if thing is None:
        return []
    by = f"by {thing.owner.username}" if thing.owner and thing.owner.username != list_owner else ""
    flattrs = "" if thing.flattrs is None else fmt.plural(thing.flattrs, "flattr")
    state = ""
    if isinstance(item, Subscription) and item.active is not None:
        state = "every month" if item.active else "paused"
    parts = [
        thing.title or UNTITLED,
        by,
        flattrs,
        fmt.category(thing.category),
        fmt.language(thing.language),
        state,
        at,
    ]
    return [part for part in parts if part]


def describe_change(change: Change, tz: tzinfo = UTC) -> list[str]:
    """Return texts about a change: its time, its kind, and whose list it is: `2018-01-03 12:00`, `flattr added`, `ada`.

    The user name is left out if it is unknown.
    """
    match change.kind:
        case ChangeKind.RECOUNTED:
            what = f"flattrs {change.old:,} → {change.new:,} ({change.new - change.old:+,})"
        case kind:
            what = f"{change.noun} {kind.value}"
    parts = [f"{fmt.moment(change.at, tz):%Y-%m-%d %H:%M}", what, change.username]
    return [part for part in parts if part]


def bookmark_title(mark: Mark, *, start: bool = False) -> str:
    """Return a bookmark's title for use within a sentence; with `start`, for the beginning of a sentence."""
    match mark.kind:
        case MarkKind.USER:
            return mark.key
        case MarkKind.THING:
            return f"“{mark.title}”" if mark.title else f"{'T' if start else 't'}hing {mark.key}"
        case MarkKind.SEARCH:
            return f"{'T' if start else 't'}he search for {mark.title}"
        case MarkKind.FILTER:
            return f"{'T' if start else 't'}he filter “{mark.title}”"
        case MarkKind.FIND:
            return f"{'T' if start else 't'}he query “{mark.title}”"


class ListLabels(msgspec.Struct, frozen=True):
    """The words for a kind of list. `{who}` in a text stands for the name of the user whose list it is."""

    title: str
    noun: str
    none: str
    """The text for an empty list."""
    plural: str = ""
    """Plural of `noun`; "" if it is `noun` with an s."""

    def count(self, number: int) -> str:
        """Return a number with the noun of the list's items: `412 flattrs`."""
        return fmt.plural(number, self.noun, self.plural)


LIST_WORDS: Final = {
    "user-flattrs": ListLabels("Flattrs of {who}", "flattr", "No flattrs. {who} has none, or hides them."),
    "my-flattrs": ListLabels("My flattrs", "flattr", "You haven't flattred anything yet."),
    "user-things": ListLabels("Things of {who}", "thing", "No things. {who} has added none."),
    "my-things": ListLabels("My things", "thing", "You haven't added a thing yet."),
    "user-activities": ListLabels(
        "Activities of {who}", "activity", "No activities. {who} has none, or hides them.", "activities"
    ),
    "my-activities": ListLabels("My activities", "activity", "Nothing has happened yet.", "activities"),
    "my-subscriptions": ListLabels("My subscriptions", "subscription", "You have no subscriptions yet."),
    "thing-flattrs": ListLabels("Who flattred it", "flattr", "Nobody has flattred it yet, or they hide it."),
    SAVED_FLATTRS: ListLabels("Saved flattrs of {who}", "flattr", "This is no longer saved."),
    "search": ListLabels("Found", "thing", "Nothing found. Try fewer words, or remove a filter."),
}
"""The words for each list, by the API method that returns it. `SAVED_FLATTRS` is not an API method."""


def wait_reason(status: SourceStatus) -> str:
    """Return a sentence that says why no requests are sent now."""
    if status.waiting_for is WaitReason.SERVER:
        return "The server is overloaded and asked us to wait"
    return "This hour's requests are used up"

"""Formats times, numbers and items as text for people, and contains the words for each kind of list. Uses no Textual.

All functions are pure: the current time and time zone are arguments. `timestamp` and `now` are Unix seconds; `elapsed`
and `left` are durations in seconds. Items are described by pieces of text with styles, which are written as in Textual
(`bold $accent`); "" is ordinary text.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from flattr_tui.library.events import SourceStatus, SyncProgress, WaitReason
from flattr_tui.model.api_request import SAVED_FLATTRS, fold_username
from flattr_tui.model.entities import (
    CATEGORIES,
    LANGUAGES,
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
from flattr_tui.model.query_dates import SHORT_MONTHS

if TYPE_CHECKING:
    from flattr_tui.library.query.change_history import Change

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_CATEGORIES = {"software": "soft", "images": "image", "people": "folk", "rest": "other"}
"""Short names of categories by id, for a column of five cells."""
_CATEGORIES = {choice.id: choice.text for choice in CATEGORIES}
_LANGUAGES = {choice.id: choice.text for choice in LANGUAGES}
CLOCK_TOLERANCE_SECONDS = 60.0
"""A saved time up to this many seconds in the future counts as now, because clocks get corrected."""
_MAX_TIMESTAMP = datetime(9999, 12, 30, tzinfo=UTC).timestamp()


def none_saved(username: str) -> str:
    """Return the sentence that no flattrs of a user are saved; with "", that none are saved at all."""
    return f"No flattrs of {username} are saved yet." if username else "No flattrs are saved yet."


def moment(timestamp: float, tz: tzinfo = UTC) -> datetime:
    """Return a timestamp as a date and time.

    A time outside the years from 1970 to 9999 is replaced by the nearest time in these years.
    """
    return datetime.fromtimestamp(min(max(timestamp, 0), _MAX_TIMESTAMP), tz)


def when(timestamp: float | None, now: float, tz: tzinfo = UTC) -> str:
    """Format a timestamp as text; "" for None.

    The text is `today 09:12`, `yesterday`, a weekday (2 to 6 days ago), or otherwise a date: `12 Mar 2016`.
    """
    if timestamp is None:
        return ""
    at = moment(timestamp, tz)
    days = (_today(now, tz) - at.date()).days
    if days == 0:
        return f"today {at:%H:%M}"
    if days == 1:
        return "yesterday"
    return DAYS[at.weekday()] if 1 < days < 7 else day(timestamp, tz)


@lru_cache(4)
def _today(now: float, tz: tzinfo) -> date:  # cached, because it is the same for each row
    return moment(now, tz).date()


def day(timestamp: float, tz: tzinfo = UTC) -> str:
    """Format the date of a timestamp: `12 Mar 2016`."""
    at = moment(timestamp, tz)
    return f"{at.day} {SHORT_MONTHS[at.month - 1]} {at.year}"


def month(timestamp: float, tz: tzinfo = UTC) -> str:
    """Format the month of a timestamp: `Apr 2010`."""
    at = moment(timestamp, tz)
    return f"{SHORT_MONTHS[at.month - 1]} {at.year}"


def month_name(text: str) -> str:
    """Format `2010-04` as `Apr 2010`; other texts are returned unchanged."""
    year, _, number = text.partition("-")
    return f"{SHORT_MONTHS[int(number) - 1]} {year}" if number.isdecimal() and 1 <= int(number) <= 12 else text


def clock(timestamp: float, tz: tzinfo = UTC) -> str:
    """Format the time of day of a timestamp: `14:32`."""
    return f"{moment(timestamp, tz):%H:%M}"


def age(elapsed: float) -> str:
    """Format an age in seconds: `now`, `5 min`, `3 h`, `12 days`, `4 months`, `3 years`."""
    if elapsed < 60:
        return "now"
    for size, name in ((3600, "min"), (86_400, "h")):
        if elapsed < size:
            return f"{int(elapsed // (size // (60 if name == 'min' else 24)))} {name}"
    days = int(elapsed // 86_400)
    if days < 60:
        return plural(days, "day")
    return plural(days // 30, "month") if days < 730 else plural(days // 365, "year")


def next_age_in(elapsed: float) -> float:
    """Return the seconds until the text that `age` or `ago` returns for `elapsed` may change."""
    if elapsed < -CLOCK_TOLERANCE_SECONDS:
        return -CLOCK_TOLERANCE_SECONDS - elapsed
    unit = 60 if elapsed < 3600 else 3600 if elapsed < 86_400 else 86_400
    return unit - elapsed % unit


def next_day_in(now: float, tz: tzinfo = UTC) -> float:
    """Return the seconds from `now` (Unix seconds) until the next midnight in the time zone `tz`.

    At midnight, texts that `when` has returned become outdated: `today` must become `yesterday`.
    """
    at = moment(now, tz)
    midnight = datetime.combine(at.date() + timedelta(days=1), time(), tz)
    return midnight.timestamp() - now


def ago(elapsed: float) -> str:
    """Format how long ago something was: `just now`, `3 h ago`. `elapsed` is in seconds.

    For a time in the future, return `(unknown age)`: the clock is wrong now, or was wrong at that time.
    """
    if elapsed < -CLOCK_TOLERANCE_SECONDS:
        return "(unknown age)"
    text = age(elapsed)
    return "just now" if text == "now" else f"{text} ago"


def countdown(left: float) -> str:
    """Format `left`, the remaining seconds, as `04:12` or `1:04:12`; never less than `00:00`."""
    hours, rest = divmod(max(0, round(left)), 3600)
    tail = f"{rest // 60:02}:{rest % 60:02}"
    return f"{hours}:{tail}" if hours else tail


def next_countdown_in(left: float) -> float:
    """Return the seconds until the text that `countdown` returns for `left` changes; infinity if it never does."""
    return (left - 0.5) % 1 or 1.0 if left > 0.5 else math.inf


def number(value: int | None) -> str:
    """Format a number with commas between thousands; "" for None."""
    return "" if value is None else f"{value:,}"


def byte_size(number: int) -> str:
    """Format a number of bytes: `512 B`, `21.4 KB`, `3.0 GB`. A KB is 1,000 bytes."""
    if number < 1_000:
        return f"{number} B"
    for unit, factor in (("KB", 1e3), ("MB", 1e6)):
        if round(number / factor, 1) < 1_000:
            return f"{number / factor:.1f} {unit}"
    return f"{number / 1e9:,.1f} GB"


def plural(value: int, noun: str, plural_noun: str = "") -> str:
    """Format a number and its noun: `1 flattr`, `412 flattrs`. `plural_noun` is the plural; "" for `noun` with an s."""
    return f"{value:,} {noun if value == 1 else plural_noun or f'{noun}s'}"


def counted(progress: SyncProgress) -> str:
    """Format how many items of a sync are saved, and how many there are in all: `1,240 of 3,000`.

    A sync that is still running may find more items. Then the text is `1,240 of ≥3,000`.
    """
    return f"{progress.items:,} of {'' if progress.ended else '≥'}{progress.items_at_least:,}"


def changed(progress: SyncProgress) -> str:
    """Format the changes that a sync found: `3 new, 1 gone, 12 with a different number of flattrs`."""
    parts = [f"{progress.new:,} new"]
    parts += [f"{progress.gone:,} gone"] if progress.gone else []
    parts += [f"{progress.recounted:,} with a different number of flattrs"] if progress.recounted else []
    parts += [f"{progress.unsaved:,} fetched but not saved"] if progress.unsaved else []
    return ", ".join(parts)


def category(name: str | None, *, short: bool = False) -> str:
    """Return the name of a category, such as `Software` (or `soft` if `short`); "" for None.

    An unknown category is named by its id.
    """
    if not name:
        return ""
    return SHORT_CATEGORIES.get(name, name) if short else _CATEGORIES.get(name, name)


def language(name: str | None) -> str:
    """Return the name of a language, such as `English`; "" for None. An unknown language is named by its id."""
    return _LANGUAGES.get(name, name) if name else ""


def percent(part: int, whole: int) -> str:
    """Format the share of `part` in `whole`: `52 %`; `<1 %` for less than half a percent; "" if `whole` is 0."""
    if not whole:
        return ""
    share = round(100 * part / whole)
    return "<1 %" if part and not share else f"{share} %"


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
        """The texts of all parts, joined. The label is left out."""
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
    """Return the lines that describe an item; empty if nothing is known about the item."""
    match item:
        case Flattr():
            who = item.owner.username if item.owner else "somebody"
            did = Line([Part(who, "$secondary"), Part(f" flattred it {when(item.created_at, now, tz)}", "$muted")])
            return [*describe_thing(item.thing, now, tz), BLANK, did]
        case Activity():
            return _describe_activity(item, now, tz)
        case User():
            return describe_user(item, tz)
    thing = thing_of(item)
    return describe_thing(thing, now, tz) if thing is not None else []


def describe_thing(thing: Thing, now: float, tz: tzinfo = UTC) -> list[Line]:
    """Return the lines that describe a thing, as far as its fields are known."""
    by = [f"by {username_of(thing)}" if thing.owner else "", category(thing.category), language(thing.language)]
    lines = [_line(thing.title or UNTITLED, "bold $accent"), Line(join_parts(by, "$secondary")), BLANK]
    if thing.flattrs is not None:
        people = f" by {plural(thing.flattrs_user_count, 'person', 'people')}" if thing.flattrs_user_count else ""
        lines += [Line([Part(plural(thing.flattrs, "flattr"), "bold"), Part(people, "$muted")]), BLANK]
    if thing.description:
        lines += [_line(thing.description), BLANK]
    if thing.tags:
        lines.append(_labelled("tags", *join_parts(thing.tags)))
    if thing.created_at:
        lines.append(_labelled("added", Part(day(thing.created_at, tz))))
    if thing.updated_at is not None:
        lines.append(_labelled("changed", Part(day(thing.updated_at, tz) if thing.updated_at else "never")))
    if thing.last_flattr_at:
        lines.append(_labelled("last", Part(f"flattred {when(thing.last_flattr_at, now, tz)}")))
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

    If `list_owner` is "", the sentence keeps all names. If `signed` is true, the list shows the verb as a symbol; then
    the verb is left out, too, and only the name of the thing is returned.
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
        _line(when(activity.published, now, tz), "$muted"),
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
        lines.append(_line(f"since {month(user.registered_at, tz)}", "$muted"))
    return lines


def summarize(
    item: Entity | None, now: float, tz: tzinfo = UTC, *, list_owner: str = "", with_giver: bool = False
) -> list[str]:
    """Return a few short texts that describe an item in one row of a list, the most important text first.

    The texts are relative to the time `now` (Unix seconds) in the time zone `tz`. They do not contain the name
    `list_owner`, the user whose list it is. With `with_giver`, the texts of a flattr contain the name of the user who
    gave it.
    """
    moment = time_of(item) if isinstance(item, Flattr | Activity | Subscription | Thing) else None
    at = when(moment, now, tz)
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
    flattrs = "" if thing.flattrs is None else plural(thing.flattrs, "flattr")
    state = ""
    if isinstance(item, Subscription) and item.active is not None:
        state = "every month" if item.active else "paused"
    parts = [
        thing.title or UNTITLED,
        by,
        flattrs,
        category(thing.category),
        language(thing.language),
        state,
        at,
    ]
    return [part for part in parts if part]


def describe_change(change: "Change", tz: tzinfo = UTC) -> list[str]:
    """Return a change's time and kind, and the owner of the changed list: `2018-01-03 12:00`, `flattr added`, `ada`.

    The owner is left out if unknown.
    """
    what = f"{change.noun} {change.kind.value}"
    if change.old or change.new:
        what = f"flattrs {change.old:,} → {change.new:,} ({change.new - change.old:+,})"
    parts = [f"{moment(change.at, tz):%Y-%m-%d %H:%M}", what, change.username]
    return [part for part in parts if part]


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
        return plural(number, self.noun, self.plural)


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
    """Return a sentence that says why no requests are sent now. `status` is the status of the source."""
    if status.waiting_for is WaitReason.SERVER:
        return "The server is overloaded and asked us to wait"
    return "This hour's requests are used up"

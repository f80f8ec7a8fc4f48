"""Flattr's objects as values, and what an item is about: its thing, its user, its time and its address.

There is one class for each object, whether the service sends all of its fields or only a few ('mini'); fields that were
not sent are None. Times are Unix seconds. Decoding cleans every string with `model.text_sanitizer`; data that is not
Flattr's raises `NotFlattrError`. Source: `flattr/developers.flattr.net`, lib/flattr.rb (the documentation's own field
tables) and content/api/resources/.
"""

import re
from typing import Annotated, Any

from msgspec import Meta, Struct

from flattr_tui.model.pasted_address import THING_SEGMENTS, USER_SEGMENTS, segment_after

Json = Any
"""Parsed JSON, XML or YAML. Check its type before use."""

UNREADABLE = "a list without a readable record"
"""The words in messages for an API page of which no record could be decoded."""


class NotFlattrError(ValueError):
    """The body is not a response of a Flattr API. The message says what it is instead, such as an HTML page."""


MAX_INTEGER = 2**63 - 1
"""The largest integer that SQLite stores."""
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
"""A number from 0 to the largest that SQLite can store. Decoding treats other numbers as missing."""

MAX_TIMESTAMP = 99_999_999_999
"""The largest time in Unix seconds (the year 5138). Larger numbers are read as milliseconds."""
Timestamp = Annotated[int, Meta(ge=0, le=MAX_TIMESTAMP)]
"""A time in Unix seconds."""


class User(Struct, frozen=True, kw_only=True):
    """A user, complete or mini (only `username`, `resource`, `link`). Source: content/api/resources/users.md."""

    username: str
    resource: str | None = None
    link: str | None = None
    id: str | None = None
    url: str | None = None
    firstname: str | None = None
    lastname: str | None = None
    avatar: str | None = None
    about: str | None = None
    city: str | None = None
    country: str | None = None
    email: str | None = None
    registered_at: Timestamp | None = None
    active_supporter: bool | None = None

    @property
    def key(self) -> str:
        """Identifies the user among users: the user name."""
        return self.username

    @property
    def name(self) -> str:
        """First and last name, or the user name if the service sent neither."""
        return " ".join(part for part in (self.firstname, self.lastname) if part) or self.username


class Thing(Struct, frozen=True, kw_only=True):
    """Something that can be flattred. Source: content/api/resources/things.md."""

    id: Count
    title: str = ""
    url: str | None = None
    resource: str | None = None
    link: str | None = None
    image: str | None = None
    flattrs: Count | None = None
    flattrs_user_count: Count | None = None
    owner: User | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    language: str | None = None
    category: str | None = None
    created_at: Timestamp | None = None
    hidden: bool | None = None
    flattred: bool | None = None
    subscribed: bool | None = None
    last_flattr_at: Timestamp | None = None
    updated_at: Timestamp | None = None

    @property
    def key(self) -> str:
        """Identifies the thing among things: its id as text."""
        return str(self.id)


class Flattr(Struct, frozen=True, kw_only=True):
    """One user's flattr of one thing. It has no id of its own. Source: content/api/resources/flattrs.md."""

    thing: Thing
    owner: User | None = None
    """The user who gave the flattr."""
    created_at: Timestamp | None = None

    @property
    def key(self) -> str:
        """Identifies the flattr among flattrs: `USERNAME/THING/TIME`."""
        return f"{self.owner.username if self.owner else ''}/{self.thing.id}/{self.created_at or 0}"


class Activity(Struct, frozen=True, kw_only=True):
    """One entry of an activity stream (Activity Streams 1.0). Source: content/api/resources/activities.md."""

    id: str
    published: Count | None = None
    title: str = ""
    verb: str = ""
    actor_name: str | None = None
    actor_url: str | None = None
    object_name: str | None = None
    object_url: str | None = None

    @property
    def key(self) -> str:
        """Identifies the activity among activities: normally the service's tag URI (RFC 4151)."""
        return self.id


class Subscription(Struct, frozen=True, kw_only=True):
    """A standing order to flattr a thing each month. Source: content/api/resources/subscriptions.md."""

    thing: Thing
    active: bool | None = None
    created_at: Timestamp | None = None
    started_at: Timestamp | None = None

    @property
    def key(self) -> str:
        """Identifies the subscription among one user's subscriptions: the key of its thing."""
        return self.thing.key


class Choice(Struct, frozen=True):
    """A category or a language: the id that is sent and the text that is displayed.

    Source: content/api/resources/{categories,languages}.md.
    """

    id: str
    text: str

    @property
    def key(self) -> str:
        """Identifies the choice among categories or languages: its id."""
        return self.id


class RateLimit(Struct, frozen=True, kw_only=True):
    """How many requests may be sent in this hour. Source: content/api/index.md, 'Rate limiting'."""

    limit: Count
    """Number of requests that are allowed in an hour."""
    remaining: Count
    current: Count | None = None
    """Number of requests that were made in this hour."""
    reset: Count | None = None
    """When the hour ends, in Unix seconds."""


class Lookup(Struct, frozen=True, kw_only=True):
    """The result of looking up a page's address. Source: content/api/resources/things.md, 'Check if a thing exists'."""

    found: bool
    """Whether a thing exists for the page."""
    location: str | None = None
    """An address of the thing, normally its address in the API; None if there is no thing."""
    description: str | None = None

    @property
    def thing_id(self) -> int | None:
        """The id of the thing: the number with which the path of `location` ends; None if it ends otherwise."""
        path = re.split(r"[?#]", self.location or "", maxsplit=1)[0].rstrip("/")
        tail = re.sub(r"\.(?:json|xml|yaml)$", "", path.rpartition("/")[2])
        return int(tail) if tail.isascii() and tail.isdigit() and len(tail) < 19 else None


class Receipt(Struct, frozen=True, kw_only=True):
    """The body of the response to a write: a message and, often, the thing."""

    message: str = ""
    description: str = ""
    thing: Thing | None = None
    id: Count | None = None
    link: str | None = None


Item = User | Thing | Flattr | Activity | Subscription | Choice
"""What a list can contain. Each has a `key`."""


def time_of(item: Item) -> int | None:
    """Return when an item was created, in Unix seconds; None if unknown, or if items of its kind have no time."""
    match item:
        case Thing() | Flattr() | Subscription():
            return item.created_at
        case Activity():
            return item.published
    return None


Entity = Item | RateLimit | Lookup | Receipt
"""What a decoded body can contain."""


def thing_of(item: Entity | None) -> Thing | None:
    """Return the thing that an item is or refers to; None if there is none.

    For an activity, the thing is made from the address and the title in the activity.
    """
    match item:
        case Thing():
            return item
        case Flattr() | Subscription():
            return item.thing
        case Activity():
            number = segment_after(item.object_url, THING_SEGMENTS)
            if number.isascii() and number.isdigit() and len(number) < 19:
                return Thing(id=int(number), title=item.object_name or "", link=item.object_url)
    return None


def username_of(item: Entity | None) -> str:
    """Return the name of the user whose profile belongs to an item; "" if there is none.

    For a user, it is that user's name; for a thing, flattr or subscription, the name of the thing's owner. For an
    activity, it is the user whom the activity is about; if it is about no user, the user who acted.
    """
    match item:
        case User():
            return item.username
        case Thing() | Flattr() | Subscription():
            thing = thing_of(item)
            return thing.owner.username if thing and thing.owner else ""
        case Activity():
            return (
                segment_after(item.object_url, USER_SEGMENTS)
                or segment_after(item.actor_url, USER_SEGMENTS)
                or item.actor_name
                or ""
            )
    return ""


def address_of(item: Entity | None) -> str:
    """Return the address to open in a browser for an item; "" if there is none.

    For a thing it is preferably the thing's own page, for a user preferably the profile at Flattr.
    """
    match item:
        case User():
            return item.link or item.url or ""
        case Thing():
            return item.url or item.link or ""
        case Flattr() | Subscription():
            return address_of(item.thing)
        case Activity():
            return item.object_url or ""
    return ""


CATEGORIES: tuple[Choice, ...] = tuple(
    Choice(*pair.split(" ", 1))
    for pair in (
        "text Text",
        "images Images",
        "video Video",
        "audio Audio",
        "software Software",
        "people People",
        "rest Other",
    )
)
"""The categories in Flattr's documentation, for when the server's own list is not available."""

LANGUAGES: tuple[Choice, ...] = tuple(
    Choice(*pair.split(" "))
    for pair in [
        "en_GB English",
        "sq_AL Albanian",
        "ar_DZ Arabic",
        "be_BY Belarusian",
        "bg_BG Bulgarian",
        "ca_ES Catalan",
        "zh_CN Chinese",
        "hr_HR Croatian",
        "cs_CZ Czech",
        "da_DK Danish",
        "nl_NL Dutch",
        "et_EE Estonian",
        "fi_FI Finnish",
        "fr_FR French",
        "de_DE German",
        "el_GR Greek",
        "iw_IL Hebrew",
        "hi_IN Hindi",
        "hu_HU Hungarian",
        "is_IS Icelandic",
        "in_ID Indonesian",
        "ga_IE Irish",
        "it_IT Italian",
        "ja_JP Japanese",
        "ko_KR Korean",
        "lv_LV Latvian",
        "lt_LT Lithuanian",
        "mk_MK Macedonian",
        "ms_MY Malay",
        "mt_MT Maltese",
        "no_NO Norwegian",
        "pl_PL Polish",
        "pt_PT Portuguese",
        "ro_RO Romanian",
        "ru_RU Russian",
        "sr_RS Serbian",
        "sk_SK Slovak",
        "sl_SI Slovenian",
        "es_ES Spanish",
        "sv_SE Swedish",
        "th_TH Thai",
        "tr_TR Turkish",
        "uk_UA Ukrainian",
        "vi_VN Vietnamese",
    ]
)
"""The languages in Flattr's documentation, for when the server's own list is not available."""

"""What an item of a list is about: the thing, the person and the address behind it."""

import re
from collections.abc import Collection
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from flattr_tui.model.entities import Activity, Entity, Flattr, Subscription, Thing, User

THING_SEGMENTS = ("thing", "things", "t")
"""What stood before a thing's id in addresses of its page: in the last years, in the API, in short ones."""
USER_SEGMENTS = ("profile", "user", "users")
"""What stood before a user's name."""


def thing_of(item: Entity | None) -> Thing | None:
    """Return the thing that an item is or holds; for an activity, what its address and title tell of it."""
    match item:
        case Thing():
            return item
        case Flattr() | Subscription():
            return item.thing
        case Activity():
            number = _segment_after(item.object_url, THING_SEGMENTS)
            if number.isascii() and number.isdigit() and len(number) < 19:
                return Thing(id=int(number), title=item.object_name or "", link=item.object_url)
    return None


def username_of(item: Entity | None) -> str:
    """Return the user name that an item leads to: whose thing it is, or who acted; "" for nobody."""
    match item:
        case User():
            return item.username
        case Thing() | Flattr() | Subscription():
            thing = thing_of(item)
            return thing.owner.username if thing and thing.owner else ""
        case Activity():
            return (
                _segment_after(item.object_url, USER_SEGMENTS)
                or _segment_after(item.actor_url, USER_SEGMENTS)
                or item.actor_name
                or ""
            )
    return ""


def bookmarked_as(item: Entity | None) -> Thing | User | None:
    """Return what is bookmarked of an item: a user, the thing that it is about, or whom an activity leads to."""
    if isinstance(item, User):
        return item
    thing = thing_of(item)
    if thing is None and isinstance(item, Activity):
        return User(username=username_of(item))
    return thing


def address_of(item: Entity | None) -> str:
    """Return the address that a person would open: the thing's own where it has one; "" for none."""
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


def is_web(address: str) -> bool:
    """Whether an address is one that a browser may be given: http or https, with a host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def parse_thing_id(address: str) -> int | None:
    """Read a thing's id off an address such as `https://flattr.com/thing/423405/…`, or off a bare number.

    Other sites have a `/t/1` too: of these only `/thing/` is taken for a thing's.
    """
    text = address.strip()
    after = THING_SEGMENTS if re.match(r"(https?://)?([a-z]+\.)?flattr\.com/|/?t/", text) else THING_SEGMENTS[:1]
    number = text if text.isascii() and text.isdigit() else _segment_after(text, after)
    return int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 19 else None


def _segment_after(address: str | None, after: Collection[str]) -> str:
    """Return the path's part that follows the first of `after`: `/profile/ada` after `profile` is `ada`."""
    try:
        parts = urlsplit(address or "").path.strip("/").split("/")
    except ValueError:
        return ""
    return next((unquote(part) for before, part in pairwise(parts) if before in after), "")

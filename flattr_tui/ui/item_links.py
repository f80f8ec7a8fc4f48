"""What an item links to: its thing, its user, its address."""

from urllib.parse import urlsplit

from flattr_tui.model.entities import Activity, Entity, Flattr, Subscription, Thing, User
from flattr_tui.model.pasted_address import THING_SEGMENTS, USER_SEGMENTS, segment_after


def thing_of(item: Entity | None) -> Thing | None:
    """Return an item's thing; for an activity, a thing made from its address and title; None if there is none."""
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
    """Return the user name that an item links to: the owner, or the user who acted; "" for none."""
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


def bookmarked_as(item: Entity | None) -> Thing | User | None:
    """Return the user or thing that a bookmark of an item points to; None if the item can't be bookmarked."""
    if isinstance(item, User):
        return item
    thing = thing_of(item)
    if thing is None and isinstance(item, Activity):
        return User(username=username_of(item))
    return thing


def address_of(item: Entity | None) -> str:
    """Return the address to open in a browser: preferably the thing's own; "" for none."""
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
    """Whether an address may be given to a browser: http or https, with a host."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)

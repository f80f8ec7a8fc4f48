"""Converts rows of the sandbox's data to objects of the API, either complete or mini (with few fields).

Source: `flattr/developers.flattr.net`, lib/flattr.rb (its example objects) and content/api/resources/*.md. The fields
`id` and `active_supporter` of a user and `flattrs_user_count` of a thing occur in responses that clients recorded.
"""

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flattr_tui.sandbox.models import ActivityRow, FlattrRow, SubscriptionRow, ThingRow, UserRow, short_id

Wire = dict[str, Any]
_VERBS = {"flattr": ("like", "flattred"), "thing": ("post", "submitted"), "subscription": ("follow", "subscribed to")}


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of the sandbox's API and of its web site, without a slash at their end.

    The fields `resource` and `link` in objects of the API begin with them.
    """

    api: str
    web: str

    @classmethod
    def at(cls, base: str) -> "Addresses":
        """Return the addresses for a server at `base`. For flattr.com, API and web site have different hosts."""
        base = base.rstrip("/")
        if base in {"https://flattr.com", "https://api.flattr.com"}:
            return cls("https://api.flattr.com/rest/v2", "https://flattr.com")
        return cls(f"{base}/rest/v2", base)

    def user(self, username: str) -> str:
        """Return the address of a user in the API."""
        return f"{self.api}/users/{quote(username, safe='')}"

    def profile(self, username: str) -> str:
        """Return the address of a user's web page."""
        return f"{self.web}/profile/{quote(username, safe='')}"

    def thing(self, thing_id: int) -> str:
        """Return the address of a thing in the API."""
        return f"{self.api}/things/{thing_id}"

    def page(self, thing_id: int) -> str:
        """Return the address of a thing's web page."""
        return f"{self.web}/thing/{thing_id}"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The user who sends the request, and the ids of the things that this user has flattred and subscribed to."""

    username: str
    flattred: Container[int] = field(default_factory=frozenset)
    subscribed: Container[int] = field(default_factory=frozenset)


def mini_user(row: UserRow, addresses: Addresses) -> Wire:
    """Return a user as a mini object: only the user name and the addresses."""
    return {
        "type": "user",
        "resource": addresses.user(row.username),
        "link": addresses.profile(row.username),
        "username": row.username,
    }


def user(row: UserRow, addresses: Addresses, scopes: Container[str] = ()) -> Wire:
    """Return a user as a complete object.

    `scopes` are the scopes of the token if the token belongs to this user, otherwise (). The scopes `email` and
    `extendedread` add private fields.
    """
    wire = mini_user(row, addresses) | {
        "id": short_id(row.id),
        "url": row.url,
        "firstname": row.firstname,
        "lastname": row.lastname,
        "avatar": row.avatar,
        "about": row.about,
        "city": row.city,
        "country": row.country,
        "active_supporter": int(row.active_supporter),
    }
    if "email" in scopes or "extendedread" in scopes:
        wire["email"] = row.email
    if "extendedread" in scopes:
        wire["registered_at"] = row.registered_at
    return wire


def mini_thing(row: ThingRow, addresses: Addresses, *, owner: bool = True) -> Wire:
    """Return a thing as a mini object. With `owner` False, the owner is left out.

    The responses to a flattr and to a subscription contain the thing without its owner.
    """
    wire: Wire = {
        "type": "thing",
        "resource": addresses.thing(row.id),
        "link": addresses.page(row.id),
        "id": row.id,
        "url": row.url,
        "title": row.title,
        "image": row.image,
        "flattrs": row.flattrs,
    }
    if owner:
        wire["owner"] = mini_user(row.owner, addresses)
    return wire


def thing(row: ThingRow, addresses: Addresses, viewer: Viewer | None = None, *, full: bool = False) -> Wire:
    """Return a thing as a complete object. With `full`, its owner is complete, too.

    If there is a `viewer`, `flattred` and `subscribed` are added; if the viewer is the owner, also `last_flattr_at` and
    `updated_at`.
    """
    wire: Wire = {
        "type": "thing",
        "resource": addresses.thing(row.id),
        "link": addresses.page(row.id),
        "id": row.id,
        "url": row.url,
        "flattrs": row.flattrs,
        "flattrs_user_count": row.flattrs_user_count,
        "title": row.title,
        "description": row.description,
        "tags": list(row.tags),
        "language": row.language,
        "category": row.category,
        "created_at": row.created_at,
        "owner": user(row.owner, addresses) if full else mini_user(row.owner, addresses),
        "hidden": row.hidden,
        "image": row.image,
    }
    if viewer is not None:
        wire["flattred"] = row.id in viewer.flattred
        wire["subscribed"] = row.id in viewer.subscribed
        if viewer.username == row.owner.username:
            wire["last_flattr_at"] = row.last_flattr_at
            wire["updated_at"] = row.updated_at
    return wire


def flattr(row: FlattrRow, addresses: Addresses, viewer: Viewer | None = None, *, full: bool = False) -> Wire:
    """Return a flattr as an object. With `full`, the thing, its owner, and the user who flattred it are complete.

    If there is a `viewer`, the complete thing says whether this user has flattred it and is subscribed to it.
    """
    return {
        "type": "flattr",
        "thing": thing(row.thing, addresses, viewer, full=True) if full else mini_thing(row.thing, addresses),
        "owner": user(row.owner, addresses) if full else mini_user(row.owner, addresses),
        "created_at": row.created_at,
    }


def subscription(row: SubscriptionRow, addresses: Addresses, viewer: Viewer | None) -> Wire:
    """Return a subscription as an object, with its complete thing.

    If there is a `viewer`, the thing says whether this user has flattred it and is subscribed to it.
    """
    return {
        "type": "subscription",
        "active": row.active,
        "created_at": row.created_at,
        "started_at": row.started_at,
        "thing": thing(row.thing, addresses, viewer),
    }


def activity(kind: str, actor: UserRow, row: ThingRow, published: int, addresses: Addresses) -> Wire:
    """Return an activity as an object of Activity Streams 1.0.

    `kind` is what the `actor` did: `flattr`, `thing` (added it) or `subscription`. `row` is the thing, and `published`
    the time in Unix seconds. As in the service, the activity's id contains the thing's id.
    """
    when = datetime.fromtimestamp(published, UTC)
    verb, participle = _VERBS[kind]
    return {
        "published": when.isoformat(timespec="seconds"),
        "title": f'{actor.username} {participle} "{row.title}"',
        "actor": {"displayName": actor.username, "url": addresses.profile(actor.username), "objectType": "person"},
        "verb": verb,
        "object": {"displayName": row.title, "url": _titled_page(row, addresses), "objectType": "bookmark"},
        "id": f"tag:flattr.com,{when.date().isoformat()}:{quote(actor.username)}/{kind}/{row.id}",
    }


def activity_of(row: ActivityRow | FlattrRow | ThingRow, addresses: Addresses) -> Wire:
    """Return the activity that a row describes, as an object. A row of a flattr or a thing describes its creation."""
    if isinstance(row, ActivityRow):
        return activity(row.kind, row.actor, row.thing, row.published, addresses)
    if isinstance(row, FlattrRow):
        return activity("flattr", row.owner, row.thing, row.created_at, addresses)
    return activity("thing", row.owner, row, row.created_at, addresses)


def _titled_page(row: ThingRow, addresses: Addresses) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in row.title).split()
    slug = "-".join(words)[:80]
    return f"{addresses.page(row.id)}/{quote(slug, safe='')}" if slug else addresses.page(row.id)

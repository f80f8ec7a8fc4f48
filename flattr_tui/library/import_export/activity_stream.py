"""Converts activity streams (Activity Streams 1.0, JSON or Atom) of flattrs and things to the items of the API's lists.

An activity has fewer fields than an item, but it says who did what and when. Ids look like
`tag:flattr.com,2011:things/370001` and `tag:flattr.com,2011-10-30:NAME/flattr/THINGID`; addresses of users like
`https://flattr.com/user/NAME` (2011) and `/profile/NAME`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from flattr_tui.library.import_export.captured_response import local_thing_id, parse_moment
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.errors import Json

_THING_ID: Final = re.compile(r"tag:[^:]+:(?:things/|[^/]+/flattr/)(\d{1,12})$")
_THING_PAGE: Final = re.compile(r"/things?/(\d{1,12})(?:[/?#]|$)")
_PERSON_ID: Final = re.compile(r"tag:[^:]+:([^/]+)/flattr/")
_PERSON_PAGE: Final = re.compile(r"/(?:profile|user)/([^/?#]+)")
_VERBS: Final = {"like": ResponseKind.FLATTRS, "flattr": ResponseKind.FLATTRS, "post": ResponseKind.THINGS}


def is_stream(data: Json) -> bool:
    """Whether parsed data is an activity stream with at least one activity."""
    return isinstance(data, Mapping) and isinstance(items := data.get("items"), list) and any(map(_is_entry, items))


def _is_entry(value: Json) -> bool:
    return isinstance(value, Mapping) and "verb" in value


def kind_of_stream(data: Json) -> ResponseKind | None:
    """Return whether the activities of a stream are `FLATTRS` or `THINGS`; None if there are both, or others."""
    kinds = {_VERBS.get(str(entry.get("verb")).lower()) for entry in _entries(data)}
    return kinds.pop() if len(kinds) == 1 else None


def read_rows(data: Json, kind: ResponseKind) -> bytes:
    """Return the activities of a stream as a JSON list of items in the API's form.

    With the kind `FLATTRS`, the items are flattrs; with any other kind, things.
    """
    make = _to_flattr if kind is ResponseKind.FLATTRS else _to_posted_thing
    return msgspec.json.encode([row for entry in _entries(data) if (row := make(entry))])


def _entries(data: Json) -> Iterator[Mapping[str, Any]]:
    items = data.get("items") if isinstance(data, Mapping) else None
    yield from (entry for entry in (items if isinstance(items, list) else []) if _is_entry(entry))


def _to_flattr(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    thing = _to_thing(entry)
    if thing is None:
        return None
    user = {"owner": {"type": "user", "username": name}} if (name := actor_name(entry)) else {}
    return {"type": "flattr", "created_at": int(parse_moment(_text(entry.get("published")))), "thing": thing, **user}


def _to_posted_thing(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    thing = _to_thing(entry)
    if thing is None:
        return None
    user = {"owner": {"type": "user", "username": name}} if (name := actor_name(entry)) else {}
    return {**thing, "created_at": int(parse_moment(_text(entry.get("published")))), **user}


def _to_thing(entry: Mapping[str, Any]) -> dict[str, Any] | None:
    target = entry.get("object")
    target = target if isinstance(target, Mapping) else {"displayName": target}
    link, page = _text(target.get("url")), _text(target.get("targetUrl"))
    named = _THING_ID.search(_text(entry.get("id"))) or _THING_ID.search(_text(target.get("id")))
    named = _THING_PAGE.search(link) or named
    if not named and not (page or link):
        return None
    thing = {
        "type": "thing",
        "id": int(named[1]) if named else local_thing_id(page or link),
        "title": _text(target.get("displayName")),
        "link": link if named else "",
        "url": page or ("" if named else link),
    }
    return {name: value for name, value in thing.items() if value}


def actor_name(entry: Mapping[str, Any]) -> str:
    """Return the name of the user who did what an activity describes; "" if it names none."""
    actor = entry.get("actor")
    actor = actor if isinstance(actor, Mapping) else {"displayName": actor}
    found = _PERSON_PAGE.search(_text(actor.get("url"))) or _PERSON_ID.match(_text(entry.get("id")))
    return unquote(found[1]) if found else _text(actor.get("displayName"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

"""Guesses from the content of a response which API request returned it, if its address is unknown.

For example, flattrs of one user, newest first, are taken as a part of that user's list, and things of several owners as
things that were requested by their ids. A search result does not show what was searched for.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from flattr_tui.library.import_export.api_url_matcher import UnrecognizedError
from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.model.entities import CATEGORIES, LANGUAGES, Activity, Choice, Entity, Flattr, Thing, User

MAX_IDS = 100
"""Maximum number of ids in a request for things by their ids."""
_LOOKED_UP = frozenset({"found", "not_found", "flattrable"})
"""The messages in responses to lookups. `flattrable` means that the address could become a thing.

`flattr/fx-flattr-addon` and others read this message.
"""
_CHANGED = frozenset({"ok", "started", "paused"})
"""The messages in responses to changes."""
_ACTOR = re.compile(r"tag:[^:]+:([^/]+)/[^/]+/")
"""Matches the user name in the id of an activity, which a `/` follows. In the id of a thing (`…:things/7`), none does.

Source: content/api/resources/activities.md.
"""
_PROFILE = re.compile(r"/(?:profile|user)/([^/?#]+)")
"""Matches the user name in the address of a user's page. `/user/` is an older form (lib/flattr.rb, streams of 2011)."""
_LISTS = {ResponseKind.THING: ResponseKind.THINGS}
_BY_TYPE = {
    "user": ResponseKind.USER,
    "thing": ResponseKind.THING,
    "flattr": ResponseKind.FLATTRS,
    "subscription": ResponseKind.SUBSCRIPTIONS,
}
_BY_FIELD = (
    ("hourly_limit", ResponseKind.RATE_LIMIT),
    ("total_items", ResponseKind.SEARCH),
    ("verb", ResponseKind.ACTIVITIES),
    ("active", ResponseKind.SUBSCRIPTIONS),
    ("thing", ResponseKind.FLATTRS),
    ("username", ResponseKind.USER),
    ("title", ResponseKind.THING),
    ("text", ResponseKind.CHOICES),
    ("items", ResponseKind.ACTIVITIES),
)
"""Fields that show the kind of an object without a `type`, the most certain first. content/api/resources/."""


def guess_kind(data: Any) -> ResponseKind:
    """Return which kind of API response some parsed data is.

    Raises `UnrecognizedError` if the data is not a response of the API, or if such a response can't be stored.
    """
    if isinstance(data, list):
        if not data:
            raise UnrecognizedError("an empty list, which does not tell what it lists")
        item_kind = guess_kind(data[0])
        if item_kind is ResponseKind.USER:
            raise UnrecognizedError("a list of users, which no method of the Flattr API returns")
        return _LISTS.get(item_kind, item_kind)
    if not isinstance(data, Mapping):
        raise UnrecognizedError("neither an object nor a list")
    if isinstance(data.get("error"), str) and "type" not in data:
        raise UnrecognizedError("an error response")
    if isinstance(message := data.get("message"), str) and "type" not in data:
        if message in _LOOKED_UP:
            raise UnrecognizedError("a lookup, which does not tell what was looked up")
        if message in _CHANGED:
            raise UnrecognizedError("the response to a change, which is not worth keeping")
    by_type = _BY_TYPE.get(str(data.get("type")))
    kind = by_type or next((found for name, found in _BY_FIELD if name in data), None)
    if kind is None:
        raise UnrecognizedError("not an object of Flattr's API")
    return kind


def guess_request(kind: ResponseKind, entities: Sequence[Entity]) -> ApiRequest:
    """Return the API request whose response contains these entities.

    `kind` is the kind of the response. Raises `UnrecognizedError` if the entities do not show what was requested.
    """
    if not entities:
        raise UnrecognizedError("nothing that can be read")
    tell = _TELLERS.get(kind)
    if tell is None:
        raise UnrecognizedError("nothing that can be stored")
    return tell(entities)


def _user_request(users: Sequence[User]) -> ApiRequest:
    user = users[0]
    return ApiRequest.of("me") if user.email or user.registered_at else ApiRequest.of("user", username=user.key)


def things_by_id(things: Sequence[Thing]) -> ApiRequest:
    """Return the request for things by their ids. Raises `UnrecognizedError` for more than `MAX_IDS` things."""
    if len(things) > MAX_IDS:
        raise UnrecognizedError("more things than one request can return")
    return ApiRequest.of("things", id=",".join(dict.fromkeys(thing.key for thing in things)))


def _flattrs_request(flattrs: Sequence[Flattr]) -> ApiRequest:
    person = _only_name([flattr.owner.username if flattr.owner else "" for flattr in flattrs])
    things = {flattr.thing.key for flattr in flattrs}
    if not _is_newest_first(flattrs):
        raise UnrecognizedError(
            "flattrs that are not newest first, as no list of the Flattr API has them: say which list it is with --url"
        )
    if person:
        return ApiRequest.of("user-flattrs", username=person)
    if len(things) == 1:
        return ApiRequest.of("thing-flattrs", id=things.pop())
    raise UnrecognizedError("flattrs of several users and of several things, which no method of the Flattr API returns")


def _only_name(names: Sequence[str]) -> str:
    """Return the name that is in `names`, if all of them are equal apart from case; otherwise ""."""
    return names[0] if len({name.casefold() for name in names}) == 1 else ""


def _things_request(things: Sequence[Thing]) -> ApiRequest:
    owner = _only_name([thing.owner.username if thing.owner else "" for thing in things])
    if owner and len(things) > 1 and _is_newest_first(things):
        return ApiRequest.of("user-things", username=owner)
    return things_by_id(things)


def _is_newest_first(items: Sequence[Flattr] | Sequence[Thing]) -> bool:
    times = [item.created_at for item in items if item.created_at]
    return all(later >= earlier for later, earlier in pairwise(times))


def _activities_request(activities: Sequence[Activity]) -> ApiRequest:
    if actor := _only_name([_actor_of(activity) for activity in activities]):
        return ApiRequest.of("user-activities", username=actor)
    raise UnrecognizedError("activities of several users, which does not tell whose stream it is")


def _actor_of(activity: Activity) -> str:
    found = _PROFILE.search(activity.actor_url or "") or _ACTOR.match(activity.id)
    return unquote(found[1]) if found else activity.actor_name or ""


def _choices_request(found: Sequence[Choice]) -> ApiRequest:
    ids = {choice.id for choice in found}
    for name, known in (("categories", CATEGORIES), ("languages", LANGUAGES)):
        if ids & {choice.id for choice in known}:
            return ApiRequest.of(name)
    raise UnrecognizedError("neither the categories nor the languages")


_TELLERS: Mapping[ResponseKind, Callable[[Sequence[Any]], ApiRequest]] = {
    ResponseKind.USER: _user_request,
    ResponseKind.THING: lambda things: ApiRequest.of("thing", id=things[0].key),
    ResponseKind.FLATTRS: _flattrs_request,
    ResponseKind.THINGS: _things_request,
    ResponseKind.SEARCH: things_by_id,
    ResponseKind.ACTIVITIES: _activities_request,
    ResponseKind.CHOICES: _choices_request,
    ResponseKind.SUBSCRIPTIONS: lambda _: ApiRequest.of("my-subscriptions"),
    ResponseKind.RATE_LIMIT: lambda _: ApiRequest.of("rate-limit"),
}

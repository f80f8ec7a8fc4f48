"""Finds the API request to which a response belongs: by its address, or by a guess from its content.

An address is compared with the paths in the table of methods: the inverse of `api.prepared_request`. Anything may
precede `/rest/v2` in it, such as the address of a web archive that replays the response.

Without an address, for example, flattrs of one user, newest first, are taken as a part of that user's list, and things
of several owners as things that were requested by their ids. A search result does not show what was searched for.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlsplit

from flattr_tui.api.errors import UsageError
from flattr_tui.api.method_table import METHODS, Format, Method, ParameterKind
from flattr_tui.api.prepared_request import check_arguments
from flattr_tui.model.api_request import ApiRequest, ResponseKind, fold_username
from flattr_tui.model.entities import CATEGORIES, LANGUAGES, Activity, Choice, Entity, Flattr, Thing, User
from flattr_tui.model.pasted_address import USER_SEGMENTS, segment_after
from flattr_tui.model.text_sanitizer import single_line

ROOT = "/rest/v2/"
"""The beginning of all paths of the API. `flattr/developers.flattr.net`, content/api/index.md, 'Basics'."""
NO_ADDRESS = "its address does not belong to the Flattr API"
MAX_URL = 16_384
"""Maximum number of characters of an address. Servers do not accept longer ones."""
_ABSENT = frozenset({"undefined", "null", "None"})
_LOOKUP = re.compile(r"(?P<lookup>/?things/lookup(?:\.\w+)?)(?:/|/q/(?P<address>.+))?")
_ENCODED_QUERY = re.compile(
    rf"%3f(?=(?:{'|'.join({parameter.name for method in METHODS for parameter in method.parameters})})(?:=|%3d))",
    re.IGNORECASE,
)
"""Matches the encoded `?` in the name of a file that `wget -x` saved and warcit archived.

See findings/warcit-encodes-the-query.sh.
"""
_BARE_AUTO_SUBMIT = re.compile(r"(?:^|&)url=(https?://[^&]*/submit/auto\?.*)$")
_OWN = re.compile(r"&(?:access_token|jsonp|_)=[^&]*")
"""Matches parameters of a lookup that follow the auto-submit address, if that is not encoded."""
_LOGIN = re.compile(r"//[^/@]*@")
"""Matches the user name and password in an address that is part of a web archive's address."""
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


class UnrecognizedError(ValueError):
    """Raised if something in a file is not a response of the Flattr API that can be stored.

    The message says why, without a full stop.
    """


class OtherOwnerError(UnrecognizedError):
    """Raised if a response is about another user or thing than the one in its address, or than the account."""


@dataclass(frozen=True, slots=True)
class MatchedRequest:
    """The API request that an address belongs to."""

    method: Method
    request: ApiRequest
    """The request without its page and format."""
    page: int
    """The number of the requested page; 1 if the method has no pages."""
    count: int
    """The requested page size in items; 0 if the method has no pages."""
    format: Format | None
    """The format that the suffix of the address names; None without a suffix.

    Without a suffix, the response has the method's default format, or the one that an `Accept` header asked for.
    """
    url: str
    """The address with only the parameters of the method: without token, password and fragment."""


def match_url(url: str) -> MatchedRequest:
    """Return the API request that a `GET` of an address makes.

    Raises `UnrecognizedError` if the address does not belong to the API, or if its arguments are invalid.
    """
    if len(url) > MAX_URL:
        raise UnrecognizedError("its address is too long")
    try:
        parts = urlsplit(url.strip())
    except ValueError as error:
        raise UnrecognizedError("its address can't be read") from error
    front, root, rest = parts.path.rpartition(ROOT)
    if not root:
        raise UnrecognizedError(NO_ADDRESS)
    query_text = parts.query
    if not query_text and not rest.startswith("things/lookup/") and (mark := _ENCODED_QUERY.search(rest)):
        rest, query_text = rest[: mark.start()], unquote(rest[mark.end() :], errors="replace")
    rest, query = _normalize(rest, query_text)
    for method, arguments, form in _match_methods(rest.strip("/").split("/"), dict(query)):
        known = {parameter.name: parameter for parameter in method.parameters}
        asked = {
            name: value or ("1" if known[name].kind is ParameterKind.FLAG else "")  # `?full` is as good as `?full=1`
            for name, value in arguments.items()
            if name in known
        }
        try:
            checked = check_arguments(method, asked)
        except UsageError:
            continue
        host = parts.netloc.rpartition("@")[2]
        kept = "&".join(f"{quote(name)}={quote(value, safe=',!')}" for name, value in query if name in known)
        return MatchedRequest(
            method,
            ApiRequest.of(method.name, checked),
            int(checked.get("page") or 1) if method.is_list else 1,
            _count(method, checked),
            form,
            f"{parts.scheme}://{host}{_LOGIN.sub('//', front)}{root}{rest}{'?' if kept else ''}{kept}",
        )
    raise UnrecognizedError(f"the Flattr API has no such path: {single_line(rest)[:80]}")


def _normalize(path: str, query_text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the path and the query of a request in their documented forms.

    Some public clients use these other forms:

    - The address of a lookup is in the parameter `q` (`flattr/osd-flattr-chrome-extension`) or in the path
      (`flattr/php-flattr-client`).
    - The address of a lookup is an auto-submit address that is not encoded, as in the documentation. Its parameters
      then look like parameters of the lookup.
    - `page=undefined` (`antics/node-flattr`), which is left out.
    """
    query = parse_qsl(query_text, keep_blank_values=True, errors="replace")
    query = [(name, value) for name, value in query if not (name in {"count", "page"} and value in _ABSENT)]
    inside = _LOOKUP.fullmatch(path)
    if inside is None:
        return path, query
    if inside["address"]:
        return inside["lookup"], [("url", unquote(inside["address"], errors="replace"))]
    if bare := _BARE_AUTO_SUBMIT.search(query_text):
        return path, [("url", unquote_plus(_OWN.sub("", bare[1]), errors="replace"))]
    named = dict(query)
    return path, [("url", named["q"])] if "q" in named and "url" not in named else query


def _count(method: Method, checked: dict[str, str]) -> int:
    parameter = method.parameter("count") if method.is_list else None
    return int(checked.get("count") or parameter.default) if parameter else 0


def _match_methods(
    segments: list[str], query: dict[str, str]
) -> Iterator[tuple[Method, dict[str, str], Format | None]]:
    """Yield each API method whose path matches `segments`, with its arguments and the format that a suffix names.

    `segments` are the parts of an address's path, and `query` has its parameters. The end of the last segment may be
    the suffix of a format (`.json`) or a part of a name. Matches with a suffix come first; matches without one follow,
    with None as the format. In both groups, methods with fewer parameters in their paths come first.
    """
    reads = sorted((method for method in METHODS if not method.writes), key=lambda method: method.path.count(":"))
    last, dot, suffix = segments[-1].rpartition(".")
    for method in reads:
        if dot and last and suffix in method.formats:
            found = _match(method, [*segments[:-1], last], query)
            if found is not None:
                yield method, found, Format(suffix)
    for method in reads:
        found = _match(method, segments, query)
        if found is not None:
            yield method, found, None


def _match(method: Method, segments: list[str], query: dict[str, str]) -> dict[str, str] | None:
    wanted = method.path.strip("/").split("/")
    if len(wanted) == len(segments) + 1 and wanted[-1].startswith(":") and query.get(wanted[-1][1:]):
        wanted = wanted[:-1]  # `/things?id=1,2`, content/api/resources/things.md, 'Get multiple things'
    elif len(wanted) != len(segments):
        return None
    found = dict(query)
    for pattern, segment in zip(wanted, segments, strict=True):
        if pattern.startswith(":"):
            found[pattern[1:]] = unquote(segment, errors="replace")
        elif pattern != segment:
            return None
    return found


def guess_kind(data: Any) -> ResponseKind:
    """Return the kind of API response that a parsed body (`data`) is.

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
    if isinstance(named := data.get("type"), str) and named and named not in _BY_TYPE and "verb" not in data:
        raise UnrecognizedError(f"objects of the type {single_line(named)[:40]!r}, which the Flattr API does not have")
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
    """Return the request whose response contains exactly `things`. It names their ids.

    Raises `UnrecognizedError` for more than `MAX_IDS` things.
    """
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
    if not all(flattr.owner for flattr in flattrs):
        raise UnrecognizedError("flattrs without an owner: say whose they are, with --url …/rest/v2/users/NAME/flattrs")
    raise UnrecognizedError("flattrs of several users and of several things, which no method of the Flattr API returns")


def _only_name(names: Sequence[str]) -> str:
    """Return the first of `names` if all names are equal apart from case; otherwise ""."""
    return names[0] if len({fold_username(name) for name in names}) == 1 else ""


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
    return _owner_name(activity) or activity.actor_name or ""


def check_owner(request: ApiRequest, entities: Sequence[Entity], account: str) -> None:
    """Raise `OtherOwnerError` if the response to a request contains data of another user or thing than was requested.

    `account` is the user name of the account whose private data was requested; "" for a public response.
    """
    wanted = request.get("username") or account
    if wanted and request.get("type") != "incoming":
        same = {"", fold_username(wanted)}
        if other := next((name for name in map(_owner_name, entities) if fold_username(name) not in same), ""):
            named = "its address" if request.get("username") else "--account"
            raise OtherOwnerError(f"data of {other}, although {named} names {wanted}")
    ids = request.get("id").split(",") if request.get("id") else []
    things = [one.thing if isinstance(one, Flattr) else one for one in entities]
    for thing in things:
        if ids and isinstance(thing, Thing) and thing.key not in ids:
            raise OtherOwnerError(f"data of thing {thing.key}, although its address names thing {', '.join(ids)[:80]}")


def _owner_name(entity: Entity) -> str:
    """Return the name of the user whose profile or list an entity belongs to; "" if the entity does not name one."""
    if isinstance(entity, Activity):
        found = _ACTOR.match(entity.id)
        return segment_after(entity.actor_url, USER_SEGMENTS) or (unquote(found[1]) if found else "")
    user = entity if isinstance(entity, User) else entity.owner if isinstance(entity, Flattr | Thing) else None
    return user.username if user else ""


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

"""Words for what an API request fetches, such as `ada's flattrs`, for sentences on screen."""

from collections.abc import Callable, Mapping
from typing import Final

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.model.api_request import ApiRequest

_NAMES: Final[Mapping[str, Callable[[ApiRequest], str]]] = {
    "user": lambda request: request.get("username"),
    "user-flattrs": lambda request: f"{_possessive(request.get('username'))} flattrs",
    "user-things": lambda request: f"{_possessive(request.get('username'))} things",
    "user-activities": lambda request: f"{_possessive(request.get('username'))} {_activities_title(request)}",
    "me": lambda _: "your profile",
    "my-flattrs": lambda _: "your flattrs",
    "my-things": lambda _: "your things",
    "my-activities": lambda request: f"your {_activities_title(request)}",
    "my-subscriptions": lambda _: "your subscriptions",
    "thing": lambda request: f"thing {request.get('id')}",
    "things": lambda request: f"things {request.get('id')}",
    "thing-flattrs": lambda request: f"the flattrs of thing {request.get('id')}",
    "lookup": lambda request: f"whether there is a thing for {request.get('url')}",
    "search": lambda request: f"the search{_search_title(request)}",
    "rate-limit": lambda _: "the rate limit",
}


def _possessive(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _activities_title(request: ApiRequest) -> str:
    return f"{request.get('type')} activities" if request.get("type") == "incoming" else "activities"


def _search_title(request: ApiRequest) -> str:
    words = request.get("query") or request.get("tags") or request.get("user") or request.get("url")
    return f" for {words}" if words else ""


def describe_request(request: ApiRequest) -> str:
    """Return words for what a request fetches, for use within a sentence: `ada's flattrs`, `the categories`."""
    named = _NAMES.get(request.method)
    if named is not None:
        return named(request)
    return f"the {request.method}" if request.method in BY_NAME else request.method


def sentence_subject(request: ApiRequest) -> str:
    """Return words for what a request fetches, to begin a sentence with: `The categories`, `ada's flattrs`."""
    name = describe_request(request)
    begins_with_name = "username" in dict(request.arguments)
    return name if begins_with_name else name[:1].upper() + name[1:]

"""What a request is called in a sentence for people."""

from collections.abc import Callable, Mapping
from typing import Final

from flattr_tui.api.methods import BY_NAME
from flattr_tui.model.api_request import Request

_NAMES: Final[Mapping[str, Callable[[Request], str]]] = {
    "user": lambda request: request.get("username"),
    "user-flattrs": lambda request: f"{_of(request.get('username'))} flattrs",
    "user-things": lambda request: f"{_of(request.get('username'))} things",
    "user-activities": lambda request: f"{_of(request.get('username'))} {_stream(request)}",
    "me": lambda _: "your profile",
    "my-flattrs": lambda _: "your flattrs",
    "my-things": lambda _: "your things",
    "my-activities": lambda request: f"your {_stream(request)}",
    "my-subscriptions": lambda _: "your subscriptions",
    "thing": lambda request: f"thing {request.get('id')}",
    "things": lambda request: f"things {request.get('id')}",
    "thing-flattrs": lambda request: f"the flattrs of thing {request.get('id')}",
    "lookup": lambda request: f"whether there is a thing for {request.get('url')}",
    "search": lambda request: f"the search{_searched(request)}",
    "rate-limit": lambda _: "the rate limit",
}


def _of(name: str) -> str:
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def _stream(request: Request) -> str:
    return f"{request.get('type')} activities" if request.get("type") == "incoming" else "activities"


def _searched(request: Request) -> str:
    words = request.get("query") or request.get("tags") or request.get("user") or request.get("url")
    return f" for {words}" if words else ""


def name_of(request: Request) -> str:
    """Name what a request asks for: `ada's flattrs`, `thing 7`, `the categories`."""
    named = _NAMES.get(request.method)
    if named is not None:
        return named(request)
    return f"the {request.method}" if request.method in BY_NAME else request.method


def subject_of(request: Request) -> str:
    """Name it as the beginning of a sentence."""
    name = name_of(request)
    # a user name keeps its case: `ada`, not `Ada`, is who it is
    begins_with_name = "username" in dict(request.arguments)
    return name if begins_with_name else name[:1].upper() + name[1:]

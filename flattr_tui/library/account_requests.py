"""What is asked for as oneself: the account's own lists are read by the methods that hold more of them."""

from collections.abc import Mapping
from typing import Final

from flattr_tui.model.api_request import Request

OWN: Final[Mapping[str, str]] = {
    "user": "me",
    "user-flattrs": "my-flattrs",
    "user-things": "my-things",
    "user-activities": "my-activities",
}
"""The method about any user, and the one about oneself."""
FULL: Final = {"full": "1"}


def flattrs_of(username: str) -> Request:
    """Ask for a user's flattrs, with all that the figures need."""
    return Request.of("user-flattrs", FULL, username=username)


def things_of(username: str) -> Request:
    """Ask for a user's things."""
    return Request.of("user-things", username=username)


def activities_of(username: str, *, incoming: bool = False) -> Request:
    """Ask for what a user did, or for what befell the user."""
    return Request.of("user-activities", username=username, type="incoming" if incoming else "")


def as_oneself(request: Request, account: str) -> Request:
    """Turn what is asked about a user into what one asks about oneself, where `account` is that user."""
    own = OWN.get(request.method)
    if own is None or not account or request.get("username") != account:
        return request
    return Request.of(own, {name: value for name, value in request.arguments if name != "username"})

"""Requests about users. For the logged-in user, they use the API's own-account methods, which return more."""

from collections.abc import Mapping
from typing import Final

from flattr_tui.model.api_request import Request, fold_username

OWN_METHODS: Final[Mapping[str, str]] = {
    "user": "me",
    "user-flattrs": "my-flattrs",
    "user-things": "my-things",
    "user-activities": "my-activities",
}
"""Methods about any user, and their counterparts about the logged-in user."""
FULL: Final = {"full": "1"}


def user_flattrs_request(username: str) -> Request:
    """Return the request for a user's flattrs, with everything that the statistics need."""
    return Request.of("user-flattrs", FULL, username=username)


def user_things_request(username: str) -> Request:
    """Return the request for a user's things."""
    return Request.of("user-things", username=username)


def user_activities_request(username: str, *, incoming: bool = False) -> Request:
    """Return the request for a user's activities, or for the `incoming` ones."""
    return Request.of("user-activities", username=username, type="incoming" if incoming else "")


def to_own_request(request: Request, account: str) -> Request:
    """Replace a request about the user `account` by the one about oneself; return others unchanged."""
    own = OWN_METHODS.get(request.method)
    if own is None or not account or fold_username(request.get("username")) != fold_username(account):
        return request
    return Request.of(own, {name: value for name, value in request.arguments if name != "username"})

"""The errors that the library raises, and questions about them that need no HTTP status or code of the API."""

from flattr_tui.api.errors import (
    WORDS,
    ApiError,
    FlattrError,
    NotFoundError,
    TokenLeftError,
    UsageError,
    WrongStateError,
)

__all__ = [
    "FlattrError",
    "UsageError",
    "is_already_flattred",
    "is_already_subscribed",
    "is_correctable",
    "is_missing",
    "is_other_login",
    "is_token_left",
]


def is_missing(error: FlattrError) -> bool:
    """Whether the server answered that the requested thing or user does not exist."""
    return isinstance(error, NotFoundError)


def is_other_login(error: FlattrError) -> bool:
    """Whether a pasted address is the answer to another login, so that this login still waits for its own."""
    return isinstance(error, WrongStateError)


def is_token_left(error: FlattrError) -> bool:
    """Whether the account was logged out, although a keyring still has its token."""
    return isinstance(error, TokenLeftError)


def is_already_subscribed(error: FlattrError) -> bool:
    """Whether a subscription was refused because it already exists."""
    return isinstance(error, ApiError) and error.code == "subscribed"


def is_already_flattred(error: FlattrError) -> bool:
    """Whether a flattr was refused because the user already flattred the thing this month."""
    return isinstance(error, ApiError) and error.code == "flattr_once"


def is_correctable(error: FlattrError) -> bool:
    """Whether the server refused what was typed into a form, so that other values may succeed."""
    if isinstance(error, UsageError):
        return True
    return isinstance(error, ApiError) and not isinstance(error, NotFoundError) and error.code not in WORDS

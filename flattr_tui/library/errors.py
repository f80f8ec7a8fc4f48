"""The library's errors, and functions that tell what an error means.

With these functions, callers need not know HTTP statuses and the API's error codes.
"""

from flattr_tui.api.errors import (
    WORDS,
    ApiError,
    FlattrError,
    NotFoundError,
    TokenLeftError,
    TokenRenewedError,
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
    """Whether the user pasted the redirect address of another login attempt. The present login then goes on."""
    return isinstance(error, WrongStateError)


def is_token_left(error: FlattrError) -> bool:
    """Whether a logout succeeded except that a keyring still contains the account's token."""
    return isinstance(error, TokenLeftError)


def is_already_subscribed(error: FlattrError) -> bool:
    """Whether a subscription was refused because the user is subscribed to the thing already."""
    return isinstance(error, ApiError) and error.code == "subscribed"


def is_already_flattred(error: FlattrError) -> bool:
    """Whether a flattr was refused because the user already flattred the thing this month."""
    return isinstance(error, ApiError) and error.code == "flattr_once"


def is_correctable(error: FlattrError) -> bool:
    """Whether a refused form may succeed with other values or, since the login was renewed, as it is."""
    if isinstance(error, UsageError | TokenRenewedError):
        return True
    return isinstance(error, ApiError) and not isinstance(error, NotFoundError) and error.code not in WORDS

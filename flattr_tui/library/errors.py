"""What the library raises, for callers that show its sentence: they need no status and no code of the API."""

from flattr_tui.api.errors import WORDS, ApiError, FlattrError, NotFoundError, UsageError, WrongStateError

__all__ = [
    "FlattrError",
    "UsageError",
    "is_already_flattred",
    "is_already_subscribed",
    "is_correctable",
    "is_missing",
    "is_other_login",
]


def is_missing(error: FlattrError) -> bool:
    """Whether the server has no such thing or user."""
    return isinstance(error, NotFoundError)


def is_other_login(error: FlattrError) -> bool:
    """Whether an address is the answer to another login, so that this one still waits for its own."""
    return isinstance(error, WrongStateError)


def is_already_subscribed(error: FlattrError) -> bool:
    """Whether a subscription was refused because there is one."""
    return isinstance(error, ApiError) and error.code == "subscribed"


def is_already_flattred(error: FlattrError) -> bool:
    """Whether a flattr was refused because the user flattred the thing before, this month."""
    return isinstance(error, ApiError) and error.code == "flattr_once"


def is_correctable(error: FlattrError) -> bool:
    """Whether sending other values may help: the server refused what was in the form."""
    if isinstance(error, UsageError):
        return True
    return isinstance(error, ApiError) and not isinstance(error, NotFoundError) and error.code not in WORDS

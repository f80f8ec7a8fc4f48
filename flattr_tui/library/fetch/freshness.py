"""How long a response counts as fresh. Stale ones are fetched again, but stay visible with their age."""

from typing import Final

from flattr_tui.api.methods import BY_NAME
from flattr_tui.model.response_kind import ResponseKind

MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE
MONTH: Final = 30 * 24 * HOUR

_MAX_AGE: Final = {
    ResponseKind.USER: HOUR,
    ResponseKind.THING: HOUR,
    ResponseKind.LOOKUP: HOUR,
    ResponseKind.CHOICES: MONTH,
    ResponseKind.RATE_LIMIT: 0.0,
}
LIST_MAX_AGE: Final = 5 * MINUTE
"""Maximum age in seconds of everything else: lists grow at their tops."""
RETRY_AFTER: Final = 30.0
"""Seconds until something that failed is fetched again because it is on screen; a refresh fetches it at once."""


def is_fresh(method: str, checked_at: float | None, now: float) -> bool:
    """Whether a response last checked at `checked_at` (Unix seconds; None: never) counts as current.

    A time in the future does not count: the clock has been set back since.
    """
    return checked_at is not None and 0 <= now - checked_at <= _MAX_AGE.get(BY_NAME[method].response_kind, LIST_MAX_AGE)

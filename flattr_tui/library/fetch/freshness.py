"""How long an answer is good for before it is asked for again; it is shown, with its age, ever after."""

from typing import Final

from flattr_tui.api.methods import BY_NAME
from flattr_tui.model.response_kind import Answer

MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE
MONTH: Final = 30 * 24 * HOUR

_FRESH: Final = {
    Answer.USER: HOUR,
    Answer.THING: HOUR,
    Answer.LOOKUP: HOUR,
    Answer.CHOICES: MONTH,
    Answer.RATE_LIMIT: 0.0,
}
LISTS: Final = 5 * MINUTE
"""For everything else: lists grow at their tops."""
AGAIN: Final = 30.0
"""Seconds until what failed is asked for again by being looked at; a refresh asks at once."""


def is_fresh(method: str, checked_at: float | None, now: float) -> bool:
    """Whether what was last checked then (Unix seconds; None: never) is taken for what the server would say now.

    What was checked in the future is not: the clock was set back since.
    """
    return checked_at is not None and 0 <= now - checked_at <= _FRESH.get(BY_NAME[method].answer, LISTS)

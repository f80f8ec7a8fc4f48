"""Decides when requests must wait: if the rate limit is used up, or the server asked for a pause.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Rate limiting'; RFC 9110, 10.2.3 (Retry-After).
"""

from collections.abc import Callable
from typing import Final

from flattr_tui.api.errors import MAX_WAIT_AHEAD
from flattr_tui.api.request_log import make_logger
from flattr_tui.library.events import WaitReason
from flattr_tui.model.entities import RateLimit

LOG: Final = make_logger(__name__)
DEFAULT_WAIT: Final = 60.0
"""Seconds to wait if the rate limit is used up and the server sends no reset time."""
MIN_WAIT: Final = 5.0
"""Minimum wait in seconds after a refusal, because the server's clock may be behind ours."""
GIVE_UP_AFTER: Final = (3, 2 * 3600.0)
"""Number of refusals in a row, and seconds since the first of them, after which requests no longer wait, but fail."""


def is_upcoming(moment: float, now: float) -> bool:
    """Whether a time (Unix seconds) is in the future and at most a day away.

    Later times are ignored, because the clock was set back since.
    """
    return now < moment <= now + MAX_WAIT_AHEAD


class RateLimiter:
    """Tracks the rate limit and server errors. All times are Unix seconds.

    The server's rate headers are followed until it refuses a request. A refusal holds until its reset time; responses
    to requests sent before do not end it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.rate: RateLimit | None = None
        """The rate limit that the server last reported; None if it never did."""
        self._refused_until = 0.0
        self._refused_since = 0.0
        """Time of the first of the refusals in a row, in Unix seconds."""
        self._refusals = 0
        """Number of refusals in a row. Refusals of requests that were sent at the same time count once."""
        self._resting_until = 0.0

    # -- input

    def on_success(self, rate: RateLimit | None) -> None:
        """Record that a request succeeded, and the rate limit in the response (None: it has none)."""
        known = self.rate
        if not is_upcoming(self._refused_until, self._clock()):
            self._refusals = 0
        if rate is None:
            return
        same_hour = known is not None and known.reset == rate.reset and is_upcoming(rate.reset or 0, self._clock())
        if known is None or not same_hour or rate.remaining <= known.remaining:  # responses may arrive out of order
            self.rate = rate

    def on_limited(self, reset: int | None) -> None:
        """Let no rate-limited request be sent until `reset` (Unix seconds); if that is None, for a minute.

        Further refusals double the wait, up to a minute.
        """
        now, rate = self._clock(), self.rate
        if not is_upcoming(self._refused_until, now):
            self._refused_since = self._refused_since if self._refusals else now
            self._refusals += 1
        is_known = reset is not None and is_upcoming(reset, now)
        until = max(now + MIN_WAIT, reset if reset is not None and is_known else now + DEFAULT_WAIT)
        if self._refusals > 2:
            until = max(until, now + min(DEFAULT_WAIT, MIN_WAIT * 2**self._refusals))
        if rate is not None:
            self.rate = RateLimit(limit=rate.limit, remaining=0, current=rate.limit, reset=int(until))
        LOG.info("rate limit: nothing that counts against it is sent for %d s", until - now)
        self._refused_until = max(until, self._refused_until if is_upcoming(self._refused_until, now) else 0.0)

    @property
    def gave_up(self) -> bool:
        """Whether to stop waiting, because the server keeps refusing requests."""
        times, seconds = GIVE_UP_AFTER
        return self._refusals > times and self._clock() - self._refused_since >= seconds

    def on_server_error(self, retry_at: int | None) -> None:
        """Let nothing be sent until `retry_at` (Unix seconds), as the server asked; None has no effect."""
        now = self._clock()
        if retry_at is not None and is_upcoming(retry_at, now):
            LOG.info("the server failed: nothing is sent for %d s", retry_at - now)
            self._resting_until = max(retry_at, self._resting_until if is_upcoming(self._resting_until, now) else 0.0)

    # -- output

    def may_send(self, *, limited: bool, active: int) -> bool:
        """Whether a request may be sent now, while `active` rate-limited requests are not answered yet.

        `limited` says whether the request counts against the rate limit.
        """
        now, rate = self._clock(), self.rate
        if is_upcoming(self._resting_until, now):
            return False
        if not limited:
            return True
        if is_upcoming(self._refused_until, now):
            return False
        return rate is None or not is_upcoming(rate.reset or 0, now) or rate.remaining > active

    def wait_until(self, *, limited: bool) -> tuple[float, WaitReason] | None:
        """Return until when requests must wait and for what; None if they need not wait.

        `limited` says whether any of these requests counts against the rate limit.
        """
        now, rate = self._clock(), self.rate
        moments = [(self._resting_until, WaitReason.SERVER)]
        if limited:
            used_up = rate.reset or 0 if rate is not None and not rate.remaining else 0
            moments += [(self._refused_until, WaitReason.RATE_LIMIT), (float(used_up), WaitReason.RATE_LIMIT)]
        return max((pair for pair in moments if is_upcoming(pair[0], now)), default=None)

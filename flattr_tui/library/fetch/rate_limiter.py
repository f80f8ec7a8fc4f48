"""Decides when requests must wait, because the rate limit is used up, or because the server asked for a pause.

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
"""Time in seconds to wait if the rate limit is used up and the server does not say when it is reset."""
MIN_WAIT: Final = 5.0
"""Minimum time in seconds to wait after a refusal, because the server's clock may be behind ours."""
GIVE_UP_AFTER: Final = (3, 2 * 3600.0)
"""After more refusals in a row than this number, and this many seconds after the first one, requests fail at once."""


def is_upcoming(moment: float, now: float) -> bool:
    """Whether a time is in the future, but at most a day away. Both times are in Unix seconds.

    A later time is not believed: the clock has been set back since it was computed, or the server's clock is wrong.
    """
    return now < moment <= now + MAX_WAIT_AHEAD


class RateLimiter:
    """Tracks the server's rate limit and the server's failures, and says whether a request may be sent now.

    All times are in Unix seconds. The rate headers of responses are followed until the server refuses a request. After
    a refusal, requests wait until the reset time that came with it, even if other responses arrive meanwhile.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.rate: RateLimit | None = None
        """The rate limit that the server last reported; None if it never did."""
        self._refused_until = 0.0
        self._refused_since = 0.0
        """When the first of the refusals in a row came."""
        self._refusals = 0
        """Number of refusals in a row. Refusals of requests that were sent at the same time count once."""
        self._resting_until = 0.0
        """Until when the server asked not to be sent anything (Retry-After)."""

    # -- input

    def on_success(self, rate: RateLimit | None) -> None:
        """Record that a request succeeded. `rate` is the rate limit in the response's headers; None without headers."""
        known = self.rate
        if not is_upcoming(self._refused_until, self._clock()):
            self._refusals = 0
        if rate is None:
            return
        same_hour = known is not None and known.reset == rate.reset and is_upcoming(rate.reset or 0, self._clock())
        if known is None or not same_hour or rate.remaining <= known.remaining:  # responses may arrive out of order
            self.rate = rate

    def on_limited(self, reset: int | None) -> None:
        """Record that the server refused a request because the rate limit is used up.

        Rate-limited requests then wait until `reset` (Unix seconds); with None, for a minute. They wait at least five
        seconds, and longer with each further refusal in a row, up to a minute.
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
        """Whether requests should fail instead of waiting any longer, because the server has refused them for hours."""
        times, seconds = GIVE_UP_AFTER
        return self._refusals > times and self._clock() - self._refused_since >= seconds

    def on_server_error(self, retry_at: int | None) -> None:
        """Record that the server failed. With `retry_at` (Unix seconds), all requests then wait until that time."""
        now = self._clock()
        if retry_at is not None and is_upcoming(retry_at, now):
            LOG.info("the server failed: nothing is sent for %d s", retry_at - now)
            self._resting_until = max(retry_at, self._resting_until if is_upcoming(self._resting_until, now) else 0.0)

    # -- output

    def may_send(self, *, limited: bool, active: int) -> bool:
        """Whether a request may be sent now. `limited` says whether it counts against the rate limit.

        `active` is the number of rate-limited requests that were sent and are not answered yet.
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
        """Return until when requests must wait (Unix seconds) and for what; None if they may be sent now.

        `limited` says whether any of these requests counts against the rate limit.
        """
        now, rate = self._clock(), self.rate
        moments = [(self._resting_until, WaitReason.SERVER)]
        if limited:
            used_up = rate.reset or 0 if rate is not None and not rate.remaining else 0
            moments += [(self._refused_until, WaitReason.RATE_LIMIT), (float(used_up), WaitReason.RATE_LIMIT)]
        return max((pair for pair in moments if is_upcoming(pair[0], now)), default=None)

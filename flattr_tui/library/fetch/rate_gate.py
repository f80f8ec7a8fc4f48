"""When nothing may be sent: the requests of the hour are used up, or the server asked for time. Knows no network.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Rate limiting'; RFC 9110, 10.2.3 (Retry-After).
"""

from collections.abc import Callable
from typing import Final

from flattr_tui.api.request_log import make_logger
from flattr_tui.api.response_errors import FARTHEST
from flattr_tui.library.sync_progress import Waiting
from flattr_tui.model.entities import RateLimit

LOG: Final = make_logger(__name__)
UNTOLD_WAIT: Final = 60.0
"""Seconds to wait for the rate limit where the server does not say until when."""
SHORTEST_WAIT: Final = 5.0
"""Seconds to wait at least once the server refused: its clock may be behind ours."""
PATIENCE: Final = (3, 2 * 3600.0)
"""After so many waits in vain, and so many seconds since the first, the limit is taken for one that does not end."""


def is_ahead(moment: float, now: float) -> bool:
    """Whether a moment (Unix seconds) is still to be waited for.

    None is told, or made here, that is farther ahead than a day: the clock was set back since.
    """
    return now < moment <= now + FARTHEST


class Pausing:
    """See the module. Moments are Unix seconds; one that has passed already, by a clock that goes wrong, is not told.

    What the server foretells is believed until it refuses, and a refusal until its end; an answer that was under way
    meanwhile ends neither.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.rate: RateLimit | None = None
        """What the server last said of the rate limit."""
        self._refused_until = 0.0
        self._refused_since = 0.0
        """When it was first refused, of the refusals in a row."""
        self._refusals = 0
        """How many in a row, those left out that were under way together."""
        self._resting_until = 0.0

    # -- what the server says

    def answered(self, rate: RateLimit | None) -> None:
        """Take in what an answer says of the rate limit."""
        known = self.rate
        if not is_ahead(self._refused_until, self._clock()):
            self._refusals = 0
        if rate is None:
            return
        same_hour = known is not None and known.reset == rate.reset and is_ahead(rate.reset or 0, self._clock())
        if known is None or not same_hour or rate.remaining <= known.remaining:  # answers overtake each other
            self.rate = rate

    def refused(self, reset: int | None) -> None:
        """Send nothing that is limited until `reset`, for a minute where there is none.

        Where that was in vain, twice as long as before, up to a minute.
        """
        now, rate = self._clock(), self.rate
        if not is_ahead(self._refused_until, now):
            self._refused_since = self._refused_since if self._refusals else now
            self._refusals += 1
        told = reset is not None and is_ahead(reset, now)
        until = max(now + SHORTEST_WAIT, reset if reset is not None and told else now + UNTOLD_WAIT)
        if self._refusals > 2:
            until = max(until, now + min(UNTOLD_WAIT, SHORTEST_WAIT * 2**self._refusals))
        if rate is not None:
            self.rate = RateLimit(limit=rate.limit, remaining=0, current=rate.limit, reset=int(until))
        LOG.info("rate limit: nothing that counts against it is sent for %d s", until - now)
        self._refused_until = max(until, self._refused_until if is_ahead(self._refused_until, now) else 0.0)

    @property
    def hopeless(self) -> bool:
        """Whether the server refuses whatever is waited for."""
        times, seconds = PATIENCE
        return self._refusals > times and self._clock() - self._refused_since >= seconds

    def failed(self, retry_at: int | None) -> None:
        """Send nothing at all until `retry_at`: the server failed, and asked for so much time."""
        now = self._clock()
        if retry_at is not None and is_ahead(retry_at, now):
            LOG.info("the server failed: nothing is sent for %d s", retry_at - now)
            self._resting_until = max(retry_at, self._resting_until if is_ahead(self._resting_until, now) else 0.0)

    # -- what follows

    def may_send(self, *, limited: bool, active: int) -> bool:
        """Whether something may be sent, with so many limited requests in flight."""
        now, rate = self._clock(), self.rate
        if is_ahead(self._resting_until, now):
            return False
        if not limited:
            return True
        if is_ahead(self._refused_until, now):
            return False
        return rate is None or not is_ahead(rate.reset or 0, now) or rate.remaining > active

    def until(self, *, limited: bool) -> tuple[float, Waiting] | None:
        """Until when it waits with something to send, and for what; None: it does not.

        `limited` says whether any of it counts against the rate limit.
        """
        now, rate = self._clock(), self.rate
        moments = [(self._resting_until, Waiting.SERVER)]
        if limited:
            used_up = rate.reset or 0 if rate is not None and not rate.remaining else 0
            moments += [(self._refused_until, Waiting.RATE_LIMIT), (float(used_up), Waiting.RATE_LIMIT)]
        return max((pair for pair in moments if is_ahead(pair[0], now)), default=None)

"""The rate limit: a number of requests per hour for each token; without a token, for each client address.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Rate limiting'.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from threading import Lock

HOUR = 3600
UNLIMITED = 2**31 - 1
"""The `hourly_limit` in `/rate_limit` if there is no limit: the largest number that all clients read as integer."""


@dataclass(frozen=True, slots=True)
class RateStatus:
    """How many requests were used in the current hour, and when it ends."""

    limit: int
    current: int
    reset: int
    """When the hour ends, in Unix seconds."""
    exceeded: bool = False
    """Whether the request was refused because the limit had been reached."""

    @property
    def remaining(self) -> int:
        """Number of requests left in this hour."""
        return max(0, self.limit - self.current)

    @property
    def headers(self) -> dict[str, str]:
        """The four headers that every rate-limited response has; empty if there is no limit."""
        if self.limit == UNLIMITED:
            return {}
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Current": str(self.current),
            "X-RateLimit-Reset": str(self.reset),
        }

    @property
    def body(self) -> dict[str, int | str]:
        """The response to `GET /rate_limit`."""
        return {
            "hourly_limit": self.limit,
            "remaining_hits": self.remaining,
            "current_hits": self.current,
            "reset_time_in_seconds": self.reset,
            "reset_time": formatdate(self.reset).replace("-0000", "+0000 GMT"),
        }


class RateLimiter:
    """Counts requests by key (a token or an address). For each key an hour begins with its first request.

    Any thread may use it. `limit` is the number of requests per hour, 0 for no limit; `clock` returns Unix seconds.
    """

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        if limit < 0:
            raise ValueError(f"The rate limit must be a number of requests per hour (0: no limit), not {limit}.")
        self._limit = limit or UNLIMITED
        self._clock = clock
        self._lock = Lock()
        self._windows: dict[str, tuple[int, int]] = {}

    def peek(self, key: str) -> RateStatus:
        """Return a key's status without counting a request."""
        with self._lock:
            reset, current = self._window(key)
        return RateStatus(self._limit, current, reset)

    def count(self, key: str) -> RateStatus:
        """Count one request, unless the limit is reached, and return the key's status."""
        with self._lock:
            reset, current = self._window(key)
            exceeded = current >= self._limit
            current += not exceeded
            self._windows[key] = (reset, current)
        return RateStatus(self._limit, current, reset, exceeded)

    def _window(self, key: str) -> tuple[int, int]:
        """Return when the key's current hour ends (Unix seconds), and how many requests it has had."""
        now = int(self._clock())
        window = self._windows.get(key)
        if window is not None and window[0] > now:
            return window
        self._windows = {other: held for other, held in self._windows.items() if held[0] > now}
        return now + HOUR, 0

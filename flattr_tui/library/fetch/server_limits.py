"""What a server allows: how many requests may be sent until when, and how many items a page may have.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Rate limiting'; RFC 9110, 10.2.3 (Retry-After).
"""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.api.errors import MAX_WAIT_AHEAD
from flattr_tui.api.request_log import make_logger
from flattr_tui.library.events import WaitReason
from flattr_tui.model.entities import RateLimit
from flattr_tui.store.shared_files import replace_file

LOG: Final = make_logger(__name__)
DEFAULT_WAIT: Final = 60.0
"""Time in seconds to wait if the rate limit is used up and the server does not say when it is reset."""
MIN_WAIT: Final = 5.0
"""Minimum time in seconds to wait after a refusal, because the server's clock may be behind ours."""
GIVE_UP_AFTER: Final = (3, 2 * 3600.0)
"""After more refusals in a row than this number, and this many seconds after the first one, requests fail at once."""
MAX_PAGE_SIZE: Final = 100
"""The page size that is requested from a source whose maximum is unknown."""
NEARLY_DEFAULT: Final = 25
"""Number of items from which on a first page may be a full page of the default size with some items hidden."""
ROUND_SIZES: Final = frozenset({10, 12, 15, 16, 20, 24})
"""Smaller numbers of items that may be a server's maximum page size. Few lists have exactly so many items."""
MAX_BELIEVED: Final = 10_000
"""Maximum page size that is accepted from the file. Larger values are ignored."""


def is_upcoming(moment: float, now: float) -> bool:
    """Whether a time is in the future, but at most a day away. Both times are in Unix seconds.

    A later time is not believed: the clock has been set back since it was computed, or the server's clock is wrong.
    """
    return now < moment <= now + MAX_WAIT_AHEAD


class RateLimiter:
    """Tracks the server's rate limit and the server's failures, and says whether a request may be sent now.

    All times are in Unix seconds. The rate headers of responses are followed until the server refuses a request. After
    that, requests wait until the reset time in the refusal, even if other responses arrive meanwhile.
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

        Requests that count against the rate limit then wait until `reset` (Unix seconds); with None, for a minute. The
        minimum is five seconds, and grows to a minute if the server refuses several requests in a row.
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


class PageSizes:
    """The largest page sizes that sources allow, as far as known. The JSON file `path`, if given, stores the sizes."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = _read_page_sizes(path)

    def known(self, source: str, method: str = "") -> int | None:
        """Return the largest page size that a source allows for an API method; None if it is unknown.

        With `method` "", return the size that was found last for any method of the source.
        """
        return self._known.get(_page_size_key(source, method))

    def size_to_request(self, source: str, method: str = "") -> int:
        """Return the page size to request from a source for an API method: the largest one allowed, if it is known.

        If it is unknown, the size found last for another method of the source is returned, but at most
        `MAX_PAGE_SIZE`; if no size is known, `MAX_PAGE_SIZE`.
        """
        return self.known(source, method) or min(self.known(source) or MAX_PAGE_SIZE, MAX_PAGE_SIZE)

    def remember(self, source: str, method: str, count: int) -> None:
        """Store that a source allows `count` items per page for an API method.

        Until more is known, this size is also assumed for other methods of the source.

        If the file can't be written, that is ignored, because the size will be found again.
        """
        if self._known.get(source) == self._known.get(_page_size_key(source, method)) == count:
            return
        # Another program may have added other sources meanwhile.
        self._known = {
            **self._known,
            **_read_page_sizes(self._path),
            source: count,
            _page_size_key(source, method): count,
        }
        if self._path is not None:
            with contextlib.suppress(OSError):
                replace_file(self._path, msgspec.json.format(msgspec.json.encode(self._known)), durable=False)


def may_be_size_limit(count: int, requested: int) -> bool:
    """Whether a list may go on after its first page, although that has only `count` of `requested` items.

    True if `count` is likely to be the server's maximum page size, perhaps with a few items hidden.
    """
    return count < requested and (count >= NEARLY_DEFAULT or count in ROUND_SIZES)


def _page_size_key(source: str, method: str) -> str:
    return f"{source} {method}" if method else source


def _read_page_sizes(path: Path | None) -> dict[str, int]:
    if path is None:
        return {}
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, int])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}  # the sizes will be found again
    return {source: count for source, count in found.items() if 0 < count <= MAX_BELIEVED}

"""Reads the headers by which a server limits requests: `X-RateLimit-*` and `Retry-After`.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Rate limit'; RFC 9110, 10.2.3 (Retry-After).
"""

import re
from collections.abc import Mapping

from flattr_tui.api.errors import MAX_WAIT_AHEAD
from flattr_tui.model import record_reader
from flattr_tui.model.entities import RateLimit
from flattr_tui.model.lazy_pattern import lazy_pattern

_SECONDS = lazy_pattern(r"(\d{1,18})(\.\d{1,9})?", re.ASCII)
"""Matches a number of seconds. HTTP allows no fractions in `Retry-After`, but some servers send them."""


def rate_limit_at(headers: Mapping[str, str], now: float) -> RateLimit | None:
    """Return the rate limit in the `X-RateLimit-*` headers of a response that came at `now` (Unix seconds).

    Returns None if the headers lack the limit or the remaining number. `reset` of the result is in Unix seconds, even
    if the server sent the number of seconds until then. `reset` is None if the header is missing, or names a time more
    than `MAX_WAIT_AHEAD` after `now`.
    """
    limit, remaining, current = (
        _parse_number(headers.get(f"x-ratelimit-{name}", "")) for name in ("limit", "remaining", "current")
    )
    if limit is None or remaining is None:
        return None
    reset: int | None = None
    if (seconds := _parse_seconds(headers.get("x-ratelimit-reset", ""))) is not None:
        moment = seconds + int(now) if seconds <= MAX_WAIT_AHEAD else seconds
        reset = moment if moment <= now + MAX_WAIT_AHEAD else None
    return RateLimit(limit=limit, remaining=remaining, current=current, reset=reset)


def _single_value(value: str) -> str:
    """Return a header's value; "" if it is a list of different values.

    A list with the same value twice (`5, 5`) counts as one value, because some proxies repeat headers.
    """
    values = {part.strip() for part in value.split(",")}
    return values.pop() if len(values) == 1 else ""


def _parse_seconds(value: str) -> int | None:
    """Return the seconds in a header's value, rounded up; None if the value is not one number."""
    found = _SECONDS.fullmatch(_single_value(value))
    return int(found[1]) + bool(found[2]) if found else None


def _parse_number(value: str) -> int | None:
    """Return the number in a header's value; None if the value is not one number."""
    return record_reader.to_integer(_single_value(value))


def parse_retry_after(headers: Mapping[str, str], now: float) -> int | None:
    """Return the time in `Retry-After` as Unix seconds. The header contains a date, or the seconds to wait from `now`.

    Returns None if the header is missing or invalid, or its time is more than `MAX_WAIT_AHEAD` after `now` (Unix
    seconds).
    """
    value = headers.get("retry-after", "").strip()
    seconds = _parse_seconds(value)
    moment = int(now) + seconds if seconds is not None else record_reader.to_timestamp(value)
    return moment if moment is not None and moment <= now + MAX_WAIT_AHEAD else None

"""Decides whether an HTTP response contains data, or which error it means.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Client errors' and 'Rate limiting'; RFC 9110, 10.2.3
(Retry-After) and 15 (statuses); RFC 6585 (429).
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from flattr_tui.api.errors import (
    MAX_WAIT_AHEAD,
    ApiError,
    FlattrError,
    NotArchivedError,
    NotFlattrResponseError,
    RateLimitedError,
    ServerFailedError,
    api_error,
)
from flattr_tui.model import record_reader
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import Lookup, RateLimit
from flattr_tui.model.errors import NotFlattrError
from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.model.response_body_parser import find_error, is_html, media_type, parse_body

if TYPE_CHECKING:
    from flattr_tui.api.response import Response

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERROR_LIMIT = 65_536
"""Maximum size in bytes of a successful body that is searched for an error."""
_CODES = {401: "unauthorized", 404: "not_found", 406: "not_acceptable", 429: "rate_limit_exceeded"}
"""The API's codes for statuses that servers send without a body. Newer servers use 429 for the rate limit."""
_RETRY_LATER = frozenset({408, 425})
"""HTTP statuses after which the same request may succeed later (RFC 9110, 15.5.9; RFC 8470)."""
_ADVICE = {
    407: "the proxy wants a user name and a password (407). Put them into the proxy's address: `http://NAME:PASSWORD@…`.",
    511: "the network wants you to log in first (511). Open any page in a browser, then try again.",
}
_ARCHIVE = lazy_pattern(r"/web/\d{4,14}[a-z_]*/")
_SECONDS = lazy_pattern(r"(\d{1,18})(\.\d{1,9})?", re.ASCII)
"""Matches a number of seconds. HTTP allows no fractions in `Retry-After`, but some servers send them."""
_HTML = frozenset({"text/html", "application/xhtml+xml"})


def rate_limit_at(headers: Mapping[str, str], now: float) -> RateLimit | None:
    """Return the rate limit in the `X-RateLimit-*` headers of a response that came at `now` (Unix seconds).

    Its reset time is in Unix seconds, rounded up, even if the server sent the number of seconds until then. A reset
    time more than `MAX_WAIT_AHEAD` after `now` is left out. Returns None if the limit or the remaining number is
    missing.
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


def _parse_seconds(value: str) -> int | None:
    """Return the seconds in a header's value, rounded up; None if the value is not one number.

    The same number twice (`5, 5`) counts as one: some proxies repeat headers.
    """
    values = {part.strip() for part in value.split(",")}
    found = _SECONDS.fullmatch(values.pop()) if len(values) == 1 else None
    return int(found[1]) + bool(found[2]) if found else None


def _parse_number(value: str) -> int | None:
    """Return the number in a header's value; None if the value is not one number.

    The same number twice (`5, 5`) counts as one: some proxies repeat headers.
    """
    values = {part.strip() for part in value.split(",")}
    return record_reader.to_integer(values.pop()) if len(values) == 1 else None


def parse_retry_after(headers: Mapping[str, str], now: float) -> int | None:
    """Return the time in `Retry-After` as Unix seconds. The header contains a date, or the seconds to wait from `now`.

    Returns None if the header is missing or invalid, or its time is more than `MAX_WAIT_AHEAD` after `now` (Unix
    seconds).
    """
    value = headers.get("retry-after", "").strip()
    seconds = _parse_seconds(value)
    moment = int(now) + seconds if seconds is not None else record_reader.to_timestamp(value)
    return moment if moment is not None and moment <= now + MAX_WAIT_AHEAD else None


def is_lookup_result(headers: Mapping[str, str], status: int, body: bytes) -> bool:
    """Whether a redirect is the result of a lookup: it leads to a thing, or its body says 'found'.

    Other redirects must be followed, for example from a web archive to its nearest capture.
    """
    if status not in REDIRECTS:
        return False
    if Lookup(found=True, location=headers.get("location")).thing_id is not None:
        return True
    data = _parsed(body, headers.get("content-type", ""))
    return isinstance(data, dict) and data.get("message") == "found" and isinstance(data.get("location"), str)


def error_for(response: "Response", *, archived: bool) -> FlattrError | None:
    """Return the error that a response means; None if it contains data.

    `archived` says that the response came from a web archive.
    """
    status, is_lookup = response.status, response.method.response_kind is ResponseKind.LOOKUP
    if 200 <= status < 300 or status == 304:
        return _false_success(response)
    error = _body_error(response)
    if is_lookup and (
        status in REDIRECTS or (status == 404 and error is None and not archived and _says_not_found(response))
    ):
        return None
    if status >= 500 or status in _RETRY_LATER:
        return _server_error(response, error)
    if error is not None:
        return error
    if status == 404 and archived:
        return NotArchivedError("not captured by this web archive.")
    text = _ADVICE.get(status) or f"the server answered {_name_status(status)}."
    return _add_reset_time(api_error(status, _CODES.get(status, ""), text), response)


def _name_status(status: int) -> str:
    from http import HTTPStatus  # noqa: PLC0415 -- not before the first paint

    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _false_success(response: "Response") -> FlattrError | None:
    """Return the error if a response has a status of success, but a body that is HTML, an error, empty or cut off.

    Returns None if the body is as it should be.
    """
    if response.status == 304:
        return None
    kind, body = media_type(response.content_type), response.body
    if is_html(body) or (kind in _HTML and _parsed(body, "") is None):  # PHP calls all it sends HTML
        return NotFlattrResponseError(
            "the server sent an HTML page, not an API response (a captive portal, or another site at this address?)."
        )
    if response.status == 206:
        return NotFlattrResponseError("the server sent a part of the response (206), which was not requested.")
    if not response.method.writes and not body:
        return NotFlattrResponseError(f"the server answered {response.status} with an empty body.")
    if response.method.response_kind is ResponseKind.RECEIPT and _is_no_receipt(response):
        return NotFlattrResponseError("the response is not one of Flattr's API.")
    if len(body) > _ERROR_LIMIT or (b"error" not in body and b"fail" not in body):
        return None
    data = _parsed(body, response.content_type)
    return _body_error(response) if isinstance(data, dict) and "type" not in data else None


def _is_no_receipt(response: "Response") -> bool:
    """Whether the response to a write is neither empty nor an object, so that it can't be a receipt."""
    body = response.body
    return bool(body.strip()) and not isinstance(_parsed(body, response.content_type), dict)


def _server_error(response: "Response", error: ApiError | None) -> ServerFailedError:
    at = parse_retry_after(response.headers, response.fetched_at)
    detail = f": {error.description.rstrip('.')}" if error is not None and error.description else ""
    wait = round(at - response.fetched_at) if at is not None else 0
    when = f"in {wait:,} s" if wait > 0 else "in a while"
    failed = ServerFailedError(
        _ADVICE.get(response.status) or f"the server failed ({response.status}{detail}). Try again {when}."
    )
    failed.retry_at = at
    return failed


def _parsed(body: bytes, content_type: str) -> object:
    try:
        return parse_body(body, content_type)
    except NotFlattrError:
        return None  # not every error has a readable body: then only its status counts


def _says_not_found(response: "Response") -> bool:
    body = _parsed(response.body, response.content_type)
    return isinstance(body, dict) and body.get("message") == "not_found"


def _body_error(response: "Response") -> ApiError | None:
    found = find_error(_parsed(response.body, response.content_type))
    if found is None:
        return None
    code = found.code or _CODES.get(response.status, "")
    return _add_reset_time(api_error(response.status, code, found.description), response)


def _add_reset_time(error: ApiError, response: "Response") -> ApiError:
    """Return `error` itself. If it is a `RateLimitedError`, set its `reset`: when requests may be sent again."""
    if isinstance(error, RateLimitedError):
        error.reset = response.rate.reset if response.rate else None
        if error.reset is None or error.reset <= response.fetched_at:  # missing, or of a past hour
            error.reset = parse_retry_after(response.headers, response.fetched_at) or error.reset
    return error


def normalize_lookup(response: "Response") -> "Response":
    """Return the response to a lookup with the documented body.

    If the response is a redirect without that body, a copy is returned whose body is made from `Location`. Any other
    response is returned unchanged.
    """
    if response.method.response_kind is not ResponseKind.LOOKUP or response.status not in REDIRECTS:
        return response
    data = _parsed(response.body, response.content_type)
    if isinstance(data, dict) and (data.get("location") or data.get("resource")):
        return response
    body = msgspec.json.encode({"message": "found", "location": response.headers.get("location", "")})
    return replace(response, body=body, headers={**response.headers, "content-type": "application/json"})


def is_archive(base: str, headers: Mapping[str, str]) -> bool:
    """Whether a response with these headers comes from a web archive. `base` is the address of the source.

    The address of a web archive contains a date (`/web/2012…/`), or its responses have special headers (RFC 7089).
    """
    return bool(_ARCHIVE.search(f"{base}/")) or any(
        name == "memento-datetime" or name.startswith("x-archive-") for name in headers
    )

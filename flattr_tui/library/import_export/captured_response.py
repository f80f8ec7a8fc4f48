"""A capture: one response from a file, with its time, its content type and its ids.

All formats are read into this form.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from flattr_tui.library.import_export.api_url_matcher import UnrecognizedError
from flattr_tui.model.response_body_parser import media_type

MAX_BODY: Final = 16 * 1024 * 1024
"""Maximum size in bytes of a decoded body, the same as for a body from the network."""
MAX_FILE: Final = 512 * 1024 * 1024
"""Maximum unpacked size in bytes of a file that is read as a whole (HAR, bodies without headers)."""
_MILLISECONDS: Final = 1e11
"""Numbers larger than this are milliseconds instead of seconds."""
_PARTIAL_DATE: Final = re.compile(r"\d{4}(?:-\d\d)?")
"""Matches a year or a month, which WARC 1.1 (5.4) allows as a record's date."""
_NOTICE: Final = re.compile(rb"<(?:br|b|p|pre|div|!--)[\s/>-]")
"""Matches the beginning of PHP notices, which may precede a response."""
FIRST_LOCAL_ID: Final = 1 << 52
"""The first of the ids that are generated locally. Flattr's own had at most nine digits.

JavaScript reads them exactly, because they are below 2**53.
"""


def local_thing_id(address: str) -> int:
    """Return the id for the thing at an address. It is always the same, and never one that Flattr could have given."""
    digest = blake2b(address.encode(errors="backslashreplace"), digest_size=8).digest()
    return FIRST_LOCAL_ID + (int.from_bytes(digest) % FIRST_LOCAL_ID)


class Revisit(NamedTuple):
    """Identifies the record of a web archive whose body a `revisit` record repeats. Unknown fields are "" and 0."""

    record_id: str
    url: str
    date: float
    digest: str


class CapturedResponse(msgspec.Struct, kw_only=True):
    """A response in a file, with what the file says about it."""

    place: str
    """The position of the response in the file, for users: `entry 12`."""
    member: str = ""
    """The name of the file in the imported folder or archive; "" for an imported file itself."""
    url: str = ""
    """The address that was requested; "" if the file does not say."""
    is_url_guessed: bool = False
    """Whether the address was derived from the file's name."""
    verb: str = "GET"
    status: int = 200
    content_type: str = ""
    body: bytes = b""
    fetched_at: float = 0.0
    """When the response was fetched, in Unix seconds; 0 if the file does not say."""
    problem: str = ""
    """Why the body can't be used; "" if it can."""
    record_id: str = ""
    """The id of the record in a web archive."""
    digest: str = ""
    """The hash of the body in a web archive, as the archive writes it."""
    revisit: Revisit | None = None


def parse_moment(moment: str | float | None) -> float:
    """Return a time in Unix seconds: from ISO 8601 (UTC without an offset), seconds or milliseconds; 0 if invalid.

    A year, month or day stands for its first moment.
    """
    if isinstance(moment, float):
        moment = moment if moment < _MILLISECONDS else moment / 1000
        return moment if 0 < moment < _MILLISECONDS else 0.0
    text = (moment or "").strip()
    if _PARTIAL_DATE.fullmatch(text):
        text += "-01-01"[len(text) - 4 :]
    try:
        parsed = datetime.fromisoformat(text)
        return max(0.0, (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0.0


def read_time(text: str) -> float:
    """Return a time of HTTP or of a feed (RFC 9110, RFC 5322) in Unix seconds; other times as `parse_moment` does."""
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp())
    except (ValueError, OverflowError, TypeError, IndexError):
        return parse_moment(text)


def make_lookup_body(location: str) -> bytes:
    """Return the body of the response to a lookup, made from the address in its `Location` header."""
    return msgspec.json.encode({"message": "found", "location": location})


def sniff_type(data: bytes, content_type: str = "") -> str:
    """Return the content type of a body by its beginning. Raises `UnrecognizedError` for an HTML page."""
    if media_type(content_type) in {"application/yaml", "text/yaml"}:
        return "application/yaml"
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head.startswith(b"<") or _NOTICE.match(head):
        return "application/json"
    if any(mark in head for mark in (b"<html", b"<!doctype html", b"<!doctype netscape")):  # the latter: bookmarks
        raise UnrecognizedError("an HTML page, not a response of Flattr's API")
    return "application/atom+xml" if b"http://www.w3.org/2005/atom" in head else "text/xml"

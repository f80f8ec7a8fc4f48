"""One response from a file, with its time, type and ids. All file formats are read into this form."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from flattr_tui.library.transfer.url_matcher import UnrecognisedError
from flattr_tui.model.body_parser import media_type

MAX_BODY: Final = 16 * 1024 * 1024
"""Maximum bytes of a decoded body, as for a body from the network."""
MAX_FILE: Final = 512 * 1024 * 1024
"""Maximum bytes, unpacked, of a file that is read as a whole (HAR, plain bodies)."""
_MILLISECONDS: Final = 1e11
"""Larger numbers are milliseconds instead of seconds."""
_PARTIAL_DATE: Final = re.compile(r"\d{4}(?:-\d\d)?")
"""A year or a month, which WARC 1.1 (5.4) allows for a record's date."""
_NOTICE: Final = re.compile(rb"<(?:br|b|p|pre|div|!--)[\s/>-]")
"""The beginning of PHP notices in front of a response."""
FIRST_LOCAL_ID: Final = 1 << 52
"""Ids from here on are generated locally. Flattr's own had at most nine digits.

Below 2**53 JavaScript reads them exactly.
"""


def local_thing_id(address: str) -> int:
    """Return an id for the thing at an address: always the same, and never one of Flattr's."""
    digest = blake2b(address.encode(errors="backslashreplace"), digest_size=8).digest()
    return FIRST_LOCAL_ID + (int.from_bytes(digest) % FIRST_LOCAL_ID)


class Revisit(NamedTuple):
    """Names the record whose body a `revisit` record of a web archive repeats; unknown fields are "" and 0."""

    record_id: str
    url: str
    date: float
    digest: str


class Capture(msgspec.Struct, kw_only=True):
    """One response in a file, with what the file says about it."""

    place: str
    """Where the response is in the file, for people: `entry 12`."""
    member: str = ""
    """The file's name within the imported folder or archive; "" for an imported file itself."""
    url: str = ""
    """The address that was requested; "" if the file has none."""
    is_url_guessed: bool = False
    """Whether the address was derived from the file's name."""
    verb: str = "GET"
    status: int = 200
    content_type: str = ""
    body: bytes = b""
    fetched_at: float = 0.0
    """Unix seconds; 0 if the file does not say."""
    problem: str = ""
    """Why the body can't be used; "" if it can."""
    record_id: str = ""
    """The id of a web archive's record."""
    digest: str = ""
    """Hash of a web archive's payload, as the archive writes it."""
    revisit: Revisit | None = None


def parse_moment(moment: str | float | None) -> float:
    """Parse ISO 8601 (UTC without an offset), seconds or milliseconds to Unix seconds; 0 for anything else.

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
    """Parse a time of HTTP or feeds (RFC 9110, RFC 5322), or as `parse_moment` does; 0 for anything else."""
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp())
    except (ValueError, OverflowError, TypeError, IndexError):
        return parse_moment(text)


def make_lookup_body(location: str) -> bytes:
    """Return the body of the response to a lookup, made from its `Location`."""
    return msgspec.json.encode({"message": "found", "location": location})


def sniff_type(data: bytes, content_type: str = "") -> str:
    """Return the content type of a bare body by its beginning; raises `UnrecognisedError` for an HTML page."""
    if media_type(content_type) in {"application/yaml", "text/yaml"}:
        return "application/yaml"
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head.startswith(b"<") or _NOTICE.match(head):
        return "application/json"
    if any(mark in head for mark in (b"<html", b"<!doctype html", b"<!doctype netscape")):  # the latter: bookmarks
        raise UnrecognisedError("an HTML page, not a response of Flattr's API")
    return "application/atom+xml" if b"http://www.w3.org/2005/atom" in head else "text/xml"

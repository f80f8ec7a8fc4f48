"""What is common to all files that hold responses which somebody saved: one response, its time, its type."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

import msgspec

from flattr_tui.library.transfer.url_matcher import UnrecognisedError
from flattr_tui.model.body_parser import media_type

MAX_BODY: Final = 16 * 1024 * 1024
"""Bytes of one decoded body, as for a body from the network."""
MAX_FILE: Final = 512 * 1024 * 1024
"""Bytes of a file that is read as a whole (HAR, plain bodies), unpacked."""
_MILLISECONDS: Final = 1e11
"""More of seconds are milliseconds."""
_NOTICE: Final = re.compile(rb"<(?:br|b|p|pre|div|!--)[\s/>-]")
"""What PHP writes its notices in, before the answer that follows."""


class Revisit(NamedTuple):
    """The earlier record whose body a `revisit` record of a web archive stands for; "" and 0 where it isn't said."""

    record_id: str
    url: str
    date: float
    digest: str


class Capture(msgspec.Struct, kw_only=True):
    """One response that a file holds, with what the file says about it."""

    place: str
    """Where in the file, for people: `entry 12`."""
    member: str = ""
    """The name of the file within the folder or archive that was imported; "" for an imported file itself."""
    url: str = ""
    """Where it came from; "" where the file does not say."""
    is_url_guessed: bool = False
    """Whether the address was read off the file's name."""
    verb: str = "GET"
    status: int = 200
    content_type: str = ""
    body: bytes = b""
    fetched_at: float = 0.0
    """Unix seconds."""
    problem: str = ""
    """Why there is no body to take, where there is none."""
    record_id: str = ""
    """The name of a web archive's record."""
    digest: str = ""
    """Hash of a web archive's payload, as the archive writes it."""
    revisit: Revisit | None = None


def seconds(moment: str | float | None) -> float:
    """Read ISO 8601 (UTC where it has no offset), seconds or milliseconds to Unix seconds; 0 for what is no time."""
    if isinstance(moment, float):
        moment = moment if moment < _MILLISECONDS else moment / 1000
        return moment if 0 < moment < _MILLISECONDS else 0.0
    try:
        parsed = datetime.fromisoformat((moment or "").strip())
        return max(0.0, (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0.0


def read_time(text: str) -> float:
    """Read a time as HTTP and feeds write it (RFC 9110, RFC 5322), or as `seconds` does; 0 for what is none."""
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp())
    except (ValueError, OverflowError, TypeError, IndexError):
        return seconds(text)


def found_at(location: str) -> bytes:
    """Make the body of a lookup's answer out of its `Location`, which is as good alone."""
    return msgspec.json.encode({"message": "found", "location": location})


def plain_type(data: bytes, content_type: str = "") -> str:
    """Say what type a plain body is of, by its beginning; raises `UnrecognisedError` for an HTML page."""
    if media_type(content_type) in {"application/yaml", "text/yaml"}:
        return "application/yaml"
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head.startswith(b"<") or _NOTICE.match(head):
        return "application/json"
    if b"<html" in head or b"<!doctype html" in head:
        raise UnrecognisedError("an HTML page, not an answer of Flattr")
    return "application/atom+xml" if b"http://www.w3.org/2005/atom" in head else "text/xml"

"""A response as it was found in an imported file. The readers of all file formats return responses in this form.

Request headers and cookies are never read from files. Removing secrets from bodies is a second barrier, against tokens
in addresses within a body, or in text that was pasted around a response.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from flattr_tui.library.import_export.request_matcher import UnrecognizedError
from flattr_tui.model.response_body_parser import media_type

MAX_BODY: Final = 16 * 1024 * 1024
"""Maximum size in bytes of a decoded body, the same as for a body from the network."""
MAX_FILE: Final = 512 * 1024 * 1024
"""Maximum unpacked size in bytes of a file that is read into memory as a whole, such as HAR."""
_MILLISECONDS: Final = 1e11
"""Times that are larger numbers than this are in milliseconds instead of seconds."""
_PARTIAL_DATE: Final = re.compile(r"\d{4}(?:-\d\d)?")
"""Matches a year or a month, which WARC 1.1 (5.4) allows as the date of a record."""
_NOTICE: Final = re.compile(rb"<(?:br|b|p|pre|div|!--)[\s/>-]")
"""Matches the beginning of PHP notices, which may precede a response."""
FIRST_LOCAL_ID: Final = 1 << 52
"""The first of the thing ids that this program makes for things without an id. Ids by Flattr have at most nine digits.

JavaScript reads the ids exactly, because they are below 2**53.
"""
REMOVED: Final = b"REMOVED"
_SECRET_NAMES: Final = (
    rb"(?:access_token|refresh_token|id_token|client_secret|api_key|session_id|sessionid|PHPSESSID|password)"
)
_SUSPICIOUS: Final = re.compile(rb"(?i)_token|secret|api_key|session|password|authorization|cookie|bearer")
_SECRET_RULES: Final = tuple(
    re.compile(rule)
    for rule in (
        rb'(?i)("' + _SECRET_NAMES + rb'"\s*:\s*")((?:[^"\\]|\\.)+)',  # JSON
        rb"(?i)((?:\b|(?<=3F)|(?<=26))"
        + _SECRET_NAMES
        + rb"(?:=|%(?:25)*3D|>|\s*:\s+))([^\s&\"'<>\\;]+)",  # addresses, forms, XML, YAML
        (
            rb"(?i)(\b(?:proxy-)?authorization\\?[\"']?\s*[:=]\s*\\?[\"']?)"
            rb"((?:(?:bearer|basic|token|oauth|digest)\s+)?[^\s\"'<>\\]+)"
        ),
        rb"(?i)(\b(?:set-)?cookie\\?[\"']?\s*:\s*\\?[\"']?)([^\r\n\"'<>\\]+)",
        rb"(?i)(\bbearer\s+)([A-Za-z0-9._~+/-]{16,}=*)",
    )
)


def local_thing_id(address: str) -> int:
    """Return an id for the thing at an address that has no id. It depends only on the address.

    It is never an id that Flattr could have given to a thing.
    """
    digest = blake2b(address.encode(errors="backslashreplace"), digest_size=8).digest()
    return FIRST_LOCAL_ID + (int.from_bytes(digest) % FIRST_LOCAL_ID)


class Revisit(NamedTuple):
    """What a `revisit` record of a web archive says about the record whose body it repeats.

    Fields that are unknown are "" or 0.
    """

    record_id: str
    url: str
    date: float
    digest: str


class CapturedResponse(msgspec.Struct, kw_only=True):
    """A response as it was found in an imported file, with what the file says about it."""

    place: str
    """Where the response is in the file, in words for users: `entry 12`."""
    member: str = ""
    """The name of the file, if it is in an imported folder or archive; otherwise ""."""
    url: str = ""
    """The address that was requested; "" if the file does not say."""
    is_url_guessed: bool = False
    """Whether `url` was derived from the name of the file."""
    verb: str = "GET"
    status: int = 200
    content_type: str = ""
    body: bytes = b""
    fetched_at: float = 0.0
    """When the response was fetched, in Unix seconds; 0 if the file does not say."""
    problem: str = ""
    """Why the body can't be used; "" if it can be used."""
    record_id: str = ""
    """The id of the response's record in a web archive; "" in other files."""
    digest: str = ""
    """The hash of the body, as a web archive writes it; "" in other files."""
    revisit: Revisit | None = None
    """The record of a web archive whose body this one repeats; None if the response has its own body."""


def parse_moment(moment: str | float | None) -> float:
    """Convert a time to Unix seconds. Returns 0 for an invalid time and for None.

    A text is ISO 8601, in UTC unless it has an offset; a year, month or day stands for its first moment. A number is in
    Unix seconds or milliseconds.
    """
    if isinstance(moment, float):
        moment = moment if moment < _MILLISECONDS else moment / 1000
        return moment if 0 < moment < _MILLISECONDS else 0.0
    text = (moment or "").strip()
    if _PARTIAL_DATE.fullmatch(text):
        text += "-01-01"[len(text) - 4 :]
    try:
        return _unix_seconds(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return 0.0


def read_time(text: str) -> float:
    """Convert the text of a time to Unix seconds: the form of HTTP, mail and RSS (RFC 5322), or ISO 8601.

    Returns 0 if the text is invalid.
    """
    try:
        return _unix_seconds(parsedate_to_datetime(text))
    except (ValueError, OverflowError, TypeError, IndexError):
        return parse_moment(text)


def _unix_seconds(moment: datetime) -> float:
    """Convert a moment to Unix seconds, at least 0. A moment without a time zone is in UTC."""
    return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def make_lookup_body(location: str) -> bytes:
    """Return the JSON body that the API sends for a lookup that found a thing at the address `location`."""
    return msgspec.json.encode({"message": "found", "location": location})


def sniff_type(data: bytes, content_type: str = "") -> str:
    """Return the content type that a body has by its first bytes: JSON, XML or Atom.

    YAML is recognized only by `content_type`, the type that the file names. Raises `UnrecognizedError` for HTML.
    """
    if media_type(content_type) in {"application/yaml", "text/yaml"}:
        return "application/yaml"
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head.startswith(b"<") or _NOTICE.match(head):
        return "application/json"
    marks = (b"<html", b"<!doctype html", b"<!doctype netscape")  # the last one begins exported bookmarks
    if any(mark in head for mark in marks):
        raise UnrecognizedError("an HTML page, not a response of Flattr's API")
    return "application/atom+xml" if b"http://www.w3.org/2005/atom" in head else "text/xml"


def remove_secrets(data: bytes) -> bytes:
    """Return a body without tokens, cookies and passwords, as far as names such as `access_token` show them."""
    if _SUSPICIOUS.search(data):
        for rule in _SECRET_RULES:
            data = rule.sub(rb"\1" + REMOVED, data)
    return data


def remove_secrets_of_text(text: str) -> str:
    """Return a text to display, such as an address, without tokens, cookies and passwords."""
    return remove_secrets(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

"""Captured responses, which are responses as they were found in an imported file, and the decoding of their bodies.

The readers of all formats return responses in this form. Bodies may have a chunked transfer coding, and be packed as
gzip, deflate, br or zstd. Many tools save a decoded body with the headers of the encoded one. So an encoding that the
headers name is undone only if the bytes really have it.

Text files become plain UTF-8, without byte order mark, escape sequences and NULs at the end. PowerShell's `>` and
spreadsheets write UTF-16. Windows editors write a byte order mark, and `jq -C` and `http --pretty=colors` write escape
sequences. After a power failure, files on some file systems end in NULs. asciinema and script(1) record what a terminal
showed. https://docs.asciinema.org/manual/asciicast/v2/

Request headers and cookies are never read from files. Removing secrets from bodies is a second barrier, against tokens
in addresses within a body, or in text that was pasted around a response.
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.library.import_export.decompression import GZIP, PIECE, ZLIB_OR_GZIP, ZSTD, UnreadableError
from flattr_tui.library.import_export.request_recognition import UnrecognizedError
from flattr_tui.model.response_body_parser import is_utf8, media_type
from flattr_tui.pip_command import install_command
from flattr_tui.zstd import ZstdDecompressor, ZstdError

LENIENT_DECODER: Final = json.JSONDecoder(strict=False)
"""Decodes JSON whose texts may contain control characters."""
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
_BARE: Final = -15
"""zlib's `wbits` for deflate data without a zlib header. Some servers send such data as `deflate`."""
_NONE: Final = frozenset({"", "identity", "utf-8", "none", "binary", "chunked"})
"""Values of `Content-Encoding` for which nothing is undone. A chunked body was joined before."""
_ORIGINAL: Final = "x-archive-orig-"
"""Prefix that web archives put before the names of a response's original headers."""
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MARK: Final = b"\xef\xbb\xbf"
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_ASCII: Final = frozenset(b"\0\t\r\n" + bytes(range(0x20, 0x7F)))
_DECLARED: Final = re.compile(r"(\A\s*+<\?xml\b[^>]{0,200}?\bencoding\s*=\s*)[\"'][\w.:-]+[\"']")
_TYPESCRIPT: Final = b"Script started on "
_TYPESCRIPT_LINES: Final = re.compile(rb"^Script (?:started|done) on [^\n]*\n?", re.MULTILINE)
"""Matches what `script` writes before and after the output of a terminal, also if it was told to be quiet."""
_ESCAPE: Final = re.compile(rb"\x1b(?:\[[0-9;:?]*[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\))")
_CAST: Final = re.compile(rb'\{\s*"version":\s*[123],')


def local_thing_id(address: str) -> int:
    """Make an id for a thing that has only an address. The same address always gets the same id.

    Flattr can't have given this id to another thing.
    """
    digest = blake2b(address.encode(errors="backslashreplace"), digest_size=8).digest()
    return FIRST_LOCAL_ID + (int.from_bytes(digest) % FIRST_LOCAL_ID)


class Revisit(NamedTuple):
    """What a `revisit` record of a web archive says about the earlier record whose body it repeats.

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
    """Return the content type of a body, as its first bytes show it: XML, Atom or, for any other bytes, JSON.

    `data` is the body. YAML is recognized only by `content_type`, the type that the file names. Raises
    `UnrecognizedError` for HTML.
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
    """Return a body without tokens, cookies and passwords, which are found by names such as `access_token`."""
    if _SUSPICIOUS.search(data):
        for rule in _SECRET_RULES:
            data = rule.sub(rb"\1" + REMOVED, data)
    return data


def remove_secrets_of_text(text: str) -> str:
    """Return a text to display, such as an address, without tokens, cookies and passwords."""
    return remove_secrets(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def decode_body(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Undo the encodings of a body (such as gzip) that `headers` name, if the body really has them.

    gzip and zstd are undone even if `headers` do not name them. The names in `headers` are in lower case. Raises
    `UnreadableError` if the body can't be decoded, or if the decoded body has more than `MAX_BODY` bytes.
    """
    named = [headers.get(f"{front}{name}", "").lower() for name in ("content-encoding", "transfer-encoding")
             for front in ("", _ORIGINAL)]  # fmt: skip
    encodings = [one.strip() for value in named for one in value.split(",")]
    if "chunked" in encodings:
        body = dechunk(body)
    for encoding in reversed([one for one in encodings if one not in _NONE]):
        body = _undo(body, encoding)
    return decode_unlabelled(body)


def decode_unlabelled(body: bytes) -> bytes:
    """Decode a body if its first bytes show that it is gzip or zstd; return any other body unchanged.

    Raises `UnreadableError` if the body can't be decoded, or if the decoded body has more than `MAX_BODY` bytes.
    """
    for magic, encoding in ((GZIP, "gzip"), (ZSTD, "zstd")):
        if body.startswith(magic):
            return _undo(body, encoding)
    return body


def _undo(body: bytes, encoding: str) -> bytes:
    if not body or _is_text(body):
        return body  # the tool that saved the body decoded it, and kept the header
    match encoding:
        case "gzip" | "x-gzip" | "deflate":
            has_header = body[:2] == GZIP or (
                len(body) > 1 and body[0] & 15 == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0
            )
            return b"".join(inflate([body], MAX_BODY, ZLIB_OR_GZIP if has_header else _BARE))
        case "br":
            return _join_limited(_unbrotli(body))
        case "zstd":
            return _join_limited(_unzstd(body))
    raise UnreadableError(f"encoded as {encoding[:20]!a}, which is not supported")


def _is_text(body: bytes) -> bool:
    """Whether a body begins with UTF-8 text without control characters. A compressed body hardly ever does."""
    head = body[:512]
    if _CONTROLS.search(head):
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > 0 and error.start >= len(head) - 3  # truncated within a character
    return True


def _join_limited(pieces: Iterable[bytes]) -> bytes:
    done = bytearray()
    for piece in pieces:
        done += piece
        if len(done) > MAX_BODY:
            raise UnreadableError(f"unpacks to more than {MAX_BODY:,} bytes")
    return bytes(done)


def _unbrotli(body: bytes) -> Iterator[bytes]:
    try:
        import brotli  # noqa: PLC0415 -- an extra
    except ImportError as error:
        raise UnreadableError(f"is encoded as br: reading it needs `{install_command('warc')}`") from error
    unpacker: Any = brotli.Decompressor()
    try:
        yield unpacker.process(body, output_buffer_limit=PIECE)
        while not unpacker.can_accept_more_data():
            yield unpacker.process(b"", output_buffer_limit=PIECE)
    except brotli.error as error:
        raise UnreadableError("it can't be decompressed") from error


def _unzstd(body: bytes) -> Iterator[bytes]:
    try:
        while body:
            unpacker = ZstdDecompressor()
            while not unpacker.eof:
                done = unpacker.decompress(body, PIECE)
                body = b""
                if not done and not unpacker.eof:
                    raise UnreadableError("its compressed data ends early")
                yield done
            body = unpacker.unused_data
    except ZstdError as error:
        raise UnreadableError("it can't be decompressed") from error


def inflate(pieces: Iterable[bytes], limit: int, window: int = ZLIB_OR_GZIP) -> Iterator[bytes]:
    """Unpack all members of a gzip or zlib stream piece by piece. `pieces` are the pieces of the compressed stream.

    `window` is zlib's `wbits`. Raises `UnreadableError` if the content has more than `limit` bytes in total, or can't
    be unpacked.
    """
    size = 0
    unpacker = zlib.decompressobj(window)
    try:
        for piece in pieces:
            pending = piece
            while pending:
                done = unpacker.decompress(pending, min(limit + 1 - size, PIECE))
                size += len(done)
                if size > limit:
                    raise UnreadableError(f"unpacks to more than {limit:,} bytes")
                yield done
                pending = unpacker.unconsumed_tail
                if unpacker.eof:
                    pending = unpacker.unused_data
                    unpacker = zlib.decompressobj(window)
    except zlib.error as error:
        raise UnreadableError("it can't be decompressed") from error


def dechunk(raw: bytes) -> bytes:
    """Return a body without the chunked transfer coding (RFC 9112, 7.1).

    A body that does not have it is returned unchanged.
    """
    done, at = bytearray(), 0
    while True:
        end = raw.find(b"\n", at, at + 64)
        size = raw[at:end].partition(b";")[0].strip() if end >= 0 else b""
        if not size or size.strip(b"0123456789abcdefABCDEF"):
            return bytes(done) if done else raw
        length = int(size, 16)
        if length == 0:
            return bytes(done)
        done += raw[end + 1 : end + 1 + length]
        at = end + 1 + length
        at += 2 if raw[at : at + 2] == b"\r\n" else 1


def to_utf8(data: bytes) -> bytes:
    """Convert a text file in UTF-16, or a terminal recording, to UTF-8 text. Any other data is returned unchanged."""
    data = data.rstrip(b"\0") if data[-2:] == b"\0\0" and not _is_wide(data) else data
    if _is_wide(data):
        text = data.decode(json.detect_encoding(data), errors="replace").removeprefix("\ufeff").rstrip("\0")
        data = _DECLARED.sub(r'\1"UTF-8"', text, count=1).encode("utf-8", errors="replace")
    data = data.removeprefix(_MARK)
    data = _terminal_output(data) if _CAST.match(data) else data
    data = _TYPESCRIPT_LINES.sub(b"", data) if data.startswith(_TYPESCRIPT) else data
    return _ESCAPE.sub(b"", data) if b"\x1b" in data and is_utf8(data) else data


def _terminal_output(cast: bytes) -> bytes:
    """Return the text that a terminal showed. `cast` is the content of a recording of asciinema (versions 1 to 3)."""
    events: list[Any] = []
    for line in [cast, *cast.splitlines()]:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue  # not an event: the whole file, or a line that is cut off
        events += event["stdout"] if isinstance(event, dict) and isinstance(event.get("stdout"), list) else [event]
    shown = []
    for event in events:
        match event:
            case [_, str(text)] | [_, "o", str(text)]:
                shown.append(text)
    return "".join(shown).encode("utf-8", "replace") or cast


def _is_wide(data: bytes) -> bool:
    """Whether data is text in UTF-16 or UTF-32.

    Such text begins with a byte order mark, or has NULs between ASCII characters.
    """
    head = data[:4]
    if head[:2] in _WIDE_MARKS or head == b"\0\0\xfe\xff":
        return True
    return len(head) == 4 and head.strip(b"\0") != b"" and set(head) <= _ASCII and json.detect_encoding(head) != "utf-8"

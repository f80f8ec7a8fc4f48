"""The files that hold responses which somebody saved, read one response at a time: HAR, WARC, plain bodies, gzip.

Nothing in a file is believed: sizes are capped, what is packed is unfolded no further than the cap, and a broken
entry costs that entry.
"""

import base64
import binascii
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from flattr_tui.library.moving.recognising import UnrecognisedError
from flattr_tui.model.decode import media_type

MAX_BODY: Final = 16 * 1024 * 1024
"""Bytes of one decoded body, as for a body from the network."""
MAX_FILE: Final = 512 * 1024 * 1024
"""Bytes of a file that is read as a whole (HAR, plain bodies), unpacked."""
GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"
WARC: Final = b"WARC/"
_PIECE: Final = 1 << 20
_ZLIB_OR_GZIP: Final = 47
"""zlib's window bits that take either header."""


class Capture(msgspec.Struct, kw_only=True):
    """One response that a file holds, with what the file says about it."""

    place: str
    """Where in the file, for people: `entry 12`."""
    url: str = ""
    """Where it came from; "" where the file does not say."""
    verb: str = "GET"
    status: int = 200
    content_type: str = ""
    body: bytes = b""
    fetched_at: float = 0.0
    """Unix seconds."""
    problem: str = ""
    """Why there is no body to take, where there is none."""


class UnreadableError(Exception):
    """A file, or the rest of it, can't be read; the message says why, without its name and without a full stop."""


def unfold(pieces: Iterable[bytes], limit: int) -> bytes:
    """Unpack gzip or zlib, all members, to at most `limit` bytes; raises `UnreadableError`."""
    done = bytearray()
    inflate = zlib.decompressobj(_ZLIB_OR_GZIP)
    try:
        for piece in pieces:
            pending = piece
            while pending:
                done += inflate.decompress(pending, limit + 1 - len(done))
                if len(done) > limit:
                    raise UnreadableError(f"unpacks to more than {limit:,} bytes")
                pending = inflate.unconsumed_tail
                if inflate.eof:
                    pending = inflate.unused_data
                    inflate = zlib.decompressobj(_ZLIB_OR_GZIP)
    except zlib.error as error:
        raise UnreadableError("its compression is broken") from error
    return bytes(done)


def encoded(body: bytes, encoding: str) -> bytes:
    """Undo a `Content-Encoding` (RFC 9110, 8.4), within `MAX_BODY`; raises `UnreadableError`."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity", "utf-8"}:
        return body
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise UnreadableError(f"encoded as {encoding[:20]!a}, which is not read here")
    if body[:1] in {b"{", b"[", b"<"}:  # decoded by the tool that saved it, which left the header as it was
        return body
    return unfold([body], MAX_BODY)


def read_whole(path: Path) -> bytes:
    """Read a file, unpacked where it is gzip; raises `UnreadableError` for a larger one than `MAX_FILE`."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        if packed:
            return unfold(iter(lambda: file.read(_PIECE), b""), MAX_FILE)
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise UnreadableError(f"is larger than {MAX_FILE:,} bytes")
    return data


def beginning(path: Path) -> bytes:
    """Return the first bytes of a file, unpacked where it is gzip; raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.startswith(GZIP):
        return head
    try:
        return zlib.decompressobj(_ZLIB_OR_GZIP).decompress(head, 4096)
    except zlib.error:
        return b""  # reading on says what is wrong


class _Named(msgspec.Struct):
    name: str = ""
    value: str = ""


class _Content(msgspec.Struct, rename={"mime_type": "mimeType"}):
    text: str | None = None
    encoding: str = ""
    mime_type: str = ""


class _Asked(msgspec.Struct):
    url: str = ""
    method: str = "GET"


class _Answered(msgspec.Struct):
    status: int = 0
    content: _Content = msgspec.field(default_factory=_Content)
    headers: list[_Named] = msgspec.field(default_factory=list)


class _Entry(msgspec.Struct, rename={"started": "startedDateTime"}):
    """An entry of HAR 1.2, what is needed of it: its request's headers, cookies and tokens are not even read."""

    request: _Asked = msgspec.field(default_factory=_Asked)
    response: _Answered = msgspec.field(default_factory=_Answered)
    started: str = ""


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Har(msgspec.Struct):
    log: _Log


def har(data: bytes) -> Iterator[Capture] | None:
    """Read an HTTP archive (HAR 1.2) entry by entry; None where it is none."""
    try:
        archive = msgspec.json.decode(data, type=_Har)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return _entries(archive.log.entries)


def _entries(entries: list[msgspec.Raw]) -> Iterator[Capture]:
    for number, raw in enumerate(entries, 1):
        place = f"entry {number}"
        try:
            entry = msgspec.json.decode(raw, type=_Entry)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            yield Capture(place=place, problem="is no entry of an HTTP archive")
            continue
        answered = entry.response
        capture = Capture(
            place=place,
            url=entry.request.url,
            verb=entry.request.method.upper(),
            status=answered.status,
            content_type=answered.content.mime_type,
            fetched_at=seconds(entry.started),
        )
        try:
            capture.body = _content(answered)
        except UnreadableError as error:
            capture.problem = str(error)
        yield capture


def _content(answered: _Answered) -> bytes:
    content = answered.content
    if content.text is None:
        location = next((named.value for named in answered.headers if named.name.lower() == "location"), "")
        if location:  # a lookup's answer is as good with its address alone
            return msgspec.json.encode({"message": "found", "location": location})
        raise UnreadableError("its body was not saved in the archive")
    if content.encoding != "base64":
        return content.text.encode("utf-8", errors="replace")
    try:
        return encoded(base64.b64decode(content.text), "")
    except (binascii.Error, ValueError) as error:
        raise UnreadableError("its base64 is broken") from error


def seconds(moment: str) -> float:
    """Read ISO 8601 to Unix seconds (UTC where it has no offset); 0 for what is no time."""
    try:
        parsed = datetime.fromisoformat(moment.strip())
        return max(0.0, (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0.0


def warc(path: Path) -> Iterator[Capture]:
    """Read a web archive (WARC, ISO 28500) record by record; raises `UnreadableError` where it can't be read on."""
    try:
        from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 -- an extra, for those who have archives
        from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415
    except ImportError as error:
        raise UnreadableError("is a web archive: reading it needs `pip install 'flattr-tui[warc]'`") from error
    with path.open("rb") as file:
        number, records = 0, ArchiveIterator(file)
        unpacking, inflate = records.reader, None
        try:
            for record in records:
                number, inflate = number + 1, unpacking.decompressor
                if record.rec_type is None:  # half of a header
                    raise UnreadableError(f"is broken after record {number - 1}; what stands before it was read")
                if record.rec_type in {"response", "resource", "revisit"}:
                    yield _record(record, f"record {number}")
        except (ArchiveLoadFailed, zlib.error, EOFError, UnicodeDecodeError) as error:
            raise UnreadableError(f"is broken after record {number}; what stands before it was read") from error
        if number == 0 or (inflate is not None and (not inflate.eof or inflate.unused_data)):
            raise UnreadableError(f"is broken after record {number}; what stands before it was read")


def _record(record: Any, place: str) -> Capture:
    headers = record.http_headers
    status = headers.get_statuscode() if headers else "200"
    capture = Capture(
        place=place,
        url=(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"),
        status=int(status) if status and status.isdigit() else 0,
        content_type=(headers.get_header("Content-Type") if headers else record.content_type) or "",
        fetched_at=seconds(record.rec_headers.get_header("WARC-Date") or ""),
    )
    if record.rec_type == "revisit":
        capture.problem = "a repetition of an earlier record, without a body"
        return capture
    try:
        capture.body = _payload(record, {name.lower(): value for name, value in headers.headers} if headers else {})
    except UnreadableError as error:
        capture.problem = str(error)
    return capture


def _payload(record: Any, headers: Mapping[str, str]) -> bytes:
    """Read a record's body. Not by warcio, which unfolds without a limit."""
    raw = record.raw_stream.read(MAX_BODY + 1)
    if len(raw) > MAX_BODY:
        raise UnreadableError(f"is larger than {MAX_BODY:,} bytes")
    if getattr(record.raw_stream, "limit", 0) > 0:
        raise UnreadableError("breaks off in the middle")
    if headers.get("transfer-encoding", "").strip().lower() == "chunked":
        raw = _dechunked(raw)
    return encoded(raw, headers.get("content-encoding", ""))


def _dechunked(raw: bytes) -> bytes:
    """Undo the chunks of HTTP/1.1 (RFC 9112, 7.1); what is not chunked, whatever its header says, stays as it is."""
    done, at = bytearray(), 0
    while True:
        end = raw.find(b"\r\n", at, at + 64)
        size = raw[at:end].partition(b";")[0].strip() if end >= 0 else b""
        if not size or size.strip(b"0123456789abcdefABCDEF"):
            return bytes(done) if done else raw
        length = int(size, 16)
        if length == 0:
            return bytes(done)
        done += raw[end + 2 : end + 2 + length]
        at = end + 4 + length


def plain_type(data: bytes, content_type: str = "") -> str:
    """Say what type a plain body is of, by its beginning; raises `UnrecognisedError` for an HTML page."""
    if media_type(content_type) in {"application/yaml", "text/yaml"}:
        return "application/yaml"
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head.startswith(b"<"):
        return "application/json"
    if b"<html" in head or b"<!doctype html" in head:
        raise UnrecognisedError("an HTML page, not an answer of Flattr")
    return "application/atom+xml" if b"http://www.w3.org/2005/atom" in head else "text/xml"

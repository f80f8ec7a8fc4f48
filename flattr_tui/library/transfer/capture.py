"""What is common to all files that hold responses which somebody saved: one response, unpacking, encodings, times.

Nothing in a file is believed: sizes are capped, what is packed is unfolded no further than the cap, and a broken
entry costs that entry.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.library.transfer.url_matcher import UnrecognisedError
from flattr_tui.model.decoder import media_type

MAX_BODY: Final = 16 * 1024 * 1024
"""Bytes of one decoded body, as for a body from the network."""
MAX_FILE: Final = 512 * 1024 * 1024
"""Bytes of a file that is read as a whole (HAR, plain bodies), unpacked."""
GZIP: Final = b"\x1f\x8b"
ZIP: Final = b"PK\x03\x04"
WEB_ARCHIVES: Final = (b"WARC/", b"filedesc://")
"""What a web archive begins with: a WARC, and the ARC that came before."""
_PIECE: Final = 1 << 20
_ZLIB_OR_GZIP: Final = 47
"""zlib's window bits that take either header."""
_BARE: Final = -15
"""zlib's window bits for deflate without a header, which is sent as `deflate` too."""
_MILLISECONDS: Final = 1e11
"""More of seconds are milliseconds."""
_NOTICE: Final = re.compile(rb"<(?:br|b|p|pre|div|!--)[\s/>-]")
"""What PHP writes its notices in, before the answer that follows."""


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
    return b"".join(unfolded(pieces, limit))


def unfolded(pieces: Iterable[bytes], limit: int, window: int = _ZLIB_OR_GZIP) -> Iterator[bytes]:
    """Do so a piece at a time."""
    size = 0
    inflate = zlib.decompressobj(window)
    try:
        for piece in pieces:
            pending = piece
            while pending:
                done = inflate.decompress(pending, min(limit + 1 - size, _PIECE))
                size += len(done)
                if size > limit:
                    raise UnreadableError(f"unpacks to more than {limit:,} bytes")
                yield done
                pending = inflate.unconsumed_tail
                if inflate.eof:
                    pending = inflate.unused_data
                    inflate = zlib.decompressobj(window)
    except zlib.error as error:
        raise UnreadableError("its compression is broken") from error


def encoded(body: bytes, encoding: str) -> bytes:
    """Undo a `Content-Encoding` (RFC 9110, 8.4), within `MAX_BODY`; raises `UnreadableError`."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity", "utf-8", "none", "binary"}:
        return body
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise UnreadableError(f"encoded as {encoding[:20]!a}, which is not read here")
    if body.lstrip()[:1] in {b"{", b"[", b"<"}:  # decoded by the tool that saved it, which left the header as it was
        return body
    has_header = body[:2] == GZIP or (
        len(body) > 1 and body[0] & 15 == zlib.DEFLATED and int.from_bytes(body[:2]) % 31 == 0
    )
    return b"".join(unfolded([body], MAX_BODY, _ZLIB_OR_GZIP if has_header else _BARE))


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


def found_at(location: str) -> bytes:
    """Make the body of a lookup's answer out of its `Location`, which is as good alone."""
    return msgspec.json.encode({"message": "found", "location": location})


def dechunked(raw: bytes) -> bytes:
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
    if not head.startswith(b"<") or _NOTICE.match(head):
        return "application/json"
    if b"<html" in head or b"<!doctype html" in head:
        raise UnrecognisedError("an HTML page, not an answer of Flattr")
    return "application/atom+xml" if b"http://www.w3.org/2005/atom" in head else "text/xml"

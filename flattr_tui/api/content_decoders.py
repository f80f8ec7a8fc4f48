"""Decodes compressed response bodies in pieces of limited size.

If the `Content-Encoding` header and the first bytes of a body contradict each other, the first bytes decide. Source:
RFC 9110, 8.4 (Content-Encoding), RFC 1950 and 1951 (zlib and bare deflate, both sent as `deflate`), RFC 1952.
"""

import zlib
from collections.abc import AsyncIterator

from flattr_tui.api.errors import ConnectionLostError, NotFlattrResponseError
from flattr_tui.model.text_sanitizer import single_line

CHUNK = 65_536
"""Maximum size of a decoded piece in bytes, because gzip may expand its input a thousandfold."""
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_PLAIN = frozenset({"", "identity", "none", "utf-8", "utf8", "binary", "8bit"})
"""Values of Content-Encoding that servers send for a body that is not encoded."""
_ZLIB_OR_GZIP = 47
"""zlib's window bits for data with the header of zlib or of gzip."""
_BARE = -15
"""zlib's window bits for deflate without a header."""
_GZIP_MEMBER = b"\x1f\x8b"
"""First bytes of each member of a gzip body, which may have several members (RFC 1952, 2.2)."""


def parse_encodings(header: str) -> list[str]:
    """Return the encodings in a `Content-Encoding` header, in lower case, without names that mean 'not encoded'."""
    return [name for part in header.split(",") if (name := part.strip().lower()) not in _PLAIN]


async def decode_stream(body: AsyncIterator[bytes], header: str) -> AsyncIterator[bytes]:
    """Yield the decoded pieces of a body; `header` is its `Content-Encoding`.

    Raises `NotFlattrResponseError` for an encoding that was not requested, and `ConnectionLostError` for a body that is
    damaged or cut off.
    """
    named = parse_encodings(header)
    if not named:
        async for piece in body:
            yield piece
        return
    if len(named) > 1 or named[0] not in _PACKED:
        raise NotFlattrResponseError(f"the response is encoded as {single_line(header)[:40]}, which was not requested.")
    pieces = _pieces(body)
    head = b""
    async for piece in pieces:
        head += piece
        if len(head) > 1:
            break
    if _is_plain(head):
        yield head
        async for piece in pieces:
            yield piece
        return
    async for piece in _inflate(head, pieces, _window(head, named[0])):
        yield piece


def _is_plain(head: bytes) -> bool:
    """Whether a body with these first bytes is uncompressed JSON or markup. No compressed body begins like that."""
    first = head.lstrip(b" \t\r\n")[:1]
    return len(head) > 1 and first in {b"", b"{", b"[", b"<"}


def _window(head: bytes, name: str) -> int:
    """Return zlib's `wbits` for a body with the first bytes `head` that was sent with the encoding `name`."""
    has_zlib_header = len(head) > 1 and head[0] & 15 == zlib.DEFLATED and int.from_bytes(head[:2]) % 31 == 0
    return _BARE if name == "deflate" and not has_zlib_header and head[:2] != _GZIP_MEMBER else _ZLIB_OR_GZIP


async def _inflate(head: bytes, rest: AsyncIterator[bytes], window: int) -> AsyncIterator[bytes]:
    inflate, raw = zlib.decompressobj(window), head
    try:
        while raw:
            pending, piece = raw, b""
            while pending or len(piece) == CHUNK:
                if inflate.eof and not _GZIP_MEMBER.startswith(pending[:2]):
                    return  # what follows the last member does not belong to the body, and may never end
                if inflate.eof:
                    inflate = zlib.decompressobj(_ZLIB_OR_GZIP)
                piece = inflate.decompress(pending, CHUNK)
                pending = inflate.unconsumed_tail or inflate.unused_data
                yield piece
            raw = await anext(rest, b"")
    except zlib.error as error:
        raise ConnectionLostError("the response can't be decompressed.") from error
    if head and not inflate.eof:
        raise ConnectionLostError("the response ended early.")


async def _pieces(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a body in pieces of at most `CHUNK` bytes, as soon as bytes arrive."""
    async for raw in body:
        for start in range(0, len(raw), CHUNK):
            yield raw[start : start + CHUNK]

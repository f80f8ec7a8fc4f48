"""Decodes bodies of HTTP messages (chunked, gzip, deflate, br, zstd), and text files that are not plain UTF-8.

Many tools save a decoded body with the headers of the encoded one. So an encoding that the headers name is undone only
if the bytes really have it.

Text files become plain UTF-8, without byte order mark, escape sequences and NULs at the end. PowerShell's `>` and
spreadsheets write UTF-16. Windows editors write a byte order mark, and `jq -C` and `http --pretty=colors` write escape
sequences. After a power failure, files on some file systems end in NULs. asciinema records what a terminal showed.
https://docs.asciinema.org/manual/asciicast/v2/
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from flattr_tui.library.import_export import captured_response
from flattr_tui.library.import_export.decompression import GZIP, PIECE, ZLIB_OR_GZIP, ZSTD, UnreadableError, zstd_module
from flattr_tui.pip_command import install_command

_BARE: Final = -15
"""zlib's `wbits` for deflate data without a zlib header. Some servers send such data as `deflate`."""
_NONE: Final = frozenset({"", "identity", "utf-8", "none", "binary", "chunked"})
"""Encodings that headers name, but that do not change the bytes; or that are undone before."""
_ORIGINAL: Final = "x-archive-orig-"
"""Prefix that web archives put before the names of a response's original headers."""
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MARK: Final = b"\xef\xbb\xbf"
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_ASCII: Final = frozenset(b"\0\t\r\n" + bytes(range(0x20, 0x7F)))
_DECLARED: Final = re.compile(r"(\A\s*+<\?xml\b[^>]{0,200}?\bencoding\s*=\s*)[\"'][\w.:-]+[\"']")
_ESCAPE: Final = re.compile(rb"\x1b(?:\[[0-9;:?]*[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\))")
_CAST: Final = re.compile(rb'\{\s*"version":\s*[123],')


def decode_body(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return a body without the encodings (such as gzip) that `headers` name, unless the bytes don't have them.

    gzip and zstd are also decoded if `headers` do not name them. `headers` have lower-case names. Raises
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

    Raises `UnreadableError` if it can't be decoded, or if the decoded body has more than `MAX_BODY` bytes.
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
            return b"".join(inflate([body], captured_response.MAX_BODY, ZLIB_OR_GZIP if has_header else _BARE))
        case "br":
            return _join_limited(_unbrotli(body))
        case "zstd":
            return _join_limited(_unzstd(body))
    raise UnreadableError(f"encoded as {encoding[:20]!a}, which is not supported")


def _is_text(body: bytes) -> bool:
    """Whether a body begins with UTF-8 text without control characters. Compressed bytes hardly ever do."""
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
        if len(done) > captured_response.MAX_BODY:
            raise UnreadableError(f"unpacks to more than {captured_response.MAX_BODY:,} bytes")
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
    zstd = zstd_module()
    try:
        while body:
            unpacker = zstd.ZstdDecompressor()
            while not unpacker.eof:
                done = unpacker.decompress(body, PIECE)
                body = b""
                if not done and not unpacker.eof:
                    raise UnreadableError("its compressed data ends early")
                yield done
            body = unpacker.unused_data
    except zstd.ZstdError as error:
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
    """Undo the chunked transfer coding of a body (RFC 9112, 7.1). A body without this coding is unchanged."""
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
    """Return the content of a text file (UTF-16, a terminal recording) as UTF-8 text. Other data stays as it is."""
    data = data.rstrip(b"\0") if data[-2:] == b"\0\0" and not _is_wide(data) else data
    if _is_wide(data):
        text = data.decode(json.detect_encoding(data), errors="replace").removeprefix("\ufeff").rstrip("\0")
        data = _DECLARED.sub(r'\1"UTF-8"', text, count=1).encode("utf-8", errors="replace")
    data = data.removeprefix(_MARK)
    data = _terminal_output(data) if _CAST.match(data) else data
    return _ESCAPE.sub(b"", data) if b"\x1b" in data and _is_utf8(data) else data


def _terminal_output(cast: bytes) -> bytes:
    """Return the text that a terminal showed, from a recording of asciinema (versions 1 to 3)."""
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
    """Whether a text is UTF-16 or UTF-32: it begins with a byte order mark, or has NULs between ASCII characters."""
    head = data[:4]
    if head[:2] in _WIDE_MARKS or head == b"\0\0\xfe\xff":
        return True
    return len(head) == 4 and head.strip(b"\0") != b"" and set(head) <= _ASCII and json.detect_encoding(head) != "utf-8"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True

"""Web archives (WARC, ISO 28500, and the ARC before it) record by record."""

import re
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from flattr_tui.installation import install_command
from flattr_tui.library.transfer import capture
from flattr_tui.library.transfer.capture import (
    GZIP,
    Capture,
    UnreadableError,
    dechunked,
    encoded,
    found_at,
    seconds,
    unfolded,
)

_SECOND = re.compile(rb"\r?\n\r?\nWARC/\d")
"""Where a second record begins: in the first member of gzip it says that the archive was packed as a whole."""
_PIECE = 1 << 20


def warc(path: Path) -> Iterator[Capture]:
    """Read a web archive record by record; raises `UnreadableError` where it can't be read on."""
    try:
        from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 -- an extra, for those who have archives
        from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415
    except ImportError as error:
        raise UnreadableError(f"is a web archive: reading it needs `{install_command('warc')}`") from error
    with _opened(path) as file:
        number, records = 0, ArchiveIterator(file, arc2warc=True)
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


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """Open an archive; one that was packed as a whole, not record by record as it is due, is unpacked first."""
    with path.open("rb") as file:
        if not _is_whole(file):
            yield file
            return
        with tempfile.TemporaryFile() as plain:
            for piece in unfolded(iter(lambda: file.read(_PIECE), b""), capture.MAX_FILE):
                plain.write(piece)
            plain.seek(0)
            yield plain


def _is_whole(file: IO[bytes]) -> bool:
    inflate, seen, size = zlib.decompressobj(47), b"", 0
    try:
        head = file.read(2)
        file.seek(0)
        while head == GZIP and not inflate.eof and size < capture.MAX_FILE and (piece := file.read(1 << 16)):
            while piece and not inflate.eof:
                seen = seen[-16:] + inflate.decompress(piece, _PIECE)
                size, piece = size + len(seen), inflate.unconsumed_tail
                if _SECOND.search(seen):
                    return True
    except zlib.error:
        return False  # reading on says what is wrong
    finally:
        file.seek(0)
    return False


def _record(record: Any, place: str) -> Capture:
    headers = record.http_headers
    status = headers.get_statuscode() if headers else "200"
    capture = Capture(
        place=place,
        url=(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"),
        status=int(status) if status and status.isdigit() else 0,
        content_type=(headers.get_header("Content-Type") if headers else record.content_type) or "",
        fetched_at=seconds(record.rec_headers.get_header("WARC-Date")),
    )
    if record.rec_type == "revisit":
        capture.problem = "a repetition of an earlier record, without a body"
        return capture
    named = {name.lower(): value for name, value in headers.headers} if headers else {}
    try:
        capture.body = _payload(record, named)
    except UnreadableError as error:
        capture.problem = str(error)
    if not capture.body.strip() and not capture.problem and named.get("location"):
        capture.body = found_at(named["location"])
    return capture


def _payload(record: Any, headers: Mapping[str, str]) -> bytes:
    """Read a record's body. Not by warcio, which unfolds without a limit."""
    raw = record.raw_stream.read(capture.MAX_BODY + 1)
    if len(raw) > capture.MAX_BODY:
        raise UnreadableError(f"is larger than {capture.MAX_BODY:,} bytes")
    if getattr(record.raw_stream, "limit", 0) > 0:
        raise UnreadableError("breaks off in the middle")
    if headers.get("transfer-encoding", "").strip().lower() == "chunked":
        raw = dechunked(raw)
    return encoded(raw, headers.get("content-encoding", ""))

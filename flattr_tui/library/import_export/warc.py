"""Reads web archives (WARC, ISO 28500, and its predecessor ARC) record by record, even if they are damaged.

The length that a WARC record states is believed if another record, or the end, follows at that distance. Otherwise
reading continues at the next record header that can be found, and the lost part is reported.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import IO, Any, Final

from flattr_tui.library.import_export import captured_response
from flattr_tui.library.import_export.captured_response import (
    CapturedResponse,
    Revisit,
    decode_body,
    make_lookup_body,
    parse_moment,
)
from flattr_tui.library.import_export.decompression import Damage, UnreadableError, unpack, unpack_beginning
from flattr_tui.library.import_export.request_recognition import NO_ADDRESS, ROOT
from flattr_tui.pip_command import install_command

_ARC: Final = b"filedesc://"
_OF_INTEREST: Final = re.compile(rb"\nWARC-Type:[ \t]*(?:response|resource|revisit)\b", re.IGNORECASE)
_TARGET: Final = re.compile(rb"\nWARC-Target-URI:[ \t]*<?([^\r\n>]*)", re.IGNORECASE)
_REPORTS: Final = "flattr.com/transaction/view/"
"""A part that all addresses of Flattr's revenue reports have."""
_XML: Final = re.compile(rb"\nContent-Type:[ \t]*[a-z]+/(?:\w+\+)?xml", re.IGNORECASE)
"""Matches the content type of RSS and Atom feeds."""
_SNIFFED: Final = 2048
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})")
MAX_HEAD: Final = 64 * 1024
_HEAD: Final = re.compile(rb"WARC/[01]\.\d+[ \t]*\r?\n(?=[A-Za-z])", re.IGNORECASE)
_FIELD: Final = re.compile(rb"(?m)^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t\r]*$")
_LENGTH: Final = re.compile(rb"\nContent-Length:[ \t]*([0-9]{1,18})[ \t\r]*(?=\n|$)", re.IGNORECASE)
_CONTINUED: Final = re.compile(rb"\r?\n[ \t]+")
_BETWEEN: Final = re.compile(rb"[\r\n]+")
_CUT: Final = "the file ends in the middle of a record"
_DAMAGED: Final = "a part of the file is damaged; what follows was read"
_KEPT: Final = 64
"""Number of bytes that stay in the buffer while a record header is searched for, because two pieces may share it."""


class WarcRecord:
    """A record of a web archive. Its block (the content) must be read before the next record is requested."""

    def __init__(self, reader: "_Reader", number: int, head: bytes) -> None:
        self._reader = reader
        self.number = number
        self.head = head

    @cached_property
    def headers(self) -> dict[str, str]:
        """The fields of the record's header, by lower-case name."""
        return parse_fields(self.head)

    def read(self, limit: int) -> bytes | None:
        """Return the next bytes of the record's content, at most `limit`; b"" at its end, None if it is cut off."""
        return self._reader.read_block(limit)


class LostPart:
    """A part of a web archive that can't be read."""

    def __init__(self, after: int, reason: str) -> None:
        self.after = after
        """The number of the record before the lost part."""
        self.reason = reason
        """Why the part can't be read, in words for users."""


def read_records(pieces: Iterable[bytes | Damage]) -> Iterator[WarcRecord | LostPart]:
    """Yield the records of a web archive (WARC). A `LostPart` takes the place of what can't be read.

    `pieces` are the pieces of the unpacked archive.
    """
    return _Reader(iter(pieces)).records()


class _Reader:
    def __init__(self, pieces: Iterator[bytes | Damage]) -> None:
        self._pieces = pieces
        self._buffer = b""
        self._at = 0
        self._left = 0
        """Number of bytes of the current block that were not read yet."""
        self._damage: Damage | None = None
        """The damage after the bytes in the buffer; None if there is none, or if reading has continued after it."""
        self._ended = False

    def records(self) -> Iterator[WarcRecord | LostPart]:
        number = 0
        while True:
            found = self._next_head()
            if isinstance(found, str):
                yield LostPart(number, found)
                continue
            if found is None:
                return
            number += 1
            head = _join_lines(found)
            length = _LENGTH.search(head)
            self._left = int(length[1]) if length else 0
            yield WarcRecord(self, number, head)
            if not self._skip_block():
                yield LostPart(number, _CUT if self._ended or self._damage is Damage.CUT else _DAMAGED)
                self._skip_damage()

    def _fill(self) -> bool:
        """Add the next piece of the archive to the buffer. Returns whether there was one.

        There is none at the end of the archive, and at a damaged part.
        """
        if self._damage or self._ended:
            return False
        piece = next(self._pieces, None)
        if piece is None:
            self._ended = True
        elif isinstance(piece, Damage):
            self._damage = piece
        else:
            self._buffer = self._buffer[self._at :] + piece if self._at < len(self._buffer) else piece
            self._at = 0
            return True
        return False

    def _skip_damage(self) -> None:
        """If the buffer ends at a damaged part, drop the buffer, so that reading continues after that part."""
        if self._damage:
            self._damage, self._buffer, self._at = None, b"", 0

    def _next_head(self) -> bytes | str | None:
        """Return the header of the next record; None at the end of the archive.

        If a part of the archive had to be skipped, a text is returned instead, which says what was lost.
        """
        while True:
            if found := _BETWEEN.match(self._buffer, self._at):
                self._at = found.end()
            if len(self._buffer) - self._at >= _KEPT or not self._fill():
                break
        if self._at >= len(self._buffer):
            if self._damage is None:
                return None
            cut = self._damage is Damage.CUT
            self._skip_damage()
            return _CUT if cut else _DAMAGED
        if not _HEAD.match(self._buffer, self._at):
            lost = self._seek_head()
            return f"{lost:,} bytes that are not a record; what follows was read" if lost else self._next_head()
        while (end := self._head_end()) is None:
            if len(self._buffer) - self._at > MAX_HEAD or not self._fill():
                cut = self._ended or self._damage is Damage.CUT
                self._at = len(self._buffer) if self._damage or self._ended else self._at + 5
                self._skip_damage()
                return _CUT if cut else _DAMAGED
        head = self._buffer[self._at : end[0]]
        self._at = end[1]
        return head

    def _head_end(self) -> tuple[int, int] | None:
        """Return two positions: the end of the header's last line, and the end of the blank line below it.

        Returns None if the blank line is not in the buffer.
        """
        buffer = self._buffer
        crlf = buffer.find(b"\n\r\n", self._at)
        bare = buffer.find(b"\n\n", self._at, crlf + 1 if crlf >= 0 else len(buffer))
        if bare < 0 and crlf < 0:
            return None
        start, length = (bare, 2) if bare >= 0 else (crlf, 3)
        return start - (buffer[start - 1 : start] == b"\r"), start + length

    def _seek_head(self) -> int:
        """Skip to the next record header, or to the end. Returns the number of bytes of data that were skipped.

        Returns 0 if all skipped bytes were NULs, because NULs are only padding.
        """
        lost, padding = 0, 0
        while True:
            found = _HEAD.search(self._buffer, self._at)
            stop = found.start() if found else max(self._at, len(self._buffer) - _KEPT)
            stepped = self._buffer[self._at : stop]
            lost += len(stepped)
            padding += stepped.count(b"\0")
            self._at = stop
            if found:
                break
            if not self._fill():
                rest = self._buffer[self._at :]
                lost, padding = lost + len(rest), padding + rest.count(b"\0")
                self._at = len(self._buffer)
                break
        return lost if lost > padding else 0

    def read_block(self, limit: int) -> bytes | None:
        parts = []
        while self._left and limit:
            if self._at >= len(self._buffer) and not self._fill():
                return None
            part = self._buffer[self._at : self._at + min(self._left, limit)]
            parts.append(part)
            self._at += len(part)
            self._left -= len(part)
            limit -= len(part)
        return b"".join(parts)

    def _skip_block(self) -> bool:
        while self._left:
            here = len(self._buffer) - self._at
            if here >= self._left:
                self._at += self._left
                self._left = 0
                break
            self._left -= here
            self._at = len(self._buffer)
            if not self._fill():
                self._left = 0
                return False
        return True


def parse_fields(head: bytes) -> dict[str, str]:
    """Return the fields in the headers of a WARC record or HTTP message, by lower-case name.

    If a field is repeated, its last value is returned.
    """
    return {
        name.decode().lower(): value.decode("utf-8", "replace") for name, value in _FIELD.findall(_join_lines(head))
    }


def _join_lines(head: bytes) -> bytes:
    """Return a header in which each field is one line (WARC 1.1, 4; RFC 9112, 5.2)."""
    return _CONTINUED.sub(b" ", head) if b"\n " in head or b"\n\t" in head else head


def read_warc(file: IO[bytes], head: bytes) -> Iterator[CapturedResponse]:
    """Yield the responses in a web archive (WARC or ARC). `head` is the beginning of the file.

    For a part that can't be read, a response with a problem is yielded. Raises `UnreadableError` if no record can be
    read.
    """
    if unpack_beginning(head).startswith(_ARC) or head.startswith(_ARC):
        yield from _read_arc(file)
        return
    number = 0
    for record in read_records(unpack(file, head)):
        if isinstance(record, LostPart):
            if record.after or number:
                yield CapturedResponse(place=f"after record {record.after}", problem=record.reason)
            continue
        number = record.number
        found = _OF_INTEREST.search(record.head)
        if found and (one := _capture(record)):
            yield one
    if number == 0:
        raise UnreadableError("is broken: no record in it could be read")


def _capture(record: WarcRecord) -> CapturedResponse | None:
    target = _TARGET.search(record.head)
    url = target[1].decode("utf-8", "replace").strip() if target else ""
    place = f"record {record.number}"
    begun = b""
    if ROOT not in url and _REPORTS not in url:
        begun = record.read(_SNIFFED) or b""
        if not _XML.search(begun, 0, end if (end := begun.find(b"\n\r\n")) > 0 else _SNIFFED):
            return CapturedResponse(place=place, url=url, problem=NO_ADDRESS)
    headers = record.headers
    kind = headers.get("warc-type", "").lower()
    one = CapturedResponse(place=place, url=url, fetched_at=parse_moment(headers.get("warc-date")))
    one.record_id = headers.get("warc-record-id", "")
    rest = record.read(captured_response.MAX_BODY + MAX_HEAD)
    if rest is None:
        one.problem = "ends early"
        return one
    block = begun + rest
    if "application/http" in headers.get("content-type", "").lower() or kind != "resource":
        return _read_http(one, block, kind, headers)
    one.content_type, one.body = headers.get("content-type", ""), block
    return one


def _read_http(capture: CapturedResponse, block: bytes, kind: str, fields: dict[str, str]) -> CapturedResponse:
    """Fill in the status, content type and body of `capture` from a record with HTTP headers, and return `capture`.

    `block` is the record's content, `kind` the record's type, and `fields` are the fields of the record's header.
    """
    end = _HEAD_END.search(block, 0, MAX_HEAD)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block[:MAX_HEAD], b"")
    headers = parse_fields(head)
    status = _STATUS.match(head)
    capture.status = int(status[1]) if status else 0
    capture.content_type = headers.get("content-type", "")
    if kind == "revisit":
        capture.revisit = Revisit(
            fields.get("warc-refers-to", ""),
            fields.get("warc-refers-to-target-uri", capture.url).strip("<>"),
            parse_moment(fields.get("warc-refers-to-date")),
            fields.get("warc-payload-digest", ""),
        )
        return capture
    capture.digest = fields.get("warc-payload-digest", "")
    try:
        capture.body = decode_body(body, headers)
    except UnreadableError as error:
        capture.problem = str(error)
    if not capture.body.strip() and not capture.problem and headers.get("location"):
        capture.body = make_lookup_body(headers["location"])
    return capture


def _read_arc(file: IO[bytes]) -> Iterator[CapturedResponse]:
    try:
        from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 -- an extra, only for old archives
        from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415
    except ImportError as error:
        raise UnreadableError(f"is an ARC file: reading it needs `{install_command('warc')}`") from error
    number = 0
    try:
        for record in ArchiveIterator(file, arc2warc=True):
            number += 1
            if record.rec_type == "response":
                yield _arc_capture(record, f"record {number}")
    except (ArchiveLoadFailed, EOFError, UnicodeDecodeError) as error:
        raise UnreadableError(f"is broken after record {number}; what came before it was read") from error


def _arc_capture(record: Any, place: str) -> CapturedResponse:
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    one = CapturedResponse(place=place, url=url, fetched_at=parse_moment(record.rec_headers.get_header("WARC-Date")))
    headers = record.http_headers
    named = {name.lower(): value for name, value in headers.headers} if headers else {}
    status = headers.get_statuscode() if headers else "200"
    one.status = int(status) if status and status.isdigit() else 0
    one.content_type = named.get("content-type", "")
    try:
        # Not with warcio's own decoding, which has no limit and fails on br.
        one.body = decode_body(record.raw_stream.read(captured_response.MAX_BODY + 1), named)
    except UnreadableError as error:
        one.problem = str(error)
    if not one.body.strip() and not one.problem and named.get("location"):
        one.body = make_lookup_body(named["location"])
    return one

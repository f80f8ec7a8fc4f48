"""Reads the records of a WARC (ISO 28500) one by one from a stream that may be damaged.

A record's length is trusted if another record, or the end, follows it. Otherwise reading continues at the next head
that can be found, and a `LostPart` reports the loss.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from flattr_tui.library.transfer.packed_stream import Damage

MAX_HEAD: Final = 64 * 1024
_HEAD: Final = re.compile(rb"WARC/[01]\.\d+[ \t]*\r?\n(?=[A-Za-z])", re.IGNORECASE)
_FIELD: Final = re.compile(rb"(?m)^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t\r]*$")
_LENGTH: Final = re.compile(rb"\nContent-Length:[ \t]*([0-9]{1,18})[ \t\r]*(?=\n|$)", re.IGNORECASE)
_CONTINUED: Final = re.compile(rb"\r?\n[ \t]+")
_BETWEEN: Final = re.compile(rb"[\r\n]+")
_CUT: Final = "the file ends in the middle of a record"
_DAMAGED: Final = "a part of the file is damaged; what follows was read"
_KEPT: Final = 64
"""Bytes kept while searching for a head, which may begin in one piece and end in the next."""


class Record:
    """One record; read its block before requesting the next record."""

    def __init__(self, reader: "_Reader", number: int, head: bytes) -> None:
        self._reader = reader
        self.number = number
        self.head = head

    @cached_property
    def headers(self) -> dict[str, str]:
        """The fields of its head by lower-case name."""
        return parse_fields(self.head)

    def read(self, limit: int) -> bytes | None:
        """Return at most `limit` bytes of the block; None if the block is truncated."""
        return self._reader.read_block(limit)


class LostPart:
    """A part of the archive that can't be read."""

    def __init__(self, after: int, reason: str) -> None:
        self.after = after
        """The number of the record before it."""
        self.reason = reason


def read_records(pieces: Iterable[bytes | Damage]) -> Iterator[Record | LostPart]:
    """Read the records; a `LostPart` takes the place of what can't be read."""
    return _Reader(iter(pieces)).records()


class _Reader:
    def __init__(self, pieces: Iterator[bytes | Damage]) -> None:
        self._pieces = pieces
        self._buffer = b""
        self._at = 0
        self._left = 0
        """Bytes of the current block that were not read yet."""
        self._damage: Damage | None = None
        """What stopped the buffer; cleared when reading continues after it."""
        self._ended = False

    def records(self) -> Iterator[Record | LostPart]:
        number = 0
        while True:
            found = self._next_head()
            if isinstance(found, str):
                yield LostPart(number, found)
                continue
            if found is None:
                return
            number += 1
            length = _LENGTH.search(found)
            self._left = int(length[1]) if length else 0
            yield Record(self, number, found)
            if not self._skip_block():
                yield LostPart(number, _CUT if self._ended or self._damage is Damage.CUT else _DAMAGED)
                self._resume()

    def _fill(self) -> bool:
        """Read more into the buffer; return False at a damaged place and at the end."""
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

    def _resume(self) -> None:
        """Continue after a damaged place."""
        if self._damage:
            self._damage, self._buffer, self._at = None, b"", 0

    def _next_head(self) -> bytes | str | None:
        """Return the next record's head; a text that says what is lost before it; None at the end."""
        while True:
            if found := _BETWEEN.match(self._buffer, self._at):
                self._at = found.end()
            if len(self._buffer) - self._at >= _KEPT or not self._fill():
                break
        if self._at >= len(self._buffer):
            if self._damage is None:
                return None
            cut = self._damage is Damage.CUT
            self._resume()
            return _CUT if cut else _DAMAGED
        if not _HEAD.match(self._buffer, self._at):
            lost = self._seek_head()
            return f"{lost:,} bytes that are not a record; what follows was read" if lost else self._next_head()
        while (end := self._head_end()) is None:
            if len(self._buffer) - self._at > MAX_HEAD or not self._fill():
                cut = self._ended or self._damage is Damage.CUT
                self._at = len(self._buffer) if self._damage or self._ended else self._at + 5
                self._resume()
                return _CUT if cut else _DAMAGED
        head = self._buffer[self._at : end[0]]
        self._at = end[1]
        return head

    def _head_end(self) -> tuple[int, int] | None:
        """Return where the head's last line ends, and where the block begins."""
        buffer = self._buffer
        crlf = buffer.find(b"\n\r\n", self._at)
        bare = buffer.find(b"\n\n", self._at, crlf + 1 if crlf >= 0 else len(buffer))
        if bare < 0 and crlf < 0:
            return None
        start, length = (bare, 2) if bare >= 0 else (crlf, 3)
        return start - (buffer[start - 1 : start] == b"\r"), start + length

    def _seek_head(self) -> int:
        """Skip to the next head, or to the end; return how many skipped bytes were not padding."""
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
    """Return the fields of a head (of WARC or HTTP) by lower-case name. If a field is repeated, the last one counts."""
    if b"\n " in head or b"\n\t" in head:
        head = _CONTINUED.sub(b" ", head)
    return {name.decode().lower(): value.decode("utf-8", "replace") for name, value in _FIELD.findall(head)}

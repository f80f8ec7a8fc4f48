"""Unpacks gzip, zlib, zstd, xz and bzip2 piece by piece. A stream may have many members and may be damaged.

A member is a part that was compressed by itself: a web archive has many small members, other files have one. Both are
read with only one piece in memory, however large the file and its content are.
"""

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache, partial
from io import BytesIO
from typing import IO, Any, Final

from flattr_tui.zstd import ZstdDecompressor, ZstdDict, ZstdError

GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"
XZ: Final = b"\xfd7zXZ\x00"
BZIP2: Final = b"BZh"
PIECE: Final = 1 << 20
"""Maximum number of bytes that are read or unpacked at a time."""
MIN_LIMIT: Final = 1 << 30
"""Number of bytes to which a stream of any size may unpack."""
MAX_RATIO: Final = 300
"""Maximum ratio of unpacked to packed size. A stream that exceeds both this and `MIN_LIMIT` is a bomb."""
MAX_DICTIONARY: Final = 16 << 20
_SKIPPABLE: Final = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_DICTIONARY: Final = b"\x5d\x2a\x4d\x18"
"""The first bytes of the skippable frame that contains the dictionary of a `.warc.zst` file.

Source: iipc/warc-specifications, warc-zstd.
"""
_NEXT_MEMBER: Final = re.compile(rb"\x1f\x8b\x08|\x28\xb5\x2f\xfd")
_DICTIONARY_FORMAT: Final = b"\x37\xa4\x30\xec"
_BATCH: Final = 256 * 1024
"""Number of unpacked bytes from which on no more small members are unpacked together."""
_FED: Final = 32 * 1024
"""Number of bytes that are passed to zlib at a time.

It is small, because zlib copies the bytes after a member's end.
"""
_BROKEN: Final = (zlib.error, lzma.LZMAError, OSError, EOFError)
ZLIB_OR_GZIP: Final = 47
"""zlib's `wbits` for data with the header of zlib or of gzip."""


class UnreadableError(Exception):
    """Raised if a file, or the rest of a file, can't be read.

    The message says why, without the file's name and without a full stop.
    """


class Damage(Enum):
    """What `unpack` yields in place of bytes that could not be unpacked."""

    LOST = "is damaged"
    """A part of the stream is damaged. The next member follows."""
    CUT = "ends early"
    """The stream ends in the middle of a member."""


def is_packed(head: bytes) -> bool:
    """Whether a stream that begins with `head` is compressed in a supported format."""
    return head.startswith((GZIP, ZSTD, XZ)) or bool(_SKIPPABLE.match(head)) or is_bzip2(head) or is_zlib(head)


def is_bzip2(head: bytes) -> bool:
    """Whether a stream that begins with `head` is bzip2."""
    return head.startswith(BZIP2) and head[4:10] == b"1AY&SY"


def is_zlib(head: bytes) -> bool:
    """Whether a stream that begins with `head` is zlib (RFC 1950), such as a `.zhar` file of mitmproxy.

    Returns False for a stream that needs a preset dictionary (bit 0x20), because it can't be unpacked. This also
    excludes texts that begin with `x `, in which the same bit is set.
    """
    return len(head) > 1 and head[0] == 0x78 and not head[1] & 0x20 and int.from_bytes(head[:2]) % 31 == 0


def unpack(file: IO[bytes], head: bytes) -> Iterator[bytes | Damage]:
    """Yield the content of a file, compressed or not, in pieces. `head` is the beginning of the file.

    `Damage` takes the place of what can't be unpacked. Raises `UnreadableError` if the content is implausibly large for
    the size of the file (`MAX_RATIO`), as in a "zip bomb".
    """
    if not is_packed(head):
        yield from iter(lambda: file.read(PIECE), b"")
        return
    reader = _Unpacker(file)
    for piece in reader.pieces():
        reader.size += len(piece) if isinstance(piece, bytes) else 0
        if reader.size > MIN_LIMIT and reader.size > MAX_RATIO * reader.read:
            raise UnreadableError(f"unpacks to more than {MAX_RATIO} times its size, which no real file does")
        yield piece


def unpack_beginning(head: bytes, size: int = 4096) -> bytes:
    """Return up to `size` bytes from the beginning of a file's content. The file may be compressed.

    `head` contains the first bytes of the file, as they are stored. Returns b"" if they can't be unpacked.
    """
    try:
        return next((piece[:size] for piece in unpack(BytesIO(head), head) if isinstance(piece, bytes)), b"")
    except UnreadableError:
        return b""


@cache
def _zlib_module() -> Any:
    """Return the module for zlib: isal if it is installed, which unpacks web pages in a third of the time."""
    try:
        from isal import isal_zlib  # noqa: PLC0415 -- an extra
    except ImportError:
        return zlib
    return isal_zlib


def _decompressor_factory(head: bytes, dictionary: ZstdDict | None = None) -> Callable[[], Any]:
    if head.startswith(ZSTD):
        return partial(_Zstd, dictionary)
    if head.startswith(XZ):
        return lzma.LZMADecompressor
    if is_bzip2(head):
        return bz2.BZ2Decompressor
    return partial(_zlib_module().decompressobj, ZLIB_OR_GZIP)


class _Zstd:
    """Unpacks a zstd frame. It has the interface of zlib's decompression objects, and raises `zlib.error`."""

    def __init__(self, dictionary: ZstdDict | None) -> None:
        try:
            self._inner = ZstdDecompressor(zstd_dict=dictionary)
        except ZstdError as error:
            raise UnreadableError("its dictionary for zstd is damaged") from error

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        try:
            return self._inner.decompress(data, max_length)
        except ZstdError as error:
            raise zlib.error(str(error)) from error


class _Unpacker:
    """Unpacks the members of a file one after the other."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._buffer = b""
        self._at = 0
        self._dictionary: ZstdDict | None = None
        self.read = 0
        """Number of bytes read from the file so far."""
        self.size = 0
        """Number of bytes unpacked so far."""

    def _fill(self, size: int) -> bool:
        """Read from the file until the buffer has `size` unread bytes. Returns False if the file ends before."""
        while len(self._buffer) - self._at < size:
            more = self._file.read(PIECE)
            if not more:
                return False
            self.read += len(more)
            self._buffer = self._buffer[self._at :] + more
            self._at = 0
        return True

    def _take(self, size: int) -> bytes:
        taken = self._buffer[self._at : self._at + size]
        self._at += len(taken)
        return taken

    def pieces(self) -> Iterator[bytes | Damage]:
        while self._fill(1):
            if whole := self._whole_members():
                yield whole
                continue
            self._fill(10)
            head = self._buffer[self._at : self._at + 10]
            if _SKIPPABLE.match(head):
                if not self._skip_frame():
                    yield Damage.CUT
            elif is_packed(head):
                yield from self._member(head)
            elif head.startswith(b"\0"):  # padding, as on tapes and between streams of xz
                self._take(len(head) - len(head.lstrip(b"\0")))
            else:
                yield Damage.LOST
                self._seek_member()

    def _whole_members(self) -> bytes:
        """Return the content of the next gzip members together; b"" if no small, complete member is in the buffer.

        A web archive consists of such members. Unpacking many together shortens an import by a fifth, as measured by
        `python -m tests.benchmarks import`.
        """
        module, buffer, at = _zlib_module(), self._buffer, self._at
        parts, size = [], 0
        while size < _BATCH and buffer.startswith(GZIP, at):
            inflate, data = module.decompressobj(ZLIB_OR_GZIP), buffer[at : at + _FED]
            try:
                done = inflate.decompress(data, PIECE)
            except module.error:
                break
            if not inflate.eof:
                break
            at += len(data) - len(inflate.unused_data)
            parts.append(done)
            size += len(done)
        self._at = at
        return b"".join(parts)

    def _member(self, head: bytes) -> Iterator[bytes | Damage]:
        inflate = _decompressor_factory(head, self._dictionary)()
        start, given = self._at, 0
        try:
            while not inflate.eof:
                if not self._fill(1):
                    yield Damage.CUT
                    return
                start = self._at
                data = self._take(_FED)
                while True:
                    done = inflate.decompress(data, PIECE)
                    given += len(done)
                    if done:
                        yield done
                    data = getattr(inflate, "unconsumed_tail", b"")
                    if inflate.eof or (not data and len(done) < PIECE):
                        break
            self._at -= len(inflate.unused_data)
        except (*_BROKEN, _zlib_module().error):
            if not given and self.size == 0:
                raise UnreadableError("it can't be decompressed") from None
            yield Damage.LOST
            self._at = start + 1
            self._seek_member()

    def _seek_member(self) -> None:
        """Skip to the next position in the file at which a member may begin, or to the file's end."""
        while self._fill(4):
            found = _NEXT_MEMBER.search(self._buffer, self._at)
            if found:
                self._at = found.start()
                return
            self._at = len(self._buffer) - 3
        self._at = len(self._buffer)

    def _skip_frame(self) -> bool:
        """Skip a zstd frame without content (a "skippable frame"). Returns False if the file ends within the frame.

        If such a frame is the file's first and contains a dictionary, all later frames are unpacked with this
        dictionary.
        """
        frame = self._take(8)
        size = int.from_bytes(frame[4:], "little")
        if frame.startswith(_DICTIONARY) and self.size == 0:
            if size > MAX_DICTIONARY:
                raise UnreadableError(f"has a dictionary of more than {MAX_DICTIONARY:,} bytes")
            if not self._fill(size):
                return False
            self._set_dictionary(self._take(size))
            return True
        while size:
            if not self._fill(1):
                return False
            size -= len(self._take(size))
        return True

    def _set_dictionary(self, data: bytes) -> None:
        try:
            if data.startswith(ZSTD):
                data = ZstdDecompressor().decompress(data, MAX_DICTIONARY)
            self._dictionary = ZstdDict(data, is_raw=not data.startswith(_DICTIONARY_FORMAT))
        except (ZstdError, ValueError) as error:
            raise UnreadableError("has a damaged zstd dictionary") from error

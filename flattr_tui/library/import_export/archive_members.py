"""Reads the members (files) of folders and archives one by one, as streams. Nothing is unpacked to disk by its name.

A member is skipped and reported if its name is unsafe, if it is a link or a device, or if it unpacks to far too much.
"""

import io
import lzma
import os
import stat
import sys
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final, NamedTuple

from flattr_tui.library.import_export import captured_response
from flattr_tui.library.import_export.decompression import (
    MAX_RATIO,
    MIN_LIMIT,
    PIECE,
    Damage,
    UnreadableError,
    unpack,
)
from flattr_tui.zstd import ZstdError

if sys.version_info >= (3, 14):
    import zipfile
else:  # Python's own zipfile can't unpack zstd before 3.14
    from backports.zstd import zipfile

MAX_MEMBERS: Final = 1_000_000
_IN_MEMORY: Final = 8 << 20
"""Maximum number of bytes that `make_seekable` keeps in memory. Longer streams are copied to a temporary file."""


class Member(NamedTuple):
    """A file in a folder or archive: a function that opens the file, or the reason why it is not read."""

    name: str
    """The path of the file in the folder or archive, with slashes."""
    changed: float
    """When the file was last changed (Unix seconds); 0.0 if unknown."""
    open: Callable[[], IO[bytes]]
    """A function that opens the file for reading. It raises `UnreadableError` or `OSError`."""
    refused: str = ""
    """Why the file is not read; "" if it is."""
    url: str = ""
    """The address from which the file's content was fetched; "" if the archive does not say."""


def _check_name(name: str) -> str:
    """Return a text that says why a member's name is unsafe; "" if it is safe."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or name[1:3] in {":\\", ":/"}:
        return "its name leads out of the archive"
    return ""


def folder_members(folder: Path) -> Iterator[Member]:
    """Yield the files of a folder and its subfolders, sorted by name.

    Links are not followed. In place of a link, or of a folder that can't be read, a `Member` is yielded whose `refused`
    says why.
    """
    unread: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unread.append):
        folders.sort()
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(parent, name)
            shown = path.relative_to(folder).as_posix()
            try:
                about = path.lstat()
            except OSError as error:
                yield Member(shown, 0.0, _closed, f"can't be read ({error.strerror})")
                continue
            kind = "" if stat.S_ISREG(about.st_mode) else "a link" if stat.S_ISLNK(about.st_mode) else "not a file"
            yield Member(shown, about.st_mtime, partial(_open_file, path), kind)
    for failed in unread:
        shown = Path(failed.filename).relative_to(folder).as_posix()
        yield Member(shown, 0.0, _closed, f"can't be read ({failed.strerror})")


def _open_file(path: Path) -> IO[bytes]:
    return path.open("rb")


def _closed() -> IO[bytes]:
    return io.BytesIO()


@contextmanager
def open_zip(file: IO[bytes]) -> Iterator[Any]:
    """Open a zip file for a `with` block, and yield it as a `ZipFile`.

    Raises `UnreadableError` if the zip file is damaged.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise UnreadableError(
            "is a damaged or incomplete zip file: repair it with `zip -FF FILE --out NEW`, and import that"
        ) from error
    with archive:
        yield archive


def zip_members(archive: Any, size: int) -> Iterator[Member]:
    """Yield the members of `archive`, an open zip file.

    `size` is the zip file's size in bytes: it limits the unpacked size. Raises `UnreadableError` after `MAX_MEMBERS`
    members.
    """
    budget = UnpackBudget(size)
    for number, info in enumerate(archive.infolist()):
        if number == MAX_MEMBERS:
            raise UnreadableError(f"has more than {MAX_MEMBERS:,} files; only the first were read")
        if info.is_dir():
            continue
        refused = _check_name(info.filename)
        if stat.S_ISLNK(info.external_attr >> 16):
            refused = "a link"
        elif info.flag_bits & 1:
            refused = "is encrypted"
        yield Member(info.filename, _zip_time(info.date_time), partial(open_zip_member, archive, info, budget), refused)


def open_zip_member(archive: Any, info: Any, budget: "UnpackBudget") -> IO[bytes]:
    """Open a member of the zip file `archive` for reading. `info` is its `ZipInfo`. `budget` counts the unpacked bytes.

    If the member is damaged, opening or reading it raises `UnreadableError`.
    """
    try:
        return budget.wrap(archive.open(info), (*_BROKEN, ZstdError, zipfile.BadZipFile))
    except (zipfile.BadZipFile, *_BROKEN) as error:
        known = isinstance(error, NotImplementedError)
        raise UnreadableError("uses a compression that is not supported" if known else "is damaged") from error


def _zip_time(moment: tuple[int, int, int, int, int, int]) -> float:
    try:
        return max(0.0, time.mktime((*moment, 0, 0, -1)))
    except (ValueError, OverflowError):
        return 0.0


_BROKEN: Final = (NotImplementedError, RuntimeError, OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)


def tar_members(file: IO[bytes], head: bytes) -> Iterator[Member]:
    """Yield the members of a tar file, which may be compressed. `head` is the beginning of the file.

    Read each member before you request the next one. Raises `UnreadableError` if the tar file is damaged. The file is
    unpacked here, not by tarfile: the mode `r|gz` of tarfile reads only the first member of a gzip stream.
    """
    stream = io.BufferedReader(_ForwardReader(unpack(file, head)), PIECE)
    try:
        archive = tarfile.open(fileobj=stream, mode="r:")  # noqa: SIM115 -- it holds nothing to close
        for number, info in enumerate(archive):
            if number == MAX_MEMBERS:
                raise UnreadableError(f"has more than {MAX_MEMBERS:,} files; only the first were read")
            archive.members = []  # type: ignore[attr-defined] # tarfile keeps every member, which may be too many
            if info.isdir():
                continue
            kind = "a link" if info.islnk() or info.issym() else "" if info.isreg() else "not a file"
            refused = _check_name(info.name) or kind
            yield Member(info.name, max(0.0, float(info.mtime)), partial(_open_tar, archive, info), refused)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise UnreadableError("is a damaged tar file; what came before the damage was read") from error


def _open_tar(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(info) or io.BytesIO()
    return io.BufferedReader(_GuardedFile(file, (tarfile.TarError, EOFError)), PIECE)


def is_tar(head: bytes) -> bool:
    """Whether a file that begins with `head` is a tar file.

    Newer tar files have a magic number. Older ones are recognized by the checksum in the header of their first member.
    """
    if head[257:262] == b"ustar":
        return True
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


class _ForwardReader(io.RawIOBase):
    """A file object that reads `pieces` one after the other. It can seek backwards, but by at most `PIECE` bytes."""

    def __init__(self, pieces: Iterator[bytes | Damage]) -> None:
        self._pieces = pieces
        self._buffer = b""
        self._start = 0
        """Position in the stream at which the buffer begins."""
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        at = offset + (self._at if whence == io.SEEK_CUR else 0)
        if whence == io.SEEK_END or at < self._start:
            raise OSError("it is read forward")
        self._at = at
        return at

    def readinto(self, target: Any) -> int:
        while self._at >= self._start + len(self._buffer):
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            if isinstance(piece, Damage):
                raise UnreadableError("is damaged or incomplete; what came before that was read")
            kept = self._buffer[-PIECE:]  # tarfile steps back by one byte, a buffered reader by its size
            self._start += len(self._buffer) - len(kept)
            self._buffer = kept + piece
        part = self._buffer[self._at - self._start :][: len(target)]
        target[: len(part)] = part
        self._at += len(part)
        return len(part)


class UnpackBudget:
    """Limits the total unpacked size of an archive's members to a multiple of `size`, the archive's size in bytes."""

    def __init__(self, size: int) -> None:
        self._left = max(MIN_LIMIT, MAX_RATIO * size)

    def spend(self, size: int) -> None:
        """Count `size` more unpacked bytes. Raises `UnreadableError` if the total exceeds the limit."""
        self._left -= size
        if self._left < 0:
            raise UnreadableError(f"unpacks to more than {MAX_RATIO} times its size, which no real file does")

    def wrap(self, file: IO[bytes], broken: tuple[type[Exception], ...]) -> IO[bytes]:
        """Return a file object that reads from `file` and counts the bytes that were read.

        Reading raises `UnreadableError` if the bytes exceed this budget, or if `file` raises an exception of a type in
        `broken`.
        """
        return io.BufferedReader(_GuardedFile(file, broken, self), PIECE)


class _GuardedFile(io.RawIOBase):
    """A file object for a member of an archive. `budget` counts the bytes that are read.

    If reading raises an exception of a type in `broken`, `UnreadableError` is raised instead.
    """

    def __init__(
        self, file: IO[bytes], broken: tuple[type[Exception], ...], budget: UnpackBudget | None = None
    ) -> None:
        self._file, self._broken, self._budget = file, broken, budget

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        try:
            data = self._file.read(len(target))
        except self._broken as error:
            raise UnreadableError("is damaged or incomplete") from error
        if self._budget is not None:
            self._budget.spend(len(data))
        target[: len(data)] = data
        return len(data)


def make_seekable(file: IO[bytes]) -> IO[bytes]:
    """Copy a stream to a temporary file that can seek, and return the file. The caller must close it.

    Raises `UnreadableError` for a stream of more than `captured_response.MAX_FILE` bytes.
    """
    spool = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 -- the caller closes it
    size = 0
    while piece := file.read(PIECE):
        size += len(piece)
        if size > captured_response.MAX_FILE:
            raise UnreadableError(
                f"is larger than {captured_response.MAX_FILE:,} bytes, too large for an archive inside another one"
            )
        spool.write(piece)
    spool.seek(0)
    return spool

"""Files that several programs share: locks, atomic replacement, and setting unusable files aside by renaming them.

This module also finds out why the disk refuses something: it is full, read-only, or locked by another program. The name
of that program is known only on Linux.
"""

import errno
import fcntl
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from flattr_tui.store.errors import StoreError, UnwritableError

LOCK_SECONDS: Final = 0.5
"""Maximum number of seconds that `file_lock` waits. Programs hold a lock for milliseconds, unless they are stopped."""
_RETRY_SECONDS: Final = 0.02
SET_ASIDE: Final = ".set-aside-"
"""The part of a set-aside file's name between its old name and the time (UTC)."""

NoticeCallback = Callable[[str], None]
"""Called with a sentence that the user should read once."""
_LOCKS: Final = Path("/proc/locks")
_TICKS: Final = 100
"""Clock ticks per second in /proc (USER_HZ), the same on every Linux that Python supports."""
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READ_ONLY: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SPARE_BYTES: Final = 8 * 1024 * 1024
"""Bytes that must be free for a temporary folder, in addition to what is copied there."""


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Lock `path` against other processes and threads during a `with` block.

    The lock is a flock on the file `.NAME.lock` beside `path`. Raises `OSError` if that file can't be created, and
    `LockedError` if another program still holds the lock after `LOCK_SECONDS`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = path.with_name(f".{path.name}.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait_for_lock(descriptor, lock)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, lock: Path) -> None:
    end = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= end:
                raise LockedError(lock) from error
            time.sleep(_RETRY_SECONDS)
        else:
            return


def replace_file(path: Path, body: bytes, *, durable: bool) -> None:
    """Write `body` to a file with mode 0600, so that readers see the old or the new content, never a part of it.

    With `durable`, the content also survives a power cut. That takes some milliseconds, so call it in a thread. Raises
    `OSError` if the file can't be written; the old content is then unchanged.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mkstemp creates it with mode 0600
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise


@contextmanager
def open_replacement(target: Path, *, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """Yield a new file for writing. At the end of the `with` block, the new file replaces `target`.

    If the block raises an exception, `target` stays as it was. If `target` is a link, the file to which it points is
    replaced. A pipe or a device is written directly. `mode` is the mode of the new file before the umask. Raises
    `OSError` if the file can't be written.
    """
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    target = target.resolve()
    new = target.with_name(f".{target.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)  # left by a killed program with the same process id
    descriptor = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        new.replace(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def set_aside(path: Path) -> Path:
    """Rename an unusable file or folder to `NAME.set-aside-TIME`, and return the new path.

    Raises `OSError` if it can't be renamed.
    """
    stamp = f"{path.name}{SET_ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%S}"
    place, number = path.with_name(stamp), 1
    while os.path.lexists(place):
        number += 1
        place = path.with_name(f"{stamp}-{number}")
    return path.rename(place)


def list_set_aside(folder: Path) -> list[Path]:
    """Return the files and folders in `folder` that were set aside, sorted by original name, then by age."""
    return sorted(folder.glob(f"*{SET_ASIDE}*"))


class LockedError(OSError):
    """Raised if another program has held the lock of the file or folder `path` for too long.

    The message is also in `holder`: a sentence without a full stop that names the program, or says 'another program'.
    """

    def __init__(self, path: Path) -> None:
        self.holder = describe_lock([path])
        super().__init__(errno.EAGAIN, self.holder)


def to_unwritable(error: Exception, path: Path) -> UnwritableError:
    """Return an error that says why `path` (a folder or a database) can't be written, and what the user can do.

    `error` is the exception that the write raised, or one that was raised while the exception was handled.
    """
    if isinstance(error, UnwritableError):
        return error
    while not isinstance(error, LockedError) and isinstance(error.__context__, OSError | sqlite3.Error):
        error = error.__context__  # the first one: diskcache's rollback fails where SQLite itself has rolled back
    if isinstance(error, LockedError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY:
        holder = error.holder if isinstance(error, LockedError) else describe_lock(database_files(path))
        return UnwritableError(holder, "End that program, or wait until it is done.", label="locked", locked=True)
    number = getattr(error, "errno", None)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    folder = path if path.is_dir() else path.parent
    if code == sqlite3.SQLITE_FULL or number in _FULL or _is_full(folder, code):
        return UnwritableError(
            "The disk is full", f"Free some space where {folder} is, and try again.", label="disk full"
        )
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM} or number in _READ_ONLY or not os.access(folder, os.W_OK):
        return UnwritableError(
            f"The folder {folder} is read-only",
            "Make it writable, or choose another one with XDG_DATA_HOME.",
            label="read-only folder",
        )
    reason = getattr(error, "strerror", None) or error
    return UnwritableError(
        f"The folder {folder} can't be written ({reason})",
        "Make it writable, or choose another one with XDG_DATA_HOME.",
        label="folder not writable",
    )


def _is_full(folder: Path, code: int) -> bool:
    """Whether an SQLite error means that the disk of `folder` is full. `code` is the error's primary code.

    SQLite may report a full disk as an I/O error, or as a file that can't be opened.
    """
    if code not in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        return False
    try:
        free = os.statvfs(folder)
    except OSError:
        return False
    return free.f_bavail == 0 or (free.f_files > 0 and free.f_favail == 0)


def database_files(path: Path) -> list[Path]:
    """Return the existing files of an SQLite database: the file itself, its write-ahead log and that log's index.

    If `path` is a folder, return the files of all `*.db` databases in it.
    """
    if path.is_dir():
        return sorted(path.glob("*.db*"))
    return [file for suffix in ("", "-wal", "-shm") if (file := path.with_name(path.name + suffix)).exists()]


# -- who holds a lock


def describe_lock(files: Iterable[Path]) -> str:
    """Return the sentence `FILE is locked by PROGRAM`, without a full stop.

    If the program can't be found out, it is called 'another program'.
    """
    files = list(files)
    where = files[0] if files else "the store"
    return f"{where} is locked by {find_lock_holder(files) or 'another program'}"


def find_lock_holder(files: Iterable[Path]) -> str | None:
    """Return a text about another program that locks one of the files: its name, process id and start time.

    A program that has a database open locks it, even while it does nothing. Returns None if there is no such program,
    or if the system does not tell.
    """
    for process in _find_holder_ids(files):
        with suppress(OSError, ValueError, IndexError):
            return _describe_process(process)
    return None


def _find_holder_ids(files: Iterable[Path]) -> Iterator[int]:
    """Yield the process ids of the other programs that lock one of the files, from Linux's table of locks."""
    wanted = set()
    for file in files:
        with suppress(OSError):
            wanted.add(file.stat().st_ino)
    try:
        rows = _LOCKS.read_text(encoding="ascii").splitlines()
    except OSError:
        return
    for row in rows:  # 1: POSIX  ADVISORY  WRITE 4711 08:01:131313 0 EOF
        parts = row.split()
        if "->" in parts or len(parts) < 8:
            continue  # a process that waits for the lock
        process, inode = parts[4], parts[5].rpartition(":")[2]
        if inode.isdecimal() and int(inode) in wanted and process.isdecimal() and int(process) != os.getpid():
            yield int(process)


def _describe_process(process: int) -> str:
    status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    name = status[status.index("(") + 1 : status.rindex(")")]
    state, *rest = status[status.rindex(")") + 2 :].split()
    booted = time.time() - float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
    started = time.strftime("%Y-%m-%d %H:%M", time.localtime(booted + int(rest[18]) / _TICKS))
    stopped = ", stopped now" if state in {"T", "t"} else ""
    return f"{name} (process {process}, started {started}{stopped})"


# -- temporary folders


def make_temporary_folder(size: int = 0) -> Path:
    """Create a private folder on a disk with `size` bytes of free space, or in memory if no disk has so much.

    The caller deletes the folder. Raises `StoreError` if there is not enough space anywhere.
    """
    places = [os.environ.get("TMPDIR", ""), "/tmp", "/var/tmp", os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm"]  # noqa: S108 -- mkdtemp makes the folder's name
    for place in filter(None, [*places, os.environ.get("TEMP", "")]):
        with suppress(OSError):
            free = os.statvfs(place)
            if free.f_bavail * free.f_frsize >= size + _SPARE_BYTES:
                return Path(tempfile.mkdtemp(prefix="flattr-tui-", dir=place))
    raise StoreError("There is no room for anything, on the disk or in memory: free some space and try again.")

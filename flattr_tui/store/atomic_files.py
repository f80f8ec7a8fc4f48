"""Files that several programs share: locks, atomic replacement, and setting unusable files aside by renaming them."""

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from flattr_tui.store.storage_faults import LockedError

LOCK_SECONDS: Final = 0.5
"""Maximum number of seconds that `file_lock` waits. Programs hold a lock for milliseconds, unless they are stopped."""
_RETRY_SECONDS: Final = 0.02
SET_ASIDE: Final = ".set-aside-"
"""The part of a set-aside file's name between its old name and the time (UTC)."""

NO_FILE: Final = (0, 0)
"""What `file_id` returns for a file that does not exist."""
NoticeCallback = Callable[[str], None]
"""Called with a sentence that the user should read once."""


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Lock `path` against other processes and threads during the context.

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
    """Write `body` to a file atomically, with mode 0600: readers see the old or the new content, never a part.

    With `durable`, the content also survives a power cut; that takes some milliseconds, so call it in a thread. Raises
    `OSError`, and then the old content is unchanged.
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
    """Yield a new file for writing. At the end of the context, the new file replaces `target`.

    After an exception in the context, `target` stays as it was. If `target` is a link, the file to which it points is
    replaced. If it is a pipe or a device, it is written to directly. `mode` is the mode of the new file before the
    umask. Raises `OSError`.
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


def file_id(path: Path) -> tuple[int, int]:
    """Return a file's device and inode, which differ once another file replaces it; `NO_FILE` if there is no file."""
    try:
        status = path.stat()
    except OSError:
        return NO_FILE
    return status.st_dev, status.st_ino


def set_aside(path: Path) -> Path:
    """Rename an unusable file or folder to `NAME.set-aside-TIME`, and return the new path. Raises `OSError`."""
    stamp = f"{path.name}{SET_ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%S}"
    place, number = path.with_name(stamp), 1
    while os.path.lexists(place):
        number += 1
        place = path.with_name(f"{stamp}-{number}")
    return path.rename(place)


def list_set_aside(folder: Path) -> list[Path]:
    """Return the files and folders in `folder` that were set aside, sorted by original name, then by age."""
    return sorted(folder.glob(f"*{SET_ASIDE}*"))

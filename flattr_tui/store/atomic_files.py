"""What is done with files that programs share: a lock, replacing whole, renaming aside what can't be used."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

SET_ASIDE: Final = ".set-aside-"
"""What stands in a quarantined store's name, before the time (UTC)."""

Notice = Callable[[str], None]
"""Takes one sentence that a person should be told once."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock that belongs to `path` against other processes and threads (flock on `.NAME.lock` beside it).

    Raises `OSError` where the lock can't be made.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def replace(path: Path, body: bytes, *, durable: bool) -> None:
    """Write a file that only its owner can read, so that at any moment the old or the new one is there whole.

    `durable` holds through a power cut too, which takes some milliseconds: in a thread. Raises `OSError`.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # made 0600
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


def set_aside(path: Path) -> Path:
    """Rename a file or folder so that nothing touches it any more, and return its new place.

    Raises `OSError` where it can't be renamed.
    """
    stamp = f"{path.name}{SET_ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%S}"
    place, number = path.with_name(stamp), 1
    while os.path.lexists(place):
        number += 1
        place = path.with_name(f"{stamp}-{number}")
    return path.rename(place)


def quarantined(folder: Path) -> list[Path]:
    """List what was ever set aside in a folder, oldest first."""
    return sorted(path for path in folder.glob(f"*{SET_ASIDE}*"))

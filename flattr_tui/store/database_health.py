"""A quick check whether the response store's database and the catalogue are usable.

Nothing is created, changed or set aside. `store.integrity_check` checks everything, which takes longer.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.paths import exists
from flattr_tui.store import catalogue_database
from flattr_tui.store.errors import StoreError
from flattr_tui.store.pickle_free_disk import APPLICATION_ID, DATABASE, VERSION
from flattr_tui.store.read_only_databases import connect_readable
from flattr_tui.store.storage_faults import database_files, describe_lock

SQLITE_VERSION: Final = sqlite3.sqlite_version
LOCK_SECONDS: Final = 0.5
"""A database that is locked for longer than these seconds counts as locked. Usual writes take milliseconds."""
CHECK_SECONDS: Final = 10.0
"""Maximum number of seconds for checking one database. A larger one is not checked to its end."""
_STEPS: Final = 100_000
"""Number of steps of SQLite's virtual machine between two looks at the clock."""


class Health(StrEnum):
    """The state of a database, in words that complete the sentence 'It is …'."""

    MISSING = "missing"
    SOUND = "sound"
    UNCHECKED = "too large to be checked in time"
    LOCKED = "locked"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    FOREIGN = "not of this program"
    LATER = "of a later version"
    OTHER = "of another version"


class DatabaseHealth(msgspec.Struct, frozen=True):
    """The result of checking a database."""

    health: Health
    reason: str = ""
    """Why the database is locked, unreadable or damaged; "" if it is none of these."""
    is_writable: bool = False
    rows: int | None = None
    """Number of responses in the store, or of lists in the catalogue; None if they can't be counted."""
    bytes: int = 0
    """Size of the database on disk in bytes, with its write-ahead log."""


def check_store(folder: Path) -> DatabaseHealth:
    """Return the state of the response store in a folder."""
    path = folder / DATABASE
    if exists(folder) and not os.access(folder, os.R_OK | os.X_OK):
        return DatabaseHealth(Health.UNREADABLE, f"the folder {folder} can't be read")
    if not exists(path) and any(folder.glob("??/??/*.val")):
        return DatabaseHealth(Health.DAMAGED, "its database is gone, and files of it are left")

    def compare(connection: sqlite3.Connection) -> Health:
        application, version = (_pragma(connection, name) for name in ("application_id", "user_version"))
        if application != APPLICATION_ID:
            return Health.FOREIGN
        return Health.LATER if version > VERSION else Health.SOUND

    return _check(path, compare, "SELECT count(*) FROM Cache WHERE key GLOB 'r/*'")


def check_catalogue(path: Path) -> DatabaseHealth:
    """Return the state of the catalogue at `path`.

    A catalogue of another version is not damaged: the next start rebuilds it.
    """

    def compare(connection: sqlite3.Connection) -> Health:
        return Health.SOUND if _pragma(connection, "user_version") == catalogue_database.VERSION else Health.OTHER

    return _check(path, compare, "SELECT count(*) FROM feed")


def _check(path: Path, compare: Callable[[sqlite3.Connection], Health], count: str) -> DatabaseHealth:
    if not exists(path):
        return DatabaseHealth(Health.MISSING)
    size = sum(file.stat().st_size for file in database_files(path))
    is_writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    if is_writable and (holder := _find_lock(path)):
        return DatabaseHealth(Health.LOCKED, holder, is_writable=True, bytes=size)
    rows, reason = None, ""
    try:
        with closing(connect_readable(path)) as connection:
            health = compare(connection)
            if health is Health.SOUND:
                rows = int(connection.execute(count).fetchone()[0])
                health, reason = _check_pages(connection)
    except (sqlite3.Error, StoreError, OSError) as error:
        is_readable = os.access(path, os.R_OK)
        health, reason = Health.DAMAGED if is_readable else Health.UNREADABLE, str(error)
    return DatabaseHealth(health, reason, is_writable=is_writable, rows=rows, bytes=size)


def _check_pages(connection: sqlite3.Connection) -> tuple[Health, str]:
    end = time.monotonic() + CHECK_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        (complaint,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return Health.UNCHECKED, ""
        raise
    return (Health.SOUND, "") if complaint == "ok" else (Health.DAMAGED, str(complaint))


def _find_lock(path: Path) -> str:
    """Return a sentence about the program that holds the write lock.

    Returns "" if no program holds it, or if that can't be found out.
    """
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return describe_lock(database_files(path))
    except sqlite3.DatabaseError:
        pass  # damaged: found out when it is read
    return ""


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

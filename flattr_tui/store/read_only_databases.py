"""Reads databases that can't be written: in a read-only folder, on a full disk, or locked by another program.

`diskcache.Cache` writes when it is opened, so its table is read directly here. SQLite (tested: 3.40 and 3.51) reads a
write-ahead log with `mode=ro` only if the `-shm` file exists or can be created, and with `immutable=1` it silently
misses what is in the log. So a database with a log that SQLite can't open is first copied to another folder.
"""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from flattr_tui.paths import exists
from flattr_tui.store.errors import UnusableStoreError
from flattr_tui.store.pickle_free_disk import APPLICATION_ID, VERSION, PickleFreeDisk
from flattr_tui.store.storage_faults import make_temporary_folder

BUSY_SECONDS: Final = 0.05
"""Seconds that a reader waits for a lock before it reads a copy."""


def connect_readable(path: Path) -> sqlite3.Connection:
    """Return a connection for reading a database, whatever its folder permits. Nothing in the folder is changed.

    The connection may be used in any thread, but only in one at a time. Raises `sqlite3.Error`, or `StoreError` if a
    copy is needed but no disk has room for it.
    """
    uri = path.absolute().as_uri()
    try:
        return _try(f"{uri}?mode=ro")
    except sqlite3.OperationalError:
        if not exists(path):
            raise
    log = path.with_name(f"{path.name}-wal")
    if not exists(log) or log.stat().st_size == 0:
        with suppress(sqlite3.OperationalError):
            return _try(f"{uri}?immutable=1")
    return _copy(path, log)


def _try(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _copy(path: Path, log: Path) -> sqlite3.Connection:
    """Return a connection to a copy of a database and its log. Closing it deletes the copy."""
    size = path.stat().st_size + (log.stat().st_size if exists(log) else 0)
    folder = make_temporary_folder(size)
    try:
        for file in filter(Path.exists, (path, log)):
            shutil.copyfile(file, folder / file.name)
        connection = _try((folder / path.name).as_uri())
        connection.execute("PRAGMA query_only = ON")
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # SQLite has the files open: they go with the connection
    return connection


class ReadOnlyCache:
    """Reads the folder of a `diskcache.Cache` with the same methods, but never writes. Threads may share it."""

    def __init__(self, folder: Path, database: Path) -> None:
        """Open the folder and its `database`.

        Raises `sqlite3.Error`, and `StoreError` if the folder is not a store that this version can read.
        """
        self._disk = PickleFreeDisk(str(folder))
        self._lock = threading.Lock()
        self._connection = connect_readable(database)
        try:
            application, version = (
                self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
            if application != APPLICATION_ID or version > VERSION:
                raise UnusableStoreError(f"{folder} is not a store that this version can read.")  # noqa: TRY301
            self._connection.execute("SELECT key FROM Cache LIMIT 1").fetchall()
        except (sqlite3.Error, UnusableStoreError):
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def get(self, key: str) -> bytes | None:
        """Return the value of a key; None if there is no such key. Raises `CorruptRowError` if the value is damaged."""
        for mode, filename, value in self._rows(
            "SELECT mode, filename, value FROM Cache WHERE key = ? AND raw = 1", key
        ):
            return self._disk.fetch(mode, filename, value, read=False)
        return None

    def iterkeys(self, *, reverse: bool = False) -> Iterator[str]:
        """Yield all text keys in ascending or, with `reverse`, in descending order."""
        found = self._rows("SELECT key FROM Cache WHERE typeof(key) = 'text' AND raw = 1 ORDER BY key")
        return iter([key for (key,) in (reversed(found) if reverse else found)])

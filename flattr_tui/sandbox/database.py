"""Opens the SQLite file with the sandbox's data, fills a new file, and shares the connection among threads.

A new file is filled completely or not at all, even if several programs open it at the same time.
"""

import calendar
import errno
import fcntl
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from flattr_tui.sandbox.seeder import END, Seeder

COLLECTOR = "collector"
_FULL = "The disk with the sandbox's data is full. Free some space and try again."
_CAUSES = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: "The sandbox's data can be read, but not changed: its file is read-only.",
    sqlite3.SQLITE_BUSY: "Another program is writing the sandbox's data. Try again.",
    sqlite3.SQLITE_LOCKED: "Another program is writing the sandbox's data. Try again.",
    sqlite3.SQLITE_PERM: "The sandbox's data can't be opened: the file's permissions do not allow it.",
    sqlite3.SQLITE_CANTOPEN: "The sandbox's data can't be opened.",
    sqlite3.SQLITE_IOERR: "The disk with the sandbox's data is full, or fails. Free some space and try again.",
    sqlite3.SQLITE_CORRUPT: "The file with the sandbox's data is damaged. Move it away, and a new one is made.",
    sqlite3.SQLITE_NOTADB: "The file with the sandbox's data is damaged. Move it away, and a new one is made.",
}
LEFTOVER_SECONDS = 3600.0
"""Age in seconds at which the temporary file of new sandbox data was certainly left behind.

A program that is filling one writes to it all the time.
"""
VERSION = 3
"""Version of the file, in SQLite's `user_version`. A file of another version is set aside and filled again."""

TABLES = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL UNIQUE COLLATE NOCASE,
    firstname TEXT NOT NULL, lastname TEXT NOT NULL,
    url TEXT, avatar TEXT NOT NULL, about TEXT NOT NULL, city TEXT NOT NULL, country TEXT NOT NULL, email TEXT NOT NULL,
    registered_at INTEGER NOT NULL, active_supporter INTEGER NOT NULL, hides_flattrs INTEGER NOT NULL,
    budget INTEGER NOT NULL);
CREATE TABLE things (
    id INTEGER PRIMARY KEY AUTOINCREMENT, owner INTEGER NOT NULL, url TEXT NOT NULL, title TEXT NOT NULL,
    description TEXT NOT NULL, tags TEXT NOT NULL, language TEXT NOT NULL, category TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL DEFAULT 0, hidden INTEGER NOT NULL DEFAULT 0, image TEXT NOT NULL DEFAULT '',
    flattrs INTEGER NOT NULL DEFAULT 0, flattrs_user_count INTEGER NOT NULL DEFAULT 0,
    last_flattr_at INTEGER NOT NULL DEFAULT 0);
CREATE TABLE flattrs (
    id INTEGER PRIMARY KEY, user INTEGER NOT NULL, thing INTEGER NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE subscriptions (
    user INTEGER NOT NULL, thing INTEGER NOT NULL, active INTEGER NOT NULL, created_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL, PRIMARY KEY (user, thing)) WITHOUT ROWID;
CREATE TABLE codes (code TEXT PRIMARY KEY, fields TEXT NOT NULL);
CREATE TABLE tokens (token TEXT PRIMARY KEY, username TEXT NOT NULL, client_id TEXT NOT NULL, scopes TEXT NOT NULL);
"""

INDEXES = """
CREATE UNIQUE INDEX things_by_url ON things (url);
CREATE INDEX things_by_owner ON things (owner, created_at DESC, id DESC);
CREATE INDEX flattrs_by_user ON flattrs (user, created_at DESC, id DESC);
CREATE INDEX flattrs_by_thing ON flattrs (thing, created_at DESC, id DESC);
CREATE INDEX flattrs_by_time ON flattrs (created_at);
CREATE VIRTUAL TABLE words USING fts5 (title, description, tags, owner,
    tokenize="unicode61 remove_diacritics 2 categories 'L* N* Co M*'");
INSERT INTO words (rowid, title, description, tags, owner)
    SELECT t.id, t.title, t.description, t.tags, u.username || ' ' || u.firstname || ' ' || u.lastname
    FROM things t JOIN users u ON u.id = t.owner;
UPDATE things SET (flattrs, flattrs_user_count, last_flattr_at) =
    (SELECT count(*), count(DISTINCT user), coalesce(max(created_at), 0) FROM flattrs WHERE thing = things.id);
"""
"""The indexes, the search index, and the counts of things. They are made after the rows, which is faster."""

COLLECT = """
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :scale)
INSERT INTO flattrs (user, thing, created_at)
SELECT :user, (SELECT id FROM numbered WHERE place = (i * 7919 + i / 2500) % :things),
    :start + i * :step / :scale FROM n
"""
"""Gives the user `collector` `:scale` flattrs, evenly spaced over `:step` seconds, the oldest first."""


class StorageError(OSError):
    """Raised if the file with the sandbox's data can't be opened, read or written. The message says why.

    If a change of the data was under way, it was not made.
    """

    def __init__(self, text: str, *, full: bool = False) -> None:
        super().__init__(text)
        self.full = full
        """Whether the disk is full."""


@contextmanager
def storage_errors() -> Iterator[None]:
    """A context manager that raises `StorageError` in place of errors of SQLite and of the system.

    Errors that come from mistakes in the SQL are raised unchanged.
    """
    try:
        yield
    except sqlite3.Error as error:
        cause = error.sqlite_errorcode & 0xFF if hasattr(error, "sqlite_errorcode") else 0
        if cause not in _CAUSES:
            raise
        raise StorageError(_CAUSES[cause], full=cause == sqlite3.SQLITE_FULL) from error
    except StorageError:
        raise
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageError(_FULL, full=True) from error
        raise StorageError(f"The sandbox's data can't be opened ({error.strerror or error}).") from error


def open_store(path: Path | None, *, seed: int, scale: int) -> "Store":
    """Open the sandbox's data at `path` (None: in memory), and fill a new file. Raises `StorageError`.

    `seed` is the number from which new data is generated, and `scale` the number of flattrs of the user `collector` in
    it.

    If the file can't be opened for writing, because the disk is full or read-only, it is opened for reading. The first
    change of the data then tries again to open it for writing.
    """
    try:
        with storage_errors():
            return Store(connect(path, seed=seed, scale=scale))
    except StorageError:
        if path is None or not path.is_file():
            raise
        readable = _connect_for_reading(path)
        if readable is None:
            raise
        return Store(readable, lambda: connect(path, seed=seed, scale=scale))


def _connect_for_reading(path: Path) -> sqlite3.Connection | None:
    """Return a read-only connection to the sandbox's data; None if the data can't be read in this way.

    That is so if the file does not contain sandbox data, or if SQLite would have to read its `-wal` file.
    """
    wal = path.with_name(f"{path.name}-wal")
    try:
        if wal.exists() and wal.stat().st_size:
            return None  # immutable=1 silently ignores the content of the log
        connection = _open(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            return connection
        connection.close()
    except (OSError, sqlite3.Error):
        return None
    return None


def connect(path: Path | None, *, seed: int, scale: int) -> sqlite3.Connection:
    """Return a connection for reading and writing the sandbox's data at `path` (None: in memory).

    `seed` is the number from which new data is generated, and `scale` the number of flattrs of the user `collector` in
    it.

    New data is generated if there is no file, or if it has no sandbox data of this version (`make_world`). Raises
    `sqlite3.Error` and `OSError`.
    """
    if path is None:
        connection = _open(":memory:")
        seed_world(connection, seed, scale)
        return connection
    make_world(path, seed=seed, scale=scale)
    connection = _open(str(path))
    try:
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("PRAGMA synchronous=normal")
        connection.execute("SELECT 1 FROM users").fetchone()  # the first query creates the -shm file, which needs space
    except BaseException:
        connection.close()
        raise
    return connection


def make_world(path: Path, *, seed: int, scale: int) -> None:
    """Generate the sandbox's data at `path`, unless the file has data of this version already.

    `seed` is the number from which the data is generated, and `scale` the number of flattrs of the user `collector` in
    it. Raises `sqlite3.Error` and `OSError`.

    The data is generated in a temporary file, which is linked to `path` when it is complete. So a process that is
    killed leaves no partial data. If several programs start at the same time, one generates the data, and the others
    wait.
    """
    if _is_world(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock_folder(path.parent):
        if _is_world(path):
            return
        if path.exists():
            path.rename(path.with_name(f"{path.name}.set-aside-{int(path.stat().st_mtime)}"))
        _remove_leftovers(path)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        os.close(handle)
        try:
            with closing(_open(name)) as connection:
                connection.executescript("PRAGMA journal_mode=off; PRAGMA synchronous=off")
                seed_world(connection, seed, scale)
            with suppress(FileExistsError):  # another program was faster, where nothing can be locked
                os.link(name, path)
        finally:
            Path(name).unlink(missing_ok=True)


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """Lock a folder during a `with` block, so that only one program at a time generates data in it. Raises `OSError`.

    If the system can't lock the folder, the block runs without a lock.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_leftovers(path: Path) -> None:
    """Delete the temporary files that programs left behind when they were killed while generating data for `path`."""
    for left in path.parent.glob(f".{path.name}-*"):
        with suppress(FileNotFoundError):  # another program deletes them, too
            if time.time() - left.stat().st_mtime > LEFTOVER_SECONDS:
                left.unlink()


def _open(name: str, *, uri: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=10, uri=uri)
    connection.row_factory = sqlite3.Row
    return connection


def _is_world(path: Path) -> bool:
    if not path.exists():
        return False
    connection = sqlite3.connect(path, timeout=10)
    try:
        return bool(connection.execute("PRAGMA user_version").fetchone()[0] == VERSION)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            return False  # not an SQLite file: the caller sets it aside, never overwrites it
        raise  # for example a full disk, where intact data can't be opened for writing
    finally:
        connection.close()


def seed_world(connection: sqlite3.Connection, seed: int, scale: int) -> None:
    """Fill an empty database with the sandbox data that belongs to the number `seed`.

    If `scale` is not 0, the data has a user `collector` with that many flattrs.
    """
    connection.executescript(TABLES)
    connection.execute("BEGIN")
    Seeder(seed).fill(connection)
    if scale:
        _add_collector(connection, scale)
    connection.execute("COMMIT")
    connection.executescript(INDEXES)
    connection.execute(f"PRAGMA user_version={VERSION}")


def _add_collector(connection: sqlite3.Connection, scale: int) -> None:
    start = calendar.timegm((2010, 5, 1, 0, 0, 0))
    connection.execute(
        "INSERT INTO users SELECT max(id) + 1, ?, 'Cole', 'Lector', NULL, '', 'Flattrs everything.', 'Everywhere', '',"
        " 'collector@example.org', ?, 1, 0, 100 FROM users",
        (COLLECTOR, start - 86_400),
    )
    user = connection.execute("SELECT id FROM users WHERE username = ?", (COLLECTOR,)).fetchone()[0]
    connection.execute("CREATE TEMP TABLE numbered (place INTEGER PRIMARY KEY, id INTEGER)")
    connection.execute(
        "INSERT INTO numbered SELECT row_number() OVER (ORDER BY id) - 1, id FROM things WHERE NOT hidden"
    )
    things = connection.execute("SELECT count(*) FROM numbered").fetchone()[0]
    connection.execute(
        COLLECT, {"scale": scale, "user": user, "things": things, "start": start, "step": END - start - 1}
    )
    connection.execute("DROP TABLE numbered")


class Store:
    """The database connection for all threads, with a lock around each query and each transaction.

    Queries and transactions raise `StorageError` if the file can't be read or written.
    """

    def __init__(self, connection: sqlite3.Connection, reopen: Callable[[], sqlite3.Connection] | None = None) -> None:
        """Use `connection`. With `reopen`, the connection is read-only until the first change.

        Before that change, `reopen` is called, and returns a writable connection that replaces it. With None,
        `connection` itself is used for changes.
        """
        self._connection = connection
        self._reopen = reopen
        self._lock = threading.RLock()

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Return all rows of an SQL query; no rows if one of `values` is a number too large for SQLite."""
        if any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in values):
            return []
        with self._lock, storage_errors():
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of an SQL query; None if there is no row."""
        rows = self.all(sql, *values)
        return rows[0] if rows else None

    @property
    def version(self) -> tuple[int, int]:
        """A value that changes with every change of the data, by this program or another. Raises `StorageError`."""
        with self._lock, storage_errors():
            others = self._connection.execute("PRAGMA data_version").fetchone()[0]
            return self._connection.total_changes, others

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection for a transaction, which is committed at the end of the `with` block.

        If the block raises an exception, all its changes are undone.
        """
        with self._lock, storage_errors():
            self._begin()
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself rolls back some failures on a full disk
                    self._connection.execute("ROLLBACK")
                raise

    def _begin(self) -> None:
        if self._reopen is not None:
            whole = self._reopen()
            self._connection.close()
            self._connection, self._reopen = whole, None
        self._connection.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Close the SQLite file."""
        with self._lock:
            self._connection.close()

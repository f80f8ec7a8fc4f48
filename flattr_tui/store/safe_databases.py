"""Opens the store's databases safely: a hardened `Disk` for diskcache, and reading of databases that can't be written.

diskcache's own `Disk` unpickles any row that says so, and opens any file name in a row (CVE-2025-69872). So a store
that came from elsewhere could run code. `PickleFreeDisk` stores only text keys and bytes, and refuses to read anything
else: no pickle, and no file outside the store's folder. It evicts nothing, and its files are private.

A database can't be written in a read-only folder, on a full disk, or while another program locks it. `diskcache.Cache`
writes when it is opened, so the database is then read without it. SQLite (tested: 3.40 and 3.51) has two ways to read a
database with a write-ahead log in such a folder, and both can fail. With `mode=ro`, the `-shm` file must exist, or it
must be possible to create it. With `immutable=1`, the log is silently ignored. So a database whose log SQLite can't
open is first copied to another folder.
"""

import os
import re
import shutil
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any, Final

import diskcache
from diskcache.core import DBNAME, DEFAULT_SETTINGS, METADATA, MODE_BINARY, MODE_RAW, UNKNOWN

from flattr_tui.paths import exists
from flattr_tui.store.errors import CorruptRowError, StoreError, UnusableStoreError
from flattr_tui.store.shared_files import make_temporary_folder
from flattr_tui.store.stored_response import RESPONSE

DATABASE: Final = DBNAME
APPLICATION_ID: Final = 0x464C5452
"""`FLTR`, in SQLite's `PRAGMA application_id`. It marks a file as this program's."""
VERSION: Final = 1
"""Version of the row format, in `PRAGMA user_version`. A store with a larger version is set aside."""
FILE_NAME: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{28}\.val")
"""Matches the only file names that diskcache creates. No others are opened or deleted."""
FOLDER_SIZE: Final = 256
"""Number of consecutive responses that share a folder."""
_NEW_FILE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
WRITE_SECONDS: Final = 0.8
"""Seconds that a write waits for another program's write, which takes milliseconds unless that program is stopped."""
OPEN_SECONDS: Final = 0.5
"""Seconds that opening waits for the write lock. Without the lock, the store is opened for reading only."""
READ_SECONDS: Final = 0.25
"""Seconds that the first read waits for a lock. Only a program that locks the whole database keeps readers out."""
NO_FILE: Final = (0, 0)
"""What `file_id` returns for a file that does not exist."""
_SETTINGS: Final = {
    "eviction_policy": "none",
    "size_limit": 2**62,
    "cull_limit": 0,
    "statistics": 0,
    "tag_index": 1,  # by source and account
    "sqlite_mmap_size": 0,  # if a memory-mapped file is truncated, SIGBUS kills the program
}
LOCK_WAIT_SECONDS: Final = 0.05
"""Seconds that a reader waits for a lock before it reads a copy."""


class PickleFreeDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Stores only text keys and byte values for diskcache. Any other key or value is an error."""

    def __init__(self, directory: str, min_file_size: int = 0, pickle_protocol: int = 0) -> None:
        super().__init__(directory, min_file_size, pickle_protocol)
        self._written = threading.local()

    def put(self, key: object) -> tuple[str, bool]:
        """Return a key as diskcache stores it: the text itself, and True for the column `raw`, which means not pickled.

        Raises `StoreError` if the key is not a text.
        """
        if type(key) is not str:
            raise StoreError(f"Only text can be a key of the store, not {type(key).__name__}.")
        return key, True

    def get(self, key: object, raw: object) -> str:
        """Return `key`, which was read from the database, unchanged.

        Raises `CorruptRowError` if the key is not a text, or if the column `raw` beside it says that it is a pickle.
        """
        if not raw or type(key) is not str:
            raise CorruptRowError("A row of the store has a key that this program never writes; it is not read.")
        return key

    def store(self, value: object, read: bool, key: object = UNKNOWN) -> tuple[int, int, str | None, Any]:
        """Store bytes, and return four columns of the row: size, mode, file name and value.

        A response, whose `key` begins with `RESPONSE`, gets a file of its own, which can be read even if the database
        is damaged. Any other value gets a file only if it is large. Raises `StoreError` if `value` is not bytes, or if
        `read` is true, by which diskcache says that `value` is a file object.
        """
        if read or type(value) is not bytes:
            raise StoreError(f"Only bytes can be kept in the store, not {type(value).__name__}.")
        if len(value) < self.min_file_size and not str(key).startswith(RESPONSE):
            return 0, MODE_RAW, None, sqlite3.Binary(value)
        name, path = self.filename(key, value)
        try:
            descriptor = os.open(path, _NEW_FILE, 0o600)
        except FileNotFoundError:
            folder = Path(path).parent
            for part in (folder.parent, folder):
                part.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(path, _NEW_FILE, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(value)
        except OSError:
            Path(path).unlink()  # a part of the value would only take room, on a disk that may be full
            raise
        self._written.path = path
        return len(value), MODE_BINARY, name, None

    def forget_written_file(self) -> None:
        """Forget which file this thread wrote last. Call this at the beginning of a transaction."""
        self._written.path = None

    def delete_written_file(self) -> None:
        """Delete the file that this thread wrote last. Call this if the transaction failed: no row names the file."""
        if self._written.path is not None:
            Path(self._written.path).unlink(missing_ok=True)

    def sync_written_file(self) -> None:
        """Wait until the file that this thread wrote last is on the disk, unless it was deleted meanwhile."""
        with suppress(FileNotFoundError):
            descriptor = os.open(self._written.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def filename(self, key: object = UNKNOWN, value: object = UNKNOWN) -> tuple[str, str]:
        """Return the name of a new file, relative to the store's folder, and its full path.

        `FOLDER_SIZE` responses share a subfolder. diskcache itself would make a subfolder for nearly every file, which
        takes 4 KB on disk and a tenth of the time.
        """
        number = str(key).removeprefix(RESPONSE)
        if not number.isdigit():
            found: tuple[str, str] = super().filename(key, value)
            return found
        folder = int(number) // FOLDER_SIZE
        name = f"{folder >> 8 & 0xFF:02x}/{folder & 0xFF:02x}/{os.urandom(14).hex()}.val"
        return name, f"{self._directory}/{name}"

    def fetch(self, mode: object, filename: object, value: object, read: bool) -> bytes:
        """Return the value of a row, which is in the row itself or in a file.

        `mode`, `filename` and `value` are columns of the row. diskcache passes True for `read` if its caller wants an
        open file, which is refused. Raises `CorruptRowError` for such a call, if the value is not bytes, or if its file
        can't be read.
        """
        if mode == MODE_RAW and filename is None and type(value) is bytes and not read:
            return value
        if mode == MODE_BINARY and value is None and not read:
            return self.read_file(filename)
        raise CorruptRowError("A row of the store is of a kind that this program never writes; it is not read.")

    def remove(self, file_path: object) -> None:
        """Delete the file of a row. If its name points outside the folder, do nothing."""
        try:
            self._own_path(file_path)
        except CorruptRowError:
            return
        super().remove(file_path)

    def _own_path(self, filename: object) -> str:
        """Return the path of a row's file. Raises `CorruptRowError` for a name that points outside the folder."""
        if not isinstance(filename, str) or not FILE_NAME.fullmatch(filename):
            raise CorruptRowError("A row of the store names a file outside of it; it is not opened.")
        first, second = filename[:2], filename[:5]
        if any(os.path.islink(f"{self._directory}/{part}") for part in (first, second)):  # noqa: PTH114 -- called for every file
            raise CorruptRowError("A folder of the store is a symbolic link; what is behind it is not opened.")
        return f"{self._directory}/{filename}"

    def read_file(self, filename: object) -> bytes:
        """Return the content of a file of the store, by its name. Raises `CorruptRowError` if it can't be read."""
        path = self._own_path(filename)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise CorruptRowError(f"{filename} in the store is not a plain file; it is not read.")
                return file.read()
        except OSError as error:
            # never raise OSError: diskcache would treat it as a missing key
            raise CorruptRowError(f"{filename} in the store can't be read: {error.strerror}.") from error


def list_value_files(folder: Path) -> list[str]:
    """Return the names of the files in a store's folder that may contain responses, relative to the folder.

    The rows of the store's database contain the same names.
    """
    found = (path.relative_to(folder).as_posix() for path in folder.glob("??/??/*.val"))
    return [name for name in found if FILE_NAME.fullmatch(name)]


def open_cache(folder: Path) -> diskcache.Cache:
    """Open the cache in `folder`, or create it. The caller must hold the folder's lock.

    Raises `UnusableStoreError` if the cache is damaged, foreign or of a later version, and `OSError` or
    `sqlite3.OperationalError` if the folder can't be written.
    """
    if exists(folder) and not folder.is_dir():
        raise UnusableStoreError("is not a folder")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = folder / DATABASE
    if (not exists(database) or database.stat().st_size == 0) and list_value_files(folder):
        raise UnusableStoreError("has lost its database")
    try:
        # This connection stays open meanwhile: diskcache closes its first one, and closing the last one syncs the disk.
        with closing(connect(database)) as connection:
            _check_content(database, connection)
            # diskcache writes its settings when it is opened, and would wait for a lock for a minute
            connection.execute(f"PRAGMA busy_timeout = {OPEN_SECONDS * 1000:.0f}")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            with ExitStack() as on_error:
                cache = diskcache.Cache(str(folder), timeout=WRITE_SECONDS, disk=PickleFreeDisk, **_SETTINGS)
                on_error.callback(cache.close)
                cache.get("")
                on_error.pop_all()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise UnusableStoreError(f"is damaged ({error})") from error
    return cache


def _check_content(path: Path, connection: sqlite3.Connection) -> None:
    """Raise `UnusableStoreError` if a database is not this program's, or has content that diskcache must not trust.

    `path` is the database file. An empty database is marked as this program's, and set up.
    """
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")}
    if not tables and not application:
        connection.execute("PRAGMA auto_vacuum = FULL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        return
    if application != APPLICATION_ID:
        raise UnusableStoreError("is not a store of this program")
    if version > VERSION:
        raise UnusableStoreError("was written by a later version of this program")
    if "Settings" in tables:
        # diskcache turns all settings that it finds into attributes and pragmas
        names = {row[0] for row in connection.execute("SELECT key FROM Settings")}
        if not names <= {*DEFAULT_SETTINGS, *METADATA}:
            raise UnusableStoreError("has settings that this program never writes")
    if "Cache" in tables:  # reads the index and a row: a truncated file fails here
        connection.execute("SELECT length(value) FROM Cache ORDER BY key DESC LIMIT 1").fetchall()
        connection.execute("SELECT length(value) FROM Cache ORDER BY rowid DESC LIMIT 1").fetchall()


def connect(path: Path, *pragmas: str, timeout: float = READ_SECONDS) -> sqlite3.Connection:
    """Return a connection to an SQLite file (created if missing), in autocommit mode and with `trusted_schema` off.

    `pragmas` are further settings, such as `cache_size = 100`. `timeout` is the number of seconds to wait for a lock.
    The connection may be used in any thread, but only in one at a time.
    """
    uri = path.absolute().as_uri()
    connection = sqlite3.connect(
        uri, uri=True, timeout=timeout, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    try:
        for pragma in ("trusted_schema = OFF", *pragmas):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def connect_readable(path: Path) -> sqlite3.Connection:
    """Return a connection for reading a database, even if its folder can't be written. The folder is not changed.

    The connection may be used in any thread, but only in one at a time. Raises `sqlite3.Error`, or `StoreError` if a
    copy is needed but no disk has room for it.
    """
    uri = path.absolute().as_uri()
    try:
        return _connect_by_uri(f"{uri}?mode=ro")
    except sqlite3.OperationalError:
        if not exists(path):
            raise
    log = path.with_name(f"{path.name}-wal")
    if not exists(log) or log.stat().st_size == 0:
        with suppress(sqlite3.OperationalError):
            return _connect_by_uri(f"{uri}?immutable=1")
    return _connect_to_copy(path, log)


def _connect_by_uri(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        uri, uri=True, timeout=LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _connect_to_copy(path: Path, log: Path) -> sqlite3.Connection:
    """Return a connection to a copy of a database and its log. The copy is deleted when the connection is closed."""
    size = path.stat().st_size + (log.stat().st_size if exists(log) else 0)
    folder = make_temporary_folder(size)
    try:
        for file in filter(Path.exists, (path, log)):
            shutil.copyfile(file, folder / file.name)
        connection = _connect_by_uri((folder / path.name).as_uri())
        connection.execute("PRAGMA query_only = ON")
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # SQLite has the files open: they go with the connection
    return connection


class ReadOnlyCache:
    """Reads the folder of a `diskcache.Cache` by the same methods, but never writes to it. Threads may share it."""

    def __init__(self, folder: Path, database: Path) -> None:
        """Open the store in `folder`, whose database file is `database`.

        Raises `sqlite3.Error` if the file can't be read, and `StoreError` if it is not a store that this version can
        read.
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


def file_id(path: Path) -> tuple[int, int]:
    """Return the device and inode of the file at `path`; `NO_FILE` if there is none.

    These numbers change when another file replaces the file.
    """
    try:
        status = path.stat()
    except OSError:
        return NO_FILE
    return status.st_dev, status.st_ino

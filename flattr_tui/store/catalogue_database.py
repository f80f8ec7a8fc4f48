"""The catalogue's SQLite file, opened for reading and writing by several threads and processes.

The file is derived from the stored responses, so a damaged one is deleted and created again. A file that can't be
written is still read. The first write then makes a copy in a temporary folder, which is used from then on, and deleted
on exit.

There are three connections: `reader` for the home thread, which opened the database (the event loop's thread); one for
reading in all other threads; and one for writing in any thread, one transaction at a time.
"""

import shutil
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from flattr_tui.paths import exists
from flattr_tui.store import catalogue_schema, change_log, revenue_table, saved_list_rows
from flattr_tui.store.errors import (
    CatalogueReplacedError,
    SearchCancelledError,
    StoreError,
    UnusableStoreError,
    UnwritableError,
)
from flattr_tui.store.safe_databases import NO_FILE, READ_SECONDS, connect, connect_readable, file_id
from flattr_tui.store.shared_files import NoticeCallback, file_lock, make_temporary_folder, to_unwritable

SCHEMA: Final = (*catalogue_schema.SCHEMA, *saved_list_rows.SCHEMA, *change_log.SCHEMA, *revenue_table.SCHEMA)
TABLES: Final = tuple(words[2] for words in map(str.split, SCHEMA) if words[1] == "TABLE")
DATA_VERSION: Final = 7
"""Increase this when the same tables are filled differently, so that existing catalogues are rebuilt."""
READ_CACHE_KB: Final = 4_096
"""Kilobytes of the file that each reading connection keeps in memory. 16 MB were not faster, and took 25 MB more."""
_FORMAT: Final = "\n".join([*SCHEMA, catalogue_schema.ENTITY_FIELDS, str(DATA_VERSION)])
VERSION: Final = zlib.crc32(_FORMAT.encode()) & 0x7FFF_FFFF
"""Version of the file's format, computed from the schema. A file of another version is created again."""
SILENT_SECONDS: Final = 0.8
"""Seconds that a write waits for another program's write before the user is told."""
BUSY_SECONDS: Final = 3.0
"""Seconds in total that a write waits before it goes to a copy of the file."""
CANCEL_CHECK_STEPS: Final = 20_000
"""Number of steps of SQLite's virtual machine (about a millisecond) between two calls of `is_cancelled`."""
Value = int | float | str | bytes | None
Values = Sequence[Value] | Mapping[str, Value]
"""Parameters of a query, by position or by name."""


class Result(list[tuple[Any, ...]]):
    """All rows of a query, as a list with the methods of an SQLite cursor."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the first row; None if there are no rows."""
        return self[0] if self else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows."""
        return self


class Database:
    """The open file of the catalogue. Sentences for the user are passed to `notice`."""

    reader: sqlite3.Connection
    """The connection for reading on the thread that opened the database."""

    def __init__(self, path: Path, notice: NoticeCallback) -> None:
        self.path = path
        self._temporary: Path | None = None
        """The folder of the temporary copy that is written instead of the file; None if the file itself is written."""
        self._is_read_only = False
        self._unwritable: UnwritableError | None = None
        self.is_new = False
        """Whether the file was created when it was opened."""
        self.replacement_reported = False
        """Whether the user has already been told that the file had to be replaced."""
        self._notice = notice
        self._lock_reported = False
        """Whether the user has been told, since the last write, that another program locks the file."""
        self._home = threading.get_ident()
        self._lock = threading.RLock()
        self._home_lock = threading.Lock()
        self._thread_lock = threading.Lock()
        self._closed = False
        self._depth = 0
        self._opened_file = NO_FILE

    @classmethod
    def open(cls, path: Path, *, notice: NoticeCallback, store: str = "") -> Self:
        """Open the catalogue at `path`, or create it.

        A damaged file, or one of another version, is replaced by an empty one. If the file can't be written, it is
        read, and writes go to a temporary copy. `store` is the identity of the response store from which the catalogue
        is derived (`ResponseStore.identity`). If the catalogue was derived from another store, all responses count as
        not yet ingested.
        """
        database = cls(path, notice)
        database._open()
        database.bind_to_store(store)
        return database

    @property
    def unwritable(self) -> UnwritableError | None:
        """Why writes go to a temporary copy, which is lost on exit; None if they go to the catalogue's own file."""
        return self._unwritable

    def _open(self) -> None:
        try:
            with file_lock(self.path):
                if exists(self.path):
                    try:
                        self._connect()
                    except UnusableStoreError as error:
                        self._report_replaced(str(error))
                    else:
                        return
                self._create()
        except (OSError, sqlite3.Error) as error:
            self._unwritable = to_unwritable(error, self.path)
            self._open_for_reading()

    def _create(self) -> None:
        """Delete the file and create an empty catalogue. The caller must hold the file's lock."""
        # The write-ahead log goes first: if it outlived its database, SQLite would replay it into the new one.
        for suffix in ("-wal", "-shm", ""):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        self.path.touch(mode=0o600)
        with closing(_connect(self.path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            for statement in SCHEMA:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")
        self.is_new = True
        self._connect()

    def _connect(self) -> None:
        """Open the connections. Raises `UnusableStoreError` if the file is damaged or of another version.

        The error's message is only the end of a sentence, to which the caller adds the beginning, 'The catalogue'.
        """
        try:
            self.reader = self._connect_to_read()
        except sqlite3.OperationalError:
            raise  # the file can't be opened at all, so its content is not the problem
        except sqlite3.DatabaseError as error:
            raise UnusableStoreError(f"is damaged ({error})") from error
        try:
            _check_version(self.reader)
            self._opened_file = file_id(self.path)
            self.reader.execute("PRAGMA query_only = ON")
            self._other = self._connect_to_read()
            self._writer = self._other if self._is_read_only else _connect(self.path)
        except UnusableStoreError:
            self.reader.close()
            raise
        except sqlite3.DatabaseError as error:
            self.reader.close()
            raise UnusableStoreError(f"is damaged ({error})") from error

    def _open_for_reading(self) -> None:
        """Open the file only for reading. If that fails, too, create an empty catalogue in a temporary folder."""
        try:
            self._is_read_only = True
            self._connect()
        except (OSError, sqlite3.Error, StoreError):
            self._is_read_only = False
            self._use_temporary_folder()
            self._create()

    def _use_temporary_folder(self, size: int = 0) -> None:
        self._temporary = make_temporary_folder(size)
        self.path = self._temporary / self.path.name

    def _move_to_temporary_folder(self) -> None:
        """Copy the file to a temporary folder, and use the copy from now on. The caller must hold the write lock.

        Raises `StoreError` if no folder can be written.
        """
        try:
            with closing(connect_readable(self.path)) as source:
                pages, size = (source.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
                self._use_temporary_folder(pages * size)
                self.path.touch(mode=0o600)
                with closing(_connect(self.path)) as target:
                    source.backup(target)
                    target.execute("PRAGMA journal_mode = WAL")
            with self._exclude_readers():
                self._disconnect()
                self._is_read_only = False
                self._connect()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The catalogue can't be written, here or in another folder: {error}.") from error

    def bind_to_store(self, store: str) -> None:
        """Store the identity of the response store from which the catalogue is derived.

        If another identity was stored before, all responses count as not yet ingested.
        """
        if self.read("SELECT 1 FROM meta WHERE name = 'store' AND value = ?", (store,)):
            return
        with self.writer() as connection:
            if self.get_meta(connection, "store") != store:
                connection.execute("DELETE FROM taken")
                connection.execute("DELETE FROM meta")
                connection.execute("INSERT INTO meta VALUES ('store', ?)", (store,))

    @staticmethod
    def get_meta(connection: sqlite3.Connection, name: str) -> Value:
        """Return the value called `name` from the table `meta`; None if it was never written."""
        found = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    def read_last_ingested(self, source: str | None = None) -> int:
        """Return the sequence number up to which the catalogue has all responses of `source`; None: of all sources."""
        sql = "SELECT coalesce(max(value), 0) FROM meta WHERE name IN ('upto', ?)"
        return int(self.read(sql, (f"upto/{source}",))[0][0])

    @classmethod
    def get_counter(cls, connection: sqlite3.Connection, name: str) -> int:
        """Return the integer called `name` from the table `meta`; 0 if it was never written."""
        value = cls.get_meta(connection, name)
        return value if isinstance(value, int) else 0

    @staticmethod
    def set_meta(connection: sqlite3.Connection, name: str, value: Value) -> None:
        """Write a value into the table `meta`."""
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextmanager
    def writer(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection for a write transaction, which is committed at the end of the `with` block.

        If the block raises an error, the transaction is rolled back. Any thread may use this. A `writer` inside another
        one belongs to the outer transaction. Raises `StoreError` if nothing can be written. Raises
        `CatalogueReplacedError` if the file was replaced: a damaged file by an empty one, or an unwritable file by a
        copy. The caller must then repeat the whole transaction.
        """
        with self._lock:
            if self._depth:
                yield self._writer
                return
            self._depth = 1
            try:
                self._begin()
                yield self._writer
                self._writer.execute("COMMIT")
            except sqlite3.IntegrityError as error:
                self._roll_back()
                raise StoreError(f"The catalogue can't be written: {error}.") from error
            except sqlite3.OperationalError as error:
                self._roll_back()
                if self._temporary is not None or error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_ERROR:
                    raise StoreError(f"The catalogue can't be written: {error}.") from error
                self._unwritable = to_unwritable(error, self.path)
                self._move_to_temporary_folder()
                raise CatalogueReplacedError(str(self._unwritable)) from error
            except sqlite3.DatabaseError as error:
                self._recreate(error)
                raise CatalogueReplacedError("The catalogue was damaged and is rebuilt.") from error
            except BaseException:  # a cancellation too: the next transaction must not begin inside this one
                self._roll_back()
                raise
            finally:
                self._depth = 0

    def _begin(self) -> None:
        """Begin a transaction. If the file can't be written, copy it first, and begin the transaction in the copy.

        Raises `sqlite3.Error`, and `StoreError` if the file can't be copied.
        """
        self._reopen_if_replaced()
        if self._is_read_only:
            self._move_to_temporary_folder()
        try:
            self._wait_and_begin()
        except sqlite3.OperationalError as error:
            if self._temporary is not None:
                raise
            self._unwritable = to_unwritable(error, self.path)
            self._move_to_temporary_folder()
            self._writer.execute("BEGIN IMMEDIATE")

    def _wait_and_begin(self) -> None:
        """Begin a transaction. If another program locks the file, tell the user, and wait up to `BUSY_SECONDS`.

        Raises `sqlite3.Error` if the file is still locked then, or can't be written.
        """
        end = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                    raise
                if not self._lock_reported:
                    self._lock_reported = True
                    self._notice(f"{to_unwritable(error, self.path).cause}: waiting for it.")
            else:
                self._lock_reported = False
                return

    def _connect_to_read(self) -> sqlite3.Connection:
        if self._is_read_only:
            return connect_readable(self.path)
        return _connect(self.path, READ_SECONDS, cache_kb=READ_CACHE_KB)

    def _reopen_if_replaced(self) -> None:
        """Reopen the file if another program has replaced it."""
        if file_id(self.path) == self._opened_file:
            return
        with self._exclude_readers():
            self._disconnect()
            self._open()

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def read(
        self, sql: str, values: Values = (), is_cancelled: Callable[[], bool] | None = None
    ) -> list[tuple[Any, ...]]:
        """Run a query in any thread, and return all its rows.

        If the file is damaged, it is created again, and no rows are returned. Raises `StoreError` if the file can't be
        read. `is_cancelled` is called from time to time, and once it returns True, `SearchCancelledError` is raised. In
        the thread that opened the database, it is not called.
        """
        try:
            if threading.get_ident() == self._home:
                with self._home_lock:
                    return self.reader.execute(sql, values).fetchall()
            return self._read_in_thread(sql, values, is_cancelled)
        except (sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            raise StoreError(f"The catalogue can't be read: {error}.") from error
        except sqlite3.DatabaseError as error:
            with self._lock:
                self._recreate(error)
            return []

    def _read_in_thread(
        self, sql: str, values: Values, is_cancelled: Callable[[], bool] | None
    ) -> list[tuple[Any, ...]]:
        """Return the rows of a query in a thread that did not open the database. Other such threads wait meanwhile."""
        with self._thread_lock:
            if self._closed:
                raise sqlite3.ProgrammingError("it is closed")
            if is_cancelled is None:
                return self._other.execute(sql, values).fetchall()
            return self._read_cancellable(sql, values, is_cancelled)

    def _read_cancellable(self, sql: str, values: Values, is_cancelled: Callable[[], bool]) -> list[tuple[Any, ...]]:
        if is_cancelled():
            raise SearchCancelledError
        self._other.set_progress_handler(is_cancelled, CANCEL_CHECK_STEPS)
        try:
            return self._other.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise SearchCancelledError from error
            raise
        finally:
            self._other.set_progress_handler(None, 0)

    def cancellable_read(self, is_cancelled: Callable[[], bool] | None) -> Callable[..., list[tuple[Any, ...]]]:
        """Return a function that runs queries as `read` does, and passes `is_cancelled` to `read` each time."""
        return lambda sql, values=(): self.read(sql, values, is_cancelled)

    def execute(self, sql: str, values: Values = ()) -> "Result":
        """Run a query in any thread, and return its rows as a `Result`, which has the methods of a cursor.

        The protocol `saved_list_rows.Queryable` requires this method.
        """
        return Result(self.read(sql, values))

    def _recreate(self, reason: sqlite3.DatabaseError) -> None:
        self._report_replaced(f"is damaged ({reason})")
        with self._exclude_readers():
            self._disconnect()
            with file_lock(self.path):
                self._create()

    def clear(self) -> None:
        """Delete all rows of all tables. The file itself stays, so that other programs see the change."""
        with self.writer() as connection:
            store = self.get_meta(connection, "store")
            connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")
            self.set_meta(connection, "store", store)

    def compact(self) -> bool:
        """Give the file's unused space back to the disk. Returns False if another program is using the file.

        Raises `StoreError` if the file can't be written.
        """
        with self._lock:
            try:
                self._reopen_if_replaced()
                self._writer.execute("VACUUM")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                    return False
                raise StoreError(f"The catalogue can't be written: {error}.") from error
        return True

    def _report_replaced(self, what: str) -> None:
        self.replacement_reported = True
        self._notice(f"The catalogue {what}, and is rebuilt from what is saved. Nothing is lost.")

    def _disconnect(self) -> None:
        for connection in (self._writer, self._other, self.reader):
            with suppress(sqlite3.Error):  # closing a damaged file may fail too
                connection.close()

    @contextmanager
    def _exclude_readers(self) -> Iterator[None]:
        """Keep all threads from reading. If a connection were closed during a query, the process would crash."""
        with self._home_lock, self._thread_lock:
            yield

    def close(self) -> None:
        """Interrupt the queries of other threads and close all connections. A temporary copy is deleted."""
        self._closed = True
        self._other.interrupt()
        with self._lock, self._exclude_readers():
            self._disconnect()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)


def _check_version(connection: sqlite3.Connection) -> None:
    """Raise `UnusableStoreError` for a catalogue of another version, `sqlite3.DatabaseError` for an incomplete file."""
    if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        raise UnusableStoreError("was not made by this version of the program")
    for table in TABLES:  # a truncated file fails here
        connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchall()
    for table in ("item", "body", "text", "block"):
        connection.execute(f"SELECT * FROM {table} ORDER BY rowid DESC LIMIT 1").fetchall()


def _connect(path: Path, timeout: float = SILENT_SECONDS, *, cache_kb: int = 16_384) -> sqlite3.Connection:
    # A power cut may lose the last transactions, which are repeated from the store, but damages nothing.
    pragmas = ("synchronous = NORMAL", "temp_store = MEMORY", f"cache_size = -{cache_kb}")
    return connect(path, *pragmas, timeout=timeout)

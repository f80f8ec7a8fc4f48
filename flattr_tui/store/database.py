"""The catalogue's SQLite file: derived from the stored responses, and so deleted and made anew when it is no good.

Three connections: `reader`, for the thread that opened it (the event loop's), one for reading in all others, and one
that writes, in whichever thread, one transaction at a time. Several processes share the file.
"""

import shutil
import sqlite3
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from flattr_tui.store import list_rows, revenue_table, schema
from flattr_tui.store.atomic_files import Notice, locked
from flattr_tui.store.errors import GivenUpError, RenewedError, StoreError, UnusableStoreError

SCHEMA: Final = (*schema.SCHEMA, *list_rows.SCHEMA, *revenue_table.SCHEMA)
TABLES: Final = tuple(words[2] for words in map(str.split, SCHEMA) if words[1] == "TABLE")
FORM: Final = 4
"""Raised when the same tables are filled in another way."""
VERSION: Final = zlib.crc32("\n".join([*SCHEMA, schema.FORM, str(FORM)]).encode()) & 0x7FFF_FFFF
"""Changes with the schema, so that nobody forgets to: a file of another version is made anew."""
BUSY_SECONDS: Final = 20
GLANCE: Final = 20_000
"""Steps of SQLite's machine (about a millisecond) between two looks whether a query is still waited for."""
Value = int | float | str | bytes | None
Values = Sequence[Value] | Mapping[str, Value]
"""What the places of a query stand for, by their order or by their names."""


class Result(list[tuple[Any, ...]]):
    """Rows that were read, asked for as of a cursor."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the first row."""
        return self[0] if self else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows."""
        return self


class Database:
    """See the module."""

    reader: sqlite3.Connection
    """For reading on the thread that opened the database; sees what was committed, by any process."""

    def __init__(self, path: Path, notice: Notice, *, temporary: bool = False) -> None:
        self.path = path
        self.temporary = temporary
        """Whether it is gone when the program ends, since nothing could be written where it belongs."""
        self.fresh = False
        """Whether it was begun anew when it was opened."""
        self.told = False
        """Whether it was told that the file had to be replaced."""
        self._notice = notice
        self._home = threading.get_ident()
        self._lock = threading.RLock()
        self._here = threading.Lock()
        self._elsewhere = threading.Lock()
        self._closed = False
        self._depth = 0
        self._mark = (0, 0)

    @classmethod
    def open(cls, path: Path, *, notice: Notice, store: str = "") -> Self:
        """Open the catalogue at `path`, or begin one.

        `store` is the identity of the response store that it is made from (`ResponseStore.identity`): what was taken
        from another one does not count as taken. A damaged file, or one of another version, is replaced, which
        `notice` tells; where nothing can be written, a temporary one takes its place.
        """
        database = cls(path, notice)
        try:
            database._open()
        except (OSError, sqlite3.Error):
            database = cls(Path(tempfile.mkdtemp(prefix="flattr-tui-")) / path.name, notice, temporary=True)
            database._open()
        database.follow(store)
        return database

    def _open(self) -> None:
        with locked(self.path):
            if self.path.exists():
                try:
                    self._connect()
                except UnusableStoreError as error:
                    self._tell(str(error))
                else:
                    return
            self._make()

    def _make(self) -> None:
        """Delete what is there and begin anew; the caller holds the file's lock."""
        # The log goes first: one that outlived its database would be played into the new one.
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
        self.fresh = True
        self._connect()

    def _connect(self) -> None:
        """Open both connections; raises `UnusableStoreError` saying what is wrong with the file."""
        try:
            self.reader = _connect(self.path)
        except sqlite3.OperationalError:
            raise  # it can't be opened, whatever is in it
        except sqlite3.DatabaseError as error:
            raise UnusableStoreError(f"is damaged ({error})") from error
        try:
            _check(self.reader)
            self._mark = _mark(self.path)
            self.reader.execute("PRAGMA query_only = ON")
            self._other = _connect(self.path)
            self._writer = _connect(self.path)
        except UnusableStoreError:
            self.reader.close()
            raise
        except sqlite3.DatabaseError as error:
            self.reader.close()
            raise UnusableStoreError(f"is damaged ({error})") from error

    def follow(self, store: str) -> None:
        """Be made from the store of this identity: what was taken from another one does not count as taken."""
        with self.writer() as connection:
            if self.fact(connection, "store") != store:
                connection.execute("DELETE FROM taken")
                connection.execute("DELETE FROM meta")
                connection.execute("INSERT INTO meta VALUES ('store', ?)", (store,))

    @staticmethod
    def fact(connection: sqlite3.Connection, name: str) -> Value:
        """Read a small fact; None where it was never written."""
        found = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    @classmethod
    def number(cls, connection: sqlite3.Connection, name: str) -> int:
        """Read a small fact that is a number; 0 where it was never written."""
        value = cls.fact(connection, name)
        return value if isinstance(value, int) else 0

    @staticmethod
    def set_fact(connection: sqlite3.Connection, name: str, value: Value) -> None:
        """Write a small fact."""
        connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextmanager
    def writer(self) -> Iterator[sqlite3.Connection]:
        """Write: everything inside is one transaction, kept whole or not at all. Nests; safe in any thread.

        Raises `StoreError` where it can't be written, and `RenewedError` when the database turned out to be damaged
        and was begun anew.
        """
        with self._lock:
            if self._depth:
                yield self._writer
                return
            self._depth = 1
            try:
                self._look()
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.execute("COMMIT")
            except (sqlite3.OperationalError, sqlite3.IntegrityError) as error:
                self._roll_back()
                raise StoreError(f"The catalogue can't be written: {error}.") from error
            except sqlite3.DatabaseError as error:
                self._renew(error)
                raise RenewedError("The catalogue was damaged; it is made anew.") from error
            except BaseException:
                self._roll_back()
                raise
            finally:
                self._depth = 0

    def _look(self) -> None:
        """Follow when another program has put a new file in the place of this one."""
        if _mark(self.path) == self._mark:
            return
        with self._alone():
            self._disconnect()
            self._open()

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def read(self, sql: str, values: Values = (), given_up: Callable[[], bool] | None = None) -> list[tuple[Any, ...]]:
        """Read all rows, in any thread; a damaged database is begun anew, and then there are none.

        `given_up` is asked now and then (outside the home thread) whether nobody waits for them any more; then
        `GivenUpError` is raised. Raises `StoreError` where the file can't be read at all.
        """
        try:
            if threading.get_ident() == self._home:
                with self._here:
                    return self.reader.execute(sql, values).fetchall()
            return self._read_elsewhere(sql, values, given_up)
        except (sqlite3.OperationalError, sqlite3.ProgrammingError) as error:
            raise StoreError(f"The catalogue can't be read: {error}.") from error
        except sqlite3.DatabaseError as error:
            with self._lock:
                self._renew(error)
            return []

    def _read_elsewhere(self, sql: str, values: Values, given_up: Callable[[], bool] | None) -> list[tuple[Any, ...]]:
        """Read in another thread than the home one: a long query must not hold up the event loop's."""
        with self._elsewhere:
            if self._closed:
                raise sqlite3.ProgrammingError("it is closed")
            if given_up is None:
                return self._other.execute(sql, values).fetchall()
            return self._read_while_waited_for(sql, values, given_up)

    def _read_while_waited_for(self, sql: str, values: Values, given_up: Callable[[], bool]) -> list[tuple[Any, ...]]:
        if given_up():
            raise GivenUpError
        self._other.set_progress_handler(given_up, GLANCE)
        try:
            return self._other.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise GivenUpError from error
            raise
        finally:
            self._other.set_progress_handler(None, 0)

    def until(self, given_up: Callable[[], bool] | None) -> Callable[..., list[tuple[Any, ...]]]:
        """Give a `read` that ends with `GivenUpError` once nobody waits for it any more."""
        return lambda sql, values=(): self.read(sql, values, given_up)

    def execute(self, sql: str, values: Values = ()) -> "Result":
        """Read as with `read`; the answer is used as a cursor is, so that what reads need not know which it has."""
        return Result(self.read(sql, values))

    def _renew(self, reason: sqlite3.DatabaseError) -> None:
        self._tell(f"is damaged ({reason})")
        with self._alone():
            self._disconnect()
            with locked(self.path):
                self._make()

    def clear(self) -> None:
        """Begin anew because somebody asked for it: in the same file, so that other programs see it."""
        with self.writer() as connection:
            store = self.fact(connection, "store")
            connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
            for table in TABLES:
                connection.execute(f"DELETE FROM {table}")
            self.set_fact(connection, "store", store)

    def compact(self) -> bool:
        """Give the room of what was deleted back to the disk; False where another program is in the way.

        Raises `StoreError` where the catalogue can't be written for another reason.
        """
        with self._lock:
            try:
                self._look()
                self._writer.execute("VACUUM")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                    return False
                raise StoreError(f"The catalogue can't be written: {error}.") from error
        return True

    def _tell(self, what: str) -> None:
        self.told = True
        self._notice(f"The catalogue {what}: it is made anew from what is saved. Nothing is lost.")

    def _disconnect(self) -> None:
        for connection in (self._writer, self._other, self.reader):
            with suppress(sqlite3.Error):  # a damaged file may not even close in peace
                connection.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait until nobody reads: a connection that is closed under a query takes the whole program with it."""
        with self._here, self._elsewhere:
            yield

    def close(self) -> None:
        """Close the file, whatever is being read in other threads ends; a temporary one is deleted."""
        self._closed = True
        self._other.interrupt()
        with self._lock, self._alone():
            self._disconnect()
        if self.temporary:
            shutil.rmtree(self.path.parent, ignore_errors=True)


def _mark(path: Path) -> tuple[int, int]:
    """Tell one file from another that took its place."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


def _check(connection: sqlite3.Connection) -> None:
    """Raise `UnusableStoreError` or `sqlite3.DatabaseError` where the file is not a whole catalogue of this version."""
    if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        raise UnusableStoreError("is of another version")
    for table in TABLES:  # a file that was cut short shows here
        connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchall()
    for table in ("item", "body", "text", "block"):
        connection.execute(f"SELECT * FROM {table} ORDER BY rowid DESC LIMIT 1").fetchall()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    # No waiting for the disk: kill -9 loses nothing of it, and after a power cut it can be made anew.
    for pragma in ("synchronous = OFF", "temp_store = MEMORY", "cache_size = -16384", "trusted_schema = OFF"):
        try:
            connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
    return connection

"""Opens the world's SQLite file, seeding it when it is new: whole or not at all, whoever else opens it meanwhile."""

import calendar
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flattr_tui.sandbox import schema
from flattr_tui.sandbox.seed import END, Seeder

COLLECTOR = "collector"


def connect(path: Path | None, *, seed: int, scale: int) -> sqlite3.Connection:
    """Open the world kept at `path` (None: in memory).

    A file that is new, or not a world of this version, is seeded in a file beside it and renamed into place, so that a
    kill in the middle leaves no half world, and of two that start at once both find a whole one.
    """
    if path is None:
        connection = _open(":memory:")
        _seed(connection, seed, scale)
        return connection
    if not _is_world(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists():
            path.rename(path.with_name(f"{path.name}.set-aside-{int(path.stat().st_mtime)}"))
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        os.close(handle)
        try:
            connection = _open(name)
            connection.executescript("PRAGMA journal_mode=off; PRAGMA synchronous=off")
            _seed(connection, seed, scale)
            connection.close()
            with suppress(FileExistsError):  # another process was quicker, and its world is the same
                os.link(name, path)
        finally:
            Path(name).unlink(missing_ok=True)
    connection = _open(str(path))
    connection.execute("PRAGMA journal_mode=wal")
    connection.execute("PRAGMA synchronous=normal")
    return connection


def _open(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=10)
    connection.row_factory = sqlite3.Row
    return connection


def _is_world(path: Path) -> bool:
    if not path.exists():
        return False
    connection = sqlite3.connect(path, timeout=10)
    try:
        return bool(connection.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION)
    except sqlite3.DatabaseError:
        return False  # no SQLite file: set aside by the caller, never overwritten
    finally:
        connection.close()


def _seed(connection: sqlite3.Connection, seed: int, scale: int) -> None:
    connection.executescript(schema.TABLES)
    connection.execute("BEGIN")
    Seeder(seed).fill(connection)
    if scale:
        _collect(connection, scale)
    connection.execute("COMMIT")
    connection.executescript(schema.INDEXES)
    connection.execute(f"PRAGMA user_version={schema.VERSION}")


def _collect(connection: sqlite3.Connection, scale: int) -> None:
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
        schema.COLLECT, {"scale": scale, "user": user, "things": things, "start": start, "step": END - start - 1}
    )
    connection.execute("DROP TABLE numbered")


class Store:
    """One connection shared by threads: a lock around each reading and each transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Read all rows; a number that no SQLite integer holds finds none."""
        if any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in values):
            return []
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Read the first row."""
        rows = self.all(sql, *values)
        return rows[0] if rows else None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write: all of it, or nothing when an exception leaves the block."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

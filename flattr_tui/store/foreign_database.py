"""Reads an SQLite database that another program wrote, without trusting it.

The database is read into memory, where it can change nothing, and only its ordinary tables can be read: views and
virtual tables could run for ever. Source: https://www.sqlite.org/security.html
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

SQLITE: Final = b"SQLite format 3\0"
_WRITE_AHEAD: Final = slice(18, 20)
"""Position of the bytes that say whether a database has a write-ahead log, which is impossible in memory."""
_PAGE_COUNT: Final = slice(28, 32)
"""Position in the file of the number of pages. SQLite counts the pages itself if the number is zero.

So it also reads a truncated file. Source: https://www.sqlite.org/fileformat.html
"""
_MAX_STEPS: Final = 200
"""Maximum number of steps of SQLite's virtual machine, in millions. A database that needs more is malicious."""
_TABLES: Final = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0"
"""The query for the names of the ordinary tables. Virtual tables have no root page."""


class ForeignDatabaseError(Exception):
    """Raised if a database of another program can't be read, or can't be read to its end."""


class ForeignDatabase:
    """An open database of another program. All methods raise `ForeignDatabaseError` if the database is damaged."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def tables(self) -> list[str]:
        """Return the names of the ordinary tables. Views and virtual tables are left out."""
        return [row["name"].decode("utf-8", "replace") for row in self.select(_TABLES)]

    def rows(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a table as dictionaries by column name. Texts are bytes."""
        return self.select('SELECT * FROM "{}"'.format(table.replace('"', '""')))

    def select(self, query: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of a query as dictionaries by column name. Texts are bytes."""
        try:
            found = self._connection.execute(query)
            names = [column[0] for column in found.description]
            for row in found:
                yield dict(zip(names, row, strict=True))
        except (sqlite3.Error, ValueError) as error:  # ValueError: a damaged name, also in SQLite's message
            raise ForeignDatabaseError from error


@contextmanager
def open_foreign_database(data: bytes) -> Iterator[ForeignDatabase]:
    """Yield the database in `data`, which is the content of a file.

    Raises `ForeignDatabaseError` if it can't be opened. A value that is longer than the file counts as damage.
    """
    plain = bytearray(data)
    plain[_WRITE_AHEAD], plain[_PAGE_COUNT] = b"\1\1", bytes(4)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.text_factory = bytes
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, len(data))
        steps = iter(range(_MAX_STEPS))
        connection.set_progress_handler(lambda: next(steps, None) is None, 1_000_000)
        try:
            connection.deserialize(plain)
            del plain  # SQLite has a copy
        except sqlite3.Error as error:
            raise ForeignDatabaseError from error
        yield ForeignDatabase(connection)

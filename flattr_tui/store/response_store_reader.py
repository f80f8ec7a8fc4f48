"""Reads the database of a response store directly: its rows and their sizes, without opening the store for use.

Nothing is created, repaired or set aside. Other programs may use the store at the same time.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from flattr_tui.paths import exists
from flattr_tui.store.errors import CorruptRowError, StoreError
from flattr_tui.store.safe_databases import DATABASE, PickleFreeDisk, connect_readable
from flattr_tui.store.shared_files import database_files, list_set_aside
from flattr_tui.store.stored_response import RESPONSE, decode_fetched_at, parse_tag

StepProgress = Callable[[str, int, int | None], None]
"""Called with the current step in words, the number done, and the total (None if unknown)."""


class RawRow(NamedTuple):
    """A row of a response store's database, as diskcache stores it. Its values are unchecked."""

    key: object
    raw: object
    tag: object
    mode: object
    filename: object
    value: object
    size: object

    @property
    def sequence(self) -> int | None:
        """Sequence number of the response; None if the row is not a response."""
        if not isinstance(self.key, str) or not self.key.startswith(RESPONSE):
            return None
        number = self.key.removeprefix(RESPONSE)
        return int(number) if number.isdecimal() else None


class ResponsesDatabase:
    """The database of a response store, open for reading. `len()` returns the number of rows."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self._folder = folder
        self._connection = connection
        self._disk = PickleFreeDisk(str(folder))

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator["ResponsesDatabase"]:
        """Yield the database of the store in `folder`. Raises `StoreError` if it can't be read."""
        with open_read_only(folder / DATABASE) as connection:
            yield cls(folder, connection)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query and return all rows."""
        return self._connection.execute(sql).fetchall()

    def __len__(self) -> int:
        return int(self.execute("SELECT count(*) FROM Cache")[0][0])

    def rows(self) -> Iterator[RawRow]:
        """Yield all rows, sorted by key."""
        found = self._connection.execute("SELECT key, raw, tag, mode, filename, value, size FROM Cache ORDER BY key")
        yield from map(RawRow._make, found)

    def data(self, row: RawRow) -> bytes:
        """Return the value of a row, from the row itself or from its file. Raises `CorruptRowError` if damaged."""
        return self._disk.fetch(row.mode, row.filename, row.value, read=False)


@contextmanager
def open_read_only(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection for reading a database. Raises `StoreError`, with advice, if it can't be read."""
    try:
        with closing(connect_readable(path)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"{path} can't be read ({error}): `flattr-tui cache verify` says more.") from error


class AccountUsage(msgspec.Struct, frozen=True):
    """How many responses are stored for one account of one source, and their size and age."""

    source: str
    account: str
    """User name of the login; "" for public responses."""
    responses: int
    bytes: int
    """Size on disk in bytes, compressed."""
    oldest: float | None
    """When the oldest response was fetched, in Unix seconds; None if none is readable."""
    newest: float | None
    """When the newest response was fetched, in Unix seconds; None if none is readable."""


class DiskUsage(msgspec.Struct, frozen=True):
    """How many bytes on disk the parts of the saved data use."""

    bodies: int
    """Size of the responses, compressed."""
    index: int
    """Size of the catalogue's files."""
    files: int
    """Size of the response store's files, including the responses."""
    set_aside: int
    """Size of everything that was set aside."""


class StoreInfo(msgspec.Struct, frozen=True):
    """How many responses are stored, in total and for each account, and how much disk space is used."""

    responses: int
    """Number of responses."""
    bytes: DiskUsage
    accounts: tuple[AccountUsage, ...]


def collect_info(responses: Path, catalogue: Path, progress: StepProgress) -> StoreInfo:
    """Return how many responses are stored, and how much disk space the store and the catalogue use.

    `responses` is the store's folder, and `catalogue` the catalogue's file. Stores and files that were set aside count
    in the disk space. `progress` is called while the store is read. Raises `StoreError` if the store is damaged.
    """
    held = tuple(_account_usage(responses, progress)) if exists(responses / DATABASE) else ()
    sizes = DiskUsage(
        bodies=sum(one.bytes for one in held),
        index=sum(size_of(path) for path in database_files(catalogue)),
        files=size_of(responses),
        set_aside=sum(size_of(path) for path in list_set_aside(responses.parent)),
    )
    return StoreInfo(sum(one.responses for one in held), sizes, held)


def _account_usage(folder: Path, progress: StepProgress) -> Iterator[AccountUsage]:
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    dates: dict[tuple[str, str], list[float]] = {}
    with ResponsesDatabase.open(folder) as raw:
        total = len(raw)
        for done, row in enumerate(raw.rows()):
            if row.sequence is None or not isinstance(row.tag, str):
                continue
            whose = parse_tag(row.tag)
            size = row.size if row.filename else len(row.value) if isinstance(row.value, bytes) else 0
            number, taken = counts.get(whose, (0, 0))
            counts[whose] = number + 1, taken + (size if isinstance(size, int) else 0)
            progress("reading the dates of what is saved", done, total)
            try:
                at = decode_fetched_at(raw.data(row), row.sequence)
            except CorruptRowError:
                continue  # counted nevertheless; `verify` names it
            oldest, newest = dates.setdefault(whose, [at, at])
            dates[whose] = [min(oldest, at), max(newest, at)]
    for (source, account), (number, taken) in sorted(counts.items()):
        first, last = dates.get((source, account), (None, None))
        yield AccountUsage(source, account, number, taken, first, last)


def size_of(path: Path) -> int:
    """Return the size in bytes of a file, or of all files in a folder; 0 if it does not exist."""
    try:
        if path.is_symlink() or not path.is_dir():
            return path.lstat().st_size
        return sum(size_of(inner) for inner in path.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return 0

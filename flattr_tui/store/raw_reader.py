"""Looking at what is kept without opening it: how much there is, and whether all of it is whole.

Nothing is made, mended or set aside by looking, and another program may have the stores open meanwhile.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.store.atomic_files import quarantined
from flattr_tui.store.errors import CorruptRowError, StoreError
from flattr_tui.store.safe_disk import DATABASE, SafeDisk, connect
from flattr_tui.store.stored_response import decode_dates, read_tag

Progress = Callable[[str, int, int | None], None]
"""Takes what is being done, how much of it is, and how much there is (None: not known)."""
RESPONSE: Final = "r/"
"""What the key of a response begins with."""


class RawRow(NamedTuple):
    """A row of the store as it stands in its database, nothing of it believed yet."""

    key: object
    raw: object
    tag: object
    mode: object
    filename: object
    value: object
    size: object

    @property
    def sequence(self) -> int | None:
        """The number of a response; None for what is none."""
        if not isinstance(self.key, str) or not self.key.startswith(RESPONSE):
            return None
        number = self.key.removeprefix(RESPONSE)
        return int(number) if number.isdecimal() else None


class Raw:
    """The store's database, for reading alone. Raises `StoreError` where it can't be read."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self._folder = folder
        self._connection = connection
        self._disk = SafeDisk(str(folder))

    @classmethod
    @contextmanager
    def open(cls, folder: Path) -> Iterator["Raw"]:
        """Open it for as long as the context is open."""
        with reading(folder / DATABASE) as connection:
            yield cls(folder, connection)

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query, and return all rows."""
        return self._connection.execute(sql).fetchall()

    def __len__(self) -> int:
        return int(self.execute("SELECT count(*) FROM Cache")[0][0])

    def rows(self) -> Iterator[RawRow]:
        """Read all rows, in the order of their keys."""
        found = self._connection.execute("SELECT key, raw, tag, mode, filename, value, size FROM Cache ORDER BY key")
        yield from map(RawRow._make, found)

    def data(self, row: RawRow) -> bytes:
        """Return what a row holds, in itself or in its file; raises `CorruptRowError`."""
        return self._disk.fetch(row.mode, row.filename, row.value, read=False)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading; raises `StoreError` saying what to do where that can't be done."""
    try:
        with closing(connect(path, read_only=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StoreError(f"{path} can't be read ({error}): `flattr-tui cache verify` says more.") from error


class Held(msgspec.Struct, frozen=True):
    """What is kept of one account of one source."""

    source: str
    account: str
    """"" for what everybody may read."""
    responses: int
    bytes: int
    oldest: float | None
    """Unix seconds: when the oldest response came; None where none of them can be read."""
    newest: float | None


class Sizes(msgspec.Struct, frozen=True):
    """Bytes by what they are for."""

    bodies: int
    """What the responses hold."""
    index: int
    """What the catalogue takes on disk."""
    files: int
    """What the store of responses takes on disk, bodies included."""
    set_aside: int
    """What was set aside takes on disk."""


class Info(msgspec.Struct, frozen=True):
    """How much is kept."""

    responses: int
    bytes: Sizes
    accounts: tuple[Held, ...]


def info(responses: Path, catalogue: Path, progress: Progress) -> Info:
    """Count what is kept in the store at `responses` and in its catalogue; raises `StoreError` for one damaged."""
    held = tuple(_held(responses, progress)) if (responses / DATABASE).exists() else ()
    sizes = Sizes(
        bodies=sum(one.bytes for one in held),
        index=sum(size_of(path) for path in database_files(catalogue)),
        files=size_of(responses),
        set_aside=sum(size_of(path) for path in quarantined(responses.parent)),
    )
    return Info(sum(one.responses for one in held), sizes, held)


def _held(folder: Path, progress: Progress) -> Iterator[Held]:
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    dates: dict[tuple[str, str], list[float]] = {}
    with Raw.open(folder) as raw:
        total = len(raw)
        for done, row in enumerate(raw.rows()):
            if row.sequence is None or not isinstance(row.tag, str):
                continue
            whose = read_tag(row.tag)
            size = row.size if row.filename else len(row.value) if isinstance(row.value, bytes) else 0
            number, taken = counts.get(whose, (0, 0))
            counts[whose] = number + 1, taken + (size if isinstance(size, int) else 0)
            progress("reading the dates of what is saved", done, total)
            try:
                at = decode_dates(raw.data(row), row.sequence)
            except CorruptRowError:
                continue  # counted all the same; `verify` names it
            oldest, newest = dates.setdefault(whose, [at, at])
            dates[whose] = [min(oldest, at), max(newest, at)]
    for (source, account), (number, taken) in sorted(counts.items()):
        first, last = dates.get((source, account), (None, None))
        yield Held(source, account, number, taken, first, last)


def database_files(path: Path) -> list[Path]:
    """Name a database and what SQLite puts beside it, as far as they are there."""
    return [file for suffix in ("", "-wal", "-shm") if (file := path.with_name(path.name + suffix)).exists()]


def size_of(path: Path) -> int:
    """Count the bytes of a file, or of all files in a folder; what vanishes meanwhile counts nothing."""
    try:
        if path.is_symlink() or not path.is_dir():
            return path.lstat().st_size
        return sum(size_of(inner) for inner in path.iterdir())
    except FileNotFoundError:
        return 0

"""Whether all that is kept is whole, and what to do about what is not. Nothing is mended but what is asked for."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from flattr_tui.store import database
from flattr_tui.store.atomic_files import quarantined
from flattr_tui.store.errors import CorruptRowError, StoreError
from flattr_tui.store.raw_reader import Progress, Raw, RawRow, reading, size_of
from flattr_tui.store.responses import FACTS, IDENTITY
from flattr_tui.store.safe_disk import APPLICATION_ID, DATABASE, FILE_NAME, VERSION, connect
from flattr_tui.store.schema import decode_fields
from flattr_tui.store.stored_response import decode, decode_note, decode_pointer

REBUILD: Final = "`flattr-tui cache rebuild` makes it anew, and nothing is lost."
AGAIN: Final = "look at its page again, which fetches it, or import it from a bundle; nothing else is concerned."
SHOWN: Final = 3
"""Complaints of SQLite that are told."""


class SetAside(NamedTuple):
    """A store or file that could not be used, and was renamed."""

    path: Path
    bytes: int


class Verified(NamedTuple):
    """What came of looking at everything."""

    responses: int
    """Those that can be read."""
    findings: tuple[str, ...]
    """What is wrong, each a sentence that says what to do."""
    swept: int
    """Files without a row that were removed."""
    quarantined: tuple[SetAside, ...]
    """What was set aside at some time: nothing wrong now."""


class _Catalogue(NamedTuple):
    """What the catalogue says of the responses."""

    store: str
    upto: int
    taken: frozenset[int]


def verify(responses: Path, catalogue: Path, progress: Progress, *, sweep: bool = False) -> Verified:
    """Look at every row and file of the store at `responses` and of its catalogue.

    With `sweep` files that belong to no row are removed, where the store is whole. Raises `StoreError` where the store
    can't be locked for that.
    """
    progress("checking the catalogue", 0, None)
    # The catalogue comes first: what another program takes in meanwhile is then not missed in it.
    found, told = _look_at_catalogue(catalogue)
    findings = [*found]
    store = _Store(responses, progress)
    findings += store.findings()
    if told is not None:
        findings += store.compare(told)
    orphans, swept = store.orphans(), 0
    if orphans and sweep and store.whole:
        swept = len(orphans)
        for path in orphans:
            path.unlink(missing_ok=True)
    elif orphans:
        does = (
            "`flattr-tui cache verify --sweep` removes"
            if store.whole
            else "once the database is whole, --sweep removes"
        )
        them = f"{len(orphans):,} files" if len(orphans) > 1 else "One file"
        findings.append(
            f"{them} of the store {'belong' if len(orphans) > 1 else 'belongs'} to no row, as after a crash"
            f" ({orphans[0].relative_to(responses)}): {does} {'them' if len(orphans) > 1 else 'it'}."
        )
    aside = tuple(SetAside(path, size_of(path)) for path in quarantined(responses.parent))
    return Verified(len(store.readable), tuple(findings), swept, aside)


class _Store:
    def __init__(self, folder: Path, progress: Progress) -> None:
        self._folder = folder
        self._progress = progress
        self.whole = False
        """Whether the database can be believed in what files it has."""
        self.readable: set[int] = set()
        self._identity = ""

    def findings(self) -> Iterator[str]:
        path = self._folder / DATABASE
        if not path.exists():
            if any(self._folder.glob("??/??/*.val")):
                yield (
                    f"{path} is gone, and files of it are left: put it back if you have a copy;"
                    " without it they can't be read."
                )
            return
        try:
            with Raw.open(self._folder) as raw:
                yield from self._database(raw)
                yield from self._rows(raw)
        except StoreError as error:
            self.whole = False
            yield self._damaged(str(error.__cause__ or error))

    def _damaged(self, reason: str) -> str:
        return (
            f"The store's database is damaged ({reason}): copy {self._folder} to a safe place, pack what can be read"
            " with `flattr-tui bundle FILE`, move the folder away, and `flattr-tui import FILE`."
        )

    def _database(self, raw: Raw) -> Iterator[str]:
        application, version = (raw.execute(f"PRAGMA {name}")[0][0] for name in ("application_id", "user_version"))
        if application != APPLICATION_ID:
            yield f"{self._folder} is no store of this program: it is set aside when the program is next started."
        elif version > VERSION:
            yield f"{self._folder} is of a later version of this program: use that one, or it is set aside."
        self._progress("checking the store's database", 0, None)
        complaints = [str(row[0]) for row in raw.execute("PRAGMA integrity_check")]
        self.whole = complaints == ["ok"] and application == APPLICATION_ID
        if complaints != ["ok"]:
            yield self._damaged("; ".join(complaints[:SHOWN]))

    def _rows(self, raw: Raw) -> Iterator[str]:
        total = len(raw)
        for done, row in enumerate(raw.rows()):
            try:
                self._read(raw, row)
            except CorruptRowError as error:
                yield f"{str(error).rstrip('.')}: {AGAIN}"
            self._progress("reading what is saved", done, total)

    def _read(self, raw: Raw, row: RawRow) -> None:
        """Read one row as what its key says it is; raises `CorruptRowError`."""
        if not row.raw or not isinstance(row.key, str):
            raise CorruptRowError("A row of the store has a key that this program never writes")
        try:
            data = raw.data(row)
        except CorruptRowError as error:
            raise CorruptRowError(f"{_named(row)} can't be read ({str(error).rstrip('.')})") from error
        if row.sequence is not None:
            decode(data, row.sequence, verify=True)
            self.readable.add(row.sequence)
        elif row.key.startswith("n/"):
            if decode_pointer(data) is None:
                raise CorruptRowError(f"{_named(row)} is damaged")
        elif row.key.startswith("c/"):
            decode_note(data)
        elif row.key == IDENTITY:
            self._identity = data.decode("ascii", errors="replace")
        elif row.key not in FACTS:
            raise CorruptRowError(f"{_named(row)} is none that this program writes")

    def compare(self, told: _Catalogue) -> Iterator[str]:
        """Say what the catalogue has that is no longer kept, and what it lacks."""
        if told.store != self._identity or not self.whole:
            return  # it is made anew from the store when it is next opened
        lacking = sum(number <= told.upto for number in self.readable - told.taken)
        if gone := len(told.taken - self.readable):
            yield f"The catalogue shows {gone:,} response{'s' * (gone != 1)} that can't be read any more: {REBUILD}"
        if lacking:
            yield f"The catalogue lacks {lacking:,} of the saved responses: {REBUILD}"

    def orphans(self) -> list[Path]:
        """Find files that belong to no row."""
        found = {str(path.relative_to(self._folder)) for path in self._folder.glob("??/??/*.val")}
        found = {name for name in found if FILE_NAME.fullmatch(name)}
        path = self._folder / DATABASE
        if not found or not path.exists():
            return []
        try:
            with closing(connect(path)) as connection:
                # Alone among all who write: a file is written before its row, and removed after it.
                connection.execute("BEGIN IMMEDIATE")
                rows = connection.execute("SELECT filename FROM Cache WHERE filename IS NOT NULL")
                found -= {name for (name,) in rows}
                left = [self._folder / name for name in sorted(found) if (self._folder / name).exists()]
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            raise StoreError(f"The store {self._folder} can't be locked ({error}): try again later.") from error
        except sqlite3.DatabaseError:
            return []  # said before
        return left


def _named(row: RawRow) -> str:
    if row.sequence is not None:
        return f"Saved response {row.sequence}"
    return f"The row {str(row.key)[:80]!r} of the store"


def _look_at_catalogue(path: Path) -> tuple[list[str], _Catalogue | None]:
    """Check the catalogue by itself, and read what it says of the responses."""
    if not path.exists():
        return [], None  # it is made when the program is next started
    try:
        with reading(path) as connection:
            connection.execute("BEGIN")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version != database.VERSION:
                return [f"The catalogue is of another version of this program: {REBUILD}"], None
            complaints = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            if complaints != ["ok"]:
                return [f"The catalogue is damaged ({'; '.join(complaints[:SHOWN])}): {REBUILD}"], None
            findings = [f"The catalogue's {what}: {REBUILD}" for what in _contradictions(connection)]
            facts = dict(connection.execute("SELECT name, value FROM meta"))
            taken = frozenset(row[0] for row in connection.execute("SELECT sequence FROM taken"))
    except StoreError as error:
        return [f"The catalogue is damaged ({error.__cause__ or error}): {REBUILD}"], None
    return findings, _Catalogue(str(facts.get("store", "")), int(facts.get("upto", 0)), taken)


_CONTRADICTIONS: Final = {
    "lists have other rows than they should": """SELECT count(*) FROM feed f
        WHERE f.high - f.low + 1 != (SELECT coalesce(sum(size), 0) FROM block WHERE feed = f.id)""",
    "lists have other items than they should": """SELECT count(*) FROM feed f
        WHERE f.saved != (SELECT count(*) FROM member WHERE feed = f.id)""",
    "index lacks texts": "SELECT count(*) FROM text WHERE id NOT IN (SELECT id FROM words_docsize)",
    "index has texts that are gone": "SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT id FROM text)",
}
"""What two tables may say differently, and how many rows do."""


def _contradictions(connection: sqlite3.Connection) -> Iterator[str]:
    """Find where tables say different things, and what can't be read."""
    for what, sql in _CONTRADICTIONS.items():
        if connection.execute(sql).fetchone()[0]:
            yield what
    try:
        for (entity,) in connection.execute("SELECT entity FROM body"):
            decode_fields(entity)
    except (msgspec.DecodeError, UnicodeDecodeError):
        yield "items can't be read"

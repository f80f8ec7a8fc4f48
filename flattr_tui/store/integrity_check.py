"""Checks the response store and the catalogue: either quickly, whether they can be used, or every row and file.

Nothing is created, changed, repaired or set aside. Only `verify` deletes files, and only with `sweep`.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from flattr_tui.paths import exists
from flattr_tui.store import catalogue_database
from flattr_tui.store.catalogue_schema import decode_fields
from flattr_tui.store.errors import CorruptRowError, StoreError
from flattr_tui.store.response_store import FACTS, IDENTITY
from flattr_tui.store.response_store_reader import RawRow, ResponsesDatabase, StepProgress, open_read_only, size_of
from flattr_tui.store.safe_databases import (
    APPLICATION_ID,
    DATABASE,
    VERSION,
    connect,
    connect_readable,
    list_value_files,
)
from flattr_tui.store.shared_files import database_files, describe_lock, list_set_aside, to_unwritable
from flattr_tui.store.stored_response import decode, decode_confirmation, decode_pointer, decode_unnumbered

SQLITE_VERSION: Final = sqlite3.sqlite_version
LOCK_SECONDS: Final = 0.5
"""A database that is locked for longer than these seconds counts as locked. Usual writes take milliseconds."""
CHECK_SECONDS: Final = 10.0
"""Maximum number of seconds for checking one database. A larger one is not checked to its end."""
_STEPS: Final = 100_000
"""Number of steps of SQLite's virtual machine between two looks at the clock."""
REBUILD_HINT: Final = "`flattr-tui cache rebuild` rebuilds it, and nothing is lost."
RESCUE_HINT: Final = "`flattr-tui cache rescue` recovers what can be read."
REFETCH_HINT: Final = "open its page again to fetch it, or import it from a bundle; nothing else is affected."
MAX_COMPLAINTS: Final = 3
"""Maximum number of SQLite's complaints about one database that are reported."""
_CONTRADICTIONS: Final = {
    "lists have other rows than they should": """SELECT count(*) FROM feed f
        WHERE f.high - f.low + 1 != (SELECT coalesce(sum(size), 0) FROM block WHERE feed = f.id)""",
    "lists have other items than they should": """SELECT count(*) FROM feed f
        WHERE f.saved != (SELECT count(*) FROM member WHERE feed = f.id)""",
    "index lacks texts": "SELECT count(*) FROM text WHERE id NOT IN (SELECT id FROM words_docsize)",
    "index has texts that are gone": "SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT id FROM text)",
}
"""For each problem, the rest of the sentence 'The catalogue's …', and a query that counts the affected rows."""


class Health(StrEnum):
    """The state of a database, in words that complete the sentence 'It is …'."""

    MISSING = "missing"
    SOUND = "sound"
    UNCHECKED = "too large to be checked in time"
    LOCKED = "locked"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    FOREIGN = "not of this program"
    LATER = "of a later version"
    OTHER = "of another version"


class DatabaseHealth(msgspec.Struct, frozen=True):
    """The result of a quick check of a database."""

    health: Health
    reason: str = ""
    """Why the database is locked, unreadable or damaged; "" if it is none of these."""
    is_writable: bool = False
    rows: int | None = None
    """Number of responses in the store, or of lists in the catalogue; None if they can't be counted."""
    bytes: int = 0
    """Size of the database on disk in bytes, with its write-ahead log."""


def check_store(folder: Path) -> DatabaseHealth:
    """Check quickly whether the response store in a folder can be used."""
    path = folder / DATABASE
    if exists(folder) and not os.access(folder, os.R_OK | os.X_OK):
        return DatabaseHealth(Health.UNREADABLE, f"the folder {folder} can't be read")
    if not exists(path) and any(folder.glob("??/??/*.val")):
        return DatabaseHealth(Health.DAMAGED, "its database is gone, and files of it are left")

    def compare(connection: sqlite3.Connection) -> Health:
        application, version = (_pragma(connection, name) for name in ("application_id", "user_version"))
        if application != APPLICATION_ID:
            return Health.FOREIGN
        return Health.LATER if version > VERSION else Health.SOUND

    return _check(path, compare, "SELECT count(*) FROM Cache WHERE key GLOB 'r/*'")


def check_catalogue(path: Path) -> DatabaseHealth:
    """Check quickly whether the catalogue at `path` can be used.

    A catalogue of another version is not damaged: the next start rebuilds it.
    """

    def compare(connection: sqlite3.Connection) -> Health:
        return Health.SOUND if _pragma(connection, "user_version") == catalogue_database.VERSION else Health.OTHER

    return _check(path, compare, "SELECT count(*) FROM feed")


def _check(path: Path, compare: Callable[[sqlite3.Connection], Health], count: str) -> DatabaseHealth:
    if not exists(path):
        return DatabaseHealth(Health.MISSING)
    size = sum(file.stat().st_size for file in database_files(path))
    is_writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    if is_writable and (holder := _find_lock(path)):
        return DatabaseHealth(Health.LOCKED, holder, is_writable=True, bytes=size)
    rows, reason = None, ""
    try:
        with closing(connect_readable(path)) as connection:
            health = compare(connection)
            if health is Health.SOUND:
                rows = int(connection.execute(count).fetchone()[0])
                health, reason = _check_pages(connection)
    except (sqlite3.Error, StoreError, OSError) as error:
        is_readable = os.access(path, os.R_OK)
        health, reason = Health.DAMAGED if is_readable else Health.UNREADABLE, str(error)
    return DatabaseHealth(health, reason, is_writable=is_writable, rows=rows, bytes=size)


def _check_pages(connection: sqlite3.Connection) -> tuple[Health, str]:
    end = time.monotonic() + CHECK_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        (complaint,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return Health.UNCHECKED, ""
        raise
    return (Health.SOUND, "") if complaint == "ok" else (Health.DAMAGED, str(complaint))


def _find_lock(path: Path) -> str:
    """Return a sentence about the program that holds a database's write lock.

    Returns "" if no program holds the lock, or if that can't be found out.
    """
    try:
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return describe_lock(database_files(path))
    except sqlite3.DatabaseError:
        pass  # damaged: found out when it is read
    return ""


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


class SetAsideEntry(NamedTuple):
    """A store or file that was set aside (renamed), because it could not be used."""

    path: Path
    bytes: int
    """Size on disk in bytes."""


class VerifyReport(NamedTuple):
    """The result of the complete check of the store and the catalogue."""

    responses: int
    """Number of readable responses."""
    findings: tuple[str, ...]
    """The problems, each a sentence that says what to do."""
    swept: int
    """Number of files that `sweep` deleted because no row refers to them; 0 without `sweep`."""
    set_aside: tuple[SetAsideEntry, ...]
    """All stores and files that were set aside and still exist. They are not among the problems."""


class _CatalogueState(NamedTuple):
    """What the catalogue says about the store and the responses from which it was made."""

    store: str
    """Identity of the store from which the catalogue was made."""
    upto: int
    """The sequence number up to which all responses were ingested."""
    taken: frozenset[int]
    """Sequence numbers of the ingested responses."""


def verify(responses: Path, catalogue: Path, progress: StepProgress, *, sweep: bool = False) -> VerifyReport:
    """Check every row and every file of the response store and of the catalogue, and return what is wrong.

    `responses` is the store's folder, and `catalogue` the catalogue's file. With `sweep`, files of the store to which
    no row refers are deleted. But if the store is damaged, no file is deleted, and a file that contains a response is
    never deleted. The store is locked during the search for such files. Raises `StoreError` if it can't be locked.
    """
    progress("checking the catalogue", 0, None)
    # The catalogue comes first, so that responses which another program adds meanwhile don't look missing.
    found, state = _check_catalogue(catalogue)
    findings = [*found]
    store = _StoreCheck(responses, progress)
    findings += store.findings()
    if state is not None:
        findings += store.compare_catalogue(state)
    orphans, swept = store.orphans(), 0
    lost = [path for path in orphans if _holds_response(path)]
    if lost:
        some = f"{len(lost):,} files of the store hold responses"
        them = some if len(lost) > 1 else "A file of the store holds a response"
        findings.append(f"{them} that its database does not name ({lost[0].relative_to(responses)}): {RESCUE_HINT}")
        orphans = [path for path in orphans if path not in lost]
    if orphans and sweep and store.is_intact:
        swept = len(orphans)
        for path in orphans:
            path.unlink(missing_ok=True)
    elif orphans:
        does = (
            "`flattr-tui cache verify --sweep` removes"
            if store.is_intact
            else "once the database is whole, --sweep removes"
        )
        them = f"{len(orphans):,} files" if len(orphans) > 1 else "One file"
        findings.append(
            f"{them} of the store {'belong' if len(orphans) > 1 else 'belongs'} to no row, as after a crash"
            f" ({orphans[0].relative_to(responses)}): {does} {'them' if len(orphans) > 1 else 'it'}."
        )
    aside = tuple(SetAsideEntry(path, size_of(path)) for path in list_set_aside(responses.parent))
    return VerifyReport(len(store.readable), tuple(findings), swept, aside)


class _StoreCheck:
    """The complete check of a response store. Call `findings` first; the other methods use its results."""

    def __init__(self, folder: Path, progress: StepProgress) -> None:
        self._folder = folder
        self._progress = progress
        self.is_intact = False
        """Whether the database is intact, so that its list of files can be trusted."""
        self.readable: set[int] = set()
        """Sequence numbers of the readable responses."""
        self._identity = ""

    def findings(self) -> Iterator[str]:
        """Check the database and its rows. Yields a sentence for each problem."""
        path = self._folder / DATABASE
        if not exists(path):
            if files := list_value_files(self._folder):
                yield f"{path} is gone; {len(files):,} of the files beside it are left: {RESCUE_HINT}"
            return
        try:
            with ResponsesDatabase.open(self._folder) as raw:
                yield from self._check_database(raw)
                yield from self._check_rows(raw)
        except StoreError as error:
            self.is_intact = False
            yield self._damage_sentence(str(error.__cause__ or error))

    def _damage_sentence(self, reason: str) -> str:
        return f"The store's database in {self._folder} is damaged ({reason}): {RESCUE_HINT}"

    def _check_database(self, raw: ResponsesDatabase) -> Iterator[str]:
        application, version = (raw.execute(f"PRAGMA {name}")[0][0] for name in ("application_id", "user_version"))
        if application != APPLICATION_ID:
            yield f"{self._folder} is not a store of this program: it is set aside when the program is next started."
        elif version > VERSION:
            yield (
                f"{self._folder} was written by a later version of this program: use that version, or the next start"
                " sets it aside."
            )
        self._progress("checking the store's database", 0, None)
        complaints = [str(row[0]) for row in raw.execute("PRAGMA integrity_check")]
        self.is_intact = complaints == ["ok"] and application == APPLICATION_ID
        if complaints != ["ok"]:
            yield self._damage_sentence("; ".join(complaints[:MAX_COMPLAINTS]))

    def _check_rows(self, raw: ResponsesDatabase) -> Iterator[str]:
        total = len(raw)
        for done, row in enumerate(raw.rows()):
            try:
                self._check_row(raw, row)
            except CorruptRowError as error:
                yield f"{str(error).rstrip('.')}: {REFETCH_HINT}"
            self._progress("reading what is saved", done, total)

    def _check_row(self, database: ResponsesDatabase, row: RawRow) -> None:
        """Raise `CorruptRowError` if a row of `database` can't be read, or lacks the content that its key promises.

        If the row is a readable response, its sequence number is added to `readable`.
        """
        if not row.raw or not isinstance(row.key, str):
            raise CorruptRowError("A row of the store has a key that this program never writes")
        try:
            data = database.data(row)
        except CorruptRowError as error:
            raise CorruptRowError(f"{_row_title(row)} can't be read ({str(error).rstrip('.')})") from error
        if row.sequence is not None:
            decode(data, row.sequence, verify=True)
            self.readable.add(row.sequence)
        elif row.key.startswith("n/"):
            if decode_pointer(data) is None:
                raise CorruptRowError(f"{_row_title(row)} is damaged")
        elif row.key.startswith("c/"):
            decode_confirmation(data)
        elif row.key == IDENTITY:
            self._identity = data.decode("ascii", errors="replace")
        elif row.key not in FACTS:
            raise CorruptRowError(f"{_row_title(row)} is of a kind that this program never writes")

    def compare_catalogue(self, state: _CatalogueState) -> Iterator[str]:
        """Yield a sentence for each difference between the catalogue and the store: two sentences at most.

        The catalogue may show responses that can't be read any more, or lack responses that can be read. `state` says
        which responses the catalogue was made from. Yields nothing if the catalogue will be rebuilt in any case.
        """
        if state.store != self._identity or not self.is_intact:
            return  # it is rebuilt from the store when it is next opened
        lacking = sum(number <= state.upto for number in self.readable - state.taken)
        if gone := len(state.taken - self.readable):
            plural = "s" * (gone != 1)
            yield f"The catalogue shows {gone:,} response{plural} that can't be read any more: {REBUILD_HINT}"
        if lacking:
            yield f"The catalogue lacks {lacking:,} of the saved responses: {REBUILD_HINT}"

    def orphans(self) -> list[Path]:
        """Return the files of the store to which no row refers. Raises `StoreError` if the store can't be locked."""
        found = set(list_value_files(self._folder))
        path = self._folder / DATABASE
        if not found or not exists(path):
            return []
        try:
            with closing(connect(path)) as connection:
                # Lock out all writers: a file is written before its row, and deleted after it.
                connection.execute("BEGIN IMMEDIATE")
                left = self._unnamed_files(found)
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
                return self._unnamed_files(found)  # nobody can be writing there
            unwritable = to_unwritable(error, self._folder)
            raise StoreError(f"{unwritable.cause}: unused files can't be looked for. {unwritable.advice}") from error
        except sqlite3.DatabaseError:
            return []  # reported already
        return left

    def _unnamed_files(self, found: set[str]) -> list[Path]:
        with ResponsesDatabase.open(self._folder) as raw:
            named = {name for (name,) in raw.execute("SELECT filename FROM Cache WHERE filename IS NOT NULL")}
        return [self._folder / name for name in sorted(found - named) if (self._folder / name).is_file()]


def _holds_response(path: Path) -> bool:
    """Whether a file contains a readable response. After a crash, that can be so although no row refers to the file."""
    try:
        decode_unnumbered(path.read_bytes())
    except (CorruptRowError, OSError):
        return False
    return True


def _row_title(row: RawRow) -> str:
    if row.sequence is not None:
        return f"Saved response {row.sequence}"
    return f"The row {str(row.key)[:80]!r} of the store"


def _check_catalogue(path: Path) -> tuple[list[str], _CatalogueState | None]:
    """Return sentences about what is wrong with the catalogue, and its state; None if it can't be used."""
    if not exists(path):
        return [], None  # it is made when the program is next started
    try:
        with open_read_only(path) as connection:
            connection.execute("BEGIN")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version != catalogue_database.VERSION:
                return [f"The catalogue is of another version of this program: {REBUILD_HINT}"], None
            complaints = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            if complaints != ["ok"]:
                return [f"The catalogue is damaged ({'; '.join(complaints[:MAX_COMPLAINTS])}): {REBUILD_HINT}"], None
            findings = [f"The catalogue's {what}: {REBUILD_HINT}" for what in _find_contradictions(connection)]
            facts = dict(connection.execute("SELECT name, value FROM meta"))
            taken = frozenset(row[0] for row in connection.execute("SELECT sequence FROM taken"))
    except StoreError as error:
        return [f"The catalogue is damaged ({error.__cause__ or error}): {REBUILD_HINT}"], None
    return findings, _CatalogueState(str(facts.get("store", "")), int(facts.get("upto", 0)), taken)


def _find_contradictions(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield a text for each problem in the catalogue's tables. The text completes a sentence: 'The catalogue's …'.

    Problems are tables that contradict each other, and items that can't be read.
    """
    for what, sql in _CONTRADICTIONS.items():
        if connection.execute(sql).fetchone()[0]:
            yield what
    try:
        for (entity,) in connection.execute("SELECT entity FROM body"):
            decode_fields(entity)
    except (msgspec.DecodeError, UnicodeDecodeError):
        yield "items can't be read"

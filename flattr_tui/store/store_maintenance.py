"""Recovers damaged response stores, and deletes the stored responses that the user chose.

If the database of a store is damaged or missing, everything readable is read and written to a new store. Each response
is a file of its own that contains its request (`stored_response.encode`), so it can be read without the database.
Versions before 0.2 kept small responses in the database only, so the readable rows of a damaged database are read, too.
Everything in the catalogue that comes from a deleted response is deleted with it.
"""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from flattr_tui.paths import exists
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.errors import CorruptRowError, StoreError
from flattr_tui.store.response_store import AccountSize, ResponseStore
from flattr_tui.store.response_store_reader import RawRow, StepProgress
from flattr_tui.store.safe_databases import DATABASE, PickleFreeDisk, connect_readable, list_value_files
from flattr_tui.store.shared_files import (
    NoticeCallback,
    database_files,
    file_lock,
    find_lock_holder,
    list_set_aside,
    set_aside,
)
from flattr_tui.store.stored_response import (
    CONFIRMATION,
    POINTER,
    Confirmation,
    StoredResponse,
    content_digest,
    decode_confirmation,
    decode_pointer,
    decode_unnumbered,
)

_NEW: Final = ".rescued"
"""Suffix of the store's name while the new store is written."""
_MAX_FAILURES: Final = 100_000
"""Number of consecutive unreadable rows after which the rest of a database is not read."""
_Identity = tuple[str, float, bytes]
"""The key, time of fetching and digest of a response. Two copies of one response have the same values."""


class RescueReport(NamedTuple):
    """How many responses a rescue has recovered."""

    rescued: int
    """Number of responses that the store did not have before."""
    responses: int
    """Number of responses that the store has now."""
    unreadable: int
    """Number of files and rows that could not be read."""


class _Place(NamedTuple):
    """Where a readable response is stored: in a file of a store, or in its database."""

    folder: Path
    sequence: int
    file: str
    """Name of the response's file; "" if the response is in the database."""
    row: int
    """Id of the response's row; 0 if no row refers to the file."""


class Salvage:
    """All readable responses in the folders of several stores. `len()` returns their number.

    The folders are given from the oldest store to the newest. Creating a `Salvage` reads all of them, so do that in a
    thread.
    """

    def __init__(self, folders: Sequence[Path], progress: StepProgress, *, rows_only: bool = False) -> None:
        """Read the stores in `folders`. With `rows_only`, files to which no row refers are left out."""
        self._rows_only = rows_only
        self._progress = progress
        self._places: dict[_Identity, _Place] = {}
        self._checked: dict[tuple[Path, int], tuple[float, str | None]] = {}
        self._confirmations: dict[Path, list[Confirmation]] = {folder: [] for folder in folders}
        self.unreadable = 0
        for folder in folders:
            self._read_folder(folder)

    def __len__(self) -> int:
        return len(self._places)

    def _read_folder(self, folder: Path) -> None:
        disk = PickleFreeDisk(str(folder))
        files = set() if self._rows_only else set(list_value_files(folder))
        for done, (number, row) in enumerate(_iter_rows(folder)):
            self._progress(f"reading {folder.name}", done, None)
            files.discard(str(row.filename))
            try:
                self._read_row(folder, number, row, disk.fetch(row.mode, row.filename, row.value, read=False))
            except CorruptRowError:
                self.unreadable += row.sequence is not None
        for done, name in enumerate(sorted(files)):
            self._progress(f"reading files of {folder.name}", done, len(files))
            try:
                self._add(decode_unnumbered(disk.read_file(name)), folder, name, 0)
            except CorruptRowError:
                self.unreadable += 1

    def _read_row(self, folder: Path, number: int, row: RawRow, data: bytes) -> None:
        key = str(row.key)
        if row.sequence is not None:
            self._add(decode_unnumbered(data), folder, str(row.filename or ""), number)
        elif key.startswith(POINTER) and (pointer := decode_pointer(data)) is not None:
            self._checked[folder, pointer.versions[0]] = pointer.checked_at, pointer.etag
        elif key.startswith(CONFIRMATION):
            self._confirmations[folder].append(decode_confirmation(data))

    def _add(self, stored: StoredResponse, folder: Path, file: str, row: int) -> None:
        identity = stored.key, stored.fetched_at, content_digest(stored)
        self._places.setdefault(identity, _Place(folder, stored.sequence, file, row))

    def write_to(self, store: ResponseStore) -> None:
        """Add all responses and confirmations to a store, in their original order.

        Raises `StoreError` if the store can't be written.
        """
        order = {folder: number for number, folder in enumerate(self._confirmations)}
        places = sorted(self._places.values(), key=lambda place: (order[place.folder], place.sequence))
        for confirmations in self._confirmations.values():
            confirmations.sort()
        for done, place in enumerate(places):
            confirmations = self._confirmations[place.folder]
            while confirmations and confirmations[0].sequence < place.sequence:
                self._confirm(store, confirmations.pop(0))
            store.import_response(self._read_again(place))
            self._progress("writing", done, len(places))
        for confirmations in self._confirmations.values():
            for confirmation in confirmations:
                self._confirm(store, confirmation)
        store.sync_files()

    @staticmethod
    def _confirm(store: ResponseStore, confirmation: Confirmation) -> None:
        if store.latest(confirmation.place) is not None:
            store.add_confirmation(confirmation.place, confirmation.checked_at, store.last_sequence())

    def _read_again(self, place: _Place) -> StoredResponse:
        disk = PickleFreeDisk(str(place.folder))
        if place.file:
            stored = decode_unnumbered(disk.read_file(place.file))
        else:
            with closing(connect_readable(place.folder / DATABASE)) as connection:
                value = connection.execute("SELECT value FROM Cache WHERE rowid = ?", (place.row,)).fetchone()[0]
            stored = decode_unnumbered(value)
        checked_at, etag = self._checked.get((place.folder, place.sequence), (stored.checked_at, stored.etag))
        return msgspec.structs.replace(stored, checked_at=max(checked_at, stored.checked_at), etag=etag or stored.etag)


def _iter_rows(folder: Path) -> Iterator[tuple[int, RawRow]]:
    """Yield the id and the content of each readable row of a store's database."""
    if not exists(folder / DATABASE):
        return
    try:
        with closing(connect_readable(folder / DATABASE)) as connection:
            yield from _read_rows(connection)
    except (sqlite3.Error, StoreError):
        return  # nothing in it can be read; the files can


def _read_rows(connection: sqlite3.Connection) -> Iterator[tuple[int, RawRow]]:
    last = connection.execute("SELECT max(rowid) FROM Cache").fetchone()[0] or 0
    number = failures = 0
    while number < last and failures < _MAX_FAILURES:
        try:
            found = connection.execute(
                "SELECT rowid, key, raw, tag, mode, filename, value, size FROM Cache WHERE rowid > ? ORDER BY rowid"
                " LIMIT 1",
                (number,),
            ).fetchone()
        except sqlite3.DatabaseError:
            number, failures = number + 1, failures + 1
            continue
        if found is None:
            return
        number, failures = found[0], 0
        yield number, RawRow._make(found[1:])


def is_intact(folder: Path) -> bool:
    """Whether the database of the store in `folder` can be read completely."""
    try:
        with closing(connect_readable(folder / DATABASE)) as connection:
            return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    except (sqlite3.Error, StoreError):
        return False


def list_old_stores(folder: Path) -> list[Path]:
    """Return the folders of the old stores to which `folder` was renamed when it was set aside, the oldest first."""
    return [path for path in list_set_aside(folder.parent) if path.is_dir() and path.name.startswith(f"{folder.name}.")]


def rescue(folder: Path, *, notice: NoticeCallback, progress: StepProgress) -> RescueReport:
    """Recover responses from stores that were set aside, and from files to which no row refers.

    If any are found, a new store with all responses is written in `folder`, and the old one is set aside. `notice` is
    called with sentences for the user. Raises `StoreError` if another program has the store open, and `OSError` if
    files can't be written.
    """
    named = len(Salvage([folder], progress, rows_only=True)) if is_intact(folder) else 0
    everything = Salvage([*list_old_stores(folder), folder], progress)
    if named == len(everything):
        return RescueReport(0, named, everything.unreadable)
    if (holder := find_lock_holder(database_files(folder / DATABASE))) is not None:
        raise StoreError(f"The store is open in {holder}: end that program, and try again.")
    new = folder.with_name(f"{folder.name}{_NEW}")
    shutil.rmtree(new, ignore_errors=True)  # of a rescue that was stopped
    write_store(everything, new, notice)
    with file_lock(folder):
        if exists(folder):
            set_aside(folder)
        new.rename(folder)
    return RescueReport(len(everything) - named, len(everything), everything.unreadable)


def write_store(salvage: Salvage, folder: Path, notice: NoticeCallback) -> None:
    """Write a new store in `folder` with all responses that `salvage` has found. Raises `StoreError` if that fails."""
    store = ResponseStore.open(folder, notice=notice)
    try:
        store.wait_until_writable()
        salvage.write_to(store)
    finally:
        store.close()


class PruneRequest(NamedTuple):
    """Conditions that select responses to delete: a response must meet all of them. None stands for no condition."""

    source: str | None = None
    account: str | None = None
    """User name of the login; "" for public responses."""
    before: float | None = None
    """A time in Unix seconds. Only responses that were last fetched or confirmed before that time are deleted."""


class PruneSelection(NamedTuple):
    """The responses that a `PruneRequest` selects."""

    sizes: tuple[AccountSize, ...]
    """The number and size of the selected responses, by source and account."""
    sequences: tuple[int, ...] | None
    """Their sequence numbers; None if all responses of the accounts in `sizes` are selected."""


def select_responses(responses: ResponseStore, conditions: PruneRequest, progress: StepProgress) -> PruneSelection:
    """Return the responses that meet the `conditions`. Nothing is deleted yet."""
    sizes = tuple(
        size
        for size in responses.account_sizes()
        if conditions.source in {None, size.source} and conditions.account in {None, size.account}
    )
    if conditions.before is None:
        return PruneSelection(sizes, None)
    whose = {(size.source, size.account) for size in sizes}
    sequences: list[int] = []
    last = responses.last_sequence()
    for stored in responses.iter_responses():
        if (stored.source, stored.account) in whose and max(stored.fetched_at, stored.checked_at) < conditions.before:
            sequences.append(stored.sequence)
        progress("reading the dates of what is saved", stored.sequence, last)
    return PruneSelection(tuple(responses.account_sizes(sequences)), tuple(sequences))


def prune(responses: ResponseStore, catalogue: Catalogue, chosen: PruneSelection, progress: StepProgress) -> int:
    """Delete the responses in `chosen`, rebuild the catalogue without them, and return how many were deleted.

    If the program ends before the catalogue is rebuilt, even by `kill -9`, the next program that opens the catalogue
    rebuilds it. Raises `StoreError` if the store can't be written.
    """
    responses.wait_until_writable()
    catalogue.clear()
    try:
        if chosen.sequences is None:
            removed = sum(responses.delete_account(size.source, size.account) for size in chosen.sizes)
        else:
            removed = responses.delete_responses(chosen.sequences, lambda done, of: progress("removing", done, of))
    finally:
        catalogue.clear()  # another program may have ingested some meanwhile
    catalogue.ingestor.catch_up(lambda done, of: progress("making the catalogue", done, of))
    catalogue.compact()
    return removed


def remove_set_aside(paths: Sequence[Path]) -> None:
    """Delete files and folders that were set aside. If one can't be deleted, raise `StoreError`, and keep the rest."""
    for path in paths:
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{path} can't be removed ({error.strerror}).") from error

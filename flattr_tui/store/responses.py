"""Every response that ever came, as it came: appended, never overwritten, never evicted.

A list grows at its top, so a new page 1 that overwrote the old one would lose the items that it pushed to a page 2
that nobody fetched yet. Only an equal body, or a 304, changes nothing but the time of the last check.

Safe with several threads and several processes; `kill -9` at any moment leaves all responses readable.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from uuid import uuid4

import diskcache
import msgspec

from flattr_tui.store.atomic_files import Notice
from flattr_tui.store.cache_handle import Holder
from flattr_tui.store.errors import CorruptRowError, StoreError
from flattr_tui.store.safe_disk import DATABASE, connect
from flattr_tui.store.stored_response import (
    VERSIONS,
    Confirmation,
    Kept,
    Place,
    Pointer,
    Stored,
    decode,
    decode_note,
    decode_pointer,
    digest_of,
    encode,
    encode_note,
    encode_pointer,
    read_tag,
    row_key,
    tag_of,
)

_COUNTER: Final = "sequence"
IDENTITY: Final = "identity"
_NOTED: Final = "noted"
FACTS: Final = frozenset({_COUNTER, IDENTITY, _NOTED})
"""The keys of small facts about the store itself."""
_ROWS: Final = "key >= 'r/' AND key < 'r0'"


class Size(NamedTuple):
    """How much one account of one source takes."""

    source: str
    account: str
    responses: int
    bytes: int


class ResponseStore:
    """See the module. Reading answers in microseconds and may be done anywhere; call what writes in a thread."""

    def __init__(self, folder: Path, holder: Holder, notice: Notice, *, temporary: bool = False) -> None:
        self.folder = folder
        """Where it is kept."""
        self.temporary = temporary
        """Whether it is gone when the program ends, since nothing could be written where it belongs."""
        self._holder = holder
        self._notice = notice
        self._told: set[str] = set()

    @classmethod
    def open(cls, folder: Path, *, notice: Notice) -> Self:
        """Open the store in `folder`, or begin one.

        What can't be used is set aside by renaming and told by `notice`; where nothing can be written, a temporary
        store takes its place, and that is told too.
        """
        try:
            return cls(folder, Holder.open(folder, notice), notice)
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            notice(
                f"The store {folder} can't be used ({reason}): what is fetched now is kept only until you quit."
                " Make the folder writable, or choose another one, and start again."
            )
            place = Path(tempfile.mkdtemp(prefix="flattr-tui-"))
            return cls(place, Holder.open(place, notice), notice, temporary=True)

    def put(self, response: Stored) -> Kept:
        """Keep a response, unless it says the same as the newest one of its place: then note the time of the check.

        Raises `StoreError` where it can't be written.
        """
        digest, key, tag = digest_of(response), response.key, response.tag
        checked = max(response.fetched_at, response.checked_at)
        with self._holder.writing() as cache:
            pointer = _pointer(cache, key)
            if pointer and pointer.digest == digest and (same := self._read(cache, pointer.versions[0])):
                checked = max(checked, pointer.checked_at)
                etag = response.etag or pointer.etag
                cache.set(key, encode_pointer(Pointer(pointer.versions, checked, etag, digest)), tag=tag)
                return Kept(msgspec.structs.replace(same, checked_at=checked, etag=etag), False)
            sequence = _next(cache)
            stored = msgspec.structs.replace(response, sequence=sequence, checked_at=checked)
            cache.set(row_key(sequence), encode(stored, digest), tag=tag)
            versions = (sequence, *(pointer.versions if pointer else ()))[:VERSIONS]
            cache.set(key, encode_pointer(Pointer(versions, checked, response.etag, digest)), tag=tag)
            cache.set(_COUNTER, str(sequence).encode())
            return Kept(stored, True)

    def adopt(self, response: Stored) -> Stored:
        """Keep a response that came elsewhere, at its own date: it is its place's newest one only if it is later.

        Nothing is compared: it is for the caller to know what is kept already. Returns it as it is stored. Raises
        `StoreError` where it can't be written.
        """
        digest, key, tag = digest_of(response), response.key, response.tag
        checked = max(response.fetched_at, response.checked_at)
        with self._holder.writing() as cache:
            sequence, pointer = _next(cache), _pointer(cache, key)
            stored = msgspec.structs.replace(response, sequence=sequence, checked_at=checked)
            cache.set(row_key(sequence), encode(stored, digest), tag=tag)
            if pointer is None or pointer.checked_at <= checked:
                versions = (sequence, *(pointer.versions if pointer else ()))
                pointer = Pointer(versions[:VERSIONS], checked, response.etag, digest)
            else:
                dates = {number: row.fetched_at for number in pointer.versions if (row := self._read(cache, number))}
                dates[sequence] = response.fetched_at
                older = sorted({*dates} - {pointer.versions[0]}, key=lambda number: (-dates[number], -number))
                pointer = msgspec.structs.replace(pointer, versions=(pointer.versions[0], *older)[:VERSIONS])
            cache.set(key, encode_pointer(pointer), tag=tag)
            cache.set(_COUNTER, str(sequence).encode())
            return stored

    def touch(self, place: Place, checked_at: float) -> bool:
        """Note that the server confirmed the newest response of a place (a 304); False when there is none.

        Raises `StoreError` where it can't be written.
        """
        key = place.key
        with self._holder.writing() as cache:
            pointer = _pointer(cache, key)
            if pointer is None:
                return False
            checked_at = max(checked_at, pointer.checked_at)
            moved = Pointer(pointer.versions, checked_at, pointer.etag, pointer.digest)
            cache.set(key, encode_pointer(moved), tag=place.tag)
            return True

    @property
    def identity(self) -> str:
        """What tells this store from one that takes its place; raises `StoreError` where a new one can't be written."""
        with self._holder.reading() as cache:
            data = _bytes(cache, IDENTITY)
            if data:
                return data.decode("ascii", errors="replace")
        with self._holder.writing() as cache:
            cache.add(IDENTITY, uuid4().hex.encode())
            return _bytes(cache, IDENTITY).decode("ascii", errors="replace")

    def note(self, place: Place, checked_at: float, sequence: int) -> Confirmation:
        """Keep a confirmation that told something about the list around its page, so that it can be told again.

        `sequence` is the number of the last response that the teller knew. Raises `StoreError` where it can't be
        written.
        """
        with self._holder.writing() as cache:
            last = _bytes(cache, _NOTED)
            noted = Confirmation(int(last) + 1 if last.isdigit() else 1, sequence, place, checked_at)
            cache.set(f"c/{noted.number:016d}", encode_note(noted), tag=place.tag)
            cache.set(_NOTED, str(noted.number).encode())
            return noted

    def notes(self, since: int = 0) -> list[Confirmation]:
        """Read all such confirmations with a larger number, in order."""
        found: list[Confirmation] = []
        with self._holder.reading() as cache:
            for key in cache.iterkeys():
                if key.startswith("c/") and key > f"c/{since:016d}":
                    with suppress(CorruptRowError):
                        found.append(decode_note(_bytes(cache, key)))
                elif key > "c0":
                    break
        return found

    def newest(self, place: Place) -> Stored | None:
        """Return the newest response of a place that can be read; None where there is none."""
        with self._holder.reading() as cache:
            pointer = _pointer(cache, place.key)
            for sequence in pointer.versions if pointer else ():
                stored = self._read(cache, sequence)
                if stored is not None and pointer is not None:
                    if sequence != pointer.versions[0]:
                        return stored
                    return msgspec.structs.replace(stored, checked_at=pointer.checked_at, etag=pointer.etag)
        return None

    def get(self, sequence: int) -> Stored | None:
        """Return one response by its number; None where it was removed or can't be read (which is told)."""
        with self._holder.reading() as cache:
            return self._read(cache, sequence)

    def all(self, since_sequence: int = 0, last: int | None = None) -> Iterator[Stored]:
        """Read all responses with a larger number (up to `last`), in the order in which they came.

        Each place's newest one has the time of its last check. Damaged ones are left out, and told.
        """
        for sequence in range(since_sequence + 1, (self.last() if last is None else last) + 1):
            with self._holder.reading() as cache:
                stored = self._read(cache, sequence)
                pointer = _pointer(cache, stored.key) if stored else None
            if stored and pointer and pointer.versions[0] == sequence:
                stored = msgspec.structs.replace(stored, checked_at=pointer.checked_at, etag=pointer.etag)
            if stored:
                yield stored

    def last(self) -> int:
        """Return the largest number given so far; 0 in an empty store."""
        with self._holder.reading() as cache:
            return _last(cache)
        return 0

    def sizes(self) -> list[Size]:
        """Count responses and their bytes by source and account."""
        counting = (
            "SELECT tag, count(*), sum(coalesce(length(value), size)) FROM Cache"
            f" WHERE {_ROWS} AND tag IS NOT NULL GROUP BY tag ORDER BY tag"
        )
        return [Size(*read_tag(tag), number, size) for tag, number, size in self._counted(counting)]

    def numbers(self) -> list[int]:
        """List the numbers of all responses that are kept, in order."""
        keys = self._counted(f"SELECT key FROM Cache WHERE {_ROWS} ORDER BY key")
        return [int(key[2:]) for (key,) in keys if key[2:].isdigit()]

    def _counted(self, sql: str) -> list[tuple[Any, ...]]:
        connection = connect(self.folder / DATABASE, read_only=True)
        try:
            return connection.execute(sql).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"The store {self.folder} can't be read: {error}.") from error
        finally:
            connection.close()

    def remove(self, source: str, account: str) -> int:
        """Delete all responses of one account of one source, and return how many: only when a person asked for it.

        Raises `StoreError` where it can't be written.
        """
        count = sum(size.responses for size in self.sizes() if (size.source, size.account) == (source, account))
        with self._holder.removing() as cache:
            cache.evict(tag_of(source, account))
        return count

    def discard(self, sequences: Sequence[int], progress: Callable[[int, int], None]) -> int:
        """Delete single responses, and return how many were there: only when a person asked for it.

        Raises `StoreError` where it can't be written.
        """
        count = 0
        for done, sequence in enumerate(sequences, 1):
            with self._holder.writing() as cache:
                stored = self._read(cache, sequence)
                if stored is not None:
                    self._unpoint(cache, stored)
            with self._holder.removing() as cache:
                count += bool(cache.delete(row_key(sequence)))
            progress(done, len(sequences))
        return count

    def _unpoint(self, cache: diskcache.Cache, gone: Stored) -> None:
        """Let the pointer of a response's place know it no longer."""
        pointer = _pointer(cache, gone.key)
        if pointer is None or gone.sequence not in pointer.versions:
            return
        versions = tuple(number for number in pointer.versions if number != gone.sequence)
        if pointer.versions[0] != gone.sequence:
            cache.set(gone.key, encode_pointer(msgspec.structs.replace(pointer, versions=versions)), tag=gone.tag)
            return
        for place, number in enumerate(versions):
            if (next_ := self._read(cache, number)) is not None:
                moved = Pointer(versions[place:], next_.checked_at, next_.etag, digest_of(next_))
                cache.set(gone.key, encode_pointer(moved), tag=gone.tag)
                return
        cache.delete(gone.key)

    def close(self) -> None:
        """Close the store; a temporary one is deleted."""
        self._holder.close()
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, cache: diskcache.Cache, sequence: int) -> Stored | None:
        try:
            data = cache.get(row_key(sequence))
            return None if data is None else decode(data, sequence)
        except CorruptRowError as error:
            self._tell(f"{error} The other saved pages are not concerned.")
            return None

    def _tell(self, sentence: str) -> None:
        if sentence not in self._told:
            self._told.add(sentence)
            self._notice(sentence)


def _pointer(cache: diskcache.Cache, key: str) -> Pointer | None:
    try:
        data = cache.get(key)
    except CorruptRowError:
        return None  # a pointer is only a short way to the responses
    return None if data is None else decode_pointer(data)


def _bytes(cache: diskcache.Cache, key: str) -> bytes:
    try:
        return cache.get(key) or b""
    except CorruptRowError:
        return b""


def _last(cache: diskcache.Cache) -> int:
    try:
        data = cache.get(_COUNTER, b"")
    except CorruptRowError:
        data = b""
    return int(data) if data.isdigit() and len(data) < 17 else _largest(cache)


def _next(cache: diskcache.Cache) -> int:
    sequence = _last(cache) + 1
    return _largest(cache) + 1 if row_key(sequence) in cache else sequence  # the counter may be damaged


def _largest(cache: diskcache.Cache) -> int:
    numbers = (key[2:] for key in cache.iterkeys(reverse=True) if key.startswith("r/"))
    return next((int(number) for number in numbers if number.isdigit()), 0)

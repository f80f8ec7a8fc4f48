"""The store of raw responses. Every response is appended; none is overwritten or evicted.

A list grows at its top. If a new page 1 replaced the old one, items that had moved to page 2 before anybody fetched
that page would be lost. If a response equals the latest one, or is a 304, nothing is appended, and only the time of the
last check is updated. Several threads and processes may use the store at the same time. After `kill -9` at any moment,
all responses are readable.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from uuid import uuid4

import msgspec

from flattr_tui.store.cache_handle import CacheHandle
from flattr_tui.store.errors import CorruptRowError, StoreError, UnwritableError
from flattr_tui.store.safe_databases import DATABASE, connect_readable
from flattr_tui.store.shared_files import NoticeCallback, make_temporary_folder
from flattr_tui.store.stored_response import (
    POINTER,
    VERSIONS,
    Confirmation,
    LatestPointer,
    PutResult,
    ResponseKey,
    StoredResponse,
    content_digest,
    decode,
    decode_confirmation,
    decode_pointer,
    encode,
    encode_entry,
    fold_key,
    is_zstd,
    make_tag,
    parse_tag,
    row_key,
)

_COUNTER: Final = "sequence"
IDENTITY: Final = "identity"
_CONFIRMATION_COUNTER: Final = "noted"
_FOLDED: Final = "folded"
FACTS: Final = frozenset({_COUNTER, IDENTITY, _CONFIRMATION_COUNTER, _FOLDED})
"""Keys of the rows that contain facts about the store itself."""
_ROWS: Final = "key >= 'r/' AND key < 'r0'"


class AccountSize(NamedTuple):
    """How many responses one account of one source has, and their size."""

    source: str
    account: str
    responses: int
    bytes: int
    """Size on disk in bytes, compressed."""


class ResponseStore:
    """Stores responses. `get` and `latest` take microseconds; call methods that concern many responses in a thread.

    All methods raise `StoreError` if the store can't be read. Methods that write also raise it if the store can't be
    written.
    """

    def __init__(self, folder: Path, holder: CacheHandle, notice: NoticeCallback, *, temporary: bool = False) -> None:
        self.folder = folder
        """The store's folder. If the store is `temporary`, this is not the configured folder."""
        self.temporary = temporary
        """Whether the store is deleted on exit, because the configured folder can't be written."""
        self._handle = holder
        self._notice = notice
        self._reported: set[str] = set()
        self._temporary_cause: UnwritableError | None = None

    @classmethod
    def open(cls, folder: Path, *, notice: NoticeCallback) -> Self:
        """Open the store in `folder`, or create it.

        An unusable store is set aside by renaming it. A store that can't be written is opened for reading. If it can't
        be read either, a temporary store is used. In all three cases, `notice` is called with a sentence for the user.
        """
        try:
            store = cls(folder, CacheHandle.open(folder, notice), notice)
        except UnwritableError as error:
            notice(f"{error.cause}: what is fetched now is kept only until you quit. {error.advice}")
            place = make_temporary_folder() / "responses"  # its lock file is made beside it
            store = cls(place, CacheHandle.open(place, notice), notice, temporary=True)
            store._temporary_cause = error
            return store
        if (unwritable := store.unwritable) is not None:
            notice(f"{unwritable.cause}: saved data can be read, but new pages are not saved. {unwritable.advice}")
        else:
            store._fold_keys()
        return store

    @property
    def unwritable(self) -> UnwritableError | None:
        """Why new responses are lost when the program ends; None if they are kept, or if none was stored yet."""
        return self._temporary_cause or self._handle.unwritable

    def _fold_keys(self) -> None:
        """Merge the `LatestPointer`s whose keys differ only in the case of a user name.

        Older versions of this program kept such pointers apart. A mark in the store says that they have been merged.
        """
        with self._handle.reader() as cache:
            if _read_bytes(cache, _FOLDED):
                return
        try:
            with self._handle.writer() as cache:
                for key in list(takewhile(lambda key: key < "n0", cache.iterkeys())):
                    if key.startswith(POINTER) and (folded := fold_key(key)) != key:
                        _join_pointers(cache, key, folded)
                cache.set(_FOLDED, b"1")
        except StoreError as error:
            self._notice(str(error))

    def wait_until_writable(self) -> None:
        """Wait up to 10 s until another program releases its lock.

        Raises `UnwritableError` if the store still can't be written after that.
        """
        unwritable = self._temporary_cause or self._handle.wait_until_writable()
        if unwritable is not None:
            raise unwritable

    def put(self, response: StoredResponse) -> PutResult:
        """Store a response. If it equals the latest one with the same key, only the time of the last check is updated.

        Responses are equal if they have the same body, status and content type.
        """
        digest, key, tag = content_digest(response), response.key, response.tag
        checked = max(response.fetched_at, response.checked_at)
        with self._handle.writer() as cache:
            pointer = _read_pointer(cache, key)
            if pointer and pointer.digest == digest and (same := self._read(cache, pointer.versions[0])):
                checked = max(checked, pointer.checked_at)
                etag = response.etag or pointer.etag
                cache.set(key, encode_entry(LatestPointer(pointer.versions, checked, etag, digest)), tag=tag)
                return PutResult(msgspec.structs.replace(same, checked_at=checked, etag=etag), False)
            sequence = _next_sequence(cache)
            stored = msgspec.structs.replace(response, sequence=sequence, checked_at=checked)
            cache.set(row_key(sequence), encode(stored, digest), tag=tag)
            versions = (sequence, *(pointer.versions if pointer else ()))[:VERSIONS]
            cache.set(key, encode_entry(LatestPointer(versions, checked, response.etag, digest)), tag=tag)
            cache.set(_COUNTER, str(sequence).encode())
        self._handle.sync_written_file()
        return PutResult(stored, True)

    def import_response(self, response: StoredResponse) -> StoredResponse:
        """Store an imported response with its own date, and return the response with its new sequence number.

        If a response to the same request with a later date is stored, `latest` still returns that one. The caller makes
        sure that `response` is not stored already, and calls `sync_files` after the last import.
        """
        digest, key, tag = content_digest(response), response.key, response.tag
        checked = max(response.fetched_at, response.checked_at)
        with self._handle.writer() as cache:
            sequence, pointer = _next_sequence(cache), _read_pointer(cache, key)
            stored = msgspec.structs.replace(response, sequence=sequence, checked_at=checked)
            cache.set(row_key(sequence), encode(stored, digest), tag=tag)
            if pointer is None or pointer.checked_at <= checked:
                versions = (sequence, *(pointer.versions if pointer else ()))
                pointer = LatestPointer(versions[:VERSIONS], checked, response.etag, digest)
            else:
                dates = {number: row.fetched_at for number in pointer.versions if (row := self._read(cache, number))}
                dates[sequence] = response.fetched_at
                older = sorted({*dates} - {pointer.versions[0]}, key=lambda number: (-dates[number], -number))
                pointer = msgspec.structs.replace(pointer, versions=(pointer.versions[0], *older)[:VERSIONS])
            cache.set(key, encode_entry(pointer), tag=tag)
            cache.set(_COUNTER, str(sequence).encode())
            return stored

    @staticmethod
    def sync_files() -> None:
        """Wait until all imported responses are on the disk."""
        os.sync()

    def touch(self, response_key: ResponseKey, checked_at: float) -> bool:
        """Record that the server confirmed the latest response with this key at `checked_at` (Unix seconds).

        Returns False if there is no response with this key.
        """
        key = response_key.key
        with self._handle.writer() as cache:
            pointer = _read_pointer(cache, key)
            if pointer is None:
                return False
            checked_at = max(checked_at, pointer.checked_at)
            moved = LatestPointer(pointer.versions, checked_at, pointer.etag, pointer.digest)
            cache.set(key, encode_entry(moved), tag=response_key.tag)
            return True

    @property
    def identity(self) -> str:
        """Unique id of this store, made at the first use; "" if the store has no id yet and can't be written."""
        with self._handle.reader() as cache:
            data = _read_bytes(cache, IDENTITY)
            if data:
                return data.decode("ascii", errors="replace")
        try:
            with self._handle.writer() as cache:
                cache.add(IDENTITY, uuid4().hex.encode())
                return _read_bytes(cache, IDENTITY).decode("ascii", errors="replace")
        except UnwritableError:
            return ""

    def add_confirmation(self, response_key: ResponseKey, checked_at: float, sequence: int) -> Confirmation:
        """Store that the server confirmed an API page as unchanged, and return the confirmation.

        `checked_at` is when the server confirmed the page (Unix seconds). `sequence` is the number of the last response
        that was ingested before the confirmation. When the catalogue is rebuilt, the confirmation is replayed after
        that response.
        """
        with self._handle.writer() as cache:
            last = _read_bytes(cache, _CONFIRMATION_COUNTER)
            confirmation = Confirmation(int(last) + 1 if last.isdigit() else 1, sequence, response_key, checked_at)
            cache.set(f"c/{confirmation.number:016d}", encode_entry(confirmation), tag=response_key.tag)
            cache.set(_CONFIRMATION_COUNTER, str(confirmation.number).encode())
            return confirmation

    def confirmations(self, since: int = 0) -> list[Confirmation]:
        """Return all readable confirmations with numbers greater than `since`, in order."""
        found: list[Confirmation] = []
        with self._handle.reader() as cache:
            for key in cache.iterkeys():
                if key.startswith("c/") and key > f"c/{since:016d}":
                    with suppress(CorruptRowError):
                        found.append(decode_confirmation(_read_bytes(cache, key)))
                elif key > "c0":
                    break
        return found

    def latest(self, response_key: ResponseKey) -> StoredResponse | None:
        """Return the latest readable response with this key; None if there is none."""
        with self._handle.reader() as cache:
            pointer = _read_pointer(cache, response_key.key)
            for sequence in pointer.versions if pointer else ():
                stored = self._read(cache, sequence)
                if stored is not None and pointer is not None:
                    if sequence != pointer.versions[0]:
                        return stored
                    return msgspec.structs.replace(stored, checked_at=pointer.checked_at, etag=pointer.etag)
        return None

    def get(self, sequence: int) -> StoredResponse | None:
        """Return the response with a sequence number; None if it was deleted or is unreadable.

        An unreadable response is reported with a notice.
        """
        with self._handle.reader() as cache:
            return self._read(cache, sequence)

    def iter_responses(
        self, since_sequence: int = 0, last: int | None = None, source: str | None = None
    ) -> Iterator[StoredResponse]:
        """Yield the responses with sequence numbers from `since_sequence` + 1 to `last` (None: to the end), in order.

        With a `source`, only its responses are yielded. `checked_at` and `etag` are up to date only in the latest
        response with a key. Damaged responses are skipped, with a notice.
        """
        last = self.last_sequence() if last is None else last
        sequences: Iterable[int] = range(since_sequence + 1, last + 1)
        if source is not None and len(range(since_sequence, last)) > 1:
            sequences = [number for number, name in self.sources_of(since_sequence, last) if name == source]
        for sequence in sequences:
            with self._handle.reader() as cache:
                stored = self._read(cache, sequence)
                pointer = _read_pointer(cache, stored.key) if stored else None
            if stored and pointer and pointer.versions[0] == sequence:
                stored = msgspec.structs.replace(stored, checked_at=pointer.checked_at, etag=pointer.etag)
            if stored and source in {None, stored.source}:
                yield stored

    def last_sequence(self) -> int:
        """Return the largest sequence number that was ever used; 0 in an empty store."""
        with self._handle.reader() as cache:
            return _last_sequence(cache)
        return 0

    def account_sizes(self, sequences: Iterable[int] | None = None) -> list[AccountSize]:
        """Return the number and size of each account's responses at each source.

        With `sequences`, only responses with these sequence numbers are counted.
        """
        chosen = "" if sequences is None else " AND key IN (SELECT value FROM json_each(?))"
        keys = () if sequences is None else (json.dumps([*map(row_key, sequences)]),)
        counting = (
            "SELECT tag, count(*), sum(coalesce(length(value), size)) FROM Cache"
            f" WHERE {_ROWS} AND tag IS NOT NULL{chosen} GROUP BY tag ORDER BY tag"
        )
        return [AccountSize(*parse_tag(tag), number, size) for tag, number, size in self._query(counting, *keys)]

    def sequences(self) -> list[int]:
        """Return the sequence numbers of all stored responses, in order."""
        keys = self._query(f"SELECT key FROM Cache WHERE {_ROWS} ORDER BY key")
        return [int(key[2:]) for (key,) in keys if key[2:].isdigit()]

    def sources_of(self, since_sequence: int, last: int) -> list[tuple[int, str]]:
        """Return the sequence number and source of each response after `since_sequence` up to `last`, in order."""
        rows = self._query(
            f"SELECT key, tag FROM Cache WHERE key > '{row_key(since_sequence)}' AND key <= '{row_key(last)}'"
            " AND tag IS NOT NULL ORDER BY key"
        )
        return [(int(key[2:]), parse_tag(tag)[0]) for key, tag in rows if key[2:].isdigit()]

    def _query(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            with closing(connect_readable(self.folder / DATABASE)) as connection:
                return connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"The store {self.folder} can't be read: {error}.") from error

    def delete_account(self, source: str, account: str) -> int:
        """Delete all responses of one account ("": the public ones) of one source. Returns their number."""
        count = sum(size.responses for size in self.account_sizes() if (size.source, size.account) == (source, account))
        with self._handle.remover() as cache:
            cache.evict(make_tag(source, account))
        return count

    def delete_responses(self, sequences: Sequence[int], progress: Callable[[int, int], None]) -> int:
        """Delete the responses with these sequence numbers, and return how many there were.

        `progress` is called with the number done and the total.
        """
        count = 0
        for done, sequence in enumerate(sequences, 1):
            with self._handle.writer() as cache:
                stored = self._read(cache, sequence)
                if stored is not None:
                    self._remove_from_pointer(cache, stored)
            with self._handle.remover() as cache:
                count += bool(cache.delete(row_key(sequence)))
            progress(done, len(sequences))
        return count

    def pack(self, progress: Callable[[int, int], None]) -> int:
        """Compress responses that an older version stored uncompressed or in zlib. Returns how many became smaller.

        Damaged responses are left as they are. `progress` is called with the number done and the total.
        """
        count, sequences = 0, self.sequences()
        for done, sequence in enumerate(sequences, 1):
            with self._handle.remover() as cache, suppress(CorruptRowError):  # `set` deletes the old file
                key = row_key(sequence)
                data, tag = cache.get(key, tag=True)
                if data is not None and not is_zstd(data):
                    stored = decode(data, sequence, verify=True)
                    packed = encode(stored, content_digest(stored))
                    if len(packed) < len(data):
                        cache.set(key, packed, tag=tag)
                        count += 1
            progress(done, len(sequences))
        return count

    def _remove_from_pointer(self, cache: Any, gone: StoredResponse) -> None:
        """Remove a response from the `LatestPointer` of its key. Delete the pointer if no response is left in it."""
        pointer = _read_pointer(cache, gone.key)
        if pointer is None or gone.sequence not in pointer.versions:
            return
        versions = tuple(number for number in pointer.versions if number != gone.sequence)
        if pointer.versions[0] != gone.sequence:
            cache.set(gone.key, encode_entry(msgspec.structs.replace(pointer, versions=versions)), tag=gone.tag)
            return
        for place, number in enumerate(versions):
            if (next_ := self._read(cache, number)) is not None:
                moved = LatestPointer(versions[place:], next_.checked_at, next_.etag, content_digest(next_))
                cache.set(gone.key, encode_entry(moved), tag=gone.tag)
                return
        cache.delete(gone.key)

    def keep_connection(self) -> None:
        """Keep this thread's connection open until the thread calls `close_connection`.

        Only one thread at a time may keep its connection.
        """
        self._handle.keep_connection()

    def close_connection(self) -> None:
        """Close the connection that this thread keeps."""
        self._handle.close_connection()

    def close(self) -> None:
        """Close the store. If it is a temporary store, delete it."""
        self._handle.close()
        if self.temporary:
            shutil.rmtree(self.folder.parent, ignore_errors=True)

    def _read(self, cache: Any, sequence: int) -> StoredResponse | None:
        try:
            data = cache.get(row_key(sequence))
            return None if data is None else decode(data, sequence)
        except CorruptRowError as error:
            self._report(f"{error} Other saved pages are not affected.")
            return None

    def _report(self, sentence: str) -> None:
        if sentence not in self._reported:
            self._reported.add(sentence)
            self._notice(sentence)


def _read_pointer(cache: Any, key: str) -> LatestPointer | None:
    try:
        data = cache.get(key)
    except CorruptRowError:
        return None  # not fatal: the pointer is only a shortcut to the responses
    return None if data is None else decode_pointer(data)


def _join_pointers(cache: Any, key: str, folded: str) -> None:
    pointers = [pointer for one in (key, folded) if (pointer := _read_pointer(cache, one))]
    if pointers:
        latest = max(pointers, key=lambda pointer: pointer.checked_at)
        versions = sorted({number for pointer in pointers for number in pointer.versions} - {latest.versions[0]})
        joined = msgspec.structs.replace(latest, versions=(latest.versions[0], *reversed(versions))[:VERSIONS])
        cache.set(folded, encode_entry(joined), tag=cache.get(key, tag=True)[1])
    cache.delete(key)


def _read_bytes(cache: Any, key: str) -> bytes:
    try:
        return cache.get(key) or b""
    except CorruptRowError:
        return b""


def _last_sequence(cache: Any) -> int:
    data = _read_bytes(cache, _COUNTER)
    return int(data) if data.isdigit() and len(data) < 17 else _largest_sequence(cache)


def _next_sequence(cache: Any) -> int:
    sequence = _last_sequence(cache) + 1
    return _largest_sequence(cache) + 1 if row_key(sequence) in cache else sequence  # the counter may be damaged


def _largest_sequence(cache: Any) -> int:
    numbers = (key[2:] for key in cache.iterkeys(reverse=True) if key.startswith("r/"))
    return next((int(number) for number in numbers if number.isdigit()), 0)

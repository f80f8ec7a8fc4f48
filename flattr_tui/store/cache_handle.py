"""The open diskcache of a store. All threads share it, and it is replaced if it turns out to be damaged.

If it can't be written, it is still read, and writing is tried again from time to time.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import diskcache

from flattr_tui.store.atomic_files import NoticeCallback, file_lock, set_aside
from flattr_tui.store.errors import StoreError, UnusableStoreError, UnwritableError
from flattr_tui.store.read_only import ReadOnlyCache
from flattr_tui.store.safe_disk import DATABASE, open_cache
from flattr_tui.store.storage_faults import to_unwritable

RETRY_SECONDS: Final = 5.0
"""After which writing is tried again where it was not possible."""
PATIENCE_SECONDS: Final = 10.0
"""How long a command that has nothing else to do waits for another program's lock."""
POLL_SECONDS: Final = 0.1


class CacheHandle:
    """The cache of one folder; context managers give access to it for reading, writing and deleting."""

    def __init__(
        self, folder: Path, cache: Any, notice: NoticeCallback, unwritable: UnwritableError | None = None
    ) -> None:
        self._folder = folder
        self._cache = cache
        self._notice = notice
        self._home = threading.get_ident()
        self._swap = threading.Lock()
        self._unwritable = unwritable
        self._retry_at = time.monotonic() + RETRY_SECONDS

    @classmethod
    def open(cls, folder: Path, notice: NoticeCallback) -> "CacheHandle":
        """Open the cache in a folder, or create it. An unusable one is set aside, and `notice` is called.

        One that can't be written is opened for reading. Raises `UnwritableError` if there is none and none can be
        created.
        """
        try:
            return cls(folder, _open_for_writing(folder, notice), notice)
        except (OSError, sqlite3.Error) as error:
            unwritable = to_unwritable(error, folder)
            try:
                return cls(folder, ReadOnlyCache(folder, folder / DATABASE), notice, unwritable)
            except (OSError, sqlite3.Error, StoreError):
                raise unwritable from error

    @property
    def unwritable(self) -> UnwritableError | None:
        """Why nothing can be written; None if it can, or was not tried yet."""
        return self._unwritable

    def close(self) -> None:
        """Close the cache."""
        self._cache.close()

    @contextmanager
    def thread_cache(self) -> Iterator[Any]:
        """Yield the cache. On leaving, diskcache's connection of this thread is closed, except in the home thread."""
        cache = self._cache
        try:
            yield cache
        finally:
            if threading.get_ident() != self._home and isinstance(cache, diskcache.Cache):
                cache.close()

    @contextmanager
    def reader(self) -> Iterator[Any]:
        """Yield the cache for reading.

        A damaged database is set aside and replaced; the caller then finds nothing. Raises `StoreError` if it can't be
        read.
        """
        with self.thread_cache() as cache:
            try:
                yield cache
            except (sqlite3.OperationalError, sqlite3.ProgrammingError, diskcache.Timeout) as error:
                raise StoreError(f"The store {self._folder} can't be read: {error}.") from error
            except sqlite3.DatabaseError as error:
                self._replace_damaged(cache, error)

    @contextmanager
    def writer(self) -> Iterator[Any]:
        """Yield the cache for one write transaction, exclusive among all threads and processes.

        Raises `UnwritableError` if nothing can be written now, and `StoreError` if the store had to be replaced.
        """
        self._ensure_writable()
        with self.thread_cache() as cache:
            try:
                with cache.transact():
                    yield cache
            except (OSError, sqlite3.OperationalError, diskcache.Timeout) as error:
                raise self._mark_unwritable(error) from error
            except sqlite3.DatabaseError as error:
                self._replace_damaged(cache, error)
                raise StoreError(f"The store {self._folder} was damaged; a new one was begun. Try again.") from error
        if self._unwritable is not None:
            self._unwritable = None
            self._notice("New pages are kept again: the store can be written.")

    def _mark_unwritable(self, error: Exception) -> UnwritableError:
        """Record why nothing can be written. For `RETRY_SECONDS`, a lock is not waited for again."""
        self._unwritable = to_unwritable(error, self._folder)
        self._retry_at = time.monotonic() + (RETRY_SECONDS if self._unwritable.locked else 0.0)
        return self._unwritable

    def wait_until_writable(self) -> UnwritableError | None:
        """Wait up to `PATIENCE_SECONDS` for another program's lock; return why nothing can be written even then."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self._unwritable is not None and self._unwritable.locked and time.monotonic() < end:
            self._retry_at = 0.0
            try:
                with self.writer():
                    pass
            except UnwritableError:
                time.sleep(POLL_SECONDS)
        return self._unwritable

    def _ensure_writable(self) -> None:
        """Raise `UnwritableError` at once if writing has just failed; reopen a read-only cache for writing."""
        if self._unwritable is None:
            return
        if time.monotonic() < self._retry_at:
            raise self._unwritable
        with self._swap:
            if not isinstance(self._cache, ReadOnlyCache):
                return
            self._retry_at = time.monotonic() + RETRY_SECONDS
            try:
                opened = _open_for_writing(self._folder, self._notice)
            except (OSError, sqlite3.Error) as error:
                self._unwritable = to_unwritable(error, self._folder)
                raise self._unwritable from error
            readable, self._cache = self._cache, opened
            with suppress(sqlite3.Error):
                readable.close()

    def sync_written_file(self) -> None:
        """Wait until the file of the response that this thread has just stored is on the disk.

        It is outside of the transaction, so that other programs need not wait for the disk. A power cut in between can
        leave a row whose file is not complete: it counts as not saved. Raises `UnwritableError`.
        """
        with self.thread_cache() as cache:
            try:
                cache.disk.sync_written_file()
            except OSError as error:
                raise self._mark_unwritable(error) from error

    @contextmanager
    def remover(self) -> Iterator[Any]:
        """Yield the cache for deleting or replacing responses, each in its own transaction.

        In a larger transaction, diskcache would delete a row's file first, and a rollback would restore the row without
        its file. Raises `UnwritableError`.
        """
        self._ensure_writable()
        with self.thread_cache() as cache:
            try:
                yield cache
            except (OSError, sqlite3.OperationalError, diskcache.Timeout) as error:
                raise self._mark_unwritable(error) from error
            except sqlite3.DatabaseError as error:
                self._replace_damaged(cache, error)

    def _replace_damaged(self, broken: Any, reason: sqlite3.DatabaseError) -> None:
        """Set the damaged database aside and continue with a new one."""
        with self._swap:
            if self._cache is not broken:
                return  # another thread has already replaced it
            if isinstance(broken, ReadOnlyCache):
                raise StoreError(f"The store {self._folder} is damaged ({reason}), and can't be set aside.") from reason
            broken.close()
            try:
                with file_lock(self._folder):
                    _set_aside_and_notify(self._folder, f"is damaged ({reason})", self._notice)
                    self._cache = open_cache(self._folder)
            except (OSError, sqlite3.Error) as error:
                raise StoreError(f"The store {self._folder} is damaged and can't be set aside: {error}.") from error


def _open_for_writing(folder: Path, notice: NoticeCallback) -> diskcache.Cache:
    """Open the cache in a folder, or create it; an unusable one is set aside. Raises `OSError` and `sqlite3.Error`."""
    with file_lock(folder):
        try:
            return open_cache(folder)
        except UnusableStoreError as error:
            _set_aside_and_notify(folder, str(error), notice)
            return open_cache(folder)


def _set_aside_and_notify(folder: Path, reason: str, notice: NoticeCallback) -> None:
    place = set_aside(folder)
    notice(
        f"The store {folder} {reason}. It was set aside as {place.name}, and nothing in it was changed."
        " `flattr-tui cache rescue` recovers what can be read."
    )

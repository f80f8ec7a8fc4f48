"""The open diskcache of a store: shared by all threads, and replaced if it turns out to be damaged."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import diskcache

from flattr_tui.store.atomic_files import NoticeCallback, file_lock, set_aside
from flattr_tui.store.errors import StoreError, UnusableStoreError
from flattr_tui.store.safe_disk import open_cache


class CacheHandle:
    """The cache of one folder, lent to callers through context managers for reading, writing and deleting."""

    def __init__(self, folder: Path, cache: diskcache.Cache, notice: NoticeCallback) -> None:
        self._folder = folder
        self._cache = cache
        self._notice = notice
        self._home = threading.get_ident()
        self._swap = threading.Lock()

    @classmethod
    def open(cls, folder: Path, notice: NoticeCallback) -> "CacheHandle":
        """Open the cache in a folder, or create it. An unusable one is set aside, and `notice` is told.

        Raises `OSError` or `sqlite3.OperationalError` if nothing can be written.
        """
        with file_lock(folder):
            try:
                cache = open_cache(folder)
            except UnusableStoreError as error:
                _set_aside_and_notify(folder, str(error), notice)
                cache = open_cache(folder)
        return cls(folder, cache, notice)

    def close(self) -> None:
        """Close the cache."""
        self._cache.close()

    @contextmanager
    def thread_cache(self) -> Iterator[diskcache.Cache]:
        """Lend the cache; on leaving, close diskcache's connection of this thread, except in the home thread."""
        cache = self._cache
        try:
            yield cache
        finally:
            if threading.get_ident() != self._home:
                cache.close()

    @contextmanager
    def reader(self) -> Iterator[diskcache.Cache]:
        """Lend the cache for reading.

        A damaged database is set aside and replaced; the caller then finds nothing. Raises `StoreError` if it can't be
        read.
        """
        with self.thread_cache() as cache:
            try:
                yield cache
            except sqlite3.OperationalError as error:
                raise StoreError(f"The store {self._folder} can't be read: {error}.") from error
            except sqlite3.DatabaseError as error:
                self._replace_damaged(cache, error)

    @contextmanager
    def writer(self) -> Iterator[diskcache.Cache]:
        """Lend the cache for one write transaction, exclusive among all threads and processes.

        Raises `StoreError` if the store can't be written or had to be replaced.
        """
        with self.thread_cache() as cache:
            try:
                with cache.transact():
                    yield cache
            except diskcache.Timeout as error:
                raise StoreError(
                    f"The store {self._folder} can't be written: another program holds it, or it is read-only."
                ) from error
            except (OSError, sqlite3.OperationalError) as error:
                raise StoreError(f"The store {self._folder} can't be written: {error}.") from error
            except sqlite3.DatabaseError as error:
                self._replace_damaged(cache, error)
                raise StoreError(f"The store {self._folder} was damaged; a new one was begun. Try again.") from error

    @contextmanager
    def remover(self) -> Iterator[diskcache.Cache]:
        """Lend the cache for deleting rows, each in a transaction of its own.

        Inside a larger transaction, diskcache would delete a row's file first, and a rollback would bring back the row
        without it.
        """
        with self.thread_cache() as cache:
            try:
                yield cache
            except diskcache.Timeout as error:
                raise StoreError("The store is locked by another program; nothing more was removed.") from error
            except sqlite3.OperationalError as error:
                raise StoreError(f"The store {self._folder} can't be written: {error}.") from error
            except sqlite3.DatabaseError as error:
                self._replace_damaged(cache, error)

    def _replace_damaged(self, broken: diskcache.Cache, reason: sqlite3.DatabaseError) -> None:
        """Set the damaged database aside and continue with a new one."""
        with self._swap:
            if self._cache is not broken:
                return  # another thread has already replaced it
            broken.close()
            try:
                with file_lock(self._folder):
                    _set_aside_and_notify(self._folder, f"is damaged ({reason})", self._notice)
                    self._cache = open_cache(self._folder)
            except (OSError, sqlite3.Error) as error:
                raise StoreError(f"The store {self._folder} is damaged and can't be set aside: {error}.") from error


def _set_aside_and_notify(folder: Path, reason: str, notice: NoticeCallback) -> None:
    place = set_aside(folder)
    notice(f"The store {folder} {reason}. It was set aside as {place.name}, and nothing in it was changed.")

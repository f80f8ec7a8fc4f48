"""The open diskcache of a store: one for all threads, replaced where it turns out to be damaged."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import diskcache

from flattr_tui.store.atomic_files import Notice, locked, set_aside
from flattr_tui.store.errors import StoreError, UnusableStoreError
from flattr_tui.store.safe_disk import open_cache


class Holder:
    """Holds the cache of a folder, and lends it for reading and writing."""

    def __init__(self, folder: Path, cache: diskcache.Cache, notice: Notice) -> None:
        self._folder = folder
        self._cache = cache
        self._notice = notice
        self._home = threading.get_ident()
        self._swap = threading.Lock()

    @classmethod
    def open(cls, folder: Path, notice: Notice) -> "Holder":
        """Open the cache in a folder, or begin one; what can't be used is set aside and told.

        Raises `OSError` or `sqlite3.OperationalError` where nothing can be written.
        """
        with locked(folder):
            try:
                cache = open_cache(folder)
            except UnusableStoreError as error:
                _tell_set_aside(folder, str(error), notice)
                cache = open_cache(folder)
        return cls(folder, cache, notice)

    def close(self) -> None:
        """Close it."""
        self._cache.close()

    @contextmanager
    def thread_cache(self) -> Iterator[diskcache.Cache]:
        """Give the cache; in a thread that may end soon, don't leave diskcache's connection of that thread behind."""
        cache = self._cache
        try:
            yield cache
        finally:
            if threading.get_ident() != self._home:
                cache.close()

    @contextmanager
    def reading(self) -> Iterator[diskcache.Cache]:
        """Read; a database that turns out to be damaged is replaced and told, and the reader finds nothing in it."""
        with self.thread_cache() as cache:
            try:
                yield cache
            except sqlite3.OperationalError as error:
                raise StoreError(f"The store {self._folder} can't be read: {error}.") from error
            except sqlite3.DatabaseError as error:
                self._replace(cache, error)

    @contextmanager
    def writing(self) -> Iterator[diskcache.Cache]:
        """Write in one transaction, alone among all threads and processes."""
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
                self._replace(cache, error)
                raise StoreError(f"The store {self._folder} was damaged; a new one was begun. Try again.") from error

    @contextmanager
    def removing(self) -> Iterator[diskcache.Cache]:
        """Delete rows, each in a transaction of its own: within another one diskcache would remove a row's file first.

        A row whose file is gone must not come back.
        """
        with self.thread_cache() as cache:
            try:
                yield cache
            except diskcache.Timeout as error:
                raise StoreError("The store is locked by another program; nothing more was removed.") from error
            except sqlite3.OperationalError as error:
                raise StoreError(f"The store {self._folder} can't be written: {error}.") from error
            except sqlite3.DatabaseError as error:
                self._replace(cache, error)

    def _replace(self, broken: diskcache.Cache, reason: sqlite3.DatabaseError) -> None:
        """Set a database aside that broke while it was open, and go on with a new one."""
        with self._swap:
            if self._cache is not broken:
                return  # another thread was quicker
            broken.close()
            try:
                with locked(self._folder):
                    _tell_set_aside(self._folder, f"is damaged ({reason})", self._notice)
                    self._cache = open_cache(self._folder)
            except (OSError, sqlite3.Error) as error:
                raise StoreError(f"The store {self._folder} is damaged and can't be set aside: {error}.") from error


def _tell_set_aside(folder: Path, reason: str, notice: Notice) -> None:
    place = set_aside(folder)
    notice(f"The store {folder} {reason}. It was set aside as {place.name}, and nothing in it was changed.")

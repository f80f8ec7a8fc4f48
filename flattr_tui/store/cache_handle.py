"""The handle of a response store's open diskcache, which all threads share.

A damaged cache, or one whose files were deleted, is replaced by a new one. A cache that can't be written is still
read, and writing it is tried again from time to time.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import diskcache

from flattr_tui.store.errors import StoreError, UnusableStoreError, UnwritableError
from flattr_tui.store.safe_databases import DATABASE, NO_FILE, ReadOnlyCache, file_id, open_cache
from flattr_tui.store.shared_files import NoticeCallback, file_lock, set_aside, to_unwritable

RETRY_SECONDS: Final = 5.0
"""Seconds between two tries to write a cache that was locked, or that could only be opened for reading."""
PATIENCE_SECONDS: Final = 10.0
"""Maximum number of seconds that a command with nothing else to do waits for another program's lock."""
POLL_SECONDS: Final = 0.1
"""Seconds between two attempts to write while a command waits."""


class CacheHandle:
    """An open diskcache in one folder. The context managers `reader`, `writer` and `remover` give access to the cache.

    `notice` is called with a sentence for the user when the cache is replaced, and when it can be written again.
    """

    def __init__(
        self, folder: Path, cache: Any, notice: NoticeCallback, unwritable: UnwritableError | None = None
    ) -> None:
        self._folder = folder
        self._cache = cache
        self._replaced: list[Any] = []
        """Caches that were replaced. The threads that keep connections may still have one to each of them."""
        self._notice = notice
        self._home = threading.get_ident()
        self._keeper = 0
        """Id of the thread that keeps its connection open; 0 if none does."""
        self._kept_file = NO_FILE
        """The `file_id` of the database to which the kept connection belongs."""
        self._swap = threading.Lock()
        self._unwritable = unwritable
        self._retry_at = time.monotonic() + RETRY_SECONDS

    @classmethod
    def open(cls, folder: Path, notice: NoticeCallback) -> "CacheHandle":
        """Open the cache in a folder, or create it.

        An unusable cache is set aside and replaced, and `notice` is called with a sentence for the user. A cache that
        can't be written is opened for reading. Raises `UnwritableError` if the cache can't be read either.
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
        """Why the last write failed; None if it succeeded, or if nothing was written yet."""
        return self._unwritable

    def close(self) -> None:
        """Close the connections of the cache. Call this on the thread that opened it."""
        self._close_replaced()
        self._cache.close()

    @contextmanager
    def thread_cache(self) -> Iterator[Any]:
        """Yield the cache for a `with` block in any thread.

        At the end of the block, the thread's connection to the cache is closed. Two threads keep their connections: the
        one that opened the cache, and the one that called `keep_connection`.
        """
        cache, thread = self._cache, threading.get_ident()
        if thread in {self._home, self._keeper}:
            self._close_replaced()
        if thread == self._keeper:
            self._leave_replaced_file(cache)
        try:
            yield cache
        finally:
            if thread not in {self._home, self._keeper}:
                _close_connection(cache)
                _close_connection(self._cache)  # the block may have replaced the cache

    def keep_connection(self) -> None:
        """Keep this thread's connection open between uses, because opening one takes 0.5 ms.

        Call `close_connection` when the thread ends.
        """
        self._keeper, self._kept_file = threading.get_ident(), NO_FILE

    def close_connection(self) -> None:
        """Close the connection that this thread keeps."""
        self._keeper = 0
        self._close_replaced()
        _close_connection(self._cache)

    def _close_replaced(self) -> None:
        """Close this thread's connections to the caches that were replaced."""
        for cache in self._replaced:
            _close_connection(cache)

    def _leave_replaced_file(self, cache: Any) -> None:
        """Close this thread's connection to `cache` if another program has replaced the database file."""
        found = file_id(self._folder / DATABASE)
        if found != self._kept_file:
            _close_connection(cache)
            self._kept_file = found

    @contextmanager
    def reader(self) -> Iterator[Any]:
        """Yield the cache for reading in a `with` block. Raises `StoreError` if the cache can't be read.

        If the database is damaged, it is set aside and replaced by an empty one, and the block ends without an error.
        So return the result inside the block, and the result for an empty store after it.
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
        """Yield the cache for a write transaction, which lasts for a `with` block. All other writers wait meanwhile.

        Raises `UnwritableError` if nothing can be written now. Raises `StoreError` if the store was damaged or deleted
        and a new one has replaced it; the caller may then write again.
        """
        self._ensure_writable()
        with self.thread_cache() as cache:
            cache.disk.forget_written_file()
            try:
                with cache.transact():
                    yield cache
            except (OSError, sqlite3.OperationalError, diskcache.Timeout) as error:
                with suppress(OSError):
                    cache.disk.delete_written_file()
                if self._is_deleted():
                    self._replace_deleted(cache)
                    raise StoreError(
                        f"The store {self._folder} was deleted; a new one was begun. Try again."
                    ) from error
                raise self._mark_unwritable(error) from error
            except sqlite3.DatabaseError as error:
                self._replace_damaged(cache, error)
                raise StoreError(f"The store {self._folder} was damaged; a new one was begun. Try again.") from error
        if self._unwritable is not None:
            self._unwritable = None
            self._notice("New pages are kept again: the store can be written.")

    def _mark_unwritable(self, error: Exception) -> UnwritableError:
        """Return the `UnwritableError` that explains `error`. From now on, `unwritable` has this value.

        If the reason is another program's lock, all writes in the next `RETRY_SECONDS` fail at once.
        """
        self._unwritable = to_unwritable(error, self._folder)
        self._retry_at = time.monotonic() + (RETRY_SECONDS if self._unwritable.locked else 0.0)
        return self._unwritable

    def wait_until_writable(self) -> UnwritableError | None:
        """Wait up to `PATIENCE_SECONDS` if the last write failed because another program holds a lock.

        Returns None if the cache can be written now; otherwise the error that says why it can't be written.
        """
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
        """If the cache was opened for reading only, open it for writing.

        Raises `UnwritableError` if that fails. If the last failure is more recent than `RETRY_SECONDS`, raises it at
        once, without another try.
        """
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
        """Wait until the file that this thread wrote last is on the disk. Raises `UnwritableError` if the disk fails.

        Call this after the end of the transaction, so that other programs need not wait for the disk. If the power
        fails before this call ends, a row may refer to an incomplete file. Its response then counts as not saved.
        """
        with self.thread_cache() as cache:
            try:
                cache.disk.sync_written_file()
            except OSError as error:
                raise self._mark_unwritable(error) from error

    @contextmanager
    def remover(self) -> Iterator[Any]:
        """Yield the cache for deleting or replacing responses. Each deletion is a transaction of its own.

        A larger transaction could not be rolled back: diskcache deletes the files of rows at once, and a rollback
        restores only the rows. Raises `UnwritableError` if the cache can't be written.
        """
        self._ensure_writable()
        with self.thread_cache() as cache:
            try:
                yield cache
            except (OSError, sqlite3.OperationalError, diskcache.Timeout) as error:
                raise self._mark_unwritable(error) from error
            except sqlite3.DatabaseError as error:
                self._replace_damaged(cache, error)

    def _is_deleted(self) -> bool:
        """Whether the database was deleted while it was open. SQLite may have created an empty one in its place."""
        try:
            return bool((self._folder / DATABASE).stat().st_size == 0)
        except FileNotFoundError:
            return True
        except OSError:  # such as a folder that can't be entered any more: the caller reports the first error
            return False

    def _replace_deleted(self, deleted: Any) -> None:
        """Begin a new cache in place of the cache `deleted`. Raises `UnwritableError` if that fails."""
        with self._swap:
            if self._cache is not deleted:
                return  # another thread has already replaced it
            try:
                self._cache = _open_for_writing(self._folder, self._notice)
            except (OSError, sqlite3.Error) as error:
                raise self._mark_unwritable(error) from error
            self._replaced.append(deleted)
            _close_connection(deleted)
        self._notice(f"The store {self._folder} was deleted while it was in use. A new one was begun.")

    def _replace_damaged(self, broken: Any, reason: sqlite3.DatabaseError) -> None:
        """Set the database of the damaged cache `broken` aside, and continue with a new one.

        `reason` is the error that showed the damage.
        """
        with self._swap:
            if self._cache is not broken:
                return  # another thread has already replaced it
            if isinstance(broken, ReadOnlyCache):
                raise StoreError(f"The store {self._folder} is damaged ({reason}), and can't be set aside.") from reason
            self._replaced.append(broken)
            broken.close()
            try:
                with file_lock(self._folder):
                    _set_aside_and_notify(self._folder, f"is damaged ({reason})", self._notice)
                    self._cache = open_cache(self._folder)
            except (OSError, sqlite3.Error) as error:
                raise StoreError(f"The store {self._folder} is damaged and can't be set aside: {error}.") from error


def _close_connection(cache: Any) -> None:
    """Close this thread's connection to `cache`, if that is a diskcache. A `ReadOnlyCache` stays open."""
    if isinstance(cache, diskcache.Cache):
        cache.close()


def _open_for_writing(folder: Path, notice: NoticeCallback) -> diskcache.Cache:
    """Open the cache in a folder, or create it. Raises `OSError` or `sqlite3.Error` if the folder can't be written.

    An unusable cache is set aside, and `notice` is called with a sentence for the user.
    """
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

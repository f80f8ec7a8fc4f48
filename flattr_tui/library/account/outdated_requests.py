"""Stores which saved data a write has made outdated, so that it is fetched again when it is next shown.

All programs with the same store share one small file. Entries are dropped once the data would be stale by its age
anyway.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.library.fetch.revalidator import HOUR
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.paths import exists
from flattr_tui.store.atomic_files import NoticeCallback, file_lock, replace_file
from flattr_tui.store.catalogue_types import Scope

FILE: Final = "outdated.json"
MAX_AGE: Final = HOUR
"""Seconds after which an entry is dropped.

No data that a write changes counts as fresh for longer (`revalidator.is_fresh`).
"""
SIZE_LIMIT: Final = 1 << 20
"""Maximum size of the file in bytes. A larger file was not written by this program."""


class _Entry(msgspec.Struct, frozen=True):
    source: str
    account: str
    request: ApiRequest
    at: float
    """When the write happened, in Unix seconds."""

    @property
    def key(self) -> tuple[Scope, ApiRequest]:
        return Scope(self.source, self.account), self.request


class OutdatedRequests:
    """The requests of all accounts whose saved data is outdated. `save` writes to disk: call it in a thread.

    The folder of `path` must exist.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float], notice: NoticeCallback = lambda text: None) -> None:
        self._path = path
        self._clock = clock
        self._notice = notice
        self._noted: dict[tuple[Scope, ApiRequest], float] = {}
        self._saved: dict[tuple[Scope, ApiRequest], float] = {}
        self._stamp: int | None = None
        self._unsaved = False

    def add(self, scope: Scope, request: ApiRequest) -> None:
        """Record that a write has just changed the server's data for a request."""
        self._noted[scope, request] = self._clock()
        self._unsaved = True

    def is_outdated(self, scope: Scope, request: ApiRequest, checked_at: float) -> bool:
        """Whether a write changed the server's data after the saved data was checked at `checked_at` (Unix seconds)."""
        self._follow()
        changed_at = max(self._noted.get((scope, request), 0.0), self._saved.get((scope, request), 0.0))
        return checked_at < changed_at <= self._clock()

    def forget(self, scope: Scope) -> None:
        """Remove an account's entries, also from the file, because they reveal what the account did."""
        self._noted = {key: at for key, at in self._noted.items() if key[0] != scope}
        if self._noted or exists(self._path):
            self._write(but=scope)

    def save(self) -> None:
        """Write the file.

        If that fails, a notice says that other runs may show old data until it is stale by its age.
        """
        if self._unsaved:
            self._write()

    def _write(self, *, but: Scope | None = None) -> None:
        self._unsaved = False  # first: entries that are added from now on are written the next time
        noted, now = self._noted.copy(), self._clock()
        try:
            with file_lock(self._path):
                merged = self._read()
                for key, at in noted.items():
                    merged[key] = max(at, merged.get(key, 0.0))
                kept = {key: at for key, at in merged.items() if key[0] != but and 0 <= now - at <= MAX_AGE}
                notes = [_Entry(*scope, request, at) for (scope, request), at in kept.items()]
                replace_file(self._path, msgspec.json.encode(notes), durable=False)
        except OSError as error:
            self._unsaved = True
            self._notice(f"{self._path} can't be written ({error.strerror}): changes may be shown late.")

    def _follow(self) -> None:
        """Read the file again if another program has changed it."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp = stamp
            self._saved = self._read()

    def _stamp_now(self) -> int | None:
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return None  # there is no file, or it can't be read: data is stale by its age alone

    def _read(self) -> dict[tuple[Scope, ApiRequest], float]:
        try:
            with self._path.open("rb") as file:
                notes = msgspec.json.decode(file.read(SIZE_LIMIT), type=list[_Entry])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return {}  # data is stale by its age alone
        return {note.key: note.at for note in notes}

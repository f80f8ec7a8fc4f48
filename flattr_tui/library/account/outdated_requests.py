"""Stores for which requests the saved data is outdated because of a write, so that it is fetched again when shown.

All running programs with the same store share one small file. An entry is dropped when the data has become so old that
it would be fetched again in any case.
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
"""Time in seconds after which an entry is dropped.

Data that a write can change is fetched again in any case if it is older than this (`revalidator.is_fresh`).
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
    """The requests whose saved data a write has made outdated, for all sources and accounts.

    The requests are stored in the file `path`, whose folder must exist. `save` writes to disk: call `save` in a thread.
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
        """Record that a write has just changed what the server returns for a request.

        `scope` is the source and account under which the response is saved.
        """
        self._noted[scope, request] = self._clock()
        self._unsaved = True

    def is_outdated(self, scope: Scope, request: ApiRequest, checked_at: float) -> bool:
        """Whether a write has changed what the server returns for a request since `checked_at` (Unix seconds).

        `checked_at` is when the saved data was last fetched or confirmed by the server.
        """
        self._read_if_changed()
        changed_at = max(self._noted.get((scope, request), 0.0), self._saved.get((scope, request), 0.0))
        return checked_at < changed_at <= self._clock()

    def forget(self, scope: Scope) -> None:
        """Remove all entries of a source and account, also from the file, because they reveal what the account did."""
        self._noted = {key: at for key, at in self._noted.items() if key[0] != scope}
        if self._noted or exists(self._path):
            self._write(but=scope)

    def save(self) -> None:
        """Write new entries to the file.

        If that fails, the user gets a notice: later runs of the program may show the effects of writes late.
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

    def _read_if_changed(self) -> None:
        """Read the file again if another program has changed it."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp = stamp
            self._saved = self._read()

    def _stamp_now(self) -> int | None:
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return None  # without the file, only the age of saved data decides whether it is fetched again

    def _read(self) -> dict[tuple[Scope, ApiRequest], float]:
        try:
            with self._path.open("rb") as file:
                notes = msgspec.json.decode(file.read(SIZE_LIMIT), type=list[_Entry])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return {}  # only the age of saved data decides whether it is fetched again
        return {note.key: note.at for note in notes}

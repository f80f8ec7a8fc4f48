"""What was changed since it was fetched: remembered beyond this run, so that whoever looks at it next asks again.

One small file that all programs over one store share. What is noted for longer than any answer is good for is
forgotten: that is asked for again anyway.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.library.fetch.freshness import HOUR
from flattr_tui.model.api_request import Request
from flattr_tui.store.atomic_files import NoticeCallback, file_lock, replace_file
from flattr_tui.store.types import Scope

FILE: Final = "outdated.json"
KEPT: Final = HOUR
"""Seconds: what a write changes is good for no longer (`freshness`)."""
SIZE_LIMIT: Final = 1 << 20
"""Bytes: a larger file is none of ours."""


class _Note(msgspec.Struct, frozen=True):
    source: str
    account: str
    request: Request
    at: float
    """Unix seconds."""

    @property
    def key(self) -> tuple[Scope, Request]:
        return Scope(self.source, self.account), self.request


class Outdated:
    """See the module. Noting returns at once; `save` writes, in a thread. `path` is the file; its folder is there."""

    def __init__(self, path: Path, *, clock: Callable[[], float], notice: NoticeCallback = lambda text: None) -> None:
        self._path = path
        self._clock = clock
        self._notice = notice
        self._noted: dict[tuple[Scope, Request], float] = {}
        self._saved: dict[tuple[Scope, Request], float] = {}
        self._stamp: int | None = None
        self._unsaved = False

    def note(self, scope: Scope, request: Request) -> None:
        """Note that it is another one from now on than what is saved of it."""
        self._noted[scope, request] = self._clock()
        self._unsaved = True

    def is_outdated(self, scope: Scope, request: Request, checked_at: float) -> bool:
        """Whether it was changed since it was last checked (Unix seconds), by this program or another."""
        self._follow()
        changed_at = max(self._noted.get((scope, request), 0.0), self._saved.get((scope, request), 0.0))
        return checked_at < changed_at <= self._clock()

    def forget(self, scope: Scope) -> None:
        """Forget what was noted of an account whose answers are removed, in the file too: it tells what it did."""
        self._noted = {key: at for key, at in self._noted.items() if key[0] != scope}
        if self._noted or self._path.exists():
            self._write(but=scope)

    def save(self) -> None:
        """Write what was noted into the file. One that can't be written is told: the lists are asked for later then."""
        if self._unsaved:
            self._write()

    def _write(self, *, but: Scope | None = None) -> None:
        self._unsaved = False  # first: what is noted from now on is for the next time
        noted, now = self._noted.copy(), self._clock()
        try:
            with file_lock(self._path):
                merged = self._read()
                for key, at in noted.items():
                    merged[key] = max(at, merged.get(key, 0.0))
                kept = {key: at for key, at in merged.items() if key[0] != but and 0 <= now - at <= KEPT}
                notes = [_Note(*scope, request, at) for (scope, request), at in kept.items()]
                replace_file(self._path, msgspec.json.encode(notes), durable=False)
        except OSError as error:
            self._unsaved = True
            self._notice(f"{self._path} can't be written ({error.strerror}): what was changed may be shown as it was.")

    def _follow(self) -> None:
        """Read the file again where it is another one than before."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp = stamp
            self._saved = self._read()

    def _stamp_now(self) -> int | None:
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return None  # nothing was ever noted, or nothing can be read: what is saved counts by its age alone

    def _read(self) -> dict[tuple[Scope, Request], float]:
        try:
            with self._path.open("rb") as file:
                notes = msgspec.json.decode(file.read(SIZE_LIMIT), type=list[_Note])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return {}  # what is saved counts by its age alone
        return {note.key: note.at for note in notes}

"""What was sent by hand, the latest last: in memory whole, in a small file without bodies and without tokens.

Two programs share the file: what one adds, the other's next addition keeps.
"""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.store.atomic_files import NoticeCallback, file_lock, replace_file, set_aside

MOST: Final = 100
"""Exchanges that are remembered."""
MOST_BYTES: Final = 32 * 1024 * 1024
"""Bytes of bodies that are held in memory; older ones are read from the store again."""
FILE_BYTES: Final = 16 * 1024 * 1024
"""A larger file is none of ours."""


class History:
    """See the module. `add` writes: call it in a thread."""

    def __init__(self, path: Path | None = None, *, notice: NoticeCallback = lambda text: None) -> None:
        self._path = path
        self._notice = notice
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []
        self._loaded = path is None

    def load(self) -> None:
        """Read what was sent in earlier runs: once, in a thread. A file that can't be read is set aside and told."""
        with self._lock:
            if not self._loaded:
                self._loaded = True
                self._exchanges = [*self._read(), *self._exchanges][-MOST:]

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """All of them, the latest last."""
        return tuple(self._exchanges)

    def add(self, exchange: Exchange) -> None:
        """Remember one more; where it can't be written, that is told once and it is remembered in memory alone."""
        self.load()
        with self._lock:
            self._exchanges = _within_bounds([*self._exchanges, exchange])
            if self._path is None:
                return
            try:
                with file_lock(self._path):
                    kept = [*self._read(), exchange.remembered()][-MOST:]
                    replace_file(self._path, msgspec.json.encode(kept), durable=False)
            except OSError as error:
                self._notice(f"The console's history can't be kept in {self._path} ({error.strerror}).")
                self._path = None

    def _read(self) -> list[Exchange]:
        if self._path is None:
            return []
        try:
            if not self._path.exists():
                return []
            with self._path.open("rb") as file:
                data = file.read(FILE_BYTES + 1)  # one that is larger is cut short, and so unreadable
            found = msgspec.json.decode(data[:FILE_BYTES], type=list[Exchange])
        except OSError as error:
            self._notice(f"The console's history can't be read from {self._path} ({error.strerror}).")
            return []
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            place = set_aside(self._path)
            self._notice(f"The console's history was unreadable ({error}); it was set aside as {place.name}.")
            return []
        return [exchange for exchange in found if exchange.method in BY_NAME]


def _within_bounds(exchanges: list[Exchange]) -> list[Exchange]:
    """Let go of the oldest, and of older bodies than fit."""
    kept: list[Exchange] = []
    room = MOST_BYTES
    for exchange in reversed(exchanges[-MOST:]):
        room -= len(exchange.body or b"")
        kept.append(exchange if room >= 0 or not kept else exchange.remembered())
    return kept[::-1]

"""The history of the API console: the requests that were sent with it, and their responses, in memory and in a file.

The file contains no tokens, and no bodies except those of errors. Two running programs can share the file: both keep
what the other one adds.
"""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.paths import exists
from flattr_tui.store.atomic_files import NoticeCallback, file_lock, replace_file, set_aside

MAX_EXCHANGES: Final = 100
"""Maximum number of exchanges in the history."""
MAX_BODY_BYTES: Final = 32 * 1024 * 1024
"""Maximum number of bytes of all bodies in memory. Bodies of older responses are read from the store again."""
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
"""Maximum size of the history file in bytes. A larger file was not written by this program."""


class History:
    """The exchanges (requests with their responses) of this run of the program and earlier ones.

    `path` is the history file; None to keep the history in memory only. `notice` is called with sentences for the user.
    `load` and `add` access the disk: call them in a thread.
    """

    def __init__(self, path: Path | None = None, *, notice: NoticeCallback = lambda text: None) -> None:
        self._path = path
        self._notice = notice
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []
        self._loaded = path is None

    def load(self) -> None:
        """Read the history of earlier runs from the file, unless it was read before. An invalid file is set aside."""
        with self._lock:
            if not self._loaded:
                self._loaded = True
                self._exchanges = [*self._read(), *self._exchanges][-MAX_EXCHANGES:]

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges in the history, the latest last."""
        return tuple(self._exchanges)

    def add(self, exchange: Exchange) -> None:
        """Add an exchange to the history. If the file can't be written, the user gets a notice once.

        The history is then in memory only.
        """
        self.load()
        with self._lock:
            self._exchanges = _within_bounds([*self._exchanges, exchange])
            if self._path is None:
                return
            try:
                with file_lock(self._path):
                    kept = [*self._read(), exchange.for_history()][-MAX_EXCHANGES:]
                    replace_file(self._path, msgspec.json.encode(kept), durable=False)
            except OSError as error:
                self._notice(f"The console's history can't be kept in {self._path} ({error.strerror}).")
                self._path = None

    def _read(self) -> list[Exchange]:
        if self._path is None:
            return []
        try:
            if not exists(self._path):
                return []
            with self._path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)  # of a larger file, too little is decoded, so it is invalid
            found = msgspec.json.decode(data[:MAX_FILE_BYTES], type=list[Exchange])
        except OSError as error:
            self._notice(f"The console's history can't be read from {self._path} ({error.strerror}).")
            return []
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            place = set_aside(self._path)
            self._notice(f"The console's history was unreadable ({error}); it was set aside as {place.name}.")
            return []
        return [exchange for exchange in found if exchange.method in BY_NAME]


def _within_bounds(exchanges: list[Exchange]) -> list[Exchange]:
    """Return the latest `MAX_EXCHANGES` exchanges, with bodies of at most `MAX_BODY_BYTES` bytes in total.

    The bodies of the oldest exchanges are left out if there are more bytes. The latest exchange keeps its body.
    """
    kept: list[Exchange] = []
    room = MAX_BODY_BYTES
    for exchange in reversed(exchanges[-MAX_EXCHANGES:]):
        room -= len(exchange.body or b"")
        kept.append(exchange if room >= 0 or not kept else exchange.for_history())
    return kept[::-1]

"""How many items a page a server grants: found out by asking for many, and remembered for each source."""

import contextlib
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.store.atomic_files import replace_file

MOST: Final = 100
"""What is asked for first."""
USUAL: Final = 30
"""What the service gives without being asked (content/api/index.md, 'Pagination')."""
NEARLY: Final = 25
"""From how many on a first page may be the usual one, of which some are hidden."""
ROUND: Final = frozenset({10, 12, 15, 16, 20, 24})
"""Smaller pages that a server may grant all the same: so many are seldom all that there is."""
LARGEST: Final = 10_000
"""No page is believed to be larger, whatever a file says."""


class Grants:
    """See the module. `path` is a small JSON file, None to remember nothing beyond this run."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = _read(path)

    def known(self, source: str, method: str = "") -> int | None:
        """Return the largest page that a source grants a method, or any; None before it is found out."""
        return self._known.get(_key(source, method))

    def ask_for(self, source: str, method: str = "") -> int:
        """Return how many items a page to ask a source for."""
        return self.known(source, method) or min(self.known(source) or MOST, MOST)

    def learn(self, source: str, method: str, count: int) -> None:
        """Remember what a source grants a method: it may grant another fewer, or more.

        A file that can't be written is no harm: it is found out again.
        """
        if self._known.get(source) == self._known.get(_key(source, method)) == count:
            return
        # Another program may have learned of other sources meanwhile.
        self._known = {**self._known, **_read(self._path), source: count, _key(source, method): count}
        if self._path is not None:
            with contextlib.suppress(OSError):
                replace_file(self._path, msgspec.json.format(msgspec.json.encode(self._known)), durable=False)


def may_be_less_than_asked(records: int, asked: int) -> bool:
    """Whether a first page that is not full may be all that the server grants, instead of all that there is."""
    return records < asked and (records >= NEARLY or records in ROUND)


def _key(source: str, method: str) -> str:
    return f"{source} {method}" if method else source


def _read(path: Path | None) -> dict[str, int]:
    if path is None:
        return {}
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, int])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}  # it is found out again
    return {source: count for source, count in found.items() if 0 < count <= LARGEST}

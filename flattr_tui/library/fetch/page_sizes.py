"""The largest page size that each source allows: found by requesting many items, and remembered in a file."""

import contextlib
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.store.atomic_files import replace_file

MAX_PAGE_SIZE: Final = 100
"""The page size that is requested first."""
NEARLY_DEFAULT: Final = 25
"""A first page with at least so many items may be one of the default size with some items hidden."""
ROUND_SIZES: Final = frozenset({10, 12, 15, 16, 20, 24})
"""Smaller page sizes that a server may use as its limit; a list seldom has exactly so many items."""
MAX_BELIEVED: Final = 10_000
"""Larger values in the file are ignored."""


class PageSizes:
    """Known page sizes. `path` is a small JSON file; None remembers them for this run only."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = _read(path)

    def known(self, source: str, method: str = "") -> int | None:
        """Return a source's largest page size for a method, or ("") the one found last for any; None if unknown."""
        return self._known.get(_key(source, method))

    def size_to_request(self, source: str, method: str = "") -> int:
        """Return the page size to request: the known one; for a method whose size is unknown, at most 100."""
        return self.known(source, method) or min(self.known(source) or MAX_PAGE_SIZE, MAX_PAGE_SIZE)

    def remember(self, source: str, method: str, count: int) -> None:
        """Remember the page size of a source for a method; other methods may differ.

        A file that can't be written is ignored: the size will be found again.
        """
        if self._known.get(source) == self._known.get(_key(source, method)) == count:
            return
        # Another program may have added other sources meanwhile.
        self._known = {**self._known, **_read(self._path), source: count, _key(source, method): count}
        if self._path is not None:
            with contextlib.suppress(OSError):
                replace_file(self._path, msgspec.json.format(msgspec.json.encode(self._known)), durable=False)


def may_be_size_limit(records: int, asked: int) -> bool:
    """Whether a first page shorter than `asked` may show the server's largest page size, not the end of the list."""
    return records < asked and (records >= NEARLY_DEFAULT or records in ROUND_SIZES)


def _key(source: str, method: str) -> str:
    return f"{source} {method}" if method else source


def _read(path: Path | None) -> dict[str, int]:
    if path is None:
        return {}
    try:
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, int])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}  # the sizes will be found again
    return {source: count for source, count in found.items() if 0 < count <= MAX_BELIEVED}

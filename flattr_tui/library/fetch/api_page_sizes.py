"""The largest page size that each source allows. It is found by requesting many items, and stored in a file."""

import contextlib
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.store.atomic_files import replace_file

MAX_PAGE_SIZE: Final = 100
"""The page size that is requested at first."""
NEARLY_DEFAULT: Final = 25
"""Minimum number of items on a first page that may be a page of the default size with some items hidden."""
ROUND_SIZES: Final = frozenset({10, 12, 15, 16, 20, 24})
"""Smaller page sizes that a server may use as its maximum. A list seldom has exactly this many items."""
MAX_BELIEVED: Final = 10_000
"""Maximum page size that is accepted from the file. Larger values are ignored."""


class PageSizes:
    """The known page sizes, stored in a small JSON file at `path` (None: only for this run)."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = _read(path)

    def known(self, source: str, method: str = "") -> int | None:
        """Return a source's largest page size for a method; None if unknown. With `method` "", the size found last."""
        return self._known.get(_key(source, method))

    def size_to_request(self, source: str, method: str = "") -> int:
        """Return the page size to request: the known one. For a method whose size is unknown, it is at most 100."""
        return self.known(source, method) or min(self.known(source) or MAX_PAGE_SIZE, MAX_PAGE_SIZE)

    def remember(self, source: str, method: str, count: int) -> None:
        """Store a source's page size for a method. Other methods may have other sizes.

        If the file can't be written, that is ignored, because the size will be found again.
        """
        if self._known.get(source) == self._known.get(_key(source, method)) == count:
            return
        # Another program may have added other sources meanwhile.
        self._known = {**self._known, **_read(self._path), source: count, _key(source, method): count}
        if self._path is not None:
            with contextlib.suppress(OSError):
                replace_file(self._path, msgspec.json.format(msgspec.json.encode(self._known)), durable=False)


def may_be_size_limit(records: int, requested: int) -> bool:
    """Whether a first page shorter than `requested` may be as long as the server allows, so that the list may go on."""
    return records < requested and (records >= NEARLY_DEFAULT or records in ROUND_SIZES)


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

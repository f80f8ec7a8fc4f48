"""The largest number of items per API page that each source allows: found by requesting many, and stored in a file."""

import contextlib
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.store.atomic_files import replace_file

MAX_PAGE_SIZE: Final = 100
"""The page size that is requested from a source whose maximum is unknown."""
NEARLY_DEFAULT: Final = 25
"""Number of items from which on a first page may be a full page of the default size with some items hidden."""
ROUND_SIZES: Final = frozenset({10, 12, 15, 16, 20, 24})
"""Smaller numbers of items that may be a server's maximum page size. Few lists have exactly so many items."""
MAX_BELIEVED: Final = 10_000
"""Maximum page size that is accepted from the file. Larger values are ignored."""


class PageSizes:
    """The largest page sizes that sources allow, as far as known. They are stored in the JSON file `path`, if given."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = _read(path)

    def known(self, source: str, method: str = "") -> int | None:
        """Return the largest page size that a source allows for an API method; None if it is unknown.

        With `method` "", return the size that was found last for any method of the source.
        """
        return self._known.get(_key(source, method))

    def size_to_request(self, source: str, method: str = "") -> int:
        """Return the page size to request from a source for an API method: the largest one allowed, if it is known.

        If it is unknown, the size found last for another method of the source is returned, but at most 100.
        """
        return self.known(source, method) or min(self.known(source) or MAX_PAGE_SIZE, MAX_PAGE_SIZE)

    def remember(self, source: str, method: str, count: int) -> None:
        """Store that a source allows `count` items per page for an API method.

        Until more is known, this size is also assumed for other methods of the source.

        If the file can't be written, that is ignored, because the size will be found again.
        """
        if self._known.get(source) == self._known.get(_key(source, method)) == count:
            return
        # Another program may have added other sources meanwhile.
        self._known = {**self._known, **_read(self._path), source: count, _key(source, method): count}
        if self._path is not None:
            with contextlib.suppress(OSError):
                replace_file(self._path, msgspec.json.format(msgspec.json.encode(self._known)), durable=False)


def may_be_size_limit(count: int, requested: int) -> bool:
    """Whether a list may go on after its first page, although that has only `count` of `requested` items.

    True if `count` is likely to be the server's maximum page size, perhaps with a few items hidden.
    """
    return count < requested and (count >= NEARLY_DEFAULT or count in ROUND_SIZES)


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

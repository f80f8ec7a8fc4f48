"""Text that must not be shown."""

from typing import SupportsIndex

MASK = "•••"


class Secret(str):
    """A text that no `repr` shows, so it appears in no traceback and no log of a container."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)

    def __getitem__(self, key: SupportsIndex | slice) -> "Secret":
        return Secret(super().__getitem__(key))

"""Text that must not be shown: access tokens."""

from typing import Final, SupportsIndex

MASK: Final = "•••"


class Secret(str):
    """A string whose `repr` hides its content, so that it appears in no traceback and no log."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)

    def __getitem__(self, key: SupportsIndex | slice) -> "Secret":
        return Secret(super().__getitem__(key))

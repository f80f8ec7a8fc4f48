"""Text that must not be shown, such as access tokens."""

from typing import Final, SupportsIndex

MASK: Final = "•••"
"""What is displayed in place of a secret text."""


class Secret(str):
    """A string whose `repr` (but not its `str`) hides the content, so that no traceback and no log contains it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)

    def __getitem__(self, key: SupportsIndex | slice) -> "Secret":
        return Secret(super().__getitem__(key))

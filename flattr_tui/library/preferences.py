"""Remembers choices that the user made on screen (theme, mode, sort orders) for the next start of the program.

Settings, options and the environment take precedence. If the file can't be read or written, the next start uses the
defaults.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from flattr_tui.store.shared_files import replace_file

SIZE_LIMIT: Final = 100_000
"""Maximum size of the file in bytes. A larger file was not written by this program."""


class Preferences(msgspec.Struct):
    """The choices that the user made on screen. Change the fields, and call `save` once at the end of the program."""

    theme: str = ""
    """Name of the theme; "" for the default."""
    place: str = ""
    """Id of the mode that was shown last; "" for the first mode."""
    sorts: dict[str, tuple[str, bool]] = {}
    """The sort order of each kind of list: the name of a column, and whether the order is descending."""
    is_welcome_dismissed: bool = False
    """Whether the user has hidden the line for newcomers."""

    @classmethod
    def load(cls, path: Path) -> "Preferences":
        """Return the user's choices that are stored in a file. A missing or invalid choice has its default value."""
        try:
            with path.open("rb") as file:
                found = msgspec.json.decode(file.read(SIZE_LIMIT))
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return cls()
        return cls(**dict(_valid_choices(found))) if isinstance(found, dict) else cls()

    def save(self, path: Path) -> None:
        """Write the user's choices to a file. Raises `OSError` if the file can't be written."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, msgspec.json.format(msgspec.json.encode(self)), durable=False)


def _valid_choices(found: dict[str, Any]) -> list[tuple[str, Any]]:
    valid = []
    for field in msgspec.structs.fields(Preferences):
        try:
            valid.append((field.name, msgspec.convert(found[field.name], field.type)))
        except (KeyError, msgspec.ValidationError):
            continue
    return valid

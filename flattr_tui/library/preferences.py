"""What the user chose in the program, kept until the next start: theme, place, sort orders.

Settings, options and the environment override it. If the file can't be read or written, the next start uses the
defaults.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from flattr_tui.store.atomic_files import replace_file

SIZE_LIMIT: Final = 100_000
"""Bytes: a larger file was not written by this program."""


class Preferences(msgspec.Struct):
    """The choices. Change the fields, and `save` once at the end."""

    theme: str = ""
    """Name of the theme; "" for the default."""
    place: str = ""
    """Id of the mode that was shown last; "" for the first."""
    sorts: dict[str, tuple[str, bool]] = {}
    """Order of lists by method: a column's name, and whether it is descending."""
    is_welcome_dismissed: bool = False
    """Whether the line for newcomers was hidden."""

    @classmethod
    def load(cls, path: Path) -> "Preferences":
        """Read the choices; invalid or missing ones are the defaults."""
        try:
            with path.open("rb") as file:
                found = msgspec.json.decode(file.read(SIZE_LIMIT))
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return cls()
        return cls(**dict(_valid(found))) if isinstance(found, dict) else cls()

    def save(self, path: Path) -> None:
        """Write the choices; raises `OSError`."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, msgspec.json.format(msgspec.json.encode(self)), durable=False)


def _valid(found: dict[str, Any]) -> list[tuple[str, Any]]:
    valid = []
    for field in msgspec.structs.fields(Preferences):
        try:
            valid.append((field.name, msgspec.convert(found[field.name], field.type)))
        except (KeyError, msgspec.ValidationError):
            continue
    return valid

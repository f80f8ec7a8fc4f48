"""The program's folders, as in the XDG Base Directory Specification, or their equivalents on other systems.

A folder is created when it is first written to, and only its owner can access it (0700). Importing this module accesses
no file.
"""

import os
from pathlib import Path

import msgspec

NAME = "flattr-tui"


_HOMELESS = (
    "There is no home folder: set HOME to one, or XDG_DATA_HOME and XDG_CONFIG_HOME to the folders to use, by their"
    " whole paths."
)


class FolderError(OSError):
    """A folder can't be used; the message is one sentence that names it and says what to do."""


class Paths(msgspec.Struct, frozen=True):
    """The program's folders and files. Making this object creates no folder."""

    config: Path
    """What users write: the settings."""
    data: Path
    """What is stored: responses, the catalogue, bookmarks, tokens, the sandbox's worlds."""

    @classmethod
    def standard(cls) -> "Paths":
        """Return this user's folders on this system; raises `FolderError` if the system does not say where they are."""
        import platformdirs  # noqa: PLC0415 -- not for those who give their own

        try:
            paths = cls(
                config=platformdirs.user_config_path(NAME, appauthor=False),
                data=platformdirs.user_data_path(NAME, appauthor=False),
            )
        except RuntimeError as error:
            raise FolderError(_HOMELESS) from error
        # Older versions of platformdirs return a relative folder, or one in the root folder, for an empty HOME.
        is_named = all(os.environ.get(name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"))
        is_absolute = paths.config.is_absolute() and paths.data.is_absolute()
        if not is_absolute or (os.environ.get("HOME") == "" and not is_named):
            raise FolderError(_HOMELESS)
        return paths

    @property
    def settings(self) -> Path:
        """The settings file, which may not exist."""
        return self.config / "settings.toml"

    @property
    def responses(self) -> Path:
        """The folder of the store of responses."""
        return self.data / "responses"

    @property
    def catalogue(self) -> Path:
        """The catalogue's database, next to the responses that it was made from."""
        return self.data / "catalogue.sqlite"

    @property
    def tokens(self) -> Path:
        """The list of accounts, and their tokens if there is no keyring."""
        return self.data / "tokens.json"

    @property
    def bookmarks(self) -> Path:
        """Bookmarks and history: one small file that outlives everything else."""
        return self.data / "bookmarks.json"

    @property
    def preferences(self) -> Path:
        """What the user chose in the program: theme, place, sort orders."""
        return self.data / "preferences.json"

    @property
    def console(self) -> Path:
        """The history of the API console."""
        return self.data / "console.json"

    @property
    def crashes(self) -> Path:
        """The folder of crash reports."""
        return self.data / "crashes"

    def world(self, seed: int, scale: int) -> Path:
        """Return the sandbox's database for a seed and a scale."""
        return self.data / "sandbox" / f"world-{seed}-{scale}.sqlite"


def exists(path: Path) -> bool:
    """Whether a file or folder exists. Raises `OSError` if that can't be seen.

    From Python 3.14 on, `Path.exists` returns False then, so that a folder without permission looks like an empty one.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def make_folder(folder: Path) -> Path:
    """Create a folder if it is missing, accessible to its owner only, and return it.

    Raises `FolderError` if it can't be created, belongs to another user, or can't be written to.
    """
    if not _make(folder):
        raise FolderError(
            f"The folder {folder} can't be written. Make it writable, or choose another one with XDG_DATA_HOME."
        )
    return folder


def make_data_folder(folder: Path, kept: Path) -> bool:
    """Make a folder as `make_folder` does, and return whether it can be written.

    A folder that can't be written is accepted if it contains `kept`, which can be read. Otherwise raises `FolderError`.
    """
    if exists(kept) and not _make(folder):
        return False
    make_folder(folder)
    return True


def _make(folder: Path) -> bool:
    """Make a folder if it is missing, and return whether it can be written; raises `FolderError`."""
    try:
        for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)  # `parents=True` would make those as the umask says
        folder.mkdir(exist_ok=True)  # raises `FileExistsError` for a file
    except OSError as error:
        raise FolderError(
            f"The folder {folder} can't be made ({error.strerror}). Make its parent writable,"
            " or choose another one with XDG_DATA_HOME."
        ) from error
    if folder.stat().st_uid != os.geteuid() and os.geteuid() != 0:
        raise FolderError(
            f"The folder {folder} belongs to another user, who could read or change what is kept there."
            " Choose another one with XDG_DATA_HOME."
        )
    return os.access(folder, os.R_OK | os.W_OK | os.X_OK)


def make_private(folder: Path) -> bool:
    """Remove other users' permissions for a folder, and return whether there were any.

    Raises `FolderError` if that is not possible.
    """
    mode = folder.stat().st_mode
    if not mode & 0o077:
        return False
    try:
        folder.chmod(0o700)
    except OSError as error:
        raise FolderError(
            f"The folder {folder} is open to other users, and that can't be changed ({error.strerror})."
            " Choose another one with XDG_DATA_HOME."
        ) from error
    return True

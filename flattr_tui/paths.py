"""The program's folders, by the XDG Base Directory Specification, or their equivalents on other systems.

A folder is created when it is first written to, and only its owner can access it (mode 0700).
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
    """A folder of the program can't be used. The message names the folder and says what to do."""


class Paths(msgspec.Struct, frozen=True):
    """The paths of the program's folders and files. Making this object creates no folder and no file."""

    config: Path
    """The folder for what the user writes: the settings."""
    data: Path
    """The folder for what the program stores: responses, the catalogue, bookmarks, tokens, the sandbox's databases."""

    @classmethod
    def standard(cls) -> "Paths":
        """Return the paths for the current user of this system. Raises `FolderError` if there is no home folder."""
        import platformdirs  # noqa: PLC0415 -- not needed by callers with paths of their own

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
        """The settings file."""
        return self.config / "settings.toml"

    @property
    def responses(self) -> Path:
        """The folder of the response store."""
        return self.data / "responses"

    @property
    def catalogue(self) -> Path:
        """The catalogue's database, next to the responses from which it was made."""
        return self.data / "catalogue.sqlite"

    @property
    def tokens(self) -> Path:
        """The file with the names of the logged-in accounts and, if the system has no keyring, their tokens."""
        return self.data / "tokens.json"

    @property
    def bookmarks(self) -> Path:
        """The file of bookmarks and history. It stays if saved responses are deleted."""
        return self.data / "bookmarks.json"

    @property
    def preferences(self) -> Path:
        """The file that remembers the user's choices in the program: theme, mode, sort orders."""
        return self.data / "preferences.json"

    @property
    def console(self) -> Path:
        """The file with the history of the API console."""
        return self.data / "console.json"

    @property
    def crashes(self) -> Path:
        """The folder of crash reports."""
        return self.data / "crashes"

    def world(self, seed: int, scale: int) -> Path:
        """Return the path of the database of a sandbox.

        `seed` is the number from which the sandbox's data is generated. `scale` is the number of flattrs of the user
        `collector` in it.
        """
        return self.data / "sandbox" / f"world-{seed}-{scale}.sqlite"

    def check_files(self) -> None:
        """Raise `FolderError` if a file of the program is a pipe, device or folder: reading a pipe may never end."""
        patterns = ("*.json", "*.sqlite*", "responses/*.db*", "sandbox/*.sqlite*")
        try:
            files = (self.settings, *(found for pattern in patterns for found in self.data.glob(pattern)))
            odd = [file for file in files if exists(file) and not file.is_file()]
        except PermissionError:
            return  # whoever needs the folder reports that
        except OSError as error:  # a path that is too long, or links in a circle
            raise _unusable(error) from error
        if odd:
            raise FolderError(f"{odd[0]} is not a regular file. Remove or rename it.")


def _unusable(error: OSError) -> FolderError:
    return FolderError(
        f"{error.filename} can't be used ({error.strerror}). Remove it, or set XDG_DATA_HOME to another folder."
    )


def exists(path: Path) -> bool:
    """Whether a file or folder exists. Raises `OSError` if the permissions of a parent folder do not allow finding out.

    From Python 3.14 on, `Path.exists` returns False in this case, as if the parent folder were empty.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def make_folder(folder: Path) -> Path:
    """Create a folder and its missing parents, all with mode 0700, and return the folder.

    An existing folder keeps its mode. Raises `FolderError` if `folder` can't be created or written to, or belongs to
    another user.
    """
    if not _create_if_missing(folder):
        raise FolderError(
            f"The folder {folder} can't be written. Make it writable, or choose another one with XDG_DATA_HOME."
        )
    return folder


def make_data_folder(folder: Path, saved_data: Path) -> bool:
    """Create a folder and its missing parents, all with mode 0700. Returns whether the folder can be written.

    A folder that can't be created, or that belongs to another user, raises `FolderError`. So does a folder that can't
    be written, unless the path `saved_data` exists: then there is data to read, and False is returned.
    """
    try:
        is_saved = exists(folder) and exists(saved_data)
    except PermissionError:
        raise
    except OSError as error:  # from Python 3.13 on, `check_files` does not notice it
        raise _unusable(error) from error
    if is_saved and not _create_if_missing(folder):
        return False
    make_folder(folder)
    return True


def _create_if_missing(folder: Path) -> bool:
    """Create a folder if it is missing. Returns whether the folder can be written.

    Raises `FolderError` if the folder can't be created or belongs to another user.
    """
    try:
        for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)  # `parents=True` would give parents the umask's mode
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
    """Remove the permissions of other users for a folder. Returns whether other users had any.

    Raises `FolderError` if the permissions can't be removed.
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

"""The database of the program's own sandbox: where it is, and how it is generated and opened."""

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from flattr_tui.model.data_source import SourceKind
from flattr_tui.paths import Paths, exists, make_data_folder
from flattr_tui.settings import Settings

if TYPE_CHECKING:
    from flattr_tui.sandbox.world import World

DEFAULT_SEED = 1
"""The seed from which the sandbox's data is generated. It is the same for all users."""
SEED_PROGRAM = """
import sys
from pathlib import Path
from flattr_tui.sandbox.database import make_world
make_world(Path(sys.argv[1]), seed=int(sys.argv[2]), scale=int(sys.argv[3]))
"""


def world_file(settings: Settings) -> Path:
    """Return the path of the sandbox's database for the scale in the settings, and create its folder.

    Raises `FolderError` if the folder can't be used.
    """
    file = Paths.standard().world(DEFAULT_SEED, settings.scale)
    make_data_folder(file.parent, file)
    return file


def seed_ahead(settings: Settings) -> None:
    """Start a process that generates the sandbox's database, if the settings use the sandbox and there is no database.

    In the meantime, this process imports the modules that draw the screen. When it opens the database, it waits for the
    other process, which has locked the database. If that process fails, the database is generated when it is opened.
    """
    if settings.source != SourceKind.SANDBOX or settings.offline or not all(map(os.isatty, range(3))):
        return
    try:
        file = world_file(settings)
        if exists(file):
            return
        # -P: no module of the current folder is imported
        program = (sys.executable, "-P", "-c", SEED_PROGRAM, str(file), str(DEFAULT_SEED), str(settings.scale))
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(program, stdin=nothing, stdout=nothing, stderr=nothing)  # noqa: S603 -- Python
    except OSError:
        return  # opening the database will fail, too, and that is reported
    Thread(target=process.wait, name="seeding", daemon=True).start()


def open_own_world(settings: Settings) -> "World":
    """Open the program's own sandbox database, for the scale in the settings.

    If the file can't be created, the database is in memory. Raises `OSError` if the file exists and can't be opened.
    """
    from flattr_tui.sandbox.world import World  # noqa: PLC0415

    file = Paths.standard().world(DEFAULT_SEED, settings.scale)
    try:
        return open_world(settings, world_file(settings))
    except OSError:
        if exists(file):
            raise
        return World.open(None, seed=DEFAULT_SEED, scale=settings.scale)


def open_world(settings: Settings, file: Path) -> "World":
    """Open a sandbox's database in a file, and fill a new one with data for the scale in the settings.

    Raises `OSError` if the file can't be opened.
    """
    from flattr_tui.sandbox.world import World  # noqa: PLC0415

    return World.open(file, seed=DEFAULT_SEED, scale=settings.scale)

"""The data of the user's sandbox: where it is, and how it is opened and generated."""

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
"""The number from which the sandbox's data is generated for every user."""
SEED_PROGRAM = """
import sys
from pathlib import Path
from flattr_tui.sandbox.database import make_world
make_world(Path(sys.argv[1]), seed=int(sys.argv[2]), scale=int(sys.argv[3]))
"""


def world_file(settings: Settings) -> Path:
    """Return the path of the sandbox's database for the scale in the settings. Its folder is created.

    Raises `FolderError`.
    """
    file = Paths.standard().world(DEFAULT_SEED, settings.scale)
    make_data_folder(file.parent, file)
    return file


def seed_ahead(settings: Settings) -> None:
    """Generate the sandbox's data in another process, if there is none, while this one imports what draws the screen.

    That process holds the lock of the data, so that whoever opens them waits for it. If it fails, they are generated
    when they are opened.
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
        return  # said by whoever opens them
    Thread(target=process.wait, name="seeding", daemon=True).start()


def open_own_world(settings: Settings) -> "World":
    """Open the sandbox's data for this process; in memory if its file does not exist and can't be created."""
    from flattr_tui.sandbox.world import World  # noqa: PLC0415

    file = Paths.standard().world(DEFAULT_SEED, settings.scale)
    try:
        return open_world(settings, world_file(settings))
    except OSError:
        if exists(file):
            raise
        return World.open(None, seed=DEFAULT_SEED, scale=settings.scale)


def open_world(settings: Settings, file: Path) -> "World":
    """Open the sandbox's data in a file, and fill it if it is new. Raises `OSError`."""
    from flattr_tui.sandbox.world import World  # noqa: PLC0415

    return World.open(file, seed=DEFAULT_SEED, scale=settings.scale)

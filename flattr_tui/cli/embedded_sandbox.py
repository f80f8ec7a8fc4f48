"""The sandbox inside the program: its database, which is generated and opened here, and its server in this process."""

import os
import subprocess
import sys
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flattr_tui.model.data_source import SourceKind
from flattr_tui.paths import Paths, exists, make_data_folder
from flattr_tui.settings import Settings

if TYPE_CHECKING:
    from flattr_tui.api.http_transport import AsgiApp
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
    """Return the path of the program's own sandbox database, and create the folder of the database.

    There is one file for each `settings.scale`. Raises `FolderError` if the folder can't be used.
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
    threading.Thread(target=process.wait, name="seeding", daemon=True).start()


def open_own_world(settings: Settings) -> "World":
    """Open the program's own sandbox database.

    Its data depends on `settings.scale`, the number of flattrs of the user `collector`. If the file can't be created,
    the database is in memory. Raises `OSError` if the file exists and can't be opened.
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
    """Open a sandbox's database in a file. If the file is new, fill it with data.

    `settings.scale` is the number of flattrs of the user `collector` in new data; with 0, there is no such user. Raises
    `OSError` if the file can't be opened.
    """
    from flattr_tui.sandbox.world import World  # noqa: PLC0415

    return World.open(file, seed=DEFAULT_SEED, scale=settings.scale)


class InProcessSandbox:
    """The sandbox as a server in this process. Its data is in an SQLite file.

    The server is created once, in the first thread that needs it, and is closed by the library that uses it. The SQLite
    file is filled before the first request, because filling a large sandbox takes longer than a request may take.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._app: Any = None

    def __call__(self) -> "AsgiApp":
        """Return the sandbox as an ASGI application, with its database open and filled.

        Raises `OSError` if the database can't be opened.
        """
        app: AsgiApp = self._make_app()
        self._app.state.world()
        return app

    def serve(self) -> AbstractContextManager[str]:
        """Return a context manager that serves the sandbox to browsers on a loopback port, and yields its address."""
        from flattr_tui.sandbox.server import serving  # noqa: PLC0415

        return serving(self._make_app())

    def _make_app(self) -> Any:
        from flattr_tui.sandbox.asgi_app import create_app  # noqa: PLC0415 -- imports Starlette, which the first screen does not need

        settings = self._settings
        with self._lock:
            if self._app is None:
                self._app = create_app(lambda: open_own_world(settings), rate_limit=settings.rate_limit)
            return self._app

    def close(self) -> None:
        """Close the sandbox's database."""
        if self._app is not None:
            self._app.state.world.close()

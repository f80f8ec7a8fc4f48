"""Home folders with saved data for benchmarks, and functions that run programs in them."""

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flattr_tui.cli.library_factory import LibraryServices, open_library
from flattr_tui.library.events import SyncProgress
from flattr_tui.library.sync import Targets
from flattr_tui.paths import Paths
from flattr_tui.settings import Settings
from tests.pty.terminal import Terminal

COLLECTOR = "collector"
"""Name of the sandbox user whose number of flattrs the benchmarks choose (`Settings.scale`)."""
ADA = "ada"
INHERITED = ("PATH", "LANG", "LC_ALL", "PYTHONPATH")
"""Environment variables that the programs inherit.

PYTHONDONTWRITEBYTECODE is not among them, so that a second start finds bytecode, as it does for users.
"""


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="flattr-tui-benchmarks-")


@dataclass(frozen=True, slots=True)
class Home:
    """A home folder, and the settings of the library that runs in it."""

    path: Path
    settings: Settings

    @classmethod
    def new(cls, settings: Settings | None = None) -> "Home":
        """Make an empty home folder, which is removed when Python ends."""
        return cls(Path(tempfile.mkdtemp(dir=_folder().name)), settings or Settings(rate_limit=0))

    def copy(self) -> "Home":
        """Make another home folder with the same saved data."""
        other = Home.new(self.settings)
        shutil.copytree(self.path, other.path, dirs_exist_ok=True)
        return other

    @property
    def paths(self) -> Paths:
        """The program's config and data folders in this home."""
        return Paths(config=self.path / "config" / "flattr-tui", data=self.path / "data" / "flattr-tui")

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of a program that runs in this home."""
        ours = {name: os.environ[name] for name in INHERITED if name in os.environ}
        folders = {f"XDG_{name}_HOME": str(self.path / name.lower()) for name in ("DATA", "CONFIG", "CACHE", "STATE")}
        return {
            **ours,
            **folders,
            "HOME": str(self.path),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }

    def library(self) -> LibraryServices:
        """Open this home's library, with a new sandbox as its server."""
        return open_library(self.settings, paths=self.paths)

    @contextmanager
    def program(self, *arguments: str, module: str = "flattr_tui") -> Iterator[Terminal]:
        """Run the Python module `module` in this home, on a terminal. It is killed at the end of the context."""
        with Terminal((sys.executable, "-m", module, *arguments), self.environment) as terminal:
            yield terminal


@dataclass(frozen=True, slots=True)
class SavedHome:
    """A home with complete lists saved in it."""

    home: Home
    pages: int
    seconds: float
    """Seconds that it took to fetch and store the lists and to add them to the catalogue."""


@cache
def make_saved_home(flattrs: int = 0) -> SavedHome:
    """Return a home with all lists of ada, and `flattrs` flattrs of the collector. All benchmarks share it."""
    home = Home.new(Settings(rate_limit=0, scale=flattrs))
    fetched = asyncio.run(fetch(home, Targets(users=(ADA,))))
    if flattrs:
        fetched = asyncio.run(fetch(home, Targets(users=(COLLECTOR,), things=False, activities=False)))
    progress, seconds = fetched
    return SavedHome(home, progress.pages, seconds)


async def fetch(home: Home, targets: Targets) -> tuple[SyncProgress, float]:
    """Sync `targets` into a home. Returns the final progress of the sync, and the seconds that it took."""
    library = home.library()
    worker = asyncio.create_task(library.run())
    try:
        await library.ready()
        began = time.perf_counter()
        sync = asyncio.create_task(library.sync.run(targets))
        await asyncio.wait((sync, worker), return_when=asyncio.FIRST_COMPLETED)
        if worker.done():  # a worker ends only with an error, and then the sync would never end
            worker.result()
        return sync.result(), time.perf_counter() - began
    finally:
        worker.cancel()
        await asyncio.wait([worker])
        await library.aclose()

"""Folders with something saved in them, and the programs that are started over them."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flattr_tui.cli.composition import LibraryServices, open_library
from flattr_tui.library.sync import Targets
from flattr_tui.library.sync_progress import SyncProgress
from flattr_tui.paths import Paths
from flattr_tui.settings import Settings
from tests.pty.terminal import Terminal

COLLECTOR = "collector"
"""The sandbox's user with as many flattrs as one likes."""
ADA = "ada"
KEPT = ("PATH", "LANG", "LC_ALL", "PYTHONPATH")
"""Of the environment; not whether bytecode is written, which everybody has who starts a program twice."""


@cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="flattr-tui-benchmarks-")


@dataclass(frozen=True, slots=True)
class Home:
    """A folder of its own."""

    path: Path
    settings: Settings

    @classmethod
    def new(cls, settings: Settings | None = None) -> "Home":
        """An empty one; it is removed when Python ends."""
        return cls(Path(tempfile.mkdtemp(dir=_folder().name)), settings or Settings(rate_limit=0))

    @property
    def paths(self) -> Paths:
        """Where the program keeps things there."""
        return Paths(config=self.path / "config" / "flattr-tui", data=self.path / "data" / "flattr-tui")

    @property
    def environment(self) -> dict[str, str]:
        """What makes a program live there."""
        ours = {name: os.environ[name] for name in KEPT if name in os.environ}
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
        """Its library, over a sandbox of its own."""
        return open_library(self.settings, paths=self.paths)

    @contextmanager
    def program(self, *arguments: str, module: str = "flattr_tui") -> Iterator[Terminal]:
        """A program there, on a terminal; it is killed in the end."""
        with Terminal((sys.executable, "-m", module, *arguments), self.environment) as terminal:
            yield terminal


@dataclass(frozen=True, slots=True)
class Saved:
    """A home with whole lists in it."""

    home: Home
    pages: int
    seconds: float
    """How long they took to be fetched, stored and taken into the catalogue."""


@cache
def saved(flattrs: int = 0) -> Saved:
    """Fetch all of ada, and that many flattrs of the collector, once for all benchmarks."""
    home = Home.new(Settings(rate_limit=0, scale=flattrs))
    fetched = asyncio.run(_fetch(home, Targets(users=(ADA,))))
    if flattrs:
        fetched = asyncio.run(_fetch(home, Targets(users=(COLLECTOR,), things=False, activities=False)))
    progress, seconds = fetched
    return Saved(home, progress.pages, seconds)


async def _fetch(home: Home, targets: Targets) -> tuple[SyncProgress, float]:
    library = home.library()
    worker = asyncio.create_task(library.run())
    try:
        await library.ready()
        began = time.perf_counter()
        sync = asyncio.create_task(library.sync.run(targets))
        await asyncio.wait((sync, worker), return_when=asyncio.FIRST_COMPLETED)
        if worker.done():  # it only ends by an error, and then the sync never does
            worker.result()
        return sync.result(), time.perf_counter() - began
    finally:
        worker.cancel()
        await asyncio.wait([worker])
        await library.aclose()

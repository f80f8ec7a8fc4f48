"""Counts the function calls that one key press causes, the files they are in, and how often execution changes the file.

Textual's pilot presses the keys. The server is a sandbox in this process. Only calls of the program's own functions
count, and not those inside the sandbox.
"""

import asyncio
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import flattr_tui
from flattr_tui.sandbox.world import World
from tests.benchmarks.measurement import Result, Sizes
from tests.ui.workspace import Workspace, go_to

ROOT = str(Path(flattr_tui.__file__).parent)
SERVER = str(Path(ROOT) / "sandbox")


@dataclass(frozen=True, slots=True)
class Aim:
    """The maximum numbers for one step: function calls, files with these functions, and changes of file."""

    calls: int
    files: int
    changes: int


AIMS = {
    "j in a list": Aim(400, 20, 200),
    "r on an unchanged list": Aim(4_000, 35, 1_000),
    "f y on a thing": Aim(12_000, 45, 4_000),
}


@dataclass(slots=True)
class Tracer:
    """Counts calls in all threads, while `is_counting`."""

    is_counting: bool = False
    calls: int = 0
    files: set[str] = field(default_factory=set)
    changes: int = 0
    _last: str = ""

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        """Count one call. Python calls this for each function call (`sys.setprofile`)."""
        if not self.is_counting or event != "call":
            return
        file = frame.f_code.co_filename
        if file.startswith(ROOT) and not file.startswith(SERVER):
            self.calls += 1
            self.files.add(file)
            self.changes += file != self._last
            self._last = file

    def results(self, step: str) -> Iterator[Result]:
        """Yield the counts since this method was last called as the results of `step`, and reset the counts."""
        aim = AIMS[step]
        yield Result(f"trace: {step}: calls", self.calls, "", aim.calls)
        yield Result(f"trace: {step}: files", len(self.files), "", aim.files)
        yield Result(f"trace: {step}: changes of file", self.changes, "", aim.changes)
        self.calls, self.files, self.changes = 0, set(), 0


@contextmanager
def _tracing(tracer: Tracer) -> Iterator[None]:
    threading.setprofile(tracer)  # for threads that start later
    sys.setprofile(tracer)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


async def _trace(world: World, folder: Path) -> list[Result]:
    workspace, tracer = Workspace(world, folder), Tracer()
    workspace.grant()
    results: list[Result] = []
    with _tracing(tracer):
        async with workspace.run_app(workspace.library("ada"), user="melodia") as driver:
            await driver.press("2")
            await driver.press("j")  # uncounted: only the first key imports and draws some things
            for step, keys in (("j in a list", ("j",)), ("r on an unchanged list", ("r",))):
                tracer.is_counting = True
                await driver.press(*keys)
                tracer.is_counting = False
                results += tracer.results(step)
            await go_to(driver, workspace.find_untouched_thing())
            tracer.is_counting = True
            await driver.press("f")
            await driver.press("y")
            tracer.is_counting = False
            assert any("Flattred" in notice for notice in driver.notices)
            results += tracer.results("f y on a thing")
    return results


def measure_trace(_: Sizes) -> Iterator[Result]:
    """Count the calls of each step. Each step runs only once, because the counts vary little."""
    with World.open(None) as world, tempfile.TemporaryDirectory() as folder:
        yield from asyncio.run(_trace(world, Path(folder)))

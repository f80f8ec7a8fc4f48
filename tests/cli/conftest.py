"""The command line, run in this process as `flattr-tui` runs it."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from flattr_tui.cli.root_command import run
from flattr_tui.paths import Paths
from tests.cli.saved_pages import NOW, pages
from tests.store.sample_responses import save_responses


class Ended(NamedTuple):
    """What came of it."""

    code: int
    out: str
    said: str
    """What it wrote on stderr."""

    @property
    def line(self) -> str:
        """The one line on stderr."""
        (only,) = self.said.splitlines()
        return only


Flattr = Callable[..., Ended]


@pytest.fixture
def flattr(capfd: pytest.CaptureFixture[str]) -> Flattr:
    """Run the command line."""

    def flattr_(*arguments: str) -> Ended:
        code = run(arguments)
        return Ended(code, *capfd.readouterr())

    return flattr_


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with some responses saved, at a time that stands still."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    folder = Paths.standard().data
    save_responses(folder, *pages())
    return folder


def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in a process of its own, with nothing to read."""
    return subprocess.run(
        [sys.executable, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def imported_by(code: str, names: Sequence[str]) -> set[str]:
    """Say which of some packages a piece of code imports, in a process of its own."""
    program = f"import sys\n{code}\nprint(*({{n.partition('.')[0] for n in sys.modules}} & set({list(names)!r})))"
    done = python("-c", program)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())

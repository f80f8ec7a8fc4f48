"""Fixtures that run the command line, in this process or in a new one."""

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


class CommandResult(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str
    """What the command wrote on stderr."""

    @property
    def line(self) -> str:
        """The text on stderr, which must be exactly one line."""
        (only,) = self.err.splitlines()
        return only


Flattr = Callable[..., CommandResult]


@pytest.fixture
def flattr(capfd: pytest.CaptureFixture[str]) -> Flattr:
    """A function that runs `flattr-tui` with its arguments, in this process."""

    def run_command(*arguments: str) -> CommandResult:
        code = run(arguments)
        return CommandResult(code, *capfd.readouterr())

    return run_command


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder with the responses of `saved_pages.pages` in it. The clock stands still."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    folder = Paths.standard().data
    save_responses(folder, *pages())
    return folder


def run_python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run Python in a new process without standard input."""
    return subprocess.run(
        [sys.executable, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def list_imports(code: str, names: Sequence[str]) -> set[str]:
    """Run Python code in a new process, and return which of the packages `names` it imports."""
    imported = "{n.partition('.')[0] for n, module in sys.modules.items() if module is not None}"
    program = f"import sys\n{code}\nprint(*({imported} & set({list(names)!r})))"
    done = run_python("-c", program)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())

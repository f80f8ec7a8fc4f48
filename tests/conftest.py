"""No test reads or writes what belongs to the person who runs it, or hangs on that person's environment."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

from flattr_tui.sandbox.world import World

SCRUBBED = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TERM_PROGRAM", "SSH_CONNECTION", "SSH_TTY", "TMUX", "BROWSER")
"""Variables that change how the program looks or what it does."""
PREFIXES = ("FLATTR_TUI_", "XDG_", "TEXTUAL", "KEYRING_", "PYTHON_KEYRING_")


# No deadline: the first text that is drawn makes Hypothesis try each character in UTF-8, which takes 3 s without the
# cache in .hypothesis, and a busy machine can be late at any time. A late example would be shrunk for minutes.
# One seed: a run fails for what was changed, or not at all. `--hypothesis-profile=default` looks for something new.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """Keep what was imported by now out of every later collection of garbage: it is much, and stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give every test a home of its own, no keyring, and none of the variables that the program reads."""
    home = tmp_path_factory.mktemp("home")
    for name in [*SCRUBBED, *(name for name in os.environ if name.startswith(PREFIXES))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a world as it begins, to be copied: a copy is a hundredth of the work of making one."""
    path = tmp_path_factory.mktemp("seeded") / "world.sqlite"
    World.open(path).close()
    return path

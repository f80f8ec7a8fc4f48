"""Isolation of all tests: they neither touch the user's files nor depend on the user's environment."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

from flattr_tui.sandbox.world import World

SCRUBBED_VARIABLES = (
    "NO_COLOR",
    "FORCE_COLOR",
    "COLORTERM",
    "TERM_PROGRAM",
    "SSH_CONNECTION",
    "SSH_TTY",
    "TMUX",
    "BROWSER",
)
"""Environment variables that change how the program looks or what it does. They are unset for every test."""
SCRUBBED_PREFIXES = ("FLATTR_TUI_", "XDG_", "TEXTUAL", "KEYRING_", "PYTHON_KEYRING_")


# No deadline: for the first text it draws, Hypothesis tries each character in UTF-8, which takes 3 s without the cache
# in .hypothesis, and a busy machine can be slow at any time. A slow example would be shrunk for minutes.
# One seed: a run fails only because of a change. `--hypothesis-profile=default` looks for new examples.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


def pytest_collection_finish() -> None:
    """Exclude all imported modules from garbage collection: they are many objects, and live until the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give each test its own home folder, no keyring, and no variable that the program reads. Return the folder."""
    home = tmp_path_factory.mktemp("home")
    for name in [*SCRUBBED_VARIABLES, *(name for name in os.environ if name.startswith(SCRUBBED_PREFIXES))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a newly seeded sandbox world. Copy it: a copy takes a hundredth of the time of seeding one."""
    path = tmp_path_factory.mktemp("seeded") / "world.sqlite"
    World.open(path).close()
    return path

# ruff: noqa: E402 -- bytecode is to be written from the first import on
"""Isolates all tests: they neither touch the user's files nor depend on the user's environment."""

import gc
import itertools
import os
import shutil
import sqlite3
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from threading import Lock

# Write bytecode even if PYTHONDONTWRITEBYTECODE is set: otherwise each program that a test starts compiles the whole
# package, which takes half a second, and each run of the tests rewrites all assertions, which takes 8 s a process;
# those of Hypothesis, which is imported below, take 4 s of them. The workers inherit the environment: they also import
# pytest's plugins, which comes before this module.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import pytest
from hypothesis import settings

from flattr_tui.cli.embedded_sandbox import world_file
from flattr_tui.paths import Paths, make_folder
from flattr_tui.sandbox import database
from flattr_tui.sandbox.world import World
from flattr_tui.settings import Settings

IN_MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""
ROOM = 2 << 30
"""Minimum number of free bytes in memory at which the tests have their folders there."""


def can_hold_folders(folder: Path) -> bool:
    """Return whether the tests can have their folders in `folder`: it must have room, and let programs run."""
    if not os.access(folder, os.W_OK):
        return False
    state = os.statvfs(folder)
    return not state.f_flag & os.ST_NOEXEC and state.f_bavail * state.f_frsize > ROOM


# On a disk, a third of the time of a test of a screen is spent waiting for it: SQLite makes each change lasting.
if can_hold_folders(IN_MEMORY):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))  # pytest's own way, short of an option

SCRUBBED_VARIABLES = (
    "NO_COLOR",
    "FORCE_COLOR",
    "COLORTERM",
    "TERM_PROGRAM",
    "SSH_CONNECTION",
    "SSH_TTY",
    "TMUX",
    "BROWSER",
    "PYTHONDONTWRITEBYTECODE",
)
"""Environment variables that change how the program looks or what it does. They are unset for every test."""
SCRUBBED_PREFIXES = ("FLATTR_TUI_", "XDG_", "TEXTUAL", "KEYRING_", "PYTHON_KEYRING_")

# No deadline: for the first text it draws, Hypothesis tries each character in UTF-8, which takes 3 s without the cache
# in .hypothesis, and a busy machine can be slow at any time. A slow example would be shrunk for minutes.
# One seed: a run fails only because of a change. `--hypothesis-profile=default` looks for new examples, and for more.
settings.register_profile("repeatable", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("repeatable")


def pytest_configure(config: pytest.Config) -> None:
    """Ignore a warning of Hypothesis about its own generator, on Python 3.14.

    In pyproject.toml the name of the warning would import Hypothesis before this module lets bytecode be written.
    """
    config.addinivalue_line(
        "filterwarnings", "ignore:It looks like .register_random.:hypothesis.errors.HypothesisWarning"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect no garbage while pytest collects the tests.

    The objects that exist by then are excluded from later collections, because they live until the end. Traversing them
    takes a fifth of the CPU time of collecting the tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)  # Python's defaults take a sixth of a screen test's CPU time
        gc.enable()


def pytest_unconfigure() -> None:
    """Collect garbage once, and exclude all objects from later collections.

    The five collections with which pytest ends then have nothing to do.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Endless paths for new home folders, all in one folder.

    `mktemp` of pytest lists this folder for each new path, which takes 8 ms.
    """
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> Iterator[Path]:
    """The test's own home folder. The test has no keyring, and no environment variables that the program reads."""
    home = next(homes)
    home.mkdir()
    for name in [*SCRUBBED_VARIABLES, *(name for name in os.environ if name.startswith(SCRUBBED_PREFIXES))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    yield home
    shutil.rmtree(home, ignore_errors=True)  # a program that was killed may still write there


@pytest.fixture(scope="session", autouse=True)
def cached_seeding() -> Iterator[None]:
    """Seed each kind of sandbox world once in this process. Later worlds are copies, which take 1 % of the time."""
    worlds: dict[tuple[int, int], sqlite3.Connection] = {}
    lock = Lock()
    seed_world = database.seed_world

    def copy_world(connection: sqlite3.Connection, seed: int, scale: int) -> None:
        with lock:
            if (seed, scale) not in worlds:
                first = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
                seed_world(first, seed, scale)
                worlds[seed, scale] = first
            worlds[seed, scale].backup(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "seed_world", copy_world)
        yield
    for world in worlds.values():
        world.close()


@pytest.fixture(scope="session")
def seeded_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database file of a newly seeded sandbox world. Tests copy it: that takes 1 % of the time of seeding."""
    path = tmp_path_factory.mktemp("seeded") / "world.sqlite"
    World.open(path).close()
    return path


@pytest.fixture
def saved_world(own_environment: Path, seeded_world: Path) -> None:
    """Copy a seeded world to the home folder. Otherwise the program seeds a world, which takes most of a second."""
    make_folder(Paths.standard().data)
    shutil.copy(seeded_world, world_file(Settings()))


@pytest.fixture
def nothing_saved() -> None:
    """Let the libraries of the fixtures `make_library`, `workspace` and `launch` start without saved data."""

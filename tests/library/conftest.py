"""Worlds for the library's tests: one to read, and a fresh one for each test that changes it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flattr_tui.sandbox.world import World
from tests.library.support import Time

DEEP = 2_500
"""How many flattrs the user `collector` has."""


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("library-world") / "world.sqlite"
    World.open(path, scale=DEEP).close()
    return path


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> Iterator[World]:
    """A world to read."""
    copy = tmp_path_factory.mktemp("library-people") / "world.sqlite"
    shutil.copy(seeded, copy)
    with World.open(copy, scale=DEEP) as world:
        yield world


@pytest.fixture
def world(tmp_path: Path, seeded: Path) -> Iterator[World]:
    """A world to change."""
    copy = tmp_path / "world.sqlite"
    shutil.copy(seeded, copy)
    with World.open(copy, scale=DEEP) as opened:
        yield opened


@pytest.fixture
def time() -> Time:
    return Time()

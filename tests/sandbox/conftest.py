"""The sandbox's server in-process: one world to read, and a fresh one for each test that writes."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.rows import Token
from flattr_tui.sandbox.world import World

BASE = "http://sandbox.test"
API = f"{BASE}/rest/v2/"
ALL = ("flattr", "thing", "email", "extendedread")

Connect = Callable[..., httpx.AsyncClient]


def connect(app: ASGIApp, **options: object) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=API, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "world.sqlite"
    World.open(path).close()
    return path


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, seeded: Path) -> Iterator[World]:
    """A world for tests that only read."""
    copy = tmp_path_factory.mktemp("shared") / "world.sqlite"
    shutil.copy(seeded, copy)
    with World.open(copy) as world:
        for scopes in ((), ("email",), ALL):
            world.keep_token(Token("-".join(("read", *scopes)), "ada", "flattr-tui", frozenset(scopes)))
        yield world


@pytest.fixture
def world(tmp_path: Path, seeded: Path) -> Iterator[World]:
    """A world for one test."""
    copy = tmp_path / "world.sqlite"
    shutil.copy(seeded, copy)
    with World.open(copy) as opened:
        yield opened


@pytest.fixture
async def http(shared: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server over the shared world, with no rate limit."""
    async with connect(create_app(shared, rate_limit=0)) as client:
        yield client

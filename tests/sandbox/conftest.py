"""The sandbox's server in-process: one world to read, and a fresh one for each test that writes."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.models import Token
from flattr_tui.sandbox.oauth_clients import Credentials
from flattr_tui.sandbox.world import World

BASE = "http://sandbox.test"
API = f"{BASE}/rest/v2/"
ALL = ("flattr", "thing", "email", "extendedread")

Connect = Callable[..., httpx.AsyncClient]


class Clock:
    """A time that stands still until it is set."""

    now = 1_600_000_000.0

    def __call__(self) -> float:
        return self.now


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
            world.store_token(Token("-".join(("read", *scopes)), "ada", "flattr-tui", frozenset(scopes)))
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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(world: World, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server to log in at, with the clock in hand and two clients more than the sandbox's own."""
    others = [Credentials("other", "s3cret"), Credentials.parse("web:pass word:https://client.example/back")]
    async with connect(create_app(world, clients=others, clock=clock)) as client:
        yield client


@pytest.fixture
async def site(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server over a world for one test, that knows the token `all` of ada's."""
    world.store_token(Token("all", "ada", "flattr-tui", frozenset(ALL)))
    async with connect(create_app(world, rate_limit=0)) as client:
        yield client

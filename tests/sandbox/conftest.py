"""Fixtures with the sandbox's server in this process: shared data for reading tests, own data for writing tests."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import SCOPES, Credentials, Token
from flattr_tui.sandbox.world import World
from tests.sandbox.sandbox_requests import ALL_SCOPES

BASE = "http://sandbox.test"
API = f"{BASE}/rest/v2/"

Connect = Callable[..., httpx.AsyncClient]


class Clock:
    """A clock that stands still until a test sets `now` (seconds since 1970)."""

    now = 1_600_000_000.0

    def __call__(self) -> float:
        return self.now


def make_client(app: ASGIApp, **options: object) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=API, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def shared_world(tmp_path_factory: pytest.TempPathFactory, seeded_world: Path) -> Iterator[World]:
    """Sandbox data that all tests of the session share: they must not change it.

    It contains the tokens `read`, `read-email` and `read-flattr-thing-email-extendedread` of ada.
    """
    copy = tmp_path_factory.mktemp("shared") / "world.sqlite"
    shutil.copy(seeded_world, copy)
    with World.open(copy) as world:
        for scopes in ((), ("email",), tuple(SCOPES)):
            world.store_token(Token("-".join(("read", *scopes)), "ada", "flattr-tui", frozenset(scopes)))
        yield world


@pytest.fixture
def world(tmp_path: Path, seeded_world: Path) -> Iterator[World]:
    """Sandbox data for one test, which the test may change."""
    copy = tmp_path / "world.sqlite"
    shutil.copy(seeded_world, copy)
    with World.open(copy) as opened:
        yield opened


@pytest.fixture
async def http(shared_world: World) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of a server with the shared data and without a rate limit."""
    async with make_client(create_app(shared_world, rate_limit=0)) as client:
        yield client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(world: World, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of a server with the test's own data (`world`) and `clock`.

    Besides the sandbox's own OAuth client, the clients `other` and `web` are registered.
    """
    others = [Credentials("other", "s3cret"), Credentials.parse("web:pass word:https://client.example/back")]
    async with make_client(create_app(world, clients=others, clock=clock)) as client:
        yield client


@pytest.fixture
async def site(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of a server with the test's own data (`world`). ada has the token `all` with all scopes there."""
    world.store_token(Token("all", "ada", "flattr-tui", ALL_SCOPES))
    async with make_client(create_app(world, rate_limit=0)) as client:
        yield client

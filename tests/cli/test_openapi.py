"""Tests of the OpenAPI description: its methods, its page, and that the server's responses agree with it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import schemathesis.specs.openapi.schemas  # here, and not while a test runs: Python 3.11.7 can fail to compile it then
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette

from flattr_tui.api.method_table import METHODS
from flattr_tui.cli.openapi import describe
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import Token
from flattr_tui.sandbox.world import World

ROOT = "http://127.0.0.1:8080"
DESCRIPTION = describe(ROOT)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MAX_EXAMPLES = 15
"""Number of requests to each method. They are enough for successes and errors, with a token and without."""
OPERATIONS = [(path, verb) for path, verbs in DESCRIPTION["paths"].items() for verb in verbs]


@dataclass(frozen=True)
class Described:
    """A server with its description, ids of things on it, and ada's token `all`, which has all scopes."""

    app: Starlette
    schema: Any
    things: list[int]


@pytest.fixture(scope="module")
def described_server(tmp_path_factory: pytest.TempPathFactory, seeded_world: Path) -> Iterator[Described]:
    path = tmp_path_factory.mktemp("described") / "world.sqlite"
    shutil.copy(seeded_world, path)
    with World.open(path) as world:
        world.store_token(Token("all", "ada", "flattr-tui", frozenset(("flattr", "thing", "email", "extendedread"))))
        world.set_budget("ada", 1_000_000)
        owned = [thing.id for name in ("ada", "melodia") for thing in world.things_of(name, count=10, page=1)]
        subscribed = [row.thing.id for row in world.subscriptions_of("ada")]
        app = create_app(world, rate_limit=1_000_000, description=describe)
        yield Described(app, schemathesis.openapi.from_asgi("/rest/v2/openapi.json", app), [*owned, *subscribed])


def test_the_description_lists_each_method_once() -> None:
    listed = [operation["operationId"] for verbs in DESCRIPTION["paths"].values() for operation in verbs.values()]
    assert sorted(listed) == sorted(method.name for method in METHODS)


def test_each_body_has_one_media_type() -> None:
    """Two media types break a generated client: findings/openapi-python-client-cannot-import-a-post.sh."""
    operations = [operation for verbs in DESCRIPTION["paths"].values() for operation in verbs.values()]
    bodies = [operation["requestBody"]["content"] for operation in operations if "requestBody" in operation]
    assert [list(body) for body in bodies] == [["application/json"]] * 3


async def test_the_served_description_has_the_requested_address(described_server: Described) -> None:
    transport = httpx.ASGITransport(app=described_server.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:81") as client:
        answer = await client.get("/rest/v2/openapi.json")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.json() == describe("http://localhost:81")
        page = (await client.get("/docs")).text
        assert "<script" not in page
        for method in METHODS:
            assert method.help in page.replace("&#x27;", "'")
        assert "Needs a token with the scope thing." in page
        assert "comma-separated one of text, images" in page
        assert '<a href="http://localhost:81/docs">' in (await client.get("/")).text


def insert_existing_names(case: Any, thing: int) -> None:
    case.path_parameters |= {name: "ada" if name == "username" else thing for name in case.path_parameters}
    if case.operation.label == "GET /things":
        case.query["id"] = f"{thing},1"
    if case.operation.label == "GET /things/lookup":
        case.query["url"] = f"{ROOT}/thing/{thing}"
    if isinstance(case.body, dict) and "url" in case.body:
        # An address of its own for each operation: adding a thing makes ada its owner, who cannot flattr it.
        case.body["url"] = f"https://github.com/melodia/{case.operation.path.strip('/')}-{thing}"


@pytest.mark.parametrize(("path", "verb"), OPERATIONS)
def test_every_response_agrees_with_the_description(described_server: Described, path: str, verb: str) -> None:
    answered: set[int] = set()

    @settings(
        max_examples=MAX_EXAMPLES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        described_server.schema[path][verb].as_strategy(),
        st.sampled_from(["Bearer all", "Bearer all", None, "Bearer unknown"]),
        st.sampled_from([*described_server.things, None]),
    )
    def check(case: Any, token: str | None, thing: int | None) -> None:
        if thing is not None:  # generated names do not exist
            insert_existing_names(case, thing)
        answer = case.call(headers={"Authorization": token} if token else {})
        answered.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    check()
    assert min(answered) < 400

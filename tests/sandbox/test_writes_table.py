"""Tests of all private and writing methods of the client's table: a forbidden call gets the documented error."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from flattr_tui.api.method_table import METHODS, Auth, Method, ParameterKind
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import SCOPES, Token
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import make_client
from tests.sandbox.sandbox_requests import ALL_SCOPES, assert_refused, untouched_ids

PRIVATE = [method for method in METHODS if method.private]
WRITES = [method for method in METHODS if method.writes]
OWNER_ONLY = {"update-thing", "delete-thing"}
NOT_ON_OWN_THINGS = {"flattr": "flattr_owner", "subscribe": "thing_owner"}
"""Methods that the server refuses for one's own things, with the code of the error."""
SUBSCRIBED = {"toggle-subscription", "unsubscribe"}


@pytest.fixture
async def site(world: World) -> AsyncIterator[httpx.AsyncClient]:
    for name in ("ada", "melodia", "penniless"):
        world.store_token(Token(name, name, "flattr-tui", ALL_SCOPES))
    for scope in SCOPES:
        world.store_token(Token(f"but-{scope}", "ada", "flattr-tui", ALL_SCOPES - {scope}))
    world.store_token(Token("reads", "ada", "flattr-tui", frozenset()))
    async with make_client(create_app(world, rate_limit=0)) as client:
        yield client


@pytest.fixture
def read_state(tmp_path: Path) -> Any:
    """A function that reads the whole database of the sandbox."""

    def read() -> bytes:
        with closing(sqlite3.connect(tmp_path / "world.sqlite")) as connection:
            return connection.serialize()

    return read


def request_of(method: Method, world: World) -> tuple[str, dict[str, Any]]:
    """Return the path and the fields of the body for a call of `method` that would succeed for ada."""
    own, other = world.things_of("ada", count=1, page=1)[0].id, untouched_ids(world, "melodia")[0]
    if method.name in SUBSCRIBED:
        world.subscribe("ada", other)
    thing_id = own if method.name in OWNER_ONLY else other
    row = world.thing(other)
    assert row is not None
    values = {
        ParameterKind.URL: row.url if method.name == "flattr-url" else "http://new.example/",
        ParameterKind.BOOLEAN: True,
    }
    values |= {
        ParameterKind.CATEGORY: "audio",
        ParameterKind.LANGUAGE: "de_DE",
        ParameterKind.TEXT: "changed",
        ParameterKind.LIST: "x,y",
    }
    fields = {p.name: values[p.kind] for p in method.parameters if not p.in_path} if method.writes else {}
    return method.path.replace(":id", str(thing_id))[1:], fields


async def send(
    site: httpx.AsyncClient, method: Method, path: str, fields: dict[str, Any], token: str
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if method.formats[0] == "as":
        headers["Accept"] = "application/stream+json"
    return await site.request(method.verb, path, json=fields or None, headers=headers)


def test_the_table_has_private_and_writing_methods() -> None:
    assert [method.name for method in WRITES if not method.private] == []
    assert len(PRIVATE) == 13
    assert len(WRITES) == 8


@pytest.mark.parametrize("method", PRIVATE, ids=lambda method: method.name)
async def test_missing_and_unknown_tokens_are_refused(
    site: httpx.AsyncClient, world: World, read_state: Any, method: Method
) -> None:
    path, fields = request_of(method, world)
    before = read_state()
    for token in ("", "wrong", "ADA", "ada, melodia"):
        answer = await send(site, method, path, fields, token)
        assert_refused(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith('Bearer realm="flattr"')
    assert read_state() == before


@pytest.mark.parametrize("method", PRIVATE, ids=lambda method: method.name)
async def test_a_token_needs_the_scope_of_the_table_and_no_other(
    site: httpx.AsyncClient, world: World, read_state: Any, method: Method
) -> None:
    path, fields = request_of(method, world)
    before = read_state()
    needed = str(method.auth) if method.auth is not Auth.TOKEN else ""
    if needed:
        for token in (f"but-{needed}", "reads"):
            answer = await send(site, method, path, fields, token)
            assert_refused(answer, 403, "insufficient_scope")
            assert f'scope="{needed}"' in answer.headers["www-authenticate"]
    assert read_state() == before
    others = [f"but-{scope}" for scope in SCOPES if scope != needed]
    answer = await send(site, method, path, fields, others[0] if needed else "reads")
    assert answer.status_code in {200, 201, 204}, answer.text
    assert (read_state() != before) is method.writes


@pytest.mark.parametrize("method", [m for m in WRITES if ":id" in m.path], ids=lambda method: method.name)
async def test_methods_for_the_owner_or_for_others_refuse_the_rest(
    site: httpx.AsyncClient, world: World, read_state: Any, method: Method
) -> None:
    own, other = world.things_of("ada", count=1, page=1)[0].id, untouched_ids(world, "melodia")[0]
    thing_id = own if method.name in NOT_ON_OWN_THINGS else other
    _, fields = request_of(method, world)
    if method.name in SUBSCRIBED:
        world.unsubscribe("ada", other)
        world.subscribe("penniless", other)
    before = read_state()
    answer = await send(site, method, method.path.replace(":id", str(thing_id))[1:], fields, "ada")
    if method.name in SUBSCRIBED:
        assert_refused(answer, 404, "not_found")  # the subscription is another user's
    else:
        assert_refused(answer, 403, NOT_ON_OWN_THINGS.get(method.name, "forbidden"))
    assert read_state() == before


@pytest.mark.parametrize("method", [m for m in WRITES if ":id" in m.path], ids=lambda method: method.name)
async def test_missing_things_are_not_found(
    site: httpx.AsyncClient, world: World, read_state: Any, method: Method
) -> None:
    _, fields = request_of(method, world)
    before = read_state()
    for missing in ("1", "0", "x", "9" * 30, "%20"):
        assert_refused(
            await send(site, method, method.path.replace(":id", missing)[1:], fields, "ada"), 404, "not_found"
        )
    assert read_state() == before


@pytest.mark.parametrize("method", [m for m in WRITES if m.verb != "DELETE"], ids=lambda method: method.name)
async def test_a_repeated_write_gets_the_documented_response(
    site: httpx.AsyncClient, world: World, read_state: Any, method: Method
) -> None:
    path, fields = request_of(method, world)
    assert (await send(site, method, path, fields, "ada")).is_success
    before = read_state()
    again = await send(site, method, path, fields, "ada")
    once = {"flattr": (403, "flattr_once"), "flattr-url": (403, "flattr_once"), "subscribe": (403, "subscribed")}
    once |= {"create-thing": (400, "validation")}
    if method.name in once:
        assert_refused(again, *once[method.name])
        assert read_state() == before
    else:
        assert again.is_success


@pytest.mark.parametrize("name", ["flattr", "flattr-url"])
async def test_a_flattr_without_money_is_refused(
    site: httpx.AsyncClient, world: World, read_state: Any, name: str
) -> None:
    method = next(method for method in WRITES if method.name == name)
    path, fields = request_of(method, world)
    before = read_state()
    assert_refused(await send(site, method, path, fields, "penniless"), 401, "no_means")
    assert read_state() == before

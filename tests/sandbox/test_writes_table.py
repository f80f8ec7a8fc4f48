"""Every method that is private or writes, from the table: who may not is told so as documented, and nothing changes."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from flattr_tui.api.methods import METHODS, Auth, Kind, Method
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.choices import SCOPES
from flattr_tui.sandbox.models import ThingSearch, Token
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import ALL, connect
from tests.sandbox.sandbox_requests import refused

PRIVATE = [method for method in METHODS if method.private]
WRITES = [method for method in METHODS if method.writes]
OF_ONES_OWN = {"update-thing", "delete-thing"}
OF_OTHERS = {"flattr": "flattr_owner", "subscribe": "thing_owner"}
"""What can't be done with one's own, and what is said of it."""
SUBSCRIBED = {"toggle-subscription", "unsubscribe"}


@pytest.fixture
async def site(world: World) -> AsyncIterator[httpx.AsyncClient]:
    for name in ("ada", "melodia", "penniless"):
        world.store_token(Token(name, name, "flattr-tui", frozenset(ALL)))
    for scope in SCOPES:
        world.store_token(Token(f"but-{scope}", "ada", "flattr-tui", frozenset(ALL) - {scope}))
    world.store_token(Token("reads", "ada", "flattr-tui", frozenset()))
    async with connect(create_app(world, rate_limit=0)) as client:
        yield client


@pytest.fixture
def state(tmp_path: Path) -> Any:
    """All that the world holds, every table of it."""

    def read() -> Mapping[str, list[Any]]:
        with closing(sqlite3.connect(tmp_path / "world.sqlite")) as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            assert {"things", "flattrs", "subscriptions", "users", "tokens", "words"} <= set(tables)
            return {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables}

    return read


def fresh_of(world: World, username: str) -> int:
    """A thing of `username` that ada has neither flattred nor subscribed to."""
    ids = [row.id for row in world.search(ThingSearch(user=username), count=100, page=1)[1]]
    held = world.has_flattred("ada", ids) | world.has_subscribed("ada", ids)
    return next(thing_id for thing_id in ids if thing_id not in held)


def request_of(method: Method, world: World) -> tuple[str, dict[str, Any]]:
    """A call that would work for ada: its path and the fields of its body."""
    own, other = world.things_of("ada", count=1, page=1)[0].id, fresh_of(world, "melodia")
    if method.name in SUBSCRIBED:
        world.subscribe("ada", other)
    thing_id = own if method.name in OF_ONES_OWN else other
    row = world.thing(other)
    assert row is not None
    values = {Kind.URL: row.url if method.name == "flattr-url" else "http://new.example/", Kind.BOOLEAN: True}
    values |= {Kind.CATEGORY: "audio", Kind.LANGUAGE: "de_DE", Kind.TEXT: "changed", Kind.LIST: "x,y"}
    fields = {p.name: values[p.kind] for p in method.parameters if not p.in_path} if method.writes else {}
    return method.path.replace(":id", str(thing_id))[1:], fields


async def send(
    site: httpx.AsyncClient, method: Method, path: str, fields: dict[str, Any], token: str
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if method.formats[0] == "as":
        headers["Accept"] = "application/stream+json"
    return await site.request(method.verb, path, json=fields or None, headers=headers)


def test_the_tables_halves_are_what_they_are_named() -> None:
    assert [method.name for method in WRITES if not method.private] == []
    assert len(PRIVATE) == 13
    assert len(WRITES) == 8


@pytest.mark.parametrize("method", PRIVATE, ids=lambda method: method.name)
async def test_nobody_and_a_stranger_are_refused(
    site: httpx.AsyncClient, world: World, state: Any, method: Method
) -> None:
    path, fields = request_of(method, world)
    before = state()
    for token in ("", "wrong", "ADA", "ada, melodia"):
        answer = await send(site, method, path, fields, token)
        refused(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"].startswith('Bearer realm="flattr"')
    assert state() == before


@pytest.mark.parametrize("method", PRIVATE, ids=lambda method: method.name)
async def test_a_token_needs_the_scope_of_the_table_and_no_other(
    site: httpx.AsyncClient, world: World, state: Any, method: Method
) -> None:
    path, fields = request_of(method, world)
    before = state()
    needed = str(method.auth) if method.auth is not Auth.TOKEN else ""
    if needed:
        for token in (f"but-{needed}", "reads"):
            answer = await send(site, method, path, fields, token)
            refused(answer, 403, "insufficient_scope")
            assert f'scope="{needed}"' in answer.headers["www-authenticate"]
    assert state() == before
    others = [f"but-{scope}" for scope in SCOPES if scope != needed]
    answer = await send(site, method, path, fields, others[0] if needed else "reads")
    assert answer.status_code in {200, 201, 204}, answer.text
    assert (state() != before) is method.writes


@pytest.mark.parametrize("method", [m for m in WRITES if ":id" in m.path], ids=lambda method: method.name)
async def test_anothers_thing_and_ones_own_are_told_apart(
    site: httpx.AsyncClient, world: World, state: Any, method: Method
) -> None:
    own, other = world.things_of("ada", count=1, page=1)[0].id, fresh_of(world, "melodia")
    thing_id = own if method.name in OF_OTHERS else other
    _, fields = request_of(method, world)
    if method.name in SUBSCRIBED:
        world.unsubscribe("ada", other)
        world.subscribe("penniless", other)
    before = state()
    answer = await send(site, method, method.path.replace(":id", str(thing_id))[1:], fields, "ada")
    if method.name in SUBSCRIBED:
        refused(answer, 404, "not_found")  # it is another's subscription
    else:
        refused(answer, 403, OF_OTHERS.get(method.name, "forbidden"))
    assert state() == before


@pytest.mark.parametrize("method", [m for m in WRITES if ":id" in m.path], ids=lambda method: method.name)
async def test_what_is_not_there_is_not_found(
    site: httpx.AsyncClient, world: World, state: Any, method: Method
) -> None:
    _, fields = request_of(method, world)
    before = state()
    for missing in ("1", "0", "x", "9" * 30, "%20"):
        refused(await send(site, method, method.path.replace(":id", missing)[1:], fields, "ada"), 404, "not_found")
    assert state() == before


@pytest.mark.parametrize("method", [m for m in WRITES if m.verb != "DELETE"], ids=lambda method: method.name)
async def test_what_is_done_twice_is_told_so(site: httpx.AsyncClient, world: World, state: Any, method: Method) -> None:
    path, fields = request_of(method, world)
    assert (await send(site, method, path, fields, "ada")).is_success
    before = state()
    again = await send(site, method, path, fields, "ada")
    once = {"flattr": (403, "flattr_once"), "flattr-url": (403, "flattr_once"), "subscribe": (403, "subscribed")}
    once |= {"create-thing": (400, "validation")}
    if method.name in once:
        refused(again, *once[method.name])
        assert state() == before
    else:
        assert again.is_success


@pytest.mark.parametrize("name", ["flattr", "flattr-url"])
async def test_who_has_no_means_is_told_so(site: httpx.AsyncClient, world: World, state: Any, name: str) -> None:
    method = next(method for method in WRITES if method.name == name)
    path, fields = request_of(method, world)
    before = state()
    refused(await send(site, method, path, fields, "penniless"), 401, "no_means")
    assert state() == before

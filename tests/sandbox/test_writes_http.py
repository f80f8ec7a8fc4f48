"""Tests of the API methods that write: who may call them, their responses, and that a refused call changes nothing."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import SCOPES, Token
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import API, make_client
from tests.sandbox.sandbox_requests import ALL_SCOPES, assert_refused, untouched_ids

RECEIPT_THING = {"type", "resource", "link", "id", "url", "title", "image", "flattrs"}
WRITES = [
    ("POST", "things/{id}/flattr", "flattr"),
    ("POST", "flattr", "flattr"),
    ("POST", "things", "thing"),
    ("POST", "things/", "thing"),
    ("PATCH", "things/{id}", "thing"),
    ("POST", "things/{id}", "thing"),
    ("DELETE", "things/{id}", "thing"),
    ("POST", "things/{id}/subscriptions", "flattr"),
    ("PUT", "things/{id}/subscriptions", "flattr"),
    ("DELETE", "things/{id}/subscriptions", "flattr"),
]


@pytest.fixture
async def site(world: World) -> AsyncIterator[httpx.AsyncClient]:
    for name in ("ada", "melodia", "penniless"):
        world.store_token(Token(f"all-{name}", name, "flattr-tui", ALL_SCOPES))
    for scope in SCOPES:
        world.store_token(Token(f"only-{scope}", "ada", "flattr-tui", frozenset({scope})))
    async with make_client(create_app(world, rate_limit=0)) as client:
        yield client


@pytest.fixture
def untouched_id(world: World) -> int:
    """The id of a thing of melodia that ada has neither flattred nor subscribed to."""
    return untouched_ids(world)[0]


def read_tables(tmp_path: Path) -> list[Any]:
    with closing(sqlite3.connect(tmp_path / "world.sqlite")) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("things", "flattrs", "subscriptions", "users")
        ]


def bearer_header(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def url_of(world: World, thing_id: int) -> str:
    row = world.thing(thing_id)
    assert row is not None
    return row.url


@pytest.mark.parametrize(("verb", "path", "scope"), WRITES)
async def test_a_write_needs_a_token_with_its_scope(
    site: httpx.AsyncClient, world: World, tmp_path: Path, untouched_id: int, verb: str, path: str, scope: str
) -> None:
    own = world.things_of("ada", count=1, page=1)[0].id
    target = path.format(id=own if scope == "thing" else untouched_id)
    body = {"url": url_of(world, untouched_id) if path == "flattr" else "http://new.example/", "title": "x"}
    if (verb, path) == ("POST", "things/{id}"):
        body["_method"] = "patch"
    before = read_tables(tmp_path)
    for headers, status, code in [
        ({}, 401, "unauthorized"),
        (bearer_header("wrong"), 401, "unauthorized"),
        ({"Authorization": "Basic YTpi"}, 401, "unauthorized"),
        *[(bearer_header(f"only-{other}"), 403, "insufficient_scope") for other in SCOPES if other != scope],
    ]:
        answer = await site.request(verb, target, json=body, headers=headers)
        assert_refused(answer, status, code)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert read_tables(tmp_path) == before


@pytest.mark.parametrize(("verb", "path"), [("PATCH", "things/{id}"), ("DELETE", "things/{id}")])
async def test_only_the_owner_changes_a_thing(
    site: httpx.AsyncClient, tmp_path: Path, untouched_id: int, verb: str, path: str
) -> None:
    before = read_tables(tmp_path)
    answer = await site.request(
        verb, path.format(id=untouched_id), json={"title": "mine"}, headers=bearer_header("all-ada")
    )
    assert_refused(answer, 403, "forbidden")
    assert read_tables(tmp_path) == before


@pytest.mark.parametrize(("verb", "path", "scope"), [write for write in WRITES if "{id}" in write[1]])
async def test_a_thing_that_is_not_there_is_not_found(
    site: httpx.AsyncClient, verb: str, path: str, scope: str
) -> None:
    for missing in ("1", "x", "99999999999999999999"):
        body = {"_method": "patch"} if (verb, path) == ("POST", "things/{id}") else {}
        answer = await site.request(verb, path.format(id=missing), json=body, headers=bearer_header(f"only-{scope}"))
        assert_refused(answer, 404, "not_found")


async def test_a_flattr_is_answered_and_seen_by_everybody(site: httpx.AsyncClient, untouched_id: int) -> None:
    answer = await site.post(f"things/{untouched_id}/flattr", headers=bearer_header("all-ada"))
    assert answer.status_code == 200
    receipt = answer.json()
    assert set(receipt) == {"message", "description", "thing"}
    assert receipt["message"] == "ok"
    assert set(receipt["thing"]) == RECEIPT_THING
    mine = (await site.get("user/flattrs?count=1", headers=bearer_header("all-ada"))).json()
    assert mine[0]["thing"]["id"] == untouched_id
    incoming = (await site.get("user/activities.as?type=incoming", headers=bearer_header("all-melodia"))).json()[
        "items"
    ]
    assert incoming[0]["actor"]["displayName"] == "ada"
    assert incoming[0]["id"].endswith(f":ada/flattr/{untouched_id}")
    assert (await site.get(f"things/{untouched_id}", headers=bearer_header("all-ada"))).json()["flattred"] is True


async def test_a_flattr_is_refused_for_the_documented_reasons(
    site: httpx.AsyncClient, world: World, tmp_path: Path, untouched_id: int
) -> None:
    await site.post(f"things/{untouched_id}/flattr", headers=bearer_header("all-ada"))
    own = world.things_of("ada", count=1, page=1)[0].id
    before = read_tables(tmp_path)
    assert_refused(
        await site.post(f"things/{untouched_id}/flattr", headers=bearer_header("all-ada")), 403, "flattr_once"
    )
    assert_refused(await site.post(f"things/{own}/flattr", headers=bearer_header("all-ada")), 403, "flattr_owner")
    assert_refused(
        await site.post(f"things/{untouched_id}/flattr", headers=bearer_header("all-penniless")), 401, "no_means"
    )
    auto = "http://flattr.com/submit/auto?user_id=ada&url=http%3A%2F%2Fnew.example%2F"
    assert_refused(
        await site.post("flattr", json={"url": auto}, headers=bearer_header("all-penniless")), 401, "no_means"
    )
    assert_refused(await site.post("flattr", json={"url": auto}, headers=bearer_header("all-ada")), 403, "flattr_owner")
    assert_refused(
        await site.post("flattr", json={"url": "http://no.example/"}, headers=bearer_header("all-ada")),
        404,
        "not_found",
    )
    assert_refused(
        await site.post("flattr", json={"url": "nonsense"}, headers=bearer_header("all-ada")), 400, "invalid_request"
    )
    assert_refused(await site.post("flattr", headers=bearer_header("all-ada")), 400, "invalid_parameters")
    assert read_tables(tmp_path) == before


@pytest.mark.parametrize("argument", ["json", "data", "params"])
async def test_an_address_is_flattred(site: httpx.AsyncClient, world: World, untouched_id: int, argument: str) -> None:
    row = world.thing(untouched_id)
    assert row is not None
    answer = await site.post("flattr", headers=bearer_header("all-ada"), **{argument: {"url": row.url}})  # type: ignore[arg-type]
    assert answer.json()["thing"]["id"] == untouched_id


async def test_an_auto_submit_address_makes_the_thing_first(site: httpx.AsyncClient) -> None:
    auto = "https://flattr.com/submit/auto?user_id=melodia&url=http%3A%2F%2Fnew.example%2Fsong"
    answer = await site.post("flattr", json={"url": auto}, headers=bearer_header("all-ada"))
    assert answer.json()["thing"]["url"] == "http://new.example/song"
    made = (await site.get(f"things/{answer.json()['thing']['id']}")).json()
    assert (made["owner"]["username"], made["flattrs"]) == ("melodia", 1)


async def test_a_thing_is_made_edited_and_deleted(site: httpx.AsyncClient) -> None:
    headers = bearer_header("only-thing")
    made = await site.post("things/", json={"url": "http://new.example/", "tags": "a, b,,a"}, headers=headers)
    assert made.status_code == 201
    assert set(made.json()) == {"id", "link", "message", "description"}
    link = made.json()["link"]
    assert link == made.headers["location"] == f"{API}things/{made.json()['id']}"
    thing = (await site.get(link)).json()
    assert (thing["category"], thing["language"], thing["hidden"], thing["tags"]) == (
        "rest",
        "en_GB",
        False,
        ["a", "b"],
    )

    edits: list[tuple[str, dict[str, Any]]] = [
        ("PATCH", {"json": {"title": "One", "hidden": True}}),
        ("POST", {"json": {"_method": "patch", "title": "Two", "tags": ["x", "y"]}}),
        ("POST", {"data": {"_method": "PATCH", "title": "Three", "hidden": "False", "url": "http://new.example/"}}),
        ("PATCH", {"json": {"_method": "patch", "category": "audio", "language": "de_DE", "description": "Ö"}}),
    ]
    for verb, body in edits:
        edited = await site.request(verb, link, headers=headers, **body)
        assert (edited.status_code, edited.json()["message"]) == (200, "ok")
        assert set(edited.json()) == {"message", "description"}
    thing = (await site.get(link, headers=bearer_header("all-ada"))).json()
    assert (thing["title"], thing["tags"], thing["hidden"]) == ("Three", ["x", "y"], False)
    assert (thing["category"], thing["language"], thing["description"]) == ("audio", "de_DE", "Ö")
    assert thing["updated_at"] > 0

    emptied = {"title": "", "description": "", "tags": "", "category": "", "language": "", "hidden": ""}
    assert (await site.patch(link, json=emptied, headers=headers)).status_code == 200
    thing = (await site.get(link)).json()
    assert (thing["title"], thing["description"], thing["tags"]) == ("http://new.example/", "", [])
    assert (thing["category"], thing["language"], thing["hidden"]) == ("audio", "de_DE", False)

    gone = await site.delete(link, headers=headers)
    assert (gone.status_code, gone.content) == (204, b"")
    assert_refused(await site.get(link), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "validation"),
        ({"url": ""}, 400, "validation"),
        ({"url": "nonsense"}, 400, "validation"),
        ({"url": "javascript:alert(1)"}, 400, "validation"),
        ({"url": "http://new.example/", "category": "cats"}, 400, "validation"),
        ({"url": "http://new.example/", "language": "xx"}, 400, "validation"),
        ({"url": "http://new.example/", "hidden": "perhaps"}, 400, "invalid_parameters"),
        ({"url": ["http://new.example/"]}, 400, "invalid_parameters"),
        ({"url": "http://new.example/", "tags": {"a": 1}}, 400, "invalid_parameters"),
    ],
)
async def test_a_thing_that_is_not_valid_is_not_made(
    site: httpx.AsyncClient, tmp_path: Path, body: dict[str, Any], status: int, code: str
) -> None:
    before = read_tables(tmp_path)
    assert_refused(await site.post("things", json=body, headers=bearer_header("all-ada")), status, code)
    assert read_tables(tmp_path) == before


async def test_a_second_thing_with_the_same_address_is_refused(
    site: httpx.AsyncClient, world: World, untouched_id: int
) -> None:
    body = {"url": url_of(world, untouched_id)}
    assert_refused(await site.post("things", json=body, headers=bearer_header("all-ada")), 400, "validation")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"url": "http://new.example/", "title": "\\ud800"}', "application/json"),
        (b"\xff=1", "application/x-www-form-urlencoded"),
        (b"[" * 100000, "application/json"),
        (b'{"url": "' + b"x" * 2000000, "application/json"),
    ],
)
async def test_a_body_that_cannot_be_read_is_an_invalid_request(
    site: httpx.AsyncClient, content: bytes, content_type: str
) -> None:
    headers = bearer_header("all-ada") | {"Content-Type": content_type}
    assert_refused(await site.post("things", content=content, headers=headers), 400, "invalid_request")


async def test_a_subscription_is_made_paused_resumed_and_ended(
    site: httpx.AsyncClient, world: World, untouched_id: int
) -> None:
    headers = bearer_header("only-flattr")
    path = f"things/{untouched_id}/subscriptions"
    assert_refused(await site.put(path, headers=headers), 404, "not_found")
    assert_refused(await site.delete(path, headers=headers), 404, "not_found")
    made = await site.post(path, headers=headers | {"Content-Type": "application/json"})
    assert made.status_code == 200
    assert set(made.json()["thing"]) == RECEIPT_THING
    assert_refused(await site.post(path, headers=headers), 403, "subscribed")
    own = world.things_of("ada", count=1, page=1)[0].id
    assert_refused(await site.post(f"things/{own}/subscriptions", headers=headers), 403, "thing_owner")

    mine = (await site.get("user/subscriptions", headers=headers)).json()
    subscription = next(subscription for subscription in mine if subscription["thing"]["id"] == untouched_id)
    assert set(subscription) == {"type", "active", "created_at", "started_at", "thing"}
    assert subscription["active"] is True
    assert subscription["thing"]["subscribed"] is True

    for message in ("paused", "started"):
        toggled = (await site.put(path, headers=headers)).json()
        assert toggled == {"message": message, "description": f"Subscription {message}"}
    ended = await site.delete(path, headers=headers)
    assert (ended.status_code, ended.content) == (204, b"")
    assert_refused(await site.delete(path, headers=headers), 404, "not_found")


async def test_hidden_things_are_for_their_owner_with_the_scope(site: httpx.AsyncClient) -> None:
    made = await site.post("things", json={"url": "http://h.example/", "hidden": 1}, headers=bearer_header("all-ada"))
    thing_id = made.json()["id"]

    async def is_listed(path: str, token: str) -> bool:
        things = (await site.get(f"{path}?count=100", headers=bearer_header(token))).json()
        return any(thing["id"] == thing_id for thing in things)

    assert await is_listed("user/things", "all-ada")
    assert await is_listed("user/things", "only-extendedread")
    assert not await is_listed("user/things", "only-thing")
    assert not await is_listed("users/ada/things", "all-ada")
    assert (await site.get(f"things/{thing_id}")).json()["hidden"] is True


async def test_users_see_their_own_hidden_flattrs(site: httpx.AsyncClient, world: World) -> None:
    world.store_token(Token("shy", "shy", "flattr-tui"))
    assert (await site.get("user/flattrs", headers=bearer_header("shy"))).json()


async def test_a_refused_format_stops_a_write(site: httpx.AsyncClient, tmp_path: Path, untouched_id: int) -> None:
    before = read_tables(tmp_path)
    headers = bearer_header("all-ada") | {"Accept": "image/png"}
    assert_refused(await site.post(f"things/{untouched_id}/flattr", headers=headers), 406, "not_acceptable")
    assert read_tables(tmp_path) == before

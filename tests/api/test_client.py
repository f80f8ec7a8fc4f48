"""Tests that each call of the client returns a response or raises an error, and sends the token to no other origin."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from flattr_tui.api.client import Client
from flattr_tui.api.errors import (
    BadRedirectError,
    CannotConnectError,
    NotFlattrResponseError,
    NotFoundError,
    TimedOutError,
    UnauthorizedError,
)
from flattr_tui.api.method_table import BY_NAME, METHODS, Auth, Format, Method, ParameterKind
from flattr_tui.api.rate_limit_headers import rate_limit_at
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.data_source import parse_source
from flattr_tui.model.entities import Activity, Flattr, Lookup, RateLimit, Thing, User
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.world import World
from tests.api.servers import BASE, FixedApp, call, make_client, raw_server, respond_with

USER, LOOKUP = BY_NAME["user"], BY_NAME["lookup"]
ADA = {"username": "ada"}
JSON = {"content-type": "application/json"}
URL = {"url": "https://example.com/"}


async def test_a_response_has_all_metadata() -> None:
    rate = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "7", "x-ratelimit-reset": "2000000"}
    app = FixedApp({"*": (200, {**JSON, **rate, "etag": '"v1"'}, b'{"username": "ada"}')})
    client = make_client(app, clock=lambda: 1_999_000.0)
    response = await client.call(USER, ADA)
    assert (response.status, response.body, response.etag) == (200, b'{"username": "ada"}', '"v1"')
    assert (response.method, response.arguments, response.fetched_at) == (USER, ADA, 1_999_000.0)
    assert response.url == f"{BASE}/users/ada"
    assert response.rate == RateLimit(limit=1000, remaining=7, reset=2_000_000)
    assert response.elapsed > 0
    await client.aclose()


@pytest.mark.parametrize(
    ("sent", "reset"),
    [
        ("2000000", 2_000_000),
        ("2000000.25", 2_000_001),
        ("2000000, 2000000", 2_000_000),
        ("60", 1_999_060),
        ("0", 1_999_000),
        ("59.5", 1_999_060),
        ("soon", None),
        ("-60", None),
        ("9999999", None),
    ],
)
def test_the_reset_of_a_rate_limit_is_a_time_or_the_seconds_until_then(sent: str, reset: int | None) -> None:
    headers = {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "7", "x-ratelimit-reset": sent}
    assert rate_limit_at(headers, 1_999_000.0) == RateLimit(limit=10, remaining=7, reset=reset)


@pytest.mark.parametrize("value", ["", "many", "-1", "1e3"])
async def test_invalid_rate_headers_are_ignored(value: str) -> None:
    assert (await call(respond_with(b"{}", x_ratelimit_limit=value, x_ratelimit_remaining="1"))).rate is None


async def test_an_unchanged_response_is_not_sent_again() -> None:
    app = FixedApp({"*": (304, {}, b"")})
    client = make_client(app)
    response = await client.call(USER, ADA, etag='"v1"')
    assert response.not_modified
    assert app.seen[0][2]["if-none-match"] == '"v1"'
    with pytest.raises(NotFlattrResponseError):
        await client.call(USER, ADA)
    await client.aclose()


def redirect_to(location: str, status: int = 302) -> FixedApp:
    return FixedApp({"*": (status, {"location": location}, b""), "/rest/v2/moved": (200, JSON, b"{}")})


@pytest.mark.parametrize("location", ["/rest/v2/moved", "../moved", f"{BASE}/moved"])
async def test_redirects_within_the_origin_are_followed_with_the_token(location: str) -> None:
    app = redirect_to(location)
    response = await call(app, "thing", token="secret", id="7")
    assert response.url == f"{BASE}/moved"
    assert [seen[2]["authorization"] for seen in app.seen] == ["Bearer secret"] * 2


async def test_the_cookie_of_a_redirect_is_sent_to_its_target_and_then_forgotten() -> None:
    moved = {"location": "/rest/v2/moved", "set-cookie": "seen=1; Path=/; HttpOnly"}
    app = FixedApp({"*": (302, moved, b""), "/rest/v2/moved": (200, JSON, b"{}")})
    client = make_client(app)
    for _ in range(2):
        assert (await client.call(USER, ADA)).status == 200
    assert [seen[2].get("cookie") for seen in app.seen] == [None, "seen=1"] * 2
    await client.aclose()


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1/rest/v2/moved",
        "http://127.0.0.1:81/rest/v2/moved",
        "http://evil.example/rest/v2/moved",
        "//evil.example/rest/v2/moved",
        "http://127.0.0.1@evil.example/",
        "file:///etc/passwd",
        "http://[x",
        "http://127.0.0.1:99999/",
        "",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_to_other_origins_are_not_followed(location: str, status: int) -> None:
    app = redirect_to(location, status)
    with pytest.raises(BadRedirectError):
        await call(app, "thing", token="secret", id="7")
    assert len(app.seen) == 1


async def test_a_redirect_to_https_says_which_source_to_choose() -> None:
    with pytest.raises(BadRedirectError, match=r"Choose a source that begins with https://127\.0\.0\.1\."):
        await call(redirect_to("https://127.0.0.1/rest/v2/moved", 301), "thing", token="secret", id="7")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", ["me", "my-flattrs", "flattr", "delete-thing", "create-thing"])
async def test_another_server_never_sees_the_token(name: str, status: int) -> None:
    method = BY_NAME[name]
    arguments = {p.name: "https://x/" if p.kind is ParameterKind.URL else "7" for p in method.parameters if p.required}
    async with raw_server(b"HTTP/1.1 200 OK\r\n\r\n{}") as (elsewhere, stolen):
        moved = b"HTTP/1.1 %d Moved\r\nLocation: %s/user\r\n\r\n" % (status, elsewhere.base.encode())
        async with raw_server(moved) as (source, requests):
            client = Client(source, token=lambda _: "secret")
            with pytest.raises(BadRedirectError):
                await client.call(method, arguments)
            await client.aclose()
    assert b"Bearer secret" in requests[0]
    assert stolen == []


async def test_addresses_in_a_response_are_never_requested() -> None:
    async with raw_server(b"HTTP/1.1 200 OK\r\n\r\n{}") as (elsewhere, stolen):
        there = elsewhere.base
        body = (
            f'{{"type": "thing", "id": 7, "title": "x", "resource": "{there}/things/7", "link": "{there}/thing/7",'
            f' "owner": {{"username": "a", "resource": "{there}/users/a", "avatar": "{there}/a"}},'
            f' "error_uri": "{there}/e", "location": "{there}/things/7"}}'
        )
        lists = "[" + body + "]"
        answers = {
            "*": (200, JSON, body.encode()),
            **{f"/rest/v2/user/{name}": (200, JSON, lists.encode()) for name in ("flattrs", "things", "subscriptions")},
            "/rest/v2/things/7": (200, JSON | {"link": f"<{there}/next>; rel=next", "location": there}, body.encode()),
        }
        app = FixedApp(answers)
        client = make_client(app, BASE, token=lambda _: "secret")
        for method in METHODS:
            if method.private and not method.writes and Format.JSON in method.formats:
                await client.call(method, {})
        await client.call(BY_NAME["thing"], {"id": "7"})
        await client.aclose()
    assert stolen == []
    assert {seen[2]["authorization"] for seen in app.seen} == {"Bearer secret"}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
async def test_only_personal_methods_send_the_token(method: Method) -> None:
    token_calls: list[Method] = []
    prepared: list[str] = []

    def token(method: Method) -> str:
        token_calls.append(method)
        return "secret"

    async def ready() -> None:
        prepared.append("ready")

    client = make_client(app := respond_with(b"{}"), BASE, token=token, ready=ready)
    arguments = {p.name: "https://x/" if p.kind is ParameterKind.URL else "7" for p in method.parameters if p.required}
    await client.call(method, arguments)
    await client.aclose()
    personal = method.auth is not Auth.NONE or method.name == "thing"
    assert ("authorization" in app.seen[0][2]) is personal
    assert token_calls == [method] * personal
    assert prepared == ["ready"] * personal


async def test_redirect_loops_end_and_writes_are_not_redirected() -> None:
    loop = redirect_to("/rest/v2/users/ada")
    with pytest.raises(BadRedirectError, match="more than 5"):
        await call(loop)
    assert len(loop.seen) == 6
    write = redirect_to("/rest/v2/moved", 307)
    with pytest.raises(BadRedirectError, match="was not sent on"):
        await call(write, "flattr", id="7")
    assert len(write.seen) == 1


async def test_an_etag_that_is_no_valid_header_is_not_sent() -> None:
    app = respond_with(b"{}")
    client = make_client(app)
    for etag in ('"\u00e9"', '"a\nb"', "", f'"{"a" * 8_000}"'):
        await client.call(USER, ADA, etag=etag)
    await client.aclose()
    assert all("if-none-match" not in seen[2] for seen in app.seen)


async def test_a_write_is_sent_as_prepared_and_may_have_an_empty_response() -> None:
    app = FixedApp({"*": (204, {}, b"")})
    response = await call(app, "update-thing", id="7", title="New")
    assert (app.seen[0][0], json.loads(app.seen[0][3])) == ("PATCH", {"title": "New"})
    assert (response.status, response.body) == (204, b"")


async def test_the_source_saved_and_a_sandbox_that_cannot_start_are_errors() -> None:
    with pytest.raises(CannotConnectError):
        Client(parse_source("saved"))

    def fail() -> Any:
        raise PermissionError("no such folder")

    client = Client(parse_source("sandbox"), make_app=fail)
    with pytest.raises(CannotConnectError, match="could not be started"):
        await client.call(USER, ADA)
    await client.aclose()


async def test_a_server_in_this_process_has_a_deadline() -> None:
    async def wait_forever(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    client = Client(parse_source("sandbox"), make_app=lambda: wait_forever, deadline=0.1)
    with pytest.raises(TimedOutError):
        await client.call(USER, ADA)
    await client.aclose()


@pytest.fixture
async def sandbox() -> AsyncIterator[Client]:
    world = World.open(None)
    client = Client(parse_source("sandbox"), make_app=lambda: create_app(world))
    yield client
    await client.aclose()
    world.close()


async def test_every_public_method_of_the_sandbox_is_decoded_in_every_format(sandbox: Client) -> None:
    found = await sandbox.call(BY_NAME["search"], {"count": "2"})
    thing, other = decode_page(ResponseKind.SEARCH, found.body).entities
    assert isinstance(thing, Thing)
    assert isinstance(other, Thing)
    assert thing.owner is not None
    values = {"username": thing.owner.username, "id": str(thing.id), "url": thing.url or "", "query": "the"}
    for method in METHODS:
        if method.private or method.writes:
            continue
        arguments = {p.name: values[p.name] for p in method.parameters if p.required}
        if method.name == "things":
            arguments["id"] = f"{thing.id},{other.id}"  # a single id would be the address of one thing
        pages = []
        for kind in method.formats:
            response = await sandbox.call(method, arguments, format=kind)
            page = decode_page(method.response_kind, response.body, response.content_type)
            assert page.repairs == (), (method.name, kind)
            if not page.entities or not isinstance(page.entities[0], Activity):
                pages.append(page.entities)
        assert all(entities == pages[0] for entities in pages), method.name


async def test_the_client_decodes_the_sandboxs_data(sandbox: Client) -> None:
    search = await sandbox.call(BY_NAME["search"], {"count": "1"})
    (thing,) = decode_page(ResponseKind.SEARCH, search.body).entities
    assert isinstance(thing, Thing)
    assert thing.owner is not None
    mine = {"username": thing.owner.username}
    (user,) = decode_page(ResponseKind.USER, (await sandbox.call(USER, mine)).body).entities
    assert isinstance(user, User)
    lookup = await sandbox.call(LOOKUP, {"url": thing.url or ""})
    (found,) = decode_page(ResponseKind.LOOKUP, lookup.body).entities
    assert isinstance(found, Lookup)
    assert found.thing_id == thing.id
    flattrs = decode_page(
        ResponseKind.FLATTRS, (await sandbox.call(BY_NAME["thing-flattrs"], {"id": thing.key})).body
    ).entities
    assert all(isinstance(flattr, Flattr) and flattr.thing.id == thing.id for flattr in flattrs)
    again = await sandbox.call(USER, mine, etag=(await sandbox.call(USER, mine)).etag)
    assert again.not_modified
    with pytest.raises(NotFoundError):
        await sandbox.call(USER, {"username": "nobody-at-all"})
    with pytest.raises(UnauthorizedError):
        await sandbox.call(BY_NAME["me"], {})
    atom = await sandbox.call(BY_NAME["user-activities"], mine, format=Format.ATOM)
    assert atom.content_type.startswith("application/atom+xml")

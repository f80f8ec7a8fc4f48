"""One call in, one answer or one error out; the token goes to the source's origin and nowhere else."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from flattr_tui.api.client import Client
from flattr_tui.api.errors import (
    BadRedirectError,
    CannotConnectError,
    NotFlattrAnswerError,
    NotFoundError,
    TimedOutError,
    UnauthorizedError,
)
from flattr_tui.api.methods import BY_NAME, METHODS, Auth, Format, Kind, Method
from flattr_tui.model.decoder import decode_page
from flattr_tui.model.entities import Activity, Flattr, Lookup, RateLimit, Thing, User
from flattr_tui.model.response_kind import ResponseKind
from flattr_tui.model.source import parse_source
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.world import World
from tests.api.servers import BASE, Asgi, answering, call, client_of, raw_server

USER, LOOKUP = BY_NAME["user"], BY_NAME["lookup"]
ADA = {"username": "ada"}
JSON = {"content-type": "application/json"}
URL = {"url": "https://example.com/"}


async def test_an_answer_comes_with_all_that_is_known_of_it() -> None:
    rate = {"x-ratelimit-limit": "1000", "x-ratelimit-remaining": "7", "x-ratelimit-reset": "99"}
    app = Asgi({"*": (200, {**JSON, **rate, "etag": '"v1"'}, b'{"username": "ada"}')})
    client = client_of(app, clock=lambda: 1234.0)
    response = await client.call(USER, ADA)
    assert (response.status, response.body, response.etag) == (200, b'{"username": "ada"}', '"v1"')
    assert (response.method, response.arguments, response.fetched_at) == (USER, ADA, 1234.0)
    assert response.url == f"{BASE}/users/ada"
    assert response.rate == RateLimit(limit=1000, remaining=7, reset=99)
    assert response.elapsed > 0
    await client.aclose()


@pytest.mark.parametrize("value", ["", "many", "-1", "1e3"])
async def test_odd_rate_headers_are_no_rate(value: str) -> None:
    assert (await call(answering(b"{}", x_ratelimit_limit=value, x_ratelimit_remaining="1"))).rate is None


async def test_what_is_still_true_is_not_sent_again() -> None:
    app = Asgi({"*": (304, {}, b"")})
    client = client_of(app)
    response = await client.call(USER, ADA, etag='"v1"')
    assert response.not_modified
    assert app.seen[0][2]["if-none-match"] == '"v1"'
    with pytest.raises(NotFlattrAnswerError):
        await client.call(USER, ADA)
    await client.aclose()


def redirecting(location: str, status: int = 302) -> Asgi:
    return Asgi({"*": (status, {"location": location}, b""), "/rest/v2/moved": (200, JSON, b"{}")})


@pytest.mark.parametrize("location", ["/rest/v2/moved", "../moved", f"{BASE}/moved"])
async def test_redirects_within_the_origin_are_followed_with_the_token(location: str) -> None:
    app = redirecting(location)
    response = await call(app, "thing", token="secret", id="7")
    assert response.url == f"{BASE}/moved"
    assert [seen[2]["authorization"] for seen in app.seen] == ["Bearer secret"] * 2


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
async def test_redirects_to_anywhere_else_are_not(location: str, status: int) -> None:
    app = redirecting(location, status)
    with pytest.raises(BadRedirectError):
        await call(app, "thing", token="secret", id="7")
    assert len(app.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", ["me", "my-flattrs", "flattr", "delete-thing", "create-thing"])
async def test_a_second_listener_never_sees_the_token(name: str, status: int) -> None:
    method = BY_NAME[name]
    arguments = {p.name: "https://x/" if p.kind is Kind.URL else "7" for p in method.parameters if p.required}
    async with raw_server(b"HTTP/1.1 200 OK\r\n\r\n{}") as (elsewhere, stolen):
        moved = b"HTTP/1.1 %d Moved\r\nLocation: %s/user\r\n\r\n" % (status, elsewhere.base.encode())
        async with raw_server(moved) as (source, asked):
            client = Client(source, token=lambda _: "secret")
            with pytest.raises(BadRedirectError):
                await client.call(method, arguments)
            await client.aclose()
    assert b"Bearer secret" in asked[0]
    assert stolen == []


async def test_addresses_that_an_answer_holds_are_never_gone_to() -> None:
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
        app = Asgi(answers)
        client = client_of(app, BASE, token=lambda _: "secret")
        for method in METHODS:
            if method.private and not method.writes and Format.JSON in method.formats:
                await client.call(method, {})
        await client.call(BY_NAME["thing"], {"id": "7"})
        await client.aclose()
    assert stolen == []
    assert {seen[2]["authorization"] for seen in app.seen} == {"Bearer secret"}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
async def test_a_token_goes_with_what_is_personal_alone(method: Method) -> None:
    asked: list[Method] = []
    prepared: list[str] = []

    def token(method: Method) -> str:
        asked.append(method)
        return "secret"

    async def ready() -> None:
        prepared.append("ready")

    client = client_of(app := answering(b"{}"), BASE, token=token, ready=ready)
    arguments = {p.name: "https://x/" if p.kind is Kind.URL else "7" for p in method.parameters if p.required}
    await client.call(method, arguments)
    await client.aclose()
    personal = method.auth is not Auth.NONE or method.name == "thing"
    assert ("authorization" in app.seen[0][2]) is personal
    assert asked == [method] * personal
    assert prepared == ["ready"] * personal


async def test_loops_end_and_writes_are_not_sent_on() -> None:
    loop = redirecting("/rest/v2/users/ada")
    with pytest.raises(BadRedirectError, match="more than 5"):
        await call(loop)
    assert len(loop.seen) == 6
    write = redirecting("/rest/v2/moved", 307)
    with pytest.raises(BadRedirectError, match="was not sent on"):
        await call(write, "flattr", id="7")
    assert len(write.seen) == 1


async def test_a_tag_that_no_header_can_carry_is_not_sent_back() -> None:
    app = answering(b"{}")
    client = client_of(app)
    for etag in ('"\u00e9"', '"a\nb"', "", f'"{"a" * 8_000}"'):
        await client.call(USER, ADA, etag=etag)
    await client.aclose()
    assert all("if-none-match" not in seen[2] for seen in app.seen)


async def test_writes_go_as_they_were_prepared_and_may_answer_nothing() -> None:
    app = Asgi({"*": (204, {}, b"")})
    response = await call(app, "update-thing", id="7", title="New")
    assert (app.seen[0][0], json.loads(app.seen[0][3])) == ("PATCH", {"title": "New"})
    assert (response.status, response.body) == (204, b"")


async def test_the_source_saved_has_no_server_and_a_broken_one_says_so() -> None:
    with pytest.raises(CannotConnectError):
        Client(parse_source("saved"))

    def broken() -> Any:
        raise PermissionError("no such folder")

    client = Client(parse_source("sandbox"), app=broken)
    with pytest.raises(CannotConnectError, match="could not be started"):
        await client.call(USER, ADA)
    await client.aclose()


async def test_a_server_in_this_process_has_a_deadline_too() -> None:
    async def sleepy(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    client = Client(parse_source("sandbox"), app=lambda: sleepy, deadline=0.1)
    with pytest.raises(TimedOutError):
        await client.call(USER, ADA)
    await client.aclose()


@pytest.fixture
async def sandbox() -> AsyncIterator[Client]:
    world = World.open(None)
    client = Client(parse_source("sandbox"), app=lambda: create_app(world))
    yield client
    await client.aclose()
    world.close()


async def test_every_public_method_of_the_sandbox_is_read_in_every_format(sandbox: Client) -> None:
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
            arguments["id"] = f"{thing.id},{other.id}"  # one id alone is the address of one thing
        pages = []
        for kind in method.formats:
            response = await sandbox.call(method, arguments, format=kind)
            page = decode_page(method.response_kind, response.body, response.content_type)
            assert page.repairs == (), (method.name, kind)
            if not page.entities or not isinstance(page.entities[0], Activity):
                pages.append(page.entities)
        assert all(entities == pages[0] for entities in pages), method.name


async def test_the_sandbox_and_the_client_mean_the_same(sandbox: Client) -> None:
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

"""Tests of the rules for all API methods: rate limit, caching, CORS, JSONP, HEAD, paths, verbs, bodies and errors."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.rest_api import RateLimiter
from flattr_tui.sandbox.routes import RESOURCES
from flattr_tui.sandbox.world import World
from tests.any_text import any_text
from tests.sandbox.conftest import API, BASE, make_client

LIMITS = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-current", "x-ratelimit-reset"]
START = 1_500_000_000


class Clock:
    def __init__(self) -> None:
        self.now = float(START)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def limited(shared_world: World, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with make_client(create_app(shared_world, rate_limit=3, clock=clock)) as client:
        yield client


def limit_headers(answer: httpx.Response) -> list[int]:
    return [int(answer.headers[name]) for name in LIMITS]


async def test_every_limited_response_counts_down_also_errors(limited: httpx.AsyncClient) -> None:
    for current, path in enumerate(("categories", "nothing", "user"), 1):
        assert limit_headers(await limited.get(path)) == [3, 3 - current, current, START + 3600]


async def test_requests_beyond_the_limit_are_refused_until_the_hour_ends(
    limited: httpx.AsyncClient, clock: Clock
) -> None:
    for _ in range(3):
        await limited.get("categories")
    for _ in range(2):
        answer = await limited.get("categories")
        assert (answer.status_code, answer.json()["error"]) == (403, "rate_limit_exceeded")
        assert limit_headers(answer) == [3, 0, 3, START + 3600]
    clock.now += 3599
    assert (await limited.get("categories")).status_code == 403
    clock.now += 1
    answer = await limited.get("categories")
    assert answer.status_code == 200
    assert limit_headers(answer) == [3, 2, 1, START + 7200]


async def test_asking_for_the_rate_limit_is_not_counted(limited: httpx.AsyncClient) -> None:
    await limited.get("categories")
    for form in ("rate_limit", "rate_limit/", "rate_limit.json"):
        answer = await limited.get(form)
        assert not set(LIMITS) & set(answer.headers)
    assert answer.json() == {
        "hourly_limit": 3,
        "remaining_hits": 2,
        "current_hits": 1,
        "reset_time_in_seconds": START + 3600,
        "reset_time": "Fri, 14 Jul 2017 03:40:00 +0000 GMT",
    }
    for _ in range(3):
        await limited.get("categories")
    assert (await limited.get("rate_limit")).json()["remaining_hits"] == 0


async def test_each_known_token_has_its_own_limit(limited: httpx.AsyncClient) -> None:
    for _ in range(4):
        await limited.get("categories")
    answer = await limited.get("categories", headers={"Authorization": "Bearer read"})
    assert limit_headers(answer)[1] == 2
    assert (await limited.get("categories", headers={"Authorization": "Bearer invented"})).status_code == 403


async def test_without_a_limit_there_are_no_limit_headers(http: httpx.AsyncClient) -> None:
    assert not set(LIMITS) & set((await http.get("categories")).headers)
    assert (await http.get("rate_limit")).json()["remaining_hits"] > 1_000_000


def test_a_negative_limit_is_an_error() -> None:
    with pytest.raises(ValueError, match="rate limit"):
        RateLimiter(-1, time.time)


def test_requests_at_once_are_each_counted() -> None:
    limiter = RateLimiter(1000, lambda: START)
    threads = [threading.Thread(target=lambda: [limiter.count("me") for _ in range(100)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert limiter.peek("me").current == 800


async def test_an_unchanged_response_is_not_sent_again(http: httpx.AsyncClient) -> None:
    first = await http.get("users/ada/things")
    tag = first.headers["etag"]
    for value in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await http.get("users/ada/things", headers={"If-None-Match": value})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = await http.get("users/ada/things", headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)
    assert (await http.get("users/ada/things.xml")).headers["etag"] != tag
    assert "Accept" in first.headers["vary"]
    assert "Authorization" in first.headers["vary"]


async def test_a_change_changes_the_tag(world: World) -> None:
    async with make_client(create_app(world)) as client:
        before = (await client.get("users/ada/flattrs")).headers["etag"]
        world.insert_flattr("ada", world.flattrs_of("melodia", count=1, page=1)[0].thing.id, START + 10**9)
        assert (await client.get("users/ada/flattrs")).headers["etag"] != before


async def test_head_is_get_without_the_body(http: httpx.AsyncClient) -> None:
    got = await http.get("users/ada")
    head = await http.head("users/ada")
    assert head.content == b""
    for name in ("content-length", "content-type", "etag"):
        assert head.headers[name] == got.headers[name]
    assert (await http.head("users/no-such-user")).status_code == 404


async def test_any_origin_may_ask(http: httpx.AsyncClient) -> None:
    preflight = await http.options(
        "things/1/flattr",
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,x-own",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert {"POST", "PATCH", "DELETE", "PUT"} <= set(preflight.headers["access-control-allow-methods"].split(", "))
    assert preflight.headers["access-control-allow-headers"] == "authorization,x-own"
    answer = await http.get("categories", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "X-RateLimit-Remaining" in answer.headers["access-control-expose-headers"]


async def test_a_preflight_is_not_counted(limited: httpx.AsyncClient) -> None:
    for _ in range(5):
        assert (await limited.options("categories")).status_code == 204
    assert (await limited.get("categories")).status_code == 200


async def test_jsonp_is_a_call(http: httpx.AsyncClient) -> None:
    answer = await http.get("categories?jsonp=page.show")
    assert answer.headers["content-type"] == "application/javascript; charset=utf-8"
    assert answer.text.startswith("page.show(")
    assert answer.text.endswith(");")
    assert json.loads(answer.text[len("page.show(") : -2]) == (await http.get("categories")).json()
    assert (await http.get("categories.xml?jsonp=show")).text.startswith("<?xml")


@pytest.mark.parametrize(
    ("tags", "description"),
    [
        ("audio &", "character 8: a tag is missing at the end"),
        ("audio & (library | beta)", "character 9: parentheses are not part of the tag language"),
        ("!" * 1000, "character 1001: a tag is missing at the end"),
        ("x" * 1001, "character 1001: the expression is too long"),
    ],
)
@pytest.mark.parametrize("query", ["", "?"])
async def test_a_broken_tag_expression_is_refused_in_words(
    http: httpx.AsyncClient, tags: str, description: str, query: str
) -> None:
    answer = await http.get("things/search", params={"tags": tags, "query": query})
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_parameters"
    assert answer.json()["error_description"].endswith(description)


async def test_as_many_tags_as_an_expression_holds_are_searched_for(http: httpx.AsyncClient) -> None:
    for tags in ("!" * 980 + "no-such-tag", "a|" * 499 + "a", "a&" * 499 + "a"):
        assert (await http.get("things/search", params={"tags": tags})).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("users/no-such-user", 404, "not_found"),
        ("user", 401, "unauthorized"),
        ("users/ada/flattrs?count=0", 400, "invalid_parameters"),
        ("users/ada/activities", 406, "not_acceptable"),
        ("things/lookup?url=http://none.example/", 404, "not_found"),
        ("nothing", 404, "not_found"),
    ],
)
async def test_errors_are_jsonp_calls_as_well(http: httpx.AsyncClient, path: str, status: int, code: str) -> None:
    """A script that loads JSONP sees only a call of its function, and never the HTTP status."""
    headers = {"Accept": "application/json"}
    answer = await http.get(f"{path}{'&' if '?' in path else '?'}jsonp=page.show", headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/javascript; charset=utf-8"
    body = json.loads(answer.text.removeprefix("page.show(").removesuffix(");"))
    assert body.get("error", body.get("message")) == code
    assert (await http.get(path, headers=headers)).json() == body


async def test_a_reached_rate_limit_is_a_jsonp_call_too(limited: httpx.AsyncClient) -> None:
    for _ in range(10):
        answer = await limited.get("categories?jsonp=show")
    assert answer.status_code == 403
    assert answer.text.startswith('show({"error":"rate_limit_exceeded"')


async def test_an_error_is_no_jsonp_call_for_an_invalid_name_or_another_format(http: httpx.AsyncClient) -> None:
    assert (await http.get("users/no-such-user?jsonp=alert(1)")).json()["error"] == "not_found"
    assert (await http.get("users/no-such-user.xml?jsonp=show")).text.startswith("<?xml")


@pytest.mark.parametrize("path", ["categories//", "users/ada///", "things/search/?query=a", "users/ada/flattrs.xml/"])
async def test_slashes_at_the_end_are_the_same_path(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 200


async def test_a_wrong_verb_gets_the_allowed_ones(http: httpx.AsyncClient) -> None:
    for verb, path, allowed in (
        ("DELETE", "categories", "GET, HEAD, OPTIONS"),
        ("POST", "rate_limit", "GET, HEAD, OPTIONS"),
        ("GET", "flattr", "POST, OPTIONS"),
        ("PUT", "things/1", "GET, PATCH, DELETE, HEAD, OPTIONS"),
        ("POST", "things/1", "GET, PATCH, DELETE, HEAD, OPTIONS"),
    ):
        answer = await http.request(verb, path)
        assert (answer.status_code, answer.json()["error"]) == (405, "method_not_allowed")
        assert answer.headers["allow"] == allowed


def test_no_path_is_routed_twice() -> None:
    patterns = [resource.pattern for resource in RESOURCES]
    assert len(set(patterns)) == len(patterns)
    assert sum(len(resource.actions) for resource in RESOURCES) == 27


async def test_an_exception_is_a_json_error(shared_world: World, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> World:
        raise OSError("disk on fire")

    async with make_client(create_app(fail)) as client:
        answer = await client.get("users/ada")
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert "disk on fire" not in answer.text
    assert "disk on fire" in caplog.text


async def test_the_world_is_opened_once_when_it_is_first_needed(shared_world: World) -> None:
    opened: list[str] = []

    def open_world() -> World:
        opened.append(threading.current_thread().name)
        return shared_world

    app = create_app(open_world)
    assert not opened
    async with make_client(app) as client:
        await asyncio.gather(*(client.get("users/ada") for _ in range(8)))
    assert len(opened) == 1
    assert opened[0] != threading.main_thread().name
    assert app.state.world() is shared_world


async def test_a_name_may_hold_anything(http: httpx.AsyncClient) -> None:
    for name in ("%00", "%F0%9F%98%80", "%FF", "%2e%2e", "a%2Fb", "'%20OR%201=1", "%25"):
        assert (await http.get(f"users/{name}")).status_code == 404


async def test_the_servers_address_is_not_cached(http: httpx.AsyncClient) -> None:
    first = (await http.get(f"{BASE}:81/rest/v2/users/ada")).json()["resource"]
    second = (await http.get(f"{API}users/ada")).json()["resource"]
    assert first != second


_segment = st.sampled_from(
    [
        "users",
        "user",
        "things",
        "ada",
        "search",
        "lookup",
        "flattr",
        "flattrs",
        "activities",
        "subscriptions",
        "1,2",
        "q",
    ]
) | any_text(max_size=6)
_value = any_text(max_size=12) | st.sampled_from(["1", "-1", "9" * 30, "a & (b", "! |", "http://[", "%", "en_GB,"])
_name = st.sampled_from(
    ["count", "page", "full", "id", "url", "tags", "query", "sort", "jsonp", "user", "_method", "type"]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]),
    st.lists(_segment, max_size=4),
    st.sampled_from(["", ".json", ".xml", ".atom", "/", ".as/"]),
    st.dictionaries(_name, _value, max_size=3),
    st.binary(max_size=20),
)
async def test_no_request_breaks_the_server(
    http: httpx.AsyncClient, verb: str, path: list[str], end: str, query: dict[str, str], body: bytes
) -> None:
    address = f"{API}{'/'.join(quote(part, safe=',') for part in path)}{end}?{urlencode(query)}"
    headers = {"Authorization": "Bearer read", "Content-Type": "application/json"}
    answer = await http.request(verb, address, content=body, headers=headers)
    assert answer.status_code < 500, answer.text

"""Tests that responses are classified as data or errors, with a sentence for each error."""

import json
from typing import Any

import pytest

from flattr_tui.api.errors import (
    ApiError,
    BadRedirectError,
    FlattrError,
    ForbiddenError,
    InsufficientBudgetError,
    NotArchivedError,
    NotFlattrResponseError,
    NotFoundError,
    RateLimitedError,
    ScopeError,
    ServerFailedError,
    UnauthorizedError,
)
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import Lookup, RateLimit, User
from flattr_tui.model.entity_decoder import decode_page
from tests.api.servers import BASE, FixedApp, call, make_client, respond_with

USER = BY_NAME["user"]
ADA = {"username": "ada"}
URL = {"url": "https://example.com/"}


def error_body(code: str, description: Any = "In words") -> bytes:
    return json.dumps({"error": code, "error_description": description, "error_uri": "https://x/"}).encode()


@pytest.mark.parametrize(
    ("status", "body", "kind", "message", "exit_code"),
    [
        (400, error_body("validation", "Invalid url"), ApiError, "Invalid url.", 1),
        (400, error_body("validation", ["x"]), ApiError, "the server answered 400.", 1),
        (400, error_body("validation", "\x1b[31mred\u202e"), ApiError, "[31mred.", 1),
        (401, error_body("unauthorized"), UnauthorizedError, "not logged in", 4),
        (401, error_body("no_means"), InsufficientBudgetError, "no money left", 4),
        (401, b"", UnauthorizedError, "not logged in", 4),
        (403, error_body("insufficient_scope"), ScopeError, "does not allow this", 4),
        (403, error_body("flattr_once"), ForbiddenError, "already flattred it this month", 1),
        (403, error_body("rate_limit_exceeded"), RateLimitedError, "used up", 5),
        (403, b"[]", ForbiddenError, "answered 403", 1),
        (404, error_body("not_found"), NotFoundError, "In words", 1),
        (404, b"<html>gone</html>", NotFoundError, "answered 404", 1),
        (406, error_body("not_acceptable"), ApiError, "In words", 1),
        (418, b"{", ApiError, "answered 418 (I'm a Teapot).", 1),
        (429, b"", RateLimitedError, "used up", 5),
        (500, b"", ServerFailedError, "failed (500)", 1),
        (503, error_body("busy", "Back soon"), ServerFailedError, "Back soon", 1),
        (200, error_body("unauthorized"), UnauthorizedError, "not logged in", 4),
        (200, b"", NotFlattrResponseError, "with an empty body", 1),
        (204, b"", NotFlattrResponseError, "with an empty body", 1),
        (206, b"{}", NotFlattrResponseError, "a part of the response", 1),
        (200, b'{"error_description": "Gone", "error": "unauthorized"}', UnauthorizedError, "not logged in", 4),
        (200, b'{"error": {"code": "rate_limit_exceeded"}}', RateLimitedError, "used up", 5),
        (200, b'\xef\xbb\xbf{"error": "not_found", "error_description": "None"}', NotFoundError, "None.", 1),
        (200, b'{"type": "user", "username": "ada", "error": "of taste"}', None, "", 0),
        (200, b'{"username": "ada", "error": null}', None, "", 0),
        (400, b'{"error": {"message": "Bad page"}}', ApiError, "Bad page.", 1),
        (400, b'{"error": ["validation", "x"], "message": "Bad page"}', ApiError, "Bad page.", 1),
        (400, b'{"error": true, "description": "Bad page"}', ApiError, "Bad page.", 1),
        (400, b'{"error": 7}', ApiError, "answered 400", 1),
        (401, b'{"error": {"type": "no_means", "message": "x"}}', InsufficientBudgetError, "no money left", 4),
        (401, b'{"error": "invalid_token"}', UnauthorizedError, "not logged in", 4),
        (
            401,
            b'{"error": "invalid_token", "error_description": "Too old."}',
            UnauthorizedError,
            " (Too old). Log in",
            4,
        ),
        (401, b'{"error": {}}', UnauthorizedError, "not logged in", 4),
        (403, b"<?xml version='1.0'?><error><error>flattr_once</error></error>", ForbiddenError, "this month", 1),
        (403, b"<html><body>Forbidden</body></html>", ForbiddenError, "answered 403", 1),
        (404, b"<error/>", NotFoundError, "answered 404", 1),
        (429, error_body("too_many"), RateLimitedError, "accepts no more requests for now (In words)", 5),
        (407, b"", ApiError, "the proxy wants a user name", 1),
        (408, b"", ServerFailedError, "failed (408). Try again", 1),
        (410, b'{"type": "about:blank", "title": "Gone", "status": 410, "detail": "No more"}', ApiError, "No more.", 1),
        (425, b"", ServerFailedError, "failed (425). Try again", 1),
        (499, b"", ApiError, "the server answered 499.", 1),
        (511, b"<html>log in</html>", ServerFailedError, "Open any page in a browser", 1),
        (503, b'{"error": {"message": "Back soon"}}', ServerFailedError, "failed (503: Back soon). Try again", 1),
    ],
)
async def test_each_error_has_its_class_and_sentence(
    status: int, body: bytes, kind: type[FlattrError] | None, message: str, exit_code: int
) -> None:
    app = respond_with(body, status)
    if kind is None:
        assert (await call(app)).body == body
        return
    with pytest.raises(kind) as caught:
        await call(app)
    assert message in str(caught.value)
    assert str(caught.value).endswith(".")
    assert caught.value.exit_code == exit_code
    assert caught.value.retryable is (kind is ServerFailedError)
    assert caught.value.sentence("ada").startswith("ada ")
    assert len(app.seen) == 1


NOW = 1_700_000_000.0
SOON, LATE = "Tue, 14 Nov 2023 22:15:20 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("120", NOW + 120),
        (" 120 ", NOW + 120),
        ("0", NOW),
        (SOON, NOW + 120),
        ("Tuesday, 14-Nov-23 22:15:20 GMT", NOW + 120),
        ("Tue Nov 14 22:15:20 2023", NOW + 120),
        ("Tue, 14 Nov 2023 23:15:20 +0100", NOW + 120),
        (LATE, None),
        ("99999999999", None),
        ("soon", None),
        ("-1", None),
        ("", None),
        ("Tue, 99 Nov 2023 22:15:20 GMT", None),
        ("Tue, 14 Nov 2023 22:15:20 +999999999999", None),
    ],
)
async def test_retry_after_is_seconds_or_a_date(value: str, at: float | None) -> None:
    client = make_client(respond_with(b"", 429, retry_after=value), clock=lambda: NOW)
    with pytest.raises(RateLimitedError) as limited:
        await client.call(USER, ADA)
    await client.aclose()
    assert limited.value.reset == at
    client = make_client(respond_with(b"<html>", 503, retry_after=value), clock=lambda: NOW)
    with pytest.raises(ServerFailedError) as failed:
        await client.call(USER, ADA)
    await client.aclose()
    assert failed.value.retry_at == at
    assert ("again in 120 s." in str(failed.value)) is (at == NOW + 120)


async def test_an_implausible_reset_time_is_ignored() -> None:
    rate = {"x_ratelimit_limit": "9", "x_ratelimit_remaining": "0", "x_ratelimit_current": "9, 9"}
    for reset in ("1700003600000", "9223372036854775807", "1e9", "-1", "soon", "1700000100, 1700000200"):
        client = make_client(respond_with(b"{}", 200, **rate, x_ratelimit_reset=reset), clock=lambda: NOW)
        assert (await client.call(USER, ADA)).rate == RateLimit(limit=9, remaining=0, current=9)
        await client.aclose()
    client = make_client(respond_with(b"", 429, **rate, x_ratelimit_reset="1700003600000"), clock=lambda: NOW)
    with pytest.raises(RateLimitedError) as caught:
        await client.call(USER, ADA)
    await client.aclose()
    assert caught.value.reset is None


async def test_a_rate_limit_error_has_the_reset_time() -> None:
    rate = {"x_ratelimit_limit": "9", "x_ratelimit_remaining": "0", "x_ratelimit_reset": "2000777"}
    client = make_client(respond_with(error_body("rate_limit_exceeded"), 403, **rate), clock=lambda: 2_000_000.0)
    with pytest.raises(RateLimitedError) as caught:
        await client.call(USER, ADA)
    assert caught.value.reset == 2_000_777
    await client.aclose()
    client = make_client(respond_with(b"", 429, retry_after="60"), clock=lambda: 1000.0)
    with pytest.raises(RateLimitedError) as caught:
        await client.call(USER, ADA)
    assert caught.value.reset == 1060
    await client.aclose()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>", "text/html; charset=utf-8"),
        (b"Log in", "TEXT/HTML"),
        (b"", "text/html"),
        (b" \n<!DOCTYPE html><title>Parked</title>", "application/json"),
        (b"<HTML >", ""),
    ],
)
async def test_an_html_page_is_no_response(body: bytes, content_type: str) -> None:
    with pytest.raises(NotFlattrResponseError, match="captive portal"):
        await call(respond_with(body, content_type=content_type))


async def test_json_declared_as_html_is_read() -> None:
    response = await call(respond_with(b' {"username": "ada"}', content_type="text/html; charset=UTF-8"))
    assert decode_page(ResponseKind.USER, response.body, response.content_type).entities == (User(username="ada"),)


@pytest.mark.parametrize(
    ("base", "headers"),
    [
        ("https://archive.example/web/20130101000000id_/https://api.flattr.com/rest/v2", {}),
        (BASE, {"memento_datetime": "Tue, 01 Jan 2013 00:00:00 GMT"}),
        (BASE, {"x_archive_src": "x.warc.gz"}),
    ],
)
async def test_a_missing_capture_in_a_web_archive_is_an_error(base: str, headers: dict[str, str]) -> None:
    with pytest.raises(NotArchivedError) as caught:
        await call(respond_with(b"<html>", 404, content_type="text/html", **headers), base=base)
    assert caught.value.sentence("ada") == "ada was not captured by this web archive."
    with pytest.raises(NotFoundError):
        await call(respond_with(error_body("not_found"), 404, **headers), base=base)


FOUND = b'{"message": "found", "location": "http://elsewhere/rest/v2/things/42"}'


@pytest.mark.parametrize("body", [FOUND, b"", b"<html>"])
async def test_the_redirect_of_a_lookup_is_its_result(body: bytes) -> None:
    app = FixedApp({"*": (302, {"location": "http://elsewhere/rest/v2/things/42"}, body)})
    response = await call(app, "lookup", **URL)
    (lookup,) = decode_page(ResponseKind.LOOKUP, response.body, response.content_type).entities
    assert isinstance(lookup, Lookup)
    assert (lookup.found, lookup.thing_id, len(app.seen)) == (True, 42, 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/rest/v2/things/42", "http://elsewhere/things/42.json?jsonp=x", "../42/"])
async def test_any_redirect_to_a_thing_is_the_result_of_a_lookup(status: int, location: str) -> None:
    app = FixedApp({"*": (status, {"location": location}, b'{"message": "found"}')})
    response = await call(app, "lookup", **URL)
    (lookup,) = decode_page(ResponseKind.LOOKUP, response.body, response.content_type).entities
    assert isinstance(lookup, Lookup)
    assert (lookup.found, lookup.thing_id, len(app.seen)) == (True, 42, 1)


async def test_another_redirect_of_a_lookup_is_followed_or_refused() -> None:
    sent = "/rest/v2/things/lookup?url=https%3A%2F%2Fexample.com%2F"
    moved = "/rest/v2/things/lookup/?url=https%3A%2F%2Fexample.com%2F"
    app = FixedApp({sent: (301, {"location": moved}, b""), moved: (302, {"location": "/rest/v2/things/42"}, b"")})
    response = await call(app, "lookup", **URL)
    assert decode_page(ResponseKind.LOOKUP, response.body).entities == (
        Lookup(found=True, location="/rest/v2/things/42"),
    )
    for location in ("http://captive.example/login", ""):
        with pytest.raises(BadRedirectError):
            await call(FixedApp({"*": (302, {"location": location}, b"<html>")}), "lookup", **URL)


async def test_a_lookup_without_a_match_is_a_result_but_a_404_page_is_an_error() -> None:
    response = await call(respond_with(b'{"message": "not_found", "description": "none"}', 404), "lookup", **URL)
    assert decode_page(ResponseKind.LOOKUP, response.body).entities == (Lookup(found=False, description="none"),)
    with pytest.raises(NotFoundError):
        await call(respond_with(b"<html>", 404), "lookup", **URL)

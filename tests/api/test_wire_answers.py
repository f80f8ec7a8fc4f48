"""Tests of unusual responses: wrong encodings, invalid redirects, unusual Retry-After headers, wrong content types."""

import gzip
import zlib

import pytest

from flattr_tui.api.client import Client
from flattr_tui.api.errors import (
    BadRedirectError,
    ConnectionLostError,
    FlattrError,
    NotFlattrResponseError,
    RateLimitedError,
    ServerFailedError,
    UsageError,
)
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.api.rate_limit_headers import parse_retry_after
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.data_source import Source
from flattr_tui.model.entity_decoder import decode_page
from tests.api.servers import call, make_client, raw_server, respond_with

USER = b'{"type": "user", "username": "ada"}'


def compress_raw(body: bytes) -> bytes:
    pressed = zlib.compressobj(wbits=-15)
    return pressed.compress(body) + pressed.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", USER),
        ("gzip", b"\n " + USER),
        ("deflate", USER),
        ("deflate", zlib.compress(USER)),
        ("deflate", compress_raw(USER)),
        ("deflate", gzip.compress(USER, mtime=0)),
        ("utf-8", USER),
        ("none", USER),
        ("binary", USER),
        ("identity, gzip", gzip.compress(USER, mtime=0)),
    ],
)
async def test_a_body_with_a_wrong_content_encoding_is_read(encoding: str, body: bytes) -> None:
    response = await call(respond_with(body, content_encoding=encoding))
    assert response.body.strip() == USER


@pytest.mark.parametrize("first", [1, 2, 5])
@pytest.mark.parametrize("body", [USER, compress_raw(USER), zlib.compress(USER)], ids=["plain", "raw deflate", "zlib"])
async def test_an_encoding_is_recognised_however_slowly_the_body_comes(first: int, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    async with raw_server(head, body[:first], body[first:]) as (source, _):
        response = await fetch_user(source)
    assert response == USER


async def fetch_user(source: Source) -> bytes:
    client = Client(source)
    try:
        return (await client.call(BY_NAME["user"], {"username": "ada"})).body
    finally:
        await client.aclose()


@pytest.mark.parametrize("body", [b"\x1f\x8b\x00", b"garbage", compress_raw(USER)[:-3]])
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_damaged_compressed_body_is_an_error(encoding: str, body: bytes) -> None:
    with pytest.raises(ConnectionLostError):
        await call(respond_with(body, content_encoding=encoding))


@pytest.mark.parametrize("location", ["javascript:alert(1)", "http://[", "mailto:a@b", "http://127.0.0.1:x/", "//"])
async def test_a_redirect_to_an_invalid_address_is_an_error_of_its_own(location: str) -> None:
    with pytest.raises(BadRedirectError):
        await call(respond_with(b"", 302, location=location))


async def test_a_lookup_with_an_invalid_redirect_is_still_a_result() -> None:
    body = b'{"message": "found", "location": "https://api.flattr.com/rest/v2/things/7"}'
    app = respond_with(body, 302, location="https://api flattr com:port/things/7 ")
    response = await call(app, "lookup", url="https://x.example/")
    assert (response.status, response.body) == (302, body)


async def test_a_request_with_too_long_an_address_is_not_sent() -> None:
    app = respond_with(USER)
    with pytest.raises(UsageError, match="too long"):
        await call(app, "search", query="x" * 70_000)
    assert app.seen == []


async def test_a_redirect_with_a_user_name_is_refused() -> None:
    app = respond_with(b"", 302, location="http://eve:secret@127.0.0.1/rest/v2/users/ada")
    with pytest.raises(BadRedirectError, match="user name") as caught:
        await call(app, token="mine")
    assert len(app.seen) == 1
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "at"),
    [("1.5", 1002), ("60, 60", 1060), ("60, 90", None), ("0.2", 1001), ("1e3", None), ("-5", None), ("+5", None)],
)
def test_retry_after_is_read_in_unusual_forms(value: str, at: int | None) -> None:
    assert parse_retry_after({"retry-after": value}, 1000.0) == at


@pytest.mark.parametrize("status", [429, 503])
async def test_the_errors_429_and_503_have_the_time_of_retry_after(status: int) -> None:
    client = make_client(respond_with(b"", status, retry_after="30"), clock=lambda: 1000.0)
    with pytest.raises(FlattrError) as caught:
        await client.call(BY_NAME["user"], {"username": "ada"})
    error = caught.value
    retry_at = error.retry_at if isinstance(error, ServerFailedError) else None
    retry_at = error.reset if isinstance(error, RateLimitedError) else retry_at
    assert retry_at == 1030
    await client.aclose()


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", "application/xhtml+xml"])
@pytest.mark.parametrize("before", [b"", b"<br />\n<b>Notice</b>: x in y.php on line 3<br />\n", b"show("])
async def test_json_declared_as_html_is_read_with_text_around_it(kind: str, before: bytes) -> None:
    body = before + USER + (b");" if before == b"show(" else b"")
    response = await call(respond_with(body, content_type=kind))
    assert decode_page(ResponseKind.USER, response.body, response.content_type).entities
    for page in (b"<!-- x --><p>Log in</p>", b"Log in", b"<div>{}</div>"):
        with pytest.raises(NotFlattrResponseError, match="HTML page"):
            await call(respond_with(page, content_type=kind))

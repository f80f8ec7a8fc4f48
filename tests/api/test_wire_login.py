"""Tests of unusual responses of token endpoints: a token is read in any form, and a refusal is a sentence."""

import json
from typing import Any

import pytest

from flattr_tui.api.errors import LoginError, ServerFailedError
from flattr_tui.api.oauth_login import LoginConfig, TokenEndpoint, start_login
from flattr_tui.api.token_store import Token
from tests.api.servers import respond_with

CONFIG = LoginConfig("id", "secret", "http://127.0.0.1/oauth/authorize", "http://127.0.0.1/oauth/token", ("flattr",))
TOKEN = {"access_token": "abc", "token_type": "bearer"}
WRITTEN = json.dumps(TOKEN).encode()


async def exchange(body: bytes | dict[str, Any], status: int = 200, **headers: str) -> Token:
    app = respond_with(body if isinstance(body, bytes) else json.dumps(body).encode(), status, **headers)
    endpoint = TokenEndpoint(CONFIG, make_app=lambda: app)
    try:
        return await endpoint.exchange(start_login(CONFIG, "http://127.0.0.1:1/"), "code")
    finally:
        await endpoint.aclose()


@pytest.mark.parametrize(
    "body",
    [
        TOKEN | {"error": None},
        TOKEN | {"error": ""},
        TOKEN | {"error": False},
        b"\xef\xbb\xbf" + WRITTEN,
        WRITTEN.decode().encode("utf-16"),
        b"<br />\n<b>Notice</b>: x<br />\n" + WRITTEN,
        WRITTEN + b"\n<!-- made in 0.1 s -->",
        b"access_token=abc&token_type=bearer",
    ],
)
@pytest.mark.parametrize("status", [200, 201])
async def test_a_token_in_an_unusual_response_is_read(body: bytes | dict[str, Any], status: int) -> None:
    assert (await exchange(body, status)).access_token == "abc"


async def test_a_form_encoded_response_is_read() -> None:
    body = b"access_token=a%2Bb&token_type=Bearer&scope=flattr,thing&refresh_token=r&expires_in=60"
    token = await exchange(body, content_type="application/x-www-form-urlencoded")
    assert (token.access_token, token.scopes, token.refresh_token) == ("a+b", ("flattr", "thing"), "r")
    assert token.expires_at is not None


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        *(("60", 60.0), ('"60"', 60.0), ("60.5", 60.5), ('"60.5"', 60.5), ("6e1", 60.0)),
        *((written, None) for written in ("0", "-1", "true", "null", '"never"', "1e999", "9" * 40)),
    ],
)
async def test_a_lifetime_is_read_in_any_form(written: str, seconds: float | None) -> None:
    app = respond_with(b'{"access_token": "abc", "token_type": "Bearer ", "expires_in": %s}' % written.encode())
    endpoint = TokenEndpoint(CONFIG, make_app=lambda: app, clock=lambda: 0.0)
    token = await endpoint.exchange(start_login(CONFIG, "http://127.0.0.1:1/"), "code")
    await endpoint.aclose()
    assert token.expires_at == seconds


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"error": {"message": "Not today", "type": "X"}}, 400, "Not today."),
        ({"error": ["invalid_grant"]}, 400, "the code has been used"),
        ({"error": True}, 400, "answered 400"),
        ({"error": ""}, 400, "answered 400"),
        (b"error=invalid_grant", 400, "the code has been used"),
        (
            {"error": "invalid_grant", "error_description": "PKCE failed"},
            400,
            r"Log in again\. The server says: PKCE failed\.",
        ),
        (b"<!doctype html><html>access_token=abc</html>", 200, "no token"),
        (WRITTEN[:-3], 200, "no token"),
        (WRITTEN, 400, "no token"),
    ],
)
async def test_a_refusal_is_a_sentence(body: bytes | dict[str, Any], status: int, message: str) -> None:
    with pytest.raises(LoginError, match=message) as caught:
        await exchange(body, status)
    assert str(caught.value).endswith(".")
    assert " ." not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 503), (b"<html></html>", 500), (b"", 429), ({"error": "temporarily_unavailable"}, 400)],
)
async def test_a_server_that_fails_may_be_asked_again(body: bytes | dict[str, Any], status: int) -> None:
    with pytest.raises(ServerFailedError, match="Try again in a while") as caught:
        await exchange(body, status)
    assert caught.value.retryable

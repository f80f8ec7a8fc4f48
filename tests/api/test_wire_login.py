"""Answers of token endpoints that are not as documented: a token that came is taken, a refusal is told in words."""

import json
from typing import Any

import pytest

from flattr_tui.api.errors import LoginError
from flattr_tui.api.login import LoginConfig, TokenEndpoint, start_login
from flattr_tui.api.tokens import Token
from tests.api.servers import answering

CONFIG = LoginConfig("id", "secret", "http://127.0.0.1/oauth/authorize", "http://127.0.0.1/oauth/token", ("flattr",))
TOKEN = {"access_token": "abc", "token_type": "bearer"}
WRITTEN = json.dumps(TOKEN).encode()


async def exchanged(body: bytes | dict[str, Any], status: int = 200, **headers: str) -> Token:
    app = answering(body if isinstance(body, bytes) else json.dumps(body).encode(), status, **headers)
    endpoint = TokenEndpoint(CONFIG, app=lambda: app)
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
async def test_a_token_that_came_is_taken(body: bytes | dict[str, Any], status: int) -> None:
    assert (await exchanged(body, status)).access_token == "abc"


async def test_a_form_says_the_rest_as_well() -> None:
    body = b"access_token=a%2Bb&token_type=Bearer&scope=flattr,thing&refresh_token=r&expires_in=60"
    token = await exchanged(body, content_type="application/x-www-form-urlencoded")
    assert (token.access_token, token.scopes, token.refresh_token) == ("a+b", ("flattr", "thing"), "r")
    assert token.expires_at is not None


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"error": {"message": "Not today", "type": "X"}}, 400, "Not today."),
        ({"error": ["invalid_grant"]}, 400, "the code has been used"),
        ({"error": True}, 400, "answered 400"),
        ({"error": ""}, 400, "answered 400"),
        (b"error=invalid_grant", 400, "the code has been used"),
        (b"", 503, "Try again in a while"),
        (b"<html></html>", 500, "Try again in a while"),
        (b"", 429, "Try again in a while"),
        (b"<!doctype html><html>access_token=abc</html>", 200, "no token"),
        (WRITTEN[:-3], 200, "no token"),
        (WRITTEN, 400, "no token"),
    ],
)
async def test_a_refusal_is_told_in_a_sentence(body: bytes | dict[str, Any], status: int, said: str) -> None:
    with pytest.raises(LoginError, match=said) as caught:
        await exchanged(body, status)
    assert str(caught.value).endswith(".")
    assert " ." not in str(caught.value)

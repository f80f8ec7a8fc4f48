"""Tests of the login request, which accepts one answer with its own state, and of the token endpoint."""

import asyncio
import json
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from flattr_tui.api.client import Client
from flattr_tui.api.errors import CannotConnectError, ConnectionLostError, LoginError, WrongStateError
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.api.oauth_login import LoginConfig, LoginRequest, TokenEndpoint, start_login
from flattr_tui.api.token_store import Token
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.data_source import SANDBOX_BASE, parse_source
from flattr_tui.model.entities import User
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import Credentials
from flattr_tui.sandbox.world import World
from tests.api.servers import FixedApp, raw_server, respond_with

ROOT = SANDBOX_BASE.removesuffix("/rest/v2")
BACK = "http://127.0.0.1:5555/callback"
CONFIG = LoginConfig("flattr-tui", "sandbox", f"{ROOT}/oauth/authorize", f"{ROOT}/oauth/token", ("flattr", "email"))


@pytest.fixture
def pending() -> LoginRequest:
    return start_login(CONFIG, BACK)


def test_the_authorize_address_has_a_state_and_a_challenge(pending: LoginRequest) -> None:
    assert pending.authorize_url.startswith(f"{ROOT}/oauth/authorize?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(pending.authorize_url).query).items()}
    assert query.pop("code_challenge") not in {"", pending.verifier}
    assert query == {
        "response_type": "code",
        "client_id": "flattr-tui",
        "redirect_uri": BACK,
        "scope": "flattr email",
        "state": pending.state,
        "code_challenge_method": "S256",
    }
    assert 43 <= len(pending.verifier) <= 128
    assert start_login(CONFIG, BACK).state != pending.state
    assert pending.verifier not in repr(pending)
    assert "sandbox'" not in repr(CONFIG)


@pytest.mark.parametrize("form", [f"{BACK}?{{}}", f" {BACK}?{{}}#x\n", "?{}", "{}", "/callback?{}"])
def test_a_pasted_answer_is_read_in_any_form(pending: LoginRequest, form: str) -> None:
    assert pending.read_code(form.format(urlencode({"code": "c0de", "state": pending.state}))) == "c0de"


@pytest.mark.parametrize(
    "answer", ["", "c0de", "http://[x?state=1", "?code=c&state=", "?code=c&state=é", "?" + "x" * 9000]
)
def test_an_answer_with_another_state_changes_nothing(pending: LoginRequest, answer: str) -> None:
    with pytest.raises(WrongStateError):
        pending.read_code(answer)
    with pytest.raises(WrongStateError):
        pending.read_code(f"?code=c&state={pending.state}&state={pending.state}")
    assert pending.read_code(f"?code=c&state={pending.state}") == "c"


def test_an_answer_is_accepted_once(pending: LoginRequest) -> None:
    answer = f"?code=c&state={pending.state}"
    pending.read_code(answer)
    with pytest.raises(LoginError, match="already complete"):
        pending.read_code(answer)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"error": "access_denied"}, "declined"),
        ({"error": "odd", "error_description": "In \x1b words"}, "In words."),
        ({"error": "odd"}, "says odd."),
        ({}, "no code"),
        ({"code": ""}, "no code"),
    ],
)
def test_an_error_in_the_answer_is_a_sentence(pending: LoginRequest, query: dict[str, str], message: str) -> None:
    with pytest.raises(LoginError) as caught:
        pending.read_code("?" + urlencode({**query, "state": pending.state}))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"client_id": ""}, "no client id"),
        ({"token_url": "http://flattr.example/token"}, "needs https"),
        ({"authorize_url": "ftp://flattr.example/"}, "not an address"),
        ({"authorize_url": "http://[x"}, "not an address"),
    ],
)
def test_unsafe_addresses_are_refused(changes: dict[str, str], message: str) -> None:
    fields: dict[str, Any] = {
        "client_id": "a",
        "client_secret": "b",
        "authorize_url": "https://x/a",
        "token_url": "https://x/t",
    }
    with pytest.raises(LoginError, match=message):
        start_login(LoginConfig(**{**fields, **changes}), BACK)


async def exchange(app: FixedApp, **options: Any) -> Token:
    endpoint = TokenEndpoint(CONFIG, make_app=lambda: app, **options)
    try:
        return await endpoint.exchange(start_login(CONFIG, BACK), "c0de")
    finally:
        await endpoint.aclose()


async def test_a_code_is_exchanged_with_basic_authentication_and_the_verifier(pending: LoginRequest) -> None:
    app = respond_with(
        b'{"access_token": "t0ken", "token_type": "Bearer", "expires_in": "60", "scope": "flattr,thing"}'
    )
    endpoint = TokenEndpoint(CONFIG, make_app=lambda: app, clock=lambda: 1000.0)
    token = await endpoint.exchange(pending, "c0de")
    assert token == Token("t0ken", ("flattr", "thing"), None, 1060.0)
    verb, path, headers, body = app.seen[0]
    assert (verb, path) == ("POST", "/oauth/token")
    assert b64decode(headers["authorization"].removeprefix("Basic ")) == b"flattr-tui:sandbox"
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["c0de"],
        "redirect_uri": [BACK],
        "code_verifier": [pending.verifier],
    }
    await endpoint.aclose()


async def test_only_the_access_token_is_required() -> None:
    assert await exchange(respond_with(b'{"access_token": "t"}')) == Token("t", CONFIG.scopes)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (400, b'{"error": "invalid_grant"}', "Log in again"),
        (401, b'{"error": "invalid_client", "error_description": "x"}', "client id and secret"),
        (200, b'{"error": "odd", "error_description": "Said so"}', "Said so."),
        (400, b'{"error": ["x"]}', "server says"),
        (200, b"<html>", "no token"),
        (200, b"[" * 9999, "no token"),
        (302, b"", "redirects"),
        (200, b"{}", "no access token"),
        (200, b'{"access_token": 5}', "no access token"),
        (200, b'{"access_token": ""}', "is not valid"),
        (200, b'{"access_token": "a\\r\\nX: y"}', "is not valid"),
        (200, b'{"access_token": "t", "token_type": "mac"}', "not a bearer"),
    ],
)
async def test_other_responses_of_the_endpoint_are_errors(status: int, body: bytes, message: str) -> None:
    with pytest.raises(LoginError) as caught:
        await exchange(respond_with(body, status, location="http://evil.example/"))
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


async def test_no_response_is_a_network_error() -> None:
    async with raw_server() as (source, _):
        config = LoginConfig("a", "b", source.base, source.base)
        endpoint = TokenEndpoint(config)
        with pytest.raises(ConnectionLostError):
            await endpoint.exchange(start_login(config, BACK), "c")
        await endpoint.aclose()
    endpoint = TokenEndpoint(config)
    with pytest.raises(CannotConnectError):
        await endpoint.exchange(start_login(config, BACK), "c")
    await endpoint.aclose()


async def test_a_refresh_keeps_missing_fields_and_concurrent_ones_are_one_request() -> None:
    app = respond_with(b'{"access_token": "new", "token_type": "bearer"}')
    endpoint = TokenEndpoint(CONFIG, make_app=lambda: app)
    old = Token("old", ("thing",), "r3fresh", 5.0)
    tokens = await asyncio.gather(endpoint.refresh(old), endpoint.refresh(old), endpoint.refresh(old))
    assert list(tokens) == [Token("new", ("thing",), "r3fresh")] * 3
    assert len(app.seen) == 1
    assert parse_qs(app.seen[0][3].decode()) == {"grant_type": ["refresh_token"], "refresh_token": ["r3fresh"]}
    await endpoint.refresh(old)
    assert len(app.seen) == 2
    with pytest.raises(LoginError, match="has expired"):
        await endpoint.refresh(Token("old"))
    await endpoint.aclose()


async def test_a_refused_refresh_is_an_error_for_every_waiter() -> None:
    endpoint = TokenEndpoint(CONFIG, make_app=lambda: respond_with(b'{"error": "invalid_grant"}', 400))
    old = Token("old", (), "r3fresh")
    results = await asyncio.gather(endpoint.refresh(old), endpoint.refresh(old), return_exceptions=True)
    assert [type(result) for result in results] == [LoginError, LoginError]
    await endpoint.aclose()


@pytest.mark.parametrize(
    ("secret", "sent"), [("a+/b%", ["id:a+/b%25", "id:a%2B%2Fb%25"]), ("plain-secret_1.~", ["id:plain-secret_1.~"])]
)
async def test_a_refused_secret_is_sent_again_as_rfc_6749_encodes_it(secret: str, sent: list[str]) -> None:
    """oidc-provider decodes a secret as a form, so that `+` means a space; others decode nothing or read the form."""
    app = respond_with(b'{"error": "invalid_client"}', 401)
    endpoint = TokenEndpoint(replace(CONFIG, client_id="id", client_secret=secret), make_app=lambda: app)
    with pytest.raises(LoginError, match="does not know this program"):
        await endpoint.exchange(start_login(CONFIG, BACK), "c0de")
    await endpoint.aclose()
    *basic, (_, _, headers, body) = app.seen
    assert [b64decode(headers["authorization"][6:]).decode() for _, _, headers, _ in basic] == sent
    fields = parse_qs(body.decode())
    assert ("authorization" in headers, fields["client_id"], fields["client_secret"]) == (False, ["id"], [secret])
    assert fields["code"] == ["c0de"]


@pytest.mark.parametrize("echoed", [b"", b', "client_id": "id"'], ids=["plain", "with the client's id"])
async def test_a_secret_that_is_accepted_is_sent_once(echoed: bytes) -> None:
    app = respond_with(b'{"access_token": "t"%b}' % echoed)
    await exchange(app)
    ((_, _, headers, body),) = app.seen
    assert "authorization" in headers
    assert "client_secret" not in parse_qs(body.decode())


async def test_a_refused_code_is_not_sent_again() -> None:
    refusal = b'{"error": "invalid_grant", "error_description": "The code is for another client_id."}'
    app = respond_with(refusal, 400)
    with pytest.raises(LoginError, match="The code is for another client_id"):
        await exchange(app)
    assert len(app.seen) == 1


@pytest.mark.parametrize("config", [CONFIG, replace(CONFIG, client_id="web", client_secret="50%25+%zz/=")])
async def test_a_login_at_the_sandbox_works(config: LoginConfig) -> None:
    """The sandbox's Authlib decodes percent signs in the secret: findings/authlib-refuses-its-own-secret.sh."""
    world = World.open(None)
    app = create_app(world, clients=[Credentials("web", "50%25+%zz/=", "")])
    pending = start_login(config, BACK)
    form = {**parse_qs(urlsplit(pending.authorize_url).query), "username": ["ada"], "decision": ["allow"]}
    location = await post_form(app, "/oauth/authorize", urlencode(form, doseq=True))
    endpoint = TokenEndpoint(config, make_app=lambda: app)
    token = await endpoint.exchange(pending, pending.read_code(location))
    client = Client(parse_source("sandbox"), make_app=lambda: app, token=lambda _: token.access_token)
    (me,) = decode_page(ResponseKind.USER, (await client.call(BY_NAME["me"], {})).body).entities
    assert isinstance(me, User)
    assert me.username == "ada"
    assert me.email
    with pytest.raises(LoginError, match="Log in again"):
        await endpoint.exchange(pending, parse_qs(urlsplit(location).query)["code"][0])
    await client.aclose()
    await endpoint.aclose()
    world.close()


async def post_form(app: Any, path: str, body: str) -> str:
    """Send a form as a browser would, and return the address of the redirect."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body.encode()}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"sandbox.localhost"), (b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": headers, "scheme": "http", "server": ("sandbox.localhost", 80), "client": ("127.0.0.1", 1),
             "http_version": "1.1", "root_path": ""}  # fmt: skip
    await app(scope, receive, send)
    location: bytes = dict(sent[0]["headers"])[b"location"]
    return location.decode()


def test_a_login_has_no_warnings_and_imports_no_integration() -> None:
    code = (
        "import sys\nfrom flattr_tui.api.oauth_login import *\n"
        "start_login(LoginConfig('a', 'b', 'https://x/a', 'https://x/t'), 'http://127.0.0.1:1/')\n"
        "late = ('httpx', 'authlib.integrations', 'keyring')\n"
        "print([name for name, module in sys.modules.items() if module is not None and name.startswith(late)])"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_repr_of_a_config_has_no_secret() -> None:
    assert "hush" not in json.dumps(repr(LoginConfig("a", "hush", "https://x/a", "https://x/t")))

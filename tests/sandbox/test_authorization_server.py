"""Tests of the consent page and its answers, as in RFC 6749 and Flattr's documentation, and of the implicit grant."""

import subprocess
import sys
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import Credentials
from flattr_tui.sandbox.trusted_hosts import is_loopback
from flattr_tui.sandbox.world import World
from tests.any_text import any_text
from tests.sandbox.conftest import BASE
from tests.sandbox.login_helpers import (
    AUTHORIZE,
    REDIRECT_URI,
    TOKEN,
    VERIFIER,
    authorize_params,
    exchange_code,
    get_code,
    redirect_params,
    submit_decision,
)


async def test_the_consent_page_asks_plainly_and_without_script(server: httpx.AsyncClient, world: World) -> None:
    page = await server.get(
        AUTHORIZE, params=authorize_params(state='"><script>alert(1)</script>', scope="flattr thing")
    )
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "This is a sandbox" in page.text
    for needed in ('<html lang="en">', '<label for="username">', '<select id="username" name="username"', "thing"):
        assert needed in page.text
    assert page.text.count("<option ") == len(world.usernames())
    for decision in ("allow", "deny"):
        assert f'<button type="submit" name="decision" value="{decision}">' in page.text


async def test_a_login_gives_a_token_that_works(server: httpx.AsyncClient) -> None:
    redirected = await submit_decision(server, authorize_params())
    location = urlsplit(redirected.headers["location"])
    assert location._replace(query="").geturl() == REDIRECT_URI
    assert parse_qs(location.query)["state"] == ["s t"]
    answer = await exchange_code(server, redirect_params(redirected)["code"])
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type"}
    assert answer.json()["token_type"] == "bearer"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    me = await server.get("user", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    assert me.json()["username"] == "ada"


async def test_a_denied_login_is_reported_to_the_client(server: httpx.AsyncClient) -> None:
    answer = redirect_params(await submit_decision(server, authorize_params(), "deny"))
    assert (answer["error"], answer["state"]) == ("access_denied", "s t")
    assert "code" not in answer


@pytest.mark.parametrize("scope", ["flattr thing", "flattr,thing", "flattr, thing", " flattr  thing "])
async def test_scopes_are_separated_by_spaces_or_commas(server: httpx.AsyncClient, world: World, scope: str) -> None:
    token = (await exchange_code(server, await get_code(server, scope=scope))).json()["access_token"]
    granted = world.token(token)
    assert granted is not None
    assert granted.scopes == {"flattr", "thing"}


@pytest.mark.parametrize("scope", [None, ""])
async def test_no_scope_is_a_token_that_reads(server: httpx.AsyncClient, world: World, scope: str | None) -> None:
    token = (await exchange_code(server, await get_code(server, scope=scope))).json()["access_token"]
    granted = world.token(token)
    assert granted is not None
    assert granted.scopes == frozenset()


async def test_an_unknown_scope_is_reported_to_the_client(server: httpx.AsyncClient) -> None:
    answer = redirect_params(await server.get(AUTHORIZE, params=authorize_params(scope="flattr everything")))
    assert (answer["error"], answer["state"]) == ("invalid_scope", "s t")


async def test_an_unsupported_response_type_is_reported_to_the_client(server: httpx.AsyncClient) -> None:
    answer = redirect_params(await server.get(AUTHORIZE, params=authorize_params(response_type='"id_token"')))
    assert (answer["error"], answer["state"]) == ("unsupported_response_type", "s t")


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": "https://elsewhere.example/"},
        {"redirect_uri": "http://127.0.0.1.elsewhere.example/"},
        {"redirect_uri": "http://user@127.0.0.1/"},
        {"redirect_uri": 'http://127.0.0.1/"x'},
        {"redirect_uri": "http://127.0.0.1/\r\nX: y"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "http://[::1"},
    ],
)
async def test_an_unknown_client_or_address_is_never_redirected_to(
    server: httpx.AsyncClient, changes: dict[str, str | None]
) -> None:
    for answer in (
        await server.get(AUTHORIZE, params=authorize_params(**changes)),
        await server.post(AUTHORIZE, data=authorize_params(**changes) | {"username": "ada", "decision": "allow"}),
    ):
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/html")
        assert "location" not in answer.headers


async def test_a_parameter_twice_is_an_error(server: httpx.AsyncClient) -> None:
    answer = await server.get(f"{AUTHORIZE}?{urlencode(authorize_params())}&client_id=other")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "data", [{}, {"decision": "perhaps"}, {"decision": "allow"}, {"decision": "allow", "username": "x"}]
)
async def test_a_form_without_a_decision_is_an_error(server: httpx.AsyncClient, data: dict[str, str]) -> None:
    answer = await server.post(AUTHORIZE, data=authorize_params() | data)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_form_of_another_site_is_refused(server: httpx.AsyncClient) -> None:
    data = authorize_params() | {"username": "ada", "decision": "allow"}
    for origin in ("https://elsewhere.example", "null"):
        answer = await server.post(AUTHORIZE, data=data, headers={"Origin": origin})
        assert (answer.status_code, "location" in answer.headers) == (403, False)
    assert (await server.post(AUTHORIZE, data=data, headers={"Origin": BASE})).status_code == 302


async def test_without_an_address_the_code_is_shown(server: httpx.AsyncClient) -> None:
    # antics/node-flattr sends its redirect address only with the token request, smgt/flattr never.
    for address in (None, "urn:ietf:wg:oauth:2.0:oob"):
        redirected = await submit_decision(server, authorize_params(redirect_uri=address))
        assert redirected.headers["location"].startswith(f"{BASE}/oauth/code?")
        code = redirect_params(redirected)["code"]
        assert code in (await server.get(redirected.headers["location"])).text
        assert (
            await exchange_code(server, code, redirect_uri=address or "http://localhost:8080/flattr")
        ).status_code == 200


async def test_a_refusal_without_an_address_is_shown(server: httpx.AsyncClient) -> None:
    redirected = await submit_decision(server, authorize_params(redirect_uri=None), "deny")
    assert (await server.get(redirected.headers["location"])).status_code == 400


@pytest.mark.parametrize(
    "query", ["name=%C3%BC", "name=%20x&next=a%2Fb", "name=\N{LATIN SMALL LETTER U WITH DIAERESIS}"]
)
async def test_a_redirect_address_keeps_its_query(server: httpx.AsyncClient, query: str) -> None:
    """`%C3%BC` arrives decoded if a client does not encode its redirect address in the query."""
    address = f"http://127.0.0.1:9000/back?{query}"
    redirected = await submit_decision(server, authorize_params(redirect_uri=address))
    params = dict(parse_qsl(urlsplit(redirected.headers["location"]).query))
    assert params | dict(parse_qsl(query)) == params
    assert (await exchange_code(server, params["code"], redirect_uri=address)).status_code == 200


async def test_a_registered_address_is_where_answers_go(server: httpx.AsyncClient) -> None:
    for address in (None, "https://client.example/back"):
        redirected = await submit_decision(server, authorize_params(client_id="web", redirect_uri=address))
        assert redirected.headers["location"].startswith("https://client.example/back?code=")
        answer = await exchange_code(
            server, redirect_params(redirected)["code"], ("web", "pass word"), redirect_uri=address
        )
        assert answer.status_code == 200


async def test_the_implicit_grant_answers_in_the_fragment(server: httpx.AsyncClient) -> None:
    redirected = await submit_decision(server, authorize_params(response_type="token"))
    fragment = dict(parse_qsl(urlsplit(redirected.headers["location"]).fragment))
    assert (fragment["token_type"], fragment["state"]) == ("bearer", "s t")
    me = await server.get("user", headers={"Authorization": f"Bearer {fragment['access_token']}"})
    assert me.status_code == 200
    denied = await submit_decision(server, authorize_params(response_type="token"), "deny")
    assert "error=access_denied" in urlsplit(denied.headers["location"]).fragment


async def test_slashes_preflights_and_errors(server: httpx.AsyncClient) -> None:
    assert (await server.get(f"{AUTHORIZE}/", params=authorize_params())).status_code == 200
    assert (await server.options(TOKEN)).headers["access-control-allow-origin"] == "*"
    assert (await server.get(TOKEN)).status_code == 405


@pytest.mark.parametrize("text", ["", "id", "id:", ":secret"])
def test_credentials_need_an_id_and_a_secret(text: str) -> None:
    with pytest.raises(ValueError, match="ID:SECRET"):
        Credentials.parse(text)


@pytest.mark.parametrize(
    ("address", "is_local"),
    [
        ("http://localhost", True),
        ("http://localhost:8080/flattr", True),
        ("https://app.localhost/", True),
        ("http://127.8.8.8:1/", True),
        ("http://[::1]:99/x?y=z", True),
        ("http://127.0.0.1/#fragment", False),
        ("http://127.0.0.1:99999/", False),
        ("ftp://127.0.0.1/", False),
        ("http://localhost.example.org/", False),
        ("//127.0.0.1/", False),
    ],
)
def test_loopback_is_this_machine_and_nothing_else(address: str, is_local: bool) -> None:
    assert is_loopback(address) is is_local


def test_authlib_comes_with_the_first_login_and_yaml_with_the_first_yaml() -> None:
    script = (
        "import sys, flattr_tui.sandbox.asgi_app\n"
        "late = {'authlib', 'yaml', 'uvicorn', 'httpx', 'textual'}\n"
        "print(sorted(late & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


_names = st.sampled_from(
    [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
        "username",
        "decision",
        "grant_type",
        "code",
        "client_secret",
        "token",
        "token_type_hint",
    ]
)
_values = any_text(max_size=8) | st.sampled_from(
    [
        "code",
        "token",
        "flattr-tui",
        REDIRECT_URI,
        "http://localhost/ä",
        "flattr",
        "ada",
        "allow",
        "deny",
        "S256",
        VERIFIER,
        '"',
    ]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from(["authorize", "token", "revoke", "code"]),
    st.sampled_from(["params", "data", "json"]),
    st.dictionaries(_names, _values, max_size=8),
    st.none() | st.binary(max_size=8).map(lambda raw: b"Basic " + raw.hex().encode()),
)
async def test_no_request_breaks_the_login(
    server: httpx.AsyncClient, page: str, how: str, sent: dict[str, str], credentials: bytes | None
) -> None:
    headers = {b"Authorization": credentials} if credentials else {}
    sent = {"response_type": "code", "client_id": "flattr-tui"} | sent
    verb = "GET" if how == "params" else "POST"
    answer = await server.request(verb, f"{BASE}/oauth/{page}", headers=headers, **{how: sent})  # type: ignore[arg-type]
    assert answer.status_code < 500, answer.text


async def test_text_that_no_url_can_contain_is_an_error(server: httpx.AsyncClient) -> None:
    body = b'{"state": "\\ud800", "decision": "allow", "username": "ada"}'
    headers = {"Content-Type": "application/json"}
    answer = await server.post(AUTHORIZE, params=authorize_params(state=None), content=body, headers=headers)
    assert answer.status_code == 400


async def test_a_failure_is_a_json_error(shared_world: World) -> None:
    def fail() -> World:
        raise OSError("disk on fire")

    transport = httpx.ASGITransport(app=create_app(fail), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        answer = await client.get("/oauth/authorize", params=authorize_params())
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")

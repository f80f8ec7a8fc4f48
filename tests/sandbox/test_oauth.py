"""Logging in: the authorization code grant, with and without PKCE, as RFC 6749 and the documentation have it."""

import asyncio
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.clients import Credentials, is_loopback
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import BASE, connect

BACK = "http://127.0.0.1:53682/callback"
AUTHORIZE, TOKEN = f"{BASE}/oauth/authorize", f"{BASE}/oauth/token"
VERIFIER = "v" * 43
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
AUTH = ("flattr-tui", "sandbox")


class Clock:
    now = 1_600_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def site(world: World, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    others = [Credentials("other", "s3cret"), Credentials.parse("web:pass word:https://client.example/back")]
    async with connect(create_app(world, clients=others, clock=clock)) as client:
        yield client


def asking(**changes: str | None) -> dict[str, str]:
    asked = {
        "response_type": "code",
        "client_id": "flattr-tui",
        "redirect_uri": BACK,
        "scope": "flattr",
        "state": "s t",
    }
    return {name: value for name, value in (asked | changes).items() if value is not None}


class Hidden(HTMLParser):
    """What a browser would send of a form besides what a person chooses."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "input" and named.get("type") == "hidden":
            self.fields[named["name"] or ""] = named["value"] or ""


def fields_of(page: str) -> dict[str, str]:
    parser = Hidden()
    parser.feed(page)
    return parser.fields


async def decide(
    site: httpx.AsyncClient, asked: dict[str, str], decision: str = "allow", username: str = "ada"
) -> httpx.Response:
    page = await site.get(AUTHORIZE, params=asked)
    assert page.status_code == 200, page.text
    return await site.post(AUTHORIZE, data=fields_of(page.text) | {"username": username, "decision": decision})


def answer_of(response: httpx.Response) -> dict[str, str]:
    assert response.status_code == 302, response.text
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


async def code_for(site: httpx.AsyncClient, **changes: str | None) -> str:
    return answer_of(await decide(site, asking(**changes)))["code"]


async def exchange(site: httpx.AsyncClient, code: str, auth: Any = AUTH, **changes: str | None) -> httpx.Response:
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK} | changes
    return await site.post(TOKEN, data={k: v for k, v in body.items() if v is not None}, auth=auth)


async def test_the_consent_page_asks_plainly_and_without_script(site: httpx.AsyncClient, world: World) -> None:
    page = await site.get(AUTHORIZE, params=asking(state='"><script>alert(1)</script>', scope="flattr thing"))
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


async def test_a_login_gives_a_token_that_works(site: httpx.AsyncClient) -> None:
    redirected = await decide(site, asking())
    location = urlsplit(redirected.headers["location"])
    assert location._replace(query="").geturl() == BACK
    assert parse_qs(location.query)["state"] == ["s t"]
    answer = await exchange(site, answer_of(redirected)["code"])
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type"}
    assert answer.json()["token_type"] == "bearer"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    me = await site.get("user", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})
    assert me.json()["username"] == "ada"


async def test_what_is_denied_is_said_to_the_client(site: httpx.AsyncClient) -> None:
    answer = answer_of(await decide(site, asking(), "deny"))
    assert (answer["error"], answer["state"]) == ("access_denied", "s t")
    assert "code" not in answer


@pytest.mark.parametrize("scope", ["flattr thing", "flattr,thing", "flattr, thing", " flattr  thing "])
async def test_scopes_are_parted_by_spaces_or_commas(site: httpx.AsyncClient, world: World, scope: str) -> None:
    token = (await exchange(site, await code_for(site, scope=scope))).json()["access_token"]
    granted = world.token(token)
    assert granted is not None
    assert granted.scopes == {"flattr", "thing"}


@pytest.mark.parametrize("scope", [None, ""])
async def test_no_scope_is_a_token_that_reads(site: httpx.AsyncClient, world: World, scope: str | None) -> None:
    token = (await exchange(site, await code_for(site, scope=scope))).json()["access_token"]
    granted = world.token(token)
    assert granted is not None
    assert granted.scopes == frozenset()


async def test_a_scope_that_is_none_goes_back_to_the_client(site: httpx.AsyncClient) -> None:
    answer = answer_of(await site.get(AUTHORIZE, params=asking(scope="flattr everything")))
    assert (answer["error"], answer["state"]) == ("invalid_scope", "s t")


async def test_another_response_type_goes_back_to_the_client(site: httpx.AsyncClient) -> None:
    answer = answer_of(await site.get(AUTHORIZE, params=asking(response_type='"id_token"')))
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
async def test_a_client_or_address_in_doubt_is_never_redirected_to(
    site: httpx.AsyncClient, changes: dict[str, str | None]
) -> None:
    for answer in (
        await site.get(AUTHORIZE, params=asking(**changes)),
        await site.post(AUTHORIZE, data=asking(**changes) | {"username": "ada", "decision": "allow"}),
    ):
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/html")
        assert "location" not in answer.headers


async def test_a_parameter_twice_is_an_error(site: httpx.AsyncClient) -> None:
    answer = await site.get(f"{AUTHORIZE}?{urlencode(asking())}&client_id=other")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "data", [{}, {"decision": "perhaps"}, {"decision": "allow"}, {"decision": "allow", "username": "x"}]
)
async def test_a_form_that_decides_nothing_is_asked_again(site: httpx.AsyncClient, data: dict[str, str]) -> None:
    answer = await site.post(AUTHORIZE, data=asking() | data)
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_form_of_another_site_is_refused(site: httpx.AsyncClient) -> None:
    data = asking() | {"username": "ada", "decision": "allow"}
    for origin in ("https://elsewhere.example", "null"):
        answer = await site.post(AUTHORIZE, data=data, headers={"Origin": origin})
        assert (answer.status_code, "location" in answer.headers) == (403, False)
    assert (await site.post(AUTHORIZE, data=data, headers={"Origin": BASE})).status_code == 302


@pytest.mark.parametrize("method", ["S256", "plain"])
async def test_a_challenge_must_be_met(site: httpx.AsyncClient, method: str) -> None:
    challenge = CHALLENGE if method == "S256" else VERIFIER
    code = await code_for(site, code_challenge=challenge, code_challenge_method=method)
    for wrong in (None, "w" * 43, "short"):
        refused = await exchange(site, code, code_verifier=wrong)
        assert refused.status_code == 400
        assert refused.json()["error"] in {"invalid_grant", "invalid_request"}
    assert (await exchange(site, code, code_verifier=VERIFIER)).status_code == 200


async def test_a_challenge_of_an_unknown_kind_goes_back_to_the_client(site: httpx.AsyncClient) -> None:
    asked = asking(code_challenge=CHALLENGE, code_challenge_method="S512")
    assert answer_of(await site.get(AUTHORIZE, params=asked))["error"] == "invalid_request"


async def test_a_code_is_good_once_and_its_replay_ends_the_token(site: httpx.AsyncClient) -> None:
    code = await code_for(site)
    token = (await exchange(site, code)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await site.get("user", headers=headers)).status_code == 200
    again = await exchange(site, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await site.get("user", headers=headers)).status_code == 401


async def test_of_two_at_once_one_gets_the_token(site: httpx.AsyncClient) -> None:
    code = await code_for(site)
    answers = await asyncio.gather(*(exchange(site, code) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5


async def test_a_code_ends_after_ten_minutes(site: httpx.AsyncClient, clock: Clock) -> None:
    code = await code_for(site)
    clock.now += 600
    assert (await exchange(site, code)).json()["error"] == "invalid_grant"


async def test_the_redirect_address_must_be_the_one_before(site: httpx.AsyncClient) -> None:
    code = await code_for(site)
    for wrong in (None, f"{BACK}/", "http://127.0.0.1:1/callback"):
        answer = await exchange(site, code, redirect_uri=wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await exchange(site, code)).status_code == 200


@pytest.mark.parametrize("auth", [("flattr-tui", "wrong"), ("nobody", "sandbox"), ("flattr-tui", ""), None])
async def test_a_client_must_prove_itself(site: httpx.AsyncClient, auth: tuple[str, str] | None) -> None:
    code = await code_for(site)
    answer = await exchange(site, code, auth)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_description"]
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert (await exchange(site, code)).status_code == 200


async def test_credentials_that_are_no_text_are_an_error(site: httpx.AsyncClient) -> None:
    answer = await site.post(
        TOKEN, data={"grant_type": "authorization_code"}, headers={"Authorization": "Basic /////w=="}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_code_of_another_client_is_of_no_use(site: httpx.AsyncClient) -> None:
    code = await code_for(site)
    assert (await exchange(site, code, ("other", "s3cret"))).json()["error"] == "invalid_grant"
    assert (await exchange(site, code)).status_code == 200


@pytest.mark.parametrize("grant_type", [None, "", "password", 'refresh"token'])
async def test_other_grants_are_not_to_be_had(site: httpx.AsyncClient, grant_type: str | None) -> None:
    answer = await exchange(site, await code_for(site), grant_type=grant_type)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


async def test_json_form_and_credentials_in_the_body_all_do(site: httpx.AsyncClient) -> None:
    body = {"grant_type": "authorization_code", "redirect_uri": BACK}
    first = await site.post(TOKEN, json=body | {"code": await code_for(site)}, auth=AUTH)
    secret = {"client_id": "flattr-tui", "client_secret": "sandbox"}
    second = await site.post(f"{TOKEN}/", data=body | secret | {"code": await code_for(site)})
    third = await site.post(TOKEN, json=body | secret | {"code": await code_for(site)})
    parts = {name: (None, value) for name, value in (body | secret | {"code": await code_for(site)}).items()}
    fourth = await site.post(TOKEN, files=parts)
    assert [answer.status_code for answer in (first, second, third, fourth)] == [200] * 4


async def test_a_body_that_is_no_json_is_an_error(site: httpx.AsyncClient) -> None:
    answer = await site.post(TOKEN, content=b"{", headers={"Content-Type": "application/json"}, auth=AUTH)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_without_an_address_the_code_is_shown(site: httpx.AsyncClient) -> None:
    # antics/node-flattr names its address first when it asks for the token, smgt/flattr never does.
    for address in (None, "urn:ietf:wg:oauth:2.0:oob"):
        redirected = await decide(site, asking(redirect_uri=address))
        assert redirected.headers["location"].startswith(f"{BASE}/oauth/code?")
        code = answer_of(redirected)["code"]
        assert code in (await site.get(redirected.headers["location"])).text
        assert (await exchange(site, code, redirect_uri=address or "http://localhost:8080/flattr")).status_code == 200


async def test_a_refusal_without_an_address_is_shown(site: httpx.AsyncClient) -> None:
    redirected = await decide(site, asking(redirect_uri=None), "deny")
    assert (await site.get(redirected.headers["location"])).status_code == 400


async def test_a_registered_address_is_where_answers_go(site: httpx.AsyncClient) -> None:
    for address in (None, "https://client.example/back"):
        redirected = await decide(site, asking(client_id="web", redirect_uri=address))
        assert redirected.headers["location"].startswith("https://client.example/back?code=")
        answer = await exchange(site, answer_of(redirected)["code"], ("web", "pass word"), redirect_uri=address)
        assert answer.status_code == 200


async def test_the_implicit_grant_answers_in_the_fragment(site: httpx.AsyncClient) -> None:
    redirected = await decide(site, asking(response_type="token"))
    fragment = dict(parse_qsl(urlsplit(redirected.headers["location"]).fragment))
    assert (fragment["token_type"], fragment["state"]) == ("bearer", "s t")
    me = await site.get("user", headers={"Authorization": f"Bearer {fragment['access_token']}"})
    assert me.status_code == 200
    denied = await decide(site, asking(response_type="token"), "deny")
    assert "error=access_denied" in urlsplit(denied.headers["location"]).fragment


async def test_logging_out_ends_the_token(site: httpx.AsyncClient) -> None:
    token = (await exchange(site, await code_for(site))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    other = await site.post(f"{BASE}/oauth/revoke", data={"token": token}, auth=("other", "s3cret"))
    assert other.status_code == 400
    assert (await site.get("user", headers=headers)).status_code == 200
    for _ in range(2):
        assert (await site.post(f"{BASE}/oauth/revoke", data={"token": token}, auth=AUTH)).status_code == 200
    assert (await site.get("user", headers=headers)).status_code == 401


async def test_slashes_preflights_and_errors(site: httpx.AsyncClient) -> None:
    assert (await site.get(f"{AUTHORIZE}/", params=asking())).status_code == 200
    assert (await site.options(TOKEN)).headers["access-control-allow-origin"] == "*"
    assert (await site.get(TOKEN)).status_code == 405


async def test_a_code_and_a_token_survive_a_restart(world: World) -> None:
    async with connect(create_app(world)) as before:
        code = await code_for(before)
    async with connect(create_app(world)) as after:
        token = (await exchange(after, code)).json()["access_token"]
    async with connect(create_app(world)) as later:
        assert (await later.get("user", headers={"Authorization": f"bearer {token}"})).status_code == 200


@pytest.mark.parametrize("text", ["", "id", "id:", ":secret"])
def test_a_client_is_written_with_its_secret(text: str) -> None:
    with pytest.raises(ValueError, match="ID:SECRET"):
        Credentials.parse(text)


@pytest.mark.parametrize(
    ("address", "here"),
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
def test_loopback_is_this_machine_and_nothing_else(address: str, here: bool) -> None:
    assert is_loopback(address) is here


def test_authlib_comes_with_the_first_login_and_yaml_with_the_first_yaml() -> None:
    script = (
        "import sys, flattr_tui.sandbox.app\n"
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
_values = st.text(max_size=8) | st.sampled_from(
    ["code", "token", "flattr-tui", BACK, "http://localhost/ä", "flattr", "ada", "allow", "deny", "S256", VERIFIER, '"']
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from(["authorize", "token", "revoke", "code"]),
    st.sampled_from(["params", "data", "json"]),
    st.dictionaries(_names, _values, max_size=8),
    st.none() | st.binary(max_size=8).map(lambda raw: b"Basic " + raw.hex().encode()),
)
async def test_nothing_that_is_sent_breaks_it(
    site: httpx.AsyncClient, page: str, how: str, sent: dict[str, str], credentials: bytes | None
) -> None:
    headers = {b"Authorization": credentials} if credentials else {}
    sent = {"response_type": "code", "client_id": "flattr-tui"} | sent
    verb = "GET" if how == "params" else "POST"
    answer = await site.request(verb, f"{BASE}/oauth/{page}", headers=headers, **{how: sent})  # type: ignore[arg-type]
    assert answer.status_code < 500, answer.text


async def test_text_that_no_address_carries_is_an_error(site: httpx.AsyncClient) -> None:
    body = b'{"state": "\\ud800", "decision": "allow", "username": "ada"}'
    headers = {"Content-Type": "application/json"}
    answer = await site.post(AUTHORIZE, params=asking(state=None), content=body, headers=headers)
    assert answer.status_code == 400


async def test_a_failure_is_a_json_error(shared: World) -> None:
    def broken() -> World:
        raise OSError("disk on fire")

    transport = httpx.ASGITransport(app=create_app(broken), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        answer = await client.get("/oauth/authorize", params=asking())
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")

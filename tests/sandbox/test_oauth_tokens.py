"""Tests that a code gives one token, in time and to its client; tests of PKCE (RFC 7636) and of revoking tokens."""

import asyncio

import httpx
import pytest

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import BASE, Clock, make_client
from tests.sandbox.login_helpers import (
    AUTH,
    AUTHORIZE,
    CHALLENGE,
    REDIRECT_URI,
    TOKEN,
    VERIFIER,
    authorize_params,
    exchange_code,
    get_code,
    redirect_params,
)


@pytest.mark.parametrize("method", ["S256", "plain"])
async def test_a_pkce_challenge_must_be_met(server: httpx.AsyncClient, method: str) -> None:
    challenge = CHALLENGE if method == "S256" else VERIFIER
    code = await get_code(server, code_challenge=challenge, code_challenge_method=method)
    for wrong in (None, "w" * 43, "short"):
        refused = await exchange_code(server, code, code_verifier=wrong)
        assert refused.status_code == 400
        assert refused.json()["error"] in {"invalid_grant", "invalid_request"}
    assert (await exchange_code(server, code, code_verifier=VERIFIER)).status_code == 200


async def test_an_unknown_challenge_method_is_reported_to_the_client(server: httpx.AsyncClient) -> None:
    params = authorize_params(code_challenge=CHALLENGE, code_challenge_method="S512")
    assert redirect_params(await server.get(AUTHORIZE, params=params))["error"] == "invalid_request"


async def test_a_code_works_once_and_its_replay_revokes_the_token(server: httpx.AsyncClient) -> None:
    code = await get_code(server)
    token = (await exchange_code(server, code)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await server.get("user", headers=headers)).status_code == 200
    again = await exchange_code(server, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await server.get("user", headers=headers)).status_code == 401


async def test_only_one_of_several_exchanges_at_once_gets_the_token(server: httpx.AsyncClient) -> None:
    code = await get_code(server)
    answers = await asyncio.gather(*(exchange_code(server, code) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5


async def test_a_code_ends_after_ten_minutes(server: httpx.AsyncClient, clock: Clock) -> None:
    code = await get_code(server)
    clock.now += 600
    assert (await exchange_code(server, code)).json()["error"] == "invalid_grant"


async def test_the_redirect_address_must_equal_the_first_one(server: httpx.AsyncClient) -> None:
    code = await get_code(server)
    for wrong in (f"{REDIRECT_URI}/", "http://127.0.0.1:1/callback"):
        answer = await exchange_code(server, code, redirect_uri=wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await exchange_code(server, code)).status_code == 200


@pytest.mark.parametrize("auth", [("flattr-tui", "wrong"), ("nobody", "sandbox"), ("flattr-tui", ""), None])
async def test_a_client_must_prove_itself(server: httpx.AsyncClient, auth: tuple[str, str] | None) -> None:
    code = await get_code(server)
    answer = await exchange_code(server, code, auth)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_description"]
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert (await exchange_code(server, code)).status_code == 200


async def test_credentials_that_are_not_utf_8_are_an_error(server: httpx.AsyncClient) -> None:
    answer = await server.post(
        TOKEN, data={"grant_type": "authorization_code"}, headers={"Authorization": "Basic /////w=="}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_code_of_another_client_is_refused(server: httpx.AsyncClient) -> None:
    code = await get_code(server)
    assert (await exchange_code(server, code, ("other", "s3cret"))).json()["error"] == "invalid_grant"
    assert (await exchange_code(server, code)).status_code == 200


@pytest.mark.parametrize("grant_type", ["password", 'refresh"token'])
async def test_other_grant_types_are_refused(server: httpx.AsyncClient, grant_type: str) -> None:
    answer = await exchange_code(server, await get_code(server), grant_type=grant_type)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


async def test_json_forms_and_credentials_in_the_body_are_accepted(server: httpx.AsyncClient) -> None:
    body = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI}
    first = await server.post(TOKEN, json=body | {"code": await get_code(server)}, auth=AUTH)
    secret = {"client_id": "flattr-tui", "client_secret": "sandbox"}
    second = await server.post(f"{TOKEN}/", data=body | secret | {"code": await get_code(server)})
    third = await server.post(TOKEN, json=body | secret | {"code": await get_code(server)})
    parts = {name: (None, value) for name, value in (body | secret | {"code": await get_code(server)}).items()}
    fourth = await server.post(TOKEN, files=parts)
    assert [answer.status_code for answer in (first, second, third, fourth)] == [200] * 4


async def test_a_body_that_is_no_json_is_an_error(server: httpx.AsyncClient) -> None:
    answer = await server.post(TOKEN, content=b"{", headers={"Content-Type": "application/json"}, auth=AUTH)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_logging_out_ends_the_token(server: httpx.AsyncClient) -> None:
    token = (await exchange_code(server, await get_code(server))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    other = await server.post(f"{BASE}/oauth/revoke", data={"token": token}, auth=("other", "s3cret"))
    assert other.status_code == 400
    assert (await server.get("user", headers=headers)).status_code == 200
    for _ in range(2):
        assert (await server.post(f"{BASE}/oauth/revoke", data={"token": token}, auth=AUTH)).status_code == 200
    assert (await server.get("user", headers=headers)).status_code == 401


async def test_a_code_and_a_token_survive_a_restart(world: World) -> None:
    async with make_client(create_app(world)) as before:
        code = await get_code(before)
    async with make_client(create_app(world)) as after:
        token = (await exchange_code(after, code)).json()["access_token"]
    async with make_client(create_app(world)) as later:
        assert (await later.get("user", headers={"Authorization": f"bearer {token}"})).status_code == 200

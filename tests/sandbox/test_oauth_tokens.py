"""A code for a token, once, in time and for whom it was made; PKCE (RFC 7636); logging out."""

import asyncio

import httpx
import pytest

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.world import World
from tests.sandbox.conftest import BASE, Clock, connect
from tests.sandbox.login_helpers import (
    AUTH,
    AUTHORIZE,
    BACK,
    CHALLENGE,
    TOKEN,
    VERIFIER,
    answer_of,
    asking,
    code_for,
    exchange,
)


@pytest.mark.parametrize("method", ["S256", "plain"])
async def test_a_challenge_must_be_met(server: httpx.AsyncClient, method: str) -> None:
    challenge = CHALLENGE if method == "S256" else VERIFIER
    code = await code_for(server, code_challenge=challenge, code_challenge_method=method)
    for wrong in (None, "w" * 43, "short"):
        refused = await exchange(server, code, code_verifier=wrong)
        assert refused.status_code == 400
        assert refused.json()["error"] in {"invalid_grant", "invalid_request"}
    assert (await exchange(server, code, code_verifier=VERIFIER)).status_code == 200


async def test_a_challenge_of_an_unknown_kind_goes_back_to_the_client(server: httpx.AsyncClient) -> None:
    asked = asking(code_challenge=CHALLENGE, code_challenge_method="S512")
    assert answer_of(await server.get(AUTHORIZE, params=asked))["error"] == "invalid_request"


async def test_a_code_is_good_once_and_its_replay_ends_the_token(server: httpx.AsyncClient) -> None:
    code = await code_for(server)
    token = (await exchange(server, code)).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await server.get("user", headers=headers)).status_code == 200
    again = await exchange(server, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await server.get("user", headers=headers)).status_code == 401


async def test_of_two_at_once_one_gets_the_token(server: httpx.AsyncClient) -> None:
    code = await code_for(server)
    answers = await asyncio.gather(*(exchange(server, code) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5


async def test_a_code_ends_after_ten_minutes(server: httpx.AsyncClient, clock: Clock) -> None:
    code = await code_for(server)
    clock.now += 600
    assert (await exchange(server, code)).json()["error"] == "invalid_grant"


async def test_the_redirect_address_must_be_the_one_before(server: httpx.AsyncClient) -> None:
    code = await code_for(server)
    for wrong in (f"{BACK}/", "http://127.0.0.1:1/callback"):
        answer = await exchange(server, code, redirect_uri=wrong)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await exchange(server, code)).status_code == 200


@pytest.mark.parametrize("auth", [("flattr-tui", "wrong"), ("nobody", "sandbox"), ("flattr-tui", ""), None])
async def test_a_client_must_prove_itself(server: httpx.AsyncClient, auth: tuple[str, str] | None) -> None:
    code = await code_for(server)
    answer = await exchange(server, code, auth)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.json()["error_description"]
    assert answer.headers["www-authenticate"].startswith("Basic")
    assert (await exchange(server, code)).status_code == 200


async def test_credentials_that_are_no_text_are_an_error(server: httpx.AsyncClient) -> None:
    answer = await server.post(
        TOKEN, data={"grant_type": "authorization_code"}, headers={"Authorization": "Basic /////w=="}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_code_of_another_client_is_of_no_use(server: httpx.AsyncClient) -> None:
    code = await code_for(server)
    assert (await exchange(server, code, ("other", "s3cret"))).json()["error"] == "invalid_grant"
    assert (await exchange(server, code)).status_code == 200


@pytest.mark.parametrize("grant_type", ["password", 'refresh"token'])
async def test_other_grants_are_not_to_be_had(server: httpx.AsyncClient, grant_type: str) -> None:
    answer = await exchange(server, await code_for(server), grant_type=grant_type)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


async def test_json_form_and_credentials_in_the_body_all_do(server: httpx.AsyncClient) -> None:
    body = {"grant_type": "authorization_code", "redirect_uri": BACK}
    first = await server.post(TOKEN, json=body | {"code": await code_for(server)}, auth=AUTH)
    secret = {"client_id": "flattr-tui", "client_secret": "sandbox"}
    second = await server.post(f"{TOKEN}/", data=body | secret | {"code": await code_for(server)})
    third = await server.post(TOKEN, json=body | secret | {"code": await code_for(server)})
    parts = {name: (None, value) for name, value in (body | secret | {"code": await code_for(server)}).items()}
    fourth = await server.post(TOKEN, files=parts)
    assert [answer.status_code for answer in (first, second, third, fourth)] == [200] * 4


async def test_a_body_that_is_no_json_is_an_error(server: httpx.AsyncClient) -> None:
    answer = await server.post(TOKEN, content=b"{", headers={"Content-Type": "application/json"}, auth=AUTH)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_logging_out_ends_the_token(server: httpx.AsyncClient) -> None:
    token = (await exchange(server, await code_for(server))).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    other = await server.post(f"{BASE}/oauth/revoke", data={"token": token}, auth=("other", "s3cret"))
    assert other.status_code == 400
    assert (await server.get("user", headers=headers)).status_code == 200
    for _ in range(2):
        assert (await server.post(f"{BASE}/oauth/revoke", data={"token": token}, auth=AUTH)).status_code == 200
    assert (await server.get("user", headers=headers)).status_code == 401


async def test_a_code_and_a_token_survive_a_restart(world: World) -> None:
    async with connect(create_app(world)) as before:
        code = await code_for(before)
    async with connect(create_app(world)) as after:
        token = (await exchange(after, code)).json()["access_token"]
    async with connect(create_app(world)) as later:
        assert (await later.get("user", headers={"Authorization": f"bearer {token}"})).status_code == 200

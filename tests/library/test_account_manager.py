"""Tests of the login: its addresses, the consent in this process, pasting, the browser, and the errors."""

import asyncio
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from flattr_tui.api.errors import LoginError, WrongStateError
from flattr_tui.api.token_store import VARIABLE
from flattr_tui.library.account.account_manager import LoginFlow, login_config
from flattr_tui.model.data_source import parse_source
from flattr_tui.sandbox.server import serving
from flattr_tui.settings import Login
from tests.api.servers import respond_with
from tests.library.sandbox_accounts import SOURCE, Sandbox, log_in

# -- the configuration


@pytest.mark.parametrize(
    ("source", "authorize", "client"),
    [
        ("sandbox", "http://sandbox.localhost/oauth/authorize", "flattr-tui"),
        ("http://127.0.0.1:8000/rest/v2", "http://127.0.0.1:8000/oauth/authorize", "flattr-tui"),
        ("https://api.flattr.com/rest/v2", "https://flattr.com/oauth/authorize", ""),
        ("https://flattr.example/sub/rest/v2", "https://flattr.example/sub/oauth/authorize", ""),
    ],
)
def test_where_to_log_in_follows_from_the_source(source: str, authorize: str, client: str) -> None:
    config = login_config(parse_source(source))
    assert (config.authorize_url, config.client_id) == (authorize, client)
    assert config.token_url == authorize.replace("authorize", "token")
    assert config.scopes == ("flattr", "thing", "email", "extendedread")


def test_settings_override_the_addresses_of_the_source() -> None:
    given = Login(client_id="mine", client_secret="hush", token_url="https://x/t", scopes=("flattr",))
    config = login_config(SOURCE, given)
    assert (config.client_id, config.client_secret, config.token_url) == ("mine", "hush", "https://x/t")
    assert config.scopes == ("flattr",)
    assert login_config(SOURCE, Login(client_id="mine")).client_secret == ""


async def test_a_missing_client_id_is_an_error_that_says_what_to_do(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts(config=replace(login_config(SOURCE), client_id=""))
    with pytest.raises(LoginError, match="Register a client"):
        await accounts.start_login()


def test_the_source_saved_has_no_login() -> None:
    with pytest.raises(LoginError, match="Choose another source"):
        login_config(parse_source("saved"))


async def test_a_login_offline_is_an_error(sandbox: Sandbox) -> None:
    with pytest.raises(LoginError, match="the program is offline"):
        await sandbox.accounts(offline=True).start_login()
    assert await sandbox.accounts(offline=True, tokens=sandbox.store(**{VARIABLE: "t"})).identify() == ""


# -- at the server in this process


async def test_the_consent_page_is_answered_without_a_browser(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts()
    async with await accounts.start_login() as attempt:
        users = await attempt.users()
        assert "ada" in users
        assert len(users) == len(sandbox.world.usernames())
        assert await attempt.consent("ada") == "ada"
    assert await accounts.names() == ("ada",)
    assert sandbox.store().current("sandbox") == "ada"
    token = sandbox.store().load("sandbox", "ada")
    assert token is not None
    granted = sandbox.world.token(token.access_token)
    assert granted is not None
    assert granted.scopes == {"flattr", "thing", "email", "extendedread"}
    await accounts.aclose()


async def test_a_denied_login_keeps_no_token(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts()
    with pytest.raises(LoginError, match="declined"):
        await log_in(accounts, allow=False)
    with pytest.raises(LoginError, match="Nobody chosen"):
        await log_in(accounts, "no-such-user")
    assert await accounts.names() == ()
    await accounts.aclose()


async def test_an_attempt_is_good_for_one_answer(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts()
    attempt = await accounts.start_login()
    await attempt.consent("ada")
    with pytest.raises(LoginError, match="already complete"):
        await attempt.consent("melodia")
    await attempt.aclose()
    with pytest.raises(LoginError, match="has ended"):
        await attempt.paste("?code=c&state=s")
    await accounts.aclose()


# -- pasting the address, as over SSH


@pytest.mark.parametrize("state", [None, "", "wrong"])
async def test_a_pasted_answer_of_another_login_changes_nothing(sandbox: Sandbox, state: str | None) -> None:
    accounts = sandbox.accounts()
    async with await accounts.start_login() as attempt:
        query = {"code": "stolen"} | ({} if state is None else {"state": state})
        with pytest.raises(WrongStateError, match="another login"):
            await attempt.paste(f"http://127.0.0.1:1/callback?{urlencode(query)}")
        assert await attempt.consent("ada") == "ada"
    await accounts.aclose()


async def test_a_replayed_answer_is_refused_by_the_state_of_the_next_login(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts()
    async with await accounts.start_login() as attempt:
        replayed = await attempt.decide("ada")
        assert await attempt.paste(replayed) == "ada"
        with pytest.raises(LoginError, match="already complete"):
            await attempt.paste(replayed)
    async with await accounts.start_login() as attempt:
        with pytest.raises(WrongStateError):
            await attempt.paste(replayed)
    await accounts.aclose()


# -- a browser


async def answer_in_browser(attempt: LoginFlow, **form: str) -> None:
    """Do what a browser and its user do: load the consent page, submit its form, follow the redirect."""
    async with httpx.AsyncClient() as browser:
        page = await browser.get(attempt.address)
        assert page.status_code == 200
        fields = {name: values[0] for name, values in parse_qs(urlsplit(attempt.address).query).items()}
        answer = await browser.post(
            attempt.address, data=fields | {"username": "ada", "decision": "allow"} | form, follow_redirects=True
        )
        assert "You can close this window" in answer.text


@pytest.mark.parametrize("decision", ["allow", "deny"])
async def test_a_browser_returns_to_the_listener_while_the_sandbox_is_served_on_a_port(
    sandbox: Sandbox, decision: str
) -> None:
    accounts = sandbox.accounts(serve=lambda: serving(sandbox.app))
    async with await accounts.start_login(browser=True) as attempt:
        assert attempt.listening
        address = attempt.address
        assert address.startswith("http://127.0.0.1:")
        waiting = asyncio.create_task(attempt.wait())
        await answer_in_browser(attempt, decision=decision)
        if decision == "allow":
            assert await waiting == "ada"
        else:
            with pytest.raises(LoginError, match="declined"):
                await waiting
    await accounts.aclose()
    with pytest.raises(OSError, match=r"Connect|refused"):
        await asyncio.open_connection("127.0.0.1", urlsplit(address).port)


async def test_a_busy_port_is_reported_and_pasting_still_works(sandbox: Sandbox) -> None:
    busy = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = busy.sockets[0].getsockname()[1]
    accounts = sandbox.accounts(config=replace(login_config(SOURCE), port=port))
    async with await accounts.start_login(browser=True) as attempt:
        assert not attempt.listening
        assert f"port {port} is in use" in attempt.problem
        with pytest.raises(LoginError, match="is in use"):
            await attempt.wait()
        assert parse_qs(urlsplit(attempt.address).query)["redirect_uri"] == [f"http://127.0.0.1:{port}/callback"]
        assert await attempt.consent("ada") == "ada"
    busy.close()
    await busy.wait_closed()
    await accounts.aclose()


async def test_a_login_can_start_again_after_a_timeout(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts()
    async with await accounts.start_login(browser=True) as attempt:
        with pytest.raises(LoginError, match="was not finished within"):
            await attempt.wait(0.01)
    assert await log_in(accounts) == "ada"
    await accounts.aclose()


async def test_a_sandbox_that_cannot_be_served_is_an_error(sandbox: Sandbox) -> None:
    def serve() -> Any:
        raise LoginError("no uvicorn here.")

    with pytest.raises(LoginError, match="no uvicorn"):
        await sandbox.accounts(serve=serve).start_login(browser=True)


async def test_a_consent_page_that_fails_is_quoted_in_separate_words(sandbox: Sandbox) -> None:
    page = b"<title>Sandbox</title><h1>Out of reach</h1><p>The data can't be opened.</p>\n"
    accounts = sandbox.accounts(make_app=lambda: respond_with(page, 503, content_type="text/html"))
    with pytest.raises(LoginError) as caught:
        await log_in(accounts)
    assert str(caught.value) == "the server's consent page answered 503: Out of reach The data can't be opened."
    await accounts.aclose()

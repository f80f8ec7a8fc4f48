"""Tests of several accounts with tokens of their own, of tokens that expire or are renewed, and of logging out."""

import asyncio
from typing import Any

import pytest

from flattr_tui.api.errors import (
    CannotConnectError,
    FlattrError,
    LoginError,
    ServerFailedError,
    TokenLeftError,
    TokenRenewedError,
    UnauthorizedError,
)
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.api.token_store import VARIABLE, Token, TokenStore
from tests.library.sandbox_accounts import ME, Sandbox, fetch_username, log_in

# -- several accounts


async def test_several_accounts_are_logged_in_and_one_is_chosen(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts()
    assert await log_in(accounts, "ada") == "ada"
    assert await log_in(accounts, "melodia") == "melodia"
    assert await accounts.names() == ("ada", "melodia")
    assert sandbox.store().current("sandbox") == "melodia"
    await accounts.select("ada")
    assert sandbox.store().current("sandbox") == "ada"
    with pytest.raises(LoginError, match="chizu is not logged in at sandbox"):
        await accounts.select("chizu")
    await accounts.select("")
    assert sandbox.store().current("sandbox") == ""
    await accounts.aclose()


async def test_each_account_acts_with_its_own_token(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts()
    for name in ("ada", "melodia"):
        await log_in(accounts, name)
    for name in ("ada", "melodia"):
        assert await fetch_username(sandbox, sandbox.accounts(name)) == name
    with pytest.raises(UnauthorizedError):
        await fetch_username(sandbox, sandbox.accounts())
    with pytest.raises(UnauthorizedError):
        await fetch_username(sandbox, sandbox.accounts("chizu"))
    await accounts.aclose()


async def test_logging_in_again_gives_the_running_library_the_new_token(sandbox: Sandbox) -> None:
    accounts = sandbox.accounts("ada")
    assert not await accounts.logged_in()
    await log_in(accounts)
    assert await accounts.logged_in()
    assert await fetch_username(sandbox, accounts) == "ada"
    assert set(accounts.scopes) == {"flattr", "thing", "email", "extendedread"}
    await accounts.aclose()


async def test_logging_out_forgets_the_token_and_what_was_private_when_asked(sandbox: Sandbox) -> None:
    forgotten: list[str] = []

    def forget(account: str) -> int:
        forgotten.append(account)
        return 7

    accounts = sandbox.accounts("ada", forget=forget)
    await log_in(accounts)
    await log_in(accounts, "melodia")
    assert await accounts.log_out("melodia") == 0
    assert (forgotten, await accounts.names()) == ([], ("ada",))
    assert await accounts.log_out("ada", remove_private=True) == 7
    assert (forgotten, await accounts.names()) == (["ada"], ())
    assert sandbox.store().current("sandbox") == ""
    assert not await accounts.logged_in()
    await accounts.aclose()


async def test_another_program_may_log_the_account_out_or_in(sandbox: Sandbox) -> None:
    accounts, other = sandbox.accounts("ada"), sandbox.accounts("ada")
    await log_in(accounts)
    assert await fetch_username(sandbox, accounts) == "ada"
    await other.log_out("ada")
    with pytest.raises(UnauthorizedError):
        await fetch_username(sandbox, accounts)
    assert accounts.token(ME) is None
    await log_in(other)
    assert await fetch_username(sandbox, accounts) == "ada"
    await accounts.aclose()
    await other.aclose()


async def test_logging_out_deletes_private_pages_even_if_a_keyring_keeps_the_token(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(store: TokenStore, source: str, account: str) -> None:
        raise TokenLeftError("the token may still be in a keyring.")

    forgotten: list[str] = []

    def forget(account: str) -> int:
        forgotten.append(account)
        return 7

    accounts = sandbox.accounts("ada", forget=forget)
    await log_in(accounts)
    monkeypatch.setattr(TokenStore, "remove", refuse)
    with pytest.raises(TokenLeftError):
        await accounts.log_out("ada", remove_private=True)
    assert forgotten == ["ada"]
    assert accounts.token(ME) is None
    await accounts.aclose()


# -- tokens of the environment, and tokens that expire


async def test_the_username_of_a_token_in_the_environment_is_requested(sandbox: Sandbox) -> None:
    tokens = sandbox.store(**{VARIABLE: sandbox.grant("melodia")})
    assert await sandbox.accounts(tokens=tokens).identify() == "melodia"
    accounts = sandbox.accounts("melodia", tokens=tokens)
    assert await fetch_username(sandbox, accounts) == "melodia"
    with pytest.raises(LoginError, match="not kept here"):
        await accounts.log_out("melodia")
    with pytest.raises(LoginError, match=r"is melodia's\. Start again with --account melodia"):
        await fetch_username(sandbox, sandbox.accounts("ada", tokens=tokens))
    assert not sandbox.file.exists()
    assert await sandbox.accounts().identify() == ""


def store_expired_token(sandbox: Sandbox, refresh: str | None = "r3fresh") -> None:
    sandbox.store().save("sandbox", "ada", Token("old", ("flattr",), refresh, sandbox.now))


async def test_an_expired_token_is_renewed_by_one_request(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    store_expired_token(sandbox)
    refreshed: list[Token] = []

    async def refresh(_: object, token: Token) -> Token:
        refreshed.append(token)
        await asyncio.sleep(0)
        return Token("new", token.scopes, token.refresh_token, sandbox.now + 3600)

    monkeypatch.setattr("flattr_tui.api.oauth_login.TokenEndpoint.refresh", refresh)
    accounts = sandbox.accounts("ada")
    await asyncio.gather(accounts.ready(), accounts.ready(), accounts.ready())
    assert accounts.token(ME) == "new"
    assert len(refreshed) == 1
    assert sandbox.store().load("sandbox", "ada") == Token("new", ("flattr",), "r3fresh", sandbox.now + 3600)


async def test_two_programs_renew_a_token_by_one_request(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    store_expired_token(sandbox)
    refreshed: list[str] = []

    async def refresh(_: object, token: Token) -> Token:
        if refreshed:  # the server accepts a refresh token once
            raise LoginError("the code has been used or has expired.")
        refreshed.append(str(token.refresh_token))
        await asyncio.to_thread(sandbox.store().accounts, "sandbox")  # let the other program read the old token
        return Token("new", token.scopes, "r3fresh-2", sandbox.now + 3600)

    monkeypatch.setattr("flattr_tui.api.oauth_login.TokenEndpoint.refresh", refresh)
    programs = [sandbox.accounts("ada") for _ in range(4)]
    await asyncio.gather(*(program.ready() for program in programs))
    assert [program.token(ME) for program in programs] == ["new"] * 4
    assert refreshed == ["r3fresh"]


async def test_a_token_is_stored_even_if_the_call_that_renewed_it_is_cancelled(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_expired_token(sandbox)
    refreshing, may_answer = asyncio.Event(), asyncio.Event()
    refreshed: list[Token] = []

    async def refresh(_: object, token: Token) -> Token:
        refreshed.append(token)
        refreshing.set()
        await may_answer.wait()
        return Token("new", token.scopes, "r3fresh-2", sandbox.now + 3600)

    monkeypatch.setattr("flattr_tui.api.oauth_login.TokenEndpoint.refresh", refresh)
    accounts = sandbox.accounts("ada")
    call = asyncio.create_task(accounts.ready())
    await refreshing.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    may_answer.set()
    await accounts.ready()
    assert (accounts.token(ME), len(refreshed)) == ("new", 1)
    assert sandbox.store().load("sandbox", "ada") == Token("new", ("flattr",), "r3fresh-2", sandbox.now + 3600)


async def test_a_switch_while_a_token_is_loaded_uses_the_new_accounts_token(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ada", "melodia"):
        sandbox.store().save("sandbox", name, Token(f"{name}'s", ("flattr",)))
    accounts = sandbox.accounts("ada")
    load = TokenStore.load

    def switch_and_load(store: TokenStore, source: str, account: str) -> Token | None:
        accounts.switch_to("melodia")
        return load(store, source, account)

    monkeypatch.setattr(TokenStore, "load", switch_and_load)
    await accounts.ready()
    assert accounts.token(ME) == "melodia's"


async def test_a_switch_while_a_token_is_renewed_uses_the_new_accounts_token(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_expired_token(sandbox)
    sandbox.store().save("sandbox", "melodia", Token("melodia's", ("flattr",)))
    accounts = sandbox.accounts("ada")

    async def refresh(_: object, token: Token) -> Token:
        accounts.switch_to("melodia")
        return Token("new", token.scopes, token.refresh_token, sandbox.now + 3600)

    monkeypatch.setattr("flattr_tui.api.oauth_login.TokenEndpoint.refresh", refresh)
    await accounts.ready()
    assert accounts.token(ME) == "melodia's"
    kept = [sandbox.store().load("sandbox", name) for name in ("ada", "melodia")]
    assert [token and token.access_token for token in kept] == ["new", "melodia's"]


async def test_logging_out_while_the_token_is_renewed_forgets_it(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_expired_token(sandbox)
    accounts = sandbox.accounts("ada")
    refreshing = asyncio.Event()

    async def refresh(_: object, token: Token) -> Token:
        refreshing.set()
        turns = 0
        while turns < 200 and sandbox.store().load("sandbox", "ada") is not None:
            await asyncio.sleep(0)
            turns += 1
        return Token("new", token.scopes, token.refresh_token, sandbox.now + 3600)

    monkeypatch.setattr("flattr_tui.api.oauth_login.TokenEndpoint.refresh", refresh)
    renewal = asyncio.create_task(accounts.ready())
    await refreshing.wait()
    await asyncio.gather(renewal, accounts.log_out("ada"))
    assert accounts.token(ME) is None
    assert sandbox.store().load("sandbox", "ada") is None


async def test_a_refused_token_is_renewed_once(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server may end a token before its time, or not say when it ends."""
    new = [sandbox.grant("ada", token="new"), "bad"]
    sandbox.store().save("sandbox", "ada", Token("old", ("flattr",), "r3fresh"))
    refreshed: list[str] = []

    async def refresh(_: object, token: Token) -> Token:
        refreshed.append(token.access_token)
        return Token(new[len(refreshed) - 1], token.scopes, token.refresh_token)

    monkeypatch.setattr("flattr_tui.api.oauth_login.TokenEndpoint.refresh", refresh)
    accounts = sandbox.accounts("ada")
    names = await asyncio.gather(*(fetch_username(sandbox, accounts) for _ in range(3)))
    assert (names, refreshed) == (["ada"] * 3, ["old"])
    assert sandbox.store().load("sandbox", "ada") == Token("new", ("flattr",), "r3fresh")
    sandbox.world.revoke_token("new")
    with pytest.raises(UnauthorizedError):
        await fetch_username(sandbox, accounts)
    assert refreshed == ["old", "new"]


async def test_a_refused_write_is_not_sent_again_with_the_renewed_token(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No write is sent twice, not even one that the server has refused: the user sends it again."""
    sandbox.store().save("sandbox", "ada", Token("old", ("flattr",), "r3fresh"))

    async def refresh(_: object, token: Token) -> Token:
        return Token(sandbox.grant("ada", token="new"), token.scopes, token.refresh_token)

    monkeypatch.setattr("flattr_tui.api.oauth_login.TokenEndpoint.refresh", refresh)
    accounts = sandbox.accounts("ada")
    posts: list[str] = []

    async def server(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            posts.append(scope["path"])
        await sandbox.app(scope, receive, send)

    client = sandbox.client(accounts, lambda: server)
    [thing] = sandbox.fresh()
    with pytest.raises(TokenRenewedError, match="Nothing was changed: try again"):
        await client.call(BY_NAME["flattr"], {"id": str(thing)})
    assert len(posts) == 1
    assert (await client.call(BY_NAME["flattr"], {"id": str(thing)})).status == 200
    assert len(posts) == 2
    await client.aclose()


async def test_a_refused_token_is_not_replaced_by_another_accounts(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.store().save("sandbox", "ada", Token("old", ("flattr",), "r3fresh"))
    await log_in(sandbox.accounts(), "melodia")
    accounts = sandbox.accounts("ada")

    async def refresh(_: object, token: Token) -> Token:
        accounts.switch_to("melodia")
        return Token(sandbox.grant("ada", token="new"), token.scopes, token.refresh_token)

    monkeypatch.setattr("flattr_tui.api.oauth_login.TokenEndpoint.refresh", refresh)
    with pytest.raises(UnauthorizedError):
        await fetch_username(sandbox, accounts)
    assert await fetch_username(sandbox, accounts) == "melodia"
    assert not await accounts.renew("old")


async def test_a_token_that_cannot_be_renewed_is_dropped(sandbox: Sandbox) -> None:
    store_expired_token(sandbox)
    accounts = sandbox.accounts("ada")
    with pytest.raises(UnauthorizedError):
        await fetch_username(sandbox, accounts)
    assert accounts.token(ME) is None
    await accounts.aclose()


@pytest.mark.parametrize("problem", [CannotConnectError, ServerFailedError])
async def test_a_renewal_that_no_server_answers_leaves_the_token(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, problem: type[FlattrError]
) -> None:
    async def refresh(_: object, token: Token) -> Token:
        raise problem("the server cannot be reached.")

    monkeypatch.setattr("flattr_tui.api.oauth_login.TokenEndpoint.refresh", refresh)
    store_expired_token(sandbox)
    accounts = sandbox.accounts("ada")
    for _ in range(2):
        with pytest.raises(problem):
            await accounts.ready()
    assert accounts.token(ME) == "old"


async def test_a_token_without_a_refresh_token_is_still_sent(sandbox: Sandbox) -> None:
    store_expired_token(sandbox, None)
    accounts = sandbox.accounts("ada")
    with pytest.raises(UnauthorizedError):
        await fetch_username(sandbox, accounts)
    assert accounts.token(ME) == "old"


async def test_a_login_whose_username_the_server_does_not_tell_keeps_no_token(sandbox: Sandbox) -> None:
    async def hide_username(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith("/rest"):
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"hello"})
        else:
            await sandbox.app(scope, receive, send)

    accounts = sandbox.accounts(make_app=lambda: hide_username)
    with pytest.raises(FlattrError, match="does not say who"):
        await log_in(accounts)
    assert await accounts.names() == ()
    await accounts.aclose()

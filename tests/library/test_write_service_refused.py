"""Tests of refused writes: none is sent twice, the shown change is undone, and the message has the reason."""

import asyncio
from typing import Any

import pytest

from flattr_tui.api.errors import ApiError, FlattrError, OfflineError, UnauthorizedError, UsageError, api_error
from flattr_tui.api.method_table import BY_NAME, Auth
from flattr_tui.api.token_store import Token, TokenStore
from flattr_tui.library.account.optimistic_writes import Write
from flattr_tui.library.account.write_service import WriteService, needs_login, refusal
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Receipt, Thing
from tests.library.sandbox_accounts import NOW, FakeLibrary, Sandbox
from tests.library.write_setup import WRITES, HeldServer, make_write_setup, make_writes, start_write


@pytest.mark.parametrize("name", WRITES)
async def test_offline_no_write_is_sent_or_queued(sandbox: Sandbox, name: str) -> None:
    actions = WriteService(FakeLibrary("ada"), None, lambda: sandbox.accounts("ada", offline=True))
    with pytest.raises(OfflineError, match="Nothing is sent or queued"):
        await actions.perform(make_writes(1, 2)[name])


async def test_a_write_that_one_account_confirmed_is_not_sent_by_another(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.store().save("sandbox", "melodia", Token(sandbox.grant("melodia"), ("flattr",)))
    setup = make_write_setup(sandbox)
    setup.accounts.switch_to("ada")
    load, (number,) = TokenStore.load, sandbox.fresh()

    def switch_and_load(store: TokenStore, source: str, account: str) -> Token | None:
        setup.accounts.switch_to("melodia")
        return load(store, source, account)

    monkeypatch.setattr(TokenStore, "load", switch_and_load)
    with pytest.raises(UsageError, match="the account has changed meanwhile"):
        await setup.actions.perform(Write.on("flattr", Thing(id=number, title="Theirs")))
    assert not sandbox.world.has_flattred("ada", [number]) | sandbox.world.has_flattred("melodia", [number])


@pytest.mark.parametrize("name", WRITES)
async def test_a_missing_token_or_scope_asks_for_a_login(sandbox: Sandbox, name: str) -> None:
    (number,) = sandbox.fresh()
    before = list(sandbox.world.things_of("ada", count=100, page=1, hidden=True))
    write = make_writes(number, before[0].id)[name]
    for scopes in (None, frozenset({"email"}) | ({"thing"} if BY_NAME[name].auth is Auth.FLATTR else {"flattr"})):
        setup = make_write_setup(sandbox, "ada", scopes=scopes)
        with pytest.raises(FlattrError) as caught:
            await setup.actions.perform(write)
        assert needs_login(caught.value)
        assert " L" in str(caught.value)
        await setup.client.aclose()
    assert sandbox.world.things_of("ada", count=100, page=1, hidden=True) == before


@pytest.mark.parametrize(
    ("name", "user", "reason"),
    [
        ("flattr", "melodia", "it is your own thing, and you can't flattr your own things"),
        ("flattr", "penniless", "there is no money left to flattr with"),
        ("subscribe", "melodia", "it is your own thing, and you can't subscribe to your own things"),
        ("update-thing", "ada", "You are not the owner"),
        ("delete-thing", "ada", "You are not the owner"),
        ("unsubscribe", "ada", "You are not subscribed"),
    ],
)
async def test_each_refusal_has_its_own_reason(sandbox: Sandbox, name: str, user: str, reason: str) -> None:
    (number,) = sandbox.fresh()
    setup = make_write_setup(sandbox, user)
    write = make_writes(number, number)[name]
    with pytest.raises(FlattrError) as caught:
        await setup.actions.perform(write)
    assert not needs_login(caught.value)
    assert reason in refusal(write, caught.value)
    await setup.client.aclose()


@pytest.mark.parametrize("name", ["flattr", "subscribe"])
async def test_a_repeated_write_is_refused_as_done_already(sandbox: Sandbox, name: str) -> None:
    (number,) = sandbox.fresh()
    setup = make_write_setup(sandbox)
    write = make_writes(number, number)[name]
    await setup.actions.perform(write)
    with pytest.raises(ApiError, match="already") as caught:
        await setup.actions.perform(write)
    assert caught.value.code in {"flattr_once", "subscribed"}
    await setup.client.aclose()


async def test_an_invalid_thing_is_refused_before_it_is_sent_or_by_the_server(sandbox: Sandbox) -> None:
    server = HeldServer(sandbox.app)
    setup = make_write_setup(sandbox, app=lambda: server)
    with pytest.raises(UsageError, match="begins with http"):
        await setup.actions.perform(Write("create-thing", (("url", "nonsense"),)))
    server.go_on.set()
    taken = sandbox.world.things_of("ada", count=1, page=1)[0].url
    with pytest.raises(ApiError, match="url exists already") as caught:
        await setup.actions.perform(Write("create-thing", (("url", taken),)))
    assert caught.value.code == "validation"
    assert server.writes == ["/rest/v2/things"]
    await setup.client.aclose()


async def test_a_write_without_a_clear_result_is_not_repeated_and_the_thing_is_fetched(sandbox: Sandbox) -> None:
    sent: list[str] = []

    async def answer_with_502(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "GET":
            await sandbox.app(scope, receive, send)
            return
        sent.append(scope["path"])
        await send({"type": "http.response.start", "status": 502, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    (number,) = sandbox.fresh()
    record = ApiRequest.of("thing", id=str(number))
    setup = make_write_setup(sandbox, app=lambda: answer_with_502, known=(record,))
    write = make_writes(number, number)["flattr"]
    with pytest.raises(FlattrError) as caught:
        await setup.actions.perform(write)
    assert refusal(write, caught.value).startswith("Whether “Theirs” by melodia was flattred is unknown: ")
    assert len(sent) == 1
    assert setup.library.refreshed == [record]
    await setup.client.aclose()


@pytest.mark.parametrize("answer", [b"{}", b'{"odd":1}', b""])
async def test_an_unexpected_body_does_not_undo_a_successful_write(sandbox: Sandbox, answer: bytes) -> None:
    async def answer_with_body(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": answer})

    (number,) = sandbox.fresh()
    setup = make_write_setup(sandbox, app=lambda: answer_with_body)
    write = make_writes(number, number)["flattr"]
    assert await setup.actions.perform(write) == Receipt()
    shown = setup.actions.changes.apply_to(Thing(id=number), NOW)
    assert isinstance(shown, Thing)
    assert shown.flattred
    await setup.client.aclose()


async def test_cancelling_a_write_undoes_its_change(sandbox: Sandbox) -> None:
    server = HeldServer(sandbox.app)
    setup = make_write_setup(sandbox, app=lambda: server)
    (number,) = sandbox.fresh()
    task = await start_write(setup, make_writes(number, number)["flattr"], server)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert setup.actions.changes.pending_write(number) is None
    await setup.client.aclose()


def test_a_login_is_requested_only_for_errors_that_it_may_solve() -> None:
    needed = {code: needs_login(api_error(status, code, "")) for status, code in [
        (401, "unauthorized"), (401, "no_means"), (403, "insufficient_scope"), (403, "invalid_scope"),
        (403, "flattr_once"), (404, "not_found"),
    ]}  # fmt: skip
    assert [code for code, asks in needed.items() if asks] == ["unauthorized", "insufficient_scope"]
    assert needs_login(UnauthorizedError(401, "", ""))

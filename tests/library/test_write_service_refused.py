"""Acting where it is refused: nothing is sent twice, what was shown is taken back, the reason is said."""

import asyncio
from typing import Any

import pytest

from flattr_tui.api.errors import ApiError, FlattrError, OfflineError, UnauthorizedError, UsageError, api_error
from flattr_tui.api.methods import BY_NAME, Auth
from flattr_tui.api.tokens import Token, TokenStore
from flattr_tui.library.account.write_commands import Write
from flattr_tui.library.account.write_service import WriteService, needs_login, refusal
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Receipt, Thing
from tests.library.sandbox_accounts import NOW, Sandbox, Shelf
from tests.library.write_setup import WRITES, Slow, make_write_setup, under_way, writes

# -- how it is refused


@pytest.mark.parametrize("name", WRITES)
async def test_offline_nothing_is_sent_nor_kept(sandbox: Sandbox, name: str) -> None:
    actions = WriteService(Shelf("ada"), None, lambda: sandbox.accounts("ada", offline=True))
    with pytest.raises(OfflineError, match="Nothing is sent or queued"):
        await actions.perform(writes(1, 2)[name])


async def test_what_one_account_confirmed_is_not_done_by_another(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.store().save("sandbox", "melodia", Token(sandbox.grant("melodia"), ("flattr",)))
    at = make_write_setup(sandbox)
    at.accounts.switch_to("ada")
    load, (number,) = TokenStore.load, sandbox.fresh()

    def switching(store: TokenStore, source: str, account: str) -> Token | None:
        at.accounts.switch_to("melodia")
        return load(store, source, account)

    monkeypatch.setattr(TokenStore, "load", switching)
    with pytest.raises(UsageError, match="the account has changed since"):
        await at.actions.perform(Write.on("flattr", Thing(id=number, title="Theirs")))
    assert not sandbox.world.has_flattred("ada", [number]) | sandbox.world.has_flattred("melodia", [number])


@pytest.mark.parametrize("name", WRITES)
async def test_nobody_and_a_token_without_the_scope_are_asked_to_log_in(sandbox: Sandbox, name: str) -> None:
    (number,) = sandbox.fresh()
    before = list(sandbox.world.things_of("ada", count=100, page=1, hidden=True))
    write = writes(number, before[0].id)[name]
    for scopes in (None, frozenset({"email"}) | ({"thing"} if BY_NAME[name].auth is Auth.FLATTR else {"flattr"})):
        who = make_write_setup(sandbox, "ada", scopes=scopes)
        with pytest.raises(FlattrError) as caught:
            await who.actions.perform(write)
        assert needs_login(caught.value)
        assert " L" in str(caught.value)
        await who.client.aclose()
    assert sandbox.world.things_of("ada", count=100, page=1, hidden=True) == before


@pytest.mark.parametrize(
    ("name", "user", "said"),
    [
        ("flattr", "melodia", "it is your own, and one's own things can't be flattred"),
        ("flattr", "penniless", "there is no money left to flattr with"),
        ("subscribe", "melodia", "it is your own, and one's own things can't be subscribed to"),
        ("update-thing", "ada", "You are not the owner"),
        ("delete-thing", "ada", "You are not the owner"),
        ("unsubscribe", "ada", "You are not subscribed"),
    ],
)
async def test_each_refusal_has_its_own_words(sandbox: Sandbox, name: str, user: str, said: str) -> None:
    (number,) = sandbox.fresh()
    who = make_write_setup(sandbox, user)
    write = writes(number, number)[name]
    with pytest.raises(FlattrError) as caught:
        await who.actions.perform(write)
    assert not needs_login(caught.value)
    assert said in refusal(write, caught.value)
    await who.client.aclose()


@pytest.mark.parametrize("name", ["flattr", "subscribe"])
async def test_what_was_done_already_says_so(sandbox: Sandbox, name: str) -> None:
    (number,) = sandbox.fresh()
    who = make_write_setup(sandbox)
    write = writes(number, number)[name]
    await who.actions.perform(write)
    with pytest.raises(ApiError, match="already") as caught:
        await who.actions.perform(write)
    assert caught.value.code in {"flattr_once", "subscribed"}
    await who.client.aclose()


async def test_a_thing_that_is_not_valid_is_refused_before_it_is_sent(sandbox: Sandbox) -> None:
    slow = Slow(sandbox.app)
    who = make_write_setup(sandbox, app=lambda: slow)
    with pytest.raises(UsageError, match="begins with http"):
        await who.actions.perform(Write("create-thing", (("url", "nonsense"),)))
    slow.go_on.set()
    taken = sandbox.world.things_of("ada", count=1, page=1)[0].url
    with pytest.raises(ApiError, match="url exists already") as caught:
        await who.actions.perform(Write("create-thing", (("url", taken),)))
    assert caught.value.code == "validation"
    assert slow.writes == ["/rest/v2/things"]
    await who.client.aclose()


async def test_a_write_without_an_answer_is_never_sent_again_and_looked_up(sandbox: Sandbox) -> None:
    sent: list[str] = []

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "GET":
            await sandbox.app(scope, receive, send)
            return
        sent.append(scope["path"])
        await send({"type": "http.response.start", "status": 502, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    (number,) = sandbox.fresh()
    record = Request.of("thing", id=str(number))
    who = make_write_setup(sandbox, app=lambda: broken, known=(record,))
    write = writes(number, number)["flattr"]
    with pytest.raises(FlattrError) as caught:
        await who.actions.perform(write)
    assert refusal(write, caught.value).startswith("Whether “Theirs” by melodia was flattred is not known: ")
    assert len(sent) == 1
    assert who.shelf.refreshed == [record]
    await who.client.aclose()


@pytest.mark.parametrize("answer", [b"{}", b'{"odd":1}', b""])
async def test_an_odd_answer_to_what_was_done_does_not_take_it_back(sandbox: Sandbox, answer: bytes) -> None:
    async def odd(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": answer})

    (number,) = sandbox.fresh()
    who = make_write_setup(sandbox, app=lambda: odd)
    write = writes(number, number)["flattr"]
    assert await who.actions.perform(write) == Receipt()
    shown = who.actions.changes.apply_to(Thing(id=number), NOW)
    assert isinstance(shown, Thing)
    assert shown.flattred
    await who.client.aclose()


async def test_leaving_takes_back_what_was_under_way(sandbox: Sandbox) -> None:
    slow = Slow(sandbox.app)
    who = make_write_setup(sandbox, app=lambda: slow)
    (number,) = sandbox.fresh()
    task = await under_way(who, writes(number, number)["flattr"], slow)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert who.actions.changes.pending_write(number) is None
    await who.client.aclose()


def test_only_a_login_that_may_help_is_asked_for() -> None:
    asked = {code: needs_login(api_error(status, code, "")) for status, code in [
        (401, "unauthorized"), (401, "no_means"), (403, "insufficient_scope"), (403, "invalid_scope"),
        (403, "flattr_once"), (404, "not_found"),
    ]}  # fmt: skip
    assert [code for code, asks in asked.items() if asks] == ["unauthorized", "insufficient_scope"]
    assert needs_login(UnauthorizedError(401, "", ""))

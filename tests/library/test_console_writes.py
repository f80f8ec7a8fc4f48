"""Tests of writes in the console: like other writes they show at once, refresh the changed lists, and are sent once."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.api.client import Client
from flattr_tui.api.method_table import BY_NAME, METHODS, Format, Method
from flattr_tui.api.response import Response
from flattr_tui.api.token_store import Token
from flattr_tui.library.account.account_manager import AccountManager
from flattr_tui.library.account.write_service import WriteService
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.model.api_request import (
    ApiRequest,
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.model.entities import Thing
from flattr_tui.sandbox.world import World
from flattr_tui.store.response_store import ResponseStore
from tests.library.sandbox_accounts import NOW, SOURCE, FakeLibrary, Sandbox
from tests.sandbox.sandbox_requests import ALL_SCOPES

WRITES = [method.name for method in METHODS if method.writes]


class ConsoleUser:
    """A user with an API console. With `answer`, a test can replace the server's responses to writes."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        for name in ("ada", "melodia"):
            sandbox.store().save("sandbox", name, Token(sandbox.grant(name, ALL_SCOPES)))
        self.posted: list[str] = []
        self.answer: Callable[[Any, Any, Any], Awaitable[None]] = sandbox.app
        self.accounts: AccountManager = sandbox.accounts("ada")
        self.client: Client = sandbox.client(self.accounts, lambda: self._serve)
        self.library = FakeLibrary("ada")
        self.actions = WriteService(self.library, self.client, lambda: self.accounts, clock=sandbox.clock)
        self.responses = ResponseStore.open(folder / "responses", notice=print)
        self.console = ApiConsole(
            SOURCE,
            self.responses,
            client=self.client,
            account=lambda: self.accounts.account,
            clock=sandbox.clock,
        )

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "GET":
            await self.sandbox.app(scope, receive, send)
            return
        self.posted.append(scope["path"])
        await self.answer(scope, receive, send)

    async def send(self, method: str, format: Format | None = None, **arguments: str) -> Exchange:
        return await self.console.send(
            BY_NAME[method], arguments, format, confirmed=True, remember=False, wrap_write=self.actions.perform_custom
        )

    def thing_on_screen(self, number: int, **fields: Any) -> Thing:
        seen = self.actions.changes.apply_to(Thing(id=number, **fields), NOW)
        assert isinstance(seen, Thing)
        return seen


@pytest.fixture
async def user(seeded_world: Path, tmp_path: Path) -> AsyncIterator[ConsoleUser]:
    with World.open(Path(shutil.copy(seeded_world, tmp_path / "world.sqlite")), clock=lambda: NOW) as world:
        user = ConsoleUser(Sandbox(world, tmp_path), tmp_path)
        yield user
        await user.client.aclose()
        user.responses.close()


def fetched_requests(number: int) -> tuple[ApiRequest, ...]:
    """Return the requests that a program may have fetched before it writes to the thing with the id `number`."""
    record, flattrs = ApiRequest.of("thing", id=str(number)), ApiRequest.of("thing-flattrs", id=str(number))
    mine = [
        to_own_request(of("ada"), "ada") for of in (user_flattrs_request, user_things_request, user_activities_request)
    ]
    theirs = [
        user_things_request("melodia"),
        user_activities_request("melodia", incoming=True),
        user_flattrs_request("chizu"),
    ]
    return (record, flattrs, ApiRequest.of("my-subscriptions"), *mine, *theirs)


ACTIVITIES = "my-activities"
TOUCHED: Mapping[str, frozenset[str]] = {
    "flattr": frozenset({"thing", "my-flattrs", "thing-flattrs", ACTIVITIES}),
    "flattr-url": frozenset({"my-flattrs", ACTIVITIES}),
    "subscribe": frozenset({"thing", "my-subscriptions", ACTIVITIES}),
    "toggle-subscription": frozenset({"thing", "my-subscriptions", ACTIVITIES}),
    "unsubscribe": frozenset({"thing", "my-subscriptions", ACTIVITIES}),
    "create-thing": frozenset({"my-things", ACTIVITIES}),
    "update-thing": frozenset({"thing", "my-things", ACTIVITIES}),
    "delete-thing": frozenset({"my-things", ACTIVITIES}),
}
"""The methods whose lists and records each write changes, by the write's method."""


async def test_each_write_refreshes_the_requests_that_it_changes(user: ConsoleUser) -> None:
    (number,) = user.sandbox.fresh()
    theirs, mine = {"id": str(number)}, {"id": str(user.sandbox.world.things_of("ada", count=1, page=1)[0].id)}
    calls = {
        "flattr": theirs,
        "flattr-url": {"url": "https://flattr.com/submit/auto?user_id=melodia&url=http://n.example"},
        "subscribe": theirs,
        "toggle-subscription": theirs,
        "unsubscribe": theirs,
        "create-thing": {"url": "https://new.example/", "title": "New"},
        "update-thing": {**mine, "title": "Newer"},
        "delete-thing": mine,
    }
    assert sorted(calls) == sorted(TOUCHED) == sorted(WRITES)
    for method, arguments in calls.items():
        user.library.known, user.library.refreshed = fetched_requests(int(arguments.get("id", 0))), []
        exchange = await user.send(method, None, **arguments)
        assert not exchange.problem, exchange
        assert sorted(request.method for request in user.library.refreshed) == sorted(TOUCHED[method]), method
    assert len(user.posted) == len(calls)


async def test_the_owner_of_a_thing_is_read_from_the_response(user: ConsoleUser) -> None:
    (number,) = user.sandbox.fresh()
    owner = {"type": "user", "username": "melodia"}
    thing = {"type": "thing", "id": number, "title": "Theirs", "owner": owner}

    async def answer_with_thing(scope: Any, receive: Any, send: Any) -> None:
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": json.dumps({"message": "ok", "thing": thing}).encode()})

    user.answer, user.library.known = answer_with_thing, fetched_requests(number)
    await user.send("flattr", id=f"00{number}")
    assert user_things_request("melodia") in user.library.refreshed
    assert user_activities_request("melodia", incoming=True) in user.library.refreshed
    assert ApiRequest.of("thing", id=str(number)) in user.library.refreshed
    assert user_flattrs_request("chizu") not in user.library.refreshed


@pytest.mark.parametrize("format", [None, Format.XML, Format.YAML])
async def test_a_change_is_shown_at_once_until_it_is_fetched(user: ConsoleUser, format: Format | None) -> None:
    (number,) = user.sandbox.fresh()
    states: list[bool | None] = []
    user.actions.set_listener(lambda: states.append(user.thing_on_screen(number).flattred))
    await user.send("flattr", format, id=str(number))
    assert states == [True, True]
    assert user.thing_on_screen(number).flattred


async def test_a_refused_write_is_undone_and_nothing_is_fetched(user: ConsoleUser) -> None:
    mine = user.sandbox.world.things_of("ada", count=1, page=1)[0].id
    user.library.known = fetched_requests(mine)
    exchange = await user.send("flattr", id=str(mine))
    assert exchange.status == 403
    assert user.thing_on_screen(mine).flattred is None
    assert user.library.refreshed == []


async def test_after_a_write_without_a_clear_result_the_thing_is_fetched(user: ConsoleUser) -> None:
    async def answer_with_502(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 502, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    (number,) = user.sandbox.fresh()
    user.answer, user.library.known = answer_with_502, fetched_requests(number)
    exchange = await user.send("flattr", id=str(number))
    assert exchange.problem
    assert len(user.posted) == 1
    assert ApiRequest.of("thing", id=str(number)) in user.library.refreshed


async def test_a_second_write_to_one_thing_is_not_sent_before_the_first_is_answered(user: ConsoleUser) -> None:
    received, go_on = asyncio.Event(), asyncio.Event()

    async def hold_write(scope: Any, receive: Any, send: Any) -> None:
        received.set()
        await go_on.wait()
        await user.sandbox.app(scope, receive, send)

    user.answer = hold_write
    (number,) = user.sandbox.fresh()
    first = asyncio.create_task(user.send("flattr", id=str(number)))
    await received.wait()
    second = await user.send("flattr", id=str(number))
    assert not second.has_response
    assert "not confirmed yet that it is flattred" in second.problem
    go_on.set()
    assert (await first).status == 200
    assert len(user.posted) == 1


async def test_a_write_that_one_account_confirmed_is_not_sent_by_another(user: ConsoleUser) -> None:
    (number,) = user.sandbox.fresh()

    async def switch_account_meanwhile(
        method: Method, arguments: Mapping[str, str], send: Callable[[], Awaitable[Response]]
    ) -> Response:
        write = asyncio.ensure_future(user.actions.perform_custom(method, arguments, send))
        await asyncio.sleep(0)  # the account's token is being loaded
        user.accounts.switch_to("melodia")
        return await write

    user.accounts.switch_to("ada")
    exchange = await user.console.send(
        BY_NAME["flattr"], {"id": str(number)}, confirmed=True, remember=False, wrap_write=switch_account_meanwhile
    )
    assert "the account has changed meanwhile" in exchange.problem
    assert user.posted == []


async def test_a_read_changes_and_refreshes_nothing(user: ConsoleUser) -> None:
    user.library.known = fetched_requests(1)
    assert not (await user.send("me")).problem
    assert user.library.refreshed == []

"""Writes by hand: what they change is shown and fetched anew as after any other, and none is sent twice."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.api.client import Client
from flattr_tui.api.methods import BY_NAME, METHODS, Format, Method
from flattr_tui.api.response import Response
from flattr_tui.api.tokens import Token
from flattr_tui.library.account.accounts import Accounts
from flattr_tui.library.account.write_service import WriteService
from flattr_tui.library.account_requests import (
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Thing
from flattr_tui.sandbox.world import World
from flattr_tui.store.responses import ResponseStore
from tests.library.sandbox_accounts import ALL, NOW, SOURCE, Sandbox, Shelf

WRITES = [method.name for method in METHODS if method.writes]


class Hand:
    """Somebody with a console, and a library that remembers what it is asked to fetch anew."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        for name in ("ada", "melodia"):
            sandbox.store().save("sandbox", name, Token(sandbox.grant(name, ALL)))
        self.posted: list[str] = []
        self.answer: Callable[[Any, Any, Any], Awaitable[None]] = sandbox.app
        self.accounts: Accounts = sandbox.accounts("ada")
        self.client: Client = sandbox.client(self.accounts, lambda: self._serve)
        self.shelf = Shelf("ada")
        self.actions = WriteService(self.shelf, self.client, lambda: self.accounts, clock=sandbox.clock)
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
            BY_NAME[method], arguments, format, confirmed=True, remember=False, around=self.actions.perform_custom
        )

    def shown(self, number: int, **fields: Any) -> Thing:
        seen = self.actions.changes.apply_to(Thing(id=number, **fields), NOW)
        assert isinstance(seen, Thing)
        return seen


@pytest.fixture
async def hand(seeded: Path, tmp_path: Path) -> AsyncIterator[Hand]:
    with World.open(Path(shutil.copy(seeded, tmp_path / "world.sqlite")), clock=lambda: NOW) as world:
        hand = Hand(Sandbox(world, tmp_path), tmp_path)
        yield hand
        await hand.client.aclose()
        hand.responses.close()


def everything(number: int) -> tuple[Request, ...]:
    """List what a program may have fetched before."""
    record, flattrs = Request.of("thing", id=str(number)), Request.of("thing-flattrs", id=str(number))
    mine = [
        to_own_request(of("ada"), "ada") for of in (user_flattrs_request, user_things_request, user_activities_request)
    ]
    theirs = [
        user_things_request("melodia"),
        user_activities_request("melodia", incoming=True),
        user_flattrs_request("chizu"),
    ]
    return (record, flattrs, Request.of("my-subscriptions"), *mine, *theirs)


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
"""What each write changes of all that may have been fetched, by method."""


async def test_what_each_changes_is_fetched_anew(hand: Hand) -> None:
    (number,) = hand.sandbox.fresh()
    theirs, mine = {"id": str(number)}, {"id": str(hand.sandbox.world.things_of("ada", count=1, page=1)[0].id)}
    made = {
        "flattr": theirs,
        "flattr-url": {"url": "https://flattr.com/submit/auto?user_id=melodia&url=http://n.example"},
        "subscribe": theirs,
        "toggle-subscription": theirs,
        "unsubscribe": theirs,
        "create-thing": {"url": "https://new.example/", "title": "New"},
        "update-thing": {**mine, "title": "Newer"},
        "delete-thing": mine,
    }
    assert sorted(made) == sorted(TOUCHED) == sorted(WRITES)
    for method, arguments in made.items():
        hand.shelf.known, hand.shelf.refreshed = everything(int(arguments.get("id", 0))), []
        exchange = await hand.send(method, None, **arguments)
        assert not exchange.problem, exchange
        assert sorted(request.method for request in hand.shelf.refreshed) == sorted(TOUCHED[method]), method
    assert len(hand.posted) == len(made)


async def test_whose_a_thing_is_is_learned_from_the_answer(hand: Hand) -> None:
    (number,) = hand.sandbox.fresh()
    owner = {"type": "user", "username": "melodia"}
    thing = {"type": "thing", "id": number, "title": "Theirs", "owner": owner}

    async def whole(scope: Any, receive: Any, send: Any) -> None:
        head = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": json.dumps({"message": "ok", "thing": thing}).encode()})

    hand.answer, hand.shelf.known = whole, everything(number)
    await hand.send("flattr", id=f"00{number}")
    assert user_things_request("melodia") in hand.shelf.refreshed
    assert user_activities_request("melodia", incoming=True) in hand.shelf.refreshed
    assert Request.of("thing", id=str(number)) in hand.shelf.refreshed
    assert user_flattrs_request("chizu") not in hand.shelf.refreshed


@pytest.mark.parametrize("format", [None, Format.XML, Format.YAML])
async def test_it_is_shown_at_once_until_it_is_fetched_anew(hand: Hand, format: Format | None) -> None:
    (number,) = hand.sandbox.fresh()
    told: list[bool | None] = []
    hand.actions.set_listener(lambda: told.append(hand.shown(number).flattred))
    await hand.send("flattr", format, id=str(number))
    assert told == [True, True]
    assert hand.shown(number).flattred


async def test_what_is_refused_is_taken_back_and_nothing_is_fetched(hand: Hand) -> None:
    mine = hand.sandbox.world.things_of("ada", count=1, page=1)[0].id
    hand.shelf.known = everything(mine)
    exchange = await hand.send("flattr", id=str(mine))
    assert exchange.status == 403
    assert hand.shown(mine).flattred is None
    assert hand.shelf.refreshed == []


async def test_what_is_left_open_is_looked_up_and_not_sent_again(hand: Hand) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 502, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    (number,) = hand.sandbox.fresh()
    hand.answer, hand.shelf.known = broken, everything(number)
    exchange = await hand.send("flattr", id=str(number))
    assert exchange.problem
    assert len(hand.posted) == 1
    assert Request.of("thing", id=str(number)) in hand.shelf.refreshed


async def test_of_two_on_one_thing_at_once_the_second_is_not_sent(hand: Hand) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        asked.set()
        await go_on.wait()
        await hand.sandbox.app(scope, receive, send)

    hand.answer = slow
    (number,) = hand.sandbox.fresh()
    first = asyncio.create_task(hand.send("flattr", id=str(number)))
    await asked.wait()
    second = await hand.send("flattr", id=str(number))
    assert not second.answered
    assert "not yet answered whether it is flattred" in second.problem
    go_on.set()
    assert (await first).status == 200
    assert len(hand.posted) == 1


async def test_what_one_account_confirmed_is_not_done_by_another(hand: Hand) -> None:
    (number,) = hand.sandbox.fresh()

    async def other(method: Method, arguments: Mapping[str, str], send: Callable[[], Awaitable[Response]]) -> Response:
        asked = asyncio.ensure_future(hand.actions.perform_custom(method, arguments, send))
        await asyncio.sleep(0)  # the account's token is being got
        hand.accounts.switch_to("melodia")
        return await asked

    hand.accounts.switch_to("ada")
    exchange = await hand.console.send(
        BY_NAME["flattr"], {"id": str(number)}, confirmed=True, remember=False, around=other
    )
    assert "the account has changed since" in exchange.problem
    assert hand.posted == []


async def test_what_reads_is_sent_as_ever(hand: Hand) -> None:
    hand.shelf.known = everything(1)
    assert not (await hand.send("me")).problem
    assert hand.shelf.refreshed == []

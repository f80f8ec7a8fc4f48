"""Somebody who acts at a sandbox, every write that there is, and a server that takes its time."""

import asyncio
from dataclasses import dataclass
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.api.methods import BY_NAME, METHODS
from flattr_tui.api.tokens import Token
from flattr_tui.library.account.accounts import Accounts
from flattr_tui.library.account.write_commands import Write
from flattr_tui.library.account.write_service import WriteService
from flattr_tui.model.api_request import Request
from flattr_tui.model.decoder import decode_page
from flattr_tui.model.entities import Receipt, Thing, User
from tests.library.sandbox_accounts import ALL, Sandbox, Shelf

WRITES = [method.name for method in METHODS if method.writes]


@dataclass
class WriteSetup:
    """Somebody with a library who acts."""

    sandbox: Sandbox
    shelf: Shelf
    accounts: Accounts
    client: Client
    actions: WriteService
    told: list[Thing]

    async def thing(self, number: int) -> Thing:
        response = await self.client.call(BY_NAME["thing"], {"id": str(number)})
        (thing,) = decode_page(BY_NAME["thing"].response_kind, response.body).entities
        assert isinstance(thing, Thing)
        return thing


def make_write_setup(
    sandbox: Sandbox,
    username: str = "ada",
    *,
    scopes: frozenset[str] | None = ALL,
    known: tuple[Request, ...] = (),
    app: Any = None,
) -> WriteSetup:
    if scopes is not None:
        sandbox.store().save("sandbox", username, Token(sandbox.grant(username, scopes)))
    accounts = sandbox.accounts(username)
    client = sandbox.client(accounts, app)
    shelf = Shelf(username, known)
    return WriteSetup(
        sandbox, shelf, accounts, client, WriteService(shelf, client, lambda: accounts, clock=sandbox.clock), []
    )


def writes(number: int, own: int) -> dict[str, Write]:
    theirs, mine = Thing(id=number, title="Theirs", owner=User(username="melodia")), Thing(id=own, title="Mine")
    return {
        "flattr": Write.on("flattr", theirs),
        "flattr-url": Write(
            "flattr-url", (("url", "https://flattr.com/submit/auto?user_id=melodia&url=http://n.example"),)
        ),
        "create-thing": Write("create-thing", (("url", "https://new.example/"), ("title", "New"))),
        "update-thing": Write.on("update-thing", mine, title="Newer", tags="a, b", hidden="1"),
        "delete-thing": Write.on("delete-thing", mine),
        "subscribe": Write.on("subscribe", theirs),
        "toggle-subscription": Write.on("toggle-subscription", theirs, active=True),
        "unsubscribe": Write.on("unsubscribe", theirs),
    }


# -- what is shown


class Slow:
    """A server that answers when it is told to."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()
        self.writes: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "GET":
            self.writes.append(scope["path"])
            self.asked.set()
            await self.go_on.wait()
        await self.app(scope, receive, send)


async def under_way(who: WriteSetup, write: Write, slow: Slow) -> "asyncio.Task[Receipt]":
    task = asyncio.create_task(who.actions.perform(write))
    await slow.asked.wait()
    return task

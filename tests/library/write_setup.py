"""A logged-in user of a sandbox, one write of each method, and a server that responds only when a test lets it."""

import asyncio
from dataclasses import dataclass
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.api.method_table import BY_NAME, METHODS
from flattr_tui.api.token_store import Token
from flattr_tui.library.account.account_manager import AccountManager
from flattr_tui.library.account.optimistic_writes import Write
from flattr_tui.library.account.write_service import WriteService
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Receipt, Thing, User
from flattr_tui.model.entity_decoder import decode_page
from tests.library.sandbox_accounts import FakeLibrary, Sandbox
from tests.sandbox.sandbox_requests import ALL_SCOPES

WRITES = [method.name for method in METHODS if method.writes]


@dataclass
class WriteSetup:
    """A logged-in user, with the parts that writes need."""

    sandbox: Sandbox
    library: FakeLibrary
    accounts: AccountManager
    client: Client
    actions: WriteService

    async def fetch_thing(self, number: int) -> Thing:
        response = await self.client.call(BY_NAME["thing"], {"id": str(number)})
        (thing,) = decode_page(BY_NAME["thing"].response_kind, response.body).entities
        assert isinstance(thing, Thing)
        return thing


def make_write_setup(
    sandbox: Sandbox,
    username: str = "ada",
    *,
    scopes: frozenset[str] | None = ALL_SCOPES,
    known: tuple[ApiRequest, ...] = (),
    app: Any = None,
) -> WriteSetup:
    """Log a user in with a token of these scopes; with `scopes` None, do not log in.

    `known` are the requests that the library has already fetched.
    """
    if scopes is not None:
        sandbox.store().save("sandbox", username, Token(sandbox.grant(username, scopes)))
    accounts = sandbox.accounts(username)
    client = sandbox.client(accounts, app)
    library = FakeLibrary(username, known)
    return WriteSetup(
        sandbox, library, accounts, client, WriteService(library, client, lambda: accounts, clock=sandbox.clock)
    )


def make_writes(number: int, own: int) -> dict[str, Write]:
    """Return a write for each API method that writes, by the method's name.

    `number` is the id of a thing of melodia, `own` the id of a thing of the user.
    """
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


# -- a server that waits


class HeldServer:
    """A server that does not respond to a write until `go_on` is set. It sets `received` when a write arrives."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.received, self.go_on = asyncio.Event(), asyncio.Event()
        self.writes: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "GET":
            self.writes.append(scope["path"])
            self.received.set()
            await self.go_on.wait()
        await self.app(scope, receive, send)


async def start_write(setup: WriteSetup, write: Write, server: HeldServer) -> "asyncio.Task[Receipt]":
    """Send a write, and return its task as soon as the server has received it."""
    task = asyncio.create_task(setup.actions.perform(write))
    await server.received.wait()
    return task

"""A sandbox in this process, and accounts whose tokens are kept in a file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.api.oauth_login import LoginConfig
from flattr_tui.api.token_store import TokenStore
from flattr_tui.library.account.account_manager import AccountManager, login_config
from flattr_tui.library.base_library import RecordState
from flattr_tui.library.events import SourceStatus
from flattr_tui.library.query.list_feed import FeedStatus, View
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import parse_source
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import Token as SandboxToken
from flattr_tui.sandbox.world import World
from tests.sandbox.sandbox_requests import ALL_SCOPES, untouched_ids

SOURCE = parse_source("sandbox")
NOW = 1_515_000_000.0
ME = BY_NAME["me"]


class Sandbox:
    """A sandbox world with its server. Makes token stores, account managers and clients for this server."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.app = create_app(world, clock=self.clock, rate_limit=0)
        self.file = folder / "tokens.json"
        self.now = NOW

    def clock(self) -> float:
        return self.now

    def store(self, **environment: str) -> TokenStore:
        return TokenStore(self.file, use_keyring=False, environment=environment)

    def accounts(self, account: str = "", config: LoginConfig | None = None, **options: Any) -> AccountManager:
        given: dict[str, Any] = {"tokens": self.store(), "make_app": lambda: self.app, "clock": self.clock} | options
        return AccountManager(SOURCE, config or login_config(SOURCE), account=account, **given)

    def client(self, accounts: AccountManager, app: Callable[[], Any] | None = None) -> Client:
        made = app or (lambda: self.app)
        return Client(
            SOURCE, make_app=made, token=accounts.token, ready=accounts.ready, renew=accounts.renew, clock=self.clock
        )

    def grant(self, username: str = "ada", scopes: frozenset[str] = ALL_SCOPES, token: str = "") -> str:
        """Make the server accept a token of a user, and return the token. "" chooses a token."""
        token = token or f"token-of-{username}"
        self.world.store_token(SandboxToken(token, username, "flattr-tui", scopes))
        return token

    def fresh(self, count: int = 1) -> list[int]:
        """Return the ids of `count` things of melodia that ada has neither flattred nor subscribed to."""
        return untouched_ids(self.world)[:count]


class FakeLibrary:
    """A library that has fetched the requests in `known`, and adds to `refreshed` the requests to fetch again."""

    def __init__(self, account: str = "", known: tuple[ApiRequest, ...] = ()) -> None:
        self.source = SOURCE
        self.account = account
        self.status = SourceStatus()
        self.known = known
        self.loading: frozenset[ApiRequest] = frozenset()
        self.refreshed: list[ApiRequest] = []

    def feed(self, request: ApiRequest, view: View | None = None) -> Any:
        class Feed:
            status = FeedStatus(fetched_at=NOW if request in self.known else None, loading=request in self.loading)

        return Feed()

    def record(self, request: ApiRequest) -> RecordState:
        return RecordState(fetched_at=NOW if request in self.known else None)

    def refresh(self, request: ApiRequest, *, complete: bool = False) -> None:
        self.refreshed.append(request)


async def log_in(accounts: AccountManager, username: str = "ada", **options: Any) -> str:
    """Log a user in without a browser, and return the name of the account."""
    async with await accounts.start_login() as attempt:
        return await attempt.consent(username, **options)


async def fetch_username(sandbox: Sandbox, accounts: AccountManager) -> str:
    """Send a request with the token of the current account, and return the user name that the server answers."""
    client = sandbox.client(accounts)
    try:
        return str(json.loads((await client.call(ME, {})).body)["username"])
    finally:
        await client.aclose()

"""API consoles over a sandbox in this process."""

import shutil
from pathlib import Path
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.api.method_table import BY_NAME, Format
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import History
from flattr_tui.model.data_source import parse_source
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.models import Token as SandboxToken
from flattr_tui.sandbox.world import World
from flattr_tui.store.response_store import ResponseStore
from tests.sandbox.sandbox_requests import ALL_SCOPES

TOKEN = "s3cret-t0ken"
NOW = 1_515_000_000.0


class ConsoleSetup:
    """A sandbox, a store, and a method to make API consoles that use both.

    `faults` makes the sandbox fail, and records the requests that it receives. `notices` are those of the store. `now`
    is the time of the clock.
    """

    def __init__(self, folder: Path, seeded_world: Path) -> None:
        self.world = World.open(Path(shutil.copy(seeded_world, folder / "world.sqlite")))
        self.world.store_token(SandboxToken(TOKEN, "ada", "flattr-tui", ALL_SCOPES))
        self.faults = Faults()
        self.notices: list[str] = []
        self.folder = folder
        self.responses = ResponseStore.open(folder / "responses", notice=self.notices.append)
        self.now = NOW
        self.clients: list[Client] = []

    def console(
        self, *, offline: bool = False, account: str = "ada", source: str = "sandbox", gone: bool = False, **more: Any
    ) -> ApiConsole:
        """Return a new console of an account. With `gone`, no server listens at the address that the console uses."""
        client = None
        if not offline:
            app = create_app(self.world, faults=self.faults, rate_limit=0)
            token = TOKEN if account else None
            client = Client(
                parse_source(source), make_app=None if gone else lambda: app, token=lambda _: token, clock=self.clock
            )
            self.clients.append(client)
        history = History(self.folder / "history.json", notice=self.notices.append)
        return ApiConsole(
            parse_source(source),
            self.responses,
            client=client,
            account=lambda: account,
            history=history,
            clock=self.clock,
            **more,
        )

    def clock(self) -> float:
        return self.now

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()
        self.responses.close()
        self.world.close()


def send(console: ApiConsole, method: str, format: Format | None = None, **arguments: str) -> Any:
    return console.send(BY_NAME[method], arguments, format)

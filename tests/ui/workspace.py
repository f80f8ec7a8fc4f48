"""A workspace for tests that log in and write: a sandbox world, a data folder, accounts, and libraries using them."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.api.token_store import Token, TokenStore
from flattr_tui.library.account.account_manager import AccountManager, login_config
from flattr_tui.library.account.write_service import WriteService
from flattr_tui.library.library import Library
from flattr_tui.model.data_source import Source, parse_source
from flattr_tui.model.entities import Thing
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import Token as Granted
from flattr_tui.sandbox.world import World
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.ui.app import FlattrApp
from tests.sandbox.sandbox_requests import ALL_SCOPES, untouched_ids
from tests.ui.driver import Driver, clock


def ticking_timer() -> Iterator[float]:
    """Yield times 0.143 s apart. As the client's timer, they make all responses equally fast."""
    return (0.143 * number for number in count())


class Workspace:
    """A sandbox world with its server, a folder for saved data, a token store, and the libraries made over them.

    `removed` collects the accounts whose saved data a library has deleted.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.server: Any = create_app(world, base="https://flattr.com", clock=clock, rate_limit=0)
        self.tokens = TokenStore(folder / "tokens.json", use_keyring=False, environment={})
        self.removed: list[str] = []
        self.libraries: list[Library] = []
        """The libraries that were made and have to be closed."""

    def grant(self, username: str = "ada", scopes: frozenset[str] = ALL_SCOPES) -> None:
        """Store a token of the user in the sandbox and in the token store: the user is logged in from the start."""
        self.world.store_token(Granted(f"token-of-{username}", username, "flattr-tui", scopes))
        self.tokens.save("sandbox", username, Token(f"token-of-{username}", tuple(scopes)))

    def library(self, account: str = "", *, source: Source | None = None, offline: bool = False) -> Library:
        source = source or parse_source("sandbox")
        app: Callable[[], Any] | None = (lambda: self.server) if source.name == "sandbox" else None
        responses = ResponseStore.open(self.folder / "responses", notice=print)
        catalogue = Catalogue.open(self.folder / "catalogue.sqlite", responses, notice=print)

        def forget(name: str) -> int:
            self.removed.append(name)
            removed = responses.delete_account(source.name, name)
            catalogue.forget_scope(Scope(source.name, name))
            return removed

        accounts = AccountManager(
            source,
            None if offline else login_config(source),
            self.tokens,
            account=account,
            make_app=app,
            forget=forget,
            offline=offline,
            clock=clock,
        )
        client = None
        if not offline:
            client = Client(
                source,
                make_app=app,
                token=accounts.token,
                ready=accounts.ready,
                clock=clock,
                timer=partial(next, ticking_timer()),
            )
        library = Library(source, responses, catalogue, client, account=account, offline=offline, clock=clock)
        library.accounts = accounts
        library.writes = WriteService(library, client, lambda: accounts, clock=clock)
        self.libraries.append(library)
        return library

    def find_untouched_thing(self, owner: str = "melodia") -> int:
        """Return the id of a thing of `owner` that ada has neither flattred nor subscribed to."""
        return untouched_ids(self.world, owner)[0]

    @asynccontextmanager
    async def run_app(
        self, library: Library | None = None, size: tuple[int, int] = (120, 40), **options: Any
    ) -> AsyncIterator[Driver]:
        """Run the app with `library`, by default a new library of this workspace, and yield the app's driver."""
        app = FlattrApp(library or self.library(), clock=clock, **options)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot)
            await driver.settle_undrawn()
            yield driver


async def go_to(driver: Driver, number: int) -> str:
    """Open the page of a thing, and return the text of the screen."""
    driver.app.open_item(Thing(id=number))
    await driver.settle()
    return driver.text

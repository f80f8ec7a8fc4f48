"""Puts the parts together from the settings: store, catalogue, client, library and the services that hang on it.

What the first paint of saved data does not need is imported when it is first asked for.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flattr_tui.api.client import Client
from flattr_tui.api.methods import Method
from flattr_tui.api.request_log import make_logger
from flattr_tui.cli.errors import say
from flattr_tui.library.events import Event, Notice
from flattr_tui.library.library import Library
from flattr_tui.model.api_request import Request
from flattr_tui.model.source import Source, SourceKind, parse_source
from flattr_tui.paths import Paths, make, make_private
from flattr_tui.settings import Settings
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.types import Scope

if TYPE_CHECKING:
    from flattr_tui.api.http import AsgiApp
    from flattr_tui.api.tokens import TokenStore
    from flattr_tui.library.account.accounts import Accounts
    from flattr_tui.library.account.invalidation import Invalidations
    from flattr_tui.library.account.write_service import WriteService
    from flattr_tui.library.bookmarks import Bookmarks
    from flattr_tui.library.console.api_console import Console
    from flattr_tui.library.query.earnings import EarningsReader
    from flattr_tui.library.query.search import SavedSearch
    from flattr_tui.library.query.statistics import SavedStatistics
    from flattr_tui.library.sync import Syncer
    from flattr_tui.sandbox.world import World

LOG = make_logger(__name__)
SEED = 1
"""The seed of the sandbox that everybody gets."""


class Notices:
    """Where the stores' notices go: to the library's listeners once there are any, until then they wait.

    With `at_once` they are written to stderr instead: for commands, which have no screen.
    """

    def __init__(self, *, at_once: bool = True) -> None:
        self._say: Callable[[str], None] | None = say if at_once else None
        self._waiting: list[str] = []

    def __call__(self, text: str) -> None:
        """Take one sentence."""
        LOG.warning("%s", text)
        if self._say is None:
            self._waiting.append(text)
        else:
            self._say(text)

    def hand_to(self, listener: Callable[[str], None]) -> None:
        """Give what waits to `listener`, and from now on all."""
        if self._say is None or self._say is not say:
            self._say = listener
            waiting, self._waiting = self._waiting, []
            for text in waiting:
                listener(text)


class InProcess:
    """The sandbox as a server in this process: made once, in the thread that first asks, and closed with its library.

    Its world is an SQLite file. It is seeded before the first request: a large one takes longer than the deadline.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._app: Any = None

    def __call__(self) -> "AsgiApp":
        """Return the server, its world opened. Raises `OSError`."""
        app: AsgiApp = self._make()
        self._app.state.world()
        return app

    def serve(self) -> AbstractContextManager[str]:
        """Put the server on a loopback port while the context is open: a browser can't look into this process."""
        from flattr_tui.sandbox.serve import serving  # noqa: PLC0415

        return serving(self._make())

    def _make(self) -> Any:
        from flattr_tui.sandbox.app import create_app  # noqa: PLC0415 -- Starlette: not before the first paint

        settings = self._settings
        with self._lock:
            if self._app is None:
                self._app = create_app(
                    lambda: open_world(settings, standard_world(settings)), rate_limit=settings.rate_limit
                )
            return self._app

    def close(self) -> None:
        """Close the world."""
        if self._app is not None:
            self._app.state.world.close()


class LibraryServices(Library):
    """A library with its services, each imported and made when it is first asked for."""

    def __init__(
        self, source: Source, settings: Settings, paths: Paths, account: str, notices: Notices, **options: Any
    ) -> None:
        self.settings = settings
        self.paths = paths
        self._notices = notices
        self._app = InProcess(settings) if source.kind is SourceKind.SANDBOX else None
        offline = settings.offline or source.kind is SourceKind.SAVED
        self.client = None if offline else self._make_client(source, options)
        responses = ResponseStore.open(paths.responses, notice=notices)
        catalogue = Catalogue.open(paths.catalogue, responses, notice=notices)
        super().__init__(source, responses, catalogue, self.client, account=account, offline=offline, **options)

    def _make_client(self, source: Source, options: dict[str, Any]) -> Client:
        async def ready() -> None:
            await self.accounts.ready()

        def token(method: Method) -> str | None:
            return self.accounts.token(method)

        clock = {"clock": options["clock"]} if "clock" in options else {}
        return Client(source, app=self._app, token=token, ready=ready, **clock)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on, and with the stores' notices that waited for one."""
        end = super().subscribe(listener)
        self._notices.hand_to(lambda text: self.publish(Notice(text, "warning")))
        return end

    @cached_property
    def accounts(self) -> "Accounts":  # type: ignore[override]
        """Who can be logged in as."""
        from flattr_tui.library.account.accounts import Accounts, login_config  # noqa: PLC0415

        config = None
        if self.client is not None:
            given = self.settings.login.get(self.source.name)
            config = login_config(self.source, given, allow_http=self.settings.allow_http)
        can_serve = self._app is not None and find_spec("uvicorn") is not None
        return Accounts(
            self.source,
            config,
            token_store(self.settings, self.paths),
            account=self.account,
            app=self._app,
            serve=self._app.serve if self._app is not None and can_serve else None,
            forget=self._forget,
            offline=self.client is None,
            clock=self.clock,
        )

    def _forget(self, account: str) -> int:
        scope = Scope(self.source.name, account)
        removed = self.responses.delete_account(*scope)
        self.catalogue.forget_scope(scope)
        self.invalidations.forget(scope)
        return removed

    @cached_property
    def writes(self) -> "WriteService":  # type: ignore[override]
        """Does what can be done as the account."""
        from flattr_tui.library.account.write_service import WriteService  # noqa: PLC0415

        def outdate(request: Request) -> None:
            self.invalidations.invalidate(self._own_scope(request), request)

        return WriteService(self, self.client, lambda: self.accounts, outdate=outdate, clock=self.clock)

    @cached_property
    def invalidations(self) -> "Invalidations":
        """What was changed since it was fetched, in this run or another."""
        from flattr_tui.library.account.invalidation import FILE, Invalidations  # noqa: PLC0415

        return Invalidations(self.paths.data / FILE, clock=self.clock, notice=self._notices)

    def checked_at(self, request: Request) -> float | None:
        """Say when the server last said what is saved of a request; None also where that was changed since."""
        checked_at = super().checked_at(request)
        if checked_at is None or self.invalidations.is_outdated(self._own_scope(request), request, checked_at):
            return None
        return checked_at

    @cached_property
    def console(self) -> "Console":  # type: ignore[override]
        """Sends any method by hand."""
        from flattr_tui.library.console.api_console import Console  # noqa: PLC0415
        from flattr_tui.library.console.history import History  # noqa: PLC0415

        return Console(
            self.source,
            self.responses,
            client=self.client,
            account=lambda: self.account,
            which=lambda request, account: (
                scope.source if (scope := self.catalogue.best_scope(request, account)) else None
            ),
            history=History(self.paths.console, notice=self.notify),
            clock=self.clock,
        )

    @cached_property
    def bookmarks(self) -> "Bookmarks":  # type: ignore[override]
        """Bookmarks and history, shared by all sources."""
        from flattr_tui.library.bookmarks import Bookmarks  # noqa: PLC0415

        return Bookmarks.open(self.paths.bookmarks, notice=self.notify)

    @property
    def search(self) -> "SavedSearch":  # type: ignore[override]
        """Finds in what is saved, as the account of now."""
        from flattr_tui.library.query.search import SavedSearch  # noqa: PLC0415

        return SavedSearch(self.catalogue, self.source, self.account)

    @property
    def statistics(self) -> "SavedStatistics":  # type: ignore[override]
        """Counts what is saved, as the account of now."""
        from flattr_tui.library.query.statistics import SavedStatistics  # noqa: PLC0415

        return SavedStatistics(self.catalogue, self.source, self.account)

    @cached_property
    def earnings(self) -> "EarningsReader":  # type: ignore[override]
        """Reads what saved revenue reports add up to."""
        from flattr_tui.library.query.earnings import EarningsReader  # noqa: PLC0415

        def rename(old: str, new: str) -> int:
            from flattr_tui.library.transfer.owner_rename import rename_owner  # noqa: PLC0415 -- for that key alone

            return rename_owner(self.responses, self.catalogue, old, new, lambda stage, done, of: None)

        return EarningsReader(self.catalogue, self.source, rename)

    @cached_property
    def sync(self) -> "Syncer":  # type: ignore[override]
        """Fetches whole lists, for later."""
        from flattr_tui.library.sync import Syncer  # noqa: PLC0415

        return Syncer(self)

    async def aclose(self) -> None:
        """Close connections and files, within 0.3 s whatever is in flight."""
        if "invalidations" in self.__dict__:
            await asyncio.to_thread(self.invalidations.save)
        await super().aclose()
        if "accounts" in self.__dict__:
            await self.accounts.aclose()
        if self._app is not None:
            self._app.close()


def open_library(
    settings: Settings,
    source_name: str | None = None,
    account: str | None = None,
    *,
    paths: Paths | None = None,
    notices: Notices | None = None,
    **options: Any,
) -> LibraryServices:
    """Open the library of a source (the settings' one), as an account (the settings', else the one chosen last).

    `account` "" is nobody. `options` are those of `Library`. Raises `BadSourceError`, and `FolderError` where
    nothing can be kept. To be closed with `aclose`.
    """
    source = read_source(settings, source_name)
    LOG.info("source %s%s", source.name, ", offline" if settings.offline else "")
    paths = paths or Paths.standard()
    make(paths.data)
    notices = notices or Notices()
    if make_private(paths.data):
        notices(f"The folder {paths.data} was open to other users of this machine. It is private now.")
    if account is None:
        account = settings.account or current_account(settings, source, paths)
    return LibraryServices(source, settings, paths, account, notices, **options)


def read_source(settings: Settings, name: str | None = None) -> Source:
    """Read a source's name, the settings' one where there is none; raises `BadSourceError`."""
    return parse_source(settings.source if name is None else name, allow_http=settings.allow_http)


def token_store(settings: Settings, paths: Paths | None = None) -> "TokenStore":
    """Return where tokens are kept."""
    from flattr_tui.api.tokens import TokenStore  # noqa: PLC0415 -- not before somebody logged in

    return TokenStore((paths or Paths.standard()).tokens, use_keyring=settings.keyring, command=settings.token_command)


def current_account(settings: Settings, source: Source, paths: Paths) -> str:
    """Return the account that was last chosen at a source, "" where nobody is logged in. Raises `LoginError`."""
    return token_store(settings, paths).current(source.name) if paths.tokens.exists() else ""


def standard_world(settings: Settings, paths: Paths | None = None) -> Path:
    """Return the sandbox's database for the settings' scale, its folder made; raises `FolderError`."""
    file = (paths or Paths.standard()).world(SEED, settings.scale)
    make(file.parent)
    return file


def open_world(settings: Settings, file: Path) -> "World":
    """Open a world, seeding it where it is new; raises `OSError`."""
    from flattr_tui.sandbox.world import World  # noqa: PLC0415

    return World.open(file, seed=SEED, scale=settings.scale)

"""Builds the program's parts from the settings: store, catalogue, client, library and its services.

What is not needed to show saved data is imported at its first use.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from flattr_tui.api.request_log import make_logger
from flattr_tui.cli.errors import echo_error
from flattr_tui.cli.sandbox_database import open_own_world
from flattr_tui.library.events import Event, Notice
from flattr_tui.library.library import Library
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import Source, SourceKind, parse_source
from flattr_tui.paths import Paths, exists, make_data_folder, make_private
from flattr_tui.settings import Settings
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_types import Scope
from flattr_tui.store.response_store import ResponseStore

if TYPE_CHECKING:
    from flattr_tui.api.client import Client
    from flattr_tui.api.http_transport import AsgiApp
    from flattr_tui.api.method_table import Method
    from flattr_tui.api.token_store import TokenStore
    from flattr_tui.library.account.account_manager import AccountManager
    from flattr_tui.library.account.outdated_requests import OutdatedRequests
    from flattr_tui.library.account.write_service import WriteService
    from flattr_tui.library.bookmarks import Bookmarks
    from flattr_tui.library.console.api_console import ApiConsole
    from flattr_tui.library.query.earnings import EarningsReader
    from flattr_tui.library.query.flattr_statistics import SavedStatistics
    from flattr_tui.library.query.saved_search import SavedSearch
    from flattr_tui.library.sync import Syncer

LOG = make_logger(__name__)


class NoticeQueue:
    """Collects notices of the stores until the library has a listener, then passes them on.

    With `at_once` they are written to stderr immediately, for commands.
    """

    def __init__(self, *, at_once: bool = True) -> None:
        self._listener: Callable[[str], None] | None = echo_error if at_once else None
        self._waiting: list[str] = []

    def __call__(self, text: str) -> None:
        """Pass a notice to the listener, or keep it until there is one."""
        LOG.warning("%s", text)
        if self._listener is None:
            self._waiting.append(text)
        else:
            self._listener(text)

    def deliver_to(self, listener: Callable[[str], None]) -> None:
        """Pass the kept notices and all later ones to `listener`, unless they are written to stderr."""
        if self._listener is not echo_error:
            self._listener = listener
            waiting, self._waiting = self._waiting, []
            for text in waiting:
                listener(text)


class InProcessSandbox:
    """The sandbox as a server in this process.

    It is created once, in the first thread that needs it, and closed with its library. Its data is in an SQLite file.
    It is filled before the first request, because filling a large sandbox takes longer than a request may take.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._app: Any = None

    def __call__(self) -> "AsgiApp":
        """Return the server, with its database open. Raises `OSError`."""
        app: AsgiApp = self._make_app()
        self._app.state.world()
        return app

    def serve(self) -> AbstractContextManager[str]:
        """Serve on a loopback port during the context, so that a browser can reach it. Yields the address."""
        from flattr_tui.sandbox.server import serving  # noqa: PLC0415

        return serving(self._make_app())

    def _make_app(self) -> Any:
        from flattr_tui.sandbox.asgi_app import create_app  # noqa: PLC0415 -- Starlette: not before the first paint

        settings = self._settings
        with self._lock:
            if self._app is None:
                self._app = create_app(lambda: open_own_world(settings), rate_limit=settings.rate_limit)
            return self._app

    def close(self) -> None:
        """Close the sandbox's database."""
        if self._app is not None:
            self._app.state.world.close()


class LibraryServices(Library):
    """A library whose services are imported and created at their first use."""

    def __init__(
        self, source: Source, settings: Settings, paths: Paths, account: str, notices: NoticeQueue, **options: Any
    ) -> None:
        self.settings = settings
        self.paths = paths
        self._notices = notices
        self._app = InProcessSandbox(settings) if source.kind is SourceKind.SANDBOX else None
        offline = settings.offline or source.kind is SourceKind.SAVED
        self.client = None if offline else self._make_client(source, options)
        responses = ResponseStore.open(paths.responses, notice=notices)
        catalogue = Catalogue.open(paths.catalogue, responses, notice=notices)
        super().__init__(source, responses, catalogue, self.client, account=account, offline=offline, **options)

    def _make_client(self, source: Source, options: dict[str, Any]) -> "Client":
        from flattr_tui.api.client import Client  # noqa: PLC0415 -- not offline

        async def ready() -> None:
            await self.accounts.ready()

        def token(method: "Method") -> str | None:
            return self.accounts.token(method)

        clock = {"clock": options["clock"]} if "clock" in options else {}
        return Client(source, app=self._app, token=token, ready=ready, **clock)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with the notices so far and with all later events. Returns a function that ends this."""
        end = super().subscribe(listener)
        self._notices.deliver_to(lambda text: self.publish(Notice(text, "warning")))
        return end

    @cached_property
    def accounts(self) -> "AccountManager":  # type: ignore[override]
        """Manages the logins at the source."""
        from flattr_tui.library.account.account_manager import AccountManager, login_config  # noqa: PLC0415

        config = None
        if self.client is not None:
            given = self.settings.login.get(self.source.name)
            config = login_config(self.source, given, allow_http=self.settings.allow_http)
        can_serve = self._app is not None and find_spec("uvicorn") is not None
        return AccountManager(
            self.source,
            config,
            token_store(self.settings, self.paths, self._notices),
            account=self.account,
            app=self._app,
            serve=self._app.serve if self._app is not None and can_serve else None,
            forget=self._forget_account,
            offline=self.client is None,
            clock=self.clock,
        )

    def _forget_account(self, account: str) -> int:
        scope = Scope(self.source.name, account)
        removed = self.responses.delete_account(*scope)
        self.catalogue.forget_scope(scope)
        self.outdated_requests.forget(scope)
        return removed

    @cached_property
    def writes(self) -> "WriteService":  # type: ignore[override]
        """Flattrs, subscribes and edits things as the current account."""
        from flattr_tui.library.account.write_service import WriteService  # noqa: PLC0415

        def outdate(request: ApiRequest) -> None:
            self.outdated_requests.add(self._own_scope(request), request)

        return WriteService(self, self.client, lambda: self.accounts, outdate=outdate, clock=self.clock)

    @cached_property
    def outdated_requests(self) -> "OutdatedRequests":
        """The requests whose saved data was made outdated by a write, in this run or another."""
        from flattr_tui.library.account.outdated_requests import FILE, OutdatedRequests  # noqa: PLC0415

        return OutdatedRequests(self.paths.data / FILE, clock=self.clock, notice=self._notices)

    def checked_at(self, request: ApiRequest) -> float | None:
        """Return when the server last confirmed the saved data of a request, in Unix seconds.

        Returns None if nothing is saved, or if a write has made it stale.
        """
        checked_at = super().checked_at(request)
        if checked_at is None or self.outdated_requests.is_outdated(self._own_scope(request), request, checked_at):
            return None
        return checked_at

    @cached_property
    def console(self) -> "ApiConsole":  # type: ignore[override]
        """Sends API requests that the user composes by hand."""
        from flattr_tui.library.console.api_console import ApiConsole  # noqa: PLC0415
        from flattr_tui.library.console.console_history import History  # noqa: PLC0415

        return ApiConsole(
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
        """Searches the saved data that the current account may see."""
        from flattr_tui.library.query.saved_search import SavedSearch  # noqa: PLC0415

        return SavedSearch(self.catalogue, self.source, self.account)

    @property
    def statistics(self) -> "SavedStatistics":  # type: ignore[override]
        """Counts the saved flattrs that the current account may see."""
        from flattr_tui.library.query.flattr_statistics import SavedStatistics  # noqa: PLC0415

        return SavedStatistics(self.catalogue, self.source, self.account)

    @cached_property
    def earnings(self) -> "EarningsReader":  # type: ignore[override]
        """Reads and sums up saved revenue reports."""
        from flattr_tui.library.query.earnings import EarningsReader  # noqa: PLC0415

        def rename(old: str, new: str) -> int:
            from flattr_tui.library.import_export.owner_rename import rename_owner  # noqa: PLC0415 -- only for that key

            return rename_owner(self.responses, self.catalogue, old, new, lambda stage, done, of: None)

        return EarningsReader(self.catalogue, self.source, rename)

    @cached_property
    def sync(self) -> "Syncer":  # type: ignore[override]
        """Fetches whole lists for offline use."""
        from flattr_tui.library.sync import Syncer  # noqa: PLC0415

        return Syncer(self)

    async def aclose(self) -> None:
        """Close connections and files, within 0.3 s."""
        if "outdated_requests" in self.__dict__:
            await asyncio.to_thread(self.outdated_requests.save)
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
    notices: NoticeQueue | None = None,
    **options: Any,
) -> LibraryServices:
    """Open the library of a source as an account. Close it with `aclose`.

    With `source_name` None, it is the source in the settings; with `account` None, the account in the settings or else
    the one last used; with "", none. `paths` and `notices` default to the standard paths and to stderr; `options` are
    those of `Library`. Raises `BadSourceError`, and `FolderError` if nothing can be stored.
    """
    source = read_source(settings, source_name)
    LOG.info("source %s%s", source.name, ", offline" if settings.offline else "")
    paths = paths or Paths.standard()
    notices = notices or NoticeQueue()
    if make_data_folder(paths.data, paths.responses) and make_private(paths.data):
        notices(f"The folder {paths.data} was open to other users of this machine. It is private now.")
    if account is None:
        account = settings.account or current_account(settings, source, paths, notices)
    return LibraryServices(source, settings, paths, account, notices, **options)


def read_source(settings: Settings, name: str | None = None) -> Source:
    """Return the source with this name (None: the one in the settings). Raises `BadSourceError`."""
    return parse_source(settings.source if name is None else name, allow_http=settings.allow_http)


def token_store(
    settings: Settings, paths: Paths | None = None, notice: Callable[[str], None] = echo_error
) -> "TokenStore":
    """Return the store of the access tokens, by default at the standard path.

    `notice` is called with sentences that the user should read.
    """
    from flattr_tui.api.token_store import TokenStore  # noqa: PLC0415 -- not before a login

    return TokenStore(
        (paths or Paths.standard()).tokens,
        use_keyring=settings.keyring,
        command=settings.token_command,
        notice=notice,
    )


def current_account(
    settings: Settings, source: Source, paths: Paths, notice: Callable[[str], None] = echo_error
) -> str:
    """Return the account last used at a source; "" if there is none. Raises `LoginError`."""
    return token_store(settings, paths, notice).current(source.name) if exists(paths.tokens) else ""

"""Builds the library and its services from the settings. Also runs coroutines, without waiting for threads at the end.

Modules that are not needed to show saved data are imported at their first use. At their end, the event loops of this
module do not wait for threads: a thread may belong to a keyring that waits for a person, or fill the sandbox, which
takes seconds.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

from flattr_tui.api.request_log import make_logger
from flattr_tui.cli.embedded_sandbox import InProcessSandbox
from flattr_tui.cli.errors import echo_error
from flattr_tui.library.events import Event, Notice
from flattr_tui.library.library import Library
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import Source, SourceKind, parse_source
from flattr_tui.paths import Paths, exists, make_data_folder, make_private
from flattr_tui.settings import Settings
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.response_store import ResponseStore

if TYPE_CHECKING:
    from flattr_tui.api.client import Client
    from flattr_tui.api.method_table import Method
    from flattr_tui.api.token_store import TokenStore
    from flattr_tui.library.account.account_manager import AccountManager
    from flattr_tui.library.account.write_service import WriteService
    from flattr_tui.library.bookmarks import Bookmarks
    from flattr_tui.library.console.api_console import ApiConsole
    from flattr_tui.library.fetch.revalidator import OutdatedRequests
    from flattr_tui.library.query.earnings import EarningsReader
    from flattr_tui.library.query.flattr_statistics import SavedStatistics
    from flattr_tui.library.query.search import OfflineSearch
    from flattr_tui.library.sync import Syncer

T = TypeVar("T")
LOG = make_logger(__name__)


class NoticeQueue:
    """Passes the notices of the stores (sentences for the user) to a listener, and keeps them until there is one.

    With `at_once`, which is for commands, stderr takes the place of the listener: each notice is written immediately.
    """

    def __init__(self, *, at_once: bool = True) -> None:
        self._listener: Callable[[str], None] | None = echo_error if at_once else None
        self._waiting: list[str] = []

    def __call__(self, text: str) -> None:
        """Pass a notice to the listener, or keep the notice until there is a listener."""
        LOG.warning("%s", text)
        if self._listener is None:
            self._waiting.append(text)
        else:
            self._listener(text)

    def deliver_to(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the notices that were kept, and from now on with each new one.

        If notices are written to stderr immediately, nothing happens.
        """
        if self._listener is not echo_error:
            self._listener = listener
            waiting, self._waiting = self._waiting, []
            for text in waiting:
                listener(text)


class LibraryServices(Library):
    """A library with its services (search, writes and so on). Each is imported and created at its first use."""

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
        from flattr_tui.api.client import Client  # noqa: PLC0415 -- not needed offline

        async def ready() -> None:
            await self.accounts.ready()

        async def renew(refused: str) -> bool:
            return await self.accounts.renew(refused)

        def token(method: "Method") -> str | None:
            return self.accounts.token(method)

        clock = {"clock": options["clock"]} if "clock" in options else {}
        return Client(source, make_app=self._app, token=token, ready=ready, renew=renew, **clock)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with the notices so far, and from now on with each event of the library.

        Returns a function that ends the subscription.
        """
        end = super().subscribe(listener)
        self._notices.deliver_to(lambda text: self.publish(Notice(text, "warning")))
        return end

    @cached_property
    def accounts(self) -> "AccountManager":  # type: ignore[override]
        """The service that logs accounts in and out at the source, and switches between them."""
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
            make_app=self._app,
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
        """The service that flattrs things, subscribes to them and edits them as the current account."""
        from flattr_tui.library.account.write_service import WriteService  # noqa: PLC0415

        def outdate(request: ApiRequest) -> None:
            self.outdated_requests.add(self._own_scope(request), request)

        return WriteService(self, self.client, lambda: self.accounts, outdate=outdate, clock=self.clock)

    @cached_property
    def outdated_requests(self) -> "OutdatedRequests":
        """The requests whose saved data was made outdated by a write, in this run of the program or an earlier one."""
        from flattr_tui.library.fetch.revalidator import OUTDATED_FILE, OutdatedRequests  # noqa: PLC0415

        return OutdatedRequests(self.paths.data / OUTDATED_FILE, clock=self.clock, notice=self._notices)

    def checked_at(self, request: ApiRequest) -> float | None:
        """Return when the saved data of a request was last fetched or confirmed by the server, in Unix seconds.

        Returns None if no data is saved, or if a write has made the data outdated.
        """
        checked_at = super().checked_at(request)
        if checked_at is None or self.outdated_requests.is_outdated(self._own_scope(request), request, checked_at):
            return None
        return checked_at

    @cached_property
    def console(self) -> "ApiConsole":  # type: ignore[override]
        """The service that sends API requests that the user composes by hand."""
        from flattr_tui.library.console.api_console import ApiConsole  # noqa: PLC0415
        from flattr_tui.library.console.exchange import History  # noqa: PLC0415

        return ApiConsole(
            self.source,
            self.responses,
            client=self.client,
            account=lambda: self.account,
            find_source=lambda request, account: (
                scope.source if (scope := self.catalogue.best_scope(request, account)) else None
            ),
            history=History(self.paths.console, notice=self.notify),
            clock=self.clock,
        )

    @cached_property
    def bookmarks(self) -> "Bookmarks":  # type: ignore[override]
        """The user's bookmarks and history. All sources share them."""
        from flattr_tui.library.bookmarks import Bookmarks  # noqa: PLC0415

        return Bookmarks.open(self.paths.bookmarks, notice=self.notify)

    @property
    def search(self) -> "OfflineSearch":  # type: ignore[override]
        """A service that searches the saved data that the current account may see."""
        from flattr_tui.library.query.search import OfflineSearch  # noqa: PLC0415

        return OfflineSearch(self.catalogue, self.source, self.account)

    @property
    def statistics(self) -> "SavedStatistics":  # type: ignore[override]
        """A service that counts the saved flattrs that the current account may see."""
        from flattr_tui.library.query.flattr_statistics import SavedStatistics  # noqa: PLC0415

        return SavedStatistics(self.catalogue, self.source, self.account)

    @cached_property
    def earnings(self) -> "EarningsReader":  # type: ignore[override]
        """The service that reads and sums up the saved revenue reports."""
        from flattr_tui.library.query.earnings import EarningsReader  # noqa: PLC0415

        def rename(old: str, new: str) -> int:
            from flattr_tui.library.import_export.files_without_owner import rename_owner  # noqa: PLC0415 -- needed only when the user renames an owner

            return rename_owner(self.responses, self.catalogue, old, new, lambda stage, done, of: None)

        return EarningsReader(self.catalogue, self.source, rename)

    @cached_property
    def sync(self) -> "Syncer":  # type: ignore[override]
        """The service that fetches whole lists for offline use."""
        from flattr_tui.library.sync import Syncer  # noqa: PLC0415

        return Syncer(self)

    async def aclose(self) -> None:
        """Close the connections and files of the library and its services, within 0.3 s.

        The store's files stay open if the thread that writes to the store has not ended by then.
        """
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
    """Open the library of a source for an account. The caller closes the library with `aclose`.

    With `source_name` None, the source in the settings is used. With `account` None, the account in the settings is
    used or, if they name none, the account last used at the source; "" stands for no account. `paths` None stands for
    the standard paths, and `notices` None for a queue that writes notices to stderr. `options` are passed to the
    initializer of `Library`.

    Raises `BadSourceError` for an invalid source, `FolderError` if the data folder can't be used, and `LoginError` if
    the accounts can't be read.
    """
    source = read_source(settings, source_name)
    LOG.info("source %s%s", source.name, ", offline" if settings.offline else "")
    paths = paths or Paths.standard()
    notices = notices or NoticeQueue()
    if make_data_folder(paths.data, paths.responses) and make_private(paths.data):
        notices(f"The folder {paths.data} was open to other users of this machine. It is private now.")
    if account is None:
        account = settings.account
        if not account and exists(paths.tokens):
            account = token_store(settings, paths, notices).current(source.name)
    return LibraryServices(source, settings, paths, account, notices, **options)


def read_source(settings: Settings, name: str | None = None) -> Source:
    """Return the source called `name`; with None, the source in the settings. Raises `BadSourceError` if invalid."""
    return parse_source(settings.source if name is None else name, allow_http=settings.allow_http)


def token_store(
    settings: Settings, paths: Paths | None = None, notice: Callable[[str], None] = echo_error
) -> "TokenStore":
    """Return the store of the access tokens. With `paths` None, it is at the standard path.

    `notice` is called with sentences for the user.
    """
    from flattr_tui.api.token_store import TokenStore  # noqa: PLC0415 -- not needed before a login

    return TokenStore(
        (paths or Paths.standard()).tokens,
        use_keyring=settings.keyring,
        command=settings.token_command,
        notice=notice,
    )


class _Pool(ThreadPoolExecutor):
    """A thread pool that does not wait for its threads when it shuts down.

    `flattr_tui.cli` waits for the threads instead, for a limited time.
    """

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=cancel_futures)


def make_runner() -> asyncio.Runner:
    """Return a runner whose event loop does not wait for threads when it ends."""

    def make_loop() -> asyncio.AbstractEventLoop:
        loop = asyncio.new_event_loop()
        loop.set_default_executor(_Pool())
        return loop

    return asyncio.Runner(loop_factory=make_loop)


def run_coroutine(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a new event loop, and return its result. Unlike `asyncio.run`, do not wait for threads."""
    with make_runner() as runner:
        return runner.run(main)

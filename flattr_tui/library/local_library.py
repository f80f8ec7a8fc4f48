"""The library over a store, a catalogue and a server: what is saved answers at once, what is not is fetched behind."""

import asyncio
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Final, TypeVar

from flattr_tui.api.client import Client
from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.events import Connection, Event, FeedChanged, Notice, RecordChanged, Status, StatusChanged
from flattr_tui.library.fetch.fetcher import Fetcher, Pause
from flattr_tui.library.fetch.page_sizes import Grants
from flattr_tui.library.fetch.paginator import Fetch, Pager
from flattr_tui.library.fetch.queue import Ask, DroppedError, Priority
from flattr_tui.library.fetch.request_state import Fetching
from flattr_tui.library.fetch.revalidator import Wants
from flattr_tui.library.fetch.store_writer import Keeper, Outcome, StoppedError
from flattr_tui.library.interface import Figures, Library, Record
from flattr_tui.library.query.catalogue_feed import LocalFeed
from flattr_tui.library.query.feed import View
from flattr_tui.library.query.flattr_scope import scope_of_flattrs
from flattr_tui.library.query.sort_worker import Arranger
from flattr_tui.model import default_choices
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Choice
from flattr_tui.model.response_kind import Answer
from flattr_tui.model.source import Source, SourceKind
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.errors import StoreError
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.stored_response import ResponseKey
from flattr_tui.store.types import Scope

SINGLE: Final = frozenset({Answer.USER, Answer.THING, Answer.LOOKUP, Answer.RATE_LIMIT})
"""Answers that are one object, read by `record`; all others are lists, read by `feed`."""
GRANTS_FILE: Final = "pages.json"
T = TypeVar("T")


class LocalLibrary(Library):
    """See the module, and `Library`.

    Without a `client`, `offline`, or with the source `saved`, no connection is ever opened. `pause` is how the fetcher
    waits. Takes over the store, the catalogue and the client: `aclose` closes them.
    """

    def __init__(
        self,
        source: Source,
        responses: ResponseStore,
        catalogue: Catalogue,
        client: Client | None,
        *,
        account: str = "",
        offline: bool = False,
        clock: Callable[[], float] = time.time,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.source = source
        self.responses = responses
        self.catalogue = catalogue
        self._account = account
        self.clock = clock
        self._listeners: list[Callable[[Event], None]] = []
        self._arrange = Arranger(changed=self._changed, notice=self.notice, crash=self.crash)
        self._told: set[str] = set()
        self._closed = False
        self._caught_up = asyncio.Event()
        self.grants = Grants(_grants_file(responses))
        self._keeper = Keeper(responses, catalogue, self.grants, self.notice)
        self._client = client
        self._fetcher: Fetcher | None = None
        self._wants: Wants | None = None
        if client is not None and not offline and source.kind is not SourceKind.SAVED:
            self._fetcher = Fetcher(
                client,
                self._keeper,
                account=lambda ask: self._own_scope(ask.request).account,
                arrived=lambda ask: self._changed(ask.request),
                changed=self._status_changed,
                clock=clock,
                pause=pause,
            )
            self._wants = Wants(
                self._fetcher,
                ready=self.ready,
                pager=self.pager,
                checked_at=self.checked_at,
                changed=self._changed,
                tell=self.tell,
                clock=clock,
            )
        self.status = Status(Connection.OFFLINE if self._fetcher is None else Connection.LIVE)

    # -- whose answers

    @property
    def account(self) -> str:
        """The user name logged in as, "" for nobody."""
        return self._account

    @account.setter
    def account(self, account: str) -> None:
        if account == self._account:
            return
        self._account = account
        if self._wants is not None and self._fetcher is not None:
            self._fetcher.drop(lambda ask: ask.method.personal)
            self._wants.forget(lambda request: BY_NAME[request.method].personal)

    def scope_of(self, request: Request) -> Scope | None:
        """Say where a request is read from; None where nothing is saved of it."""
        if self.source.kind is SourceKind.SAVED:
            return self.reading(lambda: self.catalogue.best_scope(request, self._account), None)
        return self._own_scope(request)

    def _saved_as(self, request: Request) -> Request:
        """Without a server a list is read as it was saved: with inner objects whole, or mini, whichever there is."""
        if self.source.kind is not SourceKind.SAVED or BY_NAME[request.method].parameter("full") is None:
            return request
        whole = "" if request.get("full") else "1"
        other = Request.of(request.method, {**dict(request.arguments), "full": whole})
        return other if self.scope_of(request) is None and self.scope_of(other) is not None else request

    def _own_scope(self, request: Request) -> Scope:
        return Scope(self.source.name, self._account if BY_NAME[request.method].personal else "")

    # -- telling

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; the answer ends it."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def tell(self, event: Event) -> None:
        """Tell all who subscribed."""
        for listener in tuple(self._listeners):
            listener(event)

    def notice(self, text: str) -> None:
        """Tell a person something, once."""
        if text not in self._told:
            self._told.add(text)
            self.tell(Notice(text, "warning"))

    def _changed(self, request: Request) -> None:
        single = BY_NAME[request.method].answer in SINGLE
        self.tell(RecordChanged(request) if single else FeedChanged(request))

    def _status_changed(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            self.tell(StatusChanged(status))

    # -- reading

    def reading(self, read: Callable[[], T], otherwise: T) -> T:
        """Read from the catalogue; what can't be read is told once, and then there is nothing."""
        try:
            return read()
        except StoreError as error:
            self.notice(str(error))
            return otherwise

    def feed(self, request: Request, view: View | None = None) -> LocalFeed:
        """Open a feed over what is saved. Fetches nothing: say what is looked at with `want`."""
        saved_as = self._saved_as(request)
        return LocalFeed(
            request,
            view or View(),
            catalogue=self.catalogue,
            scope=lambda: self.scope_of(saved_as),
            fetching=lambda: self._fetching(request),
            arrange=self._arrange,
            saved_as=saved_as,
        )

    async def arranged(self) -> None:
        """Wait until all rows of all sorted and filtered views are found."""
        await self._arrange.idle()

    def _fetching(self, request: Request) -> Fetching:
        return self._wants.fetching(request) if self._wants is not None else Fetching()

    def record(self, request: Request) -> Record:
        """Return what is saved of a single object."""
        scope = self.scope_of(request)
        found = self.reading(lambda: self.catalogue.read_record(scope, request), None) if scope is not None else None
        entity, fetched_at = found if found is not None else (None, None)
        fetching = self._fetching(request)
        return Record(entity, fetched_at, fetching.loading, fetching.failure)

    def choices(self, method: str) -> tuple[Choice, ...]:
        """Return the `categories` or the `languages`: the saved answer, else those documented."""
        feed = self.feed(Request.of(method))
        saved = tuple(item for row in feed.rows(0, len(feed)) if isinstance(item := getattr(row, "item", None), Choice))
        return saved or (default_choices.CATEGORIES if method == "categories" else default_choices.LANGUAGES)

    async def figures(self, username: str) -> Figures:
        """Count what is saved of a user's flattrs (in a thread)."""
        found_in = self.reading(lambda: scope_of_flattrs(self.catalogue, self.source, self._account, username), None)
        scope = found_in or Scope(self.source.name, self._account)
        found = await asyncio.to_thread(self.catalogue.user_statistics, scope, username)
        return Figures(found.counted, found.total, found.by_month, found.supported, found.categories)

    # -- wanting

    def want(self, request: Request, *, start: int = 0, stop: int = 1, near: bool = False, by: Hashable = None) -> None:
        """Say that rows `start` to `stop` of a feed (in server order), or a record, are looked at."""
        if self._wants is not None:
            self._wants.want(request, start, stop, near=near, by=by)

    def release(self, request: Request, *, by: Hashable = None) -> None:
        """Say that `by` looks at it no more: what was queued for nobody else and not yet sent is dropped."""
        if self._wants is not None:
            self._wants.release(request, by=by)

    def refresh(self, request: Request, *, complete: bool = False) -> None:
        """Fetch again: a feed from the top until it meets what it knows, or (`complete`) to its end."""
        if self._wants is not None:
            self._wants.refresh(request, complete=complete)

    def cancel(self) -> None:
        """Stop all that is queued or in flight; nothing that came is lost."""
        if self._wants is not None and self._fetcher is not None:
            self._wants.cancel()
            self._fetcher.cancel()

    def retry_private(self) -> None:
        """Ask again for what was refused for want of a login."""
        if self._wants is not None:
            self._wants.retry_private()

    async def fetch(self, ask: Ask, priority: Priority) -> Outcome:
        """Fetch one page, keep it, and tell who reads it.

        Raises a `FlattrError`; `DroppedError` where it was not sent.
        """
        if self._fetcher is None:
            raise DroppedError
        return await self._fetcher.get(ask, priority)

    def pager(self, request: Request, fetch: Fetch | None = None) -> Pager:
        """Make what fetches a request page by page, by `fetch` where it is given."""
        scope = self._own_scope(request)
        return Pager(request, scope=scope, fetch=fetch or self.fetch, shelf=self.catalogue, grants=self.grants)

    @property
    def fetches(self) -> bool:
        """Whether connections are opened at all."""
        return self._fetcher is not None

    def crash(self, error: BaseException) -> None:
        """Let `run` raise a mistake of the program's own; where it has ended, having no server, that is raised here."""
        if self._fetcher is None:
            raise error
        self._fetcher.crash(error)

    def checked_at(self, request: Request) -> float | None:
        """Say when the server last said what is saved of a request (Unix seconds); None: nothing is saved of it.

        Raises `StoreError`.
        """
        method, scope = BY_NAME[request.method], self._own_scope(request)
        if method.answer not in SINGLE:
            return self.catalogue.list_stats(scope, request).fetched_at
        form = method.default_format.value
        place = ResponseKey(source=scope.source, account=scope.account, request=request, format=form)
        newest = self.responses.latest(place)
        return newest.checked_at if newest is not None else None

    # -- the worker and the end

    async def run(self) -> None:
        """Fetch what is wanted until cancelled: the body of the app's one fetching worker."""
        try:
            caught = await self._keeper.catch_up()
        except StoreError as error:
            caught = 0
            self.notice(str(error))
        except StoppedError:
            return
        self._caught_up.set()
        if caught and self._wants is not None:
            for request in self._wants.requests():
                self._changed(request)
        if self._fetcher is not None:
            await self._fetcher.run()

    async def ready(self) -> None:
        """Wait until everything saved is in the catalogue: `run` sees to that first."""
        await self._caught_up.wait()

    async def aclose(self) -> None:
        """Close connections and files, within 0.3 s whatever is in flight."""
        if self._closed:
            return
        self._closed = True
        self._arrange.close()
        if self._wants is not None and self._fetcher is not None:
            self._wants.close()
            await self._fetcher.aclose()
        elif self._client is not None:
            await self._client.aclose()
        if await self._keeper.aclose():
            self.catalogue.close()
            self.responses.close()


def _grants_file(responses: ResponseStore) -> Path | None:
    return None if responses.temporary else responses.folder.parent / GRANTS_FILE

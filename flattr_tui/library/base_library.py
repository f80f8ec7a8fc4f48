"""The base class of the library, without services: it returns saved data immediately, and fetches in the background.

Data that is missing or stale is fetched as long as a screen observes it.
"""

import asyncio
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.events import (
    CaughtUp,
    ConnectionState,
    Event,
    Failure,
    FeedChanged,
    FetchState,
    Notice,
    RecordChanged,
    SourceStatus,
    StatusChanged,
)
from flattr_tui.library.fetch.queue_and_limits import DroppedError, FetchRequest, PageSizes, Priority
from flattr_tui.library.fetch.store_writer import FetchResult, StoppedError, StoreWriter
from flattr_tui.library.query.catalogue_feed import CatalogueFeed, SortWorker, find_flattr_scope
from flattr_tui.library.query.list_feed import View
from flattr_tui.model.api_request import SINGLE_RESPONSES, ApiRequest
from flattr_tui.model.data_source import Source, SourceKind
from flattr_tui.model.entities import CATEGORIES, LANGUAGES, Choice, Entity
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_schema import FlattrStatistics, Scope
from flattr_tui.store.errors import StoreError
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.stored_response import ResponseKey

if TYPE_CHECKING:
    from flattr_tui.api.client import Client
    from flattr_tui.library.fetch.fetcher import Fetcher, Sleep
    from flattr_tui.library.fetch.paginator import Fetch, Paginator
    from flattr_tui.library.fetch.revalidator import Revalidator

PAGE_SIZES_FILE: Final = "pages.json"
T = TypeVar("T")


class RecordState(msgspec.Struct, frozen=True):
    """The saved state of a single object, such as a user or a thing, and whether the object is being fetched."""

    entity: Entity | None = None
    """The object; None if it is not saved."""
    fetched_at: float | None = None
    """When the object was fetched, in Unix seconds; None if it is not saved."""
    loading: bool = False
    """Whether the object is being fetched or will be."""
    failure: Failure | None = None
    """Why the last attempt to fetch the object failed; None if it did not fail."""


class BaseLibrary:
    """Reads saved data, and fetches what is missing or stale. Call its methods on the event loop's thread.

    The methods that are not coroutines return in milliseconds. Without a `client`, with `offline`, or with the source
    `saved`, no connection is ever opened. `account` is the logged-in user; "" for nobody. `clock` returns the current
    time in Unix seconds; `pause` is the sleep function of the fetcher. The library owns the store, the catalogue and
    the client: `aclose` closes them.
    """

    def __init__(
        self,
        source: Source,
        responses: ResponseStore,
        catalogue: Catalogue,
        client: "Client | None",
        *,
        account: str = "",
        offline: bool = False,
        clock: Callable[[], float] = time.time,
        pause: "Sleep" = asyncio.sleep,
    ) -> None:
        self.source = source
        self.responses = responses
        self.catalogue = catalogue
        self._account = account
        self.clock = clock
        self._listeners: list[Callable[[Event], None]] = []
        self._sort_worker = SortWorker(changed=self._publish_change, notice=self.notify, crash=self.report_crash)
        self._notified: set[str] = set()
        self._closed = False
        self._caught_up = asyncio.Event()
        self.page_sizes = PageSizes(_page_sizes_file(responses))
        self._store_writer = StoreWriter(responses, catalogue, self.page_sizes, self.notify)
        self._client = client
        self._fetcher: Fetcher | None = None
        self._revalidator: Revalidator | None = None
        if client is not None and not offline and source.kind is not SourceKind.SAVED:
            self._start_fetching(client, pause)
        self.status = SourceStatus(ConnectionState.LIVE if self.is_online else ConnectionState.OFFLINE)
        self._publish_status(self.status)

    def _start_fetching(self, client: "Client", pause: "Sleep") -> None:
        from flattr_tui.library.fetch.fetcher import Fetcher  # noqa: PLC0415 -- not needed for saved data alone
        from flattr_tui.library.fetch.revalidator import Revalidator  # noqa: PLC0415

        self._fetcher = Fetcher(
            client,
            self._store_writer,
            account=lambda fetch_request: self._own_scope(fetch_request.request).account,
            on_stored=lambda fetch_request: self._publish_change(fetch_request.request),
            on_status=self._publish_status,
            clock=self.clock,
            pause=pause,
        )
        self._revalidator = Revalidator(
            self._fetcher,
            ready=self.ready,
            paginator=self.make_paginator,
            checked_at=self.checked_at,
            on_change=self._publish_change,
            publish=self.publish,
            clock=self.clock,
        )

    # -- scopes

    @property
    def account(self) -> str:
        """The user name of the account in use; "" for none."""
        return self._account

    @account.setter
    def account(self, account: str) -> None:
        if account == self._account:
            return
        self._account = account
        if self._revalidator is not None and self._fetcher is not None:
            self._fetcher.drop(lambda fetch_request: fetch_request.method.personal)
            self._revalidator.forget(lambda request: BY_NAME[request.method].personal)

    def scope_of(self, request: ApiRequest) -> Scope | None:
        """Return the source and the account under which the response to a request is, or would be, saved.

        If the library's source is `saved`, the best saved response from any source is looked up; returns None if there
        is none.
        """
        if self.source.kind is SourceKind.SAVED:
            return self._read_or_none(lambda: self.catalogue.best_scope(request, self._account))
        return self._own_scope(request)

    def _saved_as(self, request: ApiRequest) -> ApiRequest:
        """Return a list's request with or without the argument `full`, whichever of the two has a saved response.

        If both or none of them have one, or if the source has a server, the request is returned unchanged.
        """
        if self.source.kind is not SourceKind.SAVED or BY_NAME[request.method].parameter("full") is None:
            return request
        other = request.with_arguments(full="" if request.get("full") else "1")
        return other if self.scope_of(request) is None and self.scope_of(other) is not None else request

    def _own_scope(self, request: ApiRequest) -> Scope:
        return Scope(self.source.name, self._account if BY_NAME[request.method].personal else "")

    # -- events

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on. Returns a function that ends the subscription."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def publish(self, event: Event) -> None:
        """Send an event to all listeners."""
        for listener in tuple(self._listeners):
            listener(event)

    def notify(self, text: str) -> None:
        """Publish a warning for the user, unless the same text was published before."""
        if text not in self._notified:
            self._notified.add(text)
            self.publish(Notice(text, "warning"))

    def _publish_change(self, request: ApiRequest) -> None:
        single = BY_NAME[request.method].response_kind in SINGLE_RESPONSES
        self.publish(RecordChanged(request) if single else FeedChanged(request))

    def _publish_status(self, status: SourceStatus) -> None:
        unwritable = self.responses.unwritable if self._fetcher is not None else None
        status = msgspec.structs.replace(status, storage_fault=unwritable.label if unwritable is not None else "")
        if status != self.status:
            self.status = status
            self.publish(StatusChanged(status))

    # -- reading

    def _read_or_none(self, read: Callable[[], T | None]) -> T | None:
        """Return the result of `read()`. If `read` raises `StoreError`, publish a notice and return None."""
        try:
            return read()
        except StoreError as error:
            self.notify(str(error))
            return None

    def feed(self, request: ApiRequest, view: View | None = None) -> CatalogueFeed:
        """Return the saved rows of a list, filtered and sorted by `view`. `request` is the API request for the list.

        By default, the rows are unfiltered and in the server's order. Nothing is fetched: call `observe` to fetch what
        is missing.
        """
        saved_as = self._saved_as(request)
        return CatalogueFeed(
            request,
            view or View(),
            catalogue=self.catalogue,
            scope=lambda: self.scope_of(saved_as),
            fetching=lambda: self._fetch_state(request),
            arrange=self._sort_worker,
            saved_as=saved_as,
        )

    async def wait_for_sorting(self) -> None:
        """Wait until all lists that are being sorted and filtered in the background are complete."""
        await self._sort_worker.wait_idle()

    def _fetch_state(self, request: ApiRequest) -> FetchState:
        return self._revalidator.state_of(request) if self._revalidator is not None else FetchState()

    def record(self, request: ApiRequest) -> RecordState:
        """Return the saved single object (a user, a thing) that a request returns, and whether it is being fetched."""
        scope = self.scope_of(request)
        found = self._read_or_none(lambda: self.catalogue.read_record(scope, request)) if scope is not None else None
        entity, fetched_at = found or (None, None)
        fetching = self._fetch_state(request)
        return RecordState(entity, fetched_at, fetching.loading, fetching.failure)

    def choices(self, method: str) -> tuple[Choice, ...]:
        """Return the categories or languages of things. `method` is the API method: `categories` or `languages`.

        If no response is saved, the categories or languages in Flattr's documentation are returned.
        """
        feed = self.feed(ApiRequest.of(method))
        saved = tuple(item for row in feed.rows(0, len(feed)) if isinstance(item := getattr(row, "item", None), Choice))
        return saved or (CATEGORIES if method == "categories" else LANGUAGES)

    async def user_statistics(self, username: str) -> FlattrStatistics:
        """Compute statistics of a user's saved flattrs in a thread, and return them."""
        found_in = self._read_or_none(lambda: find_flattr_scope(self.catalogue, self.source, self._account, username))
        scope = found_in or Scope(self.source.name, self._account)
        return await asyncio.to_thread(self.catalogue.statistics.user_statistics, scope, username)

    # -- observing and fetching

    def observe(
        self, request: ApiRequest, *, start: int = 0, stop: int = 1, near: bool = False, by: Hashable = None
    ) -> None:
        """Fetch the data of `request` if it is missing or stale, and keep it up to date while an observer shows it.

        `by` is any value that identifies the observer. If `request` is for a list, the observer shows the rows from the
        index `start` to `stop` (excluded) in the server's order. With `near`, these rows are not visible themselves,
        but next to visible ones, and are fetched later. A second call with the same `by` and `request` replaces the
        rows of the first; with the same rows, it costs nothing.
        """
        if self._revalidator is not None:
            self._revalidator.observe(request, start, stop, near=near, by=by)

    def unobserve(self, request: ApiRequest, *, by: Hashable = None) -> None:
        """Remove the observer of a request. `by` is the value that was passed to `observe`.

        Queued requests that no other observer needs are dropped.
        """
        if self._revalidator is not None:
            self._revalidator.unobserve(request, by=by)

    def refresh(self, request: ApiRequest, *, complete: bool = False) -> None:
        """Fetch a single object again, or the new rows at the top of a list. This happens in the background.

        In a list, fetching ends at the first rows that are saved already. With `complete`, fetching ends at the list's
        end.
        """
        if self._revalidator is not None:
            self._revalidator.refresh(request, complete=complete)

    def cancel(self) -> None:
        """Cancel all requests that are queued or not answered yet. What is saved already stays saved."""
        if self._revalidator is not None and self._fetcher is not None:
            self._revalidator.cancel()
            self._fetcher.cancel()

    def retry_private(self) -> None:
        """Send the requests again that the server refused because nobody was logged in. Call this after a login."""
        if self._revalidator is not None:
            self._revalidator.retry_private()

    async def fetch(self, fetch_request: FetchRequest, priority: Priority) -> FetchResult:
        """Fetch and store one API page or single object, publish an event, and return what the response changed.

        `fetch_request` says which page or object, and `priority` how urgent it is. Raises `FlattrError` if the request
        failed, and `DroppedError` if it was not sent.
        """
        if self._fetcher is None:
            raise DroppedError
        return await self._fetcher.fetch(fetch_request, priority)

    def make_paginator(self, request: ApiRequest, fetch: "Fetch | None" = None) -> "Paginator":
        """Return a paginator, which fetches the API pages of a list one by one. `request` is the request for the list.

        The paginator calls `fetch` for each page; with None, the library's own method `fetch`.
        """
        from flattr_tui.library.fetch.paginator import Paginator  # noqa: PLC0415

        scope = self._own_scope(request)
        return Paginator(
            request, scope=scope, fetch=fetch or self.fetch, catalogue=self.catalogue, page_sizes=self.page_sizes
        )

    @property
    def is_online(self) -> bool:
        """Whether the library may open connections. It is False offline, and for the source `saved`."""
        return self._fetcher is not None

    def report_crash(self, error: BaseException) -> None:
        """Make the library's worker (`run`) fail with `error`, an unexpected exception of another task, which is a bug.

        If the library never sends requests, the exception is raised immediately.
        """
        if self._fetcher is None:
            raise error
        self._fetcher.report_crash(error)

    def checked_at(self, request: ApiRequest) -> float | None:
        """Return when the saved data of a request was last fetched or confirmed by the server, in Unix seconds.

        Returns None if no data is saved. Raises `StoreError` if the catalogue can't be read.
        """
        method, scope = BY_NAME[request.method], self._own_scope(request)
        if method.response_kind not in SINGLE_RESPONSES:
            return self.catalogue.list_stats(scope, request).fetched_at
        form = method.default_format.value
        place = ResponseKey(source=scope.source, account=scope.account, request=request, format=form)
        newest = self.responses.latest(place)
        return newest.checked_at if newest is not None else None

    # -- running and closing

    async def run(self) -> None:
        """Send the queued requests until this coroutine is cancelled. The app runs it in a background worker.

        First, saved responses that the catalogue does not contain yet are added to it.
        """
        shown = None if self.source.kind is SourceKind.SAVED else self.source.name
        try:
            caught = await self._store_writer.catch_up(shown)
        except StoreError as error:
            caught = 0
            self.notify(str(error))
        except StoppedError:
            return
        self._caught_up.set()
        if caught:
            self.publish(CaughtUp())
        behind = asyncio.create_task(self._catch_up_other_sources())
        try:
            if self._fetcher is not None:
                await self._fetcher.run()
            await behind
        finally:
            behind.cancel()

    async def _catch_up_other_sources(self) -> None:
        """Add the saved responses of other sources to the catalogue."""
        try:
            await self._store_writer.catch_up_when_idle()
        except StoreError as error:
            self.notify(str(error))
        except StoppedError:
            pass  # the program ends

    async def ready(self) -> None:
        """Wait until `run`, which must be running, has added all saved responses of this source to the catalogue."""
        await self._caught_up.wait()

    async def aclose(self) -> None:
        """Close the connections and files of the library, within 0.3 s."""
        if self._closed:
            return
        self._closed = True
        self._sort_worker.close()
        if self._revalidator is not None and self._fetcher is not None:
            self._revalidator.close()
            await self._fetcher.aclose()
        elif self._client is not None:
            await self._client.aclose()
        if await self._store_writer.aclose():
            self.catalogue.close()
            self.responses.close()


def _page_sizes_file(responses: ResponseStore) -> Path | None:
    return None if responses.temporary else responses.folder.parent / PAGE_SIZES_FILE

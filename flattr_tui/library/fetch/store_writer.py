"""Writes each response to the store and then to the catalogue, before it is shown. One thread does all writing."""

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from flattr_tui.api.errors import WITH_KEY, LoginError, NotFlattrResponseError
from flattr_tui.library.fetch.queue_and_limits import MAX_PAGE_SIZE, FetchRequest, PageSizes, may_be_size_limit
from flattr_tui.model.api_request import DEFAULT_PAGE_SIZE, fold_username
from flattr_tui.model.entities import UNREADABLE, Flattr, NotFlattrError, Thing, User
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_schema import IngestResult, Scope
from flattr_tui.store.errors import StoreError, UnwritableError
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.stored_response import PutResult, ResponseKey, StoredResponse

if TYPE_CHECKING:
    from flattr_tui.model.entity_decoder import DecodedPage

CLOSE_SECONDS: Final = 0.08
"""Maximum time in seconds for which `aclose` waits for the current write."""
MAX_UNSAVED_BYTES: Final = 64 * 1024 * 1024
"""Maximum number of bytes of the responses that wait in memory to be stored. The oldest ones beyond that are lost."""
NOTICE_FROM: Final = 500
"""Number of responses to add to the catalogue from which on the user gets a notice about it."""
T = TypeVar("T")


class WriterThread:
    """Runs functions in one thread, in the order in which they are submitted.

    The thread starts when the first function is submitted, and first calls `on_start`. It is a daemon thread, so that a
    program that quits never waits for a slow disk or another program's lock. Quitting cuts off the current function
    like `kill -9`, which the store survives by design.
    """

    def __init__(self, on_start: Callable[[], None]) -> None:
        self._on_start = on_start
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._urgent: deque[bool] = deque()
        self._started = False

    @property
    def has_urgent(self) -> bool:
        """Whether an urgent function waits to be run."""
        return bool(self._urgent)

    async def run(self, work: Callable[[], T], *, urgent: bool = True) -> T:
        """Run the function `work` in the thread, and return its result.

        If this call is cancelled, the function still completes. A function that is not `urgent` should stop when
        `has_urgent` becomes true.
        """
        running = asyncio.wrap_future(self.submit(work, urgent=urgent))
        running.add_done_callback(_retrieve_exception)  # even if nobody waits for it any more
        return await asyncio.shield(running)

    def submit(self, work: Callable[[], T], *, urgent: bool = True) -> "Future[T]":
        """Queue the function `work` for the thread, and return a future for its result.

        While a function that is `urgent` waits, `has_urgent` is true. The function that runs then can stop early, if it
        is not urgent.
        """
        future: Future[T] = Future()
        if urgent:
            self._urgent.append(True)

        def execute() -> None:
            if urgent:
                self._urgent.popleft()
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 -- raised where the result is awaited
                future.set_exception(error)

        self._queue.put(execute)
        if not self._started:
            self._started = True
            threading.Thread(target=self._loop, name="flattr-writer", daemon=True).start()
        return future

    def close(self) -> None:
        """Let the thread end after all functions that were submitted."""
        self._queue.put(None)

    def _loop(self) -> None:
        self._on_start()
        while (work := self._queue.get()) is not None:
            work()
            del work  # it refers to the response that it wrote, up to 16 MiB


def _retrieve_exception(writing: "asyncio.Future[Any]") -> None:
    with contextlib.suppress(asyncio.CancelledError):
        writing.exception()


class StoppedError(Exception):
    """Raised to stop adding responses to the catalogue, because the program is ending.

    The next start of the program adds the other responses.
    """


class _GiveWayError(Exception):
    """Raised to stop writing to the catalogue because more urgent work waits. The writes are undone and repeated."""


class FetchResult(msgspec.Struct, frozen=True):
    """The result of a fetch: what the response changed in saved data, and what it shows about the list's pages."""

    request: FetchRequest
    ingested: IngestResult
    """What the response changed in the catalogue."""
    count: int
    """The page size that the server allows, as far as this response shows it; 0 if the method has no pages."""
    is_new: bool
    """Whether the response differs from the previous response to the same request."""
    body_hash: int = 0
    """A hash of the response's body, to recognize identical pages."""
    unsaved: str = ""
    """A sentence that says why the response is not stored and will be lost on exit; "" if it is stored."""

    @property
    def is_last_page(self) -> bool:
        """Whether this seems to be the last page: it has fewer items than its page size, and names no next page."""
        return not self.count or (self.ingested.record_count < self.count and not self.ingested.has_next)


class StoreWriter:
    """Stores responses, and adds them to the catalogue, in a thread. Call its methods on the event loop's thread.

    `notice` is called on the event loop's thread with sentences for the user.
    """

    def __init__(
        self, responses: ResponseStore, catalogue: Catalogue, page_sizes: PageSizes, notice: Callable[[str], None]
    ) -> None:
        self._responses = responses
        self._catalogue = catalogue
        self._page_sizes = page_sizes
        self._notice = notice
        self._thread = WriterThread(responses.keep_connection)
        self._stopping = threading.Event()
        self._unsaved: deque[StoredResponse] = deque()
        """Responses that could not be stored yet, the oldest first."""
        self._reported_cause = _describe_unsaved(responses.unwritable) if responses.unwritable is not None else ""

    async def _run(self, work: Callable[[], T], *, urgent: bool = True) -> T:
        if self._stopping.is_set():
            raise StoppedError
        return await self._thread.run(work, urgent=urgent)

    def etag_of(self, key: ResponseKey) -> str:
        """Return the entity tag (ETag) of the latest stored response with this key; "" if there is none."""
        try:
            newest = self._responses.latest(key)
        except StoreError:
            return ""  # the server then sends the whole response, and storing it reports the problem
        return (newest.etag or "") if newest is not None else ""

    async def store(self, fetch_request: FetchRequest, stored: StoredResponse) -> FetchResult:
        """Store the response to a request, add it to the catalogue, and return what the response changed there.

        If the response can't be stored, it is kept in memory and tried again later. Raises `NotFlattrResponseError` if
        the body can't be decoded, `LoginError` if it is about another user than the one who is logged in, and
        `StoreError` if the response can't be added to the catalogue.
        """
        outcome = await self._run(lambda: self._store(fetch_request, stored))
        self._report(outcome.unsaved)
        return outcome

    def _report(self, cause: str) -> None:
        """Tell the user `cause`, the reason why new API pages are not stored, unless the last call had the same cause.

        Call this with "" when pages are stored again. This tells the user nothing, but the next cause is always told.
        """
        if cause and cause != self._reported_cause:
            self._notice(cause)
        self._reported_cause = cause

    def _store(self, fetch_request: FetchRequest, stored: StoredResponse) -> FetchResult:
        page = _decode(stored)
        if page.is_unreadable:
            raise NotFlattrResponseError(f"the response is {UNREADABLE}.")
        _check_account(stored, page)
        records = page.records
        count, problem = self._effective_page_size(stored, records), ""
        if count != stored.count:
            stored = msgspec.structs.replace(stored, count=count)
        try:
            self._save_unsaved()
            kept = self._put(stored)
        except StoreError as error:
            ingested, new = self._catalogue.ingestor.ingest_unsaved(stored, self._check_stopped, page), True
            problem = _describe_unsaved(error)
            if isinstance(error, UnwritableError):
                self._keep_in_memory(stored)
        else:
            self._catalogue.check_replaced()
            ingested = (
                self._catalogue.ingestor.ingest(kept.stored, self._check_stopped, page)
                if kept.is_new
                else self._confirm_unchanged(fetch_request, kept.stored, records)
            )
            new = kept.is_new
        return FetchResult(fetch_request, ingested, count, new, hash(stored.body), problem)

    def _keep_in_memory(self, stored: StoredResponse) -> None:
        self._unsaved.append(stored)
        while sum(len(one.body) for one in self._unsaved) > MAX_UNSAVED_BYTES:
            self._unsaved.popleft()

    def _save_unsaved(self) -> None:
        """Store the responses that wait in memory. Raises `StoreError` if a response still can't be stored."""
        while self._unsaved:
            kept = self._put(self._unsaved[0])
            self._unsaved.popleft()
            if kept.is_new:
                self._catalogue.ingestor.ingest(kept.stored, self._check_stopped)

    def _put(self, stored: StoredResponse) -> PutResult:
        try:
            return self._responses.put(stored)
        except UnwritableError:
            raise
        except StoreError:
            return self._responses.put(stored)  # the damaged store has just been replaced

    def _effective_page_size(self, stored: StoredResponse, records: int) -> int:
        """Return the page size that the server used for a page: the requested size, unless the page shows another.

        `stored` is the page, and `records` the number of items on it. If the first page has more items than requested,
        the server ignores page sizes. If it has fewer, it is the whole list, or has the largest size that the server
        allows. This method assumes the second; the next page will show which is true. A size that is certain is
        remembered.
        """
        source, method, count = stored.source, stored.request.method, stored.count
        if stored.page == 1 and count and records > count:
            return records
        if stored.page == 1 and may_be_size_limit(records, count):
            saved = self._catalogue.list_stats(Scope(source, stored.account), stored.request).saved
            known = self._page_sizes.known(source, method if records >= DEFAULT_PAGE_SIZE else "")
            if known is None or saved > records:
                return records
        elif count and records >= (count if stored.page > 1 else MAX_PAGE_SIZE):
            self._remember_page_size(stored)
        return count

    def _remember_page_size(self, stored: StoredResponse) -> None:
        """Remember the size of the full page `stored` as the page size that the server allows.

        If the page has the same items as the page before it, the server ignores paging. Nothing is then remembered.
        """
        source, method, count = stored.source, stored.request.method, stored.count
        if self._page_sizes.known(source, method) != count and not self._is_same_as_before(stored):
            self._page_sizes.remember(source, method, count)

    def _is_same_as_before(self, stored: StoredResponse) -> bool:
        """Whether a page equals the stored page before it, which happens if a server ignores page numbers."""
        try:
            before = self._responses.latest(msgspec.structs.replace(stored.response_key, page=stored.page - 1))
        except StoreError:
            return False  # storing the page reports the problem
        return before is not None and before.body == stored.body

    async def confirm(self, fetch_request: FetchRequest, key: ResponseKey, checked_at: float) -> FetchResult:
        """Record that a stored response is still current, because the server sent 304. Returns what this changed.

        `fetch_request` is the request that was sent, `key` the key of the stored response, and `checked_at` the time of
        the 304 in Unix seconds. Raises `StoreError` if the store or the catalogue can't be written, or if the stored
        response can't be read any more.
        """
        outcome = await self._run(lambda: self._confirm(fetch_request, key, checked_at))
        self._report(outcome.unsaved)
        return outcome

    def _confirm(self, fetch_request: FetchRequest, key: ResponseKey, checked_at: float) -> FetchResult:
        problem = ""
        try:
            self._save_unsaved()
            self._responses.touch(key, checked_at)
        except UnwritableError as error:
            problem = _describe_unsaved(error)  # only the time of the confirmation is lost
        newest = self._responses.latest(key)
        if newest is None:
            raise StoreError("The server says it is unchanged, but the saved response can't be read any more.")
        checked = msgspec.structs.replace(newest, checked_at=max(checked_at, newest.checked_at))
        ingested = self._confirm_unchanged(fetch_request, checked, _decode(newest).records)
        return FetchResult(fetch_request, ingested, newest.count, False, hash(newest.body), problem)

    def _confirm_unchanged(self, fetch_request: FetchRequest, stored: StoredResponse, records: int) -> IngestResult:
        """Record that a stored response is still current, and return what this changed in the catalogue.

        `stored` is the response to `fetch_request`, and `stored.checked_at` the time when the server confirmed it.
        `records` is the number of its items.
        """
        ingested = self._catalogue.ingestor.confirm(stored.response_key, stored.checked_at, self._check_stopped)
        if ingested is None or (not ingested.record_count and records):
            ingested = IngestResult(fetch_request.request, joins_known=True)
        return ingested._replace(ended=records < stored.count and not ingested.has_next, record_count=records)

    async def catch_up(self, source: str | None = None) -> int:
        """Add the stored responses that the catalogue lacks to the catalogue, and return the number of added responses.

        With a `source`, only responses of this source are added.
        """
        left = self._catalogue.count_pending(source)
        if left >= NOTICE_FROM:
            self._notice(f"Adding {left:,} saved responses to the catalogue; lists are complete afterwards.")
        count = 0
        while left:
            done, left = await self._run(lambda: self._catalogue.ingestor.catch_up_step(source, self._check_stopped))
            count += done
        return count

    async def catch_up_when_idle(self) -> None:
        """Add the stored responses that the catalogue lacks, but only while no other work waits."""
        left = self._catalogue.count_pending(None)
        while left:
            try:
                _, left = await self._run(
                    lambda: self._catalogue.ingestor.catch_up_step(None, self._check_urgent), urgent=False
                )
            except _GiveWayError:
                continue

    def _check_urgent(self) -> None:
        self._check_stopped()
        if self._thread.has_urgent:
            raise _GiveWayError

    def _check_stopped(self) -> None:
        if self._stopping.is_set():
            raise StoppedError

    async def aclose(self) -> bool:
        """End the thread. Returns whether it ended within `CLOSE_SECONDS`; only then may the store be closed."""
        self._stopping.set()
        last = self._thread.submit(self._save_rest)
        self._thread.close()
        done, _ = await asyncio.wait([asyncio.wrap_future(last)], timeout=CLOSE_SECONDS)
        return bool(done)

    def _save_rest(self) -> None:
        """Try one last time to store the responses that still wait in memory."""
        with contextlib.suppress(StoreError):  # reported when storing first failed
            while self._unsaved:
                self._put(self._unsaved[0])
                self._unsaved.popleft()
        self._responses.close_connection()


def _describe_unsaved(error: StoreError) -> str:
    if isinstance(error, UnwritableError):
        return f"{error.cause}: new pages are not saved."
    return f"{error} New pages are shown, but not saved."


def _check_account(stored: StoredResponse, page: "DecodedPage") -> None:
    """Raise `LoginError` if the own profile, things or flattrs that an account has requested are another user's."""
    account, first = stored.account, page.entities[0] if page.entities else None
    user = first if stored.request.method == "me" else None
    if stored.request.method in {"my-things", "my-flattrs"} and isinstance(first, Thing | Flattr):
        user = first.owner
    if account and isinstance(user, User) and fold_username(user.username) != fold_username(account):
        raise LoginError(f"to this server, the login of {account} is now {user.username}'s. Log in again {WITH_KEY}.")


def _decode(stored: StoredResponse) -> "DecodedPage":
    """Return the decoded body of a response.

    Raises `NotFlattrResponseError` if Flattr's API can't have sent such a body.
    """
    from flattr_tui.model.entity_decoder import decode_page  # noqa: PLC0415 -- needed only when something is fetched

    try:
        return decode_page(stored.response_kind, stored.body, stored.content_type)
    except NotFlattrError as error:
        raise NotFlattrResponseError(f"the response is {error}.") from error

"""The one thread that writes: every answer goes to the store first, then into the catalogue, before it is shown."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

import msgspec

from flattr_tui.api.errors import NotFlattrAnswerError
from flattr_tui.library.fetch.page_sizes import MOST, USUAL, Grants, may_be_less_than_asked
from flattr_tui.library.fetch.queue import Ask
from flattr_tui.model.decoder import NotFlattrError, decode
from flattr_tui.store.catalogue import Catalogue, IngestResult, Scope
from flattr_tui.store.errors import StoreError
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.stored_response import PutResult, ResponseKey, StoredResponse

CLOSE_SECONDS: Final = 0.12
"""How long closing waits for what is being written."""
LONG: Final = 500
"""From how many responses on taking them into the catalogue is worth a word."""
T = TypeVar("T")


class StoppedError(Exception):
    """The program is ending: what was under way in the writing thread was given up, to be done again."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of an ask, once it is kept."""

    ask: Ask
    taken: IngestResult
    """What it changed in the catalogue."""
    count: int
    """How many items a page the server grants, as far as this answer shows; 0 where the method has no pages."""
    fresh: bool
    """Whether it says something else than the last answer to the same."""
    print: int = 0
    """By which to see that another page is the same, byte for byte."""

    @property
    def last(self) -> bool:
        """Whether nothing comes behind it, as far as is known."""
        return not self.count or (self.taken.record_count < self.count and not self.taken.has_next)


class Keeper:
    """See the module. `notice` takes one sentence for people; it is called on the loop's thread."""

    def __init__(
        self, responses: ResponseStore, catalogue: Catalogue, grants: Grants, notice: Callable[[str], None]
    ) -> None:
        self._responses = responses
        self._catalogue = catalogue
        self._grants = grants
        self._notice = notice
        self._writer = ThreadPoolExecutor(1, "flattr-writer")
        self._stopping = threading.Event()
        self._told_unkept = False

    async def run(self, work: Callable[[], T]) -> T:
        """Do something in the writing thread, after all that was given to it before.

        Not broken off by being cancelled: what is written is written whole.
        """
        writing = asyncio.wrap_future(self._submit(work))
        writing.add_done_callback(_heard)  # also where nobody waits for it any more
        return await asyncio.shield(writing)

    def _submit(self, work: Callable[[], T]) -> "Future[T]":
        if self._stopping.is_set():
            raise StoppedError
        return self._writer.submit(work)

    def etag(self, place: ResponseKey) -> str:
        """Return the entity tag of the newest answer of a place, "" where there is none."""
        try:
            newest = self._responses.latest(place)
        except StoreError:
            return ""  # without it the answer comes whole, and whoever keeps it says what is wrong
        return (newest.etag or "") if newest is not None else ""

    async def keep(self, ask: Ask, stored: StoredResponse) -> Outcome:
        """Keep an answer, and take it into the catalogue.

        Raises `NotFlattrAnswerError` for a body that can't be read, `StoreError` where it can't be kept at all.
        """
        outcome, problem = await self.run(lambda: self._keep(ask, stored))
        if problem and not self._told_unkept:
            self._told_unkept = True
            self._notice(f"{problem} What comes now is shown, but not kept for later.")
        return outcome

    def _keep(self, ask: Ask, stored: StoredResponse) -> tuple[Outcome, str]:
        records = _records(stored)
        count, problem = self._granted(stored, records), ""
        if count != stored.count:
            stored = msgspec.structs.replace(stored, count=count)
        try:
            kept = self._put(stored)
        except StoreError as error:
            taken, new = self._catalogue.ingest_unsaved(stored), True
            problem = str(error)
        else:
            self._catalogue.check_replaced()
            taken = self._catalogue.ingest(kept.stored) if kept.is_new else self._same(ask, kept.stored, records)
            new = kept.is_new
        return Outcome(ask, taken, count, new, hash(stored.body)), problem

    def _put(self, stored: StoredResponse) -> PutResult:
        try:
            return self._responses.put(stored)
        except StoreError:
            return self._responses.put(stored)  # a damaged store was set aside meanwhile

    def _granted(self, stored: StoredResponse, records: int) -> int:
        """Learn from an answer how many items a page the server grants, and return that.

        A first page with fewer than were asked for is either all that there is, or all that is granted: it is kept as
        if so many had been asked for, and the second page tells. One with more is of a server that minds no number.
        """
        source, method, count = stored.source, stored.request.method, stored.count
        if stored.page == 1 and count and records > count:
            return records
        if stored.page == 1 and may_be_less_than_asked(records, count):
            saved = self._catalogue.list_stats(Scope(source, stored.account), stored.request).saved
            known = self._grants.known(source, method if records >= USUAL else "")
            if known is None or saved > records:
                return records
        elif count and records >= (count if stored.page > 1 else MOST):
            self._learn(stored)
        return count

    def _learn(self, stored: StoredResponse) -> None:
        """Remember what a full page shows, unless it is the page before it once more."""
        source, method, count = stored.source, stored.request.method, stored.count
        if self._grants.known(source, method) != count and not self._is_same_as_before(stored):
            self._grants.learn(source, method, count)

    def _is_same_as_before(self, stored: StoredResponse) -> bool:
        """Whether a page is the one before it once more: so a server does that minds no numbers."""
        try:
            before = self._responses.latest(msgspec.structs.replace(stored.response_key, page=stored.page - 1))
        except StoreError:
            return False  # whoever keeps the page says what is wrong
        return before is not None and before.body == stored.body

    async def confirm(self, ask: Ask, place: ResponseKey, checked_at: float) -> Outcome:
        """Note that the server said again what is kept (a 304)."""
        return await self.run(lambda: self._confirm(ask, place, checked_at))

    def _confirm(self, ask: Ask, place: ResponseKey, checked_at: float) -> Outcome:
        self._responses.touch(place, checked_at)
        newest = self._responses.latest(place)
        if newest is None:
            raise StoreError("What the server says is unchanged can't be read any more.")
        taken = self._same(ask, newest, _records(newest))
        return Outcome(ask, taken, newest.count, False, hash(newest.body))

    def _same(self, ask: Ask, stored: StoredResponse, records: int) -> IngestResult:
        """Take in that an answer is the same as the one before."""
        taken = self._catalogue.confirm(stored.response_key, stored.checked_at)
        if taken is None or (not taken.record_count and records):
            taken = IngestResult(ask.request, joins_known=True)
        return taken._replace(ended=records < stored.count and not taken.has_next, record_count=records)

    async def catch_up(self) -> int:
        """Take into the catalogue what it has not yet; return how many responses these were."""
        lacking = self._catalogue.pending_count
        if not lacking:
            return 0
        if lacking >= LONG:
            self._notice(f"Taking {lacking:,} saved answers into the catalogue; lists fill up when it is done.")
        return await self.run(lambda: self._catalogue.catch_up(self._going_on))

    def _going_on(self, done: int, of: int) -> None:
        del done, of
        if self._stopping.is_set():
            raise StoppedError

    async def aclose(self) -> bool:
        """End the thread, in `CLOSE_SECONDS` at most; say whether it has ended, so that the files can be closed."""
        self._stopping.set()
        last = self._writer.submit(lambda: None)
        self._writer.shutdown(wait=False)
        done, _ = await asyncio.wait([asyncio.wrap_future(last)], timeout=CLOSE_SECONDS)
        return bool(done)


def _records(stored: StoredResponse) -> int:
    """Count the records of an answer; raises `NotFlattrAnswerError` for what is none."""
    try:
        return decode(stored.answer, stored.body, stored.content_type).records
    except NotFlattrError as error:
        raise NotFlattrAnswerError(f"the answer is {error}.") from error


def _heard(writing: "asyncio.Future[Any]") -> None:
    if not writing.cancelled():
        writing.exception()

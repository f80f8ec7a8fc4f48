"""Decides which page of a list to fetch next: at its top, in a gap, after the last saved row, or all again.

Fetching always ends, whatever the server does. If a server ignores page numbers, or changes the order with every
request, no more pages are requested once they contain nothing new, until the next refresh.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Protocol

from flattr_tui.api.errors import NotFoundError
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.fetch.api_page_sizes import PageSizes
from flattr_tui.library.fetch.fetch_queue import FetchRequest, Priority
from flattr_tui.library.fetch.store_writer import FetchResult
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.store.catalogue_types import ListStats, RowEntry, Scope

Window = tuple[int, int | None]
"""A range of rows: the first one, and the one after the last (None: to the end of the list)."""
Fetch = Callable[[FetchRequest, Priority], Awaitable[FetchResult]]
MAX_STEPS_BACK: Final = 8
"""How often `fetch_all` goes back to a page that has changed, before it continues anyway."""
PAGE_OFFSETS: Final = (0, 1, -1, 2, 3, 4)
"""Numbers added to the estimated page number of a gap to find it, because the list may have grown or shrunk."""
NEARLY_FULL: Final = 0.85
"""Share of the requested items that a page must have so that the missing ones may merely be hidden."""
LOOP_LIMIT: Final = (4, 1000)
"""`(factor, number)`: a server that sends more than `factor * saved items + number` items repeats itself."""
MAX_FRUITLESS: Final = 24
"""Maximum number of pages in a row that change the list without completing it. Then fetching stops."""
Shape = tuple[int, int, bool]
"""State of a list: number of rows, number of items, and whether its end is known.

A useless page leaves it unchanged.
"""


class StallDetector:
    """Counts fetches that brought nothing new.

    `place` is the position of a page in the list: its offset at the server.
    """

    def __init__(self) -> None:
        self._shape: Shape = (0, 0, False)
        self._tried: dict[int, int] = {}
        """How many pages at each offset were useless since the list last changed."""
        self._best: Shape = (0, 0, False)
        """The best progress so far: items minus gaps, and whether the end is known. Each number should grow."""
        self._fruitless = 0

    @property
    def is_stalled(self) -> bool:
        """Whether further fetches would not complete the list, even if its content keeps changing."""
        return self._fruitless >= MAX_FRUITLESS

    def tries_at(self, stats: ListStats, place: int) -> int:
        """Return how many fetches at an offset brought nothing new since the list last changed."""
        return self._tried.get(place, 0) if self._shape == _shape(stats) else 0

    def record(self, before: ListStats, after: ListStats, place: int) -> None:
        """Record the state of the list before and after the page at the offset `place` was fetched."""
        rows, saved, ended = shape = _shape(after)
        if shape == _shape(before):
            tries = self.tries_at(after, place) + 1
            self._tried = (self._tried if self._shape == shape else {}) | {place: tries}
            self._shape = shape
            # More places than gaps: the gaps keep changing their sizes.
            self._fruitless += len(self._tried) > rows - saved + 1
        elif (reached := (saved, saved - rows, ended)) > self._best:
            self._best, self._fruitless = reached, 0
        else:
            self._fruitless += 1


def _shape(stats: ListStats) -> Shape:
    return len(stats), stats.saved, stats.ended


class ListCatalogue(Protocol):
    """The part of the catalogue that a paginator needs."""

    def list_stats(self, scope: Scope, request: ApiRequest) -> ListStats:
        """Return what is known about a list."""
        ...

    def gaps(self, feed: int) -> list[RowEntry]:
        """Return the gaps of the list with the id `feed`, in order."""
        ...


class Paginator:
    """Fetches one list page by page through `fetch`.

    The catalogue knows what is saved, so a new paginator continues where another one stopped.
    """

    def __init__(
        self, request: ApiRequest, *, scope: Scope, fetch: Fetch, catalogue: ListCatalogue, page_sizes: PageSizes
    ) -> None:
        self.request = request
        self.priority = Priority.SCREEN
        self._scope = scope
        self._fetch = fetch
        self._catalogue = catalogue
        self._page_sizes = page_sizes
        self._is_list = BY_NAME[request.method].is_list
        self._first_page_size: int | None = None
        self._stalls = StallDetector()
        self._page_hashes: dict[int, int] = {}
        """The hash of each page that had items, by page number, from the last time that it was fetched."""
        self._first_numbers: dict[int, int] = {}
        """The page number under which each hash was first seen."""
        self._short_page = self._confirmed_page = 0
        """Numbers of the short page that is the only sign of the list's end, and of the last page checked for this."""
        self.ignores_paging = False
        """Whether a page had more items than requested, because the server ignores paging and sends all at once."""
        self._uneven = False
        """Whether pages differed in length, or were short although others followed."""
        self.has_no_next = False
        """Whether the server said that there is no page after the saved ones."""
        self.repeats_pages = False
        """Whether the same page came under two numbers. The server then ignores page numbers, and has no more pages."""

    @property
    def stats(self) -> ListStats:
        """What is saved of the list: counts and times."""
        return self._catalogue.list_stats(self._scope, self.request)

    def count_missing(self, stats: ListStats) -> int:
        """Return the number of items that are missing in gaps, where a gap of unknown size counts as one."""
        return sum(gap.missing or 1 for gap in self._gaps(stats))

    @property
    def is_complete(self) -> bool:
        """Whether the whole list is saved, as far as this can be known."""
        stats = self.stats
        return (stats.ended or self.has_no_next) and stats.saved == len(stats)

    async def fetch_page(self, number: int) -> FetchResult:
        """Fetch one page and return the result. Pages are numbered from 1; a method without pages has one.

        The first page is requested as large as possible, and shows the server's page size.
        """
        if not self._is_list:
            return await self._fetch(FetchRequest(self.request), self.priority)
        source, method = self._scope.source, self.request.method
        count = self._page_sizes.size_to_request(source, method) if number == 1 else await self._page_size()
        outcome = await self._fetch(FetchRequest(self.request, number, count), self.priority)
        if number == 1:
            self._first_page_size = outcome.count
        items, known = outcome.ingested.record_count, self._page_sizes.known(source, method)
        self.ignores_paging = self.ignores_paging or items > count
        self._uneven |= items > outcome.count or (outcome.ingested.has_next and items < outcome.count)
        # If the size of a full page is known, a much shorter one can't be explained by hidden items.
        may_go_on = self._uneven or known is None or items >= NEARLY_FULL * known
        self._short_page = number if items and outcome.is_last_page and may_go_on else 0
        if items:
            first = self._first_numbers.setdefault(outcome.body_hash, number)
            self.repeats_pages = self.repeats_pages or (
                first != number and self._page_hashes.get(first) == outcome.body_hash
            )
            self._page_hashes[number] = outcome.body_hash
        return outcome

    async def _page_size(self) -> int:
        """Return the page size for pages after the first.

        If it is unknown, the first page is fetched, which shows it.
        """
        known = self._page_sizes.known(self._scope.source, self.request.method)
        return self._first_page_size or known or (await self.fetch_page(1)).count

    # -- the top of the list

    async def fetch_head(self) -> None:
        """Fetch pages from the top until one contains known rows. If no rows are known, fetch one page."""
        first = not self.stats.saved
        number, self.repeats_pages, self.has_no_next = 1, False, False
        while True:
            outcome = await self._fetch_existing(number)
            if outcome is None or first or outcome.is_last_page or outcome.ingested.joins_known or self.repeats_pages:
                break
            if self._is_looping(number, outcome):
                break
            number += 1
        self._stalls = StallDetector()  # gives gaps that could not be filled another chance

    async def recheck_head(self) -> None:
        """Fetch the first page again."""
        self.repeats_pages = self.has_no_next = False
        await self.fetch_page(1)
        self._stalls = StallDetector()  # what was tried in vain is tried again

    async def fetch_missing(self, on_progress: Callable[[], None]) -> None:
        """Fetch all gaps, then everything after the last saved row. Calls `on_progress` before each page."""
        while (at := self._next_gap([(0, None)])) is not None or self.end_uncertain:
            on_progress()
            await (self._fetch_at(*at) if at is not None else self.confirm_end())

    async def fetch_all(self) -> None:
        """Fetch all pages from the first to the last. If the list shrank between two pages, go back one page."""
        number, back, self._confirmed_page = 1, MAX_STEPS_BACK, 0
        self.repeats_pages = self.has_no_next = False
        while True:
            outcome = await self._fetch_existing(number)
            if outcome is None:
                break
            if outcome.ingested.suspicious and number > 1 and back:
                back -= 1
                await self.fetch_page(number - 1)
                outcome = await self.fetch_page(number)
            if (
                (outcome.is_last_page and not self.end_uncertain)
                or self.repeats_pages
                or self._is_looping(number, outcome)
            ):
                break
            self._confirmed_page = self._short_page
            number += 1
        self._short_page = 0
        self._stalls = StallDetector()  # what was tried in vain is tried again

    # -- the end of the list

    @property
    def end_uncertain(self) -> bool:
        """Whether a short page is the only sign of the list's end; `confirm_end` then fetches the page after it.

        Only an empty page proves the end (content/api/index.md, 'Pagination'). A page may also be short because the
        server limits its size, or because it hides items from us.
        """
        return self._short_page > self._confirmed_page and not self.repeats_pages

    async def confirm_end(self) -> None:
        """Fetch the page after the short one, to learn whether the list ends there."""
        self._confirmed_page = self._short_page
        outcome = await self._fetch_existing(self._short_page + 1)
        if outcome is None or not outcome.ingested.new:
            self._short_page = 0
        else:
            self._uneven = True

    async def _fetch_existing(self, number: int) -> FetchResult | None:
        """Fetch a page and return the result; None for a 404, which some servers send instead of an empty page.

        The list itself exists: otherwise fetching its first page would have raised `NotFoundError`.
        """
        try:
            return await self.fetch_page(number)
        except NotFoundError:
            if number == 1:
                raise
        await self.fetch_page(1)
        self._short_page, self.has_no_next = 0, True
        return None

    def _is_looping(self, number: int, outcome: FetchResult) -> bool:
        times, more = LOOP_LIMIT
        return number * (outcome.ingested.record_count or outcome.count) > times * self.stats.saved + more

    # -- gaps

    def has_gap(self, start: int = 0, stop: int | None = None) -> bool:
        """Whether the rows from `start` to `stop` (excluded; None: to the end) have a gap that is worth fetching."""
        return self._next_gap([(start, stop)]) is not None

    def has_gap_in(self, windows: Iterable[Window]) -> bool:
        """Whether any of these ranges of rows has a gap that is worth fetching."""
        return self._next_gap(windows) is not None

    async def fetch_gap(self, start: int = 0, stop: int | None = None) -> None:
        """Fetch the page with the first missing row from `start` to `stop` (excluded; None: to the end)."""
        if (at := self._next_gap([(start, stop)])) is not None:
            await self._fetch_at(*at)

    async def _fetch_at(self, offset: int, tries: int) -> None:
        """Fetch the page of a missing row by the row's offset at the server. `tries` is how often that was in vain."""
        before = self.stats
        number = max(1, offset // await self._page_size() + 1 + PAGE_OFFSETS[tries])
        if self._uneven and self._page_hashes and before.saved == len(before):
            number = max(self._page_hashes) + 1  # an estimate would not lead past the last page
        outcome = await self._fetch_existing(number)
        if outcome is not None and outcome.ingested.suspicious and number > 1:
            await self.fetch_page(number - 1)
        self._stalls.record(before, self.stats, offset)

    def _next_gap(self, windows: Iterable[Window]) -> tuple[int, int] | None:
        """Return the offset at the server of the first missing row in any of the ranges, and how often it was tried.

        Returns None if there is nothing left to try. The saved rows are read once for all ranges.
        """
        if not self._is_list or self._stalls.is_stalled or self.repeats_pages:
            return None
        stats = self.stats
        if self.has_no_next and stats.saved == len(stats):
            return None
        gaps = self._gaps(stats)
        for start, stop in windows:
            offset = first_missing_offset(stats, gaps, start, stop)
            if offset is not None and (tries := self._stalls.tries_at(stats, offset)) < len(PAGE_OFFSETS):
                return offset, tries
        return None

    def _gaps(self, stats: ListStats) -> Sequence[RowEntry]:
        return self._catalogue.gaps(stats.id) if stats.saved < len(stats) else ()


def first_missing_offset(stats: ListStats, gaps: Sequence[RowEntry], start: int, stop: int | None) -> int | None:
    """Return the offset at the server of the first missing row from `start` to `stop`; None if none is missing.

    If a gap of unknown size lies above, its offset is returned, because the others can't be computed before it is
    filled.
    """
    length, before = len(stats), 0
    stop = length + 1 if stop is None else stop
    for number, gap in enumerate(gaps):
        row = gap.position - stats.low
        if row >= stop:
            return None
        if gap.missing is None or row >= start:
            return row - number + before
        before += gap.missing
    if stop > length and not stats.ended:
        return length - len(gaps) + before
    return None

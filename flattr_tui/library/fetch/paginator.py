"""Decides which API page of a list to fetch next: at its top, in a gap, after the last saved row, or all again.

Fetching always ends. If a server ignores page numbers, or changes the order with every request, no more pages are
requested after pages without new items, until the next refresh.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Protocol

from flattr_tui.api.errors import NotFoundError
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.fetch.queue_and_limits import FetchRequest, PageSizes, Priority
from flattr_tui.library.fetch.store_writer import FetchResult
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.store.catalogue_schema import RowEntry, Scope
from flattr_tui.store.saved_list_rows import ListStats

Window = tuple[int, int | None]
"""A range of rows: the index of the first row, and that of the row after the last (None: to the end of the list)."""
Fetch = Callable[[FetchRequest, Priority], Awaitable[FetchResult]]
"""Fetches and stores an API page or a single object, and returns what the response changed in saved data."""
MAX_STEPS_BACK: Final = 8
"""How often `fetch_all` fetches an earlier page again because the list has shrunk. After that, it only goes on."""
PAGE_OFFSETS: Final = (0, 1, -1, 2, 3, 4)
"""Numbers that are added to the estimated page number of a gap, one after the other, until the gap is found.

The estimate is wrong if the list has grown or shrunk.
"""
NEARLY_FULL: Final = 0.85
"""Share of the page size from which on a page counts as full: its missing items may merely be hidden."""
LOOP_LIMIT: Final = (4, 1000)
"""`(factor, number)`: a server that sends more than `factor * saved items + number` items repeats itself."""
MAX_FRUITLESS: Final = 24
"""Maximum number of pages in a row that bring the list no nearer to completion. Then fetching stops."""
Shape = tuple[int, int, bool]
"""The state of a list: number of rows (items and gaps), number of items, and whether the list's end is known.

A page without anything new leaves this state unchanged.
"""


class StallDetector:
    """Tells when to stop fetching a list, because too many pages in a row have brought nothing new.

    In all methods, `offset` identifies a page: it is the number of items above the page in the server's list.
    """

    def __init__(self) -> None:
        self._shape: Shape = (0, 0, False)
        self._tried: dict[int, int] = {}
        """By offset, the number of pages there that brought nothing new since the list last changed."""
        self._best: Shape = (0, 0, False)
        """The furthest progress so far: number of items, number of gaps (negative), whether the end is known."""
        self._fruitless = 0
        """Number of pages in a row without progress."""

    @property
    def is_stalled(self) -> bool:
        """Whether to stop fetching, because many pages in a row have brought the list no nearer to completion."""
        return self._fruitless >= MAX_FRUITLESS

    def tries_at(self, stats: ListStats, offset: int) -> int:
        """Return how many pages at `offset` have brought nothing new since the list last changed.

        `stats` is the present state of the list.
        """
        return self._tried.get(offset, 0) if self._shape == _shape(stats) else 0

    def record(self, before: ListStats, after: ListStats, offset: int) -> None:
        """Record that a page at `offset` was fetched. `before` and `after` are the list's states before and after."""
        rows, saved, ended = shape = _shape(after)
        if shape == _shape(before):
            tries = self.tries_at(after, offset) + 1
            self._tried = (self._tried if self._shape == shape else {}) | {offset: tries}
            self._shape = shape
            # If more offsets were tried than there are gaps, the gaps keep changing their sizes.
            self._fruitless += len(self._tried) > rows - saved + 1
        elif (reached := (saved, saved - rows, ended)) > self._best:
            self._best, self._fruitless = reached, 0
        else:
            self._fruitless += 1


def _shape(stats: ListStats) -> Shape:
    return len(stats), stats.saved, stats.ended


class ListCatalogue(Protocol):
    """The methods of the catalogue that a paginator uses."""

    def list_stats(self, scope: Scope, request: ApiRequest) -> ListStats:
        """Return the counts and times of a saved list. `request` is the API request for the list.

        `scope` is the source and account under which the list is saved.
        """
        ...

    def gaps(self, list_id: int) -> list[RowEntry]:
        """Return the gaps between the saved rows of a list, from top to bottom."""
        ...


class Paginator:
    """Fetches one list, API page by API page, or a single object. `fetch` is called for each page.

    The catalogue knows which rows of the list are saved, so a new paginator continues where another one stopped.
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
        """By page number, the hash of the body that last came, for pages with items."""
        self._first_numbers: dict[int, int] = {}
        """By hash of a page's body, the page number under which that body first came."""
        self._new_pages: set[int] = set()
        """Numbers of the pages with new rows that `has_shrunk` has not checked yet."""
        self._short_page = self._confirmed_page = 0
        """`_short_page` is the number of the page that is short, which is the only sign of the list's end; 0 for none.

        `_confirmed_page` is the number of the short page after which the next page was last fetched to make sure.
        """
        self.ignores_paging = False
        """Whether a page had more items than requested. The server then ignores paging, and sends all items at once."""
        self._uneven = False
        """Whether pages differed in length, or were short although other pages followed."""
        self.has_no_next = False
        """Whether the server said (404) that there is no page after the saved ones."""
        self.repeats_pages = False
        """Whether two page numbers returned the same page.

        The server then ignores page numbers, and has no other pages.
        """

    @property
    def stats(self) -> ListStats:
        """The counts and times of the list's saved rows."""
        return self._catalogue.list_stats(self._scope, self.request)

    def count_missing(self, stats: ListStats) -> int:
        """Return the number of items that are missing between saved items. A gap of unknown size counts as one item.

        `stats` is the present state of the list.
        """
        return sum(gap.missing or 1 for gap in self._gaps(stats))

    @property
    def is_complete(self) -> bool:
        """Whether the whole list is saved, as far as this can be known."""
        stats = self.stats
        return (stats.ended or self.has_no_next) and stats.saved == len(stats)

    async def fetch_page(self, number: int) -> FetchResult:
        """Fetch the API page with this number (from 1), and return what the page changed in saved data.

        A single object has only page 1. Page 1 of a list is requested with the largest page size, because the number of
        items in the response shows which page size the server allows.
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
        # If the size of a full page is known, hidden items can't explain a much shorter page.
        may_go_on = self._uneven or known is None or items >= NEARLY_FULL * known
        self._short_page = number if items and outcome.is_last_page and may_go_on else 0
        if items:
            first = self._first_numbers.setdefault(outcome.body_hash, number)
            self.repeats_pages = self.repeats_pages or (
                first != number and self._page_hashes.get(first) == outcome.body_hash
            )
            self._page_hashes[number] = outcome.body_hash
        if outcome.ingested.new:
            self._new_pages.add(number)
        return outcome

    async def _page_size(self) -> int:
        """Return the page size to request for pages after the first: the largest size that the server allows.

        If this size is unknown, the first page is fetched to find it out.
        """
        known = self._page_sizes.known(self._scope.source, self.request.method)
        return self._first_page_size or known or (await self.fetch_page(1)).count

    # -- the top of the list

    async def fetch_head(self) -> None:
        """Fetch pages from the top of the list until a page contains rows that were saved before.

        If no rows were saved before, one page is fetched.
        """
        first = not self.stats.saved
        number, self.repeats_pages, self.has_no_next = 1, False, False
        while True:
            outcome = await self._fetch_existing(number)
            if outcome is None or first or outcome.is_last_page or outcome.ingested.joins_known or self.repeats_pages:
                break
            if self._is_looping(number, outcome):
                break
            number += 1
        self._stalls = StallDetector()  # gaps that could not be filled before are tried again

    async def recheck_head(self) -> None:
        """Fetch the first page again, because it is stale.

        After that, `fetch_gap` and `fetch_missing` try again to fill gaps that they could not fill before.
        """
        self.repeats_pages = self.has_no_next = False
        await self.fetch_page(1)
        self._stalls = StallDetector()

    async def fetch_missing(self, on_progress: Callable[[], None]) -> None:
        """Fetch all rows that are missing: in gaps, then after the last saved row.

        Calls `on_progress` before each page.
        """
        while (at := self._next_gap([(0, None)])) is not None or self.end_uncertain:
            on_progress()
            await (self._fetch_at(*at) if at is not None else self.confirm_end())

    async def fetch_all(self) -> None:
        """Fetch all pages of the list, from the first to the last, even those that are saved.

        If an item is removed from the list meanwhile, the items after it move up, and one moves to a page that was
        fetched already. That page is then fetched again.
        """
        number, back, self._confirmed_page = 1, MAX_STEPS_BACK, 0
        self._new_pages.clear()
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
        self._stalls = StallDetector()  # gaps that could not be filled before are tried again

    async def has_shrunk(self) -> bool:
        """Return whether rows were removed from the list while its pages were fetched. If so, call `fetch_all`.

        If a row is removed between the requests for two pages, the first row of the later page moves to the earlier
        page, and is never fetched. This shows only if the earlier page is fetched again. Fetching all pages again would
        double the number of requests. So this method fetches only some pages again: page 1, where most rows are
        removed; pages 2, 3, 4, 8, 16 and so on; and the pages beside the first and the last page with new rows. If
        neither of two pages has new rows, the row that moved between them is saved already.
        """
        new, self._new_pages = self._new_pages, set()
        if not new or self.ignores_paging or self.repeats_pages:
            return False
        first, last = min(new), max(new)
        numbers = {3, first - 1, last - 1, last, *(1 << power for power in range(last.bit_length()))} - {0}
        for number in sorted(numbers, reverse=True):
            if number + 1 in self._page_hashes and not new.isdisjoint((number, number + 1)):
                outcome = await self._fetch_existing(number)
                if outcome is None or outcome.ingested.shrunk:
                    return True
        return False

    # -- the end of the list

    @property
    def end_uncertain(self) -> bool:
        """Whether only a short page suggests that the list has ended. Call `confirm_end` to be certain.

        Only an empty page proves the end (content/api/index.md, 'Pagination'). A page may also be short because the
        server allows no longer pages, or because it hides items from this user.
        """
        return self._short_page > self._confirmed_page and not self.repeats_pages

    async def confirm_end(self) -> None:
        """Find out whether the list goes on after a short page, which may be the last: fetch the page after it."""
        self._confirmed_page = self._short_page
        outcome = await self._fetch_existing(self._short_page + 1)
        if outcome is None or not outcome.ingested.new:
            self._short_page = 0
        else:
            self._uneven = True

    async def _fetch_existing(self, number: int) -> FetchResult | None:
        """Fetch the page with this number, and return what the page changed in saved data.

        Returns None if the server has no such page and sends 404, because the list is shorter. Raises `NotFoundError`
        if the list does not exist.
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

    def has_gap(self, windows: Iterable[Window]) -> bool:
        """Whether some rows in `windows`, which are ranges of rows, are missing and should be fetched.

        Rows that several fetches did not bring are ignored. The database is read once for all ranges.
        """
        return self._next_gap(windows) is not None

    async def fetch_gap(self, start: int = 0, stop: int | None = None) -> None:
        """Fetch the page with the first missing row in a range of rows, unless no row is missing.

        The range is from `start` to `stop` (excluded); with `stop` None, it goes to the end of the list.
        """
        if (at := self._next_gap([(start, stop)])) is not None:
            await self._fetch_at(*at)

    async def _fetch_at(self, offset: int, tries: int) -> None:
        """Fetch the page that probably contains a missing row. `offset` is the row's position at the server, from 0.

        `tries` is the number of pages that were fetched before for this row and did not contain it.
        """
        before = self.stats
        number = max(1, offset // await self._page_size() + 1 + PAGE_OFFSETS[tries])
        if self._uneven and self._page_hashes and before.saved == len(before):
            number = max(self._page_hashes) + 1  # an estimate would not lead past the last page
        outcome = await self._fetch_existing(number)
        if outcome is not None and outcome.ingested.suspicious and number > 1:
            await self.fetch_page(number - 1)
        self._stalls.record(before, self.stats, offset)

    def _next_gap(self, windows: Iterable[Window]) -> tuple[int, int] | None:
        """Return the position at the server of the next missing row, and the number of vain attempts to fetch it.

        `windows` are the ranges of rows to search, one after the other. A row that was tried too often is left out.
        Returns None if there is no row to fetch.
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
    """Return the position at the server of the first missing row in a range of rows; None if no row is missing.

    The range is from `start` to `stop` (excluded); with `stop` None, it goes to the end of the list. `stats` is the
    state of the list, and `gaps` its gaps from top to bottom. Below a gap of unknown size, positions at the server are
    unknown. So if such a gap is above `start`, the position of the gap is returned.
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

"""Which page of a list comes next: to its top, into a hole, behind the last saved row, or all of it once more.

Whatever the server does, that comes to an end: one that ignores the page's number, or lists in another order each time
it is asked, is asked no more once nothing comes of it, until it is looked at afresh.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from flattr_tui.api.errors import NotFoundError
from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.fetch.page_sizes import Grants
from flattr_tui.library.fetch.queue import Ask, Priority
from flattr_tui.library.fetch.stall_detector import Efforts
from flattr_tui.library.fetch.store_writer import Outcome
from flattr_tui.model.api_request import Request
from flattr_tui.store.types import ListStats, RowEntry, Scope

Fetch = Callable[[Ask, Priority], Awaitable[Outcome]]
STEPS_BACK: Final = 8
"""How often a walk goes back for a page that changed under it, before it goes on all the same."""
NEIGHBOURS: Final = (0, 1, -1, 2, 3, 4)
"""Which pages around the reckoned one are tried for a hole: the list may have grown or shrunk since."""
NEARLY_FULL: Final = 0.85
"""From which part of a page on the rest of it may be hidden, instead of not being there."""
CIRCLE: Final = (4, 1000)
"""A walk that read so many times the items that are saved, and so many more, goes round in a circle."""


class ListCatalogue(Protocol):
    """The part of the catalogue that a paginator needs."""

    def list_stats(self, scope: Scope, request: Request) -> ListStats:
        """Return what is known about a list."""
        ...

    def gaps(self, feed: int) -> list[RowEntry]:
        """List the gaps of a list from the top."""
        ...


class Pager:
    """Fetches one list page by page, each in order, through `fetch`. What it knows is what the catalogue says."""

    def __init__(self, request: Request, *, scope: Scope, fetch: Fetch, shelf: ListCatalogue, grants: Grants) -> None:
        self.request = request
        self.priority = Priority.SCREEN
        self._scope = scope
        self._fetch = fetch
        self._shelf = shelf
        self._grants = grants
        self._is_list = BY_NAME[request.method].is_list
        self._shown: int | None = None
        self._efforts = Efforts()
        self._prints: dict[int, int] = {}
        """What the pages that had items looked like when they came last, by number."""
        self._numbers: dict[int, int] = {}
        """Under which number each look came first."""
        self._short = self._confirmed = 0
        """The number of a page whose not being full is all that says that the list ends; what was asked behind it."""
        self.unpaged = False
        """Whether a page had more than were asked for: a server that minds no numbers gives all at once, if ever."""
        self._uneven = False
        """Whether pages came that were longer than others, or not full in the middle of the list."""
        self.ends = False
        """Whether the server said that behind what is saved there is no page."""
        self.repeats = False
        """Whether a page came under two numbers: the server minds none, and has nothing more to give."""

    @property
    def facts(self) -> ListStats:
        """What is saved of the list."""
        return self._shelf.list_stats(self._scope, self.request)

    @property
    def missing(self) -> int:
        """How many items are known to be missing in holes."""
        return sum(hole.missing or 1 for hole in self._holes(self.facts))

    async def page(self, number: int) -> Outcome:
        """Fetch one page.

        The first one is asked for as large as it may be, and shows how large that is.
        """
        if not self._is_list:
            return await self._fetch(Ask(self.request), self.priority)
        source, method = self._scope.source, self.request.method
        count = self._grants.ask_for(source, method) if number == 1 else await self._count()
        outcome = await self._fetch(Ask(self.request, number, count), self.priority)
        if number == 1:
            self._shown = outcome.count
        items, known = outcome.taken.record_count, self._grants.known(source, method)
        self.unpaged = self.unpaged or items > count
        self._uneven |= items > outcome.count or (outcome.taken.has_next and items < outcome.count)
        # Where it is known what a full page is, too much would be hidden of one that has much less.
        may_go_on = self._uneven or known is None or items >= NEARLY_FULL * known
        self._short = number if items and outcome.last and may_go_on else 0
        if items:
            first = self._numbers.setdefault(outcome.print, number)
            self.repeats = self.repeats or (first != number and self._prints.get(first) == outcome.print)
            self._prints[number] = outcome.print
        return outcome

    async def _count(self) -> int:
        """Return how many items a page to ask for behind the first one, which has to be seen to know."""
        known = self._grants.known(self._scope.source, self.request.method)
        return self._shown or known or (await self.page(1)).count

    # -- the top

    async def top(self) -> None:
        """Fetch from the top until it meets what is known; where nothing is, one page."""
        first = not self.facts.saved
        number, self.repeats, self.ends = 1, False, False
        while True:
            outcome = await self._further(number)
            if outcome is None or first or outcome.last or outcome.taken.joins_known or self.repeats:
                break
            if self._in_circle(number, outcome):
                break
            number += 1
        self._efforts = Efforts()  # what was tried in vain is tried again

    async def check(self) -> None:
        """Fetch the first page, since it may be another by now."""
        self.repeats = self.ends = False
        await self.page(1)
        self._efforts = Efforts()  # what was tried in vain is tried again

    async def whole(self) -> None:
        """Fetch from the top to the end, going a page back where the list shrank between two pages."""
        number, back, self._confirmed = 1, STEPS_BACK, 0
        self.repeats = self.ends = False
        while True:
            outcome = await self._further(number)
            if outcome is None:
                break
            if outcome.taken.suspicious and number > 1 and back:
                back -= 1
                await self.page(number - 1)
                outcome = await self.page(number)
            if (outcome.last and not self.doubtful) or self.repeats or self._in_circle(number, outcome):
                break
            self._confirmed = self._short
            number += 1
        self._short = 0
        self._efforts = Efforts()  # what was tried in vain is tried again

    # -- the end

    @property
    def doubtful(self) -> bool:
        """Whether the list ends, as far as is known, with a page that was not full: `confirm` asks what is behind it.

        Only an empty page ends a list for certain (content/api/index.md, 'Pagination'). A page may have fewer items
        since no more are granted than that, or since some are hidden from us.
        """
        return self._short > self._confirmed and not self.repeats

    async def confirm(self) -> None:
        """Fetch the page behind the one that was not full."""
        self._confirmed = self._short
        outcome = await self._further(self._short + 1)
        if outcome is None or not outcome.taken.new:
            self._short = 0
        else:
            self._uneven = True

    async def _further(self, number: int) -> Outcome | None:
        """Fetch a page; None where there is none of that number, as some servers say where others give an empty one.

        The list is there all the same, or the first page raises `NotFoundError` in its turn.
        """
        try:
            return await self.page(number)
        except NotFoundError:
            if number == 1:
                raise
        await self.page(1)
        self._short, self.ends = 0, True
        return None

    def _in_circle(self, number: int, outcome: Outcome) -> bool:
        times, more = CIRCLE
        return number * (outcome.taken.record_count or outcome.count) > times * self.facts.saved + more

    # -- what is missing

    def lacks(self, start: int = 0, stop: int | None = None) -> bool:
        """Whether rows `start` to `stop` (None: to the end) have anything to fetch that was not tried in vain."""
        return self._next(start, stop) is not None

    async def fill(self, start: int = 0, stop: int | None = None) -> None:
        """Fetch the first page that is missing of rows `start` to `stop` (None: to the end)."""
        at = self._next(start, stop)
        if at is None:
            return
        offset, tries = at
        before = self.facts
        number = max(1, offset // await self._count() + 1 + NEIGHBOURS[tries])
        if self._uneven and self._prints and before.saved == len(before):
            number = max(self._prints) + 1  # no reckoning leads behind the last one
        outcome = await self._further(number)
        if outcome is not None and outcome.taken.suspicious and number > 1:
            await self.page(number - 1)
        self._efforts.note(before, self.facts, offset)

    def _next(self, start: int, stop: int | None) -> tuple[int, int] | None:
        """Say before how many items of the server's list there is something missing, and how often that was tried."""
        if not self._is_list or self._efforts.in_vain or self.repeats:
            return None
        facts = self.facts
        offset = missing_from(facts, self._holes(facts), start, stop)
        if offset is None or (self.ends and facts.saved == len(facts)):
            return None
        tries = self._efforts.tries(facts, offset)
        return (offset, tries) if tries < len(NEIGHBOURS) else None

    def _holes(self, facts: ListStats) -> Sequence[RowEntry]:
        return self._shelf.gaps(facts.id) if facts.saved < len(facts) else ()


def missing_from(facts: ListStats, holes: Sequence[RowEntry], start: int, stop: int | None) -> int | None:
    """Say how many items of the server's list stand before the first one that is missing in rows `start` to `stop`.

    Holes that nobody knows the size of come first, wherever they are above: without them the rest can't be reckoned.
    """
    length, before = len(facts), 0
    stop = length + 1 if stop is None else stop
    for number, hole in enumerate(holes):
        row = hole.position - facts.low
        if row >= stop:
            return None
        if hole.missing is None or row >= start:
            return row - number + before
        before += hole.missing
    if stop > length and not facts.ended:
        return length - len(holes) + before
    return None

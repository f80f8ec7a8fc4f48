"""Which page of a list comes next: to its top, into a hole, behind the last saved row, or all of it once more.

Whatever the server does, that comes to an end: one that ignores the page's number, or lists in another order each time
it is asked, is asked no more once nothing comes of it, until it is looked at afresh.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.fetching.grants import Grants
from flattr_tui.library.fetching.keeper import Outcome
from flattr_tui.library.fetching.queue import Ask, Priority
from flattr_tui.model.request import Request
from flattr_tui.store.shapes import Entry, FeedFacts, Scope

Fetch = Callable[[Ask, Priority], Awaitable[Outcome]]
Shape = tuple[int, int, bool]
"""Rows, items, whether the end is known: the same again means that nothing came of a page."""
STEPS_BACK: Final = 8
"""How often a walk goes back for a page that changed under it, before it goes on all the same."""
NEIGHBOURS: Final = (0, 1, -1, 2, 3, 4)
"""Which pages around the reckoned one are tried for a hole: the list may have grown or shrunk since."""
ASTRAY: Final = 24
"""After so many pages in a row that changed the list, but completed it no further, no more are filled in."""
CIRCLE: Final = (4, 1000)
"""A walk that read so many times the items that are saved, and so many more, goes round in a circle."""


class Shelf(Protocol):
    """What a pager reads of the catalogue."""

    def facts(self, scope: Scope, request: Request) -> FeedFacts:
        """Say what is known of a feed."""
        ...

    def holes(self, feed: int) -> list[Entry]:
        """List a feed's holes from the top."""
        ...


class Pager:
    """Fetches one list page by page, each in order, through `fetch`. What it knows is what the catalogue says."""

    def __init__(self, request: Request, *, scope: Scope, fetch: Fetch, shelf: Shelf, grants: Grants) -> None:
        self.request = request
        self.priority = Priority.SCREEN
        self._scope = scope
        self._fetch = fetch
        self._shelf = shelf
        self._grants = grants
        self._is_list = BY_NAME[request.method].is_list
        self._shown: int | None = None
        self._tried: tuple[Shape, dict[int, int]] = ((0, 0, False), {})
        """How often what is missing was asked for in vain, by how many items of the server's list come before it."""
        self._best = (0, 0, False)
        """The most items that were saved, the fewest holes (negative) left then, whether the end was known."""
        self._astray = 0

    @property
    def facts(self) -> FeedFacts:
        """What is saved of the list."""
        return self._shelf.facts(self._scope, self.request)

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
        count = self._grants.ask_for(self._scope.source) if number == 1 else await self._count()
        outcome = await self._fetch(Ask(self.request, number, count), self.priority)
        if number == 1:
            self._shown = outcome.count
        return outcome

    async def _count(self) -> int:
        """Return how many items a page to ask for behind the first one, which has to be seen to know."""
        return self._grants.known(self._scope.source) or self._shown or (await self.page(1)).count

    # -- the top

    async def top(self) -> None:
        """Fetch from the top until it meets what is known; where nothing is, one page."""
        first = not self.facts.saved
        number = 1
        while True:
            outcome = await self.page(number)
            if first or outcome.last or outcome.taken.met or self._in_circle(number, outcome):
                break
            number += 1
        self._look_afresh()

    async def check(self) -> None:
        """Fetch the first page, since it may be another by now."""
        await self.page(1)
        self._look_afresh()

    async def whole(self) -> None:
        """Fetch from the top to the end, going a page back where the list shrank between two pages."""
        number, back = 1, STEPS_BACK
        while True:
            outcome = await self.page(number)
            if outcome.taken.suspicious and number > 1 and back:
                back -= 1
                await self.page(number - 1)
                outcome = await self.page(number)
            if outcome.last or self._in_circle(number, outcome):
                break
            number += 1
        self._look_afresh()

    def _in_circle(self, number: int, outcome: Outcome) -> bool:
        times, more = CIRCLE
        return number * outcome.count > times * self.facts.saved + more

    def _look_afresh(self) -> None:
        """Try again what was tried in vain."""
        self._tried, self._best, self._astray = ((0, 0, False), {}), (0, 0, False), 0

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
        before = self._shape()
        number = max(1, offset // await self._count() + 1 + NEIGHBOURS[tries])
        outcome = await self.page(number)
        if outcome.taken.suspicious and number > 1:
            await self.page(number - 1)
        self._learn(before, offset, tries + 1)

    def _learn(self, before: Shape, offset: int, tries: int) -> None:
        """Take in what came of a page for what is missing at `offset`."""
        rows, saved, ended = shape = self._shape()
        if shape == before:
            tried = (self._tried[1] if self._tried[0] == shape else {}) | {offset: tries}
            self._tried = shape, tried
            self._astray += len(tried) > rows - saved + 1  # there are not so many places: the holes' sizes change
        elif (reached := (saved, saved - rows, ended)) > self._best:
            self._best, self._astray = reached, 0
        else:
            self._astray += 1

    def _shape(self) -> Shape:
        facts = self.facts
        return len(facts), facts.saved, facts.ended

    def _next(self, start: int, stop: int | None) -> tuple[int, int] | None:
        """Say before how many items of the server's list there is something missing, and how often that was tried."""
        if not self._is_list or self._astray >= ASTRAY:
            return None
        facts = self.facts
        offset = missing_from(facts, self._holes(facts), start, stop)
        if offset is None:
            return None
        tries = self._tried[1].get(offset, 0) if self._tried[0] == self._shape() else 0
        return (offset, tries) if tries < len(NEIGHBOURS) else None

    def _holes(self, facts: FeedFacts) -> Sequence[Entry]:
        return self._shelf.holes(facts.id) if facts.saved < len(facts) else ()


def missing_from(facts: FeedFacts, holes: Sequence[Entry], start: int, stop: int | None) -> int | None:
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

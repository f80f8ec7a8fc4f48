"""How a page becomes part of a feed.

The server cuts a list into pages by number, and the list grows at its top while it is read. A page is a contiguous run
of the list at one moment, and later than everything known, so:

- Where it overlaps known rows it aligns with them; what is known between two of its items and not in it is gone.
- Where a list is in the order of time, what is known strictly within the page's time and not in it is gone too, and a
  page without overlap finds its place by time.
- How far a row is from the top counts the rows above it, holes included. So a hole's size is reckoned: it is right
  where the list did not change between the pages beside it.
- A hole is closed by what proves that nothing is left in it, never by its size: by a page that has rows of both sides,
  or by two pages that follow each other by number, the lower one seen after the upper one. Seen before it, the list
  may have grown in between; then the lower one has to be seen once more.
- Nothing stands above page 1, and nothing below a page that ends the list.
- Where a list shrinks between two pages that are read one after the other, as many rows as went above are passed over
  at their seam, and neither page tells. They come in when the pages are read again.
- Known rows between two pages that follow each other by number were either deleted, or a deletion further up moved the
  list between the two requests. Only when one of the pages was seen the same before and after the other was seen are
  they gone; until then the page is suspicious.
"""

import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from flattr_tui.store.list_rows import Row, Rows, hole
from flattr_tui.store.page_snapshots import Pages, PageSeen


class Merged(NamedTuple):
    """What laying a page over a feed did."""

    changed: bool
    """Whether the rows are others than before."""
    new: int
    met: bool
    suspicious: bool
    ended: bool | None
    """Whether the feed is known to its end; None: as before."""
    gap: bool
    """Whether rows stand between this page and a neighbour by number, and nobody can say yet if they are gone."""


class _Place(NamedTuple):
    """Where a page goes: over the positions `start` to `stop` (exclusive)."""

    page: PageSeen
    start: int
    stop: int
    first: int
    """How many of its rows come before the first known one."""
    last: int
    """How many come behind the last known one."""
    overlap: bool
    reached: bool
    """Whether known rows beside the overlap are gone."""


class Merger:
    """Lays pages over one feed."""

    def __init__(
        self, connection: sqlite3.Connection, rows: Rows, *, timed: bool, ended: bool, search: bool, tick: int
    ) -> None:
        self._connection = connection
        self._rows = rows
        self._pages = Pages(connection, rows.feed)
        self._ended = ended
        self._search = search
        self._tick = tick
        """The number of this look at the server, in the order of all looks."""
        self._grew = True
        """Whether the page has items below all that it has in common with the feed."""
        self.timed = timed
        """Whether all pages so far were in the order of time."""
        self._suspicious = False
        self._open = False

    def whole(self, page: PageSeen) -> Merged:
        """Lay a list that came in one piece over the feed."""
        rows = self._rows
        before = [row.item for row in rows.read(rows.low, rows.high + 1)]
        after = [row.item for row in page.rows]
        if before == after:
            return Merged(False, 0, True, False, True, False)
        rows.clear()
        rows.splice(0, 0, page.rows)
        return Merged(True, len(set(after).difference(before)), True, False, True, False)

    def merge(self, page: PageSeen) -> Merged:
        """Lay one page over the feed."""
        rows = self._rows
        self.timed = self.timed and _in_order(page.times)
        if not page.rows:
            changed, new = page.page == 1 and page.records == 0 and len(rows) > 0, 0
            if changed:
                self._forget()
        elif self._search and page.page == 1:
            changed, new = self._begin(page)
        else:
            known = rows.positions(row.item for row in page.rows)
            new = len(page.rows) - len(known)
            changed = self._lay(page, known)
        self._pages.note(page, self._tick)
        for lower in (page.page, page.page + 1):
            changed |= self._join(page.count, lower, mine=lower == page.page)
        return Merged(changed, new, *self._end(page, new), self._open)

    def _forget(self) -> None:
        self._rows.clear()
        self._pages.forget()

    def _begin(self, page: PageSeen) -> tuple[bool, int]:
        """Lay the first page of results: where it differs, the list begins anew, since its order has no reason."""
        rows = self._rows
        stop = rows.high + 1 if page.ends else rows.low + len(page.rows)
        if [row.item for row in rows.read(rows.low, stop)] == [row.item for row in page.rows]:
            self._grew = False
            return False, 0
        new = len(page.rows) - len(rows.positions(row.item for row in page.rows))
        self._forget()
        rows.splice(0, 0, page.rows)
        return True, new

    def _lay(self, page: PageSeen, known: dict[int, int]) -> bool:
        """Put the page in its place; say whether that changed anything."""
        rows = self._rows
        known, moved = self._straighten(page, known)
        places = [place for place, row in enumerate(page.rows) if row.item in known]
        if places:
            first, last = places[0], len(page.rows) - 1 - places[-1]
            start, stop = known[page.rows[places[0]].item], known[page.rows[places[-1]].item] + 1
            self._grew = last > 0
        else:
            first = last = len(page.rows)
            start = stop = self._place(page)
        reached = self._reach(page, start, stop)
        around = _Place(page, *reached, first, last, bool(places), reached != (start, stop))
        above, below, start, stop = self._edges(around) if places else self._gap(around)
        put = [*above, *page.rows, *below]
        if stop - start == len(put) and rows.read(start, stop) == put:
            return moved
        rows.splice(start, stop, put)
        return True

    def _straighten(self, page: PageSeen, known: dict[int, int]) -> tuple[dict[int, int], bool]:
        """Take known items out that the server has moved past others: they come in anew where the page has them."""
        order = [known[row.item] for row in page.rows if row.item in known]
        kept = set(_longest_run(order))
        if len(kept) == len(order):
            return known, False
        for position in sorted(set(order) - kept, reverse=True):
            self._rows.splice(position, position + 1, [])
        return self._rows.positions(item for item, position in known.items() if position in kept), True

    def _reach(self, page: PageSeen, start: int, stop: int) -> tuple[int, int]:
        """Widen a place over all that the page says is gone: what it has no place for in its part of the list."""
        rows = self._rows
        if page.page == 1:
            start = rows.low
        if page.ends:
            stop = rows.high + 1
        if not self.timed or None in page.times:
            return start, stop
        newest, oldest = page.times[0] or 0, page.times[-1] or 0
        while (above := self._neighbour(start, -1)) is not None and above[1] < newest:
            start = above[0]
        while (below := self._neighbour(stop - 1, 1)) is not None and below[1] > oldest:
            stop = below[0] + 1
        return start, stop

    def _neighbour(self, position: int, step: int) -> tuple[int, int] | None:
        """Find the next item above or below with a time, past one hole: its position and time."""
        for at in (position + step, position + 2 * step):
            row = self._rows.at(at)
            if row is None:
                return None
            if row.item > 0:
                time = self._time(row.item)
                return None if time is None else (at, time)
        return None

    def _time(self, item: int) -> int | None:
        found = self._connection.execute("SELECT time FROM item WHERE id = ?", (item,)).fetchone()
        return found[0] if found else None

    def _place(self, page: PageSeen) -> int:
        """Find where a page goes that has nothing in common with the feed: before which position."""
        rows = self._rows
        if page.page == 1:
            return rows.low
        previous = self._pages.last_item(page.count, page.page - 1)
        if not self.timed or None in page.times:
            if previous is not None and (at := rows.positions([previous]).get(previous)) is not None:
                return at + 1
            return rows.at_depth(page.offset)
        newest = page.times[0] or 0
        low, high = rows.low, rows.high + 1
        while low < high:  # the first row that is older than the page
            middle = probe = (low + high) // 2
            row = rows.at(probe)
            while row is not None and row.item < 0 and probe > low:
                probe -= 1
                row = rows.at(probe)
            time = self._time(row.item) if row is not None and row.item > 0 else None
            if time is None or time >= newest:
                low = middle + 1
            else:
                high = probe
        return low

    def _edges(self, place: "_Place") -> tuple[list[Row], list[Row], int, int]:
        """For a page that overlaps: what becomes of the holes above and below it, and the place with them."""
        page, start, stop, rows = place.page, place.start, place.stop, self._rows
        above, below = self._hole(start - 1), self._hole(stop)
        holes: tuple[list[Row], list[Row]] = ([], [])
        start -= above is not None
        if page.page > 1 and start == rows.low:
            holes[0].extend(self._since(page, start))
        elif page.page > 1 and (above is not None or place.first) and not self._follows(page, start):
            holes[0].extend(self._left(None if place.reached else above, place.first))
        stop += below is not None
        if below is not None or (place.last and stop <= rows.high):
            holes[1].extend(self._left(below, place.last))
        return *holes, start, stop

    def _gap(self, place: "_Place") -> tuple[list[Row], list[Row], int, int]:
        """For a page without overlap: the holes above and below it, and the place with the hole that it falls into."""
        page, start, stop = place.page, place.start, place.stop
        found = [self._hole(start - 1), self._hole(stop)]
        start -= found[0] is not None
        stop += found[1] is not None
        above = [] if page.page == 1 else self._since(page, start)
        if page.ends or stop > self._rows.high:
            return above, [], start, stop
        sizes = [item for item in found if item is not None]
        known = None
        # Behind a first page that has nothing in common with what is known, as many may be new as it has, or more.
        if page.page > 1 and len(sizes) == 1 and not place.reached and hole(None) not in above:
            known = sizes[0]
        return above, self._left(known, len(page.rows) + sum(-1 - row.item for row in above)), start, stop

    def _hole(self, position: int) -> int | None:
        row = self._rows.at(position)
        return row.item if row is not None and row.item < 0 else None

    @staticmethod
    def _left(found: int | None, filled: int) -> list[Row]:
        """Make what is left of a hole that so many rows were found of: one of unknown size when the count is none."""
        left = -1 - found - filled if found is not None else 0
        return [hole(left if left > 0 else None)]

    def _follows(self, page: PageSeen, start: int) -> bool:
        """Whether a page begins where the page above it ended, and that is what stands above `start`."""
        above = self._rows.at(start - 1)
        return above is not None and above.item == self._pages.last_item(page.count, page.page - 1)

    def _since(self, page: PageSeen, start: int) -> list[Row]:
        """Make the hole between what ends above `start` and the page, by the page's number."""
        if self._follows(page, start) or self._counted(start) == page.offset:
            return []
        depth = self._rows.depth(start)
        if depth is None:
            return [hole(None)]
        self._suspicious |= depth > page.offset  # something further up is gone
        return [hole(page.offset - depth if page.offset > depth else None)]

    def _counted(self, position: int) -> int | None:
        """Count the rows above a position; None where a hole is among them, whose size is only reckoned."""
        if any(at < position for at, _ in self._rows.holes()[:1]):
            return None
        return position - self._rows.low

    def _join(self, count: int, lower: int, *, mine: bool) -> bool:
        """Look at the seam above page `lower`: take out what can't be there, or find it suspicious."""
        seam = self._pages.seam(count, lower) if lower > 1 else None
        if seam is None:
            return False
        rows = self._rows
        places = rows.positions([seam.last, seam.first] if seam.first else [seam.last])
        above = places.get(seam.last)
        below = places.get(seam.first) if seam.first else rows.high + 1
        if above is None or below is None or below <= above + 1:
            return False
        if seam.certain:
            rows.splice(above + 1, below, [])
            return True
        self._open = True
        if mine and any(row.item > 0 for row in rows.read(above + 1, below)):
            self._suspicious = True
        return False

    def _end(self, page: PageSeen, new: int) -> tuple[bool, bool, bool | None]:
        """Say whether the page met what was known below it, whether it is suspicious, and whether the end is known."""
        rows = self._rows
        if not page.rows:
            ended: bool | None = None
            bottom = rows.high + 1
            if page.records == 0 and (self._follows(page, bottom) or self._counted(bottom) == page.offset):
                ended = True
            return page.records == 0, self._suspicious, ended
        at = rows.positions([page.rows[-1].item])[page.rows[-1].item]
        below = rows.at(at + 1)
        if page.ends:
            return True, self._suspicious, True
        if below is None:
            if self._grew:
                return False, self._suspicious, False
            return self._ended or (page.page == 1 and new == 0), self._suspicious, None
        return below.item > 0, self._suspicious, None


def _in_order(times: Sequence[int | None]) -> bool:
    known = [time for time in times if time is not None]
    return len(known) == len(times) and all(one >= other for one, other in pairwise(known))


def _longest_run(numbers_: Sequence[int]) -> list[int]:
    """Return a longest strictly increasing run: what kept its order (patience sorting)."""
    if all(one < other for one, other in pairwise(numbers_)):
        return list(numbers_)
    tops: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers_):
        pile = bisect_left(tops, number)
        before.append(places[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [number]
        places[pile : pile + 1] = [place]
    run: list[int] = []
    at = places[-1]
    while at >= 0:
        run.append(numbers_[at])
        at = before[at]
    return run[::-1]

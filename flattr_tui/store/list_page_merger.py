"""Merges an API page into a saved list.

The server cuts a list into numbered pages, and the list grows at its top while it is being read. A page is a contiguous
part of the list at one moment, and newer than all known rows. From this follow these rules:

- Where a page overlaps known rows, it is aligned with them. Known rows between two of its items are gone if the page
  lacks them.
- If the list is sorted by time, a page without overlap is placed by time. Known rows strictly between the page's newest
  and oldest time are gone, too, if the page lacks them.
- The depth of a row is the number of rows above it at the server, including the rows in gaps. So the size of a gap is
  an estimate: it is right if the list did not change between the requests for the pages beside it.
- A gap is closed only by proof that nothing is left in it, never by its size. A proof is a page that has rows of both
  sides, or two consecutive pages of which the lower one was seen after the upper one. If the lower one was seen before,
  the list may have grown in between, and the lower page must be fetched again.
- Nothing is above page 1, and nothing below a page that ends the list.
- If rows further up are deleted while two consecutive pages are read, as many rows are skipped at their boundary, and
  neither page shows that. An earlier page shows it when it is read again: it has shrunk. The skipped rows appear when
  all pages are read again.
- Known rows between two consecutive pages were deleted, or a deletion further up moved the list between the two
  requests. They are removed only if one of the pages was seen unchanged before and after the other was seen. Until then
  the page is suspicious.
"""

import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from flattr_tui.store.list_page_snapshots import PageSnapshot, PageSnapshots
from flattr_tui.store.saved_list_rows import ListRows, Row, make_gap


class MergeResult(NamedTuple):
    """The result of merging an API page into a list: what has changed, and whether the list is complete."""

    changed: bool
    """Whether the rows of the list changed."""
    new: int
    """Number of items that the list did not have before."""
    joins_known: bool
    """Whether the page reaches known rows or the end of the list without a gap."""
    suspicious: bool
    """Whether the previous page must be fetched again, because known items between the two pages are missing."""
    ended: bool | None
    """Whether the list is known to its end; None if that has not changed."""
    gap: bool
    """Whether known rows between this page and a neighbouring one may be gone from the server, without a proof."""
    shrunk: bool = False
    """Whether rows of this page, or above it, were deleted since the page was last fetched."""


class _Placement(NamedTuple):
    """Where an API page belongs in the list: it replaces the rows at positions `start` to `stop` (excluded)."""

    page: PageSnapshot
    start: int
    stop: int
    first: int
    """Number of rows of the page above its first known row; all if no row was known."""
    last: int
    """Number of rows of the page below its last known row; all if no row was known."""
    overlap: bool
    """Whether any row of the page was known."""
    extended: bool
    """Whether known rows next to the overlap are gone."""


class PageMerger:
    """Merges API pages into one list, in the transaction of `connection`.

    `rows` are the rows of the list. `timed` is true if all pages so far were sorted by time, `ended` if the end of the
    list is known, and `search` if the list has the results of a search. `tick` is the number of this merge: each merge
    of a page into the list has a larger number than the merge before it.
    """

    def __init__(
        self, connection: sqlite3.Connection, rows: ListRows, *, timed: bool, ended: bool, search: bool, tick: int
    ) -> None:
        self._connection = connection
        self._rows = rows
        self._pages = PageSnapshots(connection, rows.list_id)
        self._ended = ended
        self._search = search
        self._tick = tick
        self._has_new_below = True
        """Whether the page has new items below all known items."""
        self.timed = timed
        """Whether all pages so far were sorted by time."""
        self._suspicious = False
        """The value of `MergeResult.suspicious`."""
        self._unresolved = False
        """The value of `MergeResult.gap`: whether known rows next to this page may be gone."""

    def replace_all(self, page: PageSnapshot) -> MergeResult:
        """Replace all rows of the list by the rows of a page that contains the whole list. Returns what has changed."""
        rows = self._rows
        before = [row.item for row in rows.read(rows.low, rows.high + 1)]
        after = [row.item for row in page.rows]
        if before == after:
            return MergeResult(False, 0, True, False, True, False)
        rows.clear()
        rows.splice(0, 0, page.rows)
        return MergeResult(True, len(set(after).difference(before)), True, False, True, False)

    def merge(self, page: PageSnapshot) -> MergeResult:
        """Merge one page into the list, save the page's snapshot, and return what the merge changed."""
        rows = self._rows
        self.timed = self.timed and _is_sorted(page.times)
        if not page.rows:
            changed, new = page.page == 1 and page.records == 0 and len(rows) > 0, 0
            if changed:
                self._clear()
        elif self._search and page.page == 1:
            changed, new = self._merge_first_results(page)
        else:
            known = rows.find_positions(row.item for row in page.rows)
            new = len(page.rows) - len(known)
            changed = self._merge_rows(page, known)
        shrunk = self._has_shrunk(page)
        self._pages.save(page, self._tick)
        for lower in (page.page, page.page + 1):
            changed |= self._check_boundary(page.count, lower, merges_lower=lower == page.page)
        return MergeResult(changed, new, *self._find_end(page, new), self._unresolved, shrunk)

    def _has_shrunk(self, page: PageSnapshot) -> bool:
        """Whether the page lacks rows that its last snapshot had, or continues after the end of that snapshot.

        A page into which new rows have moved from above ends with the first rows of its snapshot.
        """
        before, now = self._pages.item_ids(page.count, page.page), [row.item for row in page.rows]
        kept = len(set(before).intersection(now))
        return kept > 0 and before[:kept] != now[-kept:]

    def _clear(self) -> None:
        self._rows.clear()
        self._pages.clear()

    def _merge_first_results(self, page: PageSnapshot) -> tuple[bool, int]:
        """Merge the first page of search results. Returns whether the list changed, and how many items are new.

        If the page differs from the known rows, all other rows are dropped, because the order of a search may change
        anywhere.
        """
        rows = self._rows
        stop = rows.high + 1 if page.ends else rows.low + len(page.rows)
        if [row.item for row in rows.read(rows.low, stop)] == [row.item for row in page.rows]:
            self._has_new_below = False
            return False, 0
        new = len(page.rows) - len(rows.find_positions(row.item for row in page.rows))
        self._clear()
        rows.splice(0, 0, page.rows)
        return True, new

    def _merge_rows(self, page: PageSnapshot, known: dict[int, int]) -> bool:
        """Insert the rows of an API page at the right place in the list, and return whether the list changed.

        `known` maps the item id of each row of the page that the list already has to the row's position in the list.
        """
        rows = self._rows
        known, moved = self._drop_moved(page, known)
        places = [place for place, row in enumerate(page.rows) if row.item in known]
        if places:
            first, last = places[0], len(page.rows) - 1 - places[-1]
            start, stop = known[page.rows[places[0]].item], known[page.rows[places[-1]].item] + 1
            self._has_new_below = last > 0
        else:
            first = last = len(page.rows)
            start = stop = self._find_position(page)
        reached = self._extend_range(page, start, stop)
        around = _Placement(page, *reached, first, last, bool(places), reached != (start, stop))
        above, below, start, stop = self._gaps_at_overlap(around) if places else self._gaps_around(around)
        put = [*above, *page.rows, *below]
        if stop - start == len(put) and rows.read(start, stop) == put:
            return moved
        rows.splice(start, stop, put)
        return True

    def _drop_moved(self, page: PageSnapshot, known: dict[int, int]) -> tuple[dict[int, int], bool]:
        """Remove the rows that have another order in the list than on the page. The caller inserts them with the page.

        `known` has, by item id, the positions of those items of the page that the list already has. Returns a
        dictionary like `known` for the items that stay in the list, with their new positions, and whether any row was
        removed.
        """
        order = [known[row.item] for row in page.rows if row.item in known]
        kept = set(_longest_increasing(order))
        if len(kept) == len(order):
            return known, False
        for position in sorted(set(order) - kept, reverse=True):
            self._rows.splice(position, position + 1, [])
        return self._rows.find_positions(item for item, position in known.items() if position in kept), True

    def _extend_range(self, page: PageSnapshot, start: int, stop: int) -> tuple[int, int]:
        """Return the range of rows that the page replaces: `start` to `stop` (excluded), and deleted rows beside it.

        The page proves that rows beside the range were deleted at the server in three cases: they are above page 1,
        below a page that ends the list, or between the newest and the oldest time of a page in a list sorted by time.
        """
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
        """Return the position and time of the next item above (`step` -1) or below (`step` 1) a position.

        One gap between them is skipped. Returns None if there is no such item, or if its time is unknown.
        """
        for at in (position + step, position + 2 * step):
            row = self._rows.row_at(at)
            if row is None:
                return None
            if row.item > 0:
                time = self._time(row.item)
                return None if time is None else (at, time)
        return None

    def _time(self, item: int) -> int | None:
        found = self._connection.execute("SELECT time FROM item WHERE id = ?", (item,)).fetchone()
        return found[0] if found else None

    def _find_position(self, page: PageSnapshot) -> int:
        """Return the position at which to insert a page that shares no item with the list.

        Page 1 is inserted at the top. In a list sorted by time, the times on the page decide. In any other list, the
        page follows the last item of the previous page; if that item is unknown, the number of the page decides.
        """
        rows = self._rows
        if page.page == 1:
            return rows.low
        previous = self._pages.last_item(page.count, page.page - 1)
        if not self.timed or None in page.times:
            if previous is not None and (at := rows.find_positions([previous]).get(previous)) is not None:
                return at + 1
            return rows.position_at_depth(page.offset)
        newest = page.times[0] or 0
        low, high = rows.low, rows.high + 1
        last = rows.row_at(rows.high)
        if last is not None and last.item > 0 and (self._time(last.item) or 0) >= newest:
            return high  # it continues the list, as nearly every page of a sync does
        while low < high:  # find the first row that is older than the page
            middle = probe = (low + high) // 2
            row = rows.row_at(probe)
            while row is not None and row.item < 0 and probe > low:
                probe -= 1
                row = rows.row_at(probe)
            time = self._time(row.item) if row is not None and row.item > 0 else None
            if time is None or time >= newest:
                low = middle + 1
            else:
                high = probe
        return low

    def _gaps_at_overlap(self, placement: "_Placement") -> tuple[list[Row], list[Row], int, int]:
        """Return the gaps to insert above and below a page that overlaps known rows, and the range of rows to replace.

        The range has the rows from `start` to `stop` of `placement`, and the gaps directly beside these rows.
        """
        page, start, stop, rows = placement.page, placement.start, placement.stop, self._rows
        above, below = self._gap_at(start - 1), self._gap_at(stop)
        holes: tuple[list[Row], list[Row]] = ([], [])
        start -= above is not None
        if page.page > 1 and start == rows.low:
            holes[0].extend(self._gap_above(page, start))
        elif page.page > 1 and (above is not None or placement.first) and not self._continues_above(page, start):
            holes[0].extend(self._remaining_gap(None if placement.extended else above, placement.first))
        stop += below is not None
        if below is not None or (placement.last and stop <= rows.high):
            holes[1].extend(self._remaining_gap(below, placement.last))
        return *holes, start, stop

    def _gaps_around(self, placement: "_Placement") -> tuple[list[Row], list[Row], int, int]:
        """Return the gaps to insert above and below a page, then the start and stop (excluded) of the rows to replace.

        This is for a page of which no row was known before (`overlap` is False). If the list has a gap directly above
        or below the page's place, that gap is one of the rows to replace.
        """
        page, start, stop = placement.page, placement.start, placement.stop
        found = [self._gap_at(start - 1), self._gap_at(stop)]
        start -= found[0] is not None
        stop += found[1] is not None
        above = [] if page.page == 1 else self._gap_above(page, start)
        if page.ends or stop > self._rows.high:
            return above, [], start, stop
        sizes = [item for item in found if item is not None]
        known = None
        # Below a first page without overlap there may be as many new rows as it has, or more.
        if page.page > 1 and len(sizes) == 1 and not placement.extended and make_gap(None) not in above:
            known = sizes[0]
        return above, self._remaining_gap(known, len(page.rows) + sum(-1 - row.item for row in above)), start, stop

    def _gap_at(self, position: int) -> int | None:
        """Return the item id of the gap at a position, which is negative; None if there is no gap."""
        row = self._rows.row_at(position)
        return row.item if row is not None and row.item < 0 else None

    @staticmethod
    def _remaining_gap(gap: int | None, filled: int) -> list[Row]:
        """Return a list with one gap: what is left of `gap` after `filled` of its rows were found.

        `gap` is the item id of a gap; None if its size is unknown. If `gap` is None, or if no row seems to be left, the
        size of the returned gap is unknown, because sizes are estimates.
        """
        left = -1 - gap - filled if gap is not None else 0
        return [make_gap(left if left > 0 else None)]

    def _continues_above(self, page: PageSnapshot, start: int) -> bool:
        """Whether the previous page ended with the row directly above `start`, so that there is no gap at `start`."""
        above = self._rows.row_at(start - 1)
        return above is not None and above.item == self._pages.last_item(page.count, page.page - 1)

    def _gap_above(self, page: PageSnapshot, start: int) -> list[Row]:
        """Return the gap between the row above `start` and the page; [] if there is none.

        The size of the gap is estimated from the page's number.
        """
        if self._continues_above(page, start) or self._exact_depth(start) == page.offset:
            return []
        depth = self._rows.depth_of(start)
        if depth is None:
            return [make_gap(None)]
        self._suspicious |= depth > page.offset  # something further up was deleted
        return [make_gap(page.offset - depth if page.offset > depth else None)]

    def _exact_depth(self, position: int) -> int | None:
        """Return how many rows are above a position; None if a gap is above it, because gaps have estimated sizes."""
        if any(at < position for at, _ in self._rows.gaps()[:1]):
            return None
        return position - self._rows.low

    def _check_boundary(self, count: int, lower: int, *, merges_lower: bool) -> bool:
        """Remove the known rows between two consecutive API pages, if they were certainly deleted at the server.

        Returns whether rows were removed. `count` is the page size, and `lower` the number of the second page, which is
        lower in the list. If the rows were only possibly deleted, they stay, and the `MergeResult` gets `gap`. If
        `merges_lower` is true, because the second page is being merged, the `MergeResult` also gets `suspicious`.
        """
        boundary = self._pages.boundary(count, lower) if lower > 1 else None
        if boundary is None:
            return False
        rows = self._rows
        places = rows.find_positions([boundary.last, boundary.first] if boundary.first else [boundary.last])
        above = places.get(boundary.last)
        below = places.get(boundary.first) if boundary.first else rows.high + 1
        if above is None or below is None or below <= above + 1:
            return False
        if boundary.certain:
            rows.splice(above + 1, below, [])
            return True
        self._unresolved = True
        if merges_lower and any(row.item > 0 for row in rows.read(above + 1, below)):
            self._suspicious = True
        return False

    def _find_end(self, page: PageSnapshot, new: int) -> tuple[bool, bool, bool | None]:
        """Return `joins_known`, `suspicious` and `ended` for the `MergeResult` of a page that was just merged.

        They say whether the page reaches known rows or the end of the list, whether the previous page must be fetched
        again, and whether the list is known to its end (None: as before). `new` is the number of the page's items that
        the list did not have before.
        """
        rows = self._rows
        if not page.rows:
            ended: bool | None = None
            bottom = rows.high + 1
            if page.records == 0 and (self._continues_above(page, bottom) or self._exact_depth(bottom) == page.offset):
                ended = True
            return page.records == 0, self._suspicious, ended
        at = rows.find_positions([page.rows[-1].item])[page.rows[-1].item]
        below = rows.row_at(at + 1)
        if page.ends:
            return True, self._suspicious, True
        if below is None:
            if self._has_new_below:
                return False, self._suspicious, False
            return self._ended or (page.page == 1 and new == 0), self._suspicious, None
        return below.item > 0, self._suspicious, None


def _is_sorted(times: Sequence[int | None]) -> bool:
    known = [time for time in times if time is not None]
    return len(known) == len(times) and all(one >= other for one, other in pairwise(known))


def _longest_increasing(positions: Sequence[int]) -> list[int]:
    """Return a longest strictly increasing subsequence of `positions`, by patience sorting.

    The rows at the returned positions have kept their order; the rows at all other positions have moved.
    """
    if all(one < other for one, other in pairwise(positions)):
        return list(positions)
    tops: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for place, number in enumerate(positions):
        pile = bisect_left(tops, number)
        before.append(places[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [number]
        places[pile : pile + 1] = [place]
    run: list[int] = []
    at = places[-1]
    while at >= 0:
        run.append(positions[at])
        at = before[at]
    return run[::-1]

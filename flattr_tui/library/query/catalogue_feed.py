"""The rows of a list as the catalogue contains them, sorted and filtered in a thread if the list is long.

Saved rows in the server's order are available immediately. Of the lists that are sorted or filtered in the thread, the
first rows of each are computed before the other rows of any, because the user waits for them.

`find_flattr_scope` says under which source and account a user's flattrs are saved.
"""

import asyncio
import weakref
from array import array
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from flattr_tui.library.events import FetchState
from flattr_tui.library.query.list_feed import FeedStatus, Gap, Row, Sort, View
from flattr_tui.model.api_request import ApiRequest, fold_username, to_own_request, user_flattrs_request
from flattr_tui.model.data_source import Source, SourceKind
from flattr_tui.model.entities import Item, time_of
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_schema import SHORT_LIST, CancelCheck, RowEntry, Scope
from flattr_tui.store.errors import SearchCancelledError, StoreError
from flattr_tui.store.saved_list_rows import ListStats, make_ids

FIRST_ROWS: Final = 200
"""Number of rows of a sorted or filtered list that are computed and shown first. The other rows follow."""
FindIds = Callable[[CancelCheck], "SortedIds"]


class SortedIds(NamedTuple):
    """The items of a list after sorting and filtering, as ids in the catalogue."""

    stats: ListStats
    """The state of the list from which the ids were computed."""
    ids: "array[int]"
    is_complete: bool
    """Whether these are all ids of the sorted list, not only the first ones."""


class CatalogueFeed:
    """A `Feed` with the rows of one list in the catalogue, sorted and filtered by `view`.

    `request` is the API request for the list. `saved_as` is the request under which the list is saved; None for
    `request` itself. `scope` returns the source and account for which the list is saved; None if the list is not saved.
    `fetching` returns whether the list is being fetched. `arrange` is called with this object to sort the list in a
    thread.
    """

    def __init__(
        self,
        request: ApiRequest,
        view: View,
        *,
        catalogue: Catalogue,
        scope: Callable[[], Scope | None],
        fetching: Callable[[], FetchState],
        arrange: Callable[["CatalogueFeed"], None],
        saved_as: ApiRequest | None = None,
    ) -> None:
        self.request = request
        self._saved_as = saved_as or request
        self.view = view
        self.status = FeedStatus()
        self._catalogue = catalogue
        self._scope = scope
        self._fetching = fetching
        self._arrange = arrange
        self._stats = ListStats()
        self._ids: array[int] | None = None
        self._complete_at: tuple[int, int] | None = None
        self._failed_at: tuple[int, int] | None = None
        self._length = 0
        self._news: tuple[int | None, int] = (None, 0)
        self._news_at: tuple[int, int, int | None] = (0, 0, None)
        self.reload()

    # -- state

    @property
    def _is_server_order(self) -> bool:
        return not self.view.text and self.view.sort is Sort.SERVER

    def reload(self) -> bool:
        """Update the rows and the status from the catalogue. Returns whether the rows may have changed."""
        before = (self._stats, self._ids, self._length, self.status.loading)
        try:
            self._stats = self._read_stats()
            if not self._is_server_order:
                self._reload_view()
        except StoreError:
            self._stats, self._ids = ListStats(), None  # the catalogue reports the problem
        stats, fetching = self._stats, self._fetching()
        arranging = not self._is_server_order and self._ids is None and stats.saved > 0
        shown = stats.saved if self._is_server_order else len(self._ids or ())
        newest, new = self._read_news()
        self.status = FeedStatus(
            new=new,
            newest=newest,
            saved=stats.saved,
            shown=shown,
            ended=stats.ended,
            total=stats.total,
            fetched_at=stats.fetched_at,
            loading=fetching.loading,
            sorting=arranging,
            failure=fetching.failure,
            is_empty=stats.ended and not stats.saved,
        )
        tail = self._is_server_order and not stats.ended and stats.saved > 0
        self._length = (len(stats) + tail) if self._is_server_order else shown
        has_gaps = self._length > stats.saved  # gaps tell whether they are being fetched
        return before != (self._stats, self._ids, self._length, fetching.loading if has_gaps else before[3])

    def _read_stats(self) -> ListStats:
        scope = self._scope()
        return self._catalogue.list_stats(scope, self._saved_as) if scope is not None else ListStats()

    def _read_news(self) -> tuple[int | None, int]:
        """Return the time of the list's newest item (Unix seconds; None if unknown), and the number of new items.

        Items are new if they are newer than `View.seen_until`. The result is cached until the list changes.
        """
        asked = (self._stats.id, self._stats.revision, self.view.seen_until)
        if asked != self._news_at:
            try:
                self._news = self._catalogue.read_news(self._stats.id, self.view.seen_until)
            except StoreError:
                self._news = (None, 0)
            self._news_at = asked
        return self._news

    def _reload_view(self) -> None:
        """Sort and filter the list: immediately if it is short, otherwise in a thread."""
        if self.is_complete:
            return
        if self._stats.saved <= SHORT_LIST:
            view = self.view
            ids = self._catalogue.sort_list(self._stats.id, view.sort.value, view.descending, view.query)
            self.apply_result(SortedIds(self._stats, ids, is_complete=True))
        elif self._failed_at == (self._stats.id, self._stats.revision):
            self._stats, self._ids = ListStats(), None
        else:
            self._arrange(self)  # the old rows stay until all new ones are computed, so that nothing jumps on screen

    @property
    def is_complete(self) -> bool:
        """Whether sorting and filtering has finished for all rows that the list had at the last `reload`."""
        return self._complete_at == (self._stats.id, self._stats.revision)

    @property
    def has_rows(self) -> bool:
        """Whether at least the first rows of the sorted or filtered list are computed and can be shown."""
        return self._ids is not None

    def make_sorter(self) -> FindIds:
        """Return a function that sorts and filters the list. Call that function in a thread.

        If the first rows are not known yet, the function computes only these; otherwise, it computes all rows. Its
        argument is a function that returns True to stop the work.
        """
        stats, view, catalogue = self._stats, self.view, self._catalogue
        asked = stats.id, view.sort.value, view.descending, view.query

        def first(given_up: CancelCheck) -> SortedIds:
            ids = catalogue.sort_list_top(*asked, FIRST_ROWS, given_up)
            return SortedIds(stats, ids, is_complete=len(ids) < FIRST_ROWS)

        return (
            (lambda given_up: SortedIds(stats, catalogue.sort_list(*asked, given_up), True)) if self.has_rows else first
        )

    def apply_result(self, found: SortedIds) -> None:
        """Take over `found`, the result of sorting and filtering. The next `reload` updates the number of rows."""
        self._ids = found.ids
        if found.is_complete:
            self._complete_at = (found.stats.id, found.stats.revision)

    def mark_failed(self) -> None:
        """Record that sorting or filtering failed, so that there are no rows until the list changes."""
        self._failed_at = (self._stats.id, self._stats.revision)

    # -- rows

    def __len__(self) -> int:
        return self._length

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from the index `start` to `stop` (excluded). Indexes after the last row are ignored."""
        start, stop = max(0, start), min(stop, self._length)
        if start >= stop:
            return []
        loading = self.status.loading
        stats = self._stats
        try:
            if not self._is_server_order:
                return self._rows(self._catalogue.read_items((self._ids or make_ids())[start:stop]), loading)
            entries = self._catalogue.read_rows(stats.id, stats.low + start, stats.low + min(stop, len(stats)))
        except StoreError:
            entries = []
        rows = self._rows(entries, loading)
        # Rows that another thread has removed meanwhile are shown as gaps until the next `reload`.
        rows += [Gap(loading=True)] * (min(stop, len(stats)) - start - len(rows))
        if stop > len(stats):
            rows.append(Gap(loading=loading, at_end=True))
        return rows

    def find_row(self, key: str) -> int | None:
        """Return the index of the row whose item has this key; None if there is no such row."""
        try:
            if self._is_server_order:
                at = self._catalogue.find_position(self._stats.id, key)
                return at - self._stats.low if at is not None else None
            return self._find_sorted(key)
        except StoreError:
            return None

    def _find_sorted(self, key: str) -> int | None:
        number = self._catalogue.find_item_id(self._stats.id, key)
        if number is None or not self._ids:
            return None
        try:
            return self._ids.index(number)
        except ValueError:
            return None

    def _rows(self, entries: Sequence[RowEntry], loading: bool) -> list[Row | Gap]:
        seen = self.view.seen_until if self.status.new else None
        return [
            Row(entry.item, entry.key, entry.fetched_at, is_new=seen is not None and _is_after(entry.item, seen))
            if entry.item is not None
            else Gap(missing=entry.missing, loading=loading)
            for entry in entries
        ]


def _is_after(item: Item, seen: int) -> bool:
    time = time_of(item)
    return time is not None and time > seen


class SortWorker:
    """Sorts and filters lists in a thread, one after the other. Work for a list that is no longer shown is given up.

    `changed` is called with a list's request when its rows have been computed. `notice` is called with a sentence if
    the catalogue can't be read, and `crash` with an unexpected exception.
    """

    def __init__(
        self,
        *,
        changed: Callable[[ApiRequest], None],
        notice: Callable[[str], None],
        crash: Callable[[BaseException], None],
    ) -> None:
        self._changed = changed
        self._notice = notice
        self._crash = crash
        self._first: list[weakref.ref[CatalogueFeed]] = []
        """Lists of which no rows are computed yet. They are sorted before those in `_rest`."""
        self._rest: list[weakref.ref[CatalogueFeed]] = []
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def __call__(self, feed: CatalogueFeed) -> None:
        """Queue the list of `feed` to be sorted and filtered in a thread. If it is queued already, nothing happens."""
        waiting = self._rest if feed.has_rows else self._first
        if (asked := weakref.ref(feed)) not in waiting:
            waiting.append(asked)
        if self._task is None and not self._closed:
            self._start()

    async def wait_idle(self) -> None:
        """Wait until all lists that are queued have been sorted and filtered."""
        while self._task is not None and not self._closed:
            await asyncio.wait([self._task])

    def _start(self) -> None:
        self._task = asyncio.create_task(self._sort_all(), name="arrange")
        self._task.add_done_callback(self._on_done)

    async def _sort_all(self) -> None:
        while (waiting := self._first or self._rest) and not self._closed:
            await self._sort(waiting.pop(0))

    def _on_done(self, task: "asyncio.Task[None]") -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._crash(error)
        elif (self._first or self._rest) and not self._closed:  # one more was queued while the last was sorted
            self._start()

    async def _sort(self, feed_ref: "weakref.ref[CatalogueFeed]") -> None:
        """Sort and filter a list. The first pass computes only the first rows, to show them soon; the second, all rows.

        `feed_ref` is a weak reference to the feed, so that the work stops when nobody uses the feed any more.
        """
        feed = feed_ref()
        if feed is None or feed.is_complete:
            return
        find, begun = feed.make_sorter(), feed.has_rows
        del feed
        try:
            found = await asyncio.to_thread(find, lambda: feed_ref() is None or (begun and bool(self._first)))
        except SearchCancelledError:
            found = None
        except StoreError as error:
            self._notice(str(error))
            if (feed := feed_ref()) is not None:
                feed.mark_failed()
                self._changed(feed.request)
            return
        if (feed := feed_ref()) is None:
            return
        if found is not None:
            feed.apply_result(found)
            self._changed(feed.request)
        if not feed.is_complete:
            self(feed)

    def close(self) -> None:
        """Sort no further lists. If a list is being sorted, its sorting continues to the end."""
        self._closed = True


def find_flattr_scope(catalogue: Catalogue, source: Source, account: str, username: str) -> Scope | None:
    """Return the source and the account under which the list of the flattrs of `username` is saved.

    The list of the logged-in user `account` is saved under this account, because it contains hidden flattrs, too. The
    list of any other user is public, and is saved under no account (""). At the source `saved`, the best saved list
    from any source is looked up; returns None if there is none. Raises `StoreError` if the catalogue can't be read.
    """
    if source.kind is not SourceKind.SAVED:
        return Scope(source.name, account if fold_username(username) == fold_username(account) else "")
    whole = user_flattrs_request(username)
    for request in dict.fromkeys((to_own_request(whole, account), whole)):
        mini = request.with_arguments(full="")
        if (scope := catalogue.best_scope(request, account) or catalogue.best_scope(mini, account)) is not None:
            return scope
    return None

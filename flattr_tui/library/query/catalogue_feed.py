"""A feed over the catalogue: read by index, at once, in the server's order or in another one.

What is saved is there at once in the server's order. Another order, or a filter, of a long list is found in a thread
behind the screen: its first rows first, and then all.
"""

from array import array
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from flattr_tui.library.fetch.request_state import Fetching
from flattr_tui.library.query.feed import FeedStatus, Hole, Row, Sort, View
from flattr_tui.model.api_request import Request
from flattr_tui.store.catalogue import CancelCheck, Catalogue
from flattr_tui.store.errors import StoreError
from flattr_tui.store.list_sorter import SHORT_LIST
from flattr_tui.store.types import ListStats, RowEntry, Scope

AT_ONCE: Final = 200
"""How many rows of a sorted or filtered view are found before it is drawn; the others come after."""
Find = Callable[[CancelCheck], "Arranged"]


class Arranged(NamedTuple):
    """Rows of a view, and the state of the list that they were found in."""

    facts: ListStats
    ids: "array[int]"
    whole: bool
    """Whether they are all."""


class LocalFeed:
    """See the module.

    `scope` says whose answers are read (None: there are none), `saved_as` what they answer where that is not quite what
    is asked for, `fetching` what is under way. `arrange` has a view found in a thread, and its readers told.
    """

    def __init__(
        self,
        request: Request,
        view: View,
        *,
        catalogue: Catalogue,
        scope: Callable[[], Scope | None],
        fetching: Callable[[], Fetching],
        arrange: Callable[["LocalFeed"], None],
        saved_as: Request | None = None,
    ) -> None:
        self.request = request
        self._saved_as = saved_as or request
        self.view = view
        self.status = FeedStatus()
        self._catalogue = catalogue
        self._scope = scope
        self._fetching = fetching
        self._arrange = arrange
        self._facts = ListStats()
        self._ids: array[int] | None = None
        self._complete_at: tuple[int, int] | None = None
        self._failed_at: tuple[int, int] | None = None
        self._length = 0
        self.reload()

    # -- the state

    @property
    def _plain(self) -> bool:
        return not self.view.text and self.view.sort is Sort.SERVER

    def reload(self) -> None:
        """Take in what changed since."""
        try:
            self._facts = self._read_facts()
            if not self._plain:
                self._reload_view()
        except StoreError:
            self._facts, self._ids = ListStats(), None  # the catalogue says itself what is wrong with it
        facts, fetching = self._facts, self._fetching()
        arranging = not self._plain and self._ids is None and facts.saved > 0
        shown = facts.saved if self._plain else len(self._ids or ())
        self.status = FeedStatus(
            saved=facts.saved,
            shown=shown,
            ended=facts.ended,
            total=facts.total,
            fetched_at=facts.fetched_at,
            loading=fetching.loading,
            arranging=arranging,
            failure=fetching.failure,
            hidden_or_none=facts.ended and not facts.saved,
        )
        tail = self._plain and not facts.ended and facts.saved > 0
        self._length = (len(facts) + tail) if self._plain else shown

    def _read_facts(self) -> ListStats:
        scope = self._scope()
        return self._catalogue.list_stats(scope, self._saved_as) if scope is not None else ListStats()

    def _reload_view(self) -> None:
        """Find all of a short list now; have a long one found in a thread, where it is not yet."""
        if self.complete:
            return
        if self._facts.saved <= SHORT_LIST:
            view = self.view
            ids = self._catalogue.sort_list(self._facts.id, view.sort.value, view.descending, view.text)
            self.show(Arranged(self._facts, ids, whole=True))
        elif self._failed_at == (self._facts.id, self._facts.revision):
            self._facts, self._ids = ListStats(), None
        else:
            self._arrange(self)  # the rows of before stay until all are found: nothing jumps

    @property
    def complete(self) -> bool:
        """Whether all rows of the view are found, as the list was at the last `reload`."""
        return self._complete_at == (self._facts.id, self._facts.revision)

    @property
    def begun(self) -> bool:
        """Whether there is something to show until all rows are found."""
        return self._ids is not None

    def finder(self) -> Find:
        """Give what finds the first rows of the view, or all once it has begun; to be called in a thread."""
        facts, view, catalogue = self._facts, self.view, self._catalogue
        asked = facts.id, view.sort.value, view.descending, view.text

        def first(given_up: CancelCheck) -> Arranged:
            ids = catalogue.sort_list_top(*asked, AT_ONCE, given_up)
            return Arranged(facts, ids, whole=len(ids) < AT_ONCE)

        return (lambda given_up: Arranged(facts, catalogue.sort_list(*asked, given_up), True)) if self.begun else first

    def show(self, found: Arranged) -> None:
        """Take what was found; shown from the next `reload` on."""
        self._ids = found.ids
        if found.whole:
            self._complete_at = (found.facts.id, found.facts.revision)

    def fail(self) -> None:
        """Take in that it can't be read as it is saved now: there is nothing until something else is saved."""
        self._failed_at = (self._facts.id, self._facts.revision)

    # -- the rows

    def __len__(self) -> int:
        return self._length

    def rows(self, start: int, stop: int) -> list[Row | Hole]:
        """Read rows `start` to `stop`, clipped to the length."""
        start, stop = max(0, start), min(stop, self._length)
        if start >= stop:
            return []
        loading = self.status.loading
        facts = self._facts
        try:
            if not self._plain:
                return _rows(self._catalogue.read_items((self._ids or array("q"))[start:stop]), loading)
            entries = self._catalogue.read_rows(facts.id, facts.low + start, facts.low + min(stop, len(facts)))
        except StoreError:
            entries = []
        rows = _rows(entries, loading)
        # What another thread took away meanwhile is not there until the next `reload`.
        rows += [Hole(loading=True)] * (min(stop, len(facts)) - start - len(rows))
        if stop > len(facts):
            rows.append(Hole(loading=loading, tail=True))
        return rows

    def find(self, key: str) -> int | None:
        """Say where an item stands."""
        try:
            if self._plain:
                at = self._catalogue.find_position(self._facts.id, key)
                return at - self._facts.low if at is not None else None
            return self._find_arranged(key)
        except StoreError:
            return None

    def _find_arranged(self, key: str) -> int | None:
        number = self._catalogue.find_item_id(self._facts.id, key)
        if number is None or not self._ids:
            return None
        try:
            return self._ids.index(number)
        except ValueError:
            return None


def _rows(entries: Sequence[RowEntry], loading: bool) -> list[Row | Hole]:
    return [
        Row(entry.item, entry.key, entry.fetched_at)
        if entry.item is not None
        else Hole(missing=entry.missing, loading=loading)
        for entry in entries
    ]

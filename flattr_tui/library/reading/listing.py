"""A feed over the catalogue: read by index, at once, in the server's order or in another one."""

from array import array
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from flattr_tui.library.fetching.following import Fetching
from flattr_tui.library.reading.feed import FeedStatus, Hole, Row, Sort, View
from flattr_tui.model.request import Request
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.errors import StoreError
from flattr_tui.store.shapes import Entry, FeedFacts, Scope

AT_ONCE: Final = 200
"""How many rows of a sorted or filtered view are found before it is drawn; the others come from a thread."""


class Arranged(NamedTuple):
    """All rows of a view, and the state of the list that they were found in."""

    facts: FeedFacts
    ids: "array[int]"


class LocalFeed:
    """See the module.

    `scope` says whose answers are read (None: there are none), `saved_as` what they answer where that is not quite what
    is asked for, `fetching` what is under way. `arrange` has the
    rest of a view found in a thread, and its readers told.
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
        self._facts = FeedFacts()
        self._ids: array[int] | None = None
        self._complete_at: tuple[int, int] | None = None
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
            self._facts, self._ids = FeedFacts(), None  # the catalogue says itself what is wrong with it
        facts, fetching = self._facts, self._fetching()
        shown = facts.saved if self._plain else len(self._ids or ())
        self.status = FeedStatus(
            saved=facts.saved,
            shown=shown,
            ended=facts.ended,
            total=facts.total,
            fetched_at=facts.fetched_at,
            loading=fetching.loading,
            failure=fetching.failure,
            hidden_or_none=facts.ended and not facts.saved,
        )
        tail = self._plain and not facts.ended and facts.saved > 0
        self._length = (len(facts) + tail) if self._plain else shown

    def _read_facts(self) -> FeedFacts:
        scope = self._scope()
        return self._catalogue.facts(scope, self._saved_as) if scope is not None else FeedFacts()

    def _reload_view(self) -> None:
        """Find the first rows of the view now, and have the others found in a thread."""
        facts = self._facts
        if self.complete:
            return
        if self._ids is None or len(self._ids) < AT_ONCE or facts.saved < AT_ONCE:
            sort, view = self.view.sort.value, self.view
            self._ids = self._catalogue.arranged_first(facts.id, sort, view.descending, view.text, AT_ONCE)
            if len(self._ids) < AT_ONCE:
                self._complete_at = (facts.id, facts.edition)
                return
        self._arrange(self)  # the rows of before stay until all are found: nothing jumps

    @property
    def complete(self) -> bool:
        """Whether all rows of the view are found, as the list was at the last `reload`."""
        return self._complete_at == (self._facts.id, self._facts.edition)

    def finder(self) -> "Callable[[], Arranged]":
        """Give what finds all rows of the view, to be called in a thread."""
        facts, view, catalogue = self._facts, self.view, self._catalogue
        return lambda: Arranged(facts, catalogue.arranged(facts.id, view.sort.value, view.descending, view.text))

    def show(self, found: Arranged) -> None:
        """Take what was found; shown from the next `reload` on."""
        self._ids, self._complete_at = found.ids, (found.facts.id, found.facts.edition)

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
                return _rows(self._catalogue.items((self._ids or array("q"))[start:stop]), loading)
            entries = self._catalogue.entries(facts.id, facts.low + start, facts.low + min(stop, len(facts)))
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
                at = self._catalogue.position(self._facts.id, key)
                return at - self._facts.low if at is not None else None
            return self._find_arranged(key)
        except StoreError:
            return None

    def _find_arranged(self, key: str) -> int | None:
        number = self._catalogue.number(self._facts.id, key)
        if number is None or not self._ids:
            return None
        try:
            return self._ids.index(number)
        except ValueError:
            return None


def _rows(entries: Sequence[Entry], loading: bool) -> list[Row | Hole]:
    return [
        Row(entry.item, entry.key, entry.fetched_at)
        if entry.item is not None
        else Hole(missing=entry.missing, loading=loading)
        for entry in entries
    ]

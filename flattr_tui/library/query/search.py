"""Finding in what is saved, without a connection: things by the search's own filters, and words in everything."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from flattr_tui.library.query.feed import Feed, FeedStatus, Gap, Row, View
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Item
from flattr_tui.model.source import Source, SourceKind

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue, RowEntry, Scope

FIRST = 200
"""Results that are read at once, while all of them may take longer."""
ALL = -1
"""No limit."""
COMPARED = 2_000
"""Of more results than these, it is not looked whether the server once found others."""
GivenUp = Callable[[], bool]
"""Says whether nobody waits for an answer any more."""
Spans = tuple[tuple[int, int], ...]
"""Places in a text: start and stop, in characters."""
KINDS = ("user", "thing", "flattr", "activity")
"""What words are found in, in the order in which it is shown."""


class Hit(msgspec.Struct, frozen=True, dict=True):
    """One find in everything saved. What is told of where the words are is worked out when it is looked at."""

    item: Item
    kind: str
    sought: tuple[str, ...]
    """The words, folded (`store.normalizer`)."""
    source: str
    fetched_at: float

    @cached_property
    def title(self) -> str:
        """What it is, on one line."""
        from flattr_tui.store.snippets import headline  # noqa: PLC0415 -- not needed before something is found

        return headline(self.item)

    @cached_property
    def marks(self) -> Spans:
        """Where in the title the words are (start and stop, in characters)."""
        from flattr_tui.store.normalizer import match_spans  # noqa: PLC0415

        return tuple(match_spans(self.title, self.sought))

    @cached_property
    def _piece(self) -> tuple[str, Spans]:
        from flattr_tui.store.snippets import make_snippet  # noqa: PLC0415

        return make_snippet(self.item, self.sought)

    @property
    def snippet(self) -> str:
        """The piece of text that has the words, on one line."""
        return self._piece[0]

    @property
    def spans(self) -> Spans:
        """Where in the snippet the words are."""
        return self._piece[1]


class SavedFeed:
    """A list of saved items, as a feed that never changes by itself: rows are read as they are looked at."""

    def __init__(
        self,
        request: Request,
        view: View,
        ids: "array[int]",
        read: "Callable[[Sequence[int]], list[RowEntry]]",
        *,
        total: int | None = None,
    ) -> None:
        """Show the items `ids`, in that order, as `read` reads them. `total` is how many there are without a limit."""
        self.request = request
        self.view = view
        self.ids = ids
        self._read = read
        self._known: dict[str, int] = {}
        count = len(ids) if total is None else max(total, len(ids))
        self.status = FeedStatus(saved=count, shown=len(ids), ended=len(ids) == count, is_empty=not count)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.ids)

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Read some rows."""
        start = max(0, start)
        wanted = self.ids[start:stop]
        entries = {entry.position: entry for entry in self._read(wanted)}
        rows: list[Row | Gap] = []
        for position, number in enumerate(wanted):
            entry = entries.get(position)
            if entry is None or entry.item is None:  # it was taken away meanwhile
                rows.append(Gap(missing=1))
                continue
            self._known[entry.key] = number
            rows.append(Row(entry.item, entry.key, entry.fetched_at))
        return rows

    def find_row(self, key: str) -> int | None:
        """Say where an item stands that was read before."""
        number = self._known.get(key)
        try:
            return self.ids.index(number) if number is not None else None
        except ValueError:
            return None

    def follows(self, other: Feed | None) -> None:
        """Know the items that another such feed has read: the cursor looks for its item here."""
        if isinstance(other, SavedFeed):
            self._known.update(other._known)

    def reload(self) -> None:
        """Do nothing: it is what was saved when it was opened."""


class Finder:
    """Searches the catalogue for a source and an account. Every call belongs in a thread.

    Read is what the account may read: at a source what it told the account and what it tells everybody; of the source
    `saved` that of every source. Never what another account was told.
    """

    def __init__(self, catalogue: "Catalogue", source: Source, account: str = "") -> None:
        """Search what is saved of `source`."""
        self._catalogue = catalogue
        self._source = source
        self._account = account

    @property
    def _scope(self) -> "Scope":
        from flattr_tui.store.catalogue import Scope  # noqa: PLC0415 -- not needed before something is searched

        return Scope(self._source.name, self._account)

    def search(
        self, request: Request, view: View | None = None, limit: int = FIRST, given_up: GivenUp | None = None
    ) -> SavedFeed:
        """Open the first results of a search of things, as one types; `status.ended` says whether they are all.

        They stand in the order that the request asks for; what the server once found for the same request, and that
        has other words, comes last. Raises `TagSyntaxError` for a tag expression that does not parse, and
        `GivenUpError` once `given_up` says that nobody waits for the answer any more.
        """
        from flattr_tui.store.catalogue import ThingFilter  # noqa: PLC0415 -- not needed before

        view = view or View()
        wanted = ThingFilter.of(request)
        if view.text:
            wanted = replace(wanted, query=f"{wanted.query} {view.text}".strip())
        found = self._catalogue.search_things(self._scope, wanted, limit, is_cancelled=given_up)
        ids = array("q", found.ids)
        if len(ids) == found.total <= COMPARED and not view.text:
            ids += self._answered(request, ids)
        return SavedFeed(request, view, ids, self._catalogue.read_items, total=max(found.total, len(ids)))

    def _answered(self, request: Request, ids: "array[int]") -> "array[int]":
        """Return what the server found for a request, and `ids` are not."""
        from flattr_tui.store.catalogue import Scope  # noqa: PLC0415 -- not needed before

        catalogue = self._catalogue
        for full in ("1", ""):
            asked = Request.of(request.method, {**dict(request.arguments), "full": full})
            anywhere = self._source.kind is SourceKind.SAVED
            scope = catalogue.best_scope(asked, self._account) if anywhere else Scope(self._source.name)
            feed = catalogue.list_stats(scope, asked).id if scope is not None else 0
            if feed:
                known = {entry.key for entry in catalogue.read_items(ids)}
                others = catalogue.sort_list(feed, "server", False, "")
                return array("q", [others[e.position] for e in catalogue.read_items(others) if e.key not in known])
        return array("q")

    def find(
        self, text: str, kinds: Iterable[str] = KINDS, limit: int = 100, given_up: GivenUp | None = None
    ) -> list[Hit]:
        """Find words (their beginnings) in everything saved of the source, and in what was imported.

        Kind by kind, of each the best `limit` first. Raises `GivenUpError` as `search` does.
        """
        from flattr_tui.store import normalizer  # noqa: PLC0415 -- not needed before

        sought = normalizer.query_terms(text)
        return [
            Hit(hit.entry.item, hit.kind, sought, hit.scope.source, hit.entry.fetched_at)
            for hit in self._catalogue.find_text(self._scope, text, tuple(kinds), limit, given_up)
            if hit.entry.item is not None
        ]

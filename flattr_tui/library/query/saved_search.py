"""Searches saved data without a connection: things by Flattr's own filters, and all items by full text."""

from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from flattr_tui.library.query.list_feed import Feed, FeedStatus, Gap, Row, View
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import Source, SourceKind
from flattr_tui.model.entities import Item, Thing
from flattr_tui.model.pasted_address import clean_address, parse_thing_id, same_pages, submitted_page
from flattr_tui.model.query_language import QueryContext, parse_query
from flattr_tui.store.catalogue_types import CancelCheck, RowEntry, Scope, ThingFilter

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue
    from flattr_tui.store.saved_people import SavedPerson

FIRST_RESULTS = 200
"""Maximum number of results that a search returns by default."""
NO_LIMIT = -1
"""As a limit: return all results."""
MAX_COMPARED = 2_000
"""Maximum number of results to which the server's earlier results of the same search are added."""
Spans = tuple[tuple[int, int], ...]
"""Positions in a text: start and stop (excluded), in characters."""
KINDS = ("user", "thing", "flattr", "activity")
"""The kinds of items that a full-text search finds, in the order in which they are shown."""


class FoundItem(msgspec.Struct, frozen=True, dict=True):
    """One result of a full-text search. The positions of the matches are computed when they are first read."""

    item: Item
    kind: str
    """The kind of the item: `user`, `thing`, `flattr` or `activity`."""
    sought: tuple[str, ...]
    """The searched words, normalized (`store.text_normalizer`)."""
    source: str
    fetched_at: float
    """When the item was fetched, in Unix seconds."""

    @cached_property
    def title(self) -> str:
        """The item's title on one line."""
        from flattr_tui.store.thing_search import headline  # noqa: PLC0415 -- not needed before something is found

        return headline(self.item)

    @cached_property
    def marks(self) -> Spans:
        """The positions of the matches in the title."""
        from flattr_tui.store.text_normalizer import match_spans  # noqa: PLC0415

        return tuple(match_spans(self.title, self.sought))

    @cached_property
    def _snippet(self) -> tuple[str, Spans]:
        from flattr_tui.store.thing_search import make_snippet  # noqa: PLC0415

        return make_snippet(self.item, self.sought)

    def find_matches(self) -> None:
        """Compute the positions of the matches now, for example in a thread."""
        _ = self.marks, self._snippet

    @property
    def snippet(self) -> str:
        """The part of the text that contains the matches, on one line."""
        return self._snippet[0]

    @property
    def spans(self) -> Spans:
        """The positions of the matches in the snippet."""
        return self._snippet[1]


class SavedFeed:
    """A feed of a fixed set of saved items, such as search results. Rows are read when they are needed."""

    def __init__(
        self,
        request: ApiRequest,
        view: View,
        ids: "array[int]",
        read: "Callable[[Sequence[int]], list[RowEntry]]",
        *,
        total: int | None = None,
    ) -> None:
        """Show the items with these `ids`, in that order; `read` reads them.

        `total` counts the results beyond a limit, too.
        """
        self.request = request
        self.view = view
        self.ids = ids
        self._read = read
        self._known: dict[str, int] = {}
        count = len(ids) if total is None else max(total, len(ids))
        self.status = FeedStatus(saved=count, shown=len(ids), ended=len(ids) == count, is_empty=not count)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ids)

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from `start` to `stop` (excluded). A gap stands for an item that was deleted meanwhile."""
        start = max(0, start)
        wanted = self.ids[start:stop]
        entries = {entry.position: entry for entry in self._read(wanted)}
        rows: list[Row | Gap] = []
        for position, number in enumerate(wanted):
            entry = entries.get(position)
            if entry is None or entry.item is None:
                rows.append(Gap(missing=1))
                continue
            self._known[entry.key] = number
            rows.append(Row(entry.item, entry.key, entry.fetched_at))
        return rows

    def find_row(self, key: str) -> int | None:
        """Return the index of the item with this key, if `rows` has already returned it; otherwise None."""
        number = self._known.get(key)
        try:
            return self.ids.index(number) if number is not None else None
        except ValueError:
            return None

    def adopt_known(self, other: Feed | None) -> None:
        """Let `find_row` also find the items that another `SavedFeed` has read. Any other feed is ignored."""
        if isinstance(other, SavedFeed):
            self._known.update(other._known)

    def reload(self) -> bool:
        """Return False, because the set of items is fixed."""
        return False


class SavedSearch:
    """Searches the saved data of a source that an account may see. Call its methods in a thread.

    The account may see what the source sent to this account or to everybody; at the source `saved`, this holds for all
    sources. It never sees what was sent to another account.
    """

    def __init__(self, catalogue: "Catalogue", source: Source, account: str = "") -> None:
        """Search the saved data of `source` that `account` may see."""
        self._catalogue = catalogue
        self._source = source
        self._account = account

    @property
    def _scope(self) -> Scope:
        return Scope(self._source.name, self._account)

    def list_usernames(self, limit: int = 20_000) -> list[str]:
        """Return the names of saved users in alphabetical order, at most `limit`."""
        return self._catalogue.thing_search.suggest_usernames(self._scope, "", limit)

    def list_people(self) -> "list[SavedPerson]":
        """Return the people whose own data is saved, with counts and dates; the one with the most data first."""
        return self._catalogue.list_people(self._scope)

    def find_thing_id(self, text: str) -> int | None:
        """Return the id of the saved thing with this address (its own, or an auto-submit link); None if there is none.

        This takes microseconds, so it may be called on the event loop's thread.
        """
        address = submitted_page(clean_address(text))
        if "." not in address or " " in address:
            return None
        pages = same_pages(address if "://" in address else f"https://{address}")
        return self._catalogue.thing_search.find_thing_id(self._scope, pages)

    def _find_addressed(self, text: str) -> list[FoundItem]:
        """Return the saved thing whose id or address `text` is, as a list; empty if there is none."""
        number = parse_thing_id(text)
        if number is None:
            number = self.find_thing_id(text)
        if number is None:
            return []
        request = ApiRequest.of("thing", id=str(number))
        anywhere = self._source.kind is SourceKind.SAVED
        scope = self._catalogue.best_scope(request, self._account) if anywhere else self._scope
        found = self._catalogue.read_record(scope or Scope(SourceKind.SAVED), request)
        if found is None or not isinstance(found[0], Thing):
            return []
        return [FoundItem(found[0], "thing", (), (scope or self._scope).source, found[1])]

    def search_things(
        self,
        request: ApiRequest,
        view: View | None = None,
        limit: int = FIRST_RESULTS,
        is_cancelled: CancelCheck | None = None,
    ) -> SavedFeed:
        """Return a feed of the first `limit` results of a search for things.

        `status.ended` says whether these are all. They are in the requested order; things that only a saved response of
        the server contains come last. The query may have conditions (`model.query_language`), which are interpreted in
        the context of `view` (None: an empty one). Raises `QuerySyntaxError`, `TagSyntaxError` for an invalid tag
        expression, and `SearchCancelledError` once `is_cancelled` returns True.
        """
        view = view or View()
        wanted = ThingFilter.of(request)
        query = parse_query(f"{wanted.query} {view.text}".strip(), view.context)
        wanted = replace(wanted, query=query.plain_text, conditions=query.conditions)
        found = self._catalogue.thing_search.search(self._scope, wanted, limit, is_cancelled)
        ids = array("q", found.ids)
        if len(ids) == found.total <= MAX_COMPARED and not view.text and not query.conditions:
            ids += self._server_results(request, ids)
        return SavedFeed(request, view, ids, self._catalogue.read_items, total=max(found.total, len(ids)))

    def _server_results(self, request: ApiRequest, ids: "array[int]") -> "array[int]":
        """Return the ids of the items in a saved response to the request, except those that are in `ids`."""
        catalogue = self._catalogue
        for full in ("1", ""):
            asked = ApiRequest.of(request.method, {**dict(request.arguments), "full": full})
            anywhere = self._source.kind is SourceKind.SAVED
            scope = catalogue.best_scope(asked, self._account) if anywhere else Scope(self._source.name)
            feed = catalogue.list_stats(scope, asked).id if scope is not None else 0
            if feed:
                known = {entry.key for entry in catalogue.read_items(ids)}
                others = catalogue.sort_list(feed, "server", False)
                return array("q", [others[e.position] for e in catalogue.read_items(others) if e.key not in known])
        return array("q")

    def find_text(
        self,
        text: str,
        kinds: Iterable[str] = KINDS,
        limit: int = 100,
        is_cancelled: CancelCheck | None = None,
        *,
        context: QueryContext | None = None,
    ) -> list[FoundItem]:
        """Return the items that match a query (`model.query_language`) among the source's saved items and the imported.

        If `text` is the id or address of a thing, that thing comes first; then kind by kind, up to `limit` of each, the
        best first. The query is interpreted in `context`. Raises `QuerySyntaxError`, and `SearchCancelledError` as
        `search_things` does.
        """
        from flattr_tui.store import text_normalizer  # noqa: PLC0415 -- not needed before

        query = parse_query(text, context or QueryContext())
        sought = text_normalizer.query_terms(" ".join(query.words))
        wanted = tuple(kinds)
        addressed = self._find_addressed(text) if "thing" in wanted else []
        known = {one.item.key for one in addressed}
        return addressed + [
            FoundItem(hit.entry.item, hit.kind, sought, hit.scope.source, hit.entry.fetched_at)
            for hit in self._catalogue.full_text_search.find(self._scope, query, wanted, limit, is_cancelled)
            if hit.entry.item is not None and not (hit.kind == "thing" and hit.entry.key in known)
        ]

"""Searches: splits a query for the server, and searches saved data without a connection.

The server finds what its parameters can express; this program filters its results by the rest of the query. In saved
data, things are found as by Flattr's own search, and all kinds of items by full text.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec.structs import replace

from flattr_tui.library.query.list_feed import Feed, FeedStatus, Gap, Row, View
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import Source, SourceKind
from flattr_tui.model.entities import Item, Thing
from flattr_tui.model.pasted_address import clean_address, parse_thing_id, same_pages, submitted_page
from flattr_tui.model.query_language import OneOf, Property, QueryContext, ShownDate, Term, Words, parse_query
from flattr_tui.model.tag_expression import Or, parse_tags
from flattr_tui.store.catalogue_schema import CancelCheck, RowEntry, Scope, ThingFilter
from flattr_tui.store.saved_list_rows import make_ids

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue
    from flattr_tui.store.saved_people import SavedPerson

_PARAMETERS = {Property.CATEGORY: "category", Property.LANGUAGE: "language", Property.OWNER: "user"}
FIRST_RESULTS = 200
"""Maximum number of results that a search for things returns by default."""
NO_LIMIT = -1
"""The value of `limit` with which a search for things returns all results."""
MAX_COMPARED = 2_000
"""If at most this number of things is found, the saved results of the same search at the server are added."""
Spans = tuple[tuple[int, int], ...]
"""Parts of a text, each as the index of its first character and the index after its last one."""
KINDS = ("user", "thing", "flattr", "activity")
"""The kinds of items that a full-text search finds, in the order in which they are shown."""


class ServerQuery(NamedTuple):
    """A search, split into a request to the server and the terms of the query that the server does not understand."""

    request: ApiRequest
    """The `search` request to send."""
    rest: tuple[Term, ...]
    """The terms by which this program filters the server's results."""

    @property
    def rest_text(self) -> str:
        """The terms that the server does not understand, as they were typed."""
        return " ".join(term.text for term in self.rest)


def to_server_query(request: ApiRequest, context: QueryContext) -> ServerQuery:
    """Split a `search` request into a request that the server understands, and the terms that it does not understand.

    The `query` of `request` may contain conditions. Conditions on tags, categories, languages and the owner become
    parameters of the new request. A parameter that already has a value keeps this value; only tags are added. `context`
    decides what the query means. Raises `QuerySyntaxError`, and `TagSyntaxError` for an invalid value of the parameter
    `tags`.
    """
    query = parse_query(request.get("query"), context)
    arguments = dict(request.arguments)
    words: list[str] = []
    rest: list[Term] = []
    for term in query.terms:
        match term.condition:
            case Words(text, whole) if not term.excluded:
                words.append(text)
                rest += [term] if whole else []
            case ShownDate(text, _) if not term.excluded:
                words.append(text)
            case OneOf(Property.TAG, values) if (
                tags := _add_tags(arguments.get("tags", ""), values, term)
            ) is not None:
                arguments["tags"] = tags
            case OneOf(name, values) if _can_send(term, name, values, arguments):
                arguments[_PARAMETERS[name]] = ",".join(values)
            case _:
                rest.append(term)
    if not query.conditions:
        return ServerQuery(request, ())
    return ServerQuery(ApiRequest.of(request.method, {**arguments, "query": " ".join(words)}), tuple(rest))


def _can_send(term: Term, name: Property, values: tuple[str, ...], arguments: Mapping[str, str]) -> bool:
    """Whether the server can check a condition of a query, if the condition is sent as a parameter of the request.

    `term` contains the condition: the property `name` must have one of the `values`, or none of them if the term is
    excluded. The server can't exclude values. It accepts several categories or languages, but only one owner. If
    `arguments`, the arguments of the request, already contain the parameter, the result is False.
    """
    is_one = len(values) == 1 or name is not Property.OWNER
    return name in _PARAMETERS and is_one and not term.excluded and not arguments.get(_PARAMETERS[name])


def _add_tags(expression: str, values: tuple[str, ...], term: Term) -> str | None:
    """Add the tags `values` to a tag expression ("" for none), and return the longer expression.

    The tags come from `term`: a thing must have one of them or, if the term is excluded, none of them. Returns None if
    a tag contains an operator, or if the result would need parentheses, which the server does not understand.
    """
    if any(set("|&!()") & set(value) for value in values):
        return None
    if term.excluded:  # a `!` applies to everything before it
        return expression + "".join(f" ! {value}" for value in values)
    if not expression:
        return " | ".join(values)
    can_add = len(values) == 1 and not isinstance(parse_tags(expression), Or)
    return f"{expression} & {values[0]}" if can_add else None


class FoundItem(msgspec.Struct, frozen=True, dict=True):
    """A result of a full-text search. The positions of the searched words are computed when they are first needed."""

    item: Item
    kind: str
    """The kind of the item: `user`, `thing`, `flattr` or `activity`."""
    sought: tuple[str, ...]
    """The searched words, normalized (`store.text_query_sql`)."""
    source: str
    """The name of the source from which the item came."""
    fetched_at: float
    """When the item was fetched, in Unix seconds."""

    @cached_property
    def title(self) -> str:
        """The title of the found item on one line."""
        from flattr_tui.store.thing_search import headline  # noqa: PLC0415 -- not needed before something is found

        return headline(self.item)

    @cached_property
    def marks(self) -> Spans:
        """The parts of the title that match searched words."""
        from flattr_tui.store.text_query_sql import match_spans  # noqa: PLC0415

        return tuple(match_spans(self.title, self.sought))

    @cached_property
    def _snippet(self) -> tuple[str, Spans]:
        from flattr_tui.store.thing_search import make_snippet  # noqa: PLC0415

        return make_snippet(self.item, self.sought)

    def find_matches(self) -> None:
        """Compute now where the searched words are in the texts of the item.

        Call this in a thread to save time later.
        """
        _ = self.marks, self._snippet

    @property
    def snippet(self) -> str:
        """The part of the item's text that contains searched words, on one line."""
        return self._snippet[0]

    @property
    def spans(self) -> Spans:
        """The parts of the snippet that match searched words."""
        return self._snippet[1]


class SavedFeed:
    """The rows of a fixed list of saved items, such as search results. It is a `Feed` that never changes.

    Items are read from the database when their rows are needed.
    """

    def __init__(
        self,
        request: ApiRequest,
        view: View,
        ids: "array[int]",
        read: "Callable[[Sequence[int]], list[RowEntry]]",
        *,
        total: int | None = None,
    ) -> None:
        """Make the rows of the items with these `ids` in the catalogue, in this order. `read` reads items by their ids.

        `request` is the search or list to which the rows belong, and `view` says how they were sorted and filtered.
        `total` is the number of all results, which may be larger than the number of `ids`; None if `ids` are all.
        """
        self.request = request
        self.view = view
        self.ids = ids
        self._read = read
        self._known: dict[str, int] = {}
        count = len(ids) if total is None else max(total, len(ids))
        self.status = FeedStatus(saved=count, shown=len(ids), ended=len(ids) == count, is_empty=not count)

    def __len__(self) -> int:
        """Return the number of rows, which is the number of items."""
        return len(self.ids)

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from the index `start` to `stop` (excluded).

        If an item has been deleted since this object was made, a `Gap` takes the place of its row.
        """
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
        """Return the index of the row whose item has this key.

        The key is known only after `rows` has returned the row. For an unknown key, the result is None.
        """
        number = self._known.get(key)
        try:
            return self.ids.index(number) if number is not None else None
        except ValueError:
            return None

    def adopt_known(self, other: Feed | None) -> None:
        """Take over the rows that `other` has returned, so that `find_row` also finds their items.

        `other` is the feed that was shown before; it is ignored if it is None, or not a `SavedFeed`.
        """
        if isinstance(other, SavedFeed):
            self._known.update(other._known)

    def reload(self) -> bool:
        """Return False: the rows never change."""
        return False


class OfflineSearch:
    """Searches the saved data that an account may see at a source. Call its methods in a thread.

    An account may see what the source sent publicly or to this account, but not what the source sent to other accounts.
    At the source `saved`, the data of all sources is searched by the same rule.
    """

    def __init__(self, catalogue: "Catalogue", source: Source, account: str = "") -> None:
        """Prepare to search the data of `source` that `account` may see; with `account` "", only public data."""
        self._catalogue = catalogue
        self._source = source
        self._account = account

    @property
    def _scope(self) -> Scope:
        return Scope(self._source.name, self._account)

    def list_usernames(self) -> list[str]:
        """Return the names of at most 20,000 users who occur in the saved data, in alphabetical order."""
        return self._catalogue.thing_search.suggest_usernames(self._scope, "", limit=20_000)

    def list_people(self) -> "list[SavedPerson]":
        """Return the people whose own lists are saved, with counts and dates.

        The person with the most data comes first.
        """
        return self._catalogue.list_people(self._scope)

    def find_thing_id(self, text: str) -> int | None:
        """Return the id of the saved thing at an address; None if there is no such thing.

        `text` is the thing's own address, with or without a scheme, or an auto-submit link with that address. This
        takes microseconds, so it may be called on the event loop's thread.
        """
        address = submitted_page(clean_address(text))
        if "." not in address or " " in address:
            return None
        pages = same_pages(address if "://" in address else f"https://{address}")
        return self._catalogue.thing_search.find_thing_id(self._scope, pages)

    def _find_addressed(self, text: str) -> list[FoundItem]:
        """Return a list with the saved thing whose id or address is `text`; an empty list if there is no such thing."""
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
        """Return the first `limit` saved things that a `search` request finds, in the order that the request asks for.

        `view` can contain a second query that the things must match, and the context in which both queries are parsed.
        With None, there is no second query. If all things fit, and there are no conditions and no second query, things
        follow that only the server found: they are in a saved response to the same request. `status.ended` of the
        result says whether the result has all things that were found.

        Raises `QuerySyntaxError`, `TagSyntaxError` for an invalid tag expression, and `SearchCancelledError` once
        `is_cancelled` returns True.
        """
        view = view or View()
        wanted = ThingFilter.of(request)
        query = parse_query(f"{wanted.query} {view.text}".strip(), view.context)
        wanted = replace(wanted, query=query.plain_text, conditions=query.conditions)
        found = self._catalogue.thing_search.search(self._scope, wanted, limit, is_cancelled)
        ids = make_ids(found.ids)
        if len(ids) == found.total <= MAX_COMPARED and not view.text and not query.conditions:
            ids += self._server_results(request, ids)
        return SavedFeed(request, view, ids, self._catalogue.read_items, total=max(found.total, len(ids)))

    def _server_results(self, request: ApiRequest, ids: "array[int]") -> "array[int]":
        """Return the ids of the things in the server's saved response to a request, except things that are in `ids`."""
        catalogue = self._catalogue
        for full in ("1", ""):
            asked = request.with_arguments(full=full)
            anywhere = self._source.kind is SourceKind.SAVED
            scope = catalogue.best_scope(asked, self._account) if anywhere else Scope(self._source.name)
            feed = catalogue.list_stats(scope, asked).id if scope is not None else 0
            if feed:
                known = {entry.key for entry in catalogue.read_items(ids)}
                others = catalogue.sort_list(feed, "server", False)
                return make_ids([others[e.position] for e in catalogue.read_items(others) if e.key not in known])
        return make_ids()

    def find_text(
        self,
        text: str,
        kinds: Iterable[str] = KINDS,
        limit: int = 100,
        is_cancelled: CancelCheck | None = None,
        *,
        context: QueryContext | None = None,
    ) -> list[FoundItem]:
        """Return the saved items that match the query `text` (`model.query_language`) and that the account may see.

        If `text` is the id or address of a thing, that thing comes first. The other results are grouped by kind, in the
        order of `kinds`. Each group has at most `limit` items, the best match first. `context` has the time, the time
        zone and the user, on which the meaning of the query depends; None stands for a context with default values.

        Raises `QuerySyntaxError` if the query is invalid, and `SearchCancelledError` once `is_cancelled` returns True.
        """
        from flattr_tui.store import text_query_sql  # noqa: PLC0415 -- not needed before somebody searches

        query = parse_query(text, context or QueryContext())
        sought = text_query_sql.query_terms(" ".join(query.words))
        wanted = tuple(kinds)
        addressed = self._find_addressed(text) if "thing" in wanted else []
        known = {one.item.key for one in addressed}
        return addressed + [
            FoundItem(hit.entry.item, hit.kind, sought, hit.scope.source, hit.entry.fetched_at)
            for hit in self._catalogue.full_text_search.find(self._scope, query, wanted, limit, is_cancelled)
            if hit.entry.item is not None and not (hit.kind == "thing" and hit.entry.key in known)
        ]

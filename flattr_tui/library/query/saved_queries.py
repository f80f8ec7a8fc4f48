"""Queries that the user has bookmarked: filters of lists, full-text searches, and searches for things."""

from typing import TYPE_CHECKING, Final

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.bookmarks import Mark, MarkKind
from flattr_tui.library.query.list_feed import View
from flattr_tui.model.api_request import (
    OWN_METHODS,
    USER_LISTS,
    ApiRequest,
    fold_username,
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.model.data_source import Source, SourceKind
from flattr_tui.model.query_language import QueryContext, QuerySyntaxError, parse_query
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.errors import StoreError

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue

MAX_COUNTED: Final = 1_000
"""Maximum number of matches of each kind (users, things and so on) that are counted for a full-text search."""
_USER_METHODS: Final = {own: method for method, own in OWN_METHODS.items()}


def make_filter_mark(request: ApiRequest, text: str, *, account: str, source: str, at: float) -> Mark | None:
    """Return a new bookmark of a user's list that is filtered by the query `text`.

    Returns None for other lists and for an empty query. `request` is the API request for the list, `account` the
    logged-in user, `source` the name of the source, and `at` the bookmark's date in Unix seconds.
    """
    place = USER_LISTS.get(_USER_METHODS.get(request.method, request.method))
    username = request.get("username") or account
    if place is None or not text or not username:
        return None
    incoming = "1" if request.get("type") == "incoming" else ""
    key = " ".join(filter(None, (place, fold_username(username), "incoming" * bool(incoming), text)))
    arguments = {"place": place, "username": username, "incoming": incoming, "text": text}
    return Mark(kind=MarkKind.FILTER, source=source, key=key, title=text, at=at, arguments=arguments)


def make_find_mark(text: str, *, source: str, at: float) -> Mark | None:
    """Return a new bookmark of a full-text search for `text`; None if `text` is empty.

    `source` is the name of the source, and `at` the bookmark's date in Unix seconds.
    """
    arguments = {"text": text}
    return Mark(kind=MarkKind.FIND, source=source, key=text, title=text, at=at, arguments=arguments) if text else None


def describe_query(mark: Mark) -> str:
    """Return a text that says what a bookmarked query searches: `flattrs of ada: year:2012`.

    If the bookmark's title is the query itself, the text is only `flattrs of ada`.
    """
    match mark.kind:
        case MarkKind.FILTER:
            incoming = "incoming " if mark.arguments.get("incoming") else ""
            where = f"{incoming}{mark.arguments.get('place', '')} of {mark.arguments.get('username', '')}"
            text = mark.arguments.get("text", "")
        case MarkKind.FIND:
            where, text = "everything saved", mark.key
        case _:
            where, text = mark.kind.value, mark.key
    return where if mark.title in {text, mark.arguments.get("query")} else f"{where}: {text}"


class QueryCounter:
    """Counts the saved items that match bookmarked queries. Use this class in a thread."""

    def __init__(self, catalogue: "Catalogue", source: Source, account: str, context: QueryContext) -> None:
        """Prepare to count items in `catalogue` of `source` that `account` may see.

        `context` has what the meaning of queries depends on: the time, the time zone and the user.
        """
        self._catalogue = catalogue
        self._source = source
        self._account = account
        self._context = context

    def count(self, mark: Mark) -> str:
        """Return how many saved items match a bookmarked query, as text: `27`, or `1,000+` for at least so many.

        Returns "" if the query is invalid, or if the catalogue can't be read.
        """
        from flattr_tui.library.query.search import KINDS, OfflineSearch  # noqa: PLC0415 -- needed only when something is counted
        from flattr_tui.model.tag_expression import TagSyntaxError  # noqa: PLC0415

        try:
            if mark.kind is MarkKind.FILTER:
                return f"{self._count_rows(mark):,}"
            search = OfflineSearch(self._catalogue, self._source, self._account)
            if mark.kind is MarkKind.FIND:
                found = search.find_text(mark.key, KINDS, MAX_COUNTED, context=self._context)
                counts = [sum(hit.kind == kind for hit in found) for kind in KINDS]
                return f"{sum(counts):,}" + "+" * (max(counts) >= MAX_COUNTED)
            request = mark.request
            return f"{search.search_things(request, View(context=self._context), 1).status.saved:,}" if request else ""
        except (QuerySyntaxError, TagSyntaxError, StoreError):
            return ""

    def _count_rows(self, mark: Mark) -> int:
        query = parse_query(mark.arguments.get("text", ""), self._context)
        feed = self._find_list(list_request(mark))
        return len(self._catalogue.sort_list(feed, "server", False, query)) if feed else 0

    def _find_list(self, request: ApiRequest) -> int:
        """Return the id that a list has in the catalogue; 0 if the list is not saved.

        `request` is the API request for the list.
        """
        asked = to_own_request(request, self._account)
        if self._source.kind is not SourceKind.SAVED:
            scope = Scope(self._source.name, self._account if BY_NAME[asked.method].personal else "")
            return self._catalogue.list_stats(scope, asked).id
        for full in (asked.get("full"), "" if asked.get("full") else "1"):
            variant = asked.with_arguments(full=full)
            if (found := self._catalogue.best_scope(variant, self._account)) is not None:
                return self._catalogue.list_stats(found, variant).id
        return 0


def list_request(mark: Mark) -> ApiRequest:
    """Return the API request for the list that a bookmarked filter (`mark`) belongs to."""
    username = mark.arguments.get("username", "")
    match mark.arguments.get("place"):
        case "things":
            return user_things_request(username)
        case "activities":
            return user_activities_request(username, incoming=bool(mark.arguments.get("incoming")))
    return user_flattrs_request(username)

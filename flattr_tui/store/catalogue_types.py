"""The types of catalogue queries and their results."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Item
from flattr_tui.model.query import Term

CancelCheck = Callable[[], bool]
"""Returns True once the caller no longer wants the result."""
Check = Callable[[], None]
"""Called between the parts of a long page. It raises an exception to stop the work, which is then undone."""
SHORT_LIST: Final = 500
"""A list of at most this many rows is scanned for words, without the full-text index."""


def never_stop() -> None:
    """Do nothing: the default `check`, which never stops the work."""


class Scope(NamedTuple):
    """A source and an account: whose responses to read, or who received a response."""

    source: str
    """Name of the source (`Source.name`)."""
    account: str = ""
    """User name of the login; "": no login, so only what everybody may read."""


class ListStats(msgspec.Struct, frozen=True):
    """What is known about a saved list apart from its rows."""

    id: int = 0
    """The `feed` of `Catalogue`'s methods; 0 if no page of the list was ever ingested."""
    low: int = 0
    high: int = -1
    """Rows have all positions from `low` to `high`; there are none if `high < low`."""
    saved: int = 0
    """Number of items; a gap is no item."""
    ended: bool = False
    """Whether the last row is the end of the list at the server."""
    total: int | None = None
    """Number of results that the server reported (searches only); None if it did not."""
    fetched_at: float | None = None
    """Unix seconds: when page 1 was last fetched or confirmed; None if never."""
    revision: int = 0
    """A number that grows whenever the rows or their content may have changed."""

    def __len__(self) -> int:
        """Return the number of rows; a gap is one row."""
        return self.high - self.low + 1


class RowEntry(NamedTuple):
    """One row of a list: an item or a gap."""

    position: int
    item: Item | None
    """None for a gap."""
    key: str
    """`Item.key`; "" for a gap."""
    fetched_at: float
    """Unix seconds: when the server last sent or confirmed the item; 0 for a gap."""
    missing: int | None = None
    """How many rows a gap stands for; None if unknown, or for an item."""


class IngestResult(NamedTuple):
    """What ingesting one response changed; most fields are about its list, and have no meaning for a single object."""

    request: Request
    new: int = 0
    """Number of items that the list did not have before."""
    joins_known: bool = False
    """Whether rows that were known before follow the page without a gap, or the list ends: a refresh may stop here."""
    ended: bool = False
    """Whether the list ends with this page."""
    record_count: int = 0
    """Number of records in the page, unreadable ones included."""
    suspicious: bool = False
    """Whether known items between this page and the one before are missing, so that page must be fetched again."""
    has_next: bool = False
    """Whether the next page is known to have items, so that this page does not end the list even if it is short."""
    recounted: int = 0
    """Number of known things whose count of flattrs has changed; always 0 if the response was ingested before."""


class ThingFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of Flattr's search of things; empty ones are no filter.

    Source: content/api/resources/things.md, 'Search things'.
    """

    query: str = ""
    """Words; the last one may be the beginning of a word."""
    tags: str = ""
    """A tag expression (`model.tags`)."""
    user: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    conditions: tuple[Term, ...] = ()
    """Conditions of the query language, which only this program understands."""
    sort: str = "relevance"
    """One of Flattr's orders: relevance, trend, flattrs, flattrs_month, flattrs_week, flattrs_day."""

    @classmethod
    def of(cls, request: Request) -> "ThingFilter":
        """Return the filter of a `search` request."""
        parted = {name: tuple(filter(None, request.get(name).split(","))) for name in ("category", "language")}
        return cls(
            query=request.get("query"),
            tags=request.get("tags"),
            user=request.get("user"),
            url=request.get("url"),
            categories=parted["category"],
            languages=parted["language"],
            sort=request.get("sort", "relevance"),
        )


class SearchResult(NamedTuple):
    """The result of searching things."""

    ids: Sequence[int]
    """Item ids of the first results, for `Catalogue.read_items`."""
    total: int
    """Number of all results."""


class SearchHit(NamedTuple):
    """One result of the full-text search."""

    entry: RowEntry
    kind: str
    """`user`, `thing`, `flattr` or `activity`."""
    scope: Scope
    """The scope in which the item was found, and with which to read it."""


class Tally(msgspec.Struct, frozen=True):
    """The number of flattrs with one value of a dimension: one bar of a chart."""

    key: str
    """The value: `YYYY-MM`, `YYYY-MM-DD`, a user name, a tag, or the id of a thing, category or language."""
    label: str
    """The value as shown: the title of a thing, otherwise the key."""
    count: int
    """Number of flattrs."""


class FlattrStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one user's saved flattrs, for charts."""

    counted: int
    """Number of flattrs counted."""
    total: int | None
    """Number of all flattrs that the user gave; None if the saved list is not complete."""
    by_month: tuple[tuple[str, int], ...]
    """`YYYY-MM` and number of flattrs: every month from the first to the last, zeros included."""
    supported: tuple[tuple[str, int], ...]
    """User names of things' owners and number of flattrs, largest count first, at most 100."""
    categories: tuple[tuple[str, int], ...]
    """Category ids and number of flattrs, largest count first, at most 100."""

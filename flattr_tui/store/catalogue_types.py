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
"""Called between the parts of a long page; raises what stops the work, which is then undone and left for later."""
SHORT_LIST: Final = 500
"""Lists of at most so many rows are scanned for words instead of asking the full-text index."""


def never_stop() -> None:
    """Do nothing: the default `check`, which never stops the work."""


class Scope(NamedTuple):
    """Whose responses to read: a source's name, and the account's user name ("" for public ones)."""

    source: str
    account: str = ""


class ListStats(msgspec.Struct, frozen=True):
    """What is known about a list apart from its rows."""

    id: int = 0
    """0 if no page was ever ingested."""
    low: int = 0
    high: int = -1
    """Rows have the positions `low` to `high`, without breaks; there are none if `high < low`."""
    saved: int = 0
    """Number of items, without gaps."""
    ended: bool = False
    """Whether the last row is the list's last."""
    total: int | None = None
    """Total that the server reported (searches only)."""
    fetched_at: float | None = None
    """Unix seconds: when the top was last fetched or confirmed."""
    revision: int = 0
    """Changes whenever the rows or their content may have changed."""

    def __len__(self) -> int:
        """Number of rows, gaps included."""
        return self.high - self.low + 1


class RowEntry(NamedTuple):
    """One row of a list: an item or a gap."""

    position: int
    item: Item | None
    """None for a gap."""
    key: str
    fetched_at: float
    """Unix seconds: when the item was last served; 0 for a gap."""
    missing: int | None = None
    """How many rows a gap stands for; None if unknown."""


class IngestResult(NamedTuple):
    """The result of ingesting one response."""

    request: Request
    new: int = 0
    """Number of items that the list did not have before."""
    joins_known: bool = False
    """Whether the page joins rows that were known before, or ends the list: a refresh may stop here."""
    ended: bool = False
    """Whether the list ends with this page."""
    record_count: int = 0
    """Number of records in the page, unreadable ones included."""
    suspicious: bool = False
    """Known items between this page and the one before were missing: fetch the one before again."""
    has_next: bool = False
    """Whether a next page is known to have items, so that a short page does not end the list."""
    recounted: int = 0
    """Number of known things whose count of flattrs has changed; not stored, so 0 for a response ingested before."""


class ThingFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of Flattr's search of things. Source: content/api/resources/things.md, 'Search things'."""

    query: str = ""
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
    """The requested window, for `Catalogue.read_items`."""
    total: int


class SearchHit(NamedTuple):
    """One result of the full-text search."""

    entry: RowEntry
    kind: str
    """`user`, `thing`, `flattr` or `activity`."""
    scope: Scope


class Tally(msgspec.Struct, frozen=True):
    """One bar of a chart."""

    key: str
    """What is counted: `YYYY-MM`, `YYYY-MM-DD`, a user name, a tag, or the id of a thing, category or language."""
    label: str
    """What to show for it: a thing's title, else the key."""
    count: int


class FlattrStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one user's saved flattrs, for charts."""

    counted: int
    """Number of flattrs counted."""
    total: int | None
    """Total number if known, that is, if the list has ended."""
    by_month: tuple[tuple[str, int], ...]
    """`YYYY-MM` and number of flattrs, every month from the first to the last, zeros included."""
    supported: tuple[tuple[str, int], ...]
    """User names of things' owners and how often they were flattred, largest count first."""
    categories: tuple[tuple[str, int], ...]
    """Category ids and number of flattrs, largest count first."""

"""The items of a list, newest first and each once, regardless of its pages. Gaps stand for rows that are not saved."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec
from msgspec.structs import replace

from flattr_tui.library.events import Failure
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Item
from flattr_tui.model.query_language import Query, QueryContext, parse_query

SAVED_FLATTRS = "saved-flattrs"
"""The method name in requests for saved flattrs. No server has such a method."""
_NEW_WINDOW = 500
"""Number of rows that are read at a time to find a new one."""


class Sort(StrEnum):
    """The orders in which saved rows can be sorted. `SERVER` is the server's own order."""

    SERVER = "server"
    WHEN = "when"
    TITLE = "title"
    OWNER = "owner"
    FLATTRS = "flattrs"
    CATEGORY = "category"
    LANGUAGE = "language"

    @property
    def starts_high(self) -> bool:
        """Whether this order is descending when it is first chosen: the newest or the most flattred items first."""
        return self in {Sort.WHEN, Sort.FLATTRS}


class View(msgspec.Struct, frozen=True):
    """The sort order and filter of a feed. Sorted or filtered rows are saved rows only, without gaps."""

    sort: Sort = Sort.SERVER
    descending: bool = False
    text: str = ""
    """A query (`model.query_language`) that filters the rows; "" for no filter."""
    context: QueryContext = QueryContext()
    """What the meaning of the query depends on, such as the user and the date."""
    seen_until: int | None = None
    """Items after this time (Unix seconds) are new; with None, no item is."""

    @property
    def query(self) -> Query:
        """The parsed query. Raises `QuerySyntaxError`."""
        return parse_query(self.text, self.context)

    def in_order(self, sort: Sort) -> "View":
        """Return the view in another order, in the direction that is usual for it."""
        return replace(self, sort=sort, descending=sort.starts_high)

    def next_order(self, sorts: Sequence[Sort]) -> "View":
        """Return the view in the order that follows the present one in `sorts`; after the last one, in the first."""
        return self.in_order(sorts[(sorts.index(self.sort) + 1) % len(sorts)])

    def reverse_order(self, sorts: Sequence[Sort]) -> "View":
        """Return the view in the opposite direction; from the server's order, the oldest items come first."""
        if self.sort is not Sort.SERVER:
            return replace(self, descending=not self.descending)
        sort = Sort.WHEN if Sort.WHEN in sorts else sorts[-1]
        return replace(self, sort=sort, descending=not sort.starts_high)


class Row(msgspec.Struct, frozen=True):
    """One item of a feed."""

    item: Item
    key: str
    fetched_at: float
    """When the item was fetched, in Unix seconds."""
    is_removed: bool = False
    """Whether the thing was deleted, or the subscription ended, although the list still has it."""
    is_new: bool = False
    """Whether the item is newer than `View.seen_until`."""


class Gap(msgspec.Struct, frozen=True):
    """Stands for rows that the server has, but that are not saved."""

    missing: int | None = None
    """The number of missing rows; None if unknown."""
    loading: bool = False
    """Whether the rows are being fetched."""
    at_end: bool = False
    """Whether the gap stands for all rows after the last saved one."""


class FeedStatus(msgspec.Struct, frozen=True):
    """The state of a feed: counts, times, and whether it is being fetched."""

    saved: int = 0
    """Number of saved items."""
    shown: int = 0
    """Number of items after filtering; equal to `saved` without a filter."""
    ended: bool = False
    """Whether the last saved row is the last row of the list."""
    total: int | None = None
    """The total that the server reported; None except for searches."""
    fetched_at: float | None = None
    """When the top of the list was last fetched or confirmed, in Unix seconds; None if never."""
    loading: bool = False
    """Whether rows are being fetched or will be."""
    sorting: bool = False
    """Whether the first rows of a sorted or filtered feed are still being computed."""
    failure: Failure | None = None
    """Why the last fetch failed; None if it did not."""
    new: int = 0
    """Number of saved items that are newer than `View.seen_until`."""
    newest: int | None = None
    """The time of the newest item (Unix seconds); None if unknown."""
    is_empty: bool = False
    """Whether the list is complete and has no items. For flattrs, the user may also hide them."""


class Feed(Protocol):
    """The rows of a list, sorted and filtered, read by index. Every call returns immediately, with saved data.

    Another order or a filter of a long list is computed in a thread: see `FeedStatus.sorting`.
    """

    @property
    def request(self) -> ApiRequest:
        """The request that the rows come from."""
        ...

    @property
    def view(self) -> View:
        """The sort order and filter of the rows."""
        ...

    @property
    def status(self) -> FeedStatus:
        """The status as of the last `reload`."""
        ...

    def __len__(self) -> int:
        """Number of rows to draw, where a gap is one row."""
        ...

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from `start` to `stop` (excluded). Rows beyond the end are left out."""
        ...

    def find_row(self, key: str) -> int | None:
        """Return the index of the item with this key, so that the cursor can stay on it; None if the feed lacks it."""
        ...

    def reload(self) -> bool:
        """Update rows and status; call it after `FeedChanged`. Returns whether rows may have changed."""
        ...


def find_new_row(feed: Feed, start: int) -> int | None:
    """Return the index of the first new row at or after `start`; if there is none, of the first new row before it.

    None if no row is new.
    """
    for first in (*range(start, len(feed), _NEW_WINDOW), *range(0, start, _NEW_WINDOW)):
        for index, row in enumerate(feed.rows(first, first + _NEW_WINDOW), first):
            if isinstance(row, Row) and row.is_new:
                return index
    return None

"""A feed: the rows of one list, sorted and filtered, as screens show them. It has nothing to do with Atom feeds.

Each item of the list is one row, on whichever API page it came. A gap stands for rows that are not saved.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec
from msgspec.structs import replace

from flattr_tui.library.events import Failure
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Item
from flattr_tui.model.query_language import Query, QueryContext, parse_query

_NEW_WINDOW = 500
"""Number of rows that are read at a time to find a new one."""


class Sort(StrEnum):
    """The orders in which the saved rows of a list can be sorted. `SERVER` is the server's own order."""

    SERVER = "server"
    WHEN = "when"
    TITLE = "title"
    OWNER = "owner"
    FLATTRS = "flattrs"
    CATEGORY = "category"
    LANGUAGE = "language"

    @property
    def starts_high(self) -> bool:
        """Whether the usual direction of this order is from high to low: for times and for numbers of flattrs."""
        return self in {Sort.WHEN, Sort.FLATTRS}


class View(msgspec.Struct, frozen=True):
    """How the rows of a list are sorted and filtered. By default, they are in the server's order and unfiltered.

    Only this default shows gaps in place of rows that are not saved.
    """

    sort: Sort = Sort.SERVER
    descending: bool = False
    text: str = ""
    """A query (`model.query_language`) that filters the rows; "" for no filter."""
    context: QueryContext = QueryContext()
    """What the meaning of the query depends on: the time, the time zone and the logged-in user."""
    seen_until: int | None = None
    """Items that are newer than this time (Unix seconds) are marked as new; with None, no item is."""

    @property
    def query(self) -> Query:
        """The query that filters the rows, parsed. Raises `QuerySyntaxError` if the query is invalid."""
        return parse_query(self.text, self.context)

    def in_order(self, sort: Sort) -> "View":
        """Return a copy of this view, sorted by `sort` in the direction that is usual for it (`Sort.starts_high`)."""
        return replace(self, sort=sort, descending=sort.starts_high)

    def next_order(self, sorts: Sequence[Sort]) -> "View":
        """Return this view with the order that follows the present order in `sorts`.

        After the last order comes the first.
        """
        return self.in_order(sorts[(sorts.index(self.sort) + 1) % len(sorts)])

    def reverse_order(self, sorts: Sequence[Sort]) -> "View":
        """Return this view in the opposite direction.

        The server's order has no opposite. It is replaced by the order by time, with the oldest items first. If
        `sorts`, the orders that the list offers, does not contain the order by time, the last order in `sorts` is used.
        """
        if self.sort is not Sort.SERVER:
            return replace(self, descending=not self.descending)
        sort = Sort.WHEN if Sort.WHEN in sorts else sorts[-1]
        return replace(self, sort=sort, descending=not sort.starts_high)


class Row(msgspec.Struct, frozen=True):
    """An item of a list, as a row on screen."""

    item: Item
    key: str
    """A text that identifies the item, also after the list has changed."""
    fetched_at: float
    """When the item was fetched, in Unix seconds."""
    is_removed: bool = False
    """Whether the user has deleted the thing or ended the subscription, although the saved list still contains it."""
    is_new: bool = False
    """Whether the item is newer than `View.seen_until`."""


class Gap(msgspec.Struct, frozen=True):
    """A row that stands for rows of the list that are not saved."""

    missing: int | None = None
    """The number of rows that are not saved; None if unknown."""
    loading: bool = False
    """Whether the rows are being fetched."""
    at_end: bool = False
    """Whether the gap stands for all rows after the last saved one."""


class FeedStatus(msgspec.Struct, frozen=True):
    """The state of a list's saved rows: counts, times, and whether more is being fetched."""

    saved: int = 0
    """Number of saved items of the list."""
    shown: int = 0
    """Number of saved items that the filter matches; without a filter, of all saved items."""
    ended: bool = False
    """Whether the last saved row is also the last row of the list at the server."""
    total: int | None = None
    """The number of all items of the list, as the server reports it; None except for searches."""
    fetched_at: float | None = None
    """When the top of the list was last fetched or confirmed, in Unix seconds; None if never."""
    loading: bool = False
    """Whether rows are being fetched or will be."""
    sorting: bool = False
    """Whether the first rows in another order, or of a filtered list, are still being computed."""
    failure: Failure | None = None
    """Why the last attempt to fetch rows failed; None if it did not fail."""
    new: int = 0
    """Number of saved items that are newer than `View.seen_until`."""
    newest: int | None = None
    """The time of the list's newest saved item (Unix seconds); None if unknown."""
    is_empty: bool = False
    """Whether the whole list is saved and has no items. A list of flattrs is also empty if its user hides them."""


class Feed(Protocol):
    """The rows of one list, sorted and filtered, as saved at the last `reload`. All methods return immediately.

    A long list that is filtered or not in the server's order is computed in a thread. `FeedStatus.sorting` is true
    until the list's first rows are computed.
    """

    @property
    def request(self) -> ApiRequest:
        """The API request for the list."""
        ...

    @property
    def view(self) -> View:
        """The order and the filter of the rows."""
        ...

    @property
    def status(self) -> FeedStatus:
        """How many rows are saved and whether they are being fetched, as of the last `reload`."""
        ...

    def __len__(self) -> int:
        """Return the number of rows on screen, where each gap is one row."""
        ...

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from the index `start` to `stop` (excluded). Indexes after the last row are ignored."""
        ...

    def find_row(self, key: str) -> int | None:
        """Return the index of the row whose item has this key; None if there is no such row.

        The result is also None for a row that is not known yet: a feed may know only the rows that it has sorted, or
        that `rows` has returned.
        """
        ...

    def reload(self) -> bool:
        """Update the rows and the status from saved data. Returns whether the rows may have changed.

        Call this after the event `FeedChanged` for the list.
        """
        ...


def find_new_row(feed: Feed, start: int) -> int | None:
    """Return the index of the first row from the index `start` on that is marked as new.

    If there is no such row, return the index of the first new row of the whole list; None if no row is new.
    """
    for first in (*range(start, len(feed), _NEW_WINDOW), *range(0, start, _NEW_WINDOW)):
        for index, row in enumerate(feed.rows(first, first + _NEW_WINDOW), first):
            if isinstance(row, Row) and row.is_new:
                return index
    return None

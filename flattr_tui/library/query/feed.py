"""A feed: a list of items (not of pages), newest first and without duplicates, with gaps where rows are not saved."""

from enum import StrEnum
from typing import Protocol

import msgspec

from flattr_tui.library.events import Failure
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Item
from flattr_tui.model.query import Query, QueryContext, parse_query

SAVED_FLATTRS = "saved-flattrs"
"""Method name of requests for saved flattrs. No server has such a method."""
_NEW_WINDOW = 500
"""How many rows are read at a time to find a new one."""


class Sort(StrEnum):
    """The sort orders of a feed's saved rows; `SERVER` is the server's own."""

    SERVER = "server"
    WHEN = "when"
    TITLE = "title"
    OWNER = "owner"
    FLATTRS = "flattrs"
    CATEGORY = "category"
    LANGUAGE = "language"

    @property
    def starts_high(self) -> bool:
        """Whether a list is first sorted in descending order by this: the newest or the most flattred first."""
        return self in {Sort.WHEN, Sort.FLATTRS}


class View(msgspec.Struct, frozen=True):
    """How a feed is shown. Sorted or filtered views contain saved rows only, without gaps."""

    sort: Sort = Sort.SERVER
    descending: bool = False
    text: str = ""
    """A query (`model.query`): only matching rows are shown."""
    context: QueryContext = QueryContext()
    """What the meaning of the query depends on, such as the user and the date."""
    seen_until: int | None = None
    """Items after this time (Unix seconds) are new; None: none is."""

    @property
    def query(self) -> Query:
        """The parsed query. Raises `QuerySyntaxError`."""
        return parse_query(self.text, self.context)


class Row(msgspec.Struct, frozen=True, gc=False):
    """One item of a feed."""

    item: Item
    key: str
    fetched_at: float
    """Unix seconds: when the item was fetched."""
    is_removed: bool = False
    """Whether the item was deleted or ended, although the list still has it."""
    is_new: bool = False
    """Whether the item came after `View.seen_until`."""


class Gap(msgspec.Struct, frozen=True, gc=False):
    """Rows that the server has but that are not saved."""

    missing: int | None = None
    """How many; None if unknown."""
    loading: bool = False
    """Whether the rows are being fetched."""
    at_end: bool = False
    """Whether the gap stands for everything after the last saved row."""


class FeedStatus(msgspec.Struct, frozen=True):
    """What is known about a feed apart from its rows."""

    saved: int = 0
    """Number of saved items."""
    shown: int = 0
    """Number of items in this view (equal to `saved` without a filter)."""
    ended: bool = False
    """Whether the last saved row is the list's last."""
    total: int | None = None
    """Total that the server reported (searches only)."""
    fetched_at: float | None = None
    """Unix seconds: when the top was last fetched or confirmed; None: never."""
    loading: bool = False
    """Whether rows are being fetched, or are to be."""
    sorting: bool = False
    """Whether the first rows of a sorted or filtered view are still being computed."""
    failure: Failure | None = None
    """Why the last fetch failed; None if it did not."""
    new: int = 0
    """Number of saved items that came after `View.seen_until`."""
    newest: int | None = None
    """The time of the newest item (Unix seconds); None if it is not known."""
    is_empty: bool = False
    """Whether the list is complete and empty: there is nothing, or (flattrs) the user hides them."""


class Feed(Protocol):
    """One view of a list, read by index. Every call returns immediately, from saved data.

    Another order or a filter of a long list is computed in a thread: see `FeedStatus.sorting`.
    """

    @property
    def request(self) -> Request:
        """The request whose items the feed has."""
        ...

    @property
    def view(self) -> View:
        """The order and filter of the rows."""
        ...

    @property
    def status(self) -> FeedStatus:
        """Status as of the last `reload`."""
        ...

    def __len__(self) -> int:
        """Number of rows to draw, with each gap as one row."""
        ...

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from `start` to before `stop`, as far as they exist."""
        ...

    def find_row(self, key: str) -> int | None:
        """Return the index of the item with a key, so that the cursor can stay on it; None if there is none."""
        ...

    def reload(self) -> bool:
        """Update rows and status; call it on `FeedChanged`. Returns whether rows may have changed."""
        ...


def find_new_row(feed: Feed, start: int) -> int | None:
    """Return the index of the first new row from `start` on, or else from the top on; None without any."""
    for first in (*range(start, len(feed), _NEW_WINDOW), *range(0, start, _NEW_WINDOW)):
        for index, row in enumerate(feed.rows(first, first + _NEW_WINDOW), first):
            if isinstance(row, Row) and row.is_new:
                return index
    return None

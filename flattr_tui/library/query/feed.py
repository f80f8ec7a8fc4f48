"""A feed: a list of items (not of pages), each once, newest first, with holes where something is not saved."""

from enum import StrEnum
from typing import Protocol

import msgspec

from flattr_tui.library.events import Failure
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Item

SAVED = "saved-flattrs"
"""Stands where a method's name would in a request for saved flattrs. No server has such a method."""


class Sort(StrEnum):
    """The orders that a feed's saved rows can be shown in; `SERVER` is the service's own."""

    SERVER = "server"
    WHEN = "when"
    TITLE = "title"
    OWNER = "owner"
    FLATTRS = "flattrs"
    CATEGORY = "category"
    LANGUAGE = "language"


class View(msgspec.Struct, frozen=True):
    """How a feed is looked at. Sorted or filtered views hold the saved rows only, and no holes."""

    sort: Sort = Sort.SERVER
    descending: bool = False
    text: str = ""
    """Shown are rows that have every one of these words (prefixes) in title, owner, tags or description."""


class Row(msgspec.Struct, frozen=True):
    """One item of a feed."""

    item: Item
    key: str
    fetched_at: float
    """Unix seconds: how old what is shown is."""
    gone: bool = False
    """Whether it was deleted or ended since, though the list still has it."""


class Hole(msgspec.Struct, frozen=True):
    """Rows that the server has and the store has not."""

    missing: int | None = None
    """How many, where known."""
    loading: bool = False
    """Whether they are on their way."""
    tail: bool = False
    """Whether it stands for everything behind the last saved row (the end is not known yet)."""


class FeedStatus(msgspec.Struct, frozen=True):
    """What is known of a feed apart from its rows."""

    saved: int = 0
    """Items saved."""
    shown: int = 0
    """Items in this view (equal to `saved` without a filter)."""
    ended: bool = False
    """Whether the last saved row is the list's last."""
    total: int | None = None
    """How many the server says there are (searches only)."""
    fetched_at: float | None = None
    """Unix seconds: when the top was last fetched or confirmed; None: never."""
    loading: bool = False
    arranging: bool = False
    """Whether the first rows of a sorted or filtered view are still being found: none are there yet."""
    failure: Failure | None = None
    hidden_or_none: bool = False
    """The list is complete and empty: there is nothing, or (flattrs) the user hides them."""


class Feed(Protocol):
    """One feed in one view, read by index; every call answers at once from what is saved.

    Only another order or filter of a long list is found in a thread: see `FeedStatus.arranging`.
    """

    @property
    def request(self) -> Request:
        """What it lists."""
        ...

    @property
    def view(self) -> View:
        """How it is looked at."""
        ...

    @property
    def status(self) -> FeedStatus:
        """As of the last `reload`."""
        ...

    def __len__(self) -> int:
        """How many rows to draw, holes included (a hole is one row)."""
        ...

    def rows(self, start: int, stop: int) -> list[Row | Hole]:
        """Read rows `start` to `stop` (clipped to the length)."""
        ...

    def find(self, key: str) -> int | None:
        """Say where an item stands, so that a cursor can stay on it."""
        ...

    def reload(self) -> None:
        """Take in what changed since; call it on `FeedChanged`."""
        ...

"""What the catalogue answers with."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Item


class Scope(NamedTuple):
    """Whose answers: a source's name, and the user name logged in as ("" for nobody)."""

    source: str
    account: str = ""


class FeedFacts(msgspec.Struct, frozen=True):
    """What is known of a feed apart from its rows."""

    id: int = 0
    """0: nothing was ever taken in."""
    low: int = 0
    high: int = -1
    """Rows stand at the positions `low` to `high`, without gaps; there are none where `high < low`."""
    saved: int = 0
    """Items; holes are not counted."""
    ended: bool = False
    """Whether the last row is the list's last."""
    total: int | None = None
    """How many the server said there are (searches only)."""
    fetched_at: float | None = None
    """Unix seconds: when the top was last fetched or confirmed."""
    edition: int = 0
    """Another number whenever the rows, or what they show, may be others."""

    def __len__(self) -> int:
        """How many rows there are, holes included."""
        return self.high - self.low + 1


class Entry(NamedTuple):
    """One row of a feed: an item, or a hole."""

    position: int
    item: Item | None
    """None: a hole."""
    key: str
    fetched_at: float
    """Unix seconds: when the item was last served (0 for a hole)."""
    missing: int | None = None
    """How many rows a hole stands for; None: nobody knows."""


class Taken(NamedTuple):
    """What taking in one response did."""

    request: Request
    new: int = 0
    """Items that this feed did not have before."""
    met: bool = False
    """Whether the page joins what was saved before below it, or the list ended: a refresh may stop here."""
    ended: bool = False
    """Whether the list ends with this page."""
    items: int = 0
    """Records in the page, unreadable ones included."""
    suspicious: bool = False
    """Known items between this page and the one before were not served: fetch the one before again."""
    more: bool = False
    """Whether a page behind it is known to have items, so that it ends nothing, however few it has."""


class ThingFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The service's search of things. content/api/resources/things.md, 'Search things'."""

    query: str = ""
    tags: str = ""
    """A tag expression (`model.tags`)."""
    user: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    sort: str = "relevance"
    """One of the service's: relevance, trend, flattrs, flattrs_month, flattrs_week, flattrs_day."""

    @classmethod
    def of(cls, request: Request) -> "ThingFilter":
        """Read the filter off a `search` request."""
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


class Found(NamedTuple):
    """What an offline search answers."""

    ids: Sequence[int]
    """The window asked for, for `Catalogue.items`."""
    total: int


class Hit(NamedTuple):
    """One find in everything saved."""

    entry: Entry
    kind: str
    """`user`, `thing`, `flattr` or `activity`."""
    scope: Scope


class Tally(msgspec.Struct, frozen=True):
    """One bar of a chart."""

    key: str
    """What is counted: `YYYY-MM`, `YYYY-MM-DD`, a user name, a thing's id, a category's or language's id, a tag."""
    label: str
    """The same for people (a thing's title)."""
    count: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Counts over the saved flattrs of one user."""

    counted: int = 0
    """Flattrs that the figures count."""
    of: int | None = None
    """How many there are in all, where known (the list has ended)."""
    by_month: tuple[tuple[str, int], ...] = ()
    """`YYYY-MM`, every month from the first to the last, zeros included."""
    by_day: tuple[tuple[str, int], ...] = ()
    """`YYYY-MM-DD`, days with flattrs only, oldest first."""
    supported: tuple[tuple[str, int], ...] = ()
    """User names of things' owners, most first."""
    things: tuple[Tally, ...] = ()
    """The most flattred things, most first, at most 50."""
    categories: tuple[tuple[str, int], ...] = ()
    languages: tuple[tuple[str, int], ...] = ()
    tags: tuple[tuple[str, int], ...] = ()
    """At most 100, most first."""

"""The library as screens see it.

it returns saved data at once and fetches what is missing or stale in the background.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

import msgspec

from flattr_tui.library.events import Event, Failure, Status
from flattr_tui.library.query.feed import Feed, View
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Choice, Entity
from flattr_tui.model.source import Source

if TYPE_CHECKING:
    from flattr_tui.library.account.accounts import Accounts
    from flattr_tui.library.account.write_service import Actions
    from flattr_tui.library.bookmarks import Bookmarks
    from flattr_tui.library.console.api_console import Console
    from flattr_tui.library.query.earnings import EarningsReader
    from flattr_tui.library.query.search import Finder
    from flattr_tui.library.query.statistics import Reviewer
    from flattr_tui.library.sync import Syncer


class RecordState(msgspec.Struct, frozen=True):
    """A single object (a user, a thing, a lookup, the rate limit) and the state of its fetching."""

    entity: Entity | None = None
    fetched_at: float | None = None
    loading: bool = False
    failure: Failure | None = None


class ProfileStatistics(msgspec.Struct, frozen=True):
    """Counts of a user's saved flattrs, for charts."""

    counted: int
    """Number of flattrs counted."""
    total: int | None
    """Total number if known (the feed has ended), else None."""
    by_month: Sequence[tuple[str, int]]
    """`YYYY-MM` and number of flattrs, every month from the first to the last, zeros included."""
    supported: Sequence[tuple[str, int]]
    """User names and how often they were flattred, largest first."""
    categories: Sequence[tuple[str, int]]
    """Category ids and number of flattrs, largest first."""


class Library:
    """Abstract interface. All methods are called on the event loop's thread and return within milliseconds."""

    source: Source
    account: str
    """The user name that is logged in; "" for nobody."""
    status: Status
    console: "Console | None" = None
    """Sends API requests that the user composes."""
    bookmarks: "Bookmarks | None" = None
    """Bookmarks and history, shared by all sources."""
    search: "Finder | None" = None
    """Searches saved data."""
    statistics: "Reviewer | None" = None
    """Counts saved data."""
    earnings: "EarningsReader | None" = None
    """Reads what saved revenue reports add up to."""

    accounts: "Accounts | None" = None
    """Manages logins; None if there is no server."""
    writes: "Actions | None" = None
    """Performs writes as the account; None if there is no server."""
    sync: "Syncer | None" = None
    """Fetches whole lists for offline use."""

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; returns a function that ends this."""
        raise NotImplementedError

    def feed(self, request: Request, view: View | None = None) -> Feed:
        """Return a feed over saved rows. Call `observe` to fetch what is missing."""
        raise NotImplementedError

    def record(self, request: Request) -> RecordState:
        """Return what is saved of a single object."""
        raise NotImplementedError

    def observe(
        self, request: Request, *, start: int = 0, stop: int = 1, near: bool = False, by: Hashable = None
    ) -> None:
        """Register that `by` shows rows `start` to `stop` of a feed (in server order), or a record.

        What is missing or stale is fetched, visible rows first; `near` marks rows next to the visible ones. Calling it
        again with the same rows costs nothing. New rows of an observer replace its earlier ones only.
        """
        raise NotImplementedError

    def unobserve(self, request: Request, *, by: Hashable = None) -> None:
        """Remove the observer `by`; requests that were queued for it alone are dropped."""
        raise NotImplementedError

    def refresh(self, request: Request, *, complete: bool = False) -> None:
        """Fetch a feed again, from the top to known rows, or with `complete` to its end."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop everything queued or in flight; stored responses are kept."""
        raise NotImplementedError

    def retry_private(self) -> None:
        """Fetch again what was refused for lack of a login; call it after a login (see `events.LoginNeeded`)."""

    def choices(self, method: str) -> tuple[Choice, ...]:
        """Return the `categories` or `languages`: the saved response, else the documented ones."""
        raise NotImplementedError

    async def user_statistics(self, username: str) -> ProfileStatistics:
        """Count a user's saved flattrs (in a thread)."""
        raise NotImplementedError

    async def run(self) -> None:
        """Fetch what is observed until cancelled: the body of the app's background worker."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close connections and files, within 0.3 s."""
        raise NotImplementedError

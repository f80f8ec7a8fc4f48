"""The library as screens see it: answers at once with what is saved, fetches what is missing or stale behind them."""

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


class Record(msgspec.Struct, frozen=True):
    """One single object (a user, a thing, me, a lookup, the rate limit) and what is known of its fetching."""

    entity: Entity | None = None
    fetched_at: float | None = None
    loading: bool = False
    failure: Failure | None = None


class Figures(msgspec.Struct, frozen=True):
    """Counts over what is saved about a user, for drawing."""

    counted: int
    """Flattrs that the figures count."""
    of: int | None
    """How many there are in all, where known (the feed has ended); else None: more to come."""
    by_month: Sequence[tuple[str, int]]
    """`YYYY-MM` and flattrs, every month from the first to the last, zeros included."""
    supported: Sequence[tuple[str, int]]
    """User names by how often they were flattred, most first."""
    categories: Sequence[tuple[str, int]]
    """Category ids by flattrs, most first."""


class Library:
    """See the module. All methods are called on the event loop's thread and return within milliseconds."""

    source: Source
    account: str
    """The user name logged in as, "" for nobody."""
    status: Status
    console: "Console | None" = None
    """Sends any method by hand."""
    marks: "Bookmarks | None" = None
    """Bookmarks and history, shared by all sources."""
    finder: "Finder | None" = None
    """Finds in what is saved."""
    reviewer: "Reviewer | None" = None
    """Counts what is saved."""
    earnings: "EarningsReader | None" = None
    """Reads what saved revenue reports add up to."""

    accounts: "Accounts | None" = None
    """Who can be logged in as; None where there is no server."""
    actions: "Actions | None" = None
    """Does what can be done as the account; None where nothing can."""
    sync: "Syncer | None" = None
    """Fetches whole lists, for later."""

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; the answer ends it."""
        raise NotImplementedError

    def feed(self, request: Request, view: View | None = None) -> Feed:
        """Open a feed over what is saved. Fetches nothing: say what is looked at with `want`."""
        raise NotImplementedError

    def record(self, request: Request) -> Record:
        """Return what is saved of a single object."""
        raise NotImplementedError

    def want(self, request: Request, *, start: int = 0, stop: int = 1, near: bool = False, by: Hashable = None) -> None:
        """Say that rows `start` to `stop` of a feed (in server order), or a record, are looked at.

        What is missing or stale is fetched, first come what is on screen; `near` marks neighbours and what lies
        behind the screen. Wanting the same again is free. `by` is who looks: its later rows take the place of its
        earlier ones, and not of those that others look at.
        """
        raise NotImplementedError

    def release(self, request: Request, *, by: Hashable = None) -> None:
        """Say that `by` looks at it no more: what was queued for nobody else and not yet sent is dropped."""
        raise NotImplementedError

    def refresh(self, request: Request, *, complete: bool = False) -> None:
        """Fetch again: a feed from the top until it meets what it knows, or (`complete`) to its end."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop all that is queued or in flight; nothing that came is lost."""
        raise NotImplementedError

    def retry_private(self) -> None:
        """Ask again for what was refused for want of a login: call it after one (see `events.LoginNeeded`)."""

    def choices(self, method: str) -> tuple[Choice, ...]:
        """Return the `categories` or the `languages`: the saved answer, else those documented."""
        raise NotImplementedError

    async def figures(self, username: str) -> Figures:
        """Count what is saved of a user's flattrs (in a thread)."""
        raise NotImplementedError

    async def run(self) -> None:
        """Fetch what is wanted until cancelled: the body of the app's one fetching worker."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close connections and files, within 0.3 s whatever is in flight."""
        raise NotImplementedError

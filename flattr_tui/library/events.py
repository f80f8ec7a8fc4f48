"""Events that the library publishes, and a sync's progress.

Listeners are called on the event loop's thread and must not await.
"""

from enum import StrEnum

import msgspec

from flattr_tui.api.errors import FlattrError
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import RateLimit


class WaitReason(StrEnum):
    """What requests wait for, in words that follow `waiting 04:12`."""

    RATE_LIMIT = "for the rate limit"
    SERVER = "for the server"
    """The server failed, and said when to try again (Retry-After)."""


class SyncStage(StrEnum):
    """What a sync is doing."""

    RUNNING = "running"
    WAITING = "waiting"
    """Until `SyncProgress.waiting_until`, for the reason in `SyncProgress.waiting_for`."""
    DONE = "done"
    CANCELLED = "cancelled"


class SyncProblem(msgspec.Struct, frozen=True):
    """Something that a sync could not fetch."""

    what: str
    """What could not be fetched: `ada's flattrs`."""
    sentence: str
    """Why it could not be fetched, and what to do."""
    exit_code: int = 1
    """Exit code of the command line, as in `api.errors`."""


class SyncProgress(msgspec.Struct, frozen=True, kw_only=True):
    """The progress of one sync. Counts are of this run unless they say otherwise."""

    stage: SyncStage = SyncStage.RUNNING
    items: int = 0
    """Saved items of the targets' lists, including those of earlier runs."""
    new: int = 0
    """Items that were not known before."""
    gone: int = 0
    """Items that were saved before, and that the lists no longer have."""
    recounted: int = 0
    """Known things whose count of flattrs has changed."""
    items_at_least: int = 0
    """Total number of items as far as known; exact if `ended`."""
    ended: bool = False
    """Whether all lists are known to their ends."""
    pages: int = 0
    """Pages and records that were fetched, or confirmed by the server."""
    requests_left: int | None = None
    """Requests left in this hour; None if the server does not say."""
    seconds_to_go: float | None = None
    """Estimated remaining time in seconds; None if it can't be estimated."""
    waiting_until: float | None = None
    """Unix seconds; None if the sync is not waiting."""
    waiting_for: WaitReason | None = None
    at: str = ""
    """What was fetched last, for display."""
    targets: int = 0
    """Lists and records to fetch, as far as known (followed owners are added when found)."""
    done: int = 0
    """How many of `targets` are complete."""
    problems: tuple[SyncProblem, ...] = ()


class ConnectionState(StrEnum):
    """The state of the connection, as the header shows it."""

    LIVE = "live"
    OFFLINE = "offline"
    """Chosen with `--offline` or the source `saved`: no connection is ever opened."""
    UNREACHABLE = "unreachable"
    """The last request failed to connect; the next one tries again."""
    WAITING = "waiting"
    """Until `SourceStatus.waiting_until`, for the reason in `SourceStatus.waiting_for`."""


class SourceStatus(msgspec.Struct, frozen=True):
    """The state of the source, for the header."""

    connection: ConnectionState = ConnectionState.LIVE
    rate: RateLimit | None = None
    """As the server last reported it; None if it never did."""
    waiting_until: float | None = None
    """Unix seconds; None if nothing has to wait."""
    active: int = 0
    """Number of requests in flight."""
    queued: int = 0
    """Number of requests that are not sent yet."""
    waiting_for: WaitReason | None = None
    storage_fault: str = ""
    """Why new pages are not kept, in two or three words (`disk full`); "" if they are."""


class StatusChanged(msgspec.Struct, frozen=True):
    """The source's status has changed."""

    status: SourceStatus


class FeedChanged(msgspec.Struct, frozen=True):
    """A feed's rows or status have changed: call `Feed.reload`."""

    request: Request


class RecordChanged(msgspec.Struct, frozen=True):
    """A record or its fetch state has changed."""

    request: Request


class Notice(msgspec.Struct, frozen=True):
    """A sentence to show to the user once, for example that a store was set aside."""

    text: str
    severity: str = "information"
    """One of Textual's: information, warning, error."""


class Failure(msgspec.Struct, frozen=True):
    """Why the last fetch failed; shown beside saved data, never instead of it."""

    sentence: str
    """What happened and what to do."""
    error: FlattrError
    at: float = 0.0
    """Unix seconds."""


class FetchState(msgspec.Struct, frozen=True):
    """What is happening to a request, for display."""

    loading: bool = False
    """Whether the request is queued or in flight."""
    failure: Failure | None = None
    """Why the last fetch failed; None if it did not."""


class LoginNeeded(msgspec.Struct, frozen=True):
    """A private request was refused for lack of a login (401); it waits for `Library.retry_private`."""

    request: Request


class SyncChanged(msgspec.Struct, frozen=True):
    """A sync in this program has started, progressed or ended."""

    progress: SyncProgress


Event = StatusChanged | FeedChanged | RecordChanged | Notice | LoginNeeded | SyncChanged

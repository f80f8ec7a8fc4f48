"""The events that the library publishes, and the progress of a sync.

Listeners are called on the event loop's thread and must not await.
"""

from enum import StrEnum

import msgspec

from flattr_tui.api.errors import FlattrError
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import RateLimit


class WaitReason(StrEnum):
    """What requests wait for, in words that follow a countdown: `waiting 04:12 for the server`."""

    RATE_LIMIT = "for the rate limit"
    SERVER = "for the server"
    """The server failed, and said when to try again (Retry-After)."""


class SyncStage(StrEnum):
    """What a sync is doing."""

    RUNNING = "running"
    WAITING = "waiting"
    """The sync waits until `SyncProgress.waiting_until`, for the reason in `SyncProgress.waiting_for`."""
    DONE = "done"
    CANCELLED = "cancelled"


class SyncProblem(msgspec.Struct, frozen=True):
    """A request that a sync could not fetch, and why."""

    what: str
    """What could not be fetched: `ada's flattrs`."""
    sentence: str
    """Why it could not be fetched, and what to do."""
    exit_code: int = 1
    """The exit code for the command line, as in `api.errors`."""


class SyncProgress(msgspec.Struct, frozen=True, kw_only=True):
    """The progress of one sync. Unless stated otherwise, numbers count from its start."""

    stage: SyncStage = SyncStage.RUNNING
    items: int = 0
    """Number of saved items in the lists to fetch, including those from earlier runs."""
    new: int = 0
    """Number of items that were not known before."""
    gone: int = 0
    """Number of items that were saved before, but are no longer in the lists."""
    recounted: int = 0
    """Number of known things whose number of flattrs has changed."""
    items_at_least: int = 0
    """Total number of items, as far as known; exact if `ended`."""
    ended: bool = False
    """Whether the ends of all lists are known."""
    pages: int = 0
    """Number of pages and single objects that were fetched, or confirmed by the server."""
    requests_left: int | None = None
    """Number of requests left in this hour; None if the server does not say."""
    seconds_to_go: float | None = None
    """Estimated remaining time in seconds; None if it can't be estimated."""
    waiting_until: float | None = None
    """When the wait ends, in Unix seconds; None if the sync is not waiting."""
    waiting_for: WaitReason | None = None
    at: str = ""
    """What was fetched last, for display."""
    targets: int = 0
    """Number of lists and single objects to fetch, as far as known. Owners to follow are added when they are found."""
    done: int = 0
    """How many of `targets` are complete."""
    problems: tuple[SyncProblem, ...] = ()


class ConnectionState(StrEnum):
    """The state of the connection, as the header shows it."""

    LIVE = "live"
    OFFLINE = "offline"
    """The user chose `--offline` or the source `saved`. No connection is ever opened."""
    UNREACHABLE = "unreachable"
    """The last request could not connect. The next one tries again."""
    WAITING = "waiting"
    """Requests wait until `SourceStatus.waiting_until`, for the reason in `SourceStatus.waiting_for`."""


class SourceStatus(msgspec.Struct, frozen=True):
    """The state of the source, for the header."""

    connection: ConnectionState = ConnectionState.LIVE
    rate: RateLimit | None = None
    """The rate limit that the server last reported; None if it never did."""
    waiting_until: float | None = None
    """When the wait ends, in Unix seconds; None if nothing waits."""
    active: int = 0
    """Number of requests that were sent and are not answered yet."""
    queued: int = 0
    """Number of requests that are not sent yet."""
    waiting_for: WaitReason | None = None
    storage_fault: str = ""
    """Why new pages are not stored, in two or three words (`disk full`); "" if they are stored."""


class StatusChanged(msgspec.Struct, frozen=True):
    """The status of the source has changed."""

    status: SourceStatus


class FeedChanged(msgspec.Struct, frozen=True):
    """The rows or the status of a feed have changed: call `Feed.reload`."""

    request: ApiRequest


class RecordChanged(msgspec.Struct, frozen=True):
    """A single object or the state of its fetching has changed."""

    request: ApiRequest


class Notice(msgspec.Struct, frozen=True):
    """A sentence to show to the user once, for example that a store was set aside."""

    text: str
    severity: str = "information"
    """A severity of Textual's: `information`, `warning` or `error`."""


class Failure(msgspec.Struct, frozen=True):
    """Why the last fetch failed. It is shown beside saved data, never instead of it."""

    sentence: str
    """A sentence that says what happened and what to do."""
    error: FlattrError
    at: float = 0.0
    """When the fetch failed, in Unix seconds."""


class FetchState(msgspec.Struct, frozen=True):
    """Whether a request is being fetched, and whether that failed, for display."""

    loading: bool = False
    """Whether the request is queued or was sent."""
    failure: Failure | None = None
    """Why the last fetch failed; None if it did not."""


class LoginNeeded(msgspec.Struct, frozen=True):
    """A private request was refused for lack of a login (401). It is sent again after `Library.retry_private`."""

    request: ApiRequest


class SyncChanged(msgspec.Struct, frozen=True):
    """A sync in this program has started, progressed or ended."""

    progress: SyncProgress


Event = StatusChanged | FeedChanged | RecordChanged | Notice | LoginNeeded | SyncChanged

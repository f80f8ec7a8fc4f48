"""The events that the library publishes to its listeners, and the progress of a sync.

Listeners are plain functions, which are called on the event loop's thread.
"""

from enum import StrEnum

import msgspec

from flattr_tui.api.errors import FlattrError
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import RateLimit


class WaitReason(StrEnum):
    """Why requests are not sent yet. The values are words that follow a countdown: `waiting 04:12 for the server`."""

    RATE_LIMIT = "for the rate limit"
    """All requests that the server allows in this hour have been sent."""
    SERVER = "for the server"
    """The server failed, and said when to try again (Retry-After)."""


class SyncStage(StrEnum):
    """The stage that a sync has reached."""

    RUNNING = "running"
    WAITING = "waiting"
    """The sync sends no requests until `SyncProgress.waiting_until`. `SyncProgress.waiting_for` is the reason."""
    DONE = "done"
    CANCELLED = "cancelled"


class SyncProblem(msgspec.Struct, frozen=True):
    """A list or object that a sync could not fetch completely, and why."""

    what: str
    """A short name of the list or object: `ada's flattrs`."""
    sentence: str
    """A sentence that says why fetching failed, and what to do."""
    exit_code: int = 1
    """The exit code of the command `sync` for this problem."""


class SyncProgress(msgspec.Struct, frozen=True, kw_only=True):
    """The progress of one sync. The numbers count what happened during this sync, unless stated otherwise."""

    stage: SyncStage = SyncStage.RUNNING
    items: int = 0
    """Number of saved items in the lists to fetch, including the items that were saved before this sync."""
    new: int = 0
    """Number of items that were not known before."""
    gone: int = 0
    """Number of items that were saved before, but are no longer in the lists."""
    recounted: int = 0
    """Number of known things whose number of flattrs has changed."""
    unsaved: int = 0
    """Number of new items that were fetched but could not be saved. `items` and `new` don't count them."""
    items_at_least: int = 0
    """Total number of items in the lists, saved or not, as far as it is known; exact if `ended`."""
    ended: bool = False
    """Whether the last items of all lists are known, so that the total is known."""
    pages: int = 0
    """Number of API pages and single objects that were fetched, or that the server confirmed as unchanged."""
    requests_left: int | None = None
    """Number of requests that the server still allows in this hour; None if the server does not say."""
    seconds_to_go: float | None = None
    """Estimated remaining time in seconds; None if it can't be estimated."""
    waiting_until: float | None = None
    """When the next request may be sent, in Unix seconds; None if the sync is not waiting."""
    waiting_for: WaitReason | None = None
    """Why the sync is waiting; None if it is not waiting."""
    at: str = ""
    """A short name of what was fetched last: `ada's flattrs`."""
    targets: int = 0
    """Number of lists and single objects to fetch, as far as it is known.

    With `Targets.follow_owners`, the number grows when owners are found.
    """
    done: int = 0
    """How many of `targets` are complete."""
    problems: tuple[SyncProblem, ...] = ()


class ConnectionState(StrEnum):
    """The state of the connection to the server, as the screen's header shows it."""

    LIVE = "live"
    OFFLINE = "offline"
    """The user chose `--offline` or the source `saved`. No connection is ever opened."""
    UNREACHABLE = "unreachable"
    """The last request could not connect. The next request tries again."""
    WAITING = "waiting"
    """No request is sent until `SourceStatus.waiting_until`. `SourceStatus.waiting_for` is the reason."""


class SourceStatus(msgspec.Struct, frozen=True):
    """The state of the source, as the screen's header shows it: connection, rate limit, requests under way."""

    connection: ConnectionState = ConnectionState.LIVE
    rate: RateLimit | None = None
    """The rate limit that the server last reported; None if it never did."""
    waiting_until: float | None = None
    """When the next request may be sent, in Unix seconds; None if no request waits."""
    active: int = 0
    """Number of requests that were sent and are not answered yet."""
    queued: int = 0
    """Number of requests that are not sent yet."""
    waiting_for: WaitReason | None = None
    """Why requests wait; None if no request waits."""
    storage_fault: str = ""
    """Why fetched pages are not stored, in two or three words (`disk full`); "" if they are stored."""


class StatusChanged(msgspec.Struct, frozen=True):
    """Event: the connection, rate limit or number of requests of the source has changed."""

    status: SourceStatus


class FeedChanged(msgspec.Struct, frozen=True):
    """Event: the saved rows of a list, or the state of its fetching, have changed.

    Each `Feed` with the rows of this list must now be updated with `Feed.reload`.
    """

    request: ApiRequest


class CaughtUp(msgspec.Struct, frozen=True):
    """Event: saved responses that the catalogue did not contain were added to it, so that any data may have changed."""


class RecordChanged(msgspec.Struct, frozen=True):
    """Event: a saved single object (a user, a thing) or the state of its fetching has changed."""

    request: ApiRequest
    """The request that returns the object."""


class Notice(msgspec.Struct, frozen=True):
    """Event: the user should be told a sentence, for example that a store was set aside."""

    text: str
    severity: str = "information"
    """One of the severities of Textual's notifications: `information`, `warning` or `error`."""


class Failure(msgspec.Struct, frozen=True):
    """Why the last attempt to fetch something failed. A failure is shown beside saved data, never instead of it."""

    sentence: str
    """A sentence that says what happened and what to do."""
    error: FlattrError
    at: float = 0.0
    """When the fetch failed, in Unix seconds."""


class FetchState(msgspec.Struct, frozen=True):
    """Whether the data of a request is being fetched, and whether the last attempt failed."""

    loading: bool = False
    """Whether the request is queued, or was sent and is not answered yet."""
    failure: Failure | None = None
    """Why the last attempt failed; None if it did not fail."""


class LoginNeeded(msgspec.Struct, frozen=True):
    """Event: the server refused a private request because nobody is logged in (401).

    After a login, `Library.retry_private` sends such requests again.
    """

    request: ApiRequest


class SyncChanged(msgspec.Struct, frozen=True):
    """Event: a sync that runs in this program has started, progressed or ended."""

    progress: SyncProgress


Event = StatusChanged | FeedChanged | CaughtUp | RecordChanged | Notice | LoginNeeded | SyncChanged

"""Events that the library publishes. Listeners are called on the event loop's thread and must not await."""

from enum import StrEnum

import msgspec

from flattr_tui.api.errors import FlattrError
from flattr_tui.library.sync_progress import SyncProgress, WaitReason
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import RateLimit


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
    waiting_until: float | None = None
    """Unix seconds."""
    active: int = 0
    """Requests in flight."""
    queued: int = 0
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


class LoginNeeded(msgspec.Struct, frozen=True):
    """A private request was refused for lack of a login (401); it waits for `Library.retry_private`."""

    request: Request


class SyncChanged(msgspec.Struct, frozen=True):
    """A sync in this program has started, progressed or ended."""

    progress: SyncProgress


Event = StatusChanged | FeedChanged | RecordChanged | Notice | LoginNeeded | SyncChanged

"""What the library tells whoever subscribed. Always called on the event loop's thread, never with anything to await."""

from enum import StrEnum

import msgspec

from flattr_tui.api.errors import FlattrError
from flattr_tui.library.sync_progress import Progress, Waiting
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import RateLimit


class Connection(StrEnum):
    """What the badge says."""

    LIVE = "live"
    OFFLINE = "offline"
    """Chosen, by `--offline` or the source `saved`: no connection is ever opened."""
    UNREACHABLE = "unreachable"
    """The last request did not get through; the next one tries again."""
    WAITING = "waiting"
    """For what `Status.waiting_for` says, until `Status.waiting_until`."""


class Status(msgspec.Struct, frozen=True):
    """The state of the source as a whole, for the header."""

    connection: Connection = Connection.LIVE
    rate: RateLimit | None = None
    waiting_until: float | None = None
    """Unix seconds."""
    active: int = 0
    """Requests in flight."""
    queued: int = 0
    waiting_for: Waiting | None = None


class StatusChanged(msgspec.Struct, frozen=True):
    """The header has something else to say."""

    status: Status


class FeedChanged(msgspec.Struct, frozen=True):
    """A feed's rows or status are others than before: its readers call `Feed.reload`."""

    request: Request


class RecordChanged(msgspec.Struct, frozen=True):
    """A record, or what is known of its fetching, is another than before."""

    request: Request


class Notice(msgspec.Struct, frozen=True):
    """Something a person should be told once, in one sentence (a store that was set aside, say)."""

    text: str
    severity: str = "information"
    """Textual's: information, warning or error."""


class Failure(msgspec.Struct, frozen=True):
    """Why the last fetch of something failed; kept beside the good data, never instead of it."""

    sentence: str
    """What happened and what to do, for people."""
    error: FlattrError
    at: float = 0.0
    """Unix seconds."""


class LoginNeeded(msgspec.Struct, frozen=True):
    """A private request was refused for want of a login (401): it is held until `Library.retry_private`."""

    request: Request


class SyncChanged(msgspec.Struct, frozen=True):
    """A sync within the program went on, began or ended."""

    progress: Progress


Event = StatusChanged | FeedChanged | RecordChanged | Notice | LoginNeeded | SyncChanged

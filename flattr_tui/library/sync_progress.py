"""The progress of a sync, shown on the command line and in the header, and printed as JSON."""

from enum import StrEnum

from msgspec import Struct


class WaitReason(StrEnum):
    """What requests wait for, in words that follow `waiting 04:12`."""

    RATE_LIMIT = "for the rate limit"
    SERVER = "for the server"
    """It failed, and said when to try again (Retry-After)."""


class SyncStage(StrEnum):
    """What a sync is doing."""

    RUNNING = "running"
    WAITING = "waiting"
    """Until `Progress.waiting_until`, for the reason in `SyncProgress.waiting_for`."""
    DONE = "done"
    CANCELLED = "cancelled"


class SyncProblem(Struct, frozen=True):
    """Something that a sync could not fetch."""

    what: str
    """What it is: `ada's flattrs`."""
    sentence: str
    """Why, and what to do."""
    exit_code: int = 1
    """Exit code of the command line, as in `api.errors`."""


class SyncProgress(Struct, frozen=True, kw_only=True):
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
    """Requests left in this hour, if the server says so."""
    seconds_to_go: float | None = None
    """Estimated remaining time, if it can be estimated."""
    waiting_until: float | None = None
    """Unix seconds."""
    waiting_for: WaitReason | None = None
    at: str = ""
    """What was fetched last, for display."""
    targets: int = 0
    """Lists and records to fetch, as far as known (followed owners are added when found)."""
    done: int = 0
    """How many of these are complete."""
    problems: tuple[SyncProblem, ...] = ()

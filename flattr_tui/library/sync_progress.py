"""How far a sync has come, as a value: drawn by the command line's bar, by the header, and printed as JSON."""

from enum import StrEnum

from msgspec import Struct


class Waiting(StrEnum):
    """What is waited for, in words that `waiting 04:12` goes before."""

    RATE_LIMIT = "for the rate limit"
    SERVER = "for the server"
    """It failed, and said when to ask again (Retry-After)."""


class Stage(StrEnum):
    """What a sync is doing."""

    RUNNING = "running"
    WAITING = "waiting"
    """For what `Progress.waiting_for` says, until `Progress.waiting_until`."""
    DONE = "done"
    CANCELLED = "cancelled"


class Problem(Struct, frozen=True):
    """Something that a sync could not get."""

    what: str
    """What it is, for people: `ada's flattrs`."""
    sentence: str
    """Why, and what to do."""
    exit_code: int = 1
    """What the command line ends with, as in `api.errors`."""


class Progress(Struct, frozen=True, kw_only=True):
    """See the module. Counts are of this run, except where they say otherwise."""

    stage: Stage = Stage.RUNNING
    items: int = 0
    """Items of the targets' lists that are saved now, those of earlier runs included."""
    new: int = 0
    """Items of the lists that were not known before."""
    items_at_least: int = 0
    """How many items there are, as far as is known: exact where `ended`."""
    ended: bool = False
    """Whether all of the targets' lists are known to their ends."""
    pages: int = 0
    """Pages and records that were fetched, or confirmed by the server."""
    requests_left: int | None = None
    """Requests left in this hour, where the server says so."""
    seconds_to_go: float | None = None
    """An estimate, where there is something to reckon it from."""
    waiting_until: float | None = None
    """Unix seconds."""
    waiting_for: Waiting | None = None
    at: str = ""
    """What was fetched last, for people."""
    targets: int = 0
    """Lists and records to fetch, as far as they are known (owners that are followed come as they are found)."""
    done: int = 0
    """How many of these are complete."""
    problems: tuple[Problem, ...] = ()

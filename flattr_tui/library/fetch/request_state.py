"""The state of one request: who observes it, and what happened to it."""

import asyncio
from collections.abc import Hashable

import msgspec

from flattr_tui.library.events import Failure
from flattr_tui.library.fetch.paginator import Paginator
from flattr_tui.model.api_request import Request

Window = tuple[int, int]
"""Rows from the first to before the second."""


class FetchState(msgspec.Struct, frozen=True):
    """What is happening to a request, for display."""

    loading: bool = False
    failure: Failure | None = None


class RequestState(msgspec.Struct, eq=False):
    """The state of one request."""

    request: Request
    paginator: Paginator
    visible: dict[Hashable, Window] = msgspec.field(default_factory=dict)
    """The rows on screen, by observer."""
    nearby: dict[Hashable, Window] = msgspec.field(default_factory=dict)
    """Rows next to those on screen, by observer."""
    refetch_head: bool = False
    """Whether to fetch the top again."""
    refetch_all: bool = False
    """Whether to fetch everything again."""
    task: "asyncio.Task[None] | None" = None
    """The task that is fetching it."""
    is_started: bool = True
    """Whether `task` has queued its first request."""
    failure: Failure | None = None
    """Why the last fetch failed; None after a success."""
    retry_at: float = 0.0
    """Unix seconds: when observers cause another fetch after a failure."""
    awaiting_login: bool = False
    """Whether it waits for a login."""

    @property
    def is_observed(self) -> bool:
        """Whether it has observers."""
        return bool(self.visible or self.nearby)

    @property
    def is_wanted(self) -> bool:
        """Whether it is observed or to be fetched again."""
        return self.is_observed or self.refetch_head or self.refetch_all

    @property
    def is_idle(self) -> bool:
        """Whether nothing is happening to it and nothing is planned."""
        return self.task is None and not self.is_wanted and not self.awaiting_login

    def clear(self) -> None:
        """Remove all observers and pending refreshes."""
        self.visible.clear()
        self.nearby.clear()
        self.refetch_head = self.refetch_all = False

"""What is wanted of one request, and what came of asking for it."""

import asyncio
from collections.abc import Hashable

import msgspec

from flattr_tui.library.events import Failure
from flattr_tui.library.fetch.paginator import Pager
from flattr_tui.model.api_request import Request

Window = tuple[int, int]
"""Rows from the first to before the second."""


class Fetching(msgspec.Struct, frozen=True):
    """What is being done about a request, for those who show it."""

    loading: bool = False
    failure: Failure | None = None


class Following(msgspec.Struct, eq=False):
    """See the module."""

    request: Request
    pager: Pager
    windows: dict[Hashable, Window] = msgspec.field(default_factory=dict)
    """The rows on screen, by who looks at them: one must not take another's away."""
    near: dict[Hashable, Window] = msgspec.field(default_factory=dict)
    """Their neighbours, by who is near them."""
    refresh: bool = False
    """Whether the top is to be fetched again."""
    complete: bool = False
    """Whether all of it is to be fetched again."""
    task: "asyncio.Task[None] | None" = None
    """What fetches it now."""
    begun: bool = True
    """Whether `task` has come to its first question."""
    failure: Failure | None = None
    """Why it could not be fetched, until it is."""
    again_at: float = 0.0
    """Unix seconds: looking at it asks for it again from then on, after a failure."""
    held: bool = False
    """Whether it waits for a login."""

    @property
    def looked_at(self) -> bool:
        """Whether anybody looks at it or near it."""
        return bool(self.windows or self.near)

    @property
    def wanted(self) -> bool:
        """Whether anything is wanted of it."""
        return self.looked_at or self.refresh or self.complete

    @property
    def idle(self) -> bool:
        """Whether nothing is done about it, nor waited for."""
        return self.task is None and not self.wanted and not self.held

    def forget_wants(self) -> None:
        """Want nothing more of it."""
        self.windows.clear()
        self.near.clear()
        self.refresh = self.complete = False

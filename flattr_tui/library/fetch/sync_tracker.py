"""Tracks a sync's progress: what is done, what is left, and how long that may take."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.events import Connection, Status
from flattr_tui.library.fetch.request_titles import describe_request
from flattr_tui.library.fetch.store_writer import FetchResult
from flattr_tui.library.sync_progress import SyncProblem, SyncProgress, SyncStage
from flattr_tui.model.api_request import Request
from flattr_tui.store.types import ListStats

HOUR: Final = 3600.0
"""The rate limit's period."""


class SyncTracker:
    """Computes a sync's progress; calls `publish` with every change."""

    def __init__(self, clock: Callable[[], float], publish: Callable[[SyncProgress], None]) -> None:
        self._clock = clock
        self._publish = publish
        self._progress = SyncProgress()
        self._open: dict[Request, None] = {}
        self._lists: dict[Request, tuple[int, int, bool]] = {}
        """For each list, the number of saved and of missing items, and whether its end is known."""
        self._saved_before: dict[Request, int] = {}
        self._new: dict[Request, int] = {}
        self._page = 1
        self._limit = 0
        self._began = clock()
        self._waited = 0.0
        self._waiting_since: float | None = None

    def add_targets(self, *requests: Request) -> None:
        """Add requests that are to be fetched."""
        self._open |= dict.fromkeys(requests)
        self._change(targets=self._progress.targets + len(requests))

    def complete_target(self, request: Request) -> None:
        """Mark a request as complete."""
        self._open.pop(request, None)
        self._change(done=self._progress.done + 1)

    def drop_targets(self, *requests: Request) -> None:
        """Remove requests that won't be fetched."""
        for request in requests:
            self._open.pop(request, None)
        self._change()

    def add_problem(self, request: Request, problem: SyncProblem) -> None:
        """Record that a request failed."""
        self._open.pop(request, None)
        self._change(problems=(*self._progress.problems, problem))

    def add_page(self, request: Request, outcome: FetchResult) -> None:
        """Record a fetched page."""
        progress = self._progress
        self._page = max(self._page, outcome.count)
        new = outcome.ingested.new if BY_NAME[request.method].is_list else 0  # a profile is not an item of a list
        self._new[request] = self._new.get(request, 0) + new
        self._change(
            pages=progress.pages + 1,
            new=progress.new + new,
            recounted=progress.recounted + outcome.ingested.recounted,
            at=describe_request(request),
        )

    def update_list(self, request: Request, stats: ListStats, missing: int) -> None:
        """Record how much of a list is saved."""
        self._lists[request] = (stats.saved, missing, stats.ended)
        self._saved_before.setdefault(request, stats.saved)
        self._change(gone=sum(map(self._count_gone, self._lists)))

    def _count_gone(self, request: Request) -> int:
        """Return how many items a list has lost. Known items that were fetched again are not counted as new."""
        return max(0, self._saved_before[request] + self._new.get(request, 0) - self._lists[request][0])

    def update_status(self, status: Status) -> None:
        """Record the state of the source."""
        now = self._clock()
        waiting = status.connection is Connection.WAITING
        if waiting and self._waiting_since is None:
            self._waiting_since = now
        elif not waiting and self._waiting_since is not None:
            self._waited, self._waiting_since = self._waited + now - self._waiting_since, None
        self._limit = status.rate.limit if status.rate is not None else 0
        self._change(
            stage=SyncStage.WAITING if waiting else SyncStage.RUNNING,
            waiting_until=status.waiting_until,
            waiting_for=status.waiting_for,
            requests_left=status.rate.remaining if status.rate is not None else None,
        )

    def finish(self, stage: SyncStage) -> SyncProgress:
        """Record that the sync ended; returns the final progress."""
        seconds = 0.0 if stage is SyncStage.DONE else None
        self._change(stage=stage, waiting_until=None, waiting_for=None, seconds_to_go=seconds)
        return self._progress

    def _change(self, **changes: object) -> None:
        saved = sum(items for items, _, _ in self._lists.values())
        missing = sum(missing for _, missing, _ in self._lists.values())
        ended = bool(self._lists) and not self._open.keys() - self._lists.keys()
        known = {
            "items": saved,
            "items_at_least": saved + missing,
            "ended": ended and all(end for _, _, end in self._lists.values()),
            "seconds_to_go": self._seconds_to_go(missing),
        }
        progress = replace(self._progress, **(known | changes))
        if progress != self._progress:
            self._progress = progress
            self._publish(progress)

    def _seconds_to_go(self, missing: int) -> float | None:
        """Estimate the remaining seconds from the pages so far; None before the first or without a known end."""
        pages = self._progress.pages
        if not pages or any(not ended for request, (_, _, ended) in self._lists.items() if request in self._open):
            return None
        now = self._clock()
        waited = self._waited + (now - self._waiting_since if self._waiting_since is not None else 0.0)
        left = missing // self._page + len(self._open.keys() - self._lists.keys())
        seconds = left * (now - self._began - waited) / pages
        requests = self._progress.requests_left
        if self._limit and requests is not None and left > requests:
            seconds += HOUR * ((left - requests) / self._limit)
        return max(0.0, seconds)

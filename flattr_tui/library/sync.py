"""Syncs: fetches whole lists for offline use. The catalogue knows what is missing, so a sync can always resume.

Several lists are fetched at the same time, each page by page, with the lowest priority. After an interruption, even by
`kill -9`, the next sync continues after the last stored page. If a list is complete, a sync fetches only its new items.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from flattr_tui.api.errors import (
    FlattrError,
    LoginError,
    NetworkError,
    NotFoundError,
    OfflineError,
    RateLimitedError,
    UnauthorizedError,
)
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.api_descriptions import describe_request, sentence_subject
from flattr_tui.library.base_library import BaseLibrary
from flattr_tui.library.events import (
    ConnectionState,
    Event,
    SourceStatus,
    StatusChanged,
    SyncChanged,
    SyncProblem,
    SyncProgress,
    SyncStage,
)
from flattr_tui.library.fetch.paginator import Paginator
from flattr_tui.library.fetch.queue_and_limits import DroppedError, FetchRequest, Priority
from flattr_tui.library.fetch.revalidator import is_fresh
from flattr_tui.library.fetch.store_writer import FetchResult
from flattr_tui.model.api_request import (
    FULL,
    ApiRequest,
    fold_username,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.store.errors import StoreError
from flattr_tui.store.saved_list_rows import ListStats

CONCURRENT_LISTS: Final = 4
"""Number of lists that are fetched at the same time."""
EVENT_INTERVAL: Final = 0.1
"""Minimum time in seconds between two `SyncChanged` events, because the screen is redrawn after each of them."""
MAX_OWNERS: Final = 10_000
"""Maximum number of owners whose profiles and things are fetched with `Targets.follow_owners`, per synced user."""
MAX_ROUNDS: Final = 3
"""Maximum number of times that a list is fetched in one sync, if it keeps changing while it is fetched."""
HOUR: Final = 3600.0
"""The period of the server's rate limit in seconds."""


class SyncTracker:
    """Computes the progress of a sync, and calls `publish` whenever the progress changes."""

    def __init__(self, clock: Callable[[], float], publish: Callable[[SyncProgress], None]) -> None:
        self._clock = clock
        self._publish = publish
        self._progress = SyncProgress()
        self._open: dict[ApiRequest, None] = {}
        self._lists: dict[ApiRequest, tuple[int, int, bool]] = {}
        """For each list, the number of saved items, the number of missing items, and whether its end is known."""
        self._saved_before: dict[ApiRequest, int] = {}
        self._new: dict[ApiRequest, int] = {}
        self._page = 1
        self._limit = 0
        self._began = clock()
        self._waited = 0.0
        self._waiting_since: float | None = None

    def add_targets(self, *requests: ApiRequest) -> None:
        """Add requests for lists and single objects that the sync is to fetch."""
        self._open |= dict.fromkeys(requests)
        self._change(targets=self._progress.targets + len(requests))

    def complete_target(self, request: ApiRequest) -> None:
        """Record that everything that a request returns has been fetched."""
        self._open.pop(request, None)
        self._change(done=self._progress.done + 1)

    def drop_targets(self, *requests: ApiRequest) -> None:
        """Record that some requests won't be sent, because the sync stops or a user does not exist."""
        for request in requests:
            self._open.pop(request, None)
        self._change()

    def add_problem(self, request: ApiRequest, problem: SyncProblem) -> None:
        """Record that a request could not be fetched completely. `problem` says why."""
        self._open.pop(request, None)
        self._change(problems=(*self._progress.problems, problem))

    def add_page(self, request: ApiRequest, outcome: FetchResult) -> None:
        """Count a fetched API page or single object. `outcome` says what the response changed in saved data."""
        progress = self._progress
        self._page = max(self._page, outcome.count)
        new = outcome.ingested.new if BY_NAME[request.method].is_list else 0  # a profile is not an item of a list
        self._new[request] = self._new.get(request, 0) + new
        unsaved = new if outcome.unsaved else 0
        self._change(
            pages=progress.pages + 1,
            new=progress.new + new - unsaved,
            unsaved=progress.unsaved + unsaved,
            recounted=progress.recounted + outcome.ingested.recounted,
            at=describe_request(request),
        )

    def update_list(self, request: ApiRequest, stats: ListStats, missing: int) -> None:
        """Update the progress of the sync when the saved part of a list has changed.

        `stats` is the state of the saved list, and `missing` the number of its items that are known to be missing.
        """
        self._lists[request] = (stats.saved, missing, stats.ended)
        self._saved_before.setdefault(request, stats.saved)
        self._change(gone=sum(map(self._count_gone, self._lists)))

    def _count_gone(self, request: ApiRequest) -> int:
        """Return how many items a list has lost: saved before the sync, plus added by the sync, minus saved now."""
        return max(0, self._saved_before[request] + self._new.get(request, 0) - self._lists[request][0])

    def update_status(self, status: SourceStatus) -> None:
        """Update the progress from `status`, the state of the source's connection and rate limit."""
        now = self._clock()
        waiting = status.connection is ConnectionState.WAITING
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
        """Record that the sync has ended at `stage`, and return the final progress of the sync."""
        seconds = 0.0 if stage is SyncStage.DONE else None
        self._change(stage=stage, waiting_until=None, waiting_for=None, seconds_to_go=seconds)
        return self._progress

    def _change(self, **changes: object) -> None:
        saved = sum(items for items, _, _ in self._lists.values())
        missing = sum(missing for _, missing, _ in self._lists.values())
        ended = bool(self._lists) and not self._open.keys() - self._lists.keys()
        known = {
            "items": max(0, saved - self._progress.unsaved),
            "items_at_least": saved + missing,
            "ended": ended and all(end for _, _, end in self._lists.values()),
            "seconds_to_go": self._seconds_to_go(missing),
        }
        progress = replace(self._progress, **(known | changes))
        if progress != self._progress:
            self._progress = progress
            self._publish(progress)

    def _seconds_to_go(self, missing: int) -> float | None:
        """Return an estimate of the remaining time in seconds. `missing` is the number of items known to be missing.

        Returns None before the first page, and while it is unknown how long some list is.
        """
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


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """What a sync fetches: profiles and lists of chosen users and, if wanted, of the logged-in user."""

    users: tuple[str, ...] = ()
    """The user names."""
    me: bool = False
    """Whether to fetch the profile and the private lists of the logged-in user, including subscriptions."""
    things: bool = True
    """Whether to fetch the users' things."""
    flattrs: bool = True
    """Whether to fetch the flattrs that the users gave."""
    activities: bool = True
    """Whether to fetch the users' activities, both outgoing and incoming."""
    follow_owners: bool = False
    """Whether to fetch the profiles and things of all people whose things the users flattred."""

    def lists_of(self, username: str) -> Iterator[ApiRequest]:
        """Yield the requests for the lists of a user that the sync is to fetch."""
        if self.things:
            yield user_things_request(username)
        if self.flattrs:
            yield user_flattrs_request(username)
        if self.activities:
            yield from (user_activities_request(username), user_activities_request(username, incoming=True))

    def own_lists(self) -> Iterator[ApiRequest]:
        """Yield the requests for the logged-in user's private lists: the chosen ones, and always the subscriptions."""
        if self.things:
            yield ApiRequest.of("my-things")
        if self.flattrs:
            yield ApiRequest.of("my-flattrs", FULL)
        if self.activities:
            yield from (ApiRequest.of("my-activities"), ApiRequest.of("my-activities", type="incoming"))
        yield ApiRequest.of("my-subscriptions")


class Syncer:
    """Runs syncs, one at a time. Call its methods on the event loop's thread.

    The library's worker (`Library.run`), which sends the requests, must run at the same time.
    """

    def __init__(self, library: BaseLibrary) -> None:
        self._library = library
        self._task: asyncio.Task[SyncProgress] | None = None
        self._publish_timer: asyncio.TimerHandle | None = None
        """The timer after which the latest progress is published; None if it is published already."""
        self.progress: SyncProgress | None = None
        """The progress of the current sync, or the result of the last one; None before the first sync."""

    @property
    def running(self) -> bool:
        """Whether a sync that `start` began is still running."""
        return self._task is not None

    def start(self, targets: Targets) -> None:
        """Start a sync in the background, unless one is running. `SyncChanged` events report its progress."""
        if self._task is None:
            self._task = asyncio.create_task(self.run(targets), name="sync")
            self._task.add_done_callback(self._on_done)

    def cancel(self) -> None:
        """Stop the sync that `start` began. Fetched data stays saved, and the next sync continues from there."""
        if self._task is not None:
            self._task.cancel()

    def _on_done(self, task: "asyncio.Task[SyncProgress]") -> None:
        self._task = None
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, FlattrError):
            self._library.notify(str(error))
        else:
            self._library.report_crash(error)

    async def run(self, targets: Targets, on_progress: Callable[[SyncProgress], None] | None = None) -> SyncProgress:
        """Fetch all targets, and return the final progress. `on_progress` is called with every change of the progress.

        What could not be fetched is listed in `SyncProgress.problems`. If `Library.cancel` stopped the requests, the
        final stage is `CANCELLED`. If this coroutine is cancelled, `on_progress` is called with that stage, and
        `CancelledError` is raised. Raises `OfflineError` if the library opens no connections.
        """
        if not self._library.is_online:
            raise OfflineError(
                "the program is offline, so there is nothing to fetch from. Choose a source, or go online."
            )
        run = _SyncRun(self._library, targets, lambda progress: self._on_progress(progress, on_progress))
        return await run.run()

    def _on_progress(self, progress: SyncProgress, tell: Callable[[SyncProgress], None] | None) -> None:
        before, self.progress = self.progress, progress
        if tell is not None:
            tell(progress)
        if before is None or before.stage is not progress.stage:
            self._publish_progress()
        elif self._publish_timer is None:
            self._publish_timer = asyncio.get_running_loop().call_later(EVENT_INTERVAL, self._publish_progress)

    def _publish_progress(self) -> None:
        if self._publish_timer is not None:
            self._publish_timer.cancel()
            self._publish_timer = None
        if self.progress is not None:
            self._library.publish(SyncChanged(self.progress))


class _SyncRun:
    """One sync, from its start to its end."""

    def __init__(self, library: BaseLibrary, targets: Targets, tell: Callable[[SyncProgress], None]) -> None:
        self._library = library
        self._targets = targets
        self._tracker = SyncTracker(library.clock, tell)
        self._slots = asyncio.Semaphore(CONCURRENT_LISTS)
        self._usernames: set[str] = set()
        self._stopped = False
        """Whether to send no more requests: the user stopped them, the server fails, or nothing can be saved."""
        self._dropped = False
        """Whether queued requests were dropped, because the user stopped them. The sync then counts as cancelled."""

    async def run(self) -> SyncProgress:
        tracker = self._tracker
        end = self._library.subscribe(self._on_event)
        try:
            await self._library.ready()
            tracker.update_status(self._library.status)
            async with asyncio.TaskGroup() as group:
                if self._targets.me:
                    group.create_task(self._fetch_own())
                for name in self._targets.users:
                    self._add_user(group, name, tuple(self._targets.lists_of(name)))
        except BaseException:  # usually a cancellation: the progress on screen must show that the sync has ended
            tracker.finish(SyncStage.CANCELLED)
            raise
        finally:
            end()
        return tracker.finish(SyncStage.CANCELLED if self._dropped else SyncStage.DONE)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, StatusChanged):
            self._tracker.update_status(event.status)

    # -- what is fetched

    def _add_user(self, group: asyncio.TaskGroup, name: str, lists: tuple[ApiRequest, ...]) -> None:
        if fold_username(name) in self._usernames:
            return
        self._usernames.add(fold_username(name))
        profile = ApiRequest.of("user", username=name)
        self._tracker.add_targets(profile, *lists)
        group.create_task(self._fetch_user(group, profile, lists))

    async def _fetch_user(self, group: asyncio.TaskGroup, profile: ApiRequest, lists: tuple[ApiRequest, ...]) -> None:
        if not await self._fetch_with_lists(profile, lists):
            return
        name = profile.get("username")
        if self._targets.follow_owners and name in self._targets.users:
            scope = self._library.scope_of(profile)
            statistics = self._library.catalogue.statistics
            owners = await asyncio.to_thread(statistics.count_by, scope, "owner", name, MAX_OWNERS)
            for owner in owners:
                self._add_user(group, owner.key, (user_things_request(owner.key),))

    async def _fetch_own(self) -> None:
        profile, lists = ApiRequest.of("me"), tuple(self._targets.own_lists())
        self._tracker.add_targets(profile, *lists)
        await self._fetch_with_lists(profile, lists)

    async def _fetch_with_lists(self, profile: ApiRequest, lists: tuple[ApiRequest, ...]) -> bool:
        """Fetch a user's profile, then the lists, and return True.

        If there is no such user, fetch no lists, and return False.
        """
        if not await self._fetch_target(profile):
            self._tracker.drop_targets(*lists)
            return False
        async with asyncio.TaskGroup() as together:
            for request in lists:
                together.create_task(self._fetch_target(request))
        return True

    async def _fetch_target(self, request: ApiRequest) -> bool:
        """Fetch a whole list or a single object. Returns whether to go on with requests that depend on it.

        For example, the lists of a user who does not exist are not fetched. Failures are recorded as problems.
        """
        async with self._slots:
            if self._stopped:
                self._tracker.drop_targets(request)
                return False
            try:
                lacking = await self._fetch(request)
            except FlattrError as error:
                self._tracker.add_problem(request, _to_problem(request, error))
                # All other requests would fail, too, each after many attempts.
                self._stopped |= isinstance(error, NetworkError | RateLimitedError)
                return not isinstance(error, NotFoundError | UnauthorizedError | LoginError)
            except StoreError as error:
                self._tracker.add_problem(request, SyncProblem(describe_request(request), str(error)))
            except DroppedError:
                self._stopped = self._dropped = True
                self._tracker.drop_targets(request)
            else:
                if not lacking:
                    self._tracker.complete_target(request)
                else:
                    sentence = f"{sentence_subject(request)} may be incomplete: {lacking} What was fetched is saved."
                    self._tracker.add_problem(request, SyncProblem(describe_request(request), sentence))
            return True

    async def _fetch(self, request: ApiRequest) -> str:
        """Fetch a whole list or a single object. Returns "" if all of it was fetched.

        Otherwise, returns a sentence for the user that says why a part is missing.
        """
        paginator = self._library.make_paginator(request, self._fetch_page)
        paginator.priority = Priority.BACKGROUND
        if not BY_NAME[request.method].is_list:
            if not self._is_fresh(request):
                await paginator.fetch_page(1)
            return ""
        self._update_list(paginator)
        if paginator.is_complete or not self._is_fresh(request):
            await paginator.fetch_head()
        for _ in range(MAX_ROUNDS):
            await paginator.fetch_missing(lambda: self._update_list(paginator))
            if paginator.repeats_pages:
                break
            if not paginator.is_complete or await paginator.has_shrunk():
                await paginator.fetch_all()
            elif not self._is_fresh(request):
                await paginator.fetch_head()  # the top may have changed since it was fetched
            else:
                break
        self._update_list(paginator)
        if paginator.repeats_pages:
            return "" if paginator.ignores_paging else "the server sends the same page for every page number."
        return "" if paginator.is_complete else "the server changes its order with every request. Sync again."

    def _update_list(self, paginator: Paginator) -> None:
        stats = paginator.stats
        self._tracker.update_list(paginator.request, stats, paginator.count_missing(stats))

    def _is_fresh(self, request: ApiRequest) -> bool:
        return is_fresh(request.method, self._library.checked_at(request), self._library.clock())

    async def _fetch_page(self, fetch_request: FetchRequest, priority: Priority) -> FetchResult:
        outcome, request = await self._library.fetch(fetch_request, priority), fetch_request.request
        self._tracker.add_page(request, outcome)
        if outcome.unsaved:
            self._stopped = True  # until there is room again
            if BY_NAME[request.method].is_list and (scope := self._library.scope_of(request)) is not None:
                self._tracker.update_list(request, self._library.catalogue.list_stats(scope, request), missing=0)
            raise StoreError(f"{outcome.unsaved} Sync again when there is room.")
        return outcome


def _to_problem(request: ApiRequest, error: FlattrError) -> SyncProblem:
    return SyncProblem(describe_request(request), error.sentence(sentence_subject(request)), error.exit_code)

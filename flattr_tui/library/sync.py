"""Synchronisation: whole lists fetched, for later. Where it was is what the catalogue says, so it resumes by itself.

A list's pages are fetched in order, several lists at once, at the lowest priority. Broken off at any point, even by
`kill -9`, the next run goes on behind the last page that was kept; run again, it fetches the tops until they meet what
is known.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from flattr_tui.api.errors import (
    FlattrError,
    NetworkError,
    NotFoundError,
    OfflineError,
    RateLimitedError,
    UnauthorizedError,
)
from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.account_requests import FULL, user_activities_request, user_flattrs_request, user_things_request
from flattr_tui.library.base_library import BaseLibrary
from flattr_tui.library.events import Event, StatusChanged, SyncChanged
from flattr_tui.library.fetch.freshness import is_fresh
from flattr_tui.library.fetch.paginator import Paginator
from flattr_tui.library.fetch.queue import DroppedError, FetchRequest, Priority
from flattr_tui.library.fetch.request_titles import describe_request, sentence_subject
from flattr_tui.library.fetch.store_writer import FetchResult
from flattr_tui.library.fetch.sync_tracker import SyncTracker
from flattr_tui.library.sync_progress import SyncProblem, SyncProgress, SyncStage
from flattr_tui.model.api_request import Request
from flattr_tui.store.errors import StoreError

AT_ONCE: Final = 4
"""How many lists are fetched at the same time."""
EVERY: Final = 0.1
"""Seconds between two events, so that a fast server does not make the screen redraw itself all the time."""
ALL_OWNERS: Final = 10_000
ROUNDS: Final = 3
"""How often a list is gone through that goes on changing while it is fetched."""


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """What to fetch: of each user (and of oneself) the profile, and the lists that are chosen."""

    users: tuple[str, ...] = ()
    me: bool = False
    """Whether to fetch what only oneself sees, the subscriptions included."""
    things: bool = True
    flattrs: bool = True
    activities: bool = True
    follow_owners: bool = False
    """Whether to fetch profile and things of everybody whose things the users flattred."""

    def lists_of(self, username: str) -> Iterator[Request]:
        """List what is fetched of a user besides the profile."""
        if self.things:
            yield user_things_request(username)
        if self.flattrs:
            yield user_flattrs_request(username)
        if self.activities:
            yield from (user_activities_request(username), user_activities_request(username, incoming=True))

    def own_lists(self) -> Iterator[Request]:
        """List what is fetched of oneself besides the profile."""
        if self.things:
            yield Request.of("my-things")
        if self.flattrs:
            yield Request.of("my-flattrs", FULL)
        if self.activities:
            yield from (Request.of("my-activities"), Request.of("my-activities", type="incoming"))
        yield Request.of("my-subscriptions")


class Syncer:
    """See the module. One sync at a time; all methods belong to the event loop's thread.

    The library's worker (`Library.run`) has to run meanwhile: it sends what is asked for here.
    """

    def __init__(self, library: BaseLibrary) -> None:
        self._library = library
        self._task: asyncio.Task[SyncProgress] | None = None
        self._telling: asyncio.TimerHandle | None = None
        """Tells of what was kept back, so that the last word before a long silence is the last that is known."""
        self.progress: SyncProgress | None = None
        """How far the sync is that runs, or how far the last one came; None before the first."""

    @property
    def running(self) -> bool:
        """Whether one is under way."""
        return self._task is not None

    def start(self, targets: Targets) -> None:
        """Begin one behind the screen; `SyncChanged` tells how it goes. While one runs, that one goes on."""
        if self._task is None:
            self._task = asyncio.create_task(self.run(targets), name="sync")
            self._task.add_done_callback(self._over)

    def cancel(self) -> None:
        """Stop; what was fetched is kept, and the next run goes on there."""
        if self._task is not None:
            self._task.cancel()

    def _over(self, task: "asyncio.Task[SyncProgress]") -> None:
        self._task = None
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, FlattrError):
            self._library.notify(str(error))
        else:
            self._library.report_crash(error)

    async def run(self, targets: Targets, tell: Callable[[SyncProgress], None] | None = None) -> SyncProgress:
        """Fetch all of the targets, and return what came of it; `tell` is called whenever something did.

        What could not be fetched is among the result's problems. Cancelled, it tells so and raises `CancelledError`;
        `Library.cancel` ends it too.
        Raises `OfflineError` where no connection is ever opened.
        """
        if not self._library.is_online:
            raise OfflineError("this is offline: there is nothing to fetch from. Choose a source, or go online.")
        run = _Run(self._library, targets, lambda progress: self._tell(progress, tell))
        return await run.go()

    def _tell(self, progress: SyncProgress, tell: Callable[[SyncProgress], None] | None) -> None:
        before, self.progress = self.progress, progress
        if tell is not None:
            tell(progress)
        if before is None or before.stage is not progress.stage:
            self._tell_now()
        elif self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(EVERY, self._tell_now)

    def _tell_now(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        if self.progress is not None:
            self._library.publish(SyncChanged(self.progress))


class _Run:
    """One run of a sync."""

    def __init__(self, library: BaseLibrary, targets: Targets, tell: Callable[[SyncProgress], None]) -> None:
        self._library = library
        self._targets = targets
        self._reckoning = SyncTracker(library.clock, tell)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._people: set[str] = set()
        self._stopped = False
        """Whether somebody stopped all fetching, or the server can't be reached any more."""
        self._dropped = False

    async def go(self) -> SyncProgress:
        reckoning = self._reckoning
        end = self._library.subscribe(self._listen)
        try:
            await self._library.ready()
            reckoning.update_status(self._library.status)
            async with asyncio.TaskGroup() as group:
                if self._targets.me:
                    group.create_task(self._oneself())
                for name in self._targets.users:
                    self._begin(group, name, tuple(self._targets.lists_of(name)))
        except BaseException:
            reckoning.finish(SyncStage.CANCELLED)
            raise
        finally:
            end()
        return reckoning.finish(SyncStage.CANCELLED if self._dropped else SyncStage.DONE)

    def _listen(self, event: Event) -> None:
        if isinstance(event, StatusChanged):
            self._reckoning.update_status(event.status)

    # -- what is fetched

    def _begin(self, group: asyncio.TaskGroup, name: str, lists: tuple[Request, ...]) -> None:
        if name.casefold() in self._people:
            return
        self._people.add(name.casefold())
        profile = Request.of("user", username=name)
        self._reckoning.add_targets(profile, *lists)
        group.create_task(self._user(group, profile, lists))

    async def _user(self, group: asyncio.TaskGroup, profile: Request, lists: tuple[Request, ...]) -> None:
        if not await self._with_lists(profile, lists):
            return
        name = profile.get("username")
        if self._targets.follow_owners and name in self._targets.users:
            scope = self._library.scope_of(profile)
            owners = await asyncio.to_thread(self._library.catalogue.count_flattrs, scope, "owner", name, ALL_OWNERS)
            for owner in owners:
                self._begin(group, owner.key, (user_things_request(owner.key),))

    async def _oneself(self) -> None:
        profile, lists = Request.of("me"), tuple(self._targets.own_lists())
        self._reckoning.add_targets(profile, *lists)
        await self._with_lists(profile, lists)

    async def _with_lists(self, profile: Request, lists: tuple[Request, ...]) -> bool:
        """Fetch somebody's profile, and the lists together where there is one; whether there is."""
        if not await self._target(profile):
            self._reckoning.drop_targets(*lists)
            return False
        async with asyncio.TaskGroup() as together:
            for request in lists:
                together.create_task(self._target(request))
        return True

    async def _target(self, request: Request) -> bool:
        """Fetch one request, whole; whether what belongs to it makes sense to be fetched."""
        async with self._room:
            if self._stopped:
                self._reckoning.drop_targets(request)
                return False
            try:
                lacking = await self._fetch(request)
            except FlattrError as error:
                self._reckoning.add_problem(request, _problem(request, error))
                # The others would fail too, each after many tries.
                self._stopped |= isinstance(error, NetworkError | RateLimitedError)
                return not isinstance(error, NotFoundError | UnauthorizedError)
            except StoreError as error:
                self._reckoning.add_problem(request, SyncProblem(describe_request(request), str(error)))
            except DroppedError:
                self._stopped = self._dropped = True
                self._reckoning.drop_targets(request)
            else:
                if not lacking:
                    self._reckoning.complete_target(request)
                else:
                    sentence = f"{sentence_subject(request)} may not be whole: {lacking} What came is saved."
                    self._reckoning.add_problem(request, SyncProblem(describe_request(request), sentence))
            return True

    async def _fetch(self, request: Request) -> str:
        """Fetch a request; why not all of it is saved now, "" where it is."""
        pager = self._library.make_paginator(request, self._page)
        pager.priority = Priority.BACKGROUND
        if not BY_NAME[request.method].is_list:
            if not self._is_fresh(request):
                await pager.fetch_page(1)
            return ""
        self._reckoning.update_list(request, pager.stats, pager.missing_count)
        if self._is_whole(pager) or not self._is_fresh(request):
            await pager.fetch_head()
        for _ in range(ROUNDS):
            while pager.has_gap() or pager.end_uncertain:
                self._reckoning.update_list(request, pager.stats, pager.missing_count)
                await (pager.fetch_gap() if pager.has_gap() else pager.confirm_end())
            if pager.repeats_pages:
                break
            if not self._is_whole(pager):
                await pager.fetch_all()
            elif not self._is_fresh(request):
                await pager.fetch_head()  # it took so long that the top may be another
            else:
                break
        self._reckoning.update_list(request, pager.stats, pager.missing_count)
        if pager.repeats_pages:
            return "" if pager.ignores_paging else "the server gives the same page under each number."
        return "" if self._is_whole(pager) else "the server lists it otherwise each time it is asked; sync again."

    @staticmethod
    def _is_whole(pager: Paginator) -> bool:
        facts = pager.stats
        return (facts.ended or pager.has_no_next) and facts.saved == len(facts)

    def _is_fresh(self, request: Request) -> bool:
        return is_fresh(request.method, self._library.checked_at(request), self._library.clock())

    async def _page(self, ask: FetchRequest, priority: Priority) -> FetchResult:
        outcome = await self._library.fetch(ask, priority)
        self._reckoning.add_page(ask.request, outcome)
        return outcome


def _problem(request: Request, error: FlattrError) -> SyncProblem:
    return SyncProblem(describe_request(request), error.sentence(sentence_subject(request)), error.exit_code)

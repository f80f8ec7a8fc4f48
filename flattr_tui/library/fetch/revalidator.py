"""Fetches observed requests that are missing or stale, until they are complete or no longer observed."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final

from flattr_tui.api.errors import FlattrError, InsufficientBudgetError, UnauthorizedError
from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.events import Event, Failure, LoginNeeded
from flattr_tui.library.fetch.fetcher import Fetcher, NotStoredError
from flattr_tui.library.fetch.freshness import RETRY_AFTER, is_fresh
from flattr_tui.library.fetch.paginator import Paginator
from flattr_tui.library.fetch.queue import DroppedError, Priority
from flattr_tui.library.fetch.rate_gate import is_upcoming
from flattr_tui.library.fetch.request_state import FetchState, RequestState
from flattr_tui.library.fetch.request_titles import sentence_subject
from flattr_tui.model.api_request import Request
from flattr_tui.store.errors import StoreError

MAX_REMEMBERED: Final = 512
"""How many requests without observers are remembered, with their failures."""
_IDLE: Final = FetchState()


class Revalidator:
    """Runs one task for each request with something to fetch. Must be used on the event loop's thread.

    `ready` waits until everything saved can be read. `paginator` makes the paginator of a request; `checked_at` returns
    when the server last confirmed what is saved of it.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        ready: Callable[[], Awaitable[None]],
        paginator: Callable[[Request], Paginator],
        checked_at: Callable[[Request], float | None],
        on_change: Callable[[Request], None],
        publish: Callable[[Event], None],
        clock: Callable[[], float],
    ) -> None:
        self._fetcher = fetcher
        self._ready = ready
        self._paginator = paginator
        self._checked_at = checked_at
        self._on_change = on_change
        self._publish = publish
        self._clock = clock
        self._states: dict[Request, RequestState] = {}
        self._closed = False

    def state_of(self, request: Request) -> FetchState:
        """Return what is happening to a request."""
        following = self._states.get(request)
        return FetchState(following.task is not None, following.failure) if following is not None else _IDLE

    def requests(self) -> tuple[Request, ...]:
        """List all requests that were ever observed or refreshed."""
        return tuple(self._states)

    # -- observers

    def observe(self, request: Request, start: int, stop: int, *, near: bool, by: Hashable) -> None:
        """Register that `by` shows rows `start` to `stop`, or is near them."""
        following = self._state_for(request)
        if near:
            following.nearby[by] = (start, stop)
        else:
            following.visible[by] = (start, stop)
            if following.task is not None:
                following.paginator.priority = Priority.SCREEN
                self._fetcher.raise_priority(lambda ask: ask.request == request)
        self._start(following)

    def unobserve(self, request: Request, *, by: Hashable) -> None:
        """Remove the observer `by`."""
        following = self._states.get(request)
        if following is None:
            return
        following.visible.pop(by, None)
        following.nearby.pop(by, None)
        if not following.is_observed:
            following.awaiting_login = False
        if not following.is_wanted:
            self._stop(following)

    def refresh(self, request: Request, *, complete: bool) -> None:
        """Fetch the top again, or everything."""
        following = self._state_for(request)
        following.refetch_head, following.refetch_all = True, following.refetch_all or complete
        following.retry_at, following.awaiting_login = 0.0, False
        self._start(following)

    def cancel(self) -> None:
        """Remove all observers and stop all fetching."""
        for following in self._states.values():
            following.clear()
            self._stop(following)

    def forget(self, which: Callable[[Request], bool]) -> None:
        """Stop some requests and forget them, because their responses belong to another account now."""
        for request in [request for request in self._states if which(request)]:
            following = self._states.pop(request)
            following.clear()
            self._stop(following)
            self._on_change(request)

    def retry_private(self) -> None:
        """Fetch again what was refused for lack of a login."""
        for following in tuple(self._states.values()):
            # The login dialog covers the screen, which then stops observing, so that it no longer awaits the login.
            refused = following.failure is not None and isinstance(following.failure.error, UnauthorizedError)
            if following.awaiting_login or refused:
                following.awaiting_login, following.retry_at = False, 0.0
                self._start(following)

    def close(self) -> None:
        """Stop everything for good."""
        self._closed = True
        for following in self._states.values():
            self._stop(following)

    def _state_for(self, request: Request) -> RequestState:
        following = self._states.get(request)
        if following is None:
            self._make_room()
            following = self._states[request] = RequestState(request, self._paginator(request))
        return following

    def _make_room(self) -> None:
        """Forget the oldest idle requests beyond the limit."""
        too_many = len(self._states) - MAX_REMEMBERED
        if too_many > 0:
            idle = [request for request, following in self._states.items() if following.is_idle]
            for request in idle[:too_many]:
                del self._states[request]

    def _start(self, following: RequestState) -> None:
        if self._closed or following.task is not None or following.awaiting_login or not self._has_work(following):
            return
        following.is_started = False
        self._fetcher.adjust_pending(1)
        following.task = asyncio.create_task(self._fetch_all(following), name=f"follow {following.request}")
        following.task.add_done_callback(lambda task: self._on_done(following, task))
        self._on_change(following.request)

    def _stop(self, following: RequestState) -> None:
        if following.task is not None:
            following.task.cancel()

    # -- fetching

    async def _fetch_all(self, following: RequestState) -> None:
        """Fetch a request until there is nothing more to do."""
        await self._ready()
        self._mark_started(following)
        try:
            while self._has_work(following):
                await self._advance(following)
                following.failure = None
        except FlattrError as error:
            self._on_error(following, error)
        except StoreError as error:
            self._on_error(following, NotStoredError(str(error)))
        except DroppedError:
            following.clear()

    def _mark_started(self, following: RequestState) -> None:
        if not following.is_started:
            following.is_started = True
            self._fetcher.adjust_pending(-1)

    async def _advance(self, following: RequestState) -> None:
        pager = following.paginator
        on_screen = bool(following.visible) or following.refetch_head or following.refetch_all
        pager.priority = Priority.SCREEN if on_screen else Priority.NEAR
        if following.refetch_all:
            await pager.fetch_all()
            following.refetch_head = following.refetch_all = False
        elif following.refetch_head:
            await pager.fetch_head()
            following.refetch_head = False
        elif self._is_stale(following):
            await pager.recheck_head()
            # Otherwise it would be fetched again at once, and forever.
            following.retry_at = self._clock() + RETRY_AFTER if self._is_stale(following) else following.retry_at
        else:
            await self._fetch_gap(following)

    async def _fetch_gap(self, following: RequestState) -> None:
        for windows, priority in ((following.visible, Priority.SCREEN), (following.nearby, Priority.NEAR)):
            for window in windows.values():
                if following.paginator.has_gap(*window):
                    following.paginator.priority = priority
                    await following.paginator.fetch_gap(*window)
                    return

    def _has_work(self, following: RequestState) -> bool:
        if following.refetch_head or following.refetch_all:
            return True
        if not following.is_observed or is_upcoming(following.retry_at, self._clock()):
            return False
        try:
            windows = (*following.visible.values(), *following.nearby.values())
            return self._is_stale(following) or following.paginator.has_gap_in(windows)
        except StoreError as error:
            self._on_error(following, NotStoredError(str(error)))
            return False

    def _is_stale(self, following: RequestState) -> bool:
        request = following.request
        return not is_fresh(request.method, self._checked_at(request), self._clock())

    def _on_error(self, following: RequestState, error: FlattrError) -> None:
        now = self._clock()
        following.failure = Failure(error.sentence(sentence_subject(following.request)), error, now)
        following.retry_at = now + RETRY_AFTER
        following.refetch_head = following.refetch_all = False
        private = BY_NAME[following.request.method].private
        if private and isinstance(error, UnauthorizedError) and not isinstance(error, InsufficientBudgetError):
            following.awaiting_login = True
            self._publish(LoginNeeded(following.request))

    def _on_done(self, following: RequestState, task: "asyncio.Task[None]") -> None:
        self._mark_started(following)
        following.task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fetcher.report_crash(error)
        elif not self._closed and self._states.get(following.request) is following:
            self._start(following)
            self._on_change(following.request)

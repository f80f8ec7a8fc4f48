"""What is looked at is fetched where it is missing or stale, until it is there or nobody looks any more."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Final

from flattr_tui.api.errors import FlattrError, NoMeansError, UnauthorizedError
from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.events import Event, Failure, LoginNeeded
from flattr_tui.library.fetch.fetcher import Fetcher, NotKeptError
from flattr_tui.library.fetch.freshness import AGAIN, is_fresh
from flattr_tui.library.fetch.paginator import Pager
from flattr_tui.library.fetch.queue import DroppedError, Priority
from flattr_tui.library.fetch.rate_gate import is_ahead
from flattr_tui.library.fetch.request_state import Fetching, Following
from flattr_tui.library.fetch.request_titles import subject_of
from flattr_tui.model.api_request import Request
from flattr_tui.store.errors import StoreError

KEPT: Final = 512
"""How many requests that nobody looks at any more are remembered, with what came of asking for them."""
_NOTHING: Final = Fetching()


class Wants:
    """See the module. One task for each request that has something to fetch; all belong to the event loop's thread.

    `ready` waits until everything saved can be read. `pager` makes what fetches a request page by page; `checked_at`
    says when the server last said what is saved of it.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        ready: Callable[[], Awaitable[None]],
        pager: Callable[[Request], Pager],
        checked_at: Callable[[Request], float | None],
        changed: Callable[[Request], None],
        tell: Callable[[Event], None],
        clock: Callable[[], float],
    ) -> None:
        self._fetcher = fetcher
        self._ready = ready
        self._pager = pager
        self._checked_at = checked_at
        self._changed = changed
        self._tell = tell
        self._clock = clock
        self._following: dict[Request, Following] = {}
        self._closed = False

    def fetching(self, request: Request) -> Fetching:
        """Say what is being done about a request."""
        following = self._following.get(request)
        return Fetching(following.task is not None, following.failure) if following is not None else _NOTHING

    def requests(self) -> tuple[Request, ...]:
        """List all that anybody asked about."""
        return tuple(self._following)

    # -- wanting

    def want(self, request: Request, start: int, stop: int, *, near: bool, by: Hashable) -> None:
        """Note that `by` looks at rows, or is near them."""
        following = self._follow(request)
        if near:
            following.near[by] = (start, stop)
        else:
            following.windows[by] = (start, stop)
            if following.task is not None:
                following.pager.priority = Priority.SCREEN
                self._fetcher.hurry(lambda ask: ask.request == request)
        self._go(following)

    def release(self, request: Request, *, by: Hashable) -> None:
        """Note that `by` looks at it no more."""
        following = self._following.get(request)
        if following is None:
            return
        following.windows.pop(by, None)
        following.near.pop(by, None)
        if not following.looked_at:
            following.held = False
        if not following.wanted:
            self._stop(following)

    def refresh(self, request: Request, *, complete: bool) -> None:
        """Fetch the top again, or all of it."""
        following = self._follow(request)
        following.refresh, following.complete = True, following.complete or complete
        following.again_at, following.held = 0.0, False
        self._go(following)

    def cancel(self) -> None:
        """Want nothing any more."""
        for following in self._following.values():
            following.forget_wants()
            self._stop(following)

    def forget(self, which: Callable[[Request], bool]) -> None:
        """Stop and forget some, as if nobody had asked: their answers are another's from now on."""
        for request in [request for request in self._following if which(request)]:
            following = self._following.pop(request)
            following.forget_wants()
            self._stop(following)
            self._changed(request)

    def retry_private(self) -> None:
        """Ask again for what was refused for want of a login."""
        for following in tuple(self._following.values()):
            # What is asked on top of a screen covers it: what it showed is then released, and no more held.
            refused = following.failure is not None and isinstance(following.failure.error, UnauthorizedError)
            if following.held or refused:
                following.held, following.again_at = False, 0.0
                self._go(following)

    def close(self) -> None:
        """Stop all, for good."""
        self._closed = True
        for following in self._following.values():
            self._stop(following)

    def _follow(self, request: Request) -> Following:
        following = self._following.get(request)
        if following is None:
            self._make_room()
            following = self._following[request] = Following(request, self._pager(request))
        return following

    def _make_room(self) -> None:
        """Forget those that were asked about first, of all that nothing is wanted of."""
        too_many = len(self._following) - KEPT
        if too_many > 0:
            idle = [request for request, following in self._following.items() if following.idle]
            for request in idle[:too_many]:
                del self._following[request]

    def _go(self, following: Following) -> None:
        if self._closed or following.task is not None or following.held or not self._has_work(following):
            return
        following.begun = False
        self._fetcher.expect(1)
        following.task = asyncio.create_task(self._fetch_all(following), name=f"follow {following.request}")
        following.task.add_done_callback(lambda task: self._over(following, task))
        self._changed(following.request)

    def _stop(self, following: Following) -> None:
        if following.task is not None:
            following.task.cancel()

    # -- fetching

    async def _fetch_all(self, following: Following) -> None:
        """Fetch what is wanted of a request until there is nothing more to do."""
        await self._ready()
        self._begin(following)
        try:
            while self._has_work(following):
                await self._step(following)
                following.failure = None
        except FlattrError as error:
            self._fail(following, error)
        except StoreError as error:
            self._fail(following, NotKeptError(str(error)))
        except DroppedError:
            following.forget_wants()

    def _begin(self, following: Following) -> None:
        if not following.begun:
            following.begun = True
            self._fetcher.expect(-1)

    async def _step(self, following: Following) -> None:
        pager = following.pager
        on_screen = bool(following.windows) or following.refresh or following.complete
        pager.priority = Priority.SCREEN if on_screen else Priority.NEAR
        if following.complete:
            await pager.whole()
            following.refresh = following.complete = False
        elif following.refresh:
            await pager.top()
            following.refresh = False
        elif self._is_stale(following):
            await pager.check()
            # Else it would be asked for again at once, and for ever.
            following.again_at = self._clock() + AGAIN if self._is_stale(following) else following.again_at
        else:
            await self._fill(following)

    async def _fill(self, following: Following) -> None:
        for windows, priority in ((following.windows, Priority.SCREEN), (following.near, Priority.NEAR)):
            for window in windows.values():
                if following.pager.lacks(*window):
                    following.pager.priority = priority
                    await following.pager.fill(*window)
                    return

    def _has_work(self, following: Following) -> bool:
        if following.refresh or following.complete:
            return True
        if not following.looked_at or is_ahead(following.again_at, self._clock()):
            return False
        try:
            return self._is_stale(following) or any(
                following.pager.lacks(*window) for window in (*following.windows.values(), *following.near.values())
            )
        except StoreError as error:
            self._fail(following, NotKeptError(str(error)))
            return False

    def _is_stale(self, following: Following) -> bool:
        request = following.request
        return not is_fresh(request.method, self._checked_at(request), self._clock())

    def _fail(self, following: Following, error: FlattrError) -> None:
        now = self._clock()
        following.failure = Failure(error.sentence(subject_of(following.request)), error, now)
        following.again_at = now + AGAIN
        following.refresh = following.complete = False
        private = BY_NAME[following.request.method].private
        if private and isinstance(error, UnauthorizedError) and not isinstance(error, NoMeansError):
            following.held = True
            self._tell(LoginNeeded(following.request))

    def _over(self, following: Following, task: "asyncio.Task[None]") -> None:
        self._begin(following)
        following.task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fetcher.crash(error)
        elif not self._closed and self._following.get(following.request) is following:
            self._go(following)
            self._changed(following.request)

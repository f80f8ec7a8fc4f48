"""Fetches data that screens observe if it is missing or stale, and remembers which data a write has made outdated."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from pathlib import Path
from typing import Final

import msgspec

from flattr_tui.api.errors import FlattrError, InsufficientBudgetError, UnauthorizedError
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.library.api_descriptions import sentence_subject
from flattr_tui.library.events import Event, Failure, FetchState, LoginNeeded
from flattr_tui.library.fetch.fetcher import Fetcher, NotStoredError
from flattr_tui.library.fetch.paginator import Paginator
from flattr_tui.library.fetch.queue_and_limits import DroppedError, Priority, is_upcoming
from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.paths import exists
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.errors import StoreError
from flattr_tui.store.shared_files import NoticeCallback, file_lock, replace_file

MAX_REMEMBERED: Final = 512
"""Number of requests from which on the oldest ones are forgotten, if they are neither observed nor being fetched."""
MINUTE: Final = 60.0
HOUR: Final = 60 * MINUTE
MONTH: Final = 30 * 24 * HOUR
_MAX_AGE: Final = {
    ResponseKind.USER: HOUR,
    ResponseKind.THING: HOUR,
    ResponseKind.LOOKUP: HOUR,
    ResponseKind.CHOICES: MONTH,
    ResponseKind.RATE_LIMIT: 0.0,
}
"""Time in seconds for which a response counts as fresh, by its kind. A stale one is fetched again, but shown."""
LIST_MAX_AGE: Final = 5 * MINUTE
"""Time in seconds for which a list counts as fresh. It is short, because lists get new items at their tops."""
RETRY_AFTER: Final = 30.0
"""Time in seconds after which a failed request is sent again, if a screen observes it. A refresh does not wait."""
Window = tuple[int, int]
"""A range of rows: the index of the first row, and that of the row after the last."""
OUTDATED_FILE: Final = "outdated.json"
OUTDATED_SECONDS: Final = HOUR
"""Time in seconds for which it is remembered that a write has made saved data outdated.

Data that a write can change is fetched again in any case if it is older than this (`is_fresh`).
"""
SIZE_LIMIT: Final = 1 << 20
"""Maximum size of the file in bytes. A larger file was not written by this program."""


class RequestState(msgspec.Struct, eq=False):
    """The observers of one request, and the state of its fetching."""

    request: ApiRequest
    paginator: Paginator
    visible: dict[Hashable, Window] = msgspec.field(default_factory=dict)
    """The rows that each observer shows on screen."""
    nearby: dict[Hashable, Window] = msgspec.field(default_factory=dict)
    """The rows next to those that each observer shows on screen."""
    refetch_head: bool = False
    """Whether the top of the list must be fetched again."""
    refetch_all: bool = False
    """Whether the whole list must be fetched again."""
    task: "asyncio.Task[None] | None" = None
    """The task that is fetching what is missing or stale; None if there is nothing to fetch."""
    is_started: bool = True
    """Whether `task` has already queued its first request."""
    failure: Failure | None = None
    """Why the last attempt to fetch failed; None after a success."""
    retry_at: float = 0.0
    """The earliest time to fetch again after a failure, in Unix seconds. A refresh does not wait."""
    awaiting_login: bool = False
    """Whether the server refused the request because nobody is logged in. It is not sent again before a login."""

    @property
    def is_observed(self) -> bool:
        """Whether part of the program uses the response (`Library.observe`): then it is fetched and kept fresh."""
        return bool(self.visible or self.nearby)

    @property
    def is_wanted(self) -> bool:
        """Whether the request is observed, or the user has asked to fetch it again."""
        return self.is_observed or self.refetch_head or self.refetch_all

    @property
    def is_idle(self) -> bool:
        """Whether this state can be forgotten: no data is being fetched, is to be fetched, or waits for a login."""
        return self.task is None and not self.is_wanted and not self.awaiting_login

    def clear(self) -> None:
        """Remove all observers of the request, and do not fetch it again."""
        self.visible.clear()
        self.nearby.clear()
        self.refetch_head = self.refetch_all = False


def is_fresh(method: str, checked_at: float | None, now: float) -> bool:
    """Whether the saved response to an API method is still fresh, so that it need not be fetched again.

    `checked_at` is when the response was last fetched or confirmed; None if never. `now` is the current time. Both are
    in Unix seconds. If `checked_at` is None or in the future (because the clock has been set back), the response is not
    fresh.
    """
    return checked_at is not None and 0 <= now - checked_at <= _MAX_AGE.get(BY_NAME[method].response_kind, LIST_MAX_AGE)


_IDLE: Final = FetchState()


class Revalidator:
    """Fetches missing and stale data of observed requests. Each request has a task of its own. Not thread-safe.

    `ready` waits until all saved responses are in the catalogue. `paginator` makes the paginator of a request.
    `checked_at` returns when the server last sent or confirmed the data of a request, in Unix seconds; None if it never
    did. `on_change` is called with a request when fetching its data begins or ends. `publish` sends an event to the
    listeners. `clock` returns the current time in Unix seconds.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        ready: Callable[[], Awaitable[None]],
        paginator: Callable[[ApiRequest], Paginator],
        checked_at: Callable[[ApiRequest], float | None],
        on_change: Callable[[ApiRequest], None],
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
        self._states: dict[ApiRequest, RequestState] = {}
        self._closed = False

    def state_of(self, request: ApiRequest) -> FetchState:
        """Return whether the data of a request is being fetched, and whether and why the last attempt failed."""
        state = self._states.get(request)
        return FetchState(state.task is not None, state.failure) if state is not None else _IDLE

    # -- observers

    def observe(self, request: ApiRequest, start: int, stop: int, *, near: bool, by: Hashable) -> None:
        """Record that the observer `by` shows rows of a list, and fetch what is missing or stale.

        `request` is the request for the list. The rows are those from `start` to `stop` (excluded). With `near`, they
        are not visible themselves, but next to visible ones. For a single object, `start` and `stop` have no effect.
        """
        state = self._state_for(request)
        if near:
            state.nearby[by] = (start, stop)
        else:
            state.visible[by] = (start, stop)
            if state.task is not None:
                state.paginator.priority = Priority.SCREEN
                self._fetcher.raise_priority(lambda fetch_request: fetch_request.request == request)
        self._start(state)

    def unobserve(self, request: ApiRequest, *, by: Hashable) -> None:
        """Remove the observer `by` of a request. If nobody else observes the request, stop fetching it."""
        state = self._states.get(request)
        if state is None:
            return
        state.visible.pop(by, None)
        state.nearby.pop(by, None)
        if not state.is_observed:
            state.awaiting_login = False
        if not state.is_wanted:
            self._stop(state)

    def refresh(self, request: ApiRequest, *, complete: bool) -> None:
        """Fetch data again: a single object, or a list from its top to the first rows that were saved before.

        With `complete`, the whole list is fetched.
        """
        state = self._state_for(request)
        state.refetch_head, state.refetch_all = True, state.refetch_all or complete
        state.retry_at, state.awaiting_login = 0.0, False
        self._start(state)

    def cancel(self) -> None:
        """Stop all fetching, and remove all observers."""
        for state in self._states.values():
            state.clear()
            self._stop(state)

    def forget(self, which: Callable[[ApiRequest], bool]) -> None:
        """Stop fetching the requests for which `which` returns True, and forget their states.

        Call this for private requests when the account changes: their responses then belong to another account.
        """
        for request in [request for request in self._states if which(request)]:
            state = self._states.pop(request)
            state.clear()
            self._stop(state)
            self._on_change(request)

    def retry_private(self) -> None:
        """Send the requests again that the server refused because nobody was logged in."""
        for state in tuple(self._states.values()):
            # The screen below the login dialog does not observe its request, so its state does not await the login.
            refused = state.failure is not None and isinstance(state.failure.error, UnauthorizedError)
            if state.awaiting_login or refused:
                state.awaiting_login, state.retry_at = False, 0.0
                self._start(state)

    def close(self) -> None:
        """Stop all fetching for good."""
        self._closed = True
        for state in self._states.values():
            self._stop(state)

    def _state_for(self, request: ApiRequest) -> RequestState:
        state = self._states.get(request)
        if state is None:
            self._make_room()
            state = self._states[request] = RequestState(request, self._paginator(request))
        return state

    def _make_room(self) -> None:
        """Forget the states of the oldest idle requests, if there are more than `MAX_REMEMBERED` states."""
        too_many = len(self._states) - MAX_REMEMBERED
        if too_many > 0:
            idle = [request for request, state in self._states.items() if state.is_idle]
            for request in idle[:too_many]:
                del self._states[request]

    def _start(self, state: RequestState) -> None:
        if self._closed or state.task is not None or state.awaiting_login or not self._has_work(state):
            return
        state.is_started = False
        self._fetcher.adjust_pending(1)
        state.task = asyncio.create_task(self._fetch_all(state), name=f"follow {state.request}")
        state.task.add_done_callback(lambda task: self._on_done(state, task))
        self._on_change(state.request)

    def _stop(self, state: RequestState) -> None:
        if state.task is not None:
            state.task.cancel()

    # -- fetching

    async def _fetch_all(self, state: RequestState) -> None:
        """Fetch the data of a request page by page, until no observer needs more. `state` is the request's state.

        If fetching fails, `state` records why.
        """
        await self._ready()
        self._mark_started(state)
        try:
            while self._has_work(state):
                await self._advance(state)
                state.failure = None
        except FlattrError as error:
            self._on_error(state, error)
        except StoreError as error:
            self._on_error(state, NotStoredError(str(error)))
        except DroppedError:
            state.clear()

    def _mark_started(self, state: RequestState) -> None:
        if not state.is_started:
            state.is_started = True
            self._fetcher.adjust_pending(-1)

    async def _advance(self, state: RequestState) -> None:
        paginator = state.paginator
        on_screen = bool(state.visible) or state.refetch_head or state.refetch_all
        paginator.priority = Priority.SCREEN if on_screen else Priority.NEAR
        if state.refetch_all:
            await paginator.fetch_all()
            if await paginator.has_shrunk():
                await paginator.fetch_all()
            state.refetch_head = state.refetch_all = False
        elif state.refetch_head:
            await paginator.fetch_head()
            state.refetch_head = False
        elif self._is_stale(state):
            await paginator.recheck_head()
            # Otherwise it would be fetched again immediately, and forever.
            state.retry_at = self._clock() + RETRY_AFTER if self._is_stale(state) else state.retry_at
        else:
            await self._fetch_gap(state)

    async def _fetch_gap(self, state: RequestState) -> None:
        for windows, priority in ((state.visible, Priority.SCREEN), (state.nearby, Priority.NEAR)):
            for window in windows.values():
                if state.paginator.has_gap([window]):
                    state.paginator.priority = priority
                    await state.paginator.fetch_gap(*window)
                    return

    def _has_work(self, state: RequestState) -> bool:
        if state.refetch_head or state.refetch_all:
            return True
        if not state.is_observed or is_upcoming(state.retry_at, self._clock()):
            return False
        try:
            windows = (*state.visible.values(), *state.nearby.values())
            return self._is_stale(state) or state.paginator.has_gap(windows)
        except StoreError as error:
            self._on_error(state, NotStoredError(str(error)))
            return False

    def _is_stale(self, state: RequestState) -> bool:
        request = state.request
        return not is_fresh(request.method, self._checked_at(request), self._clock())

    def _on_error(self, state: RequestState, error: FlattrError) -> None:
        now = self._clock()
        state.failure = Failure(error.sentence(sentence_subject(state.request)), error, now)
        state.retry_at = now + RETRY_AFTER
        state.refetch_head = state.refetch_all = False
        private = BY_NAME[state.request.method].private
        if private and isinstance(error, UnauthorizedError) and not isinstance(error, InsufficientBudgetError):
            state.awaiting_login = True
            self._publish(LoginNeeded(state.request))

    def _on_done(self, state: RequestState, task: "asyncio.Task[None]") -> None:
        self._mark_started(state)
        state.task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fetcher.report_crash(error)
        elif not self._closed and self._states.get(state.request) is state:
            self._start(state)
            self._on_change(state.request)


class _Entry(msgspec.Struct, frozen=True):
    source: str
    account: str
    request: ApiRequest
    at: float
    """When the write happened, in Unix seconds."""

    @property
    def key(self) -> tuple[Scope, ApiRequest]:
        return Scope(self.source, self.account), self.request


class OutdatedRequests:
    """The requests whose saved data a write has made outdated, for all sources and accounts.

    The requests are stored in the small file `path`, which all running programs share and whose folder must exist. An
    entry is dropped when the data has become so old that it would be fetched again in any case. `save` writes to disk:
    call `save` in a thread.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float], notice: NoticeCallback = lambda text: None) -> None:
        self._path = path
        self._clock = clock
        self._notice = notice
        self._noted: dict[tuple[Scope, ApiRequest], float] = {}
        self._saved: dict[tuple[Scope, ApiRequest], float] = {}
        self._stamp: int | None = None
        self._unsaved = False

    def add(self, scope: Scope, request: ApiRequest) -> None:
        """Record that a write has just made the saved response to a request outdated.

        `scope` is the source and account under which the response is saved.
        """
        self._noted[scope, request] = self._clock()
        self._unsaved = True

    def is_outdated(self, scope: Scope, request: ApiRequest, checked_at: float) -> bool:
        """Whether a write has changed what the server returns for a request since `checked_at` (Unix seconds).

        `checked_at` is when the saved data was last fetched or confirmed by the server.
        """
        self._read_if_changed()
        changed_at = max(self._noted.get((scope, request), 0.0), self._saved.get((scope, request), 0.0))
        return checked_at < changed_at <= self._clock()

    def forget(self, scope: Scope) -> None:
        """Remove all entries of a source and account, also from the file, because they reveal what the account did."""
        self._noted = {key: at for key, at in self._noted.items() if key[0] != scope}
        if self._noted or exists(self._path):
            self._write(but=scope)

    def save(self) -> None:
        """Write new entries to the file.

        If the file can't be written, the user gets a notice. Later runs of the program may then show outdated data.
        """
        if self._unsaved:
            self._write()

    def _write(self, *, but: Scope | None = None) -> None:
        self._unsaved = False  # first: entries that are added from now on are written the next time
        noted, now = self._noted.copy(), self._clock()
        try:
            with file_lock(self._path):
                merged = self._read()
                for key, at in noted.items():
                    merged[key] = max(at, merged.get(key, 0.0))
                kept = {key: at for key, at in merged.items() if key[0] != but and 0 <= now - at <= OUTDATED_SECONDS}
                notes = [_Entry(*scope, request, at) for (scope, request), at in kept.items()]
                replace_file(self._path, msgspec.json.encode(notes), durable=False)
        except OSError as error:
            self._unsaved = True
            self._notice(f"{self._path} can't be written ({error.strerror}): changes may be shown late.")

    def _read_if_changed(self) -> None:
        """Read the file again if another program has changed it."""
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp = stamp
            self._saved = self._read()

    def _stamp_now(self) -> int | None:
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return None  # without the file, only the age of saved data decides whether it is fetched again

    def _read(self) -> dict[tuple[Scope, ApiRequest], float]:
        try:
            with self._path.open("rb") as file:
                notes = msgspec.json.decode(file.read(SIZE_LIMIT), type=list[_Entry])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            return {}  # only the age of saved data decides whether it is fetched again
        return {note.key: note.at for note in notes}

"""Waits until the app under test is idle. It looks at the event loop, and not at the clock.

After each key and in each pause, Textual's pilot waits until the process has been idle for 40 ms, which took most of
the time of a test. Here the app is idle when its event loop has nothing left to run, no thread works for the loop, and
the screen is drawn.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any
from unittest.mock import patch

from textual._context import active_app
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

TURNS = 3
"""The app counts as idle after this many consecutive turns of the event loop in which nothing else ran."""
MOMENT = 0.0005
"""Seconds to sleep between two checks of running threads and due timers."""
SOON = 0.01
"""A timer that is due within this many seconds belongs to the last key. Textual delays resizes with such a timer."""
PATIENCE = 6.0
"""Seconds after which the wait gives up. Whatever still runs then, such as a sync, does not end soon."""
VAIN_DRAWS = 1_000
"""Maximum number of consecutive draws that leave something to draw. After more, the screen would never be complete."""


_keeps_undrawn: ContextVar[bool] = ContextVar("_keeps_undrawn", default=False)
_types_fast: ContextVar[bool] = ContextVar("_types_fast", default=False)


@contextmanager
def without_drawing() -> Iterator[None]:
    """A context in which waits lay out the screen, but do not draw it. The next wait after the context draws it.

    A start of the app waits four times. Drawing each time took a third of the CPU time of a start.
    """
    token = _keeps_undrawn.set(True)
    try:
        yield
    finally:
        _keeps_undrawn.reset(token)


@contextmanager
def fast_typing() -> Iterator[None]:
    """A context in which a key is pressed without waiting until the app has handled the previous key.

    The next wait after the context waits for all keys.
    """
    token = _types_fast.set(True)
    try:
        yield
    finally:
        _types_fast.reset(token)


class IdleWait:
    """Knows which threads work for the event loop and whether the screen is still to be drawn."""

    def __init__(self) -> None:
        self.refreshes = 0
        """Number of times that a screen had to be drawn."""
        self._futures: set[asyncio.Future[Any]] = set()
        self._undrawn: Screen[Any] | None = None

    def defer_drawing(self, draw: Callable[[Screen[Any]], None]) -> Callable[[Screen[Any]], None]:
        """Return a replacement of `draw` that only remembers the screen, which is drawn once, when the app is idle.

        A real terminal does not show most of the states in between, either.
        """

        def compositor_refresh(screen: Screen[Any]) -> None:
            self.refreshes += 1
            if screen.app.is_headless and screen is screen.app.screen:
                self._undrawn = screen
                screen._dirty_widgets.clear()  # the compositor already knows their regions
            else:
                draw(screen)

        self._draw = draw
        return compositor_refresh

    def track_threads(self, run: Callable[..., "asyncio.Future[Any]"]) -> Callable[..., "asyncio.Future[Any]"]:
        """Return a wrapper of `run`, which runs work in a thread. It keeps the work's future until the work is done."""

        def run_in_executor(loop: asyncio.AbstractEventLoop, *arguments: Any) -> "asyncio.Future[Any]":
            future = run(loop, *arguments)
            self._futures.add(future)
            future.add_done_callback(self._futures.discard)
            return future

        return run_in_executor

    @property
    def has_running_threads(self) -> bool:
        return bool(self._futures)

    async def wait_until_idle(self, _: float = 0.0, __: float = 0.0) -> None:
        """Wait until the app is idle and the screen is drawn. This replaces the `wait_for_idle` of Textual's pilot."""
        loop, app = asyncio.get_running_loop(), active_app.get()
        turns, vain, patience = 0, 0, monotonic() + PATIENCE
        while turns < TURNS and monotonic() < patience:
            await asyncio.sleep(0)
            turns += 1
            if loop._ready:  # type: ignore[attr-defined]
                turns = 0
            elif self.has_running_threads or _has_due_timer(loop):
                await asyncio.sleep(MOMENT)
                turns = 0
            elif turns == TURNS and (_needs_drawing(app) or (self._undrawn and not _keeps_undrawn.get())):
                self._draw_frame(app)
                turns, vain = 0, vain + 1 if _needs_drawing(app) else 0
                assert vain < VAIN_DRAWS, f"{app.screen} is never drawn"

    async def wait_for_key(self, _: float = 0.0) -> None:
        """Wait until the app has handled a key; draw nothing. This replaces Textual's `wait_for_idle` after a key."""
        if _types_fast.get():
            await asyncio.sleep(0)
            return
        with without_drawing():
            await self.wait_until_idle()

    async def wait_for_screen(self, timeout: float = 0.0) -> bool:
        """Wait until the app has handled a key. The pilot's own method would send each widget a message."""
        await self.wait_for_key()
        return True

    def _draw_frame(self, app: App[Any]) -> None:
        if _needs_drawing(app):
            app.screen._on_timer_update()
        elif self._undrawn and app.screen_stack and self._undrawn is app.screen:
            self._draw(self._undrawn)
            self._undrawn = None
        else:
            self._undrawn = None


_waits: list[IdleWait] = []
"""The `IdleWait` objects in use. The last one counts."""


def find_screen_state(app: App[Any]) -> Hashable:
    """Return a value that changes whenever the screen changes; None if the screen may have changed unnoticed."""
    if not _waits or _needs_drawing(app):
        return None
    return id(app.screen), app.size, _waits[-1].refreshes


def _has_due_timer(loop: Any) -> bool:
    """Return whether a timer is due within `SOON` seconds."""
    soon = loop.time() + SOON
    return any(timer.when() < soon for timer in loop._scheduled if not timer.cancelled())


def _needs_drawing(app: Any) -> bool:
    """Return whether Textual would draw the screen again with its next frame."""
    if not app.is_running or not app.screen_stack or app._batch_count:
        return False
    screen = app.screen
    return bool(
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )


@contextmanager
def fast_idle_wait() -> Iterator[None]:
    """A context in which Textual waits and draws as `IdleWait` does, without animations."""
    wait = IdleWait()
    run = asyncio.BaseEventLoop.run_in_executor
    with (
        patch.object(asyncio.BaseEventLoop, "run_in_executor", wait.track_threads(run)),
        patch.object(Screen, "_compositor_refresh", wait.defer_drawing(Screen._compositor_refresh)),
        patch("textual.app.wait_for_idle", wait.wait_for_key),
        patch("textual.pilot.wait_for_idle", wait.wait_until_idle),
        patch.object(Pilot, "_wait_for_screen", wait.wait_for_screen),
        patch("textual.constants.TEXTUAL_ANIMATIONS", "none"),
    ):
        _waits.append(wait)
        try:
            yield
        finally:
            _waits.pop()

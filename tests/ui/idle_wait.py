"""Waiting until the program under test has nothing to do, by looking at what it does instead of at the clock.

Textual's pilot waits after each key until the process was idle for two whole fiftieths of a second, and as long again
for each pause: most of a test's time went by in them. Here a key is done when the event loop has nothing left to run,
no thread works for it, and the screen is drawn.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any
from unittest.mock import patch

from anyio.to_thread import current_default_thread_limiter
from textual._context import active_app
from textual.app import App
from textual.screen import Screen

TURNS = 3
"""So many turns of the loop in which nothing else ran are quiet."""
MOMENT = 0.0005
"""Seconds to leave to threads and timers until they are looked at again."""
SOON = 0.01
"""Seconds: a timer that is due so soon belongs to what was done, as the one by which Textual collects resizes."""
PATIENCE = 6.0
"""Seconds after which what goes on is believed to go on by itself, as a sync does."""


class Watch:
    """What is under way in threads for the event loop: the sandbox's answers and what the program leaves to them."""

    def __init__(self) -> None:
        self._futures: set[asyncio.Future[Any]] = set()
        self._owed: Screen[Any] | None = None

    def owing(self, draw: Callable[[Screen[Any]], None]) -> Callable[[Screen[Any]], None]:
        """Draw the screen as it is at rest, and none of the states before: a terminal leaves most of them out too."""

        def compositor_refresh(screen: Screen[Any]) -> None:
            if screen.app.is_headless and screen is screen.app.screen:
                self._owed = screen
                screen._dirty_widgets.clear()  # the compositor knows their regions
            else:
                draw(screen)

        self._draw = draw
        return compositor_refresh

    def counted(self, run: Callable[..., "asyncio.Future[Any]"]) -> Callable[..., "asyncio.Future[Any]"]:
        """Count what is run in threads."""

        def run_in_executor(loop: asyncio.AbstractEventLoop, *arguments: Any) -> "asyncio.Future[Any]":
            future = run(loop, *arguments)
            self._futures.add(future)
            future.add_done_callback(self._futures.discard)
            return future

        return run_in_executor

    @property
    def busy(self) -> bool:
        return bool(self._futures) or current_default_thread_limiter().borrowed_tokens > 0

    async def quiet(self, _: float = 0.0, __: float = 0.0) -> None:
        """Wait until all has come to rest; takes the place of Textual's `wait_for_idle`."""
        loop, app = asyncio.get_running_loop(), active_app.get()
        turns, patience = 0, monotonic() + PATIENCE
        while turns < TURNS and monotonic() < patience:
            await asyncio.sleep(0)
            turns += 1
            if loop._ready:  # type: ignore[attr-defined]
                turns = 0
            elif self.busy or _due(loop):
                await asyncio.sleep(MOMENT)
                turns = 0
            elif turns == TURNS and (_to_draw(app) or self._owed):
                self._frame(app)
                turns = 0

    def _frame(self, app: App[Any]) -> None:
        if _to_draw(app):
            app.screen._on_timer_update()
        elif self._owed and app.screen_stack and self._owed is app.screen:
            self._draw(self._owed)
            self._owed = None
        else:
            self._owed = None


def _due(loop: Any) -> bool:
    """Say whether a timer is about to go off."""
    soon = loop.time() + SOON
    return any(timer.when() < soon for timer in loop._scheduled if not timer.cancelled())


def _to_draw(app: Any) -> bool:
    """Say whether the screen would be drawn anew with its next frame."""
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
def watched() -> Iterator[None]:
    """Wait for the program itself, and let nothing move for the eye alone."""
    watch = Watch()
    run = asyncio.BaseEventLoop.run_in_executor
    with (
        patch.object(asyncio.BaseEventLoop, "run_in_executor", watch.counted(run)),
        patch.object(Screen, "_compositor_refresh", watch.owing(Screen._compositor_refresh)),
        patch("textual.app.wait_for_idle", watch.quiet),
        patch("textual.pilot.wait_for_idle", watch.quiet),
        patch("textual.constants.TEXTUAL_ANIMATIONS", "none"),
    ):
        yield

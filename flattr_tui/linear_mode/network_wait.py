"""Waits for the network in linear mode, and prints what is fetched and why it takes longer. ctrl+c stops a wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from flattr_tui.library.events import ConnectionState, Event, Notice
from flattr_tui.library.library import Library
from flattr_tui.linear_mode.text_io import TextOutput
from flattr_tui.ui import format as fmt
from flattr_tui.ui.format import wait_reason

T = TypeVar("T")


class StoppedError(Exception):
    """Raised if the user pressed ctrl+c while the program waited for the network."""


class NetworkWait:
    """Waits until `library` has fetched something, and collects the library's notices for the user.

    Long waits are explained on `output`. `clock` returns the current time in Unix seconds.
    """

    def __init__(self, library: Library, output: TextOutput, clock: Callable[[], float]) -> None:
        self._library = library
        self._output = output
        self._clock = clock
        self._changed = asyncio.Event()
        self._stopped = asyncio.Event()
        self._notices: list[str] = []
        self._told_until: float | None = None
        """The end (Unix seconds) of the delay that was printed last during this wait; None if none was printed."""
        self._is_waiting = False
        self.end = library.subscribe(self._on_event)
        """A function that ends the subscription to the library's events."""

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Notice):
            self._notices.append(event.text)
        self._changed.set()

    def take_notices(self) -> list[str]:
        """Return the library's notices (sentences for the user) since the last call, the oldest first."""
        notices, self._notices = self._notices, []
        return notices

    def stop(self) -> bool:
        """Stop the current wait and everything that the library fetches. Returns False if there is no wait."""
        if not self._is_waiting:
            return False
        self._library.cancel()
        self._stopped.set()
        return True

    async def run(self, work: Awaitable[T], doing: str = "") -> T:
        """Wait until `work` is done, and return its result. `doing`, unless it is "", is printed first: `Fetching …`.

        If the user stops the wait, `work` is cancelled, and `StoppedError` is raised.
        """
        self._stopped.clear()
        task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(self._stopped.wait())
        self._is_waiting = True
        try:
            if doing:
                self._output.write(f"{doing} …")
                self._output.flush()  # may raise `BrokenPipeError`
            await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
            if self._stopped.is_set():  # first, since the library's cancellation may have ended the task too
                task.cancel()
                await asyncio.wait([task])
                raise StoppedError
            return task.result()
        finally:
            self._is_waiting = False
            stopped.cancel()
            task.cancel()

    async def until(self, is_done: Callable[[], bool], doing: str) -> None:
        """Wait until `is_done` returns True. It is called at once, and after each of the library's events.

        `doing` (`Fetching ada's things`) is printed, unless the first call returns True. Raises `StoppedError` if the
        user stops the wait.
        """
        if not is_done():
            self._told_until = None
            await self.run(self._follow(is_done), doing)

    async def _follow(self, is_done: Callable[[], bool]) -> None:
        while not is_done():
            self._write_delay()
            self._changed.clear()
            await self._changed.wait()

    def _write_delay(self) -> None:
        """Print why the library sends no requests at present, and for how long. Each delay is printed once."""
        status = self._library.status
        if status.connection is not ConnectionState.WAITING or status.waiting_until in {None, self._told_until}:
            return
        self._told_until = status.waiting_until
        left = fmt.countdown((status.waiting_until or 0.0) - self._clock())
        self._output.write(f"{wait_reason(status)}; continuing in {left}. ctrl+c shows what is saved.")
        self._output.flush()

"""The base class of the app, without pages: runs the library, its workers, the clock, the browser and the clipboard."""

import asyncio
import math
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, tzinfo
from functools import partial
from typing import IO, Any

from textual import events
from textual.message import Message
from textual.message_pump import MessagePump
from textual.reactive import reactive
from textual.signal import Signal
from textual.timer import Timer
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from flattr_tui.library.events import Event, SourceStatus
from flattr_tui.library.library import Library
from flattr_tui.model.data_source import BadSourceError
from flattr_tui.model.pasted_address import is_web
from flattr_tui.ui.app_protocol import LibraryEvent, ShowsTime, StatisticsComputed, UserNotice, visible_screens
from flattr_tui.ui.cell_widths import adopt_terminal_widths
from flattr_tui.ui.keypress_queue import KeyPassed, KeypressQueue, as_enter
from flattr_tui.ui.notices import NoticeApp
from flattr_tui.ui.textual_private import can_suspend

RESTARTS = 3
"""How many times in all the fetcher is restarted after it fails."""
QUIT_SECONDS = 0.25
"""Maximum number of seconds that quitting waits for the library to close."""
READY_DELAY_SECONDS = 0.5
"""Seconds from the first screen to the ready callback. During these, the first page shows its statistics."""
MAX_CLOCK_SECONDS = 3600.0
"""Maximum number of seconds between two readings of the clock. Timers stop while the machine sleeps."""
TIMER_SLACK_SECONDS = 0.02
"""Seconds by which the timer that updates an outdated text is set later, because a timer may fire too early."""
INTERRUPT_SECONDS = 2.0
"""Seconds within which a second ctrl+c quits the program."""


class LibraryApp(NoticeApp, inherit_bindings=False):
    """The base class of the app: runs a library, which fetches and saves Flattr's data.

    Work that waits for the network, the disk or another program runs in a worker. The worker belongs to the app, so
    that the work continues when the user leaves a page.

    A worker never touches a widget. It posts a message to the widget or screen that shows the result.
    """

    status: reactive[SourceStatus] = reactive(SourceStatus(), init=False, repaint=False)
    source: reactive[str] = reactive("", init=False, repaint=False)
    """The short name of the source, shown in the header."""
    now: reactive[float] = reactive(0.0, init=False, repaint=False)
    """The current time in Unix seconds, for ages. It is updated whenever a text on screen would become outdated."""

    def __init__(
        self,
        library: Library,
        *,
        clock: Callable[[], float] = time.time,
        tz: tzinfo = UTC,
        switch: Callable[[str], Library] | None = None,
    ) -> None:
        adopt_terminal_widths()
        super().__init__()
        self.library = library
        self.clock = clock
        self.tz = tz
        self.library_changed: Signal[Event] = Signal(self, "library")
        """Published whenever a list or a single item of the library changes."""
        self.on_ready_callback: Callable[[], None] | None = None
        """Called once, in a thread, `READY_DELAY_SECONDS` after the first screen was drawn."""
        self.report_crash: Callable[[BaseException], str] | None = None
        """Writes a crash report, and returns a sentence about it that is printed after the app has quit."""
        self._switch = switch
        self._keypresses = KeypressQueue(self, lambda: self.call_later(self._pass_keys))
        self._unsubscribe: Callable[[], None] = lambda: None
        self._is_ready = False
        """Whether the first screen is drawn."""
        self._restarts = 0
        self._interrupted = float("-inf")
        """Monotonic time of the last ctrl+c."""
        self._clock_timer: Timer | None = None
        self._clock_due = math.inf
        """When the clock is read next, in Unix seconds; infinity if that is not scheduled."""
        self.set_reactive(LibraryApp.status, library.status)
        self.set_reactive(LibraryApp.source, source_label(library))
        self.set_reactive(LibraryApp.now, clock())

    def _on_resume(self, _: object) -> None:
        self.read_clock()
        self.action_redraw()

    # -- keys

    async def on_event(self, event: events.Event) -> None:
        """Handle keys and pastes in the order in which they were typed, and pass on all other events."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            if not self._is_ready and isinstance(event, events.Key) and event.key == "ctrl+j":
                event = as_enter(event)
            self._keypresses.add(event)
            await self._pass_keys()
        else:
            await super().on_event(event)

    async def _pass_keys(self) -> None:
        """Handle queued keys and pastes until the queue holds one back. A paste into an `Input` becomes one line."""
        while (key := self._keypresses.next_key()) is not None:
            if isinstance(key, events.Paste) and isinstance(self.focused, Input):
                from flattr_tui.ui.widgets.inputs import join_lines  # noqa: PLC0415 -- with the first field

                key.text = join_lines(key.text)  # here, because the palette's field is not a `LineInput`
            await super().on_event(key)

    async def on_key_passed(self, event: KeyPassed) -> None:
        event.stop()
        self._keypresses.mark_returned(event)
        await self._pass_keys()

    # -- the library

    def on_mount(self) -> None:
        """Subscribe to the library, start the clock, and handle signals that end the program."""
        self._handle_signals()
        self._follow_library()
        self.read_clock()
        self.app_resume_signal.subscribe(self, self._on_resume)

    def on_ready(self) -> None:
        """Call `on_ready_callback` in a thread, after a delay that lets the first screen start its own work."""
        self._is_ready = True
        if self.on_ready_callback is not None:
            self.set_timer(
                READY_DELAY_SECONDS,
                partial(self.start_worker, self.on_ready_callback, "getting ready", "begun", thread=True),
            )

    def _follow_library(self) -> None:
        self._unsubscribe = self.library.subscribe(self._post_library_event)
        self._start_fetching()

    def _post_library_event(self, event: Event) -> None:
        self.post_message(LibraryEvent(event))

    def _start_fetching(self) -> None:
        self.start_worker(self.library.run, "fetching", "fetcher", exclusive=True)

    def start_worker(
        self, work: Callable[[], Awaitable[None]] | Callable[[], None], name: str, group: str, **options: bool
    ) -> None:
        """Run `work` in a worker of the app. If `work` fails, a notice says that `name` failed.

        `options` are passed on to Textual's `run_worker`. With `exclusive`, `work` replaces other work of the same
        `group`.
        """
        self.run_worker(work, name, group=group, exit_on_error=False, **options)  # type: ignore[arg-type]

    # -- the time

    def read_clock(self) -> None:
        """Update the displayed time, and schedule the next update for when a text on screen becomes outdated."""
        self._clock_due = math.inf
        self.now = self.clock()
        self.schedule_clock()

    def schedule_clock(self) -> None:
        """Schedule the next update of the displayed time for when a visible text becomes outdated."""
        now = self.clock()
        changes = (screen.next_change_in(now) for screen in visible_screens(self) if isinstance(screen, ShowsTime))
        seconds = min(MAX_CLOCK_SECONDS, *changes, math.inf)
        if abs(now + seconds - self._clock_due) < TIMER_SLACK_SECONDS:
            return
        if self._clock_timer is not None:
            self._clock_timer.stop()
        self._clock_due = now + seconds
        self._clock_timer = self.set_timer(seconds + TIMER_SLACK_SECONDS, self.read_clock)

    def watch_status(self) -> None:
        """Set the timer for the next update of the displayed time, because a countdown may have started or stopped."""
        self.schedule_clock()

    def on_app_focus(self) -> None:
        """Update the displayed ages and countdowns: timers stop while the machine is suspended."""
        self.read_clock()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Stop the cursor of a focused input from blinking: the blinking would wake the program twice a second."""
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = False

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show a notice if a worker failed. If it was the worker that fetches, restart it, at most `RESTARTS` times."""
        if event.state is not WorkerState.ERROR:
            return
        error = event.worker.error
        self.log.error(event.worker.name, error)
        if error is not None and self.report_crash is not None:
            self.report_crash(error)
        if event.worker.group != "fetcher":
            self.notify_user(f"{event.worker.name.capitalize()} failed: {error}.", "error")
        elif self._restarts < RESTARTS:
            self._restarts += 1
            self.notify_user(f"Fetching failed ({error}) and was started again.", "error")
            self._start_fetching()
        else:
            self.notify_user(f"Fetching failed again ({error}): from now on only saved data is shown.", "error")

    def compute_statistics(self, username: str, receiver: MessagePump) -> None:
        """Compute a user's statistics in a worker, which then posts `StatisticsComputed` to `receiver`."""
        library = self.library

        async def count() -> None:
            receiver.post_message(StatisticsComputed(username, await library.user_statistics(username)))

        self.start_worker(count, "counting", f"figures-{id(receiver)}", exclusive=True)

    def run_in_thread(
        self,
        work: Callable[[], Message],
        receiver: MessagePump,
        name: str,
        *,
        delay: float = 0.0,
        when_ready: bool = False,
    ) -> None:
        """Run `work` in a thread, and post the message that it returns to `receiver`.

        Earlier work with the same `name` for the same `receiver` is cancelled. The thread starts after `delay` seconds,
        so that work that is replaced in this time never runs. With `when_ready`, the thread also waits until all saved
        data can be read.
        """
        library = self.library

        async def run() -> None:
            await asyncio.sleep(delay)
            if when_ready:
                await library.ready()
            receiver.post_message(await asyncio.to_thread(work))

        self.start_worker(run, name, f"{name}-{id(receiver)}", exclusive=True)

    @property
    def can_switch(self) -> bool:
        """Whether the app can switch to another source."""
        return self._switch is not None

    def switch_source(self, name: str) -> None:
        """Show the data of the source `name`, or a notice that says why that is impossible; "" changes nothing."""
        if self._switch is None or not name:
            return
        try:
            library = self._switch(name)
        except BadSourceError as error:
            self.notify_user(str(error), "error")
            return
        self._unsubscribe()
        self.start_worker(self.library.aclose, "closing", "closing")
        self.library, self.status, self.source = library, library.status, source_label(library)
        self._restarts = 0
        self._follow_library()
        self.source_switched()

    def source_switched(self) -> None:
        """Show the data of the new source on all pages. Subclasses implement this."""

    # -- browser, other programs, clipboard

    def open_address(self, address: str, *, is_shown: bool = False) -> None:
        """Open an address in a browser. Without a browser, copy the address, unless it is on screen (`is_shown`)."""
        from flattr_tui.ui import external_programs  # noqa: PLC0415 -- webbrowser is imported when it is needed

        if not is_web(address):
            self.notify_user(
                f"{address} is not a web address, so it was not opened." if address else "Nothing to open."
            )
            return

        if self.is_web:  # in the browser that shows the program
            self.open_url(address)
            self.notify_user(f"Opened {address} in a new tab.")
            return

        def open_it() -> None:
            command = external_programs.find_text_browser(address) if can_suspend(self) else None
            if command is not None:
                self.call_from_thread(self.lend_terminal, command)
            elif external_programs.has_browser() and external_programs.open_browser(address):
                self.post_message(UserNotice(f"Opened {address}"))
            elif not is_shown:
                self.call_from_thread(self.copy_text, address, "No browser here.")

        self.start_worker(open_it, "opening", "browser", thread=True)

    @property
    def can_lend_terminal(self) -> bool:
        """Whether the app can give the terminal to another program for a while."""
        return can_suspend(self)

    def lend_terminal(
        self,
        command: Sequence[str],
        source: IO[bytes] | None = None,
        *,
        more: Sequence[Sequence[str]] = (),
        prompt: str = "",
    ) -> int | None:
        """Run `command`, then the commands in `more`, on the terminal. Then show the app again.

        `source` is the standard input of the commands; None is the terminal. With a `prompt`, the output stays on the
        terminal above the prompt until the user presses a key. If a signal, such as that of ctrl+c, ends a command, the
        following commands are not run.

        Returns the first exit status that is not 0 (negative for a signal); 0 if there is none. If a command can't be
        run, a notice says so, and None is returned. None is also returned if a signal asks this program to end.
        """
        from flattr_tui.ui import external_programs  # noqa: PLC0415

        status, asked_to_end, problem = 0, 0, ""
        with self.suspend():  # an exception in here would leave the app suspended
            try:
                for arguments in (command, *more):
                    end = external_programs.run_on_terminal(arguments, source)
                    status, asked_to_end = status or end.status, end.signal
                    if end.status < 0 or asked_to_end:
                        break
                if prompt and not asked_to_end:
                    asked_to_end = external_programs.wait_for_key(prompt)
            except OSError as error:
                problem = f"{command[0]} can't be run ({error.strerror})."
        if problem:
            self.notify_user(problem, "error")
            return None
        if asked_to_end:
            self.exit(None, 128 + asked_to_end)
            return None
        return status

    def copy_to_clipboard(self, text: str) -> None:
        """Send a text to the terminal's clipboard. An empty text is ignored: it would clear the clipboard."""
        if text:
            super().copy_to_clipboard(text)

    def copy_text(self, text: str, reason: str = "", *, name: str = "") -> None:
        """Copy a text with a program of this machine, or through the terminal (OSC 52), and show a notice about it.

        The notice begins with the sentence `reason`, and calls the text `name`. If `name` is "", the notice quotes the
        text instead.
        """
        from flattr_tui.ui import external_programs  # noqa: PLC0415 -- subprocess is imported when it is needed

        if not text:
            return

        if self.is_web:
            self.copy_to_clipboard(text)
            self.notify_user(f"{reason} Copied {name or text}".strip())
            return

        def copy_it() -> None:
            if program := external_programs.copy(text):
                where = " to tmux's buffer:" if program == external_programs.TMUX else ""
                self.post_message(UserNotice(f"{reason} Copied{where} {name or text}".strip()))
            else:
                self.call_from_thread(self._send_to_terminal, text, reason, external_programs.copy_advice())

        self.start_worker(copy_it, "copying", "copy", thread=True)

    def _send_to_terminal(self, text: str, reason: str, advice: str) -> None:
        """Send a text to the terminal's clipboard, and open a dialog that shows the text.

        Terminals don't report whether they accept a text, so the user may have to copy it from the dialog. The dialog
        begins with the sentence `reason` and ends with the sentence `advice`; either may be "".
        """
        from flattr_tui.ui.screens.text_dialogs import CopyableTextDialog  # noqa: PLC0415 -- imported when it is shown

        self.copy_to_clipboard(text)
        self.push_screen(CopyableTextDialog(text, f"{reason} Sent to the terminal's clipboard. {advice}".strip()))

    # -- quitting

    def _handle_signals(self) -> None:
        """Quit the app when a signal such as SIGTERM arrives, so that the terminal is restored (Textual #5140)."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):  # ctrl+c is a key, not a signal
            try:
                loop.add_signal_handler(number, self.exit, None, 128 + number)
            except (NotImplementedError, RuntimeError, ValueError):
                return  # no signals here: another thread's loop, another system

    def action_suspend_process(self) -> None:
        """Suspend the program and return to the shell. If the app runs in a browser, say that there is no shell."""
        if self.is_web:
            self.notify_user("There is no shell behind a browser. Press q to quit, or close the tab.")
        else:
            super().action_suspend_process()

    def action_quit_twice(self) -> None:
        """Quit at the second ctrl+c: the first one may have been meant to copy a text."""
        now = time.monotonic()
        if now - self._interrupted < INTERRUPT_SECONDS:
            self.exit(0)
        self._interrupted = now
        self.notify_user("Press ctrl+c again or q to quit.")

    def crash_text(self, error: BaseException) -> str | None:
        """Write a crash report, and return a sentence for the user about it; None if `report_crash` is not set."""
        return self.report_crash(error) if self.report_crash is not None else None

    def exit(self, result: int | None = None, return_code: int = 0, message: Any = None) -> None:
        """Quit with a result and an exit status, and print `message`. If a page is being opened, wait for it first."""
        self.call_later(self._exit_from_complete_page, result, return_code, message)

    def _exit_from_complete_page(self, result: int | None, return_code: int, message: Any) -> None:
        if self.screen_stack and not self.screen.is_mounted:  # Textual would empty it before it is mounted
            self.exit(result, return_code, message)
        else:
            super().exit(result, return_code, message)

    async def action_quit(self) -> None:
        """Quit without a confirmation."""
        self.exit(0)

    async def on_unmount(self) -> None:
        """Close the library, and wait at most `QUIT_SECONDS` for it."""
        self._unsubscribe()
        try:
            async with asyncio.timeout(QUIT_SECONDS):
                await self.library.aclose()
        except TimeoutError:
            self.log.warning("the library did not close in time")


def source_label(library: Library) -> str:
    """Return the names of the account and the source, for the header: `ada@sandbox`."""
    return f"{library.account}@{library.source.label}" if library.account else library.source.label

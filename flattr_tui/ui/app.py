"""The program's screen as a whole: what is shown of whom, from which library, and who does the work."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, tzinfo
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.message_pump import MessagePump
from textual.reactive import reactive
from textual.screen import Screen
from textual.signal import Signal
from textual.theme import Theme
from textual.worker import Worker, WorkerState

from flattr_tui.library.events import Event, Notice, Status, StatusChanged
from flattr_tui.library.library import Library
from flattr_tui.model.entities import Activity, Entity, Thing, User
from flattr_tui.model.source import BadSourceError
from flattr_tui.ui import themes
from flattr_tui.ui.keymap import problems
from flattr_tui.ui.keys import APP
from flattr_tui.ui.messages import FiguresCounted, LibraryEvent, Told
from flattr_tui.ui.modes import MODES
from flattr_tui.ui.screens.base import Page
from flattr_tui.ui.subjects import is_web, person_of, thing_of

RESTARTS = 3
"""How often the fetcher is started again after it failed."""
QUIT_SECONDS = 0.3
"""Until when closing must be done."""


class FlattrApp(App[int], inherit_bindings=False):
    """Shows a library. All work that waits is done by workers of the app, never of a screen."""

    CSS_PATH = "flattr.tcss"
    TITLE = "flattr-tui"
    BINDINGS: ClassVar[list[BindingType]] = list(APP)
    MODES: ClassVar[dict[str, Callable[[], Screen[None]]]] = {mode.id: mode.make for mode in MODES}  # type: ignore[assignment]
    ENABLE_COMMAND_PALETTE = True

    user: reactive[str] = reactive("", init=False)
    """Whose profile, things, flattrs and activities are shown."""
    status: reactive[Status] = reactive(Status(), init=False)
    source: reactive[str] = reactive("", init=False)
    now: reactive[float] = reactive(0.0, init=False)
    """Unix seconds, as of the last tick: what ages are reckoned from."""

    def __init__(
        self,
        library: Library,
        *,
        theme: str = themes.NAMES[0],
        keymap: Mapping[str, str] | None = None,
        user: str = "",
        clock: Callable[[], float] = time.time,
        tz: tzinfo = UTC,
        switch: Callable[[str], Library] | None = None,
    ) -> None:
        """Show `library`.

        `keymap` gives bindings other keys, by their ids. `user` is shown first; "" is the account's, else nobody's.
        `switch` makes the library of another source, and raises `BadSourceError`.
        """
        super().__init__()
        self.library = library
        self.clock = clock
        self.tz = tz
        self.people: dict[str, None] = {}
        """User names that were seen, for suggestions."""
        self.recent: list[Entity] = []
        """What was opened, the latest last."""
        self.library_changed: Signal[Event] = Signal(self, "library")
        self._switch = switch
        self._keymap_given = dict(keymap or {})
        self._theme_given = theme
        self._shown_before: list[str] = []
        self._unsubscribe: Callable[[], None] = lambda: None
        self._restarts = 0
        self._interrupted = float("-inf")
        self.set_reactive(FlattrApp.user, user or library.account)
        self.set_reactive(FlattrApp.status, library.status)
        self.set_reactive(FlattrApp.source, library.source.label)
        self.set_reactive(FlattrApp.now, clock())
        for own in themes.THEMES:
            self.register_theme(own)
        self.theme = theme if theme in self.available_themes else themes.NAMES[0]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our own variables to themes that do not have them."""
        theme: Theme = self.current_theme
        return {} if theme in themes.THEMES else themes.own_variables(theme)

    def on_mount(self) -> None:
        """Follow the library, start fetching, open the first place."""
        self._handle_signals()
        told = problems(self._keymap_given)
        self.set_keymap(self._keymap_given if not told else {})
        if told:
            self.notify_text(told, "warning")
        if self._theme_given not in self.available_themes:
            self.notify_text(f"There is no theme {self._theme_given!r}; showing {self.theme}.", "warning")
        self._follow_library()
        self.set_interval(1.0, self._tick)
        self.switch_mode(MODES[0].id)

    # -- the library

    def _follow_library(self) -> None:
        self._unsubscribe = self.library.subscribe(self._library_told)
        self._fetch()

    def _library_told(self, event: Event) -> None:
        self.post_message(LibraryEvent(event))

    def _fetch(self) -> None:
        self._work(self.library.run, "fetching", group="fetcher", exclusive=True)

    def _work(
        self, work: Callable[[], Awaitable[None]] | Callable[[], None], name: str, group: str, **options: bool
    ) -> None:
        self.run_worker(work, name, group=group, exit_on_error=False, **options)  # type: ignore[arg-type]

    def _tick(self) -> None:
        self.now = self.clock()

    def on_library_event(self, message: LibraryEvent) -> None:
        """Keep what concerns all; hand on what concerns who looks at it."""
        match message.event:
            case StatusChanged(status):
                self.status = status
            case Notice(text, severity):
                self.notify_text(text, severity)
            case event:
                self.library_changed.publish(event)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what failed; the fetcher is started again, a few times."""
        if event.state is not WorkerState.ERROR:
            return
        error = event.worker.error
        self.log.error(event.worker.name, error)
        if event.worker.group != "fetcher":
            self.notify_text(f"{event.worker.name.capitalize()} failed: {error}.", "error")
        elif self._restarts < RESTARTS:
            self._restarts += 1
            self.notify_text(f"Fetching failed ({error}) and was started again.", "warning")
            self._fetch()
        else:
            self.notify_text(f"Fetching failed again ({error}): only what is saved is shown from now on.", "error")

    def count_figures(self, username: str, receiver: MessagePump) -> None:
        """Count a user's figures, and post them to `receiver`."""
        library = self.library

        async def count() -> None:
            receiver.post_message(FiguresCounted(username, await library.figures(username)))

        self._work(count, "counting", group=f"figures-{id(receiver)}", exclusive=True)

    def switch_source(self, name: str) -> None:
        """Show another source."""
        if self._switch is None or not name:
            return
        try:
            library = self._switch(name)
        except BadSourceError as error:
            self.notify_text(str(error), "error")
            return
        old = self.library
        self._unsubscribe()
        self._work(old.aclose, "closing", group="closing")
        self.library, self.status, self.source = library, library.status, library.source.label
        self._restarts = 0
        self._follow_library()
        for page in self._pages():
            page.source_changed()

    @property
    def can_switch(self) -> bool:
        """Whether another source can be shown."""
        return self._switch is not None

    def _pages(self) -> list[Page]:
        return [screen for stack in self._screen_stacks.values() for screen in stack if isinstance(screen, Page)]

    # -- going about

    def show_user(self, name: str) -> None:
        """Show another user in all places; back returns to the one before."""
        if name and name != self.user:
            self._shown_before.append(self.user)
            self.user = name
        self.people.setdefault(name)
        if self.current_mode not in {"profile", "things", "flattrs", "activities"}:
            self.action_mode("profile")
        else:
            self._to_base()

    def _to_base(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def go_back(self) -> None:
        """Leave the page on top; on a place's first page return to the user shown before."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self._shown_before and self.current_mode != "search":
            self.user = self._shown_before.pop()

    def open_user(self, name: str) -> None:
        """Open a user's page."""
        from flattr_tui.ui.screens.profile import ProfileScreen  # noqa: PLC0415 -- screens are imported when shown

        self.people.setdefault(name)
        self._remember(User(username=name))
        self.push_screen(ProfileScreen(name))

    def open_item(self, item: Entity) -> None:
        """Open the page of what an item is about."""
        from flattr_tui.ui.screens.thing import ThingScreen  # noqa: PLC0415 -- screens are imported when shown

        thing = thing_of(item)
        if thing is not None:
            self._remember(thing)
            self.push_screen(ThingScreen(thing))
        elif isinstance(item, Activity | User) and (name := person_of(item)):
            self.open_user(name)

    def open_thing(self, number: int) -> None:
        """Open a thing's page by its id."""
        self.open_item(Thing(id=number))

    def _remember(self, item: Entity) -> None:
        self.recent = [*[known for known in self.recent if known != item][-29:], item]

    def action_mode(self, mode: str) -> None:
        """Go to a place; where it was left."""
        self.switch_mode(mode)

    # -- asking and telling

    def action_ask_user(self) -> None:
        """Ask for a user to go to."""
        from flattr_tui.ui.screens.prompt import Prompt  # noqa: PLC0415 -- screens are imported when shown

        self.push_screen(
            Prompt("Go to which user?", tuple(self.people)), lambda name: self.show_user(name or self.user)
        )

    def action_help(self) -> None:
        """Show the keys of this very screen."""
        from flattr_tui.ui.screens.help import HelpScreen, keys_of  # noqa: PLC0415 -- screens are imported when shown

        self.push_screen(HelpScreen(keys_of(self.screen)))

    def notify_text(self, text: str, severity: str = "information") -> None:
        """Tell a person something, once; server text goes in as text."""
        known = severity if severity in {"information", "warning", "error"} else "information"
        self.notify(text, severity=known, markup=False)  # type: ignore[arg-type]

    def on_told(self, message: Told) -> None:
        """Say what a worker has to say."""
        self.notify_text(message.text, message.severity)

    def browse(self, address: str) -> None:
        """Open an address in a browser; without one show it and copy it."""
        from flattr_tui.ui import desktop  # noqa: PLC0415 -- webbrowser is imported when it is needed

        if not is_web(address):
            self.notify_text(f"{address} is no web address; it was not opened." if address else "Nothing to open.")
            return

        def open_it() -> None:
            if desktop.has_browser() and desktop.open_browser(address):
                self.post_message(Told(f"Opened {address}"))
            else:
                self.call_from_thread(self.copy_text, address, f"No browser here: copied {address}")

        self._work(open_it, "opening", group="browser", thread=True)

    def copy_text(self, text: str, said: str = "") -> None:
        """Copy by a tool of this machine, or through the terminal (OSC 52) over SSH."""
        from flattr_tui.ui import desktop  # noqa: PLC0415 -- subprocess is imported when it is needed

        if not text:
            return

        def copy_it() -> None:
            if not desktop.copy(text):
                self.call_from_thread(self.copy_to_clipboard, text)
            self.post_message(Told(said or f"Copied {text}"))

        self._work(copy_it, "copying", group="copy", thread=True)

    # -- the end

    def _handle_signals(self) -> None:
        """Leave the terminal whole when asked to end (Textual #5140)."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            try:
                loop.add_signal_handler(number, self.exit, 128 + number)
            except (NotImplementedError, RuntimeError, ValueError):
                return  # no signals here: another thread's loop, another system

    def action_quit_twice(self) -> None:
        """Quit at the second ctrl+c within two seconds: the first may have been meant to copy."""
        now = time.monotonic()
        if now - self._interrupted < 2:
            self.exit(0)
        self._interrupted = now
        self.notify_text("ctrl+c again, or q, quits.")

    async def action_quit(self) -> None:
        """Quit at once."""
        self.exit(0)

    async def on_unmount(self) -> None:
        """Close the library, in time."""
        self._unsubscribe()
        try:
            async with asyncio.timeout(QUIT_SECONDS):
                await self.library.aclose()
        except TimeoutError:
            self.log.warning("the library did not close in time")

"""The commands of the command palette: every key's action, and pages by name."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen

from flattr_tui.library.bookmarks import Mark, MarkKind
from flattr_tui.ui import themes
from flattr_tui.ui.bindings import ACT
from flattr_tui.ui.bookmark_titles import bookmark_title
from flattr_tui.ui.modes import MODES
from flattr_tui.ui.typed_app import AppServices
from flattr_tui.ui.widgets.table import RowTable

if TYPE_CHECKING:
    from flattr_tui.library.account.accounts import Accounts


class Command(NamedTuple):
    """A command of the palette."""

    name: str
    help: str
    run: Callable[[], object]


class PaletteApp(AppServices, Protocol):
    """What the commands use of the app besides what pages use."""

    @property
    def accounts(self) -> "Accounts | None": ...
    def action_account(self) -> None: ...
    def action_ask_user(self) -> None: ...
    def action_export(self) -> None: ...
    def action_find(self) -> None: ...
    def action_help(self) -> None: ...
    def action_marks(self) -> None: ...
    def action_sync(self) -> None: ...
    def ask_flattr(self) -> None: ...
    def ask_log_out(self) -> None: ...
    def ask_source(self) -> None: ...
    def ask_theme(self) -> None: ...
    def ask_thing(self) -> None: ...
    def bookmarkable(self, screen: Screen[object] | None = None) -> list[Mark]: ...
    def choose_theme(self, name: str) -> None: ...
    def confirm_clear_history(self) -> None: ...
    def focused_table(self, screen: Screen[object]) -> RowTable | None: ...
    def go_to_thing(self, text: str) -> None: ...
    def log_in(self) -> None: ...
    def show_own_user(self) -> None: ...
    def toggle_bookmark(self, mark: Mark) -> None: ...


class FlattrCommands(Provider):
    """Textual's provider of the program's commands."""

    async def discover(self) -> Hits:
        """Offer all but the many before anything is typed."""
        for command in self.commands():
            yield DiscoveryHit(Content(command.name), command.run, help=command.help)

    async def search(self, query: str) -> Hits:
        """Offer what matches, and to look for what was typed."""
        matcher = self.matcher(query)
        for command in (*self.commands(), *self.typed_commands()):
            if (score := matcher.match(command.name)) > 0:
                yield Hit(score, matcher.highlight(command.name), command.run, help=command.help)
        app = cast("PaletteApp", self.app)
        typed = query.strip()
        yield Hit(0.2, Content(f"Search things for {typed}"), partial(app.search, typed), help="On the server")
        if " " not in typed:
            yield Hit(0.1, Content(f"Go to user {typed}"), partial(app.show_user, typed), help="Show this user")
        if "." in typed or typed.isdecimal():
            yield Hit(0.3, Content(f"Go to thing {typed}"), partial(app.go_to_thing, typed), help="By id or address")

    def commands(self) -> Iterator[Command]:
        """Yield the commands that are always offered."""
        app = cast("PaletteApp", self.app)
        yield Command("Go to user…", "Show another user's profile, things, flattrs and activities", app.action_ask_user)
        yield Command("Go to thing…", "By its id, its page's address, or its own address", app.ask_thing)
        yield Command("Search…", "Search things on the server", partial(app.search, ""))
        yield Command("Find in everything saved…", "Users, things, flattrs and activities", app.action_find)
        for mode in MODES:
            yield Command(f"Show {mode.label.lower()}", f"Key {mode.key}", partial(app.action_mode, mode.id))
        yield Command("Refresh", "Fetch what is new", partial(self.app.run_action, "screen.refresh"))
        yield Command("Refresh all", "Fetch the whole list again", partial(self.app.run_action, "screen.refresh_all"))
        if self.app.check_action("sync", ()):
            yield Command("Sync…", "Fetch whole lists for offline use", app.action_sync)
        if app.library.search is not None:
            yield Command("People saved…", "Whose data is here, with counts and dates", app.show_saved_people)
        yield Command("Open recent or bookmark…", "Bookmarks and recently opened", app.action_marks)
        if app.bookmarks.opened or app.bookmarks.queries:
            yield Command(
                "Forget history…", "What was opened and searched for; bookmarks stay", app.confirm_clear_history
            )
        if app.focused_table(self.screen) is not None:
            yield Command("Export this list…", "Key e: its rows to a file", app.action_export)
        for mark in app.bookmarkable(self.screen):
            done = "No bookmark any more" if app.bookmarks.is_marked(mark) else "Bookmark"
            yield Command(f"{done}: {bookmark_title(mark)}", "Key b", partial(app.toggle_bookmark, mark))
        yield from self.account_commands()
        if app.can_switch:
            yield Command("Switch source…", "The sandbox, what is saved, or a server's address", app.ask_source)
        yield Command("Change theme…", "How the program looks", app.ask_theme)
        yield Command("Keys", "The keys of this screen", app.action_help)
        yield Command("Quit", "Leave the program", self.app.action_quit)

    def account_commands(self) -> Iterator[Command]:
        """Yield the commands that act as the account."""
        app = cast("PaletteApp", self.app)
        for binding in ACT:
            if self.app.check_action(binding.action, ()):
                run = partial(self.app.run_action, f"app.{binding.action}")
                yield Command(binding.tooltip, f"Key {self.app.get_key_display(binding)}", run)
        if app.actions is not None:
            yield Command("Flattr an address…", "Plain, or an auto-submit one", app.ask_flattr)
        if app.accounts is None:
            return
        me = app.library.account
        yield Command("Account…", "Log in, switch account or log out", app.action_account)
        yield Command(f"Log in as somebody else ({me} now)…" if me else "Log in…", "At this source", app.log_in)
        yield Command("My profile", "Profile, things, flattrs and activities of the account", app.show_own_user)
        yield Command("My subscriptions", "What is flattred every month", app.show_subscriptions)
        if me:
            yield Command(f"Log {me} out…", "And keep or remove the private pages", app.ask_log_out)

    def typed_commands(self) -> Iterator[Command]:
        """Yield the commands that are offered only when they are typed."""
        app = cast("PaletteApp", self.app)
        marks = app.bookmarks
        for kind, found in (("Open bookmark", marks.marks), ("Open recent", marks.opened)):
            for mark in found:
                name = f"{kind}: {mark.title or mark.key}" + (f" ({mark.key})" if mark.kind is MarkKind.USER else "")
                yield Command(name, f"A {mark.kind.value} · {mark.source}", partial(app.open_bookmark, mark))
        for person in app.known_usernames:
            yield Command(f"Go to user {person}", "Show this user", partial(app.show_user, person))
        for theme in themes.NAMES:
            yield Command(f"Theme: {theme}", "How the program looks", partial(app.choose_theme, theme))

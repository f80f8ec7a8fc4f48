"""The commands of the command palette: one for the action of each key, and others that open pages by name."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher

from flattr_tui.library.bookmarks import MarkKind, bookmark_title
from flattr_tui.model.api_request import fold_username
from flattr_tui.ui import themes
from flattr_tui.ui.app_protocol import AppServices
from flattr_tui.ui.bindings import ACT
from flattr_tui.ui.modes import MODES
from flattr_tui.ui.screens.base_page import Page

if TYPE_CHECKING:
    from flattr_tui.ui.controllers.accounts import AccountsController
    from flattr_tui.ui.controllers.bookmarks import BookmarksController
    from flattr_tui.ui.controllers.export import ExportController
    from flattr_tui.ui.controllers.navigation import LookupController, PromptsController
    from flattr_tui.ui.controllers.programs import ProgramsController
    from flattr_tui.ui.controllers.settings import SettingsController
    from flattr_tui.ui.controllers.sync import SyncController
    from flattr_tui.ui.controllers.writes import WritesController


class PaletteCommand(NamedTuple):
    """A command in the palette."""

    name: str
    help: str
    run: Callable[[], object]


_EFFECTS: Mapping[str, str] = {
    "flattr": "It counts as one of this month's flattrs",
    "subscribe": "Flattr it every month",
    "unsubscribe": "Stop flattring it every month",
    "create": "Enter its address, title and tags",
    "edit": "Its title, description, tags and more",
    "delete": "Permanently, with its flattrs and subscriptions",
}
"""A sentence about the effect of each action on a thing. The palette shows it beside the action's name."""


class PaletteApp(AppServices, Protocol):
    """Protocol: the part of the app that palette commands use: all that pages use, and more controllers and actions."""

    @property
    def accounts(self) -> "AccountsController": ...
    @property
    def bookmarks(self) -> "BookmarksController": ...
    @property
    def export(self) -> "ExportController": ...
    @property
    def lookup(self) -> "LookupController": ...
    @property
    def programs(self) -> "ProgramsController": ...
    @property
    def prompts(self) -> "PromptsController": ...
    @property
    def settings(self) -> "SettingsController": ...
    @property
    def sync(self) -> "SyncController": ...
    @property
    def writes(self) -> "WritesController": ...
    def action_changes(self) -> None: ...
    def action_find(self) -> None: ...
    def action_help(self) -> None: ...
    def show_own_user(self) -> None: ...


class FlattrCommands(Provider):
    """Provides the program's commands to Textual's command palette."""

    async def discover(self) -> Hits:
        """Yield the commands that are shown before anything is typed."""
        for command in self.commands():
            yield DiscoveryHit(Content(command.name), command.run, help=_as_markup(command.help))

    async def search(self, query: str) -> Hits:
        """Yield the commands whose names match the typed text, then the commands that apply to the text itself.

        The latter search things for the text, or go to the user or thing with this name or address.
        """
        matcher = self.matcher(query)
        for command in (*self.commands(), *self.typed_commands()):
            if (score := matcher.match(command.name)) > 0:
                yield Hit(score, _highlight(matcher, command.name), command.run, help=_as_markup(command.help))
        app = cast("PaletteApp", self.app)
        typed = query.strip()
        yield Hit(0.2, Content(f"Search things for {typed}"), partial(app.search, typed), help="On the server")
        if " " not in typed and fold_username(typed) not in app.known_usernames:
            yield Hit(0.1, Content(f"Go to user {typed}"), partial(app.show_user, typed), help="Show this user")
        if "." in typed or typed.isdecimal():
            yield Hit(
                0.3, Content(f"Go to thing {typed}"), partial(app.lookup.open_thing, typed), help="By id or address"
            )

    def commands(self) -> Iterator[PaletteCommand]:
        """Yield the commands that are always offered."""
        app = cast("PaletteApp", self.app)
        what = "Show another user's profile, things, flattrs and activities"
        yield PaletteCommand("Go to user…", what, app.prompts.ask_user)
        yield PaletteCommand("Go to thing…", "By its id, its page's address, or its own address", app.prompts.ask_thing)
        yield PaletteCommand("Search…", "Search things on the server", partial(app.search, ""))
        yield PaletteCommand("Search everything saved…", "Users, things, flattrs and activities", app.action_find)
        for mode in MODES:
            yield PaletteCommand(
                f"Show {mode.label.lower()}", f"{mode.help} ({mode.key})", partial(app.action_mode, mode.id)
            )
        yield PaletteCommand("Refresh", "Fetch what is new", partial(self.app.run_action, "screen.refresh"))
        yield PaletteCommand(
            "Refresh all", "Fetch the whole list again", partial(self.app.run_action, "screen.refresh_all")
        )
        if self.app.check_action("sync", ()):
            yield PaletteCommand("Sync…", "Fetch whole lists for offline use", app.sync.ask)
        if app.library.search is not None:
            yield PaletteCommand(
                "People saved…", "Users whose data is saved, with counts and dates", app.show_saved_people
            )
        yield PaletteCommand("Changes", "Items added, items gone, counts that rose", app.action_changes)
        yield PaletteCommand("Open recent or bookmark…", "Bookmarks and recently opened pages", app.bookmarks.show_all)
        if app.bookmarks.store.opened or app.bookmarks.store.queries:
            yield PaletteCommand(
                "Clear history…",
                "Opened pages and searches; bookmarks are kept",
                app.bookmarks.confirm_clear_history,
            )
        if app.export.focused_table(self.screen) is not None:
            yield PaletteCommand("Export this list…", "Its rows to a file (e)", app.export.ask)
        if isinstance(self.screen, Page) and (query := self.screen.query_mark) is not None:
            save = partial(app.bookmarks.ask_query_name, query)
            yield PaletteCommand("Save this query…", "Under a name, among the bookmarks", save)
        for mark in app.bookmarks.bookmarkable(self.screen if isinstance(self.screen, Page) else None):
            done = "Remove bookmark" if app.bookmarks.store.is_marked(mark) else "Bookmark"
            yield PaletteCommand(
                f"{done}: {bookmark_title(mark)}", "B lists all bookmarks (b)", partial(app.bookmarks.toggle, mark)
            )
        if isinstance(self.screen, Page) and self.screen.subject is not None:
            for index, own in enumerate(app.programs.commands):
                yield PaletteCommand(own.name, " ".join(own.command), partial(app.programs.run_command, index))
        yield PaletteCommand("Send to the pager", "This list or text, in $PAGER", partial(self.app.run_action, "pager"))
        yield from self.account_commands()
        if app.can_switch:
            yield PaletteCommand(
                "Switch source…", "The sandbox, saved data, or a server's address", app.prompts.ask_source
            )
        yield PaletteCommand("Change theme…", "Colours of the program", app.prompts.ask_theme)
        if app.settings.write is not None:
            for name, value in (("theme", self.app.theme), ("user", app.user)):
                if value:
                    keep = partial(app.settings.keep, name, value)
                    yield PaletteCommand(f"Always start with the {name} {value}", "Written into the settings", keep)
        if app.settings.edit_command:
            yield PaletteCommand("Edit settings…", "The settings file, in your editor", app.settings.edit)
        yield PaletteCommand("Keys", "The keys of this screen", app.action_help)
        yield PaletteCommand("Quit", "Leave the program", self.app.action_quit)

    def account_commands(self) -> Iterator[PaletteCommand]:
        """Yield the commands that use the account, such as flattring a thing or logging in."""
        app = cast("PaletteApp", self.app)
        for binding in ACT:
            if self.app.check_action(binding.action, ()):
                run = partial(self.app.run_action, f"app.{binding.action}")
                does = _EFFECTS[binding.action]
                yield PaletteCommand(binding.tooltip, f"{does} ({self.app.get_key_display(binding)})", run)
        if app.writes.service is not None:
            yield PaletteCommand(
                "Flattr an address…", "A page's address or an auto-submit link", app.prompts.ask_flattr
            )
        if app.accounts.service is None:
            return
        me = app.library.account
        yield PaletteCommand("Account…", "Log in, switch account or log out", app.accounts.show_menu)
        yield PaletteCommand(
            f"Log in to another account ({me} now)…" if me else "Log in…", "At this source", app.accounts.log_in
        )
        yield PaletteCommand("My profile", "Profile, things, flattrs and activities of the account", app.show_own_user)
        yield PaletteCommand("My subscriptions", "Things that are flattred every month", app.show_subscriptions)
        if me:
            yield PaletteCommand(f"Log out {me}…", "And keep or remove the private pages", app.accounts.ask_log_out)

    def typed_commands(self) -> Iterator[PaletteCommand]:
        """Yield the commands that are offered only while something is typed."""
        app = cast("PaletteApp", self.app)
        marks = app.bookmarks.store
        for kind, found in (("Open bookmark", marks.marks), ("Open recent", marks.opened)):
            for mark in found:
                name = f"{kind}: {mark.title or mark.key}" + (f" ({mark.key})" if mark.kind is MarkKind.USER else "")
                yield PaletteCommand(name, f"A {mark.kind.value} · {mark.source}", partial(app.bookmarks.open, mark))
        for person in app.known_usernames.values():
            yield PaletteCommand(f"Go to user {person}", "Show this user", partial(app.show_user, person))
        for theme in themes.NAMES:
            yield PaletteCommand(f"Theme: {theme}", "Colours of the program", partial(app.prompts.choose_theme, theme))


def _highlight(matcher: Matcher, name: str) -> Content:
    """Return `name` with the letters highlighted that `matcher` matches.

    Textual's own `Matcher.highlight` would parse the name as markup.
    """
    content = Content(name)
    for offset in matcher.fuzzy_search.match(matcher.query, name)[1]:
        if not name[offset].isspace():
            content = content.stylize(matcher.match_style, offset, offset + 1)
    return content


def _as_markup(text: str) -> str:
    """Return markup that displays `text` unchanged. Textual's own `escape` does not escape `[A]`."""
    return text.replace("[", r"\[")

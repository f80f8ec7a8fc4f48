"""The app: its modes, the user whose data is shown, and the navigation between pages."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.reactive import reactive
from textual.screen import Screen

from flattr_tui.library.events import (
    CaughtUp,
    FeedChanged,
    LoginNeeded,
    Notice,
    RecordChanged,
    StatusChanged,
    SyncChanged,
    SyncProgress,
)
from flattr_tui.library.library import Library
from flattr_tui.library.preferences import Preferences
from flattr_tui.model.api_request import ApiRequest, fold_username
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import Activity, Entity, User, thing_of, username_of
from flattr_tui.settings import OwnCommand
from flattr_tui.ui import themes
from flattr_tui.ui.app_protocol import Checks, LibraryEvent
from flattr_tui.ui.bindings import ACT, APP, KEY_NAMES, OWN_COMMAND
from flattr_tui.ui.controllers.accounts import AccountsController
from flattr_tui.ui.controllers.bookmarks import BookmarksController, NewItemsController
from flattr_tui.ui.controllers.export import ExportController
from flattr_tui.ui.controllers.navigation import LookupController, PromptsController, TrailController
from flattr_tui.ui.controllers.programs import ProgramsController
from flattr_tui.ui.controllers.settings import SettingsController
from flattr_tui.ui.controllers.sync import SyncController
from flattr_tui.ui.controllers.writes import REFUSABLE, WritesController
from flattr_tui.ui.key_settings import check_commands, check_keymap
from flattr_tui.ui.library_app import LibraryApp, source_label
from flattr_tui.ui.modes import MODES
from flattr_tui.ui.screens.base_page import Page
from flattr_tui.ui.textual_private import CachedStylesheet, all_screens, has_style_internals, separate_bindings

if TYPE_CHECKING:
    from textual.command import Provider

    from flattr_tui.ui.screens.login_dialogs import LoginDialog


SANDBOX_USER = "ada"
"""Name of the user that the app shows first if the source is the sandbox and no user was chosen."""


def _load_commands() -> "type[Provider]":
    from flattr_tui.ui.command_providers import FlattrCommands  # noqa: PLC0415 -- imported when the palette opens

    return FlattrCommands


class FlattrApp(LibraryApp, inherit_bindings=False):
    """The app: shows the data of a library in several modes, each with its own stack of pages."""

    CSS_PATH = "flattr.tcss"
    TITLE = "flattr-tui"
    HORIZONTAL_BREAKPOINTS = Page.HORIZONTAL_BREAKPOINTS  # notices over dialogs are as wide as those over pages
    DEFAULT_MODE = MODES[0].id  # otherwise Textual lays out an empty screen first
    BINDINGS: ClassVar[list[BindingType]] = [*ACT, *APP]
    MODES: ClassVar[dict[str, Callable[[], Screen[None]]]] = {mode.id: mode.make_screen for mode in MODES}  # type: ignore[assignment]
    COMMANDS = {_load_commands}  # noqa: RUF012 -- Textual's declaration

    user: reactive[str] = reactive("", init=False, repaint=False)
    """The user whose profile, things, flattrs and activities are shown; "" for nobody."""
    syncing: reactive[SyncProgress | None] = reactive[SyncProgress | None](None, init=False, repaint=False)
    """Progress of the running sync; None if none is running."""
    bookmarks_version: reactive[int] = reactive(0, init=False, repaint=False)
    """Increases with every change of the bookmarks, for widgets that draw them."""
    news_counts: reactive[Mapping[str, int]] = reactive[Mapping[str, int]]({}, init=False, repaint=False)
    """How many items in the user's lists are new, by mode id. Modes without new items are left out."""

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
        preferences: Preferences | None = None,
        commands: Sequence[OwnCommand] = (),
    ) -> None:
        """Show `library` in the theme named `theme`, with times in the time zone `tz`.

        `keymap` maps the ids of bindings to other keys. `user` is the Flattr user that is shown first; "" is the user
        who is logged in or, in the sandbox, `ada`. `commands` are the user's own commands. `clock` returns Unix
        seconds. `switch` opens the library of the source with the given name, or raises `BadSourceError`; with None
        the source can't be switched. `preferences` stores choices such as sort orders; with None these choices are
        lost when the app quits.
        """
        self.preferences = preferences or Preferences(is_welcome_dismissed=True)
        if self.preferences.place in type(self).MODES:
            self.DEFAULT_MODE = self.preferences.place  # type: ignore[misc]  # Textual reads it once, when it is made
        super().__init__(library, clock=clock, tz=tz, switch=switch)
        self.accounts = AccountsController(self)
        self.bookmarks = BookmarksController(self)
        self.new_items = NewItemsController(self, self.bookmarks)
        self.writes = WritesController(self, self.accounts, self.bookmarks)
        self.lookup = LookupController(self)
        self.sync = SyncController(self)
        self.export = ExportController(self)
        self.programs = ProgramsController(self)
        self.prompts = PromptsController(self)
        self.settings = SettingsController(self)
        # Textual looks up the action of a key by name. Controllers run these actions.
        self.action_account = self.accounts.show_menu
        self.action_ask_user = self.prompts.ask_user
        self.action_sync = self.sync.ask
        self.action_own_command = self.programs.run_command
        self.action_marks = self.bookmarks.show_all
        self.action_bookmark = self.bookmarks.toggle_shown
        self.action_flattr = self.writes.flattr
        self.action_subscribe = self.writes.subscribe
        self.action_unsubscribe = self.writes.unsubscribe
        self.action_create = self.writes.create
        self.action_edit = self.writes.edit
        self.action_delete = self.writes.delete
        self.action_refuse = self.writes.explain_refusal
        self._checks: Checks = {
            **self.writes.checks,
            **self.bookmarks.checks,
            **self.programs.checks,
        }
        self.known_usernames: dict[str, str] = {}
        """User names seen so far, for suggestions. The keys are the names in lower case (`fold_username`)."""
        self._requested_keymap = dict(keymap or {})
        self._requested_commands = commands
        self._requested_theme = theme
        self.trail = TrailController(self)
        self.set_reactive(FlattrApp.user, user or self._initial_user())
        for own in themes.THEMES:
            self.register_theme(own)
        self.theme = theme if theme in self.available_themes else themes.NAMES[0]
        if has_style_internals():
            self.stylesheet = CachedStylesheet(variables=self.get_css_variables())

    def _initial_user(self) -> str:
        in_sandbox = self.library.source.kind is SourceKind.SANDBOX
        return self.library.account or (SANDBOX_USER if in_sandbox else "")

    def on_mount(self) -> None:
        keymap, faults = check_keymap(self._requested_keymap)
        self.set_keymap(keymap)
        separate_bindings(self)
        for binding in ACT:  # reached only where the key's own action can't be run
            self.bind(keymap.get(binding.id or "", binding.key), f"refuse('{binding.action}')", show=False)
        self.programs.commands, wrong_commands = check_commands(self._requested_commands, keymap)
        for index, command in enumerate(self.programs.commands):
            self.bind(command.key, f"{OWN_COMMAND}({index})", description=command.name)
        for fault in (*faults, *wrong_commands):
            self.notify_user(fault, "warning")
        if self._requested_theme not in self.available_themes:
            self.notify_user(f"There is no theme {self._requested_theme!r}; showing {self.theme}.", "warning")
        self.call_later(self._offer_saved_people)

    def on_ready(self) -> None:
        self.accounts.identify()
        self.new_items.count()

    def watch_user(self) -> None:
        self.new_items.count()

    async def on_unmount(self) -> None:
        if not await self.bookmarks.save_on_quit():
            self.log.warning("the bookmarks are still being written")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Return the values of this app's own theme variables, for themes that do not define them."""
        return themes.own_variables(self.current_theme)

    def get_key_display(self, binding: Binding) -> str:
        """Return the name of a binding's key on screen, such as `ctrl+o` or `?`."""
        return binding.key_display or KEY_NAMES.get(binding.key) or super().get_key_display(binding)

    # -- events of the library

    def on_library_event(self, message: LibraryEvent) -> None:
        """Handle an event of the library: update the app, or pass it to a controller or to the pages it concerns."""
        match message.event:
            case StatusChanged(status):
                self.status = status
            case Notice(text, severity):
                self.notify_user(text, severity, stays=True)
            case LoginNeeded():
                self.accounts.offer_login()
            case SyncChanged(progress):
                self.sync.show_progress(progress)
            case CaughtUp():
                self._reload_pages()
            case event:
                if isinstance(event, RecordChanged):
                    self.lookup.record_changed(event.request)
                elif isinstance(event, FeedChanged):
                    self.new_items.count(event.request)
                self.library_changed.publish(event)

    # -- modes and pages

    def action_mode(self, mode: str) -> None:
        """Switch to the mode with the id `mode`, and show the page that was on top when the user left the mode.

        If `mode` is the current mode, return to its first page.
        """
        self.trail.forget_origin(mode)
        if mode == self.current_mode:
            self.trail.close_pages()
        else:
            self._switch_place(mode)

    def enter_mode(self, mode: str) -> None:
        """Switch to a mode from the current page, so that going back returns to this page."""
        self.trail.enter_mode(mode)
        self._switch_place(mode)

    def _switch_place(self, mode: str) -> None:
        self.preferences.place = mode
        self.switch_mode(mode)
        self.trail.close_outdated_pages()

    def push_screen(self, screen: Any, *args: Any, **options: Any) -> Any:
        """Open a page or dialog above the current one. If many pages are open, close those that are out of sight."""
        if isinstance(screen, Page):
            self.trail.make_room()
        return super().push_screen(screen, *args, **options)

    def pages(self) -> list[Page]:
        """Return all open pages of all modes."""
        return [screen for screen in all_screens(self) if isinstance(screen, Page)]

    @property
    def page(self) -> Page | None:
        """The page on screen, also while the command palette covers it; None while any other dialog covers it."""
        *_, below, screen = (None, *self.screen_stack)
        shown = below if isinstance(screen, CommandPalette) else screen
        return shown if isinstance(shown, Page) else None

    def switch_source(self, name: str) -> None:
        """Show the source `name`. A running sync of the previous source is stopped."""
        before = self.library
        super().switch_source(name)
        if self.library is not before:
            self.sync.source_switched(before.source.label)

    def account_changed(self) -> None:
        """Update the header and reload all pages. Called after a login, a logout or a switch of accounts."""
        self.source = source_label(self.library)
        self.source_switched()

    def source_switched(self) -> None:
        """Reload all pages from the new source."""
        self.known_usernames.clear()
        self.user = self.user or self._initial_user()
        self._reload_pages()
        self._offer_saved_people()

    def _reload_pages(self) -> None:
        for page in self.pages():
            if page.is_mounted:  # otherwise it has read nothing yet
                page.source_changed()
        self.new_items.count()

    def _offer_saved_people(self) -> None:
        """If the source has no server and no user is shown, list the people whose data is saved."""
        if self.library.source.kind is SourceKind.SAVED and not self.user and self.library.search is not None:
            self.show_saved_people()

    def show_saved_people(self) -> None:
        """Open the page that lists the people whose data is saved."""
        from flattr_tui.ui.screens.saved_people import SavedPeopleScreen  # noqa: PLC0415 -- imported when it is shown

        if not isinstance(self.screen, SavedPeopleScreen):
            self.push_screen(SavedPeopleScreen())

    def items_changed(self) -> None:
        """Redraw the items on all pages, because pending writes changed.

        Hidden pages redraw when they are shown again.
        """
        for page in self.pages():
            page.mark_items_changed()

    def show_user(self, name: str) -> None:
        """Show the user `name` in all modes, so that going back returns to the previous user. "" changes nothing."""
        if not name:
            return
        if fold_username(name) != fold_username(self.user):
            self.bookmarks.record_visit(User(username=name))
            self.trail.depart()
            self.user = name
        if self.current_mode not in {mode.id for mode in MODES if mode.user_scoped}:
            self.action_mode(MODES[0].id)
        self.trail.close_outdated_pages()
        self.trail.close_pages()

    def go_back(self) -> None:
        """Leave the current page: return to the previous page, mode or user."""
        self.trail.go_back()

    # -- opening pages

    def open_user(self, name: str) -> None:
        """Open a user's page."""
        from flattr_tui.ui.screens.profile import ProfileScreen  # noqa: PLC0415 -- imported when it is shown

        self.bookmarks.record_visit(User(username=name))
        self.push_screen(ProfileScreen(name))

    def open_item(self, item: Entity) -> None:
        """Open the page of the thing or user that an item is about."""
        from flattr_tui.ui.screens.thing import ThingScreen  # noqa: PLC0415 -- imported when it is shown

        thing = thing_of(item)
        if thing is not None:
            self.bookmarks.record_visit(thing)
            self.push_screen(ThingScreen(thing))
        elif isinstance(item, Activity | User) and (name := username_of(item)):
            self.open_user(name)

    def search(self, query: str) -> None:
        """Switch to the search page and, if `query` is not empty, search for it."""
        from flattr_tui.ui.screens.search import run_search  # noqa: PLC0415 -- it imports the pages

        self.action_mode("search")
        self.trail.close_pages()
        self.call_later(run_search, self, query)

    def search_again(self, arguments: dict[str, str]) -> None:
        """Open the search page, fill in its form with `arguments`, and search."""
        from flattr_tui.ui.screens.search import fill_search  # noqa: PLC0415 -- it imports the pages

        self.enter_mode("search")
        self.trail.close_pages()
        self.call_later(fill_search, self, arguments)

    def show_earnings(self, *, everybody: bool) -> None:
        """Open the earnings of the shown user; if `everybody` is true, those of all users."""
        from flattr_tui.ui.screens.earnings import EarningsScreen  # noqa: PLC0415 -- imported when it is shown

        self.push_screen(EarningsScreen(everybody=everybody))

    def open_filter(self, request: ApiRequest, mode: str, text: str) -> None:
        """Show the list of `request` in the mode with the id `mode`, filtered by the query `text`.

        If the list belongs to a user who is not the shown user, all modes show the list's user from then on.
        """
        from flattr_tui.ui.screens.user_lists import filter_list  # noqa: PLC0415 -- it imports the pages

        if fold_username(name := request.get("username")) in {"", fold_username(self.user)}:
            self.enter_mode(mode)
        else:
            self.show_user(name)
            self.trail.arrive(mode)
            self.action_mode(mode)
        self.trail.close_pages()
        self.call_later(filter_list, self, request, text)

    def find(self, text: str) -> None:
        """Open the page that searches all saved items for `text`."""
        from flattr_tui.ui.screens.global_search import GlobalSearchScreen  # noqa: PLC0415 -- imported when it is shown

        self.push_screen(GlobalSearchScreen(text))

    def action_find(self) -> None:
        """Open the page that searches all saved items. If that page is already on screen, clear its search field."""
        from flattr_tui.ui.screens.global_search import GlobalSearchScreen  # noqa: PLC0415 -- imported when it is shown

        if isinstance(self.screen, GlobalSearchScreen):
            self.screen.action_words()
        else:
            self.push_screen(GlobalSearchScreen())

    def action_command_palette(self) -> None:
        """Open the command palette, which finds all commands by name."""
        from flattr_tui.ui.textual_private import PageablePalette  # noqa: PLC0415 -- imported when the palette opens

        if not isinstance(self.screen, PageablePalette):
            self.push_screen(PageablePalette(id="--command-palette"))

    # -- the pages of the account, and help

    def show_own_user(self) -> None:
        """Show the account's own data in all modes. If nobody is logged in, let the user log in first."""
        if self.library.account:
            self.show_user(self.library.account)
        else:
            self.accounts.log_in(self.show_own_user)

    def show_subscriptions(self) -> None:
        """Open the account's subscriptions. If nobody is logged in, let the user log in first."""
        from flattr_tui.ui.screens.user_lists import SubscriptionsScreen  # noqa: PLC0415 -- imported when it is shown

        if self.library.account:
            self.push_screen(SubscriptionsScreen())
        else:
            self.accounts.log_in(self.show_subscriptions)

    def action_help(self) -> None:
        """Show the keys of the current screen."""
        from flattr_tui.ui.screens.text_dialogs import HelpDialog, list_keys  # noqa: PLC0415 -- imported when it is shown

        self.push_screen(HelpDialog(list_keys(self.screen)))

    def show_query_help(self) -> None:
        """Explain the query language of filters and searches."""
        from flattr_tui.ui.screens.text_dialogs import QueryHelp  # noqa: PLC0415 -- imported when it is shown

        self.push_screen(QueryHelp())

    # -- keys of the controllers

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "refuse":
            refused = str(parameters[0]) if parameters else ""
            return refused in REFUSABLE and (page := self.page) is not None and page.subject is not None
        check = self._checks.get(action)
        return check() if check is not None else super().check_action(action, parameters)

    def action_pager(self) -> None:
        from flattr_tui.ui.pager_text import find_text  # noqa: PLC0415 -- imported when it is needed

        self.programs.show_in_pager(find_text(self.screen, self.clock(), self.tz))

    def action_changes(self) -> None:
        """Open the page of the changes in the saved data."""
        from flattr_tui.ui.screens.changes import ChangesScreen  # noqa: PLC0415 -- imported when it is shown

        if not isinstance(self.screen, ChangesScreen):
            self.push_screen(ChangesScreen())

    def on_login_dialog_answered(self, event: "LoginDialog.Answered") -> None:
        self.accounts.answer(event.text, allow=event.allow)

    def on_login_dialog_cancelled(self) -> None:
        self.accounts.cancel()

    def on_login_dialog_in_browser(self) -> None:
        self.accounts.log_in_with_browser()

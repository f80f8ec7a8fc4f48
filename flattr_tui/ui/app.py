"""The app: its modes, the user that is shown, and the ways from one page to another."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.screen import Screen

from flattr_tui.library.events import Connection, RecordChanged
from flattr_tui.library.library import Library
from flattr_tui.model.api_request import Request, fold_username
from flattr_tui.model.entities import Activity, Entity, Lookup, Thing, User
from flattr_tui.model.pasted_address import clean_address, parse_thing_id, parse_username
from flattr_tui.model.source import SourceKind
from flattr_tui.ui import themes
from flattr_tui.ui.bindings import ACT, APP, KEY_NAMES
from flattr_tui.ui.export_actions import ExportActions
from flattr_tui.ui.item_links import is_web, thing_of, username_of
from flattr_tui.ui.keymap import check_keymap
from flattr_tui.ui.messages import LibraryEvent
from flattr_tui.ui.modes import MODES
from flattr_tui.ui.screens.base import Page
from flattr_tui.ui.stylesheet_cache import CachedStylesheet
from flattr_tui.ui.textual_private import all_screens, has_style_internals

if TYPE_CHECKING:
    from textual.command import Provider

    from flattr_tui.ui.widgets.prompt import PromptDialog


SANDBOX_USER = "ada"
"""Whom the sandbox shows when nobody else was asked for."""


def _load_commands() -> "type[Provider]":
    from flattr_tui.ui.command_providers import FlattrCommands  # noqa: PLC0415 -- imported when the palette opens

    return FlattrCommands


class FlattrApp(ExportActions, inherit_bindings=False):
    """Shows a library in modes, each with its own stack of pages."""

    CSS_PATH = "flattr.tcss"
    TITLE = "flattr-tui"
    DEFAULT_MODE = MODES[0].id  # at once: without it an empty screen is laid out first
    BINDINGS: ClassVar[list[BindingType]] = [*ACT, *APP]
    MODES: ClassVar[dict[str, Callable[[], Screen[None]]]] = {mode.id: mode.make_screen for mode in MODES}  # type: ignore[assignment]
    COMMANDS = {_load_commands}  # noqa: RUF012 -- Textual's declaration

    user: reactive[str] = reactive("", init=False, repaint=False)
    """The user whose profile, things, flattrs and activities are shown; "" for nobody."""

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

        `keymap` gives bindings other keys, by their ids. `user` is shown first; without one it is the account's, and
        the sandbox's `ada`. `clock` gives Unix seconds. `switch` makes the library of another source, and raises
        `BadSourceError`.
        """
        super().__init__(library, clock=clock, tz=tz, switch=switch)
        self.known_usernames: dict[str, None] = {}
        """Names of users seen so far, for suggestions."""
        self._requested_keymap = dict(keymap or {})
        self._requested_theme = theme
        self._previous_users: list[str] = []
        self._pending_query = ""
        self._lookup: Request | None = None
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
        for fault in faults:
            self.notify_user(fault, "warning")
        if self._requested_theme not in self.available_themes:
            self.notify_user(f"There is no theme {self._requested_theme!r}; showing {self.theme}.", "warning")
        self.call_later(self._offer_saved_people)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give our own variables to themes that do not have them."""
        return themes.own_variables(self.current_theme)

    def get_key_display(self, binding: Binding) -> str:
        """Name keys as people do."""
        return binding.key_display or KEY_NAMES.get(binding.key) or super().get_key_display(binding)

    # -- the places

    def action_mode(self, mode: str) -> None:
        """Go to a place; where it was left."""
        self.switch_mode(mode)

    def pages(self) -> list[Page]:
        """Return all pages of all modes that were opened."""
        return [screen for screen in all_screens(self) if isinstance(screen, Page)]

    def source_switched(self) -> None:
        """Show all pages from the other source."""
        self.known_usernames.clear()
        self.user = self.user or self._initial_user()
        for page in self.pages():
            page.source_changed()

        self._offer_saved_people()

    def _offer_saved_people(self) -> None:
        """Without a server and a user there is nobody to show yet, so list who is saved."""
        if self.library.source.kind is SourceKind.SAVED and not self.user and self.library.search is not None:
            self.show_saved_people()

    def show_saved_people(self) -> None:
        """List the people whose data is saved."""
        from flattr_tui.ui.screens.saved_people import SavedPeopleScreen  # noqa: PLC0415 -- imported when it is shown

        if not isinstance(self.screen, SavedPeopleScreen):
            self.push_screen(SavedPeopleScreen())

    def items_changed(self) -> None:
        """Redraw all pages, because pending writes changed."""
        for page in self.pages():
            page.items_changed()

    def show_user(self, name: str) -> None:
        """Show another user in all modes; going back returns to the previous one."""
        if not name:
            return
        if fold_username(name) != fold_username(self.user):
            self.record_visit(User(username=name))
            self._previous_users.append(self.user)
            self.user = name
        if self.current_mode not in {mode.id for mode in MODES if mode.user_scoped}:
            self.action_mode(MODES[0].id)
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def go_to_user(self, text: str) -> None:
        """Show the user with this name, or with this profile's address."""
        if name := parse_username(text):
            self.show_user(name)
        else:
            self.notify_user(f"{text} is neither a user name nor a profile's address.", "warning")

    def go_back(self) -> None:
        """Leave the top page; on a mode's first page return to the previous user."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif self._previous_users:
            self.user = self._previous_users.pop()

    # -- from anything to its page

    def open_user(self, name: str) -> None:
        """Open a user's page."""
        from flattr_tui.ui.screens.profile import ProfileScreen  # noqa: PLC0415 -- imported when it is shown

        self.record_visit(User(username=name))
        self.push_screen(ProfileScreen(name))

    def open_item(self, item: Entity) -> None:
        """Open the page of the thing or user that an item is about."""
        from flattr_tui.ui.screens.thing import ThingScreen  # noqa: PLC0415 -- imported when it is shown

        thing = thing_of(item)
        if thing is not None:
            self.record_visit(thing)
            self.push_screen(ThingScreen(thing))
        elif isinstance(item, Activity | User) and (name := username_of(item)):
            self.open_user(name)

    def open_thing(self, number: int) -> None:
        """Open a thing's page by its id."""
        self.open_item(Thing(id=number))

    def search(self, query: str) -> None:
        """Go to the search, and search where there is something to search for."""
        self._pending_query = query
        self.action_mode("search")
        self.call_later(self._run_search)

    def _run_search(self) -> None:
        from flattr_tui.ui.screens.search import SearchScreen  # noqa: PLC0415 -- imported when it is shown

        while len(self.screen_stack) > 1:
            self.pop_screen()
        if isinstance(self.screen, SearchScreen) and self._pending_query:
            self.screen.search(self._pending_query)

    def action_find(self) -> None:
        """Find in everything saved: on a page of its own, or, there, from the start."""
        from flattr_tui.ui.screens.global_search import GlobalSearchScreen  # noqa: PLC0415 -- imported when it is shown

        if isinstance(self.screen, GlobalSearchScreen):
            self.screen.action_words()
        else:
            self.push_screen(GlobalSearchScreen())

    def action_command_palette(self) -> None:
        """Offer all commands by name."""
        from flattr_tui.ui.textual_private import PageablePalette  # noqa: PLC0415 -- imported when the palette opens

        if not isinstance(self.screen, PageablePalette):
            self.push_screen(PageablePalette(id="--command-palette"))

    def go_to_thing(self, text: str) -> None:
        """Open a thing by its id, the address of its page, or its own address, which is looked up."""
        text = clean_address(text)
        number = parse_thing_id(text)
        if number is None and self.library.search is not None:
            number = self.library.search.find_thing_id(text)
        if number is not None:
            self.open_thing(number)
            return
        address = text if "://" in text else f"https://{text}"
        if not is_web(address):
            self.notify_user(f"{text} is neither a thing's id nor an address.", "warning")
            return
        self._lookup = Request.of("lookup", url=address)
        self.library.observe(self._lookup)
        self._on_lookup()

    def on_library_event(self, message: LibraryEvent) -> None:
        if isinstance(message.event, RecordChanged) and message.event.request == self._lookup:
            self._on_lookup()

    def _on_lookup(self) -> None:
        if self._lookup is None:
            return
        address, record = self._lookup.get("url"), self.library.record(self._lookup)
        if isinstance(record.entity, Lookup):
            self._lookup = None
            if record.entity.thing_id is None:
                self.notify_user(f"There is no thing for {address}.")
            else:
                self.open_thing(record.entity.thing_id)
        elif record.failure is not None and not record.loading:
            self._lookup = None
            self.notify_user(record.failure.sentence, "error")
        elif self.status.connection is Connection.OFFLINE:
            self._lookup = None
            self.notify_user(f"Offline, and whether there is a thing for {address} is not saved.", "warning")

    # -- asking

    def action_ask_user(self) -> None:
        """Ask for a user to go to."""
        prompt = self._ask("Go to which user?", tuple(self.known_usernames), self.go_to_user, literal="Go to")
        if (search := self.library.search) is not None:
            self.run_in_thread(lambda: prompt.SuggestionsFound(search.list_usernames()), prompt, "listing the users")

    def ask_flattr(self) -> None:
        """Ask for an address to flattr."""
        self._ask("Flattr which address?", (), self.flattr_address, literal="Flattr")

    def show_own_user(self) -> None:
        """Show the account in all places."""
        if self.library.account:
            self.show_user(self.library.account)
        else:
            self.log_in(self.show_own_user)

    def show_subscriptions(self) -> None:
        """Open the account's subscriptions."""
        from flattr_tui.ui.screens.subscriptions import SubscriptionsScreen  # noqa: PLC0415 -- imported when it is shown

        if self.library.account:
            self.push_screen(SubscriptionsScreen())
        else:
            self.log_in(self.show_subscriptions)

    def ask_thing(self) -> None:
        """Ask for a thing to go to."""
        self._ask("Go to which thing? (its id, or an address)", (), self.go_to_thing, literal="Go to")

    def ask_source(self) -> None:
        """Ask for another source."""
        kinds = (SourceKind.SANDBOX.value, SourceKind.SAVED.value)
        self._ask("Which source? (sandbox, saved, or an address)", kinds, self.switch_source, literal="Show")

    def ask_theme(self) -> None:
        """Ask for another look."""
        before = self.theme

        def take(name: str | None) -> None:
            self.choose_theme(name or before)

        from flattr_tui.ui.widgets.prompt import PromptDialog  # noqa: PLC0415 -- imported when it is shown

        self.push_screen(PromptDialog("Which theme?", themes.NAMES, literal="", preview=self.choose_theme), take)

    def choose_theme(self, name: str) -> None:
        """Switch to another theme."""
        if name in self.available_themes:
            self.theme = name
        else:
            self.notify_user(f"There is no theme {name!r}.", "warning")

    def _ask(
        self, question: str, suggestions: Sequence[str], answered: Callable[[str], None], *, literal: str
    ) -> "PromptDialog":
        from flattr_tui.ui.widgets.prompt import PromptDialog  # noqa: PLC0415 -- imported when it is shown

        def take(answer: str | None) -> None:
            if answer:
                answered(answer)

        prompt = PromptDialog(question, suggestions, literal=literal)
        self.push_screen(prompt, take)
        return prompt

    def action_help(self) -> None:
        """Show the keys of this very screen."""
        from flattr_tui.ui.screens.help import HelpScreen, list_keys  # noqa: PLC0415 -- imported when it is shown

        self.push_screen(HelpScreen(list_keys(self.screen)))

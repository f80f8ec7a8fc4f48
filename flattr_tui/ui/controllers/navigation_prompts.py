"""Prompts that ask where to go, or for another source or theme."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from textual.message import Message
from textual.message_pump import MessagePump

from flattr_tui.library.preferences import Preferences
from flattr_tui.model.data_source import SourceKind
from flattr_tui.ui import themes
from flattr_tui.ui.controllers.controller_host import ControllerHost
from flattr_tui.ui.controllers.thing_lookup import LookupController
from flattr_tui.ui.controllers.writes import WritesController

if TYPE_CHECKING:
    from flattr_tui.ui.widgets.dialogs import PromptDialog


class PromptHost(ControllerHost, Protocol):
    """The part of the app that prompts use."""

    preferences: Preferences
    theme: str
    known_usernames: dict[str, str]

    @property
    def available_themes(self) -> Mapping[str, object]: ...
    @property
    def lookup(self) -> LookupController: ...
    @property
    def writes(self) -> WritesController: ...
    def go_to_user(self, text: str) -> None: ...
    def run_in_thread(self, work: Callable[[], Message], receiver: MessagePump, name: str) -> None: ...


class PromptsController:
    """Shows prompts with suggestions, and opens or shows what the user chooses."""

    def __init__(self, host: PromptHost) -> None:
        self._host = host

    def ask_user(self) -> None:
        """Ask for a user to go to."""
        host = self._host
        prompt = self._ask("Go to which user?", tuple(host.known_usernames.values()), host.go_to_user, literal="Go to")
        if (search := host.library.search) is not None:
            prompt.is_awaiting_data = True
            host.run_in_thread(lambda: prompt.SuggestionsFound(search.list_usernames()), prompt, "listing the users")

    def ask_flattr(self) -> None:
        """Ask for the address of a thing, then flattr the thing."""
        self._ask("Flattr which address?", (), self._host.writes.flattr_address, literal="Flattr")

    def ask_thing(self) -> None:
        """Ask for a thing to go to."""
        self._ask("Go to which thing? (its id, or an address)", (), self._host.lookup.open_thing, literal="Go to")

    def ask_source(self) -> None:
        """Ask for another source, then show its data."""
        kinds = (SourceKind.SANDBOX.value, SourceKind.SAVED.value)
        self._ask("Which source? (sandbox, saved, or an address)", kinds, self._host.switch_source, literal="Show")

    def ask_theme(self) -> None:
        """Ask for another theme, then switch to it. While the user chooses, the highlighted theme is previewed."""
        before = self._host.theme

        def take(name: str | None) -> None:
            self._host.theme = before
            if name:
                self.choose_theme(name)

        from flattr_tui.ui.widgets.dialogs import PromptDialog  # noqa: PLC0415 -- imported when it is shown

        prompt = PromptDialog("Which theme?", themes.NAMES, literal="", preview=self._preview_theme)
        self._host.push_screen(prompt, take)

    def _preview_theme(self, name: str) -> None:
        if name in self._host.available_themes:
            self._host.theme = name

    def choose_theme(self, name: str) -> None:
        """Switch to another theme, and store the choice."""
        if name in self._host.available_themes:
            self._host.theme = self._host.preferences.theme = name
        else:
            self._host.notify_user(f"There is no theme {name!r}.", "warning")

    def _ask(
        self, question: str, suggestions: Sequence[str], answered: Callable[[str], None], *, literal: str
    ) -> "PromptDialog":
        from flattr_tui.ui.widgets.dialogs import PromptDialog  # noqa: PLC0415 -- imported when it is shown

        def take(answer: str | None) -> None:
            if answer:
                answered(answer)

        prompt = PromptDialog(question, suggestions, literal=literal)
        self._host.push_screen(prompt, take)
        return prompt

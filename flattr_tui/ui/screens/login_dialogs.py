"""The login dialogs: log in as a user of the built-in server, or in a browser."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.widgets.dialogs import Dialog, KeyHints
from flattr_tui.ui.widgets.inputs import LineInput, PageableOptionList

MAX_USERS = 200
"""Maximum number of users that are listed. Typing finds the others."""


class LoginDialog(Dialog[None]):
    """The base class of the two login dialogs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", priority=True, id="login.cancel"),
        Binding("ctrl+b", "browser", "browser", priority=True, id="login.browser"),
    ]

    class Answered(Message):
        """Message: the user answered a login dialog.

        `text` is the user name (for the sandbox) or the address to which the server redirected the browser. `allow` is
        False if the user refused to give the program access.
        """

        def __init__(self, text: str, *, allow: bool = True) -> None:
            super().__init__()
            self.text = text
            self.allow = allow

    class Cancelled(Message):
        """Message: the user cancelled the login."""

    class InBrowser(Message):
        """Message: the user chose to log in with a browser."""

    def __init__(self, source_label: str, scopes: Sequence[str]) -> None:
        super().__init__()
        self._source_label = source_label
        self._scopes = scopes

    def compose_title(self) -> ComposeResult:
        """Compose the title of the dialog, and a line with the rights that the program asks for."""
        yield Static(Content.assemble(("Log in at ", "bold"), (self._source_label, "bold $accent")), markup=False)
        asked = ", ".join(self._scopes)
        yield Static(Content.styled(f"This unofficial program asks for: {asked}.", "$muted"))

    def compose_key_hints(self, *keys: tuple[str, str]) -> ComposeResult:
        """Compose the line for messages, and the hints for `keys`, pairs of a key and what it does."""
        yield Static(Content(""), id="problem", markup=False)
        yield KeyHints(keys[0], ("esc", "cancel"), *keys[1:])

    def show_message(self, sentence: str, style: str = "$error") -> None:
        """Show `sentence`, an error or the progress of the login, in `style`; "" hides the line for messages."""
        problem = self.query_one("#problem", Static)
        problem.update(Content.styled(sentence, style))
        problem.display = bool(sentence)

    def action_cancel(self) -> None:
        self.post_message(self.Cancelled())
        self.dismiss()

    def action_browser(self) -> None:
        self.post_message(self.InBrowser())


class ConsentDialog(LoginDialog):
    """Asks which user of the built-in server to log in as, and whether to grant access."""

    LIST_LINES = 8

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "next", show=False, id="consent.down"),
        Binding("up", "move(-1)", "previous", show=False, id="consent.up"),
        Binding("ctrl+d", "deny", "deny", priority=True, id="consent.deny"),
    ]

    def __init__(self, source_label: str, scopes: Sequence[str], users: Sequence[str], *, browser: bool) -> None:
        """Offer the names in `users` to log in as; with `browser`, also offer a login in the browser.

        `source_label` names the source, and `scopes` are the rights that the program asks for.
        """
        super().__init__(source_label, scopes)
        self._users = users
        self._found: list[str] = []
        self._browser = browser

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield from self.compose_title()
            yield LineInput(placeholder="type a user name", compact=True)
            yield PageableOptionList(markup=False, compact=True)
            browser = [("ctrl+b", "in a browser")] if self._browser else []
            yield from self.compose_key_hints(("enter", "allows it"), ("ctrl+d", "denies it"), *browser)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._filter_users("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter_users(event.value.strip())

    def _filter_users(self, text: str) -> None:
        wanted = text.casefold()
        begins = [name for name in self._users if name.casefold().startswith(wanted)]
        holds = [name for name in self._users if wanted in name.casefold() and name not in begins]
        self._found = [*begins, *holds][:MAX_USERS]
        options = self.query_one(OptionList)
        options.set_options([Option(Content(name)) for name in self._found])
        options.highlighted = 0 if self._found else None
        self.show_message("" if self._found else f"No match for “{text}”.", "$warning")

    @property
    def _chosen_user(self) -> str:
        at = self.query_one(OptionList).highlighted
        return self._found[at] if at is not None and at < len(self._found) else ""

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._allow()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._allow()

    def _allow(self) -> None:
        if not self._chosen_user:
            self.show_message("There is no such user in this sandbox.")
            return
        self.show_message("Logging in …", "$muted")
        self.post_message(self.Answered(self._chosen_user))

    def action_deny(self) -> None:
        self.post_message(self.Answered(self._chosen_user, allow=False))


class BrowserLoginDialog(LoginDialog):
    """Shows the address at which the user logs in with a browser. After the login, the server redirects the browser.

    If this program receives the redirected request, the login is complete. If not, the user copies the address of the
    redirect from the browser, and pastes it here.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+y", "copy_address", "copy", priority=True, id="login.copy"),
    ]

    def __init__(
        self, source_label: str, scopes: Sequence[str], address: str, *, listening: bool, problem: str = ""
    ) -> None:
        """Show `address`, where the user logs in.

        `source_label` names the source, and `scopes` are the rights that the program asks for. `listening` says whether
        the program receives the browser's redirect. If so, the user need not paste anything. If not, `problem` says
        why.
        """
        super().__init__(source_label, scopes)
        self._address = address
        self._listening = listening
        self._problem = problem

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield from self.compose_title()
            yield Static(Content.assemble("Open this address in a browser:"), classes="step", markup=False)
            yield Static(Content.styled(self._address, "underline $secondary"), id="address", markup=False)
            comes = "The program notices when you are done. " if self._listening else ""
            text = f"{comes}If the browser is on another machine, paste the address of its last page here:"
            yield Static(Content(text), classes="step", markup=False)
            yield LineInput(placeholder="http://127.0.0.1:…/callback?code=…", compact=True)
            yield from self.compose_key_hints(("ctrl+b", "opens the browser"), ("ctrl+y", "copies the address"))

    def on_mount(self) -> None:
        self.show_message(self._problem, "$warning")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if address := "".join(event.value.split()):  # a terminal may have wrapped the address
            self.show_message("Logging in …", "$muted")
            self.post_message(self.Answered(address))

    def show_message(self, sentence: str, style: str = "$error") -> None:
        """Show `sentence` in `style`; if it is an error, clear the input."""
        super().show_message(sentence, style)
        if style == "$error":
            self.query_one(Input).value = ""

    def action_browser(self) -> None:
        app_of(self).open_address(self._address)

    def action_copy_address(self) -> None:
        app_of(self).copy_text(self._address, name="the address.")

"""The app's actions for accounts: log in, switch account, log out."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.message import Message

from flattr_tui.library.errors import FlattrError, is_other_login
from flattr_tui.library.events import LoginNeeded
from flattr_tui.ui.base_app import LibraryApp, source_label
from flattr_tui.ui.messages import LibraryEvent, UserNotice

if TYPE_CHECKING:
    from flattr_tui.library.account.accounts import Accounts
    from flattr_tui.library.account.login_flow import LoginFlow
    from flattr_tui.ui.screens.login import LoginScreen

LOGGED_OUT, LOG_IN, LOG_OUT = "nobody", "log in", "log out"
KEEP, REMOVE = "keep", "remove"
_SWITCH = "be "


class LoginStarted(Message):
    """A login waits for the user: to choose one of `users`, or (None) to answer in a browser."""

    def __init__(self, attempt: "LoginFlow", users: tuple[str, ...] | None) -> None:
        super().__init__()
        self.attempt, self.users = attempt, users


class LoginEnded(Message):
    """A login succeeded as `name`, or failed with `error`."""

    def __init__(self, attempt: "LoginFlow | None", name: str = "", error: FlattrError | None = None) -> None:
        super().__init__()
        self.attempt, self.name, self.error = attempt, name, error


class AccountsListed(Message):
    """The accounts that are logged in at the source."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names


class LoggedOut(Message):
    """An account was logged out, and `removed` private responses were deleted."""

    def __init__(self, name: str, removed: int) -> None:
        super().__init__()
        self.name, self.removed = name, removed


class AccountActions(LibraryApp, inherit_bindings=False):
    """Runs one login at a time, and then continues what needed it."""

    _login_attempt: "LoginFlow | None" = None
    _login_screen: "LoginScreen | None" = None
    _after_login: "Callable[[], None] | None" = None
    _without_login: "Callable[[], None] | None" = None
    _login_offered = False

    @property
    def accounts(self) -> "Accounts | None":
        """The accounts of the current source; None if it has no server."""
        return self.library.accounts

    # -- whose token was given

    def on_ready(self) -> None:
        """Find out in the background whose token the environment contains."""
        accounts = self.accounts
        if accounts is None or accounts.offline:
            return

        async def identify() -> None:
            try:
                name = await accounts.identify()
            except FlattrError as error:
                self.post_message(LoginEnded(None, error=error))
                return
            if name and name != self.library.account:
                self.post_message(LoginEnded(None, name))

        self._start_worker(identify, "asking whose token it is", "accounts")

    # -- the menu

    def action_account(self) -> None:
        """Log in, be another account, log out."""
        accounts = self.accounts
        if accounts is None:
            self.notify_user("There is nobody to be here: what is saved has no server.")
            return

        async def names() -> None:
            self.post_message(AccountsListed(await accounts.names()))

        self._run_reporting(names, "listing the accounts")

    def on_accounts_listed(self, message: AccountsListed) -> None:
        from flattr_tui.ui.widgets.choice_dialog import ChoiceDialog  # noqa: PLC0415 -- imported when it is shown

        me, others = self.library.account, [name for name in message.names if name != self.library.account]
        if not message.names and not me:
            self.log_in()
            return
        answers = [(_SWITCH + name, f"Be {name}") for name in others]
        answers.append((LOG_IN, "Log in as somebody else" if message.names else "Log in"))
        if me:
            answers += [(LOGGED_OUT, "Be nobody"), (LOG_OUT, f"Log {me} out")]
        question = f"You are {me or 'nobody'} at {self.library.source.label}."
        self.push_screen(ChoiceDialog(question, answers), self._on_menu_choice)

    def _on_menu_choice(self, answer: str | None) -> None:
        if answer is None:
            return
        if answer == LOG_IN:
            self.log_in()
        elif answer == LOG_OUT:
            self.ask_log_out()
        else:
            self.switch_account("" if answer == LOGGED_OUT else answer.removeprefix(_SWITCH))

    def switch_account(self, name: str) -> None:
        """Use another account; "" uses none."""
        accounts = self.accounts
        if accounts is None:
            return

        async def use() -> None:
            await accounts.select(name)
            self.post_message(LoginEnded(None, name))

        self._run_reporting(use, "changing the account")

    # -- logging out

    def ask_log_out(self) -> None:
        """Ask what is to become of what only this account may see."""
        from flattr_tui.ui.widgets.choice_dialog import ChoiceDialog  # noqa: PLC0415 -- imported when it is shown

        name, accounts = self.library.account, self.accounts
        if accounts is None or not name:
            self.notify_user("Nobody is logged in.")
            return
        answers = [(KEEP, "Log out, and keep them for reading"), (REMOVE, "Log out, and remove them")]

        def take(answer: str | None) -> None:
            if answer is not None:
                self._log_out(accounts, name, remove=answer == REMOVE)

        self.push_screen(ChoiceDialog(f"Log {name} out. What of the private pages saved for it?", answers, KEEP), take)

    def _log_out(self, accounts: "Accounts", name: str, *, remove: bool) -> None:
        async def log_out() -> None:
            self.post_message(LoggedOut(name, await accounts.log_out(name, remove_private=remove)))

        self._run_reporting(log_out, "logging out")

    def on_logged_out(self, message: LoggedOut) -> None:
        removed = f" {message.removed:,} private pages were removed." if message.removed else ""
        self.notify_user(f"{message.name} is logged out.{removed}")
        self.show_account("")

    # -- logging in

    def log_in(
        self,
        after: Callable[[], None] | None = None,
        why: str = "",
        *,
        browser: bool | None = None,
        otherwise: Callable[[], None] | None = None,
    ) -> None:
        """Let a person log in; `after` goes on with what waited for it, `otherwise` is called if nobody logs in."""
        accounts = self.accounts
        if accounts is None:
            self.notify_user("Nobody can log in here: what is saved has no server.", "warning")
            return
        if self._login_attempt is not None:
            return
        if why:
            self.notify_user(why, "warning")
        self._after_login, self._without_login = after, otherwise
        in_browser = not accounts.in_process if browser is None else browser

        async def begin() -> None:
            try:
                attempt = await accounts.start_login(browser=in_browser)
            except FlattrError as error:
                self.post_message(LoginEnded(None, error=error))
                return
            try:
                users = None if in_browser else await attempt.users()
            except FlattrError as error:
                await attempt.aclose()
                self.post_message(LoginEnded(None, error=error))
            else:
                self.post_message(LoginStarted(attempt, users))

        self._start_worker(begin, "logging in", "accounts")

    def on_login_started(self, message: LoginStarted) -> None:
        from flattr_tui.ui.screens.login import BrowserScreen, ConsentScreen  # noqa: PLC0415 -- imported when it is shown

        accounts, attempt = self.accounts, message.attempt
        if accounts is None:
            return
        self._login_attempt, place = attempt, self.library.source.label
        if message.users is not None:
            shown: LoginScreen = ConsentScreen(
                place, accounts.requested_scopes, message.users, browser=accounts.can_serve
            )
        else:
            shown = BrowserScreen(
                place, accounts.requested_scopes, attempt.address, listening=attempt.listening, problem=attempt.problem
            )
        self._login_screen = shown
        self.push_screen(shown)
        if message.users is None:
            self.open_address(attempt.address, is_shown=True)
            if attempt.listening:
                self._complete_login(attempt, attempt.wait)

    def on_login_screen_answered(self, event: "LoginScreen.Answered") -> None:
        attempt = self._login_attempt
        if attempt is None:
            return
        if self.accounts is not None and self._in_process_screen:
            self._complete_login(attempt, lambda: attempt.consent(event.text, allow=event.allow))
        else:
            self._complete_login(attempt, lambda: attempt.paste(event.text))

    @property
    def _in_process_screen(self) -> bool:
        from flattr_tui.ui.screens.login import ConsentScreen  # noqa: PLC0415

        return isinstance(self._login_screen, ConsentScreen)

    def on_login_screen_cancelled(self) -> None:
        otherwise = self._without_login
        self._after_login = self._without_login = None
        self._login_offered = False
        self._end_login()
        if otherwise is not None:
            self.call_later(otherwise)

    def on_login_screen_in_browser(self) -> None:
        after, otherwise = self._after_login, self._without_login
        self._end_login()
        self.log_in(after, browser=True, otherwise=otherwise)

    def _complete_login(self, attempt: "LoginFlow", answer: "Callable[[], Awaitable[str]]") -> None:
        async def work() -> None:
            try:
                self.post_message(LoginEnded(attempt, await answer()))
            except FlattrError as error:
                self.post_message(LoginEnded(attempt, error=error))

        self._start_worker(work, "logging in", "accounts")

    def on_login_ended(self, message: LoginEnded) -> None:
        if message.attempt is not self._login_attempt:
            return
        error = message.error
        if error is not None and is_other_login(error) and self._login_screen is not None:
            self._login_screen.show_message(_sentence(error))
            return
        self._end_login()
        after, otherwise = self._after_login, self._without_login
        self._after_login = self._without_login = None
        self._login_offered = False
        if error is not None:
            self.notify_user(f"Not logged in: {error}", "error")
            if otherwise is not None:
                otherwise()
            return
        self.show_account(message.name, after)

    def _end_login(self) -> None:
        attempt, self._login_attempt = self._login_attempt, None
        shown, self._login_screen = self._login_screen, None
        if shown is not None and shown.is_active:
            shown.dismiss()
        if attempt is not None:
            self._start_worker(attempt.aclose, "ending the login", "accounts")

    def show_account(self, name: str, after: Callable[[], None] | None = None) -> None:
        """Show the source as an account sees it ("" for nobody), then call `after`."""
        library = self.library
        if name != library.account:
            library.account = name
            if library.accounts is not None:
                library.accounts.switch_to(name)
            if library.writes is not None:
                library.writes.forget()
            self.source = source_label(library)
            self.source_switched()
        if name:
            library.retry_private()
        if name:
            self.notify_user(f"You are {name} at {self.library.source.label}.")
        if after is not None:
            after()

    # -- a login that has ended in the middle

    def on_library_event(self, message: LibraryEvent) -> None:
        """Offer a new login, once, after a private request was refused."""
        if not isinstance(message.event, LoginNeeded) or self._login_offered or self._login_attempt is not None:
            return
        from flattr_tui.ui.widgets.choice_dialog import ConfirmDialog  # noqa: PLC0415 -- imported when it is shown

        self._login_offered = True
        name = self.library.account

        def take(yes: bool | None) -> None:
            if yes:
                self.log_in()
            else:
                self._login_offered = False

        question = f"The login of {name} has ended. Log in again?" if name else "This is for who is logged in. Log in?"
        self.push_screen(ConfirmDialog(question, "What waited for it goes on afterwards."), take)

    # -- workers

    def _run_reporting(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Run a coroutine in a worker, and notify the user if it fails."""

        async def run() -> None:
            try:
                await work()
            except FlattrError as error:
                self.post_message(UserNotice(f"{name.capitalize()} failed: {error}", "error"))

        self._start_worker(run, name, "accounts")


def _sentence(error: FlattrError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]

"""Logs accounts in and out, and switches between them. An action that needed a login continues after the login."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from flattr_tui.library.errors import FlattrError, is_other_login, is_token_left
from flattr_tui.ui.app_protocol import ControllerHost

if TYPE_CHECKING:
    from flattr_tui.library.account.account_manager import AccountManager, LoginFlow
    from flattr_tui.ui.screens.login_dialogs import LoginDialog

Callback = Callable[[], None]
LOGGED_OUT, LOG_IN, LOG_OUT = "nobody", "log in", "log out"
KEEP, REMOVE = "keep", "remove"
_SWITCH = "be "


class AccountsController:
    """Shows the account menu and runs logins, one at a time."""

    def __init__(self, host: ControllerHost) -> None:
        self._host = host
        self._attempt: LoginFlow | None = None
        self._login_dialog: LoginDialog | None = None
        self._is_starting = False
        """Whether a login is being prepared and its screen is not shown yet."""
        self._waiting: list[tuple[Callback | None, Callback | None]] = []
        """For each action that waits for the login: what to call if the login succeeds, and what to call if not."""
        self._is_offered = False
        """Whether a new login was offered that the user has neither completed nor declined yet."""

    @property
    def service(self) -> "AccountManager | None":
        """The library's account manager; None if the current source has no server."""
        return self._host.library.accounts

    # -- a token of the environment or settings

    def identify(self) -> None:
        """Ask the server in the background whose token the environment or the settings contain.

        Then show the data of this account. If there is no token, or if the program is offline, nothing happens.
        """
        accounts = self.service
        if accounts is None or accounts.offline:
            return

        async def ask_server() -> None:
            try:
                name = await accounts.identify()
            except FlattrError as error:
                self._host.call_later(self._host.notify_user, f"Not logged in: {error}", "error")
                return
            if name and name != self._host.library.account:
                self._host.call_later(self._on_selected, name)

        self._host.start_worker(ask_server, "asking whose token it is", "accounts")

    # -- the menu

    def show_menu(self) -> None:
        """Let the user log in, switch to another account, or log out."""
        accounts = self.service
        if accounts is None:
            self._host.notify_user("You can't log in here: the source “saved” has no server.")
            return

        async def names() -> None:
            self._host.call_later(self._on_accounts_listed, await accounts.names())

        self._run_reporting(names, "listing the accounts")

    def _on_accounts_listed(self, names: Sequence[str]) -> None:
        from flattr_tui.ui.widgets.dialogs import ChoiceDialog  # noqa: PLC0415 -- imported when it is shown

        me, others = self._host.library.account, [name for name in names if name != self._host.library.account]
        if not names and not me:
            self.log_in()
            return
        answers = [(_SWITCH + name, f"Switch to {name}") for name in others]
        answers.append((LOG_IN, "Log in to another account" if names else "Log in"))
        if me:
            answers += [(LOGGED_OUT, "Use no account"), (LOG_OUT, f"Log out {me}")]
        question = f"Account: {me or 'none'}, at {self._host.library.source.label}."
        self._host.push_screen(ChoiceDialog(question, answers), self._on_menu_choice)

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
        """Switch to the account `name`, which is logged in already; with "", show the source without an account."""
        accounts = self.service
        if accounts is None:
            return

        async def use() -> None:
            await accounts.select(name)
            self._host.call_later(self._on_selected, name)

        self._run_reporting(use, "changing the account")

    def _on_selected(self, name: str) -> None:
        if self._attempt is None and not self._is_starting:
            self._is_offered = False
            self.show_account(name)

    # -- logging out

    def ask_log_out(self) -> None:
        """Ask whether to keep the saved data that only this account may see, then log out."""
        from flattr_tui.ui.widgets.dialogs import ChoiceDialog  # noqa: PLC0415 -- imported when it is shown

        name, accounts = self._host.library.account, self.service
        if accounts is None or not name:
            self._host.notify_user("You are not logged in.")
            return
        answers = [(KEEP, "Log out and keep them for reading"), (REMOVE, "Log out and delete them")]

        def take(answer: str | None) -> None:
            if answer is not None:
                self._log_out(accounts, name, remove=answer == REMOVE)

        self._host.push_screen(
            ChoiceDialog(f"Log out {name}. What should happen to its private pages?", answers, KEEP), take
        )

    def _log_out(self, accounts: "AccountManager", name: str, *, remove: bool) -> None:
        async def log_out() -> None:
            try:
                removed = await accounts.log_out(name, remove_private=remove)
            except FlattrError as error:
                if not is_token_left(error):
                    raise
                self._host.call_later(self._on_token_left, error)
            else:
                self._host.call_later(self._on_logged_out, name, removed)

        self._run_reporting(log_out, "logging out")

    def _on_logged_out(self, name: str, count: int) -> None:
        removed = f" {count:,} private pages were removed." if count else ""
        self._host.notify_user(f"{name} is logged out.{removed}")
        self.show_account("")

    def _on_token_left(self, error: FlattrError) -> None:
        self._host.notify_user(_sentence(error), "error")
        self.show_account("")

    # -- logging in

    def log_in(self, after: Callback | None = None, why: str = "", *, otherwise: Callback | None = None) -> None:
        """Let the user log in, then call `after`. If the login fails or is cancelled, call `otherwise` instead.

        With None, nothing is called. `why` is a warning to show before the login; "" shows none. The user logs in with
        a dialog if the server runs in this process, otherwise with a browser. If a login is already running, no other
        login starts: the callbacks wait for the running one. If the source has no server, a notice says so, and nothing
        is called.
        """
        accounts = self.service
        if accounts is None:
            self._host.notify_user("You can't log in here: the source “saved” has no server.", "warning")
            return
        if why:
            self._host.notify_user(why, "warning")
        self._waiting.append((after, otherwise))
        if self._attempt is None and not self._is_starting:
            self._start_login(accounts, in_browser=not accounts.in_process)

    def _start_login(self, accounts: "AccountManager", *, in_browser: bool) -> None:
        self._is_starting = True

        async def begin() -> None:
            try:
                attempt = await accounts.start_login(browser=in_browser)
            except FlattrError as error:
                self._host.call_later(self._on_login_failed, None, error)
                return
            try:
                users = None if in_browser else await attempt.users()
            except FlattrError as error:
                await attempt.aclose()
                self._host.call_later(self._on_login_failed, None, error)
            else:
                self._host.call_later(self._on_login_started, attempt, users)

        self._host.start_worker(begin, "logging in", "accounts")

    def _on_login_started(self, attempt: "LoginFlow", users: Sequence[str] | None) -> None:
        """Show the dialog of the login `attempt`, in which the user chooses one of `users`.

        If `users` is None, open the login page in a browser, and show a dialog with instructions.
        """
        from flattr_tui.ui.screens.login_dialogs import BrowserLoginDialog, ConsentDialog  # noqa: PLC0415 -- imported when it is shown

        self._is_starting = False
        accounts = self.service
        if accounts is None:
            return
        self._attempt, label = attempt, self._host.library.source.label
        if users is not None:
            shown: LoginDialog = ConsentDialog(label, accounts.requested_scopes, users, browser=accounts.can_serve)
        else:
            shown = BrowserLoginDialog(
                label, accounts.requested_scopes, attempt.address, listening=attempt.listening, problem=attempt.problem
            )
        self._login_dialog = shown
        self._host.push_screen(shown)
        if users is None:
            self._host.open_address(attempt.address, is_shown=True)
            if attempt.listening:
                self._complete_login(attempt, attempt.wait)

    def answer(self, text: str, *, allow: bool = True) -> None:
        """Continue the login with the entered text: a user name, or the address that the browser was redirected to.

        With a user name, `allow` says whether the user consents. With an address, `allow` has no effect.
        """
        attempt = self._attempt
        if attempt is None:
            return
        if self.service is not None and self._in_process_screen:
            self._complete_login(attempt, lambda: attempt.consent(text, allow=allow))
        else:
            self._complete_login(attempt, lambda: attempt.paste(text))

    @property
    def _in_process_screen(self) -> bool:
        from flattr_tui.ui.screens.login_dialogs import ConsentDialog  # noqa: PLC0415

        return isinstance(self._login_dialog, ConsentDialog)

    def cancel(self) -> None:
        """Cancel the login, and call the callback `otherwise` of each call of `log_in` that waits for this login."""
        for _, otherwise in self._finish_login():
            if otherwise is not None:
                self._host.call_later(otherwise)

    def log_in_with_browser(self) -> None:
        """Cancel the running login, and start another one in a browser. The callbacks given to `log_in` are kept."""
        self._end_login()
        if self.service is not None:
            self._start_login(self.service, in_browser=True)

    def _complete_login(self, attempt: "LoginFlow", answer: Callable[[], Awaitable[str]]) -> None:
        async def work() -> None:
            try:
                self._host.call_later(self._on_logged_in, attempt, await answer())
            except FlattrError as error:
                self._host.call_later(self._on_login_failed, attempt, error)

        self._host.start_worker(work, "logging in", "accounts")

    def _on_logged_in(self, attempt: "LoginFlow", name: str) -> None:
        if attempt is not self._attempt:
            return
        waiting = self._finish_login()
        self.show_account(name)
        for after, _ in waiting:
            if after is not None:
                after()

    def _on_login_failed(self, attempt: "LoginFlow | None", error: FlattrError) -> None:
        if attempt is not self._attempt:
            return
        if is_other_login(error) and self._login_dialog is not None:
            self._login_dialog.show_message(_sentence(error))
            return
        waiting = self._finish_login()
        self._host.notify_user(f"Not logged in: {error}", "error")
        for _, otherwise in waiting:
            if otherwise is not None:
                otherwise()

    def _finish_login(self) -> list[tuple[Callback | None, Callback | None]]:
        """End the login, and return the callbacks that waited for it.

        Each pair has a function to call after a successful login and one to call after a failed login. A function is
        None if the caller of `log_in` gave none.
        """
        self._end_login()
        waiting, self._waiting = self._waiting, []
        self._is_offered = False
        return waiting

    def _end_login(self) -> None:
        self._is_starting = False
        attempt, self._attempt = self._attempt, None
        shown, self._login_dialog = self._login_dialog, None
        if shown is not None and shown.is_active:
            shown.dismiss()
        if attempt is not None:
            self._host.start_worker(attempt.aclose, "ending the login", "accounts")

    def show_account(self, name: str) -> None:
        """Show the source as the account `name` sees it; "" shows it without an account."""
        library = self._host.library
        if name != library.account:
            library.account = name
            if library.accounts is not None:
                library.accounts.switch_to(name)
            if library.writes is not None:
                library.writes.forget()
            self._host.account_changed()
        if name:
            library.retry_private()
            self._host.notify_user(f"Logged in as {name} at {self._host.library.source.label}.")

    # -- an expired login

    def offer_login(self) -> None:
        """Offer a login, because the server refused a private request. Does nothing while an earlier offer is open."""
        if self._is_offered or self._is_starting or self._attempt is not None:
            return
        from flattr_tui.ui.widgets.dialogs import ConfirmDialog  # noqa: PLC0415 -- imported when it is shown

        self._is_offered = True
        name = self._host.library.account

        def take(yes: bool | None) -> None:
            if yes:
                self.log_in()
            else:
                self._is_offered = False

        question = f"The login of {name} has expired. Log in again?" if name else "This needs a login. Log in?"
        self._host.push_screen(ConfirmDialog(question, "The interrupted action continues afterwards."), take)

    # -- workers

    def _run_reporting(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        """Run a coroutine in a worker. If it fails, show a notice that `name` failed."""

        async def run() -> None:
            try:
                await work()
            except FlattrError as error:
                self._host.call_later(self._host.notify_user, f"{name.capitalize()} failed: {error}", "error")

        self._host.start_worker(run, name, "accounts")


def _sentence(error: FlattrError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]

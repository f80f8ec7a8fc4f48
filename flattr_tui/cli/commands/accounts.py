"""The commands `accounts`, `login` and `logout`: which accounts are logged in at a source, and which one is in use.

There are three ways to log in. The browser is redirected to this program; or the user pastes the address to which the
browser was redirected; or, at the sandbox, the user types a user name, without a browser.
"""

import asyncio
import difflib
import json
import sys
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import click

from flattr_tui.api.errors import LoginError, WrongStateError
from flattr_tui.api.token_store import TokenStore
from flattr_tui.cli.errors import BadInputError, echo_done, echo_error, echo_note
from flattr_tui.cli.library_factory import open_library, read_source, run_coroutine, token_store
from flattr_tui.model.data_source import SourceKind
from flattr_tui.pip_command import install_command
from flattr_tui.settings import Settings

if TYPE_CHECKING:
    from flattr_tui.library.account.account_manager import AccountManager, LoginFlow

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print the list as a JSON array.")
MAX_USERS_SHOWN = 12


@click.group(
    "accounts",
    invoke_without_command=True,
    epilog="""\b
Examples:
  flattr-tui accounts                     # who is logged in, at every source; * marks the one in use
  flattr-tui accounts --json | jq -r '.[].account'
  flattr-tui accounts use melodia
  flattr-tui accounts use --nobody        # read without an account, and stay logged in
""",
)
@as_json_option
@click.pass_context
def accounts_command(context: click.Context, as_json: bool) -> None:
    """List the logged-in accounts, or choose the one to use."""
    if context.invoked_subcommand is None:
        context.invoke(list_accounts, as_json=as_json)
    elif as_json:
        raise BadInputError(f"--json is for the list: `{context.command_path} list --json`.")


@accounts_command.command("list")
@as_json_option
@click.pass_obj
def list_accounts(settings: Settings, as_json: bool) -> None:
    """List the accounts that are logged in.

    One account per line: `*` marks the one in use, followed by its name and its source. With --json an array of objects
    with `account`, `source` and `current`.
    """
    tokens = token_store(settings)
    rows = [row for source in tokens.sources() for row in _accounts_of(settings, tokens, source)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo(f"{'*' if row['current'] else ' '} {row['account']}\t{row['source']}")
    if not rows:
        echo_note("No account is logged in. Log in with `flattr-tui login`.")


def _accounts_of(settings: Settings, tokens: TokenStore, source: str) -> list[dict[str, Any]]:
    current = tokens.current(source)
    if settings.account and source == read_source(settings).name:
        current = settings.account
    return [{"account": name, "source": source, "current": name == current} for name in tokens.accounts(source)]


@accounts_command.command("use")
@click.argument("account", required=False)
@click.option("--nobody", is_flag=True, help="Use no account at this source.")
@click.pass_obj
def use(settings: Settings, account: str | None, nobody: bool) -> None:
    """Use ACCOUNT at the source from now on."""
    if bool(account) is nobody:
        raise BadInputError("Name the account to use, or give --nobody.")
    run_coroutine(_use(settings, account or ""))


async def _use(settings: Settings, account: str) -> None:
    from flattr_tui.library.account.account_manager import AccountManager  # noqa: PLC0415

    source = read_source(settings)
    if source.kind is SourceKind.SAVED:
        raise BadInputError("The source “saved” has no accounts; --account NAME chooses whose private pages to read.")
    accounts = AccountManager(source, None, token_store(settings), offline=True)
    await accounts.select(account)
    echo_done(f"Now using {account or 'no account'} at {source.label}.")


@click.command(
    "login",
    epilog="""\b
Examples:
  flattr-tui login                        # the consent page opens in a browser
  flattr-tui login --no-browser           # over SSH: open the address elsewhere, paste the last one
  flattr-tui login --user ada             # at the built-in sandbox, without any browser
  flattr-tui --source https://flattr.example/rest/v2 login
""",
)
@click.option(
    "--browser/--no-browser",
    default=None,
    help="Open a browser or only show the address. Default: whichever this machine supports.",
)
@click.option("--user", metavar="NAME", help="At the built-in sandbox: log in as this user, without a browser.")
@click.pass_obj
def login_command(settings: Settings, browser: bool | None, user: str | None) -> None:
    """Log in at a source, and use that account from then on.

    Only an access token is kept: in the system's keyring, or in a file that only you can read.
    """
    name, place = run_coroutine(_log_in(settings, browser, user))
    echo_done(f"Logged in as {name} at {place}.")


async def _log_in(settings: Settings, browser: bool | None, user: str | None) -> tuple[str, str]:
    async with aclosing(open_library(settings)) as library:
        accounts = library.accounts
        if user is not None:
            name = await _log_in_as(accounts, user)
        elif await _use_browser(browser):
            name = await _log_in_with_browser(accounts)
        else:
            name = await _log_in_by_pasting(accounts)
        return name, library.source.label


async def _use_browser(wanted: bool | None) -> bool:
    """Whether to log in with a browser on this machine. `wanted` is the user's choice; None if the user made none.

    Without a choice, a browser is used if this machine has one.
    """
    if wanted is not None:
        return wanted
    from flattr_tui.ui.external_programs import has_browser  # noqa: PLC0415

    return await asyncio.to_thread(has_browser)


async def _log_in_as(accounts: "AccountManager", user: str) -> str:
    if not accounts.in_process and not accounts.offline:
        raise LoginError("--user is for the built-in sandbox; this server asks in a browser.")
    async with await accounts.start_login() as attempt:
        return await attempt.consent(_find_user(await attempt.users(), user))


async def _log_in_with_browser(accounts: "AccountManager") -> str:
    if accounts.in_process and not accounts.can_serve:
        echo_error(f"A browser can log in to the sandbox only with the extra 'server': {install_command('server')}.")
        return await _log_in_by_pasting(accounts)
    async with await accounts.start_login(browser=True) as attempt:
        if not attempt.listening:
            echo_error(attempt.problem)
            return await _read_redirect(attempt)
        from flattr_tui.ui.external_programs import open_browser  # noqa: PLC0415

        echo_error(f"Log in with the browser that opens, or open this address yourself: {attempt.address}")
        await asyncio.to_thread(open_browser, attempt.address)
        return await attempt.wait()


async def _log_in_by_pasting(accounts: "AccountManager") -> str:
    if not accounts.in_process:
        async with await accounts.start_login() as attempt:
            return await _read_redirect(attempt)
    async with await accounts.start_login() as attempt:
        users = await attempt.users()
        more = f" and {len(users) - MAX_USERS_SHOWN:,} more" if len(users) > MAX_USERS_SHOWN else ""
        echo_error(f"The sandbox's users: {', '.join(users[:MAX_USERS_SHOWN])}{more}. No password is needed.")
        echo_error(f"This program asks for: {', '.join(accounts.requested_scopes)}. An empty name denies it.")
        name = _prompt("Log in as: ")
        return await attempt.consent(_find_user(users, name) if name else users[0], allow=bool(name))


def _find_user(users: Sequence[str], name: str) -> str:
    """Return the name among `users` that equals `name` if case is ignored.

    Raises `BadInputError` if there is none. The error suggests similar names.
    """
    meant = next((user for user in users if user.casefold() == name.casefold()), None)
    if meant is None:
        near = difflib.get_close_matches(name, users, 3)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(users[:MAX_USERS_SHOWN])} …"
        raise BadInputError(f"The sandbox has no user {name!r}. {hint}")
    return meant


async def _read_redirect(attempt: "LoginFlow") -> str:
    echo_error(f"Open this address in a browser, on any machine: {attempt.address}")
    echo_error("Log in there. The last page may not load, but its address is needed.")
    while True:
        pasted = _prompt("Paste the address of the last page: ")
        if not pasted:
            raise LoginError("nothing was pasted. Log in again.")
        try:
            return await attempt.paste(pasted)
        except WrongStateError as error:
            echo_error(f"{str(error)[:1].upper()}{str(error)[1:]}")


def _prompt(question: str) -> str:
    """Write a question to stderr, because another program may read stdout, and return the line that the user types.

    Returns "" at the end of the input.
    """
    click.echo(question, nl=False, err=True)
    return sys.stdin.readline().strip()


@click.command(
    "logout",
    epilog="""\b
Examples:
  flattr-tui logout                       # the account in use
  flattr-tui logout melodia --keep
  flattr-tui logout ada --remove-private
""",
)
@click.argument("account", required=False)
@click.option("--remove-private/--keep", "remove", default=None,
              help="Remove or keep the private pages saved for the account.")  # fmt: skip
@click.pass_obj
def logout_command(settings: Settings, account: str | None, remove: bool | None) -> None:
    """Log an account out: its token is deleted.

    Public pages stay saved in any case. For private pages, use --remove-private or --keep. Otherwise you are asked, or,
    if there is no terminal, they are kept.
    """
    run_coroutine(_log_out(settings, account, remove))


async def _log_out(settings: Settings, account: str | None, remove: bool | None) -> None:
    async with aclosing(open_library(settings)) as library:
        accounts, place = library.accounts, library.source.label
        names = await accounts.names()
        account = account or library.account or (names[0] if len(names) == 1 else "")
        if not account:
            raise BadInputError(
                f"Name the account to log out: {', '.join(names) or f'nobody is logged in at {place}'}."
            )
        if account not in names and account != library.account:
            raise BadInputError(f"{account} is not logged in at {place}.")
        if remove is None:
            remove = sys.stdin.isatty() and click.confirm(
                f"Remove the private pages saved for {account}?", default=False, err=True
            )
        removed = await accounts.log_out(account, remove_private=remove)
        removed_text = f" {removed:,} private pages were removed." if remove else ""
        echo_done(f"{account} is logged out at {place}.{removed_text}")

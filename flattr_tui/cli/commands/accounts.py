"""The command `accounts`: lists the logged-in accounts, and selects the account to use."""

import json
from typing import Any

import click

from flattr_tui.api.token_store import TokenStore
from flattr_tui.cli.coroutine_runner import run_coroutine
from flattr_tui.cli.errors import BadInputError, echo_done, echo_note
from flattr_tui.cli.library_factory import read_source, token_store
from flattr_tui.model.data_source import SourceKind
from flattr_tui.settings import Settings

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print the list as a JSON array.")


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
def command(context: click.Context, as_json: bool) -> None:
    """List the logged-in accounts, or choose the one to use."""
    if context.invoked_subcommand is None:
        context.invoke(list_accounts, as_json=as_json)
    elif as_json:
        raise BadInputError(f"--json is for the list: `{context.command_path} list --json`.")


@command.command("list")
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


@command.command("use")
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

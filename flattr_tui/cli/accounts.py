"""`flattr-tui accounts`: who is logged in, and who of them to be."""

import asyncio

import click

from flattr_tui.api.tokens import TokenStore
from flattr_tui.cli.composition import read_source, token_store
from flattr_tui.cli.errors import BadInputError, say
from flattr_tui.model.source import SourceKind
from flattr_tui.settings import Settings


@click.group(
    "accounts",
    invoke_without_command=True,
    epilog="""\b
Examples:
  flattr-tui accounts                     # who is logged in, at every source; * is who you are
  flattr-tui accounts use melodia
  flattr-tui accounts use --nobody        # read as nobody, and stay logged in
""",
)
@click.pass_context
def command(context: click.Context) -> None:
    """List who is logged in, or choose who to be."""
    if context.invoked_subcommand is None:
        context.invoke(list_accounts)


@command.command("list")
@click.pass_obj
def list_accounts(settings: Settings) -> None:
    """List the accounts that are logged in.

    A line each: `*` where that is who you are, the name, the source.
    """
    tokens = token_store(settings)
    lines = [line for source in tokens.sources() for line in _lines(settings, tokens, source)]
    for line in lines:
        click.echo(line)
    if not lines:
        say("Nobody is logged in. `flattr-tui login` logs in.")


def _lines(settings: Settings, tokens: TokenStore, source: str) -> list[str]:
    current = tokens.current(source)
    if settings.account and source == read_source(settings).name:
        current = settings.account
    return [f"{'*' if name == current else ' '} {name}\t{source}" for name in tokens.accounts(source)]


@command.command("use")
@click.argument("account", required=False)
@click.option("--nobody", is_flag=True, help="Be nobody at this source.")
@click.pass_obj
def use(settings: Settings, account: str | None, nobody: bool) -> None:
    """Be ACCOUNT at the source from now on."""
    if bool(account) is nobody:
        raise BadInputError("Name the account to be, or say --nobody.")
    asyncio.run(_use(settings, account or ""))


async def _use(settings: Settings, account: str) -> None:
    from flattr_tui.library.account.accounts import Accounts  # noqa: PLC0415

    source = read_source(settings)
    if source.kind is SourceKind.SAVED:
        raise BadInputError("What is saved has no accounts; --account NAME says whose private pages to read.")
    accounts = Accounts(source, None, token_store(settings), offline=True)
    await accounts.use(account)
    click.echo(f"You are {account or 'nobody'} at {source.label}.")

"""The command `logout`: deletes an account's token and, on request, the pages that only that account may see."""

import sys
from contextlib import aclosing

import click

from flattr_tui.cli.coroutine_runner import run_coroutine
from flattr_tui.cli.errors import BadInputError, echo_done
from flattr_tui.cli.library_factory import open_library
from flattr_tui.settings import Settings


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
def command(settings: Settings, account: str | None, remove: bool | None) -> None:
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

"""The command `library`: renames the owner of imported files that do not name their owner."""

import asyncio
from contextlib import aclosing

import click

from flattr_tui.cli.command_output import ProgressLine
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.revenue import read_owner


@click.group(
    "library",
    epilog="""\b
Examples:
  flattr-tui library rename me ada
""",
)
def command() -> None:
    """Correct imported data."""


@command.command(
    "rename",
    short_help="Rename the owner of imported files.",
    epilog="""\b
Examples:
  flattr-tui library rename me ada
""",
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.pass_context
def rename(context: click.Context, old: str, new: str) -> None:
    """Rename the owner OLD of revenue reports and exports of the browser extension to NEW.

    Those files do not name their owner. If no name was given, they were imported as data of 'me'.
    """
    try:
        old, new = read_owner(old), read_owner(new)
    except ValueError as error:
        raise click.UsageError(f"{error}.", context) from error
    asyncio.run(_rename(context, old, new))


async def _rename(context: click.Context, old: str, new: str) -> None:
    from flattr_tui.cli.library_factory import open_library  # noqa: PLC0415 -- imports the store, which --help does not need
    from flattr_tui.library.import_export.ownerless_files import rename_owner  # noqa: PLC0415

    async with aclosing(open_library(context.obj, SourceKind.SAVED.value, "")) as library:
        with ProgressLine() as progress_line:
            number = rename_owner(library.responses, library.catalogue, old, new, progress_line)
    if not number:
        raise click.ClickException(f"No imported revenue report or export is {old}'s; nothing was renamed.")
    files = "file of {} now belongs" if number == 1 else "files of {} now belong"
    click.echo(f"{number:,} saved {files.format(old)} to {new}.")

"""`flattr-tui bundle`: writes the whole library to one file, to be imported elsewhere."""

import asyncio
from pathlib import Path

import click

from flattr_tui.cli.errors import BadInputError, echo_done, echo_note
from flattr_tui.cli.progress_line import ProgressLine
from flattr_tui.cli.standard_streams import DASH, writable_file
from flattr_tui.library.transfer import bundle
from flattr_tui.model.source import SourceKind

EPILOG = """\b
Examples:
  flattr-tui bundle library.zip
  flattr-tui import library.zip          # on another machine
  flattr-tui bundle - | ssh elsewhere flattr-tui import -
"""


@click.command("bundle", epilog=EPILOG)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.pass_context
def command(context: click.Context, file: Path) -> None:
    """Pack everything that is saved, of all sources and accounts, and the bookmarks, into FILE.

    No token is in it, but answers that only their owner may see are: FILE is readable for its owner alone. `-` is
    standard output.
    """
    try:
        with writable_file(file) as written:
            number = asyncio.run(_bundle(context, written))
    except BrokenPipeError:  # the reader has gone
        raise
    except OSError as error:
        raise BadInputError(f"{file} can't be written ({error.strerror}).") from error
    if file == DASH:
        echo_note(f"{number:,} answers packed.")
    else:
        echo_done(f"{number:,} answers packed into {file}.")


async def _bundle(context: click.Context, file: Path) -> int:
    from flattr_tui.cli.composition import open_library  # noqa: PLC0415 -- the store: not for --help

    library = open_library(context.obj, SourceKind.SAVED.value, "")
    try:
        with ProgressLine() as working:
            return bundle.write_bundle(
                library.responses,
                file,
                bookmarks=library.paths.bookmarks,
                progress=lambda done, of: working("packing", done, of),
            )
    finally:
        await library.aclose()

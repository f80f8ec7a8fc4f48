"""The commands `library`, which renames the owner of imported files, and `bundle`, which packs all that is saved."""

import asyncio
import tempfile
from contextlib import aclosing
from pathlib import Path

import click

from flattr_tui.cli.command_output import ProgressLine
from flattr_tui.cli.errors import BadInputError, echo_done, echo_error, echo_note
from flattr_tui.cli.standard_streams import DASH, is_standard_output, writable_file
from flattr_tui.library.import_export import bundle
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.revenue import read_owner
from flattr_tui.paths import FolderError
from flattr_tui.store.errors import StoreError
from flattr_tui.ui.format import plural

EPILOG = """\b
Examples:
  flattr-tui bundle library.zip
  flattr-tui import library.zip          # on another machine
  flattr-tui bundle - | ssh elsewhere flattr-tui import -
  flattr-tui bundle old.zip --from ~/.local/share/flattr-tui/responses.set-aside-20260102T030405
"""


@click.group(
    "library",
    epilog="""\b
Examples:
  flattr-tui library rename me ada
""",
)
def library_command() -> None:
    """Correct imported data."""


@library_command.command(
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
    from flattr_tui.library.import_export.files_without_owner import rename_owner  # noqa: PLC0415

    async with aclosing(open_library(context.obj, SourceKind.SAVED.value, "")) as library:
        with ProgressLine() as progress_line:
            number = rename_owner(library.responses, library.catalogue, old, new, progress_line)
    if not number:
        raise click.ClickException(f"No imported revenue report or export is {old}'s; nothing was renamed.")
    files = "file of {} now belongs" if number == 1 else "files of {} now belong"
    click.echo(f"{number:,} saved {files.format(old)} to {new}.")


@click.command("bundle", epilog=EPILOG)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--from", "folder", metavar="FOLDER", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Pack another library, or a store that was set aside, instead of your library.")  # fmt: skip
@click.pass_context
def bundle_command(context: click.Context, file: Path, folder: Path | None) -> None:
    """Pack everything that is saved, of all sources and accounts, and the bookmarks, into FILE.

    It contains no tokens. It may contain pages that only their account may see, so only you can read FILE. `-` is
    standard output.
    """
    file = DASH if is_standard_output(file) else file
    try:
        with writable_file(file) as written:
            number = asyncio.run(_bundle(context, written)) if folder is None else _bundle_old_store(folder, written)
    except (BrokenPipeError, FolderError):  # the reader has gone, or nothing can be read
        raise
    except OSError as error:
        if error.filename is not None and Path(str(error.filename)).absolute().parent != file.absolute().parent:
            raise  # it is not FILE that can't be written
        raise BadInputError(f"{file} can't be written ({error.strerror}).") from error
    if file == DASH:
        echo_note(f"{plural(number, 'response')} packed.")
    else:
        echo_done(f"{plural(number, 'response')} packed into {file}.")


async def _bundle(context: click.Context, file: Path) -> int:
    from flattr_tui.cli.library_factory import open_library  # noqa: PLC0415 -- imports the store, which --help does not need
    from flattr_tui.store import store_maintenance  # noqa: PLC0415

    async with aclosing(open_library(context.obj, SourceKind.SAVED.value, "")) as library:
        old = store_maintenance.list_old_stores(library.paths.responses)
        if old and not library.responses.last_sequence():
            raise StoreError(f"Nothing is saved, but {old[-1]} was set aside: `flattr-tui cache rescue` recovers it.")
        with ProgressLine() as progress_line:
            return bundle.write_bundle(
                library.responses,
                file,
                bookmarks=library.paths.bookmarks,
                progress=lambda done, of: progress_line("packing", done, of),
            )


def _bundle_old_store(folder: Path, file: Path) -> int:
    """Write a bundle of the readable responses in another store. Returns the number of responses.

    `folder` is the store, or a library, whose bookmarks are included. `file` is the bundle to write.
    """
    from flattr_tui.store import store_maintenance  # noqa: PLC0415 -- imports the store, which --help does not need
    from flattr_tui.store.response_store import ResponseStore  # noqa: PLC0415

    inner = folder / "responses"
    bookmarks, folder = (folder / "bookmarks.json", inner) if inner.is_dir() else (None, folder)
    with ProgressLine() as progress_line, tempfile.TemporaryDirectory(prefix="flattr-tui-") as place:
        whole = Path(place) / "responses"
        found = store_maintenance.Salvage([folder], progress_line)
        if not found:
            raise StoreError(f"{folder} has no response that can be read.")
        store_maintenance.write_store(found, whole, echo_error)
        if found.unreadable:
            echo_error(f"{plural(found.unreadable, 'file or row', 'files or rows')} could not be read.")
        store = ResponseStore.open(whole, notice=echo_error)
        try:
            return bundle.write_bundle(
                store, file, bookmarks=bookmarks, progress=lambda done, of: progress_line("packing", done, of)
            )
        finally:
            store.close()

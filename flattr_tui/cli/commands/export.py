"""The commands `export`, which writes saved data as CSV, Markdown or JSON, and `bundle`, which packs all saved data."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

import click

from flattr_tui.api.errors import OfflineError, UsageError
from flattr_tui.api.method_table import BY_NAME, Method
from flattr_tui.api.prepared_request import check_arguments
from flattr_tui.cli.command_output import ProgressLine, catch_up
from flattr_tui.cli.commands.methods import complete_method, complete_parameter
from flattr_tui.cli.errors import BadInputError, echo_done, echo_error, echo_note, unwritable_file
from flattr_tui.cli.standard_streams import DASH, is_standard_output, writable_file
from flattr_tui.library.api_descriptions import read_arguments, read_method, sentence_subject
from flattr_tui.library.import_export.exporter import (
    ENTITY_OF,
    ExportFormat,
    UnknownColumnError,
    format_items,
    write_file,
)
from flattr_tui.library.library import Library
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.api_request import PAGING, SINGLE_RESPONSES, ApiRequest
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import Entity
from flattr_tui.paths import FolderError
from flattr_tui.store.errors import StoreError
from flattr_tui.ui.format import plural

ROWS_AT_ONCE: Final = 1_000
"""Number of rows that are read from the catalogue at a time."""

EPILOG = """\b
Examples:
  flattr-tui export user-flattrs username=ada > flattrs.csv
  flattr-tui export user-things username=ada --format md --columns title,flattrs,url
  flattr-tui export user-flattrs username=ada --fetch --format jsonl --output ada.jsonl
  flattr-tui --source saved export user username=ada --format json

\b
CSV and Markdown have one column per field (nested fields as thing.title), and
times as ISO 8601 in UTC. CSV cells that a spreadsheet would run as a formula
begin with an apostrophe. JSON and JSON lines contain Flattr's own objects. All
but Markdown can be read by `flattr-tui import`. Exit code 1: nothing is saved.
"""
Items = Callable[[], Iterator[Entity]]
BUNDLE_EPILOG = """\b
Examples:
  flattr-tui bundle library.zip
  flattr-tui import library.zip          # on another machine
  flattr-tui bundle - | ssh elsewhere flattr-tui import -
  flattr-tui bundle old.zip --from ~/.local/share/flattr-tui/responses.set-aside-20260102T030405
"""


@click.command("export", epilog=EPILOG)
@click.argument("name", metavar="METHOD", shell_complete=complete_method)
@click.argument("parameters", metavar="[PARAM=VALUE]...", nargs=-1, shell_complete=complete_parameter)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice([form.value for form in ExportFormat]),
    default=ExportFormat.CSV.value,
    show_default=True,
    help="Output format.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), metavar="FILE",
              help="Output file; standard output by default.")  # fmt: skip
@click.option("-c", "--columns", default="", metavar="NAME,...", help="Only these columns (csv, md).")
@click.option("--fetch", is_flag=True, help="Fetch all of it from the source first.")
@click.pass_context
def export_command(
    context: click.Context,
    name: str,
    parameters: tuple[str, ...],
    form: str,
    output: Path | None,
    columns: str,
    fetch: bool,
) -> None:
    """Write the saved response to METHOD with its parameters. For a list, all saved items are written.

    Without --fetch no connection is opened.
    """
    try:
        method = read_method(name)
        arguments = {k: v for k, v in read_arguments(method, parameters).items() if k not in PAGING}
        request = ApiRequest.of(method.name, check_arguments(method, arguments))
        if method.response_kind not in ENTITY_OF:
            raise UsageError(f"{method.name} changes something, so there is nothing to export.")  # noqa: TRY301 -- reported below
    except UsageError as error:
        raise click.UsageError(str(error), context) from error
    chosen = [column.strip() for column in columns.split(",") if column.strip()]
    if chosen and ExportFormat(form) in {ExportFormat.JSON, ExportFormat.JSONL}:
        raise click.UsageError("--columns is for csv and md.", context)
    asyncio.run(_run(context, request, ExportFormat(form), output, chosen, fetch=fetch))


async def _run(
    context: click.Context,
    request: ApiRequest,
    form: ExportFormat,
    output: Path | None,
    columns: Sequence[str],
    *,
    fetch: bool,
) -> None:
    from flattr_tui.cli.library_factory import open_library  # noqa: PLC0415 -- imports the store and the client, which --help does not need

    async with aclosing(open_library(context.obj)) as library:
        if fetch:
            await fetch_all(library, request)
        else:
            catch_up(library.catalogue)
        with ProgressLine() as progress_line:
            _write(library, request, form, output, columns, progress_line)


def _write(
    library: Library,
    request: ApiRequest,
    form: ExportFormat,
    output: Path | None,
    columns: Sequence[str],
    progress_line: ProgressLine,
) -> None:
    found = find_saved(library, request)
    if found is None:
        way_on = ": --fetch fetches it." if library.is_online else "."
        raise click.ClickException(f"Nothing is saved for {sentence_subject(request)} ({library.source.name}){way_on}")
    number, is_incomplete, items = found
    try:
        pieces = format_items(items(), form, kind=BY_NAME[request.method].response_kind, columns=columns)
    except UnknownColumnError as error:
        raise BadInputError(str(error)) from error
    if output is None or str(output) == "-":
        for piece in pieces:
            click.echo(piece, nl=False)
    else:
        try:
            write_file(output, pieces, progress=lambda done: progress_line("exporting", done, number))
        except OSError as error:
            raise unwritable_file(output, error) from error
    if is_incomplete:
        echo_error(f"{plural(number, 'item')}; the list has more that are not saved.")


def find_saved(library: Library, request: ApiRequest) -> tuple[int, bool, Items] | None:
    """Return how many items are saved for a request, whether some are missing, and a function that yields the items.

    If nothing is saved for the request, the same request with the parameter `full` added or removed is tried. Returns
    None if nothing is saved for either.
    """
    method = BY_NAME[request.method]
    for asked in _variants(method, request):
        if method.response_kind in SINGLE_RESPONSES:
            entity = library.record(asked).entity
            if entity is not None:
                return 1, False, lambda entity=entity: iter([entity])
            continue
        feed = library.feed(asked)
        status = feed.status
        if status.fetched_at is None and not status.saved:
            continue

        def items() -> Iterator[Entity]:
            for start in range(0, len(feed), ROWS_AT_ONCE):  # noqa: B023 -- the loop ends here
                rows = feed.rows(start, start + ROWS_AT_ONCE)  # noqa: B023
                yield from (row.item for row in rows if isinstance(row, Row))

        return status.saved, len(feed) > status.shown, items
    return None


def _variants(method: Method, request: ApiRequest) -> Iterator[ApiRequest]:
    yield request
    if method.parameter("full") is not None:
        others = dict(request.arguments)
        yield ApiRequest.of(method.name, others | {"full": "" if others.get("full") else "1"})


async def fetch_all(library: Library, request: ApiRequest) -> None:
    """Fetch and save the whole response to a request: a single object, or all pages of a list.

    Raises `FlattrError` if the program is offline, or if a page can't be fetched.
    """
    if not library.is_online:
        raise OfflineError("the program is offline, so there is nothing to fetch from. Choose a source, or go online.")
    worker = asyncio.create_task(library.run(), name="fetching")
    asking = asyncio.create_task(_fetch_pages(library, request), name="asking")
    try:
        await asyncio.wait([worker, asking], return_when=asyncio.FIRST_COMPLETED)
        if not asking.done():
            worker.result()  # raises: the worker ends only if there is a bug, and the fetch would never end
        await asking
    finally:
        for task in (worker, asking):
            task.cancel()
        await asyncio.wait([worker, asking])


async def _fetch_pages(library: Library, request: ApiRequest) -> None:
    await library.ready()
    paginator = library.make_paginator(request)
    if not BY_NAME[request.method].is_list:
        await paginator.fetch_page(1)
        return
    await paginator.fetch_head()
    with ProgressLine() as progress_line:
        await paginator.fetch_missing(lambda: progress_line("fetching", paginator.stats.saved, paginator.stats.total))
    if not paginator.repeats_pages and (not paginator.is_complete or await paginator.has_shrunk()):
        await paginator.fetch_all()


@click.command("bundle", epilog=BUNDLE_EPILOG)
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
        raise unwritable_file(file, error) from error
    if file == DASH:
        echo_note(f"{plural(number, 'response')} packed.")
    else:
        echo_done(f"{plural(number, 'response')} packed into {file}.")


async def _bundle(context: click.Context, file: Path) -> int:
    from flattr_tui.cli.library_factory import open_library  # noqa: PLC0415 -- imports the store, which --help does not need
    from flattr_tui.library.import_export.bundle import write_bundle  # noqa: PLC0415
    from flattr_tui.store.store_maintenance import list_old_stores  # noqa: PLC0415

    async with aclosing(open_library(context.obj, SourceKind.SAVED.value, "")) as library:
        old = list_old_stores(library.paths.responses)
        if old and not library.responses.last_sequence():
            raise StoreError(f"Nothing is saved, but {old[-1]} was set aside: `flattr-tui cache rescue` recovers it.")
        with ProgressLine() as progress_line:
            return write_bundle(
                library.responses,
                file,
                bookmarks=library.paths.bookmarks,
                progress=lambda done, of: progress_line("packing", done, of),
            )


def _bundle_old_store(folder: Path, file: Path) -> int:
    """Write a bundle of all readable responses in a store that is not in use, and return the number of responses.

    `folder` is the store's folder. It can also be the folder of a whole library; the library's bookmarks are then added
    to the bundle. `file` is the bundle to write.
    """
    from flattr_tui.library.import_export.bundle import write_bundle  # noqa: PLC0415 -- imports the store, which --help does not need
    from flattr_tui.store.response_store import ResponseStore  # noqa: PLC0415
    from flattr_tui.store.store_maintenance import Salvage, write_store  # noqa: PLC0415

    inner = folder / "responses"
    bookmarks, folder = (folder / "bookmarks.json", inner) if inner.is_dir() else (None, folder)
    with ProgressLine() as progress_line, tempfile.TemporaryDirectory(prefix="flattr-tui-") as place:
        whole = Path(place) / "responses"
        found = Salvage([folder], progress_line)
        if not found:
            raise StoreError(f"{folder} has no response that can be read.")
        write_store(found, whole, echo_error)
        if found.unreadable:
            echo_error(f"{plural(found.unreadable, 'file or row', 'files or rows')} could not be read.")
        store = ResponseStore.open(whole, notice=echo_error)
        try:
            return write_bundle(
                store, file, bookmarks=bookmarks, progress=lambda done, of: progress_line("packing", done, of)
            )
        finally:
            store.close()

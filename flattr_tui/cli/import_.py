"""`flattr-tui import`: imports files that were saved elsewhere, to be read under the source `saved`; also bundles."""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from flattr_tui.cli.errors import INTERRUPTED
from flattr_tui.cli.import_formats import FORMATS
from flattr_tui.cli.import_report import echo_json, echo_outcome, format_table
from flattr_tui.cli.progress_line import ProgressLine
from flattr_tui.cli.standard_streams import readable_files
from flattr_tui.library.transfer.import_outcome import ImportOutcome
from flattr_tui.library.transfer.importer import import_files
from flattr_tui.library.transfer.url_matcher import UnrecognisedError, match_url
from flattr_tui.model.revenue import UNNAMED, read_owner
from flattr_tui.model.source import SourceKind
from flattr_tui.store.errors import UnwritableError

FILE = click.Path(path_type=Path, exists=True, allow_dash=True)


def read_user(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Check the user name given as an option."""
    return None if value is None else _check_owner(value)


def _echo_formats(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        for row in format_table([("KIND", "TESTED WITH FILES OF", "NOTE"), *FORMATS]):
            click.echo(row)
        context.exit()


EPILOG = """\b
Examples:
  flattr-tui import browsing.har captures.warc.gz
  flattr-tui import flattrs.json ada.atom answers-of-curl.txt
  flattr-tui import search.json --url 'https://api.flattr.com/rest/v2/things/search?query=music'
  flattr-tui import mine.har --account ada
  flattr-tui import flattr-revenue-*.csv --user ada
  flattr-tui import library.zip
  curl -si https://flattr.example/rest/v2/users/ada | flattr-tui import -

\b
Then `flattr-tui --source saved` shows what was imported.
Importing again changes nothing. Exit code 1: nothing in the files is of Flattr.
"""


@click.command("import", epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.option("--account", metavar="NAME", default="", help="Owner of responses that only their owner may see.")
@click.option(
    "--url", metavar="URL", default="", help="Address that the bodies came from, if the file does not name it."
)
@click.option(
    "--user",
    metavar="NAME",
    callback=read_user,
    help="Owner of revenue reports and extension exports, which do not name one.",
)
@click.option("-v", "--verbose", is_flag=True, help="Report on each file and name everything left out.")
@click.option("--json", "as_json", is_flag=True, help="Report as one JSON object.")
@click.option("--formats", is_flag=True, is_eager=True, expose_value=False, callback=_echo_formats,
              help="List the formats that are read and the tested producers.")  # fmt: skip
@click.pass_context
def command(
    context: click.Context,
    files: tuple[Path, ...],
    account: str,
    url: str,
    user: str | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Import data that was saved elsewhere.

    A FILE can be a response of the API in any of its formats (YAML as .yaml), with or without its headers, as `curl
    -i`, `curl -v` and HTTPie print them; what `export` wrote as json or jsonl; an HTTP archive of a browser or proxy
    (HAR); a web archive (WARC, WACZ, or the older ARC); a cassette of VCR, vcrpy or betamax; a Postman collection with
    examples; a feed with payment links; or a bundle. It may be compressed (gzip, xz, bzip2, zstd), in a zip or tar
    archive or a folder, or come through a pipe (`-` is standard input). zstd, br and ARC need the extra `warc`.

    A FILE can also be one of Flattr's monthly revenue reports (CSV), as Flattr, R or a spreadsheet wrote it, or an
    export of the browser extension. These do not name their owner, so use --user. Without it you are asked, or the data
    belongs to 'me'.

    You can then read each response under the source `saved`, with its own date. The responses in a bundle keep their
    sources and accounts. Everything that was not imported is counted and named.
    """
    if url:
        try:
            match_url(url)
        except UnrecognisedError as error:
            raise click.UsageError(f"--url: {error}.", context) from error
    with readable_files(files) as readable:
        outcome = asyncio.run(_import(context, readable, account, url, user))
    if as_json:
        echo_json(outcome)
    else:
        echo_outcome(outcome, verbose=verbose)
    code = 0 if outcome.new or outcome.already_stored else 1
    context.exit(INTERRUPTED if outcome.stopped else code)


async def _import(
    context: click.Context, files: Sequence[Path], account: str, url: str, user: str | None
) -> ImportOutcome:
    from flattr_tui.cli.composition import open_library  # noqa: PLC0415 -- the store: not for --help

    library = open_library(context.obj, SourceKind.SAVED.value, "")
    try:
        try:
            library.responses.wait_until_writable()
        except UnwritableError as error:
            reason = f"{error.cause}. {error.advice}"
            raise click.ClickException(f"Nothing was imported: it could not be saved. {reason}") from error
        with ProgressLine() as working, _stoppable(working) as is_stopped:
            outcome = import_files(
                library.responses,
                files,
                account=account,
                url=url,
                owner=lambda: user or _ask_owner(working),
                bookmarks=library.bookmarks,
                progress=working,
                is_stopped=is_stopped,
            )
            library.catalogue.catch_up(lambda done, of: working("adding to the catalogue", done, of))
        return outcome
    finally:
        await library.aclose()


@contextmanager
def _stoppable(working: ProgressLine) -> Iterator[Callable[[], bool]]:
    """Let the first ctrl+c stop the import and keep what was read; the second one ends the program."""
    stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        if stopped:
            raise KeyboardInterrupt
        stopped = True
        working.show("stopping, and keeping what was read")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _ask_owner(working: ProgressLine) -> str:
    """Ask on a terminal who owns the files; return `UNNAMED` if there is no terminal."""
    if not sys.stdin.isatty():
        return UNNAMED
    working.clear()
    question = "Whose revenue reports or flattrs are these? Their Flattr user name"
    return str(click.prompt(question, default=UNNAMED, err=True, value_proc=_check_owner))


def _check_owner(text: str) -> str:
    try:
        return read_owner(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error

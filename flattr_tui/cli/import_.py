"""`flattr-tui import`: what was saved elsewhere, readable under the source `saved`; and bundles."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from flattr_tui.cli.errors import echo_done, say
from flattr_tui.cli.progress_line import Working
from flattr_tui.library.transfer.importer import Outcome, import_files
from flattr_tui.library.transfer.url_matcher import UnrecognisedError, recognise
from flattr_tui.model.source import SourceKind

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
SHOWN = 10
"""How many things that were left out are named without --verbose."""

EPILOG = """\b
Examples:
  flattr-tui import browsing.har captures.warc.gz
  flattr-tui import flattrs.json ada.atom answers-of-curl.txt
  flattr-tui import search.json --url 'https://api.flattr.com/rest/v2/things/search?query=music'
  flattr-tui import mine.har --account ada
  flattr-tui import library.zip

\b
Then `flattr-tui --source saved` shows what was imported.
Importing again changes nothing. Exit code 1: nothing in the files is of Flattr.
"""


@click.command("import", epilog=EPILOG)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FILE)
@click.option("--account", metavar="NAME", default="", help="Whose answers those are that only their owner may see.")
@click.option(
    "--url", metavar="URL", default="", help="Where bodies and answers came from, if they do not tell by themselves."
)
@click.option("-v", "--verbose", is_flag=True, help="Name everything that was left out.")
@click.pass_context
def command(context: click.Context, files: tuple[Path, ...], account: str, url: str, verbose: bool) -> None:
    """Take in answers that were saved elsewhere, and bundles.

    A FILE is the body of an answer in any of the API's formats (YAML as .yaml), or what `export` wrote as json or
    jsonl; answers with their heads, as `curl -i` and HTTPie print them; an HTTP archive of a browser or a proxy (HAR);
    a web archive (WARC, or the older ARC; needs the extra `warc`). Each of them may be packed by gzip. Or it is a
    bundle.

    Each answer of the Flattr API becomes readable under the source `saved`, with its own date; a bundle's come back
    under the sources and accounts that they had. What else is in the files is counted and named.
    """
    if url:
        try:
            recognise(url)
        except UnrecognisedError as error:
            raise click.UsageError(f"--url: {error}.", context) from error
    outcome = asyncio.run(_import(context, files, account, url))
    tell(outcome, verbose=verbose)
    context.exit(0 if outcome.new or outcome.known else 1)


async def _import(context: click.Context, files: Sequence[Path], account: str, url: str) -> Outcome:
    from flattr_tui.cli.composition import open_library  # noqa: PLC0415 -- the store: not for --help

    library = open_library(context.obj, SourceKind.SAVED.value, "")
    try:
        with Working() as working:
            outcome = import_files(
                library.responses, files, account=account, url=url, bookmarks=library.marks, progress=working
            )
            library.catalogue.catch_up(lambda done, of: working("taking into the catalogue", done, of))
        return outcome
    finally:
        await library.aclose()


def tell(outcome: Outcome, *, verbose: bool) -> None:
    """Say what was taken in on stdout, and what was not on stderr."""
    parts = [f"{outcome.new:,} imported"]
    if outcome.known:
        parts.append(f"{outcome.known:,} already there")
    if outcome.others:
        parts.append(f"{outcome.others:,} left out")
    if outcome.bookmarks:
        parts.append(f"{outcome.bookmarks:,} bookmarks added")
    echo_done(", ".join(parts) + ".")
    named = outcome.named if verbose else outcome.named[:SHOWN]
    for left_out in named:
        say(f"left out: {left_out}")
    if (more := outcome.others - len(named)) > 0:
        say(f"… and {more:,} more{'' if verbose else ' (--verbose names them)'}.")

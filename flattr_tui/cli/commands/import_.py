"""The commands `import`, which imports files, and `library rename`, which renames the owner of imported files.

An import reports what was imported, whose data it is, how to view it, and what was left out and why.
"""

import asyncio
import json
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple

import click

from flattr_tui.cli.command_output import ProgressLine, format_columns
from flattr_tui.cli.errors import INTERRUPTED, NAME, echo_done, echo_error, echo_note
from flattr_tui.cli.standard_streams import DASH, readable_files
from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import ImportOptions, import_files
from flattr_tui.library.import_export.request_recognition import UnrecognizedError, match_url
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.revenue import UNNAMED, read_owner
from flattr_tui.model.text_sanitizer import single_line
from flattr_tui.store.errors import UnwritableError

FILE = click.Path(path_type=Path, exists=True, allow_dash=True)
MAX_NAMED: Final = 10
"""Maximum number of skipped entries for which the report names the file, unless --verbose is given."""
MAX_PEOPLE: Final = 5
"""Maximum number of people whose imported data the report counts separately."""
_KINDS: Final = ("things", "flattrs", "activities", "subscriptions", "lookups", "choices")


class ImportFormat(NamedTuple):
    """A format that can be imported: a row of `import --formats`."""

    kind: str
    """What the files are, such as `HAR`."""
    producer: str
    """The programs and versions that wrote the files with which the format is tested."""
    note: str = ""
    """Options, file names or limits that users should know; "" for none."""


FORMATS: Final = (
    ImportFormat(
        "responses of the API", "flattr-tui get, export", "JSON, JSON lines, XML, YAML, Activity Streams, Atom"
    ),
    ImportFormat(
        "responses with their headers",
        "curl 7.88.1, HTTPie 3.2, GNU Wget 1.21.3, LWP 6.68, requests-toolbelt 1.0, tshark 4.0, asciinema 2.4.0,"
        " script 2.38.1",
        "curl -i, -v, --trace, --compressed; wget --save-headers, -S, -d; GET -Use; tshark -z follow; also of"
        " k6 --http-debug=full, Net::HTTP (Ruby), http.client (Python), Guzzle, OkHttp,"
        " Apache HttpClient; only the responses are kept",
    ),
    ImportFormat(
        "folder of responses", "GNU Wget 1.21.3, HTTrack 3.49.4, Wireshark 4.0", "wget -r, -x: names are addresses"
    ),
    ImportFormat(
        "cache of a program",
        "hishel 0.1.5, 1.0 and 2.0, requests-cache 1.3.3, diskcache 5.6.3, CacheControl 0.14.4, httplib2 0.32.1,"
        " Scrapy 2.18.0",
        "JSON, YAML, SQLite with such rows or with the bodies alone; no pickles; also of node-replay",
    ),
    ImportFormat(
        "HAR",
        "mitmproxy 12, Playwright 1.65, Polly.js 6, chrome-har-capturer 0.14.4, selenium-wire 5.1.0",
        ".har, .zhar; also with bodies in other files, and .har.zip",
    ),
    ImportFormat("sessions of a proxy", "made by hand", "Fiddler (.saz), Charles (.chlsj), items of Burp (XML)"),
    ImportFormat(
        "WARC",
        "GNU Wget 1.21.3, warcio 1.8.1, pywb 2.10.0, warcit 0.4.0",
        "gzip or not; revisits; damaged files as far as possible",
    ),
    ImportFormat("WARC, zstd", "zstd 1.5.4", "one frame per record, with or without a dictionary"),
    ImportFormat("WACZ", "py-wacz 0.6.0, js-wacz 0.1.6", ""),
    ImportFormat("ARC", "made by hand", "extra `warc`"),
    ImportFormat("cassette, Python", "vcrpy 9.4.2, betamax 0.9.0, responses 0.26.3, httpretty 1.1.4", "YAML, JSON"),
    ImportFormat(
        "cassette, other languages",
        "VCR 5.0 (Ruby), go-vcr 1.2, nock 9 and 13, axios-vcr 1.0.2, talkback 4.2.0",
        "also of VCR 1, Betamax (Groovy), PHP-VCR",
    ),
    ImportFormat(
        "mock server, test runner",
        "mountebank 2.9.1, WireMock 3.13.2, newman 6.2.2, Bruno 4.1.0, schemathesis 4.32.5, JMeter 2.13 (XML)",
        "with the bodies in it; also of Hoverfly, MockServer",
    ),
    ImportFormat("collection of Postman or Hoppscotch", "made by hand", "the saved examples; Postman v1, v2.0, v2.1"),
    ImportFormat(
        "export of a database",
        "made by hand",
        "JSON of MongoDB, Elasticsearch, CouchDB, TinyDB, Firebase; also other JSON, JSON5, text with objects of the"
        " API in it, and objects as Python and Ruby print them",
    ),
    ImportFormat(
        "table of objects",
        "flattr-tui export, pandas 3.1, csvkit 2.2, Miller 6.6, json2csv 5.0",
        "CSV or TSV with columns such as thing.id, also flattened JSON",
    ),
    ImportFormat("network log of a browser", "Chromium 156", "--log-net-log with --net-log-capture-mode=Everything"),
    ImportFormat(
        "page of a browser",
        "Chromium 156",
        "HTML or MHTML of a page that shows a response; also web archives of Safari",
    ),
    ImportFormat("mail, mailbox", "made by hand", ".eml, mbox: the attached files"),
    ImportFormat("revenue report", "LibreOffice 7.4", "CSV as Flattr, R's write.csv2 and spreadsheets write it"),
    ImportFormat("export of the browser extension", "made by hand", "export-*.json; the browsing history is not kept"),
    ImportFormat("feed with payment links", "made by hand", "RSS 2.0, Atom"),
    ImportFormat(
        "archive of any of these", "Python 3.11, zstd 1.5.4", "zip, tar; gzip, xz, bzip2, zstd; br (extra `warc`)"
    ),
    ImportFormat("bundle", "flattr-tui bundle", ""),
)


def echo_outcome(outcome: ImportOutcome, *, verbose: bool) -> None:
    """Write a report on an import for people: what was imported to stdout, and what was left out to stderr.

    With `verbose`, each file and each entry that was left out is named.
    """
    echo_done(f"{_format_counts(outcome.new, outcome.already_stored, outcome.skipped_count, outcome.bookmarks)}.")
    if not (outcome.new or outcome.already_stored or outcome.skipped_count or outcome.bookmarks or outcome.stopped):
        echo_error("Nothing was found that could be imported.")
    if verbose and len(outcome.files) > 1:
        for file, counts in outcome.files.items():
            echo_done(f"{single_line(file)}: {_format_counts(counts.new, counts.known, counts.left_out)}")
    if sentence := describe_contents(outcome):
        # things alone are listed nowhere
        how = "See them" if any(outcome.people) or outcome.earnings else "Press ctrl+f to find them"
        echo_done(f"{sentence}. {how}: {view_command(outcome)}")
    if UNNAMED in outcome.earnings:
        echo_done(f"The files do not say who {UNNAMED!r} is: {NAME} library rename {UNNAMED} NAME")
    for remark in outcome.remarks:
        echo_done(single_line(remark))
    if outcome.stopped:
        echo_error("Stopped. What was read so far is kept; import again to continue.")
    _echo_left_out(outcome, verbose=verbose)


def _format_counts(new: int, known: int, left_out: int, bookmarks: int = 0) -> str:
    parts = [f"{new:,} imported"]
    parts += [f"{known:,} already there"] if known else []
    parts += [f"{left_out:,} left out"] if left_out else []
    parts += [f"{bookmarks:,} bookmarks added"] if bookmarks else []
    return ", ".join(parts)


def _echo_left_out(outcome: ImportOutcome, *, verbose: bool) -> None:
    if verbose or outcome.skipped_count <= MAX_NAMED:
        for left_out in outcome.skipped:
            echo_error(f"left out: {left_out}")
        if (more := outcome.skipped_count - len(outcome.skipped)) > 0:
            echo_error(f"… and {more:,} more.")
        return
    reasons = outcome.reasons.most_common()
    for reason, number in reasons[:MAX_NAMED]:
        echo_error(f"left out, {'once' if number == 1 else f'{number:,} times'}: {reason}")
    more = sum(number for _, number in reasons[MAX_NAMED:])
    echo_error(f"{f'… and {more:,} more for other reasons. ' if more else ''}--verbose names each.")


def describe_contents(outcome: ImportOutcome) -> str:
    """Return a text about what was imported: `5 things and 30 flattrs of ada; 3 months of earnings of ada`.

    Returns "" if nothing was imported.
    """
    people = _rank_people(outcome)
    parts = [part for name in people[:MAX_PEOPLE] if (part := _describe_person(name, outcome.people[name]))]
    if len(people) > MAX_PEOPLE:
        parts.append(f"and of {len(people) - MAX_PEOPLE:,} other people")
    for name, months in sorted(outcome.earnings.items()):
        parts.append(f"{_count(len(months), 'months')} of earnings of {name}")
    return "; ".join(parts)


def _describe_person(name: str, kinds: dict[str, set[str]]) -> str:
    counted = [_count(len(kinds[kind]), kind) for kind in _KINDS if kinds.get(kind)]
    if kinds.get("people") and name:
        counted.append("the profile")
    text = " and ".join([", ".join(counted[:-1]), counted[-1]] if len(counted) > 1 else counted)
    return f"{text} of {name}" if text and name else text


def _rank_people(outcome: ImportOutcome) -> list[str]:
    """Return the names of the people whose data was imported. The person with the most items comes first.

    If there are items without an owner, the last name is "".
    """
    return sorted(
        outcome.people, key=lambda name: (not name, -sum(map(len, outcome.people[name].values())), name.casefold())
    )


def _count(number: int, plural: str) -> str:
    singular = plural.removesuffix("ies") + "y" if plural.endswith("ies") else plural.removesuffix("s")
    return f"{number:,} {plural if number != 1 else singular}"


def view_command(outcome: ImportOutcome) -> str:
    """Return a shell command that shows what was imported: `flattr-tui --source saved --user ada`."""
    people = [name for name in _rank_people(outcome) if name]
    if not people and outcome.earnings and not outcome.people:
        return f"{NAME} earnings {shlex.quote(min(outcome.earnings))}"
    user = f" --user {shlex.quote(people[0])}" if people else ""
    return f"{NAME} --source saved{user}"


def echo_json(outcome: ImportOutcome) -> None:
    """Print the result of an import as one JSON object, for scripts."""
    result = {
        "imported": outcome.new,
        "already_there": outcome.already_stored,
        "left_out": outcome.skipped_count,
        "bookmarks": outcome.bookmarks,
        "stopped": outcome.stopped,
        "people": {
            name: {kind: len(keys) for kind, keys in outcome.people[name].items()} for name in _rank_people(outcome)
        },
        "earnings": {name: sorted(months) for name, months in sorted(outcome.earnings.items())},
        "see": view_command(outcome) if outcome.people or outcome.earnings else None,
        "files": [
            {"file": file, "imported": counts.new, "already_there": counts.known, "left_out": counts.left_out}
            for file, counts in outcome.files.items()
        ],
        "reasons": dict(outcome.reasons.most_common()),
        "named": [{"file": one.file, "place": one.place, "reason": one.reason} for one in outcome.skipped],
        "remarks": outcome.remarks,
    }
    click.echo(json.dumps(result, ensure_ascii=False, indent=2))


def read_user(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Return `value`, the user name given with --user, without an `@` in front; None if --user is not given.

    Raises `BadParameter` for a text that can't be a user name.
    """
    return None if value is None else _check_owner(value)


def _echo_formats(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        for line in format_columns(("KIND", "TESTED WITH FILES OF", "NOTE"), FORMATS, text_columns=3):
            click.echo(line)
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
Importing again changes nothing. Exit code 1: the files contain no data of Flattr.
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
              help="List the supported formats, and the programs tested.")  # fmt: skip
@click.pass_context
def import_command(
    context: click.Context,
    files: tuple[Path, ...],
    account: str,
    url: str,
    user: str | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Import data that was saved elsewhere.

    A FILE can be one or several responses of the API in any of its formats (YAML as .yaml), with or without their
    headers, as `curl -i`, `curl -v`, `curl --trace` and HTTPie print them; what `export` wrote as csv, json or jsonl;
    an HTTP archive of a browser or proxy (HAR); a web archive (WARC, WACZ, or the older ARC); a cassette of VCR, vcrpy,
    go-vcr, nock or others; the cache of a program, also in SQLite; the stubs of a mock server; a Postman collection
    with examples; a page that a browser saved; a mail with attached files; a feed with payment links; or a bundle. It
    may be compressed (gzip, xz, bzip2, zstd), in a zip or tar archive or a folder, or come through a pipe (`-` is
    standard input). br and ARC need the extra `warc`.

    A FILE can also be one of Flattr's monthly revenue reports (CSV), as Flattr, R or a spreadsheet wrote it, or an
    export of the browser extension. These do not name their owner, so use --user. Without it you are asked, or the data
    belongs to 'me'.

    You can then read each response under the source `saved`, with its own date. The responses in a bundle keep their
    sources and accounts. Everything that was not imported is counted and named.
    """
    if url:
        try:
            match_url(url)
        except UnrecognizedError as error:
            raise click.UsageError(f"--url: {error}.", context) from error
    for file in files:
        if file.is_fifo() and file.parent != Path("/dev/fd"):
            echo_note(f"{file} is a pipe: waiting for the program that writes to it; ctrl+c stops.")
    with readable_files(files) as readable:
        outcome = asyncio.run(_import(context, readable, account, url, user))
        for given, read in zip(files, readable, strict=True):
            if given == DASH:
                outcome.name_file(read, "standard input")
    if as_json:
        echo_json(outcome)
    else:
        echo_outcome(outcome, verbose=verbose)
    code = 0 if outcome.new or outcome.already_stored else 1
    context.exit(INTERRUPTED if outcome.stopped else code)


async def _import(
    context: click.Context, files: Sequence[Path], account: str, url: str, user: str | None
) -> ImportOutcome:
    from flattr_tui.cli.library_factory import open_library  # noqa: PLC0415 -- imports the store, which --help does not need

    async with aclosing(open_library(context.obj, SourceKind.SAVED.value, "")) as library:
        try:
            library.responses.wait_until_writable()
        except UnwritableError as error:
            reason = f"{error.cause}. {error.advice}"
            raise click.ClickException(f"Nothing was imported: it could not be saved. {reason}") from error
        with ProgressLine() as progress_line, _stoppable(progress_line) as is_stopped:
            options = ImportOptions(
                account=account,
                url=url,
                owner=lambda: user or _ask_owner(progress_line),
                bookmarks=library.bookmarks,
                progress=progress_line,
                is_stopped=is_stopped,
            )
            outcome = import_files(library.responses, files, options)
            library.catalogue.ingestor.catch_up(lambda done, of: progress_line("adding to the catalogue", done, of))
        return outcome


@contextmanager
def _stoppable(progress_line: ProgressLine) -> Iterator[Callable[[], bool]]:
    """Handle ctrl+c during a `with` block. Yields a function that returns whether ctrl+c was pressed.

    The first ctrl+c only shows on `progress_line` that the import stops. A second one raises `KeyboardInterrupt`.
    """
    stopped = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopped
        if stopped:
            raise KeyboardInterrupt
        stopped = True
        progress_line.show("stopping, and keeping what was read")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield lambda: stopped
    finally:
        signal.signal(signal.SIGINT, before)


def _ask_owner(progress_line: ProgressLine) -> str:
    """Ask on the terminal whose files are imported, and return the user name; `UNNAMED` if there is no terminal.

    Before the question, the progress line is cleared.
    """
    if not sys.stdin.isatty():
        return UNNAMED
    progress_line.clear()
    question = "Whose revenue reports or flattrs are these? Their Flattr user name"
    return str(click.prompt(question, default=UNNAMED, err=True, value_proc=_check_owner))


def _check_owner(text: str) -> str:
    try:
        return read_owner(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error


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

"""The command `get`: calls one method of the API, for scripts. With `--all`, it reads all pages of a list.

Reading a list always ends, even if the server never sends an empty page.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

import click
import msgspec

from flattr_tui.api.errors import UsageError
from flattr_tui.api.method_table import Format, Method
from flattr_tui.cli.commands.methods import complete_format, complete_method, complete_parameter
from flattr_tui.cli.errors import echo_error, echo_note, strip_key_hints
from flattr_tui.library.api_descriptions import read_arguments, read_method
from flattr_tui.library.console import pretty_printer
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.library.fetch.queue_and_limits import MAX_PAGE_SIZE
from flattr_tui.model.api_request import DEFAULT_PAGE_SIZE, ResponseKind
from flattr_tui.model.entities import Item, Json, NotFlattrError
from flattr_tui.model.entity_decoder import DecodedPage, decode_page
from flattr_tui.model.record_reader import find_records
from flattr_tui.model.response_body_parser import RepairLog, parse_body
from flattr_tui.ui.format import ago

if TYPE_CHECKING:
    from flattr_tui.library.account.write_service import WriteService

EPILOG = """\b
Examples:
  flattr-tui get user-things username=ada count=5
  flattr-tui get search query=fingerprint sort=flattrs full
  flattr-tui get user-flattrs username=ada --all > flattrs.json
  flattr-tui get user-activities username=ada --format atom
  flattr-tui get lookup url=https://example.com/ && echo known
  flattr-tui get flattr id=469849 --yes
  flattr-tui get update-thing id=416185 tags= --yes     # removes its tags

\b
The body goes to the standard output, everything else to the standard error.
At a terminal it is laid out for reading, and control characters in it are
escaped; anywhere else, and with --raw, it is written as it was sent.

\b
Exit codes:
  0  success (lookup: there is such a thing); also if no response to a change
     came, but a check showed that it was done
  1  the API refused; the body of its error is written with --raw
     (lookup: there is no such thing, as the body says)
  2  the request can't be made, for example with an unknown parameter
  3  no connection; or offline, and no response to this request is saved
  4  not logged in, or the login does not allow this
  5  the rate limit of this hour is reached

`flattr-tui methods` lists the methods, `flattr-tui methods NAME` a method's parameters.
"""
MAX_PAGES: Final = 100_000
"""Maximum number of API pages that are read of a list. A longer list is considered endless."""
SAME_PAGE: Final = "the server sends the same page for every number, so the list may be incomplete."


async def iter_pages(
    console: ApiConsole, method: Method, arguments: Mapping[str, str], format: Format | None
) -> AsyncIterator[Exchange]:
    """Yield the exchanges (requests and responses) that read an API list page by page.

    Reading ends at the first empty page, or after the first exchange that fails. With `format` None, the method's
    default format is requested.

    Only an empty page proves the end of the list. A short page does not: the server may allow only smaller pages, or
    hide items. If two pages in a row have no new items, the server ignores page numbers, and reading ends. Source:
    `flattr/developers.flattr.net`, content/api/index.md, 'Pagination'.
    """
    count = int(arguments.get("count") or MAX_PAGE_SIZE)
    first = int(arguments.get("page") or 1)
    walk = _PageTracker()
    for page in range(first, first + MAX_PAGES):
        asked = {**arguments, "count": str(count), "page": str(page)}
        exchange = await console.send(method, asked, format, remember=False)
        if walk.short and exchange.status == 404:
            return  # some servers send 404 for a page after the last one
        read = _decode(exchange)
        if page > first and read is not None and not read.records:
            return
        if read is not None and not exchange.exit_code and walk.add_page(read, count):
            if walk.may_be_incomplete:
                yield msgspec.structs.replace(exchange, problem=SAME_PAGE, exit_code=1)
            return
        yield exchange
        if exchange.exit_code or read is None or not read.records:
            return
        if console.offline and walk.short_as_saved:
            return  # offline, it can't be found out whether there is another page
        if page == first and DEFAULT_PAGE_SIZE <= read.records < count:
            # Request pages of the size that the server allows, as the rest of the program does.
            count = read.records


class _PageTracker:
    """Tracks the pages of an API list that were read so far, to find out whether the list continues."""

    def __init__(self) -> None:
        self.short = False
        """Whether the last page had fewer items than requested."""
        self.short_as_saved = False
        """Whether the last page was shorter than requested, and shorter than the default page size or the first page.

        A list that is read from saved data has no more pages then.
        """
        self._known: set[str] = set()
        self._first = 0
        self._pages = self._stale = 0
        self._full = False
        self._went_on = False

    @property
    def may_be_incomplete(self) -> bool:
        """Whether the server seems to ignore page numbers, so that the list may have more items than were read.

        This is so if the first page was full, and all later pages had only items of earlier pages.
        """
        return self._full and not self._went_on

    def add_page(self, page: DecodedPage, count: int) -> bool:
        """Add the page that was read last. Returns True if this page and the one before it had no new items.

        The caller then stops reading. A single page without new items is normal: if the list grows while it is read,
        items move to the next page. `count` is the requested page size.
        """
        keys = {entity.key for entity in page.entities if isinstance(entity, Item)}
        is_new = not self._known.issuperset(keys)
        self._known |= keys
        self._pages += 1
        self.short = page.records < count
        self._first = self._first or page.records
        self.short_as_saved = page.records < min(count, max(DEFAULT_PAGE_SIZE, self._first))
        if self._pages == 1:
            self._full = DEFAULT_PAGE_SIZE <= page.records <= count
            return False
        self._went_on |= is_new
        self._stale = 0 if is_new else self._stale + 1
        return self._stale > 1


def _decode(exchange: Exchange) -> DecodedPage | None:
    try:
        return decode_page(exchange.api_method.response_kind, exchange.body or b"", exchange.content_type)
    except NotFlattrError:
        return None  # reported when the page is written


def split_items(exchange: Exchange) -> list[bytes]:
    """Return the items of an API page as JSON texts, exactly as the server sent them.

    If the page is not a plain JSON array, a tolerant parser reads it, and its items are encoded again as JSON. Raises
    `NotFlattrError` if the response is not an API page.
    """
    raw: bytes | msgspec.Raw = exchange.body or b"[]"
    try:
        if exchange.api_method.response_kind is ResponseKind.SEARCH:
            raw = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get("things", msgspec.Raw(b"[]"))
        return [bytes(item) for item in msgspec.json.decode(raw, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        repair = RepairLog()
        found = find_records(
            exchange.api_method.response_kind, parse_body(exchange.body or b"", exchange.content_type, repair), repair
        )
        return [_encode_again(item) for item in found]


def _encode_again(item: Json) -> bytes:
    try:
        return msgspec.json.encode(item)
    except UnicodeEncodeError:
        return json.dumps(item).encode()  # a lone surrogate, which only an escape can represent


@dataclass(frozen=True, slots=True)
class OutputOptions:
    """The options of the command `get`: how the response is requested and written."""

    format: Format | None = None
    """The format of the response; None for the method's default format."""
    all_pages: bool = False
    """Whether to read all pages of a list."""
    raw: bool = False
    """Whether to write the body of an error response, too."""
    include: bool = False
    """Whether to write the status and the headers before the body."""
    confirmed: bool = False
    """Whether the user has given --yes, which a method that changes something needs."""


async def perform(
    console: ApiConsole,
    method: Method,
    arguments: Mapping[str, str],
    options: OutputOptions,
    out: BinaryIO,
    *,
    pretty: bool,
    writes: "WriteService | None" = None,
) -> int:
    """Call an API method, write the response to `out`, and return the exit code of the program.

    With `pretty`, bodies are formatted for people. `writes` is needed for a method that changes something: it marks the
    changed data as outdated and, if no response arrives, checks whether the server has made the change. None stands for
    a method that only reads. Raises `UsageError` if the options don't fit the method.
    """
    if options.all_pages:
        return await _write_all_pages(console, method, arguments, options, out, pretty=pretty)
    wrap_write = writes.perform_custom if writes is not None else None
    exchange = await console.send(
        method, arguments, options.format, confirmed=options.confirmed, remember=False, wrap_write=wrap_write
    )
    echo_remarks(exchange)
    if options.include and exchange.has_response:
        out.write(format_head(exchange))
    # A saved response in place of a failed one is for people only: a script wants a fresh one.
    if exchange.body and (options.raw or not exchange.problem):
        out.write(_format_body(exchange.body, exchange.content_type, pretty=pretty))
    out.flush()
    if exchange.unsure and writes is not None:
        check = await writes.look_up(method, exchange.arguments)
        echo_error(check.finding)
        return 0 if check.done else exchange.exit_code
    return exchange.exit_code


def echo_remarks(exchange: Exchange) -> None:
    """Write to stderr why an exchange failed, how old the saved response is, or a note about the response."""
    if exchange.problem:
        echo_error(f"{exchange}: {strip_key_hints(exchange.problem)}")
        if exchange.saved:
            age = ago(exchange.sent_at - exchange.fetched_at)
            echo_note(f"A response saved {age} exists: get it with --offline.")
    elif exchange.saved:
        age = ago(exchange.sent_at - exchange.fetched_at)
        echo_note(f"Offline: saved {age}.{' ' if exchange.note else ''}{exchange.note}")
    elif exchange.note:
        echo_note(exchange.note)


def format_head(exchange: Exchange) -> bytes:
    """Return the status line and the headers of a response as text, in the form that `curl --include` writes."""
    lines = [f"HTTP/1.1 {exchange.status}", *(f"{name}: {value}" for name, value in exchange.headers.items())]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def _format_body(body: bytes, content_type: str, *, pretty: bool) -> bytes:
    if not pretty:
        return body
    return pretty_printer.pretty(body, content_type).encode("utf-8", errors="replace") + b"\n"


# -- all pages


async def _write_all_pages(
    console: ApiConsole,
    method: Method,
    arguments: Mapping[str, str],
    options: OutputOptions,
    out: BinaryIO,
    *,
    pretty: bool,
) -> int:
    if not method.is_list:
        raise UsageError(f"{method.name} has no pages, so leave out --all.")
    if options.include:
        raise UsageError("--all and --include can't be combined: each page has its own headers.")
    as_array = (options.format or method.default_format) is Format.JSON
    code, written = 0, 0
    seen: set[int] = set()
    try:
        async for exchange in iter_pages(console, method, arguments, options.format):
            echo_remarks(exchange)
            code = exchange.exit_code
            if code:
                if options.raw and not written and exchange.body:
                    out.write(exchange.body)
                break
            if not as_array:
                out.write(_format_body(exchange.body or b"", exchange.content_type, pretty=pretty))
                out.write(b"" if pretty else b"\n")
                continue
            try:
                items = split_items(exchange)
            except NotFlattrError as error:
                echo_error(f"{exchange}: the response is {error}.")
                code = 1
                break
            for item in items:
                # If the list grows while it is read, items move to the next page. None is written twice.
                if hash(item) not in seen:
                    seen.add(hash(item))
                    out.write(b",\n" if written else b"[\n")
                    out.write(_indent_item(item) if pretty else item)
                    written += 1
            out.flush()
    finally:
        if as_array and (written or not code):
            out.write(b"\n]\n" if written else b"[]\n")
        out.flush()
    return code


def _indent_item(item: bytes) -> bytes:
    lines = pretty_printer.format_body(item, "application/json").lines
    return "\n".join(f"  {line}" for line in lines).encode("utf-8", errors="replace")


# -- the command


@click.command("get", epilog=EPILOG, short_help="Call one method of the API, for scripts.")
@click.argument("name", metavar="METHOD", shell_complete=complete_method)
@click.argument("parameters", metavar="[PARAM=VALUE]...", nargs=-1, shell_complete=complete_parameter)
@click.option("-f", "--format", metavar="FORMAT", shell_complete=complete_format, help="json, xml, yaml, as or atom.")
@click.option("-a", "--all", "everything", is_flag=True, help="Fetch all pages; as JSON, write one array.")
@click.option("-r", "--raw", is_flag=True, help="Write bodies unchanged, including those of errors.")
@click.option("-i", "--include", is_flag=True, help="Write the status and the headers before the body.")
@click.option("-y", "--yes", "confirmed", is_flag=True, help="Confirm a method that changes something.")
@click.pass_context
def get_command(
    context: click.Context,
    name: str,
    parameters: tuple[str, ...],
    format: str | None,
    everything: bool,
    raw: bool,
    include: bool,
    confirmed: bool,
) -> None:
    """Call METHOD with its parameters, and write the body of the response.

    Flags such as `full` can be given without `=1`.
    """
    from flattr_tui.cli.library_factory import run_coroutine  # noqa: PLC0415 -- imports the store, which --help does not need

    try:
        method = read_method(name)
        arguments = read_arguments(method, parameters)
        options = OutputOptions(read_format(format), everything, raw, include, confirmed)
        if method.writes and not confirmed:
            raise UsageError(f"{method.name} changes something. Add --yes to send it.")  # noqa: TRY301 -- reported below
        code = run_coroutine(run(context, method, arguments, options))
    except UsageError as error:
        raise click.UsageError(str(error), context) from error
    context.exit(code)


def read_format(name: str | None) -> Format | None:
    """Return the response format called `name`; None if `name` is None. Raises `UsageError` for an unknown name."""
    if name is None:
        return None
    try:
        return Format(name.lower())
    except ValueError as error:
        raise UsageError(f"{name!r} is not one of the formats {', '.join(Format)}.") from error


async def run(context: click.Context, method: Method, arguments: Mapping[str, str], options: OutputOptions) -> int:
    """Open the library, call an API method, write the response to stdout, and return the exit code of the program.

    Raises `UsageError` if the options don't fit the method.
    """
    from flattr_tui.cli.library_factory import open_library  # noqa: PLC0415 -- imports the store and the client, which --help does not need

    library = open_library(context.obj)
    try:
        pretty = sys.stdout.isatty() and not options.raw
        # The service marks the data that a write changes as outdated, so that the program fetches it again.
        writes = library.writes if method.writes else None
        return await perform(
            library.console, method, arguments, options, sys.stdout.buffer, pretty=pretty, writes=writes
        )
    except asyncio.CancelledError:
        if method.writes:  # the server may have done it nevertheless
            library.writes.refresh_after(method, arguments)
        raise
    finally:
        await library.aclose()

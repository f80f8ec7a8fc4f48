"""The command `changes`: lists what has changed in saved data, for people and for scripts."""

import asyncio
import time
from collections.abc import Iterable
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from flattr_tui.cli.command_output import catch_up, format_columns
from flattr_tui.cli.local_timezone import LocalZone
from flattr_tui.library.query.change_history import ChangedDay, ChangeKind, ChangeRecord, ChangeRow, ChangesReader
from flattr_tui.model.query_dates import parse_date
from flattr_tui.model.query_language import Query, QueryContext, QuerySyntaxError, parse_query

if TYPE_CHECKING:
    from flattr_tui.cli.library_factory import LibraryServices

EPILOG = """\b
Examples:
  flattr-tui changes
  flattr-tui changes melodia --since 1w
  flattr-tui changes --filter 'tag:audio flattrs:>10'
  flattr-tui changes --since 2016-03 --json | jq -r .title

\b
--json writes one line per change, latest first: at (ISO 8601), change (added,
gone, count), kind (thing, flattr, activity), user, thing, title, url, old, new.
Only the latest 20,000 changes are kept. No connection is opened.
"""


@click.command("changes", epilog=EPILOG)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--since", metavar="DATE", default="",
              help="Since when: 2016-03-31, 2016-03, 2016, today, or an age: 3d, 2w, 1m, 1y.")  # fmt: skip
@click.option("--filter", "text", metavar="QUERY", default="", help="Only what matches: tag:audio -beta, is:mine …")
@click.option("--json", "as_json", is_flag=True, help="Write JSON lines.")
@click.pass_context
def changes_command(context: click.Context, name: str | None, since: str, text: str, as_json: bool) -> None:
    """List the changes by day: items added, items gone, new counts of flattrs. With NAME, only those of this user.

    Each time that a list is fetched or imported, it is compared with what was saved of it before.
    """
    now = QueryContext(now=time.time(), tz=LocalZone())
    begin = parse_date(since, now.now, now.tz) if since else 0
    if begin is None:
        raise click.UsageError(f"--since takes a date or an age, such as 2016-03-31 or 3m, not {since!r}.", context)
    asyncio.run(_run(context, name or "", begin, text, now, as_json=as_json))


async def _run(context: click.Context, name: str, since: int, text: str, now: QueryContext, *, as_json: bool) -> None:
    from flattr_tui.cli.library_factory import open_library  # noqa: PLC0415 -- imports the store, which --help does not need

    async with aclosing(open_library(context.obj)) as library:
        query = _parse_filter(context, text, replace(now, account=library.account))
        catch_up(library.catalogue)
        _write(library, name, since, query, as_json=as_json)


def _parse_filter(context: click.Context, text: str, now: QueryContext) -> Query:
    try:
        return parse_query(text, now)
    except QuerySyntaxError as error:
        raise click.UsageError(f"--filter: {error}", context) from None


def _write(library: "LibraryServices", name: str, since: int, query: Query, *, as_json: bool) -> None:
    reader = ChangesReader(library.catalogue, library.source, library.account)
    days = reader.read_days(LocalZone(), since, name, query)
    if as_json:
        import msgspec  # noqa: PLC0415 -- not needed for --help

        from flattr_tui.library.import_export.exporter import to_api_object  # noqa: PLC0415

        for row in _read_rows(reader, days):
            click.echo(msgspec.json.encode(to_api_object(ChangeRecord.from_row(row))))
    elif days:
        rows = [_to_cells(row) for row in _read_rows(reader, days)]
        for line in format_columns(("DATE", "CHANGE", "KIND", "USER", "WHAT", "FLATTRS"), rows, text_columns=5):
            click.echo(line)
    elif query:
        click.echo("No change matches.")
    else:
        of = f" of {name}" if name else ""
        click.echo(f"Nothing has changed in saved data{of}. `flattr-tui sync` fetches and compares lists.")


def _read_rows(reader: ChangesReader, days: Iterable[ChangedDay]) -> Iterable[ChangeRow]:
    for day in days:
        yield from (row for row in reader.read_rows(day.changes) if isinstance(row, ChangeRow))


def _to_cells(row: ChangeRow) -> tuple[str, ...]:
    change = row.change
    is_count = change.kind is ChangeKind.RECOUNTED
    counts = f"{change.old:,} -> {change.new:,}" if is_count else ""
    date = f"{datetime.fromtimestamp(change.at, LocalZone()):%Y-%m-%d}"
    return date, change.kind.value, change.noun, change.username, ChangeRecord.from_row(row).title, counts

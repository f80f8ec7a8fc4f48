"""The command `earnings`: sums up monthly revenue reports, for people and for scripts."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

import click

from flattr_tui.cli.command_output import catch_up, format_columns
from flattr_tui.cli.errors import echo_error
from flattr_tui.library.import_export.exporter import escape_markdown
from flattr_tui.library.query.earnings import Earnings, Group, Grouping
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.revenue import CURRENCY, RevenueRow, format_cents, read_owner
from flattr_tui.model.revenue_csv import serialize_export

if TYPE_CHECKING:
    from flattr_tui.cli.library_factory import LibraryServices

FORMATS: Final = ("table", "csv", "json", "md")
TITLE_WIDTH: Final = 60
"""Maximum number of characters of a thing's title in the printed table. Longer titles are cut."""

EPILOG = """\b
Examples:
  flattr-tui earnings
  flattr-tui earnings ada --by thing
  flattr-tui earnings ada --by domain --format md
  flattr-tui earnings ada --format json | jq -r .revenue
  flattr-tui earnings ada --format csv > earnings.csv

\b
CSV contains the rows of the reports, in the order of --by, and can be read by
`flattr-tui import`. Amounts are in euros.
Exit code 1: no revenue report is saved.
"""


@click.command("earnings", epilog=EPILOG)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--by", "grouping", type=click.Choice([grouping.value for grouping in Grouping]),
              default=Grouping.MONTH.value, show_default=True, help="What to sum up by.")  # fmt: skip
@click.option("-f", "--format", "form", type=click.Choice(FORMATS), default="table", show_default=True,
              help="Output format.")  # fmt: skip
@click.option("--exact", is_flag=True,
              help="Distinguish pages by scheme, www., last slash and the day of a permalink.")  # fmt: skip
@click.pass_context
def earnings_command(context: click.Context, name: str | None, grouping: str, form: str, exact: bool) -> None:
    """Sum up the saved revenue reports of NAME, or of everybody: the money received, not the money given."""
    try:
        owner = None if name is None else read_owner(name)
    except ValueError as error:
        raise click.UsageError(f"{error}.", context) from error
    asyncio.run(_run(context, owner, Grouping(grouping), form, exact=exact))


async def _run(context: click.Context, owner: str | None, grouping: Grouping, form: str, *, exact: bool) -> None:
    from flattr_tui.cli.library_factory import open_library  # noqa: PLC0415 -- imports the store, which --help does not need

    async with aclosing(open_library(context.obj, SourceKind.SAVED.value, "")) as library:
        catch_up(library.catalogue)
        _write(library, owner, grouping, form, exact=exact)


def _write(library: "LibraryServices", owner: str | None, grouping: Grouping, form: str, *, exact: bool) -> None:
    revenue = library.catalogue.revenue
    owned = revenue.owned_rows(owner)
    earnings = Earnings((row for _, row in owned), revenue.months(owner))
    if not earnings.months:
        others = ", ".join(earner.name for earner in revenue.earners())
        known = f" There are reports of: {others}." if others else " `flattr-tui import FILE --user NAME` reads one."
        raise click.ClickException(f"No revenue report {f'of {owner} ' if owner else ''}is saved.{known}")
    groups = earnings.group_by(grouping, exact=exact)
    if form == "json":
        click.echo(_to_json(earnings, groups, grouping))
    elif form == "csv":
        for text in serialize_export(_sort_rows(owned, groups)):
            click.echo(text, nl=False)
    else:
        for text in _format_earnings(earnings, groups, grouping, markdown=form == "md"):
            click.echo(text)
    if form in {"csv", "json"}:
        echo_error(f"{earnings.coverage}.")


def _to_json(earnings: Earnings, groups: Iterable[Group], grouping: Grouping) -> bytes:
    import msgspec  # noqa: PLC0415 -- not needed for --help

    rows = [
        {
            grouping.value: int(group.key) if grouping is Grouping.THING else _name_group(group, grouping),
            "clicks": group.clicks,
            "revenue": format_cents(group.cents),
        }
        for group in groups
    ]
    return msgspec.json.encode(
        {
            "currency": CURRENCY,
            "months": len(earnings.months),
            "clicks": earnings.clicks,
            "revenue": format_cents(earnings.cents),
            "rows": rows,
        }
    )


def _name_group(group: Group, grouping: Grouping) -> str:
    return group.title if grouping is Grouping.PAGE else group.key


def _sort_rows(owned: list[tuple[str, RevenueRow]], groups: Iterable[Group]) -> list[tuple[str, RevenueRow]]:
    """Return `owned`, pairs of an owner and a row, in the order in which the rows occur in `groups`.

    Each row must occur in one of the groups.
    """
    place = {id(row): number for number, group in enumerate(groups) for row in group.rows}
    return sorted(owned, key=lambda one: place[id(one[1])])


def _format_earnings(
    earnings: Earnings, groups: Iterable[Group], grouping: Grouping, *, markdown: bool
) -> Iterator[str]:
    thing = grouping is Grouping.THING
    head = (grouping.value, *(("title",) if thing else ()), "clicks", "revenue", *(("clicks total",) if thing else ()))
    rows: list[tuple[str, ...]] = []
    for group in groups:
        named = group.title if thing else _name_group(group, grouping) or "(no address)"
        if markdown and grouping is not Grouping.MONTH:
            named = escape_markdown(named)
        elif thing and len(named) > TITLE_WIDTH:
            named = f"{named[: TITLE_WIDTH - 1]}…"
        total = (f"{group.clicks_total:,}" if group.clicks_total else "",) if thing else ()
        names = (group.key, named) if thing else (named,)
        rows.append((*names, f"{group.clicks:,}", format_cents(group.cents, thousands=","), *total))
    amount = format_cents(earnings.cents, thousands=",")
    empty = ("",) if thing else ()
    rows.append(("total", *empty, f"{earnings.clicks:,}", amount, *empty))
    words = len(head) - 2 - len(empty)
    if markdown:
        yield _markdown(head)
        yield _markdown([*["---"] * words, *["---:"] * (len(head) - words)])
        yield from map(_markdown, rows)
        yield ""
    else:
        yield from format_columns([name.upper() for name in head], rows, text_columns=words)
    yield f"{earnings.coverage}; {amount} {CURRENCY} received."


def _markdown(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

"""Made-up revenue reports, in the forms that Flattr, R and spreadsheets write."""

import csv
import io
from collections.abc import Sequence

from flattr_tui.model.revenue import RevenueRow, format_cents

HEADER = ("period", "id", "flattr url", "url", "title", "clicks", "revenue", "clicks total")


def make_row(
    month: str, thing: int, cents: int, clicks: int = 1, *, title: str = "A title", total: int = 0
) -> RevenueRow:
    """Return a row of a revenue report. The addresses in it contain the id `thing`."""
    return RevenueRow(
        month=month,
        thing=thing,
        flattr_url=f"https://flattr.com/thing/{thing}/Name",
        url=f"http://www.example.org/{thing}/",
        title=title,
        clicks=clicks,
        cents=cents,
        clicks_total=total or clicks,
    )


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def write_original(rows: Sequence[RevenueRow]) -> bytes:
    """Return the report as Flattr wrote it."""
    lines = [";".join(HEADER)]
    for one in rows:
        texts = ";".join(map(_quote, (one.flattr_url, one.url, one.title)))
        lines.append(f"{one.month};{one.thing};{texts};{one.clicks};{format_cents(one.cents, ',')};{one.clicks_total}")
    return "\n".join([*lines, ""]).encode()


def write_as_r(rows: Sequence[RevenueRow], *, numbered: bool = False) -> bytes:
    """Return the report as `write.csv2` of R writes it: no final zeros, dots in the header.

    With `numbered`, a first column without a name numbers the rows.
    """
    lines = [";".join([*(['""'] if numbered else []), *(_quote(name.replace(" ", ".")) for name in HEADER)])]
    for number, one in enumerate(rows, 1):
        amount = format_cents(one.cents, ",").rstrip("0").rstrip(",")
        texts = ";".join(map(_quote, (one.flattr_url, one.url, one.title)))
        first = f'"{number}";' if numbered else ""
        lines.append(f"{first}{_quote(one.month)};{one.thing};{texts};{one.clicks};{amount};{one.clicks_total}")
    return "\n".join([*lines, ""]).encode()


def write_spreadsheet(
    rows: Sequence[RevenueRow], separator: str, decimal: str, *, order: Sequence[int] = range(8), encoding: str
) -> bytes:
    """Return the report as a spreadsheet writes it, with CRLF between lines.

    `separator` stands between cells, `decimal` is the decimal sign, and `order` has the index of the column in each
    place.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    writer.writerow([HEADER[column] for column in order])
    for one in rows:
        amount = format_cents(one.cents, decimal)
        cells = (
            one.month, one.thing, one.flattr_url, one.url, one.title, one.clicks, amount, one.clicks_total,
        )  # fmt: skip
        writer.writerow([cells[column] for column in order])
    return file.getvalue().encode(encoding)

"""Revenue reports of our own making, in the forms that Flattr, R and spreadsheets write."""

import csv
import io
from collections.abc import Sequence

from flattr_tui.model.revenue import RevenueRow, write_euros

HEADER = ("period", "id", "flattr url", "url", "title", "clicks", "revenue", "clicks total")


def row(month: str, thing: int, cents: int, clicks: int = 1, *, title: str = "A title", total: int = 0) -> RevenueRow:
    """Make a row of a thing with addresses that follow from its id."""
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


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def original(rows: Sequence[RevenueRow]) -> bytes:
    """Write it as Flattr did."""
    lines = [";".join(HEADER)]
    for one in rows:
        texts = ";".join(map(_quoted, (one.flattr_url, one.url, one.title)))
        lines.append(f"{one.month};{one.thing};{texts};{one.clicks};{write_euros(one.cents, ',')};{one.clicks_total}")
    return "\n".join([*lines, ""]).encode()


def written_by_r(rows: Sequence[RevenueRow], *, numbered: bool = False) -> bytes:
    """Write it as `write.csv2` of R does: zeros dropped, dots in the header, with or without numbers of the rows."""
    lines = [";".join([*(['""'] if numbered else []), *(_quoted(name.replace(" ", ".")) for name in HEADER)])]
    for number, one in enumerate(rows, 1):
        amount = write_euros(one.cents, ",").rstrip("0").rstrip(",")
        texts = ";".join(map(_quoted, (one.flattr_url, one.url, one.title)))
        first = f'"{number}";' if numbered else ""
        lines.append(f"{first}{_quoted(one.month)};{one.thing};{texts};{one.clicks};{amount};{one.clicks_total}")
    return "\n".join([*lines, ""]).encode()


def spreadsheet(
    rows: Sequence[RevenueRow], separator: str, decimal: str, *, order: Sequence[int] = range(8), encoding: str
) -> bytes:
    """Write it as a spreadsheet does: its separator and decimal sign, CRLF, the columns in another order."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    writer.writerow([HEADER[column] for column in order])
    for one in rows:
        amount = write_euros(one.cents, decimal)
        cells = (
            one.month, one.thing, one.flattr_url, one.url, one.title, one.clicks, amount, one.clicks_total,
        )  # fmt: skip
        writer.writerow([cells[column] for column in order])
    return file.getvalue().encode(encoding)

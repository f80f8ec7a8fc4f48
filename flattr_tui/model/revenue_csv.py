"""Reads revenue reports as Flattr, R and spreadsheets write them, and writes Flattr's own form.

Flattr's form is UTF-8 with `;` between cells, a decimal comma, and quotation marks around addresses and titles only.
R's `write.csv2` quotes the header, writes dots for its blanks, drops zeros (`0,5`) and may number the rows in a first
column without a name. Columns are recognized by the header's names, in any order and number. A row that can't be read
is left out and reported. A file that can be read in two ways is refused, with both ways in the message.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from flattr_tui.model.entities import MAX_INTEGER
from flattr_tui.model.revenue import RevenueRow, format_cents
from flattr_tui.model.revenue_csv_cells import (
    FieldError,
    decimal_sign_of,
    describe_amounts,
    find_decimal_sign,
    is_first_day,
    read_cents,
    read_count,
    read_months,
)
from flattr_tui.model.text_sanitizer import single_line

COLUMNS: Final = ("period", "id", "flattr url", "url", "title", "clicks", "revenue", "clicks total")
OWNER: Final = "owner"
"""The name of a column that only this program writes: the user name of the report's owner."""
_NEEDED: Final = frozenset({"period", "id", "clicks", "revenue"})
_OTHER_NAMES: Final[Mapping[str, str]] = {
    "month": "period",
    "thing": "id",
    "thing id": "id",
    "total clicks": COLUMNS[7],
}
_SEPARATORS: Final = ";,\t|"
_HEAD: Final = 4096
"""Number of bytes, and later of characters, in which the header is searched."""
_PARTS = re.compile(r"[\s._-]+")
_SWALLOWED = re.compile(r'\n"?(?:\d+"?[;,\t|]"?)?\d{4}-\d\d"?[;,\t|]')
"""Matches the beginning of a row inside a cell. A quotation mark before it was then never closed."""
_PLAIN_ROW = re.compile(
    r'"?(\d{4}-\d\d)"?;"?(\d+)"?;"([^"]*)";"([^"]*)";"(.*)";"?(\d+)"?;"?(-?\d+(?:,\d+)?)"?;"?(\d+)"?'
)
"""Matches a row with the columns in Flattr's order. Quotation marks in a title may be single or doubled."""
_RUNS_AS_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_LIKELY_SPLIT: Final = frozenset({"revenue", "title"})
"""The columns in which separators without quotation marks around the cell are most likely."""
_QUOTED: Final = frozenset({"flattr url", "url", "title"})


class NotRevenueReportError(ValueError):
    """The file is not a revenue report or can't be read as one. The message says why, without a full stop."""


class RowProblem(NamedTuple):
    """A row that could not be read and was left out."""

    line: int
    """The number of the line in the file, from 1."""
    reason: str
    """What is wrong, in words without a full stop."""


class RevenueReport(NamedTuple):
    """The content of one report file."""

    rows: tuple[RevenueRow, ...]
    owners: tuple[str, ...]
    """The owner of each row, in the same order; "" if the file does not name one, as in Flattr's own files."""
    problems: tuple[RowProblem, ...]
    """The rows that were left out, in the order of their lines."""


class _Header(NamedTuple):
    separator: str
    names: tuple[str, ...]
    line: int
    """Number of lines before the first row."""

    @property
    def width(self) -> int:
        return len(self.names)


class _Cells(NamedTuple):
    line: int
    cells: dict[str, str]


def is_revenue_report(data: bytes) -> bool:
    """Whether a file's content begins with the header of a revenue report."""
    try:
        return _find_header(_decode(data[:_HEAD], whole=len(data) <= _HEAD)) is not None
    except NotRevenueReportError:
        return False


def read_report(data: bytes) -> RevenueReport:
    """Return the content of a report file.

    Raises `NotRevenueReportError` if the file is not a revenue report, or if its amounts are ambiguous: `1.234` may be
    more than a thousand euros, or little more than one.
    """
    text = _decode(data)
    header = _find_header(text)
    if header is None:
        raise NotRevenueReportError("is not a revenue report: its first line lacks period, id, clicks or revenue")
    rows: list[RevenueRow] = []
    owners: list[str] = []
    problems: list[RowProblem] = []
    found = list(_read_cells(text, header, problems))
    decimal, doubt = find_decimal_sign(row.cells["revenue"] for row in found)
    if doubt:
        raise NotRevenueReportError(f"can be read in two ways: {doubt}; write amounts with two decimal places")
    months = _read_all_months(found)
    for number, cells in found:
        try:
            rows.append(_read_row(cells, months.get(cells["period"], ""), decimal))
            owners.append(single_line(_unguard_formula(cells.get(OWNER, ""))))
        except FieldError as error:
            problems.append(RowProblem(number, str(error)))
    return RevenueReport(tuple(rows), tuple(owners), tuple(sorted(problems)))


def serialize_report(rows: Iterable[RevenueRow]) -> str:
    """Return rows as the text of a report in Flattr's own form, in which reports are stored."""
    return "".join([";".join(COLUMNS) + "\n", *map(_serialize_row, rows)])


def serialize_export(rows: Iterable[tuple[str, RevenueRow]]) -> Iterator[str]:
    """Yield the lines of a report for spreadsheets. It has the columns of Flattr's reports, and a column `owner`.

    `rows` are pairs of an owner and a row. Text that a spreadsheet would run as a formula gets an apostrophe in front,
    which `read_report` removes again.
    """
    yield ";".join((*COLUMNS, OWNER)) + "\n"
    for owner, row in rows:
        yield _serialize_row(row, owner)


def _serialize_row(row: RevenueRow, owner: str | None = None) -> str:
    values: list[str] = []
    for name, value in zip(COLUMNS, _cells_of(row), strict=True):
        if name in _QUOTED:
            value = f'"{(value if owner is None else _guard_formula(value)).replace(chr(34), chr(34) * 2)}"'  # noqa: PLW2901
        values.append(value)
    if owner is not None:
        values.append(f'"{_guard_formula(owner).replace(chr(34), chr(34) * 2)}"')
    return ";".join(values) + "\n"


def _cells_of(row: RevenueRow) -> tuple[str, ...]:
    amount, total = format_cents(row.cents, ","), str(row.clicks_total)
    return row.month, str(row.thing), row.flattr_url, row.url, row.title, str(row.clicks), amount, total


def _guard_formula(text: str) -> str:
    return f"'{text}" if text.lstrip("'").startswith(_RUNS_AS_FORMULA) else text


def _unguard_formula(text: str) -> str:
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_RUNS_AS_FORMULA) else text


def _decode(data: bytes, *, whole: bool = True) -> str:
    """Return a file's text. Flattr and R write UTF-8 or Windows-1252, spreadsheets also UTF-16.

    With `whole` False, `data` is only the beginning of the file. Raises `NotRevenueReportError` for data that is not
    text.
    """
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not wide and b"\0" in data:
        raise NotRevenueReportError("is not text")
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig", "strict" if whole else "ignore")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _find_header(text: str) -> _Header | None:
    """Return the header of a report, which is the first line of `text` with content.

    Returns None if the header lacks a required column.
    """
    number = 0
    for number, first in enumerate(io.StringIO(text[:_HEAD]), 1):  # noqa: B007 -- the header's line
        if first.strip() and not re.fullmatch(r'"?sep=.?"?', first.strip(), re.IGNORECASE):
            break
    else:
        return None
    for separator in _SEPARATORS:
        if separator not in first:
            continue
        try:
            cells = next(csv.reader([first], delimiter=separator))
        except csv.Error:
            continue
        names = tuple(map(_flattr_column, cells))
        if set(names) >= _NEEDED:
            doubled = {name for name in names if name in COLUMNS and names.count(name) > 1}
            if doubled:
                raise NotRevenueReportError(f"has two columns that are called {doubled.pop()!r}")
            return _Header(separator, names, number)
    return None


def _flattr_column(name: str) -> str:
    """Return the name of a column in Flattr's spelling. R and spreadsheets may have changed its blanks and capitals."""
    plain = _PARTS.sub(" ", name.strip()).strip().casefold()
    return _OTHER_NAMES.get(plain, plain)


def _read_cells(text: str, header: _Header, problems: list[RowProblem]) -> Iterator[_Cells]:
    """Yield the rows as texts by column name. Rows with a wrong number of cells are added to `problems`."""
    odd: list[tuple[int, list[str]]] = []
    for number, cells in _split_rows(text, header):
        while len(cells) > header.width and not cells[-1].strip():
            cells.pop()
        if not any(map(str.strip, cells)) or _is_header(cells, header):
            continue
        if len(cells) == header.width:
            yield _Cells(number, dict(zip(header.names, cells, strict=True)))
        elif len(cells) < header.width - 1:
            problems.append(RowProblem(number, f"has {len(cells)} of {header.width} cells"))
        elif len(cells) == header.width - 1 and "clicks total" in header.names[-1:]:
            yield _Cells(number, dict(zip(header.names, [*cells, ""], strict=True)))
        else:
            odd.append((number, cells))
    yield from _read_odd_rows(odd, header, problems)


def _is_header(cells: Sequence[str], header: _Header) -> bool:
    """Whether `cells`, the cells of a row, repeat the header: several reports may have been joined with `cat`."""
    return [_flattr_column(cell.lstrip("\ufeff")) for cell in cells[:2]] == list(header.names[:2])


def _split_rows(text: str, header: _Header) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the cells of each row after the header.

    If a quotation mark that is never closed would turn several rows into one cell, each line counts as a row instead.
    Raises `NotRevenueReportError` if the text is not a table.
    """
    if header.names == COLUMNS and header.separator == ";":
        lines = enumerate(text.split("\n")[header.line :], header.line + 1)
        plain = [(number, _PLAIN_ROW.fullmatch(row.rstrip(";"))) for number, row in lines if row.strip("; ")]
        if all(found for _, found in plain):
            return iter(
                [(number, [cell.replace('""', '"') for cell in found.groups()]) for number, found in plain if found]
            )
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=header.separator)
        rows = [(reader.line_num, cells) for cells in reader]
        swallows = any(_SWALLOWED.search(cell) for _, cells in rows for cell in cells if "\n" in cell)
    except csv.Error:
        swallows = True
    if swallows:
        try:
            rows = [(number, _split_line(single, header)) for number, single in enumerate(text.split("\n"), 1)]
        except csv.Error as error:
            raise NotRevenueReportError(f"can't be read as a table ({error})") from error
    return iter([(number, cells) for number, cells in rows if number > header.line])


def _split_line(text: str, header: _Header) -> list[str]:
    cells = next(csv.reader([text], delimiter=header.separator), [])
    bare = text.split(header.separator)
    return [cell.strip('"') for cell in bare] if len(cells) < header.width == len(bare) else cells


def _read_odd_rows(
    odd: Sequence[tuple[int, list[str]]], header: _Header, problems: list[RowProblem]
) -> Iterator[_Cells]:
    """Yield the rows with too many cells that can be read. For each other row, a problem is added to `problems`.

    `odd` has the line number and the cells of each row with too many cells. Such a row may begin with its own number,
    in a column without a name. Or a cell may contain the separator, such as a decimal comma in a file that separates
    cells by commas. Raises `NotRevenueReportError` if a row can be read in two ways.
    """
    by_extra: defaultdict[int, list[tuple[int, list[str]]]] = defaultdict(list)
    for number, cells in odd:
        by_extra[len(cells) - header.width].append((number, cells))
    for extra, rows in by_extra.items():
        readings = {number: _readings(cells, header, extra) for number, cells in rows}
        readable = [set(found) for found in readings.values() if found]
        shared = set.intersection(*readable) if readable else set()
        for number, _ in rows:
            found = readings[number]
            ways = [way for way in found if way in shared] or list(found)
            described = {_describe_row(found[way]): way for way in ways}
            if len(described) > 1:
                first, second = list(described)[:2]
                raise NotRevenueReportError(
                    f"can be read in two ways: line {number} is {first}, or {second};"
                    " put quotation marks around cells that hold the separator"
                )
            if ways:
                yield _Cells(number, found[ways[0]])
            else:
                count = header.width + extra
                problems.append(RowProblem(number, f"has {count} cells, but the header has {header.width}"))


def _readings(cells: Sequence[str], header: _Header, extra: int) -> dict[int, dict[str, str]]:
    """Return all ways to read a row with too many cells. `extra` is the number of cells that are too many.

    Each way is a dictionary: the texts of the cells by column name. A row has too many cells if one of its texts
    contains the separator, and was therefore split. The ways differ in the column of this text; the key of a way is the
    column's index. The key -1 stands for a row whose first cell is only its number.
    """
    found: dict[int, dict[str, str]] = {}
    if extra < 1:
        return found
    joined = [(-1, list(cells[1:]))] if extra == 1 and cells[0].strip().isdigit() else []
    for place in sorted(range(header.width), key=lambda place: header.names[place] not in _LIKELY_SPLIT):
        middle = header.separator.join(cells[place : place + extra + 1])
        joined.append((place, [*cells[:place], middle, *cells[place + extra + 1 :]]))
    for way, row in joined:
        named = dict(zip(header.names, row, strict=True))
        try:
            months = read_months(named["period"])
            for sign in (",", "."):
                try:
                    read_cents(named["revenue"], sign)
                    break
                except FieldError:
                    if sign == ".":
                        raise
            _read_row({**named, "revenue": "0"}, min(months, default=""), ",")
        except FieldError:
            continue
        found[way] = named
    return found


def _describe_row(cells: Mapping[str, str]) -> str:
    try:
        cents = read_cents(cells["revenue"], decimal_sign_of(cells["revenue"]))
    except FieldError:
        cents = 0
    amounts = describe_amounts(
        read_count(cells["clicks"], "clicks"), cents, read_count(cells.get("clicks total") or "0", "clicks total")
    )
    return f"{single_line(cells.get('title', ''))[:40]!r} with {amounts}"


def _read_all_months(rows: Sequence[_Cells]) -> dict[str, str]:
    """Return the month (`YYYY-MM`) of each text in the column `period`: a dictionary from the text to its month.

    `rows` are all rows of the report. Texts that mean no month are left out. A text such as `05/03/2013` can mean two
    months; the other texts may show which one. If they don't, `NotRevenueReportError` is raised.
    """
    found = {cell: read_months(cell) for cell in dict.fromkeys(row.cells["period"] for row in rows)}
    doubtful = {cell: months for cell, months in found.items() if len(months) > 1}
    if not doubtful:
        return {cell: months.pop() for cell, months in found.items() if months}
    # A spreadsheet turns a month into its first day: several first days tell which number is the month.
    firsts = {cell: [month for month in months if is_first_day(cell, month)] for cell, months in doubtful.items()}
    if len(doubtful) > 1 and all(len(months) == 1 for months in firsts.values()):
        return {cell: (firsts[cell][0] if cell in firsts else min(months)) for cell, months in found.items() if months}
    cell, months = next(iter(doubtful.items()))
    first, second = sorted(months)
    raise NotRevenueReportError(
        f"can be read in two ways: the period {cell.strip()[:20]!r} is {first} or {second}; write it as {first}"
    )


def _read_row(cells: Mapping[str, str], month: str, decimal: str) -> RevenueRow:
    if not month:
        raise FieldError(f"the period is not a month: {cells['period'].strip()[:40]!a}")
    revenue, total = cells["revenue"], cells.get("clicks total", "").strip()
    guarded = OWNER in cells
    texts = {
        name: single_line(_unguard_formula(text) if guarded else text)
        if (text := cells.get(name, "")).strip() != "NA"
        else ""
        for name in _QUOTED
    }
    return RevenueRow(
        month=month,
        thing=_read_id(cells["id"]),
        flattr_url=texts["flattr url"],
        url=texts["url"],
        title=texts["title"],
        clicks=read_count(cells["clicks"], "clicks"),
        cents=read_cents(revenue, decimal or decimal_sign_of(revenue)),
        clicks_total=read_count(total, "clicks total") if total not in {"", "NA"} else 0,
    )


def _read_id(cell: str) -> int:
    number = read_count(cell, "the id")
    if not 0 < number <= MAX_INTEGER:
        raise FieldError(f"this is not the id of a thing: {cell.strip()[:40]!a}")
    return number

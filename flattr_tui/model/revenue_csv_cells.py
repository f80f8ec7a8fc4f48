"""Reads the cells of a revenue report: months, amounts and counts as Flattr, R and spreadsheets write them.

Nothing is guessed: if a cell can be read in two ways, both are returned or the error names both.
"""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from flattr_tui.model.entities import MAX_INTEGER
from flattr_tui.model.revenue import format_cents

DECIMAL_SIGNS: Final = (",", ".")
_MONTH_NAMES: Final = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar mär mrz", "apr", "may mai maj", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"), 1
    )
    for name in names.split()
}
"""The number of each month by its first three letters in English, German and Swedish."""
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.]\d{1,2})?(?:[T ]00:00(?::00)?(?:\.0+)?Z?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})")
_MONTH_FIRST = re.compile(r"(\d{1,2})[-/.](\d{4})")
_DAY = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_NAMED = re.compile(r"(?:\d{1,2}[-. ]+)?([^\W\d]{3,12})\.?[-. ]+(\d{4}|\d{2})")
_EXPONENT = re.compile(r"-?\d+(?:[.,]\d+)?[eE][+]?\d{1,2}")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:(?:\.\d{3})+|(?:,\d{3})+)")
_BLANKS: Final = dict.fromkeys(map(ord, " \u00a0\u202f\u2009'’"))
_CURRENCY = re.compile(r"(?i)€|EUR")


class FieldError(ValueError):
    """A cell does not contain what its column requires. The message says what it contains."""


def read_months(cell: str) -> set[str]:
    """Return the months (`YYYY-MM`) that a cell may mean: one, two for `05/03/2013`, or none if it is not a date."""
    text = cell.strip()
    if found := (_YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text)):
        return _valid_months((found[1], found[2]))
    if found := _MONTH_FIRST.fullmatch(text):
        return _valid_months((found[2], found[1]))
    if found := _NAMED.fullmatch(text):
        number = _MONTH_NAMES.get(found[1][:3].casefold(), 0)
        return _valid_months((found[2] if len(found[2]) == 4 else f"20{found[2]}", str(number)))
    if found := _DAY.fullmatch(text):
        day_first, month_first = (found[4], found[3]), (found[4], found[1])
        return _valid_months(day_first) if found[2] == "." else _valid_months(day_first, month_first)
    return set()


def _valid_months(*found: tuple[str, str]) -> set[str]:
    return {f"{year}-{int(month):02}" for year, month in found if 1 <= int(month) <= 12}


def is_first_day(cell: str, month: str) -> bool:
    """Whether a cell contains the first day of `month` (`YYYY-MM`), or no day at all.

    The cell must contain a date in that month.
    """
    found = _DAY.fullmatch(cell.strip())
    if found is None:
        return True
    numbers = [int(found[1]), int(found[3])]
    if int(month[5:]) in numbers:
        numbers.remove(int(month[5:]))
    return numbers[0] == 1


def read_cents(cell: str, decimal: str) -> int:
    """Return an amount of euros in cents, given its decimal sign. Raises `FieldError` if the cell is not an amount."""
    number = _parse_number(cell, decimal)
    cents = number * 100
    if cents != cents.to_integral_value():
        raise FieldError(f"the revenue {_quote_cell(cell)} is not in whole cents")
    if abs(cents) > MAX_INTEGER:
        raise FieldError(f"the revenue {_quote_cell(cell)} is too large")
    return int(cents)


def read_count(cell: str, column: str) -> int:
    """Return the non-negative whole number in a cell; `1.234` and `1,234` are 1234.

    Raises `FieldError`, whose message names `column`, if the cell is not such a number.
    """
    text = cell.translate(_BLANKS)
    if _GROUPED.fullmatch(text):
        text = text.replace(".", "").replace(",", "")
    try:
        number = _parse_number(text, "," if "," in text else ".")
    except FieldError as error:
        raise FieldError(f"{column} is not a number: {_quote_cell(cell)}") from error
    if number < 0 or number != number.to_integral_value() or number > MAX_INTEGER:
        raise FieldError(f"{column} is not a whole number: {_quote_cell(cell)}")
    return int(number)


def find_decimal_sign(cells: Iterable[str]) -> tuple[str, str]:
    """Return the decimal sign (`,` or `.`) of a column of amounts, and a text about its ambiguity ("" if none).

    If all amounts fit both signs, but with different values, the sign is "", and the text names both values: `1.234`
    alone may be 1234 euros, or 1 euro and a fraction. Next to `0,95`, it is 1234 euros. If some amounts fit only `,`
    and others only `.`, both results are "", and the caller must find the sign of each amount alone.
    """
    possible = set(DECIMAL_SIGNS)
    doubtful = ""
    for cell in cells:
        fitting = {sign for sign in DECIMAL_SIGNS if _can_parse(cell, sign)}
        if not fitting:
            continue  # the caller leaves out the row
        possible &= fitting
        if not doubtful and len(fitting) == 2 and _parse_number(cell, ",") != _parse_number(cell, "."):
            doubtful = cell
    if len(possible) == 2 and doubtful:
        readings = sorted((_parse_number(doubtful, sign) for sign in DECIMAL_SIGNS), reverse=True)
        return "", f"the revenue {_quote_cell(doubtful)} is {readings[0]} or {readings[1]} EUR"
    return ("," if "," in possible else "." if possible else ""), ""


def decimal_sign_of(cell: str) -> str:
    """Return the decimal sign of one amount: "." or ","; "," if the amount fits both or neither.

    Use this for a column in which some amounts have a decimal point, and others a decimal comma. Raises `FieldError` if
    the amount has two meanings, such as `1.234`.
    """
    sign, doubt = find_decimal_sign([cell])
    if doubt:
        raise FieldError(f"{doubt}, in a file that writes amounts both ways")
    return sign or ","


def _can_parse(cell: str, decimal: str) -> bool:
    try:
        _parse_number(cell, decimal)
    except FieldError:
        return False
    return True


def _parse_number(cell: str, decimal: str) -> Decimal:
    text = _CURRENCY.sub("", cell).translate(_BLANKS).replace("−", "-")
    thousands = "." if decimal == "," else ","
    try:
        if _EXPONENT.fullmatch(text):
            return Decimal(text.replace(",", "."))
        whole, point, rest = text.removeprefix("-").partition(decimal)
        if thousands in whole:
            head, *groups = whole.split(thousands)
            if not 1 <= len(head) <= 3 or head.startswith("0") or any(len(group) != 3 for group in groups):
                raise FieldError(f"not a number: {_quote_cell(cell)}")
            whole = head + "".join(groups)
        digits = f"{whole}{'.' if point else ''}{rest}"
        if not digits.replace(".", "", 1).isascii() or not digits.replace(".", "", 1).isdigit() or len(digits) > 40:
            raise FieldError(f"not a number: {_quote_cell(cell)}")
        return Decimal(f"{'-' if text.startswith('-') else ''}{digits}")
    except InvalidOperation as error:
        raise FieldError(f"not a number: {_quote_cell(cell)}") from error


def _quote_cell(cell: str) -> str:
    return f"{cell.strip()[:40]!a}"


def describe_amounts(clicks: int, cents: int, clicks_total: int) -> str:
    """Return the numbers in a row of a revenue report as text: `3 clicks, 0.52 EUR and 40 clicks in total`.

    Messages contain this text if a row can be read in two ways, so that the user can choose.
    """
    return f"{clicks:,} clicks, {format_cents(cents)} EUR and {clicks_total:,} clicks in total"

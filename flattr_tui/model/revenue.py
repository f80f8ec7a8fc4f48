"""Flattr's monthly revenue reports as values: what the things of one person earned in which month.

A report was a CSV file, once 'Download as CSV' of `https://flattr.com/transaction/view/id/N/format/csv`. Source:
`KonScience/Summarize-Flattr-Reports`. `model.revenue_report` reads and writes it.
"""

import re
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from flattr_tui.model.sanitizer import line

METHOD: Final = "revenue-report"
"""Stands for the method in the `Request` under which one month of a report is saved. The API has no such method."""
MEDIA_TYPE: Final = "text/csv"
FORMAT: Final = "csv"
CURRENCY: Final = "EUR"
UNNAMED: Final = "me"
"""Owns the reports whose owner nobody has named."""
MAX_NUMBER: Final = 2**63 - 1
"""The largest id, count or amount, as SQLite can keep it."""
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class RevenueRow(Struct, frozen=True, kw_only=True):
    """What one thing earned in one month: a line of a report. Month and thing together are unique for an owner."""

    month: str
    """`YYYY-MM`."""
    thing: int
    """The thing's id, the same as in the API."""
    flattr_url: str = ""
    """The thing's page at flattr.com."""
    url: str = ""
    """The page that was flattred."""
    title: str = ""
    clicks: int = 0
    cents: int = 0
    """The revenue in euro cents."""
    clicks_total: int = 0
    """All clicks ever on the day of the download, 0 where the file does not say. Never to be added up."""


def is_month(text: str) -> bool:
    """Return whether a text is a month as `YYYY-MM`."""
    return _MONTH.fullmatch(text) is not None


def read_owner(text: str) -> str:
    """Return a user name as people write it (`ada`, `@ada`); raises `ValueError` saying why it can be none."""
    name = line(text).removeprefix("@").strip()
    if not name or len(name) > 80 or any(sign in name for sign in "/?#"):
        raise ValueError(f"{line(text)[:80]!r} is no user name")
    return name


def end_of_month(month: str) -> float:
    """Return when a month (`YYYY-MM`) ended in UTC, in Unix seconds: its report is not older than that."""
    year, number = int(month[:4]), int(month[5:])
    if year >= 9999:
        return 0.0
    return max(0.0, datetime(max(1, year) + number // 12, number % 12 + 1, 1, tzinfo=UTC).timestamp())


def write_euros(cents: int, decimal: str = ".", thousands: str = "") -> str:
    """Write cents as euros with two places: 12345 is `123.45`."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{f'{whole:,}'.replace(',', thousands)}{decimal}{rest:02}"

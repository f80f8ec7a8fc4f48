"""Flattr's monthly revenue reports as values: what one person's things earned in each month.

A report was a CSV file: 'Download as CSV' at `https://flattr.com/transaction/view/id/N/format/csv`. Source:
`KonScience/Summarize-Flattr-Reports`. `model.revenue_csv` reads and writes such files.
"""

from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.model.text_sanitizer import single_line

METHOD: Final = "revenue-report"
"""The method name in the `ApiRequest` under which one month of a report is saved. The API has no such method."""
MEDIA_TYPE: Final = "text/csv"
"""The content type of a saved report. Its format is `FORMAT`."""
FORMAT: Final = "csv"
CURRENCY: Final = "EUR"
UNNAMED: Final = "me"
"""The owner of reports whose owner is unknown."""
_MONTH = lazy_pattern(r"(\d{4})-(0[1-9]|1[0-2])")


class RevenueRow(Struct, frozen=True, kw_only=True):
    """What one thing earned in one month: one line of a report. A report has one line for each month and thing."""

    month: str
    """The month, as `YYYY-MM`."""
    thing: int
    """The thing's id, the same as in the API."""
    flattr_url: str = ""
    """The address of the thing's page at flattr.com."""
    url: str = ""
    """The address of the page that was flattred."""
    title: str = ""
    clicks: int = 0
    """Number of clicks (flattrs) in this month."""
    cents: int = 0
    """The revenue in euro cents."""
    clicks_total: int = 0
    """Number of all clicks until the day of the download; 0 if the file does not say. Totals must not be added up."""


def is_month(text: str) -> bool:
    """Whether a text has the form `YYYY-MM`, with a month from 01 to 12."""
    return _MONTH.fullmatch(text) is not None


def read_owner(text: str) -> str:
    """Return the user name that somebody typed as `ada` or `@ada`.

    Raises `ValueError` for other texts. Its message says what is wrong, without a full stop.
    """
    name = single_line(text).removeprefix("@").strip()
    if not name or len(name) > 80 or any(sign in name for sign in "/?#"):
        raise ValueError(f"{single_line(text)[:80]!r} is not a user name")
    return name


def end_of_month(month: str) -> float:
    """Return when a month (`YYYY-MM`) ended in UTC, in Unix seconds. Reports on the month were made after this time.

    Returns 0 for the year 9999, and for months before 1970.
    """
    year, number = int(month[:4]), int(month[5:])
    if year >= 9999:
        return 0.0
    return max(0.0, datetime(max(1, year) + number // 12, number % 12 + 1, 1, tzinfo=UTC).timestamp())


def format_cents(cents: int, decimal: str = ".", thousands: str = "") -> str:
    """Return cents as euros with two decimal places: `123.45` for 12345.

    `decimal` is the decimal sign, and `thousands` stands between groups of three digits.
    """
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{f'{whole:,}'.replace(',', thousands)}{decimal}{rest:02}"

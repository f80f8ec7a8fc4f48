"""Splits imported revenue reports into months. Each month is stored as one response, in the form of Flattr's reports.

The bytes of a month do not depend on the form of the imported file, so a month is stored only once. Nothing else of a
file is stored.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from hashlib import blake2b
from pathlib import PurePath
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from flattr_tui.library.import_export.api_url_matcher import UnrecognizedError
from flattr_tui.library.import_export.captured_response import MAX_BODY, CapturedResponse
from flattr_tui.library.import_export.response_identifier import IdentifiedResponse
from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.revenue import FORMAT, MEDIA_TYPE, METHOD, RevenueRow, is_month
from flattr_tui.model.revenue_report import (
    NotRevenueReportError,
    RowProblem,
    is_revenue_report,
    read_report,
    serialize_report,
)
from flattr_tui.store.stored_response import StoredResponse

_LIMIT: Final = 4 * MAX_BODY
_ADDRESS = re.compile(r"https?://(?:www\.)?flattr\.com(?::\d+)?/transaction/view/id/\d+/format/csv/?(?:[?#].*)?")
"""Matches the address of a revenue report at Flattr. The address of a web archive may precede it."""
_FILE_NAME = re.compile(r"flattr-revenue-(\d{4})(\d{2})\b")


class ReportMonths(NamedTuple):
    """The months of the revenue reports in one file, ready to be stored."""

    identified: list[IdentifiedResponse]
    """A response for each month of each owner."""
    owners: dict[str, set[str]]
    """The months (`2014-08`) of each owner, by user name."""
    problems: tuple[RowProblem, ...]
    """The rows that could not be read, or that contradict each other."""


def is_report(capture: CapturedResponse) -> bool:
    """Whether a captured response is a revenue report: a whole file, or a response from the address of such reports."""
    if capture.problem or capture.status != 200 or not is_revenue_report(capture.body):
        return False
    return not capture.place or not capture.url or _ADDRESS.search(capture.url) is not None


def split_months(capture: CapturedResponse, file: PurePath, owner: Callable[[], str]) -> ReportMonths:
    """Split a revenue report into months, in the form in which they are stored.

    If the report names no owner, `owner` is called, and returns the user name. If the report has no rows, its month is
    read from the name of `file`. Raises `UnrecognizedError` if the report can't be read.
    """
    if len(capture.body) > _LIMIT:
        raise UnrecognizedError(f"is larger than {_LIMIT:,} bytes")
    try:
        report = read_report(capture.body)
    except NotRevenueReportError as error:
        raise UnrecognizedError(str(error)) from error
    months: defaultdict[tuple[str, str], dict[int, RevenueRow]] = defaultdict(dict)
    differing = 0
    for row, named in zip(report.rows, report.owners, strict=True):
        rows = months[named or owner(), row.month]
        known = rows.get(row.thing, row)
        differing += known != row
        rows[row.thing] = max(known, row, key=_weight)
    if not months:
        found = _FILE_NAME.search(file.name)
        month = f"{found[1]}-{found[2]}" if found else ""
        if report.problems or not is_month(month):
            first = f": line {report.problems[0].line}: {report.problems[0].reason}" if report.problems else ""
            raise UnrecognizedError(f"a revenue report without a readable row{first}")
        months[owner(), month] = {}
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for name, month in months:
        owners[name].add(month)
    problems = report.problems
    if differing:
        reason = f"{differing} times the same month and id with different figures; the larger clicks total counts"
        problems = (*problems, RowProblem(0, reason))
    identified = [
        IdentifiedResponse(_stored(*key, rows, capture), len(rows), is_guessed=True) for key, rows in months.items()
    ]
    return ReportMonths(identified, dict(owners), problems)


class ReportComparison:
    """Finds out whether revenue reports on the same month contradict each other."""

    def __init__(self) -> None:
        self._figures: dict[tuple[str, str, int], tuple[int, int]] = {}

    def add(self, stored: StoredResponse) -> int:
        """Add the report on a month, and return how many of its rows differ from reports that were added before.

        Clicks and revenue are compared. The clicks since the beginning are not, because they grow from one download to
        the next.
        """
        try:
            rows = read_report(stored.body).rows
        except NotRevenueReportError:
            return 0
        differing, owner = 0, stored.request.get("owner").casefold()
        for row in rows:
            figures = row.clicks, row.cents
            differing += self._figures.setdefault((owner, row.month, row.thing), figures) != figures
        return differing


def _weight(row: RevenueRow) -> tuple[object, ...]:
    return row.clicks_total, row.clicks, row.cents, row.title, row.url, row.flattr_url


def _stored(owner: str, month: str, rows: dict[int, RevenueRow], capture: CapturedResponse) -> StoredResponse:
    body = serialize_report(sorted(rows.values(), key=lambda row: (-row.cents, row.thing))).encode()
    if len(body) > MAX_BODY:
        raise UnrecognizedError(f"a month of it is larger than {MAX_BODY:,} bytes")
    return StoredResponse(
        source=SourceKind.SAVED,
        request=report_request(owner, month, body),
        format=FORMAT,
        response_kind=ResponseKind.REVENUE,
        url=_without_query(capture.url),
        content_type=MEDIA_TYPE,
        fetched_at=capture.fetched_at,
        body=body,
    )


def report_request(owner: str, month: str, body: bytes) -> ApiRequest:
    """Return the request under which a month of a revenue report is stored. `body` is the content of the month.

    The request contains a hash of `body`. So two reports on the same month with different rows are both kept.
    """
    content = blake2b(body, digest_size=8).hexdigest()
    return ApiRequest.of(METHOD, owner=owner, month=month, content=content)


def _without_query(url: str) -> str:
    """Return an address without its query, fragment and password, which may be secret; "" for ""."""
    if not url:
        return ""
    parts = urlsplit(url)
    return parts._replace(query="", fragment="", netloc=parts.netloc.rpartition("@")[2]).geturl()

"""Reads revenue reports and exports of the browser extension, which do not name their owner; also renames the owner.

Revenue reports are split into months. Each month is stored as one response, in the form of Flattr's reports. The bytes
of a month do not depend on the form of the imported file, so a month is stored only once.

Flattr's browser extension (2018 to 2023) exported `export-MILLISECONDS.json`, which contains the flattrs, and also a
browsing history and settings. The history and the settings are never stored.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from hashlib import blake2b
from pathlib import PurePath
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from flattr_tui.library.import_export.captured_response import MAX_BODY, CapturedResponse, local_thing_id
from flattr_tui.library.import_export.imported_responses import IdentifiedResponse
from flattr_tui.library.import_export.request_recognition import UnrecognizedError
from flattr_tui.model.api_request import ApiRequest, ResponseKind, fold_username
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.revenue import FORMAT, MEDIA_TYPE, METHOD, RevenueRow, is_month
from flattr_tui.model.revenue_csv import (
    NotRevenueReportError,
    RowProblem,
    is_revenue_report,
    read_report,
    serialize_report,
)
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.response_store_reader import StepProgress
from flattr_tui.store.stored_response import StoredResponse, content_digest

_REPORT_LIMIT: Final = 4 * MAX_BODY
_REPORT_ADDRESS = re.compile(r"https?://(?:www\.)?flattr\.com(?::\d+)?/transaction/view/id/\d+/format/csv/?(?:[?#].*)?")
"""Matches the address of a revenue report at Flattr. The address of a web archive may precede it."""
_REPORT_NAME = re.compile(r"flattr-revenue-(\d{4})(\d{2})\b")
EXPORTED: Final = "extension-export"
"""The address under which the flattrs in an exported file are stored, so that their owner can be renamed later."""
_EXTENSION_MARKS: Final = (b'"browsingEvents"', b'"userExtensionSettings"', b'"userDomainsSettings"')
_LATEST: Final = 253_402_300_800
"""The year 10000 in Unix seconds. Later times are invalid."""


class ReportMonths(NamedTuple):
    """The revenue reports in one file, split into one response for each owner and month, ready to be stored."""

    identified: list[IdentifiedResponse]
    """A response for each month of each owner."""
    owners: dict[str, set[str]]
    """The months (`2014-08`) of each owner, by user name."""
    problems: tuple[RowProblem, ...]
    """The rows that could not be read, or that contradict each other."""


def is_report(capture: CapturedResponse) -> bool:
    """Whether a captured response is a revenue report: it succeeded, and its body begins with the header of a report.

    If the response is one of several in a file (such as a HAR file), its address must also be an address of revenue
    reports. A response without an address need not meet this condition.
    """
    if capture.problem or capture.status != 200 or not is_revenue_report(capture.body):
        return False
    return not capture.place or not capture.url or _REPORT_ADDRESS.search(capture.url) is not None


def split_months(capture: CapturedResponse, file: PurePath, owner: Callable[[], str]) -> ReportMonths:
    """Split a revenue report into months, in the form in which they are stored.

    If the report names no owner, `owner` is called to get the user name. If the report has no rows, its month is read
    from the name of `file`. Raises `UnrecognizedError` if the report can't be read.
    """
    if len(capture.body) > _REPORT_LIMIT:
        raise UnrecognizedError(f"is larger than {_REPORT_LIMIT:,} bytes")
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
        found = _REPORT_NAME.search(file.name)
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
    """Collects revenue reports, and finds rows in which two reports on the same month contradict each other."""

    def __init__(self) -> None:
        self._figures: dict[tuple[str, str, int], tuple[int, int]] = {}

    def add(self, stored: StoredResponse) -> int:
        """Add the report on a month, and return how many rows differ from the same rows of reports added before.

        Clicks and revenue are compared, but not the clicks since the beginning, which grow from one download to the
        next.
        """
        try:
            rows = read_report(stored.body).rows
        except NotRevenueReportError:
            return 0
        differing, owner = 0, fold_username(stored.request.get("owner"))
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
    """Return the request under which a month of the owner's revenue report is stored.

    `body` is the content of the month. The request contains a hash of `body`. So two reports on the same month with
    different rows are both kept.
    """
    content = blake2b(body, digest_size=8).hexdigest()
    return ApiRequest.of(METHOD, owner=owner, month=month, content=content)


def _without_query(url: str) -> str:
    """Return an address without its query, fragment and password, which may be secret; "" for ""."""
    if not url:
        return ""
    parts = urlsplit(url)
    return parts._replace(query="", fragment="", netloc=parts.netloc.rpartition("@")[2]).geturl()


class ExtensionFlattrs(NamedTuple):
    """The flattrs in a file that the browser extension exported."""

    capture: CapturedResponse
    """A response in the API's form that contains the flattrs."""
    left_out: int
    """Number of entries that are invalid, or have an invalid time."""
    browsing_events: int
    """Number of entries of the browsing history, none of which is stored."""


class _Flattrs(msgspec.Struct):
    flattrs: list[Any] = []


class _Export(msgspec.Struct):
    flattrs: _Flattrs
    browsingEvents: list[msgspec.Raw] = []  # noqa: N815 -- the file's own name


_decoder = msgspec.json.Decoder(_Export)


def is_extension_export(capture: CapturedResponse) -> bool:
    """Whether a file was exported by the browser extension, as the names of its fields show."""
    body = capture.body
    return (
        body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
        and b'"flattrs"' in body
        and any(m in body for m in _EXTENSION_MARKS)
    )


def read_flattrs(capture: CapturedResponse, owner: Callable[[], str]) -> ExtensionFlattrs:
    """Return the flattrs in a file of the browser extension, in the API's form, newest first.

    The file does not say who gave the flattrs: `owner` is called, and returns the user's name. Raises
    `UnrecognizedError` if the file is damaged or has no flattrs.
    """
    try:
        export = _decoder.decode(capture.body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnrecognizedError("an export of the browser extension that is damaged") from error
    given: list[tuple[int, dict[str, Any]]] = []
    left_out = 0
    for entry in export.flattrs.flattrs:
        thing = _read_flattred_thing(entry)
        times = entry.get("timestamps") if isinstance(entry, dict) else None
        if thing is None or not isinstance(times, list):
            left_out += 1
            continue
        for moment in times:
            if isinstance(moment, int | float) and not isinstance(moment, bool) and 0 < moment / 1000 < _LATEST:
                given.append((int(moment // 1000), thing))
            else:
                left_out += 1
    if not given:
        raise UnrecognizedError("an export of the browser extension without a flattr")
    user = {"type": "user", "username": owner()}
    given.sort(key=lambda flattr: (-flattr[0], flattr[1]["id"]))
    flattrs = [{"type": "flattr", "created_at": at, "thing": thing, "owner": user} for at, thing in given]
    converted = CapturedResponse(
        place=capture.place,
        content_type="application/json",
        body=msgspec.json.encode(flattrs),
        fetched_at=capture.fetched_at,
    )
    return ExtensionFlattrs(converted, left_out, len(export.browsingEvents))


def _read_flattred_thing(entry: Any) -> dict[str, Any] | None:
    """Return the flattred thing of an entry in a file of the browser extension; None if the entry names no thing.

    The thing is a web page or, if the entry has no address, a whole site.
    """
    if not isinstance(entry, dict):
        return None
    site, url, title = (value if isinstance(value := entry.get(n), str) else "" for n in ("entity", "url", "title"))
    if not site and not url:
        return None
    thing: dict[str, Any] = {"type": "thing", "id": local_thing_id(url or site), "title": title or url or site}
    return thing | ({"url": url} if url else {})


def rename_owner(responses: ResponseStore, catalogue: Catalogue, old: str, new: str, progress: StepProgress) -> int:
    """Rename the owner `old` of revenue reports and extension exports to `new`, and rebuild the catalogue.

    Returns the number of stored responses that were changed. `progress` is called during the work. After an
    interruption nothing is lost, and a second call continues. Raises `StoreError` if the store can't be written.
    """
    last, done = responses.last_sequence(), []
    for stored in responses.iter_responses(0, last):
        renamed = _renamed(stored, old, new)
        if renamed is not None and renamed != stored:
            kept = responses.latest(renamed.response_key)
            if kept is None or content_digest(kept) != content_digest(renamed):
                responses.import_response(renamed)
            done.append(stored.sequence)
        progress("renaming", stored.sequence, last)
    if done:
        responses.sync_files()
        responses.delete_responses(done, lambda number, of: progress("renaming", number, of))
        catalogue.rebuild(lambda number, of: progress("rebuilding the catalogue", number, of))
    return len(done)


def _renamed(stored: StoredResponse, old: str, new: str) -> StoredResponse | None:
    if stored.source != SourceKind.SAVED:
        return None
    request = stored.request
    if stored.response_kind is ResponseKind.REVENUE and fold_username(request.get("owner")) == fold_username(old):
        request = report_request(new, request.get("month"), stored.body)
        return msgspec.structs.replace(stored, request=request)
    if stored.url == EXPORTED and fold_username(request.get("username")) == fold_username(old):
        flattrs = msgspec.json.decode(stored.body)
        for flattr in flattrs:
            flattr["owner"] = {"type": "user", "username": new}
        request = ApiRequest.of(request.method, dict(request.arguments), username=new)
        return msgspec.structs.replace(stored, request=request, body=msgspec.json.encode(flattrs))
    return None

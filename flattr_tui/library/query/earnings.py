"""Sums up revenue reports by month, thing, domain or page. Amounts are whole cents, so the sums are exact.

Rows are never merged because they have the same title, which many things share. `clicks_total` of a row is a count
since the beginning: these counts are not added up, and the largest one is the latest.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec import Struct

from flattr_tui.model.data_source import Source, SourceKind
from flattr_tui.model.query_dates import SHORT_MONTHS
from flattr_tui.model.revenue import RevenueRow

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue

_DAY_IN_PATH = re.compile(r"(?<=/)((?:19|20)\d{2}/(?:0[1-9]|1[0-2]))/(?:0[1-9]|[12]\d|3[01])(?=/)")
"""Matches the day in a permalink such as `/2013/03/30/title/`. Many blogs left it out of their addresses later."""
_RUN: Final = 3
"""Minimum number of consecutive months that are written as a range."""


class Grouping(StrEnum):
    """The ways in which the rows of revenue reports can be grouped."""

    MONTH = "month"
    THING = "thing"
    DOMAIN = "domain"
    PAGE = "page"


class Group(Struct, frozen=True):
    """The rows of revenue reports for one month, thing, domain or page, and their totals."""

    key: str
    """The month (`2014-08`), the thing's id, the domain, or the common part of a page's addresses."""
    title: str
    """The name to display: `Aug 2014`, the thing's latest title, the domain, or the page's latest address."""
    rows: tuple[RevenueRow, ...]
    """The rows in the order of their months; within a month, those with the most revenue first."""

    @property
    def clicks(self) -> int:
        """The number of clicks in all rows together."""
        return sum(row.clicks for row in self.rows)

    @property
    def cents(self) -> int:
        """The revenue in all rows together, in euro cents."""
        return sum(row.cents for row in self.rows)

    @property
    def clicks_total(self) -> int:
        """The number of clicks on a thing from the beginning until its latest report; 0 if unknown."""
        return max((row.clicks_total for row in self.rows), default=0)


class Earnings:
    """The rows of the revenue reports of one user, or of everybody, and their totals."""

    def __init__(self, rows: Iterable[RevenueRow], months: Iterable[str]) -> None:
        """`rows` are the rows of all reports, and `months` the months with a report, even if a report has no rows."""
        self.rows = tuple(rows)
        self.months = tuple(sorted(set(months) | {row.month for row in self.rows}))

    @cached_property
    def clicks(self) -> int:
        """The number of clicks in all rows together."""
        return sum(row.clicks for row in self.rows)

    @cached_property
    def cents(self) -> int:
        """The revenue in all rows together, in euro cents."""
        return sum(row.cents for row in self.rows)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The months (`2014-08`) without a report between the first and the last report."""
        known = set(self.months)
        return tuple(month for month in all_months(self.months) if month not in known)

    @cached_property
    def by_month(self) -> list[tuple[str, int, int]]:
        """Each month from the first report to the last, with its clicks and its revenue in cents.

        Months without a report are included, with zeros.
        """
        groups = {group.key: group for group in self.group_by(Grouping.MONTH)}
        return [
            (month, groups[month].clicks, groups[month].cents) if month in groups else (month, 0, 0)
            for month in all_months(self.months)
        ]

    @property
    def coverage(self) -> str:
        """A text that says which months the reports cover: `32 months, 2 missing: Aug 2014, Jan 2015`."""
        number = len(self.months)
        count = f"{number} month{'' if number == 1 else 's'}"
        return f"{count}, {len(self.missing)} missing: {name_months(self.missing)}" if self.missing else count

    def group_by(self, grouping: Grouping, *, exact: bool = False) -> list[Group]:
        """Return the rows in groups, by month, thing, domain or page.

        Groups by month are sorted by time, and include the months of reports without rows. Other groups are sorted by
        revenue, the largest first. Two addresses are one page if they differ only in scheme, `www.`, a trailing slash,
        or the day in a date such as `/2013/03/30/`. With `exact`, each address is a page of its own.
        """
        key = _group_key(grouping, exact=exact)
        found: defaultdict[str, list[RevenueRow]] = defaultdict(list)
        for row in self.rows:
            found[key(row)].append(row)
        if grouping is Grouping.MONTH:
            return [Group(month, name_month(month), tuple(found.get(month, ()))) for month in self.months]
        groups = [Group(key, _group_title(grouping, key, rows), tuple(rows)) for key, rows in found.items()]
        return sorted(groups, key=lambda group: (-group.cents, -group.clicks, group.title, group.key))

    @cached_property
    def best_month(self) -> Group | None:
        """The month with the most revenue (the earliest, if several have as much); None if there are no reports."""
        return max(self.group_by(Grouping.MONTH), key=lambda group: group.cents, default=None)

    @cached_property
    def best_thing(self) -> Group | None:
        """The thing with the most revenue; None if the reports have no rows."""
        return next(iter(self.group_by(Grouping.THING)), None)


def all_months(months: Sequence[str]) -> list[str]:
    """Return all months from the first to the last of `months`, which are sorted. All have the form `2014-08`."""
    if not months:
        return []
    first, last = _month_number(months[0]), _month_number(months[-1])
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]


def name_month(month: str) -> str:
    """Return the name of a month: `Aug 2014` for `2014-08`."""
    return f"{SHORT_MONTHS[int(month[5:]) - 1]} {month[:4]}"


def name_months(months: Sequence[str]) -> str:
    """Return a text that lists months: `Aug 2014, Jan 2015 to Mar 2015`. Three or more in a row become a range.

    `months` are sorted, and have the form `2014-08`.
    """
    parts: list[str] = []
    for _, run in groupby(enumerate(months), key=lambda place: _month_number(place[1]) - place[0]):
        together = [month for _, month in run]
        if len(together) >= _RUN:
            parts.append(f"{name_month(together[0])} to {name_month(together[-1])}")
        else:
            parts += map(name_month, together)
    return ", ".join(parts)


def domain_of(url: str) -> str:
    """Return the host of an address in lower case, without `www.`; "" if the address has no host."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.").rstrip(".")


def page_of(url: str) -> str:
    """Return a text that is equal for all addresses of the same page: `url` without scheme, `www.` and trailing slash.

    The day in a permalink is left out, too.
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    except ValueError:
        return url
    path = _DAY_IN_PATH.sub(r"\1", f"{parts.path}/").rstrip("/")
    more = f"{f'?{parts.query}' if parts.query else ''}{f'#{parts.fragment}' if parts.fragment else ''}"
    return f"{domain_of(url)}{port}{path}{more}"


def _month_number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _group_key(grouping: Grouping, *, exact: bool) -> Callable[[RevenueRow], str]:
    keys: dict[Grouping, Callable[[RevenueRow], str]] = {
        Grouping.MONTH: lambda row: row.month,
        Grouping.THING: lambda row: str(row.thing),
        Grouping.DOMAIN: lambda row: domain_of(row.url),
        Grouping.PAGE: lambda row: row.url if exact else page_of(row.url),
    }
    return keys[grouping]


def _group_title(grouping: Grouping, key: str, rows: Sequence[RevenueRow]) -> str:
    latest = rows[-1]
    if grouping is Grouping.THING:
        return next((row.title for row in reversed(rows) if row.title), latest.url)
    return latest.url if grouping is Grouping.PAGE else key


class EarningsReader:
    """Reads the saved revenue reports. Only the source `saved` has reports, because they come from imported files."""

    def __init__(self, catalogue: "Catalogue", source: Source, rename: Callable[[str, str], int] | None = None) -> None:
        """Prepare to read the revenue reports in `catalogue`. Unless `source` is the source `saved`, there are none.

        `rename` is called with the old and the new name to rename the owner of reports, and returns the number of
        reports. With None, owners can't be renamed.
        """
        self.rename = rename
        self._revenue = catalogue.revenue
        self.is_readable = source.kind is SourceKind.SAVED
        """Whether the source can have revenue reports."""

    def read(self, username: str = "") -> Earnings:
        """Return the earnings of a user, or of everybody if `username` is "". Call this in a thread."""
        if not self.is_readable:
            return Earnings((), ())
        owner = username or None
        return Earnings(self._revenue.rows(owner), self._revenue.months(owner))

    def of_thing(self, thing: int) -> Earnings:
        """Return the earnings of the thing with the id `thing`. Fast enough for the event loop's thread."""
        rows = self._revenue.thing_rows(thing) if self.is_readable else []
        return Earnings(rows, [row.month for row in rows])

    def owners(self) -> list[str]:
        """Return the names of the owners of all saved revenue reports. Fast enough for the event loop's thread.

        All saved reports count, even if this object itself reads a source without reports.
        """
        return [earner.name for earner in self._revenue.earners()]

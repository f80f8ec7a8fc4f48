"""Sums up revenue reports by month, thing, domain or page. Money is in whole cents, so sums are exact.

Nothing is merged by title: many things share one. `clicks_total` is an all-time count, so the largest is the latest; it
is never added up.
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

from flattr_tui.model.revenue import RevenueRow
from flattr_tui.model.source import Source, SourceKind

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue

MONTH_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_IN_PATH = re.compile(r"(?<=/)((?:19|20)\d{2}/(?:0[1-9]|1[0-2]))/(?:0[1-9]|[12]\d|3[01])(?=/)")
"""The day in a permalink `/2013/03/30/title/`, which many blogs dropped at some time."""
_RUN: Final = 3
"""This many consecutive missing months are named by the first and the last."""


class Grouping(StrEnum):
    """What rows are summed up by."""

    MONTH = "month"
    THING = "thing"
    DOMAIN = "domain"
    PAGE = "page"


class Group(Struct, frozen=True):
    """Rows that belong together, and their sums."""

    key: str
    """The month, the thing's id, the domain, or the common part of a page's addresses."""
    title: str
    """The displayed name: a thing's latest title, a page's latest address, otherwise the key."""
    rows: tuple[RevenueRow, ...]
    """By month, those with the most revenue first."""

    @property
    def clicks(self) -> int:
        """All clicks."""
        return sum(row.clicks for row in self.rows)

    @property
    def cents(self) -> int:
        """All revenue in euro cents."""
        return sum(row.cents for row in self.rows)

    @property
    def clicks_total(self) -> int:
        """The latest all-time count of a thing's clicks; 0 if unknown."""
        return max((row.clicks_total for row in self.rows), default=0)


class Earnings:
    """The rows of one person, or of everybody, and their sums."""

    def __init__(self, rows: Iterable[RevenueRow], months: Iterable[str]) -> None:
        """`months` are the months that have a report, even one without rows."""
        self.rows = tuple(rows)
        self.months = tuple(sorted(set(months) | {row.month for row in self.rows}))

    @cached_property
    def clicks(self) -> int:
        """All clicks."""
        return sum(row.clicks for row in self.rows)

    @cached_property
    def cents(self) -> int:
        """All revenue in euro cents."""
        return sum(row.cents for row in self.rows)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The months without a report between the first and the last."""
        known = set(self.months)
        return tuple(month for month in all_months(self.months) if month not in known)

    @cached_property
    def by_month(self) -> list[tuple[str, int, int]]:
        """Each month from the first to the last, with clicks and cents; missing months are included."""
        groups = {group.key: group for group in self.group_by(Grouping.MONTH)}
        return [
            (month, groups[month].clicks, groups[month].cents) if month in groups else (month, 0, 0)
            for month in all_months(self.months)
        ]

    @property
    def coverage(self) -> str:
        """Which months the figures cover: `32 months, 2 missing: Aug 2014, Jan 2015`."""
        number = len(self.months)
        count = f"{number} month{'' if number == 1 else 's'}"
        return f"{count}, {len(self.missing)} missing: {name_months(self.missing)}" if self.missing else count

    def group_by(self, grouping: Grouping, *, exact: bool = False) -> list[Group]:
        """Return the rows in groups with their sums: months in order of time, anything else with most revenue first.

        `exact` distinguishes pages whose addresses differ in scheme, `www.`, trailing slash or the day of a permalink.
        """
        key = _key(grouping, exact=exact)
        found: defaultdict[str, list[RevenueRow]] = defaultdict(list)
        for row in self.rows:
            found[key(row)].append(row)
        if grouping is Grouping.MONTH:
            return [Group(month, name_month(month), tuple(found.get(month, ()))) for month in self.months]
        groups = [Group(key, _title(grouping, key, rows), tuple(rows)) for key, rows in found.items()]
        return sorted(groups, key=lambda group: (-group.cents, -group.clicks, group.title, group.key))

    @cached_property
    def best_month(self) -> Group | None:
        """The month with the most revenue, the first of several; None if there is none."""
        return max(self.group_by(Grouping.MONTH), key=lambda group: group.cents, default=None)

    @cached_property
    def best_thing(self) -> Group | None:
        """The thing with the most revenue; None if there is none."""
        return next(iter(self.group_by(Grouping.THING)), None)


def all_months(months: Sequence[str]) -> list[str]:
    """Return each month from the first to the last of sorted months (`YYYY-MM`)."""
    if not months:
        return []
    first, last = _number(months[0]), _number(months[-1])
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]


def name_month(month: str) -> str:
    """Format `2014-08` as `Aug 2014`."""
    return f"{MONTH_NAMES[int(month[5:]) - 1]} {month[:4]}"


def name_months(months: Sequence[str]) -> str:
    """Return the names of sorted months: `Aug 2014, Jan 2015 to Mar 2015`. Runs of three or more are shortened."""
    parts: list[str] = []
    for _, run in groupby(enumerate(months), key=lambda place: _number(place[1]) - place[0]):
        together = [month for _, month in run]
        if len(together) >= _RUN:
            parts.append(f"{name_month(together[0])} to {name_month(together[-1])}")
        else:
            parts += map(name_month, together)
    return ", ".join(parts)


def domain_of(url: str) -> str:
    """Return the host of an address in lower case, without `www.`; "" if it has none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.").rstrip(".")


def page_of(url: str) -> str:
    """Return the common form of a page's address, without scheme, `www.`, last slash and day."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
    except ValueError:
        return url
    path = _DAY_IN_PATH.sub(r"\1", f"{parts.path}/").rstrip("/")
    more = f"{f'?{parts.query}' if parts.query else ''}{f'#{parts.fragment}' if parts.fragment else ''}"
    return f"{domain_of(url)}{port}{path}{more}"


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _key(grouping: Grouping, *, exact: bool) -> Callable[[RevenueRow], str]:
    keys: dict[Grouping, Callable[[RevenueRow], str]] = {
        Grouping.MONTH: lambda row: row.month,
        Grouping.THING: lambda row: str(row.thing),
        Grouping.DOMAIN: lambda row: domain_of(row.url),
        Grouping.PAGE: lambda row: row.url if exact else page_of(row.url),
    }
    return keys[grouping]


def _title(grouping: Grouping, key: str, rows: Sequence[RevenueRow]) -> str:
    latest = rows[-1]
    if grouping is Grouping.THING:
        return next((row.title for row in reversed(rows) if row.title), latest.url)
    return latest.url if grouping is Grouping.PAGE else key


class EarningsReader:
    """Reads the saved earnings of a source: only the source `saved` has any, since reports come from files."""

    def __init__(self, catalogue: "Catalogue", source: Source, rename: Callable[[str, str], int] | None = None) -> None:
        """`rename` moves reports from one owner to another, and returns how many responses it changed.

        None: owners can't be renamed.
        """
        self.rename = rename
        self._revenue = catalogue.revenue
        self.is_readable = source.kind is SourceKind.SAVED
        """Whether this source can have reports."""

    def read(self, username: str = "") -> Earnings:
        """Return what a user, or ("") everybody, earned. Call it in a thread."""
        if not self.is_readable:
            return Earnings((), ())
        owner = username or None
        return Earnings(self._revenue.rows(owner), self._revenue.months(owner))

    def of_thing(self, thing: int) -> Earnings:
        """Return what the thing with an id earned. Call it on the event loop's thread."""
        rows = self._revenue.thing_rows(thing) if self.is_readable else []
        return Earnings(rows, [row.month for row in rows])

    def owners(self) -> list[str]:
        """Return the owners of the saved reports, whatever the source. Call it on the event loop's thread."""
        return [earner.name for earner in self._revenue.earners()]

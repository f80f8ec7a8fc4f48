"""The catalogue's table of revenue reports. It has each row of a report once, even if several files contain the row.

There is one row for each owner, month and thing. If two files contain different rows for the same three, the row with
the larger `clicks total` is kept, because it was downloaded later. So the order of imports does not matter.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, Protocol

from flattr_tui.model.revenue import UNNAMED, RevenueRow, is_month
from flattr_tui.store.stored_response import StoredResponse

SCHEMA: Final[tuple[str, ...]] = (
    # `owner` is folded, because the case of a name does not distinguish people; `name` is as it was given.
    """CREATE TABLE revenue (
        owner TEXT NOT NULL, month TEXT NOT NULL, thing INTEGER NOT NULL, clicks_total INTEGER NOT NULL,
        clicks INTEGER NOT NULL, cents INTEGER NOT NULL, title TEXT NOT NULL, url TEXT NOT NULL,
        flattr_url TEXT NOT NULL, PRIMARY KEY (owner, month, thing)) WITHOUT ROWID""",
    "CREATE INDEX revenue_thing ON revenue (thing, month)",
    # The months for which there is a report, even one without rows.
    """CREATE TABLE revenue_month (owner TEXT NOT NULL, month TEXT NOT NULL, name TEXT NOT NULL,
        PRIMARY KEY (owner, month)) WITHOUT ROWID""",
)
_COLUMNS: Final = "month, thing, flattr_url, url, title, clicks, cents, clicks_total"


class RevenueReader(Protocol):
    """A database with the table of revenue reports."""

    def read(self, sql: str, values: dict[str, Any] = {}) -> list[tuple[Any, ...]]:  # noqa: B006 -- never changed
        """Run a query with named parameters, and return all rows."""


class Earner(NamedTuple):
    """A person whose revenue reports are saved."""

    name: str
    """User name of the person, or `revenue.UNNAMED` if the owner is unknown."""
    months: int
    """Number of months with a report."""


def add_report(connection: sqlite3.Connection, stored: StoredResponse) -> Sequence[RevenueRow]:
    """Add one month of a revenue report to the catalogue, and return the rows of that month.

    `stored` is the response with the report. If the report can't be read, or does not name its owner or month, no rows
    are returned.
    """
    from flattr_tui.model.revenue_csv import NotRevenueReportError, read_report  # noqa: PLC0415 -- only for reports

    owner, month = stored.request.get("owner"), stored.request.get("month")
    if not owner or not is_month(month):
        return ()
    try:
        rows = [row for row in read_report(stored.body).rows if row.month == month]
    except NotRevenueReportError:
        return ()
    connection.execute(
        "INSERT INTO revenue_month VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (owner.casefold(), month, owner)
    )
    connection.executemany(
        "INSERT INTO revenue VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " clicks_total = excluded.clicks_total, clicks = excluded.clicks, cents = excluded.cents,"
        " title = excluded.title, url = excluded.url, flattr_url = excluded.flattr_url"
        " WHERE (excluded.clicks_total, excluded.clicks, excluded.cents, excluded.title, excluded.url,"
        " excluded.flattr_url) > (clicks_total, clicks, cents, title, url, flattr_url)",
        [
            (owner.casefold(), month, row.thing, row.clicks_total, row.clicks, row.cents, row.title, row.url,
             row.flattr_url)
            for row in rows
        ],
    )  # fmt: skip
    return rows


class RevenueTable:
    """Reads the saved revenue reports. An owner is a user name, whose case is ignored; None stands for all owners.

    The event loop may call the methods that say 'Fast'. Call the others in another thread.
    """

    def __init__(self, database: RevenueReader) -> None:
        self._database = database

    def earners(self) -> list[Earner]:
        """Return the owners of reports, sorted by name. Fast."""
        found = self._database.read("SELECT max(name), count(*) FROM revenue_month GROUP BY owner ORDER BY owner")
        return [Earner(*row) for row in found]

    def months(self, owner: str | None = None) -> list[str]:
        """Return the months (`YYYY-MM`) for which an owner (None: any) has a report, the oldest first. Fast."""
        which, values = _owner_condition(owner)
        return [
            month
            for (month,) in self._database.read(
                f"SELECT DISTINCT month FROM revenue_month r WHERE {which} ORDER BY month", values
            )
        ]

    def rows(self, owner: str | None = None) -> list[RevenueRow]:
        """Return an owner's rows (None: all rows), sorted by month (oldest first), then by revenue (largest first)."""
        return [row for _, row in self.owned_rows(owner)]

    def owned_rows(self, owner: str | None = None) -> list[tuple[str, RevenueRow]]:
        """Return pairs of an owner's name and a row, sorted by month (oldest first), then by revenue (largest first).

        With `owner` None, the rows of all owners are returned, otherwise only those of the owner. If a row is saved for
        a person and again without a name (`UNNAMED`), it is returned once, for the person.
        """
        which, values = _owner_condition(owner)
        if owner is None:
            which = (
                "NOT (owner = :unnamed AND EXISTS (SELECT 1 FROM revenue o WHERE o.thing = r.thing"
                " AND o.month = r.month AND o.owner != :unnamed))"
            )
            values = {"unnamed": UNNAMED}
        found = self._database.read(
            f"SELECT (SELECT name FROM revenue_month m WHERE m.owner = r.owner AND m.month = r.month), {_COLUMNS}"
            f" FROM revenue r WHERE {which} ORDER BY month, cents DESC, thing, clicks_total",
            values,
        )
        return [(name, _row(values)) for name, *values in found]

    def thing_rows(self, thing: int) -> list[RevenueRow]:
        """Return the rows of a thing, by Flattr's id of the thing: one for each month, the oldest first. Fast."""
        found = self._database.read(
            f"SELECT {_COLUMNS} FROM revenue WHERE thing = :thing ORDER BY month, clicks_total", {"thing": thing}
        )
        return list({row.month: row for row in map(_row, found)}.values())


def _row(values: Sequence[Any]) -> RevenueRow:
    month, thing, flattr_url, url, title, clicks, cents, total = values
    return RevenueRow(
        month=month,
        thing=thing,
        flattr_url=flattr_url,
        url=url,
        title=title,
        clicks=clicks,
        cents=cents,
        clicks_total=total,
    )


def _owner_condition(owner: str | None) -> tuple[str, dict[str, Any]]:
    return ("1", {}) if owner is None else ("r.owner = :owner", {"owner": owner.casefold()})

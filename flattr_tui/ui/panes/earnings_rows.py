"""The table rows and columns that show revenue reports."""

from collections.abc import Sequence

from textual.content import Content

from flattr_tui.library.query.earnings import domain_of
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.entities import Thing
from flattr_tui.model.revenue import RevenueRow, format_cents
from flattr_tui.ui import format as fmt
from flattr_tui.ui.list_kinds import add_star
from flattr_tui.ui.widgets.table_columns import Column, RowStyle
from flattr_tui.ui.widgets.table_rows import RowList


class EarningsRow(Row, frozen=True, kw_only=True):
    """A table row for a row of a revenue report. Its item is the thing that earned the money."""

    revenue: RevenueRow


class EarningsRows(RowList):
    """The table rows for the rows of revenue reports, in the same order."""

    def __init__(self, rows: Sequence[RevenueRow]) -> None:
        super().__init__(
            [
                EarningsRow(make_thing(row), f"{row.month} {row.thing} {number}", 0.0, revenue=row)
                for number, row in enumerate(rows)
            ]
        )


def make_thing(row: RevenueRow) -> Thing:
    """Return the thing that a row of a report is about, with only the fields that this row contains."""
    return Thing(id=row.thing, title=row.title, url=row.url or None, link=row.flattr_url or None)


def _revenue(row: Row) -> RevenueRow:
    return row.revenue if isinstance(row, EarningsRow) else RevenueRow(month="", thing=0)


def _month(row: Row, look: RowStyle) -> Content:
    return Content.styled(fmt.month_name(_revenue(row).month), "$muted")


def _title(row: Row, look: RowStyle) -> Content:
    return add_star(Content(_revenue(row).title or "(no title)"), row.item, look)


def _domain(row: Row, look: RowStyle) -> Content:
    return Content.styled(domain_of(_revenue(row).url), "$muted")


def _clicks(row: Row, look: RowStyle) -> Content:
    return Content(fmt.number(_revenue(row).clicks))


def _amount(row: Row, look: RowStyle) -> Content:
    return Content(format_cents(_revenue(row).cents, thousands=","))


COLUMNS = (
    Column("month", "Month", _month, width=8, priority=7),
    Column("title", "Thing", _title, minimum=14, priority=9),
    Column("domain", "Domain", _domain, width=22, priority=3),
    Column("clicks", "Clicks", _clicks, width=7, align="right", priority=6),
    Column("revenue", "Revenue", _amount, width=9, align="right", priority=8),
)

"""The pages of linear mode for revenue: the sums of money that a user received, and the report rows behind a sum."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from flattr_tui.library.query.earnings import Earnings, Group, Grouping
from flattr_tui.linear_mode.pages import NumberedItem, Page, PageContext
from flattr_tui.model.entities import Thing
from flattr_tui.model.revenue import CURRENCY, RevenueRow, format_cents
from flattr_tui.ui import format as fmt


class EarningsPage(Page):
    """The page of a user's revenue by month, thing and domain. `username` "" stands for everybody.

    Each sum of money opens the page of the report rows that make up the sum.
    """

    def __init__(self, context: PageContext, username: str) -> None:
        super().__init__(context)
        self.username = username
        self.title = f"Received by {username or 'everybody'}"
        self._earnings = Earnings((), ())

    async def load(self) -> None:
        reader = self.context.library.earnings
        if reader is not None:
            self._earnings = await asyncio.to_thread(reader.read, self.username)
        self._entries = [
            NumberedItem(
                f"{group.title or group.key}: {_describe_sum(group)}",
                open=self._open_rows(group),
                heading="" if at else heading,
            )
            for heading, grouping in (
                ("By month", Grouping.MONTH),
                ("Things", Grouping.THING),
                ("Domains", Grouping.DOMAIN),
            )
            for at, group in enumerate(self._earnings.group_by(grouping))
        ]

    def _open_rows(self, group: Group) -> Callable[[], Page]:
        return lambda: EarningsRowsPage(self.context, f"{self.title}: {group.title or group.key}", group.rows)

    def describe(self) -> Iterable[str]:
        earnings = self._earnings
        if earnings.months:
            clicks = fmt.plural(earnings.clicks, "click")
            yield f"{format_cents(earnings.cents)} {CURRENCY}, {clicks}, {earnings.coverage}."

    def records(self) -> Iterator[Struct]:
        return iter(self._earnings.rows)

    def remarks(self) -> Iterable[str]:
        reader = self.context.library.earnings
        if self._earnings.months:
            if self.username:
                yield "earnings all shows everybody's."
            return
        yield f"No revenue report of {self.username or 'everybody'} is saved."
        others = reader.owners() if reader is not None else []
        if reader is not None and reader.is_readable and others:
            yield f"There are reports of {', '.join(others[:5])}: earnings NAME shows them, earnings all shows all."
        elif others:
            yield "The source “saved” has reports: flattr-tui --linear --source saved."
        else:
            yield "Import Flattr's monthly CSV files: flattr-tui import FILE… --user NAME."


class EarningsRowsPage(Page):
    """The page of the rows of revenue reports that make up a sum on `EarningsPage`.

    Each row is the revenue of one thing in one month.
    """

    def __init__(self, context: PageContext, title: str, rows: Sequence[RevenueRow]) -> None:
        super().__init__(context)
        self.title = title
        self._rows = rows
        self._entries = [self._entry(row) for row in rows]

    def _entry(self, row: RevenueRow) -> NumberedItem:
        thing = Thing(id=row.thing, title=row.title, url=row.url or None)
        text = f"{fmt.month_name(row.month)}, {row.title or row.url}, {_describe_sum(row)}"
        return NumberedItem(text, thing, self.open_item(thing))

    def records(self) -> Iterator[Struct]:
        return iter(self._rows)


def _describe_sum(figures: Group | RevenueRow) -> str:
    return f"{format_cents(figures.cents)} {CURRENCY}, {fmt.plural(figures.clicks, 'click')}"

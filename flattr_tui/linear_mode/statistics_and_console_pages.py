"""The pages of linear mode for statistics, revenue and the console, and a function that opens each mode's first page.

Statistics count the flattrs that a user gave; revenue is the money that a user received. The console lists and
describes the methods of the API. A mode is a place to which the user goes by its name or digit: profile, things, search
and so on.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from flattr_tui.api.method_table import METHODS, Method
from flattr_tui.library.api_descriptions import describe_method
from flattr_tui.library.query.earnings import Earnings, Group, Grouping
from flattr_tui.library.query.flattr_statistics import FlattrReport, bar_request
from flattr_tui.linear_mode.pages import FeedPage, NumberedItem, Page, PageContext, ProfilePage
from flattr_tui.linear_mode.search_and_history_pages import SearchPage
from flattr_tui.model.api_request import (
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.model.entities import Thing
from flattr_tui.model.revenue import CURRENCY, RevenueRow, format_cents
from flattr_tui.ui import format as fmt

TOP_ENTRIES = 10
"""Maximum number of people, of things, of tags and so on that the page Review lists, each with its flattrs."""


class SavedListPage(FeedPage):
    """The page of saved flattrs that the user opens from the page Review, by typing the number of an entry there."""

    async def load(self) -> None:
        statistics = self.context.library.statistics
        if statistics is not None:
            self._feed = await asyncio.to_thread(statistics.list_flattrs, self.request, self.view)

    def refresh(self, *, complete: bool = False) -> None:
        """Do nothing, because each `load` reads the list again."""


class ReviewPage(Page):
    """The page Review: how many flattrs a user gave by year, person, thing, tag, category and language.

    `username` "" stands for everybody. Each number opens the list of the flattrs that it counts.
    """

    def __init__(self, context: PageContext, username: str) -> None:
        super().__init__(context)
        self.username = username
        self.title = f"Saved flattrs of {username or 'everybody'}"
        self._report = FlattrReport()

    async def load(self) -> None:
        statistics = self.context.library.statistics
        if statistics is not None:
            self._report = await asyncio.to_thread(statistics.report, self.username)
            self._entries = [*self._count_years(), *self._count_others()]

    def describe(self) -> Iterable[str]:
        counted, of = self._report.counted, self._report.total
        if counted:
            flattrs = fmt.plural(counted, "flattr")
            yield f"All {flattrs}." if of == counted else f"{flattrs} saved."

    def remarks(self) -> Iterable[str]:
        if not self._report.counted:
            yield fmt.none_saved(self.username)
            if self.context.library.is_online:
                yield "Type 3 to fetch them." if self.username else "u NAME goes to a user, and 3 fetches the flattrs."
        elif self.username:
            yield "6 all shows everybody's."

    def _count_years(self) -> Iterable[NumberedItem]:
        years: dict[str, list[tuple[str, int]]] = {}
        for month, count in self._report.months:
            years.setdefault(month[:4], []).append((month, count))
        heading = "By year"
        for year, months in years.items():
            total = sum(count for _, count in months)
            if total:
                most, _ = max(months, key=lambda pair: pair[1])
                text = f"{year}: {fmt.plural(total, 'flattr')}, most in {fmt.month_name(most)}"
                yield NumberedItem(text, open=self._list("month", months[0][0], months[-1][0]), heading=heading)
                heading = ""

    def _count_others(self) -> Iterable[NumberedItem]:
        report = self._report
        for dimension, heading, counted, name in (
            ("owner", "Most supported", report.people, str),
            ("thing", "Things", report.things, str),
            ("tag", "Tags", report.tags, str),
            ("category", "Categories", report.categories, fmt.category),
            ("language", "Languages", report.languages, fmt.language),
        ):
            for at, bar in enumerate(counted[:TOP_ENTRIES]):
                label = name(bar.label if dimension == "thing" else bar.key)
                yield NumberedItem(
                    f"{label}: {fmt.plural(bar.count, 'flattr')}",
                    open=self._list(dimension, bar.key),
                    heading="" if at else heading,
                )

    def _list(self, dimension: str, key: str, last: str = "") -> Callable[[], Page]:
        request = bar_request(self.username, dimension, key, last)
        return lambda: SavedListPage(self.context, request, self.username or "everybody")


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


class ConsolePage(Page):
    """The page that lists the API's methods. Typing the number of a method opens the page that describes the method."""

    title = "Console: the methods of the API"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._entries = [self._entry(method) for method in METHODS]

    def _entry(self, method: Method) -> NumberedItem:
        login = ", with a login" if method.private else ""
        return NumberedItem(f"{method.name}: {method.help}{login}", open=lambda: MethodPage(self.context, method))

    def remarks(self) -> Iterable[str]:
        yield "Type a method's number to see what it takes, and how to send it."
        yield "get METHOD NAME=VALUE … sends a request, for example: get user-things username=ada count=2."


class MethodPage(Page):
    """The page that describes one method of the API: its parameters, its response, and how to send it."""

    def __init__(self, context: PageContext, method: Method) -> None:
        super().__init__(context)
        self._method = method
        self.title = f"Method {method.name}"

    def describe(self) -> Iterable[str]:
        command = "  flattr-tui "
        for line in describe_method(self._method):
            if line:
                told = line.removeprefix(command) if line.startswith(command) else " ".join(line.split())
                yield told.replace("--yes sends it", "you are asked before it is sent")

    def remarks(self) -> Iterable[str]:
        yield "Type the last line, with your values, to send the request."


def make_mode_page(context: PageContext, mode: str, username: str, text: str) -> Page:
    """Return the page that opens when the user chooses a mode, such as `things` or `search`.

    `mode` is the id of the mode in `ui.modes`. `username` is the user whose data is shown at present. `text` is what
    was typed after the mode's name: the name of another user or, for the mode `search`, a query; "" for nothing.
    """
    match mode:
        case "profile":
            return ProfilePage(context, text or username)
        case "search":
            return SearchPage(context, text)
        case "review":
            return ReviewPage(context, "" if text == "all" else text or username)
        case "console":
            return ConsolePage(context)
    return _make_list_page(context, mode, text or username)


def _make_list_page(context: PageContext, mode: str, username: str) -> Page:
    """Return the page of a user's list. `mode` is the name of the list: `things`, `flattrs` or `activities`."""
    requests = {
        "things": user_things_request,
        "flattrs": user_flattrs_request,
        "activities": user_activities_request,
    }
    return FeedPage(context, to_own_request(requests[mode](username), context.library.account), username)

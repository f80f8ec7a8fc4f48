"""The pages of linear mode that count the saved flattrs that a user gave, and list the counted ones."""

import asyncio
from collections.abc import Callable, Iterable

from flattr_tui.library.query.flattr_statistics import FlattrReport, bar_request
from flattr_tui.linear_mode.pages import FeedPage, NumberedItem, Page, PageContext
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

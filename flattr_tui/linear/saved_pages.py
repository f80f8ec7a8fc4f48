"""The pages of linear mode with searches, saved people, statistics and the console."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from flattr_tui.api.methods import METHODS, SORTS, Method
from flattr_tui.library.console.method_text import describe_method
from flattr_tui.library.query.feed import View
from flattr_tui.library.query.search import NO_LIMIT, FoundItem
from flattr_tui.library.query.server_query import ServerQuery, to_server_query
from flattr_tui.library.query.statistics import FlattrReport, items_of_bar
from flattr_tui.linear.pages import FeedPage, NumberedItem, Page, PageContext, ProfilePage, make_list_page
from flattr_tui.model.api_request import Request
from flattr_tui.ui import format as fmt
from flattr_tui.ui.item_text import summarize

TOP_ENTRIES = 10
"""How many counts of each kind the page Review lists."""
LOCAL_SORTS = ("-flattrs", "title", "-title", "owner", "-owner", "when", "-when")
"""Sort orders of a search that the server doesn't have: the program sorts what is fetched."""
SEARCH_HELP = "Type / and a query, for example: /podcast tag:audio -beta. h explains queries."


class SavedListPage(FeedPage):
    """The saved flattrs that a count of the page Review is made of."""

    async def load(self) -> None:
        statistics = self.context.library.statistics
        if statistics is not None:
            self._feed = await asyncio.to_thread(statistics.list_flattrs, self.request, self.view)

    def refresh(self, *, complete: bool = False) -> None:
        """Do nothing: each `load` reads the list again."""


class SearchPage(FeedPage):
    """The results of a search of things: the server's, or saved things if it does not respond; `text` is the query."""

    IS_REVERSIBLE = False
    SORTS = (*SORTS, *LOCAL_SORTS)

    def __init__(self, context: PageContext, text: str = "") -> None:
        super().__init__(context, Request.of("search"))
        self.text = text
        self._sent: ServerQuery | None = None
        self.title = "Search"

    async def load(self) -> None:
        library = self.context.library
        if not self.text:
            return
        is_local = self.sort in LOCAL_SORTS
        request = Request.of("search", query=self.text, full="1", sort="" if is_local else self.sort)
        view, self._sent = View(context=self.query_context), to_server_query(request, self.query_context)
        if library.search is not None:
            self._feed = await asyncio.to_thread(library.search.search_things, request, view, NO_LIMIT)
        self.request = self._sent.request
        if library.is_online:
            await self.fetch(self.request, self.start, self.start + 1)
        elif not is_local:
            return
        order = self.view if is_local else View(context=self.query_context)
        live = self.open_feed(self.request, replace(order, text=self._sent.rest_text))
        if live.status.sorting:
            await library.wait_for_sorting()
            live.reload()
        if live.status.saved or live.status.ended:
            self._feed = live

    def __len__(self) -> int:
        return super().__len__() if self.text else 0

    def remarks(self) -> Iterable[str]:
        if not self.text:
            yield SEARCH_HELP
            return
        status, rest = self.feed.status, self._sent.rest_text if self._sent is not None else ""
        failure = self.context.library.feed(self.request).status.failure
        if failure is not None:
            yield f"{failure.sentence} These are saved results; r tries again."
        total = status.total if status.total is not None else status.saved
        yield f"{total:,} found for {self.text}."
        if self.sort in LOCAL_SORTS and status.saved < total:
            yield f"Sorted are the {status.saved:,} that are saved; r all fetches the rest."
        if rest and self._feed is not None and self._feed.request == self.request:
            yield f"{status.shown:,} of the {status.saved:,} here match {rest}, which the server can't search for."
        elif not status.shown:
            yield self.words.none


class FindPage(Page):
    """The saved people, things, flattrs and activities that match the query `text`."""

    title = "Search everything saved"

    def __init__(self, context: PageContext, text: str) -> None:
        super().__init__(context)
        self.text = text
        self._found: Sequence[FoundItem] = ()

    @property
    def can_filter(self) -> bool:
        return True

    async def load(self) -> None:
        search = self.context.library.search
        if search is not None and self.text:
            self._found = await asyncio.to_thread(search.find_text, self.text, context=self.query_context)

    def __len__(self) -> int:
        return len(self._found)

    def entries(self, start: int, stop: int) -> Sequence[NumberedItem]:
        shown = self._found[start:stop]
        kinds = [self._found[start - 1].kind if start else "", *(found.kind for found in shown)]
        return [
            NumberedItem(
                ", ".join(summarize(found.item, self.now, self.context.tz, with_giver=True)),
                found.item,
                self.open_item(found.item),
                found.kind.capitalize() if found.kind != before else "",
            )
            for before, found in zip(kinds, shown, strict=False)
        ]

    def remarks(self) -> Iterable[str]:
        yield f"{fmt.plural(len(self._found), 'match', 'matches')} for {self.text} in saved data."


class PeoplePage(Page):
    """The people whose own data is saved; `show_user` makes the page that a person opens."""

    title = "People whose data is saved"

    def __init__(self, context: PageContext, show_user: Callable[[str], Page]) -> None:
        super().__init__(context)
        self._show_user = show_user

    async def load(self) -> None:
        search = self.context.library.search
        people = await asyncio.to_thread(search.list_people) if search is not None else []
        self._entries = [
            NumberedItem(
                f"{person.name}, {fmt.plural(person.things, 'thing')}, {fmt.plural(person.flattrs, 'flattr')}",
                open=lambda name=person.name: self._show_user(name),  # type: ignore[misc]
            )
            for person in people
        ]

    def remarks(self) -> Iterable[str]:
        if not self._entries:
            yield "Nothing is saved yet. Import files with `flattr-tui import`, or choose a server with --source."


class ReviewPage(Page):
    """Counts of the saved flattrs of a user, or ("") of everybody. Every count opens the list of its flattrs."""

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
        yield f"All {fmt.plural(counted, 'flattr')}." if of == counted else f"{fmt.plural(counted, 'flattr')} saved."

    def remarks(self) -> Iterable[str]:
        if not self._report.counted:
            yield f"No flattrs of {self.username or 'everybody'} are saved yet. Type 3 to fetch the user's."
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
        request = items_of_bar(self.username, dimension, key, last)
        return lambda: SavedListPage(self.context, request, self.username or "everybody")


class ConsolePage(Page):
    """The list of the API's methods."""

    title = "Console: the methods of the API"

    def __len__(self) -> int:
        return len(METHODS)

    def entries(self, start: int, stop: int) -> Sequence[NumberedItem]:
        return [self._entry(method) for method in METHODS[start:stop]]

    def _entry(self, method: Method) -> NumberedItem:
        login = ", with a login" if method.private else ""
        return NumberedItem(f"{method.name}: {method.help}{login}", open=lambda: MethodPage(self.context, method))

    def remarks(self) -> Iterable[str]:
        yield "Type a method's number to see what it takes, and how to send it."
        yield "get METHOD NAME=VALUE … sends a request, for example: get user-things username=ada count=2."


class MethodPage(Page):
    """The parameters and the response of one API method."""

    def __init__(self, context: PageContext, method: Method) -> None:
        super().__init__(context)
        self._method = method
        self.title = f"Method {method.name}"

    def describe(self) -> Iterable[str]:
        command = "  flattr-tui "
        for line in describe_method(self._method):
            if line:
                told = line.removeprefix(command) if line.startswith(command) else " ".join(line.split())
                yield told.replace("--yes sends it", "it is sent after a question")

    def remarks(self) -> Iterable[str]:
        yield "Type the last line, with your values, to send the request."


def make_place(context: PageContext, mode: str, username: str, text: str) -> Page:
    """Return the page of a place (a name in `ui.modes`) for the current user.

    `text` is what the user typed after the place's name: another user, or a query.
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
    return make_list_page(context, mode, text or username)

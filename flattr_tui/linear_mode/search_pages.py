"""The pages of linear mode that search for things, search everything saved, and list the people whose data is saved."""

import asyncio
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from flattr_tui.api.method_table import SORTS
from flattr_tui.library.query.list_feed import View
from flattr_tui.library.query.search import NO_LIMIT, ServerQuery, to_server_query
from flattr_tui.linear_mode.pages import FeedPage, NumberedItem, Page, PageContext
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.ui import format as fmt
from flattr_tui.ui.format import summarize

LOCAL_SORTS = ("-flattrs", "title", "-title", "owner", "-owner", "when", "-when")
"""Sort orders that Flattr's search lacks. In these orders, the program sorts the fetched results itself."""
SEARCH_HELP = "Type / and a query, for example: /podcast tag:audio -beta. h explains queries."


class SearchPage(FeedPage):
    """The page of the things that Flattr's search finds. If the server does not respond, saved things are searched.

    `text` is the query; "" for a page that only explains how to search.
    """

    IS_REVERSIBLE = False
    SORTS = (*SORTS, *LOCAL_SORTS)

    def __init__(self, context: PageContext, text: str = "") -> None:
        super().__init__(context, ApiRequest.of("search"))
        self.text = text
        self._sent: ServerQuery | None = None
        self.title = "Search"

    async def load(self) -> None:
        library = self.context.library
        if not self.text:
            return
        is_local = self.sort in LOCAL_SORTS
        request = ApiRequest.of("search", query=self.text, full="1", sort="" if is_local else self.sort)
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
            yield f"Only the {status.saved:,} that are saved are sorted; r all fetches the rest."
        if rest and self._feed is not None and self._feed.request == self.request:
            yield f"{status.shown:,} of the {status.saved:,} here match {rest}, which the server can't search for."
        elif not status.shown:
            yield self.labels.none


class FindPage(Page):
    """The page of the saved people, things, flattrs and activities that match the query `text`."""

    title = "Search everything saved"

    def __init__(self, context: PageContext, text: str) -> None:
        super().__init__(context)
        self.text = text

    @property
    def can_filter(self) -> bool:
        return True

    async def load(self) -> None:
        search = self.context.library.search
        if search is None or not self.text:
            return
        found = await asyncio.to_thread(search.find_text, self.text, context=self.query_context)
        self._entries = [
            NumberedItem(
                ", ".join(summarize(one.item, self.now, self.context.tz, with_giver=True)),
                one.item,
                self.open_item(one.item),
                one.kind.capitalize() if not at or one.kind != found[at - 1].kind else "",
            )
            for at, one in enumerate(found)
        ]

    def remarks(self) -> Iterable[str]:
        yield f"{fmt.plural(len(self), 'match', 'matches')} for {self.text} in saved data."


class PeoplePage(Page):
    """The page of the people whose own data is saved.

    `show_user` is called with the name of the person whom the user chose, and returns the page to open.
    """

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

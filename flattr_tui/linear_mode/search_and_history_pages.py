"""The pages of linear mode for searches, people, bookmarks, recently opened pages and changes."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from flattr_tui.api.method_table import SORTS
from flattr_tui.library.bookmarks import Mark, MarkKind
from flattr_tui.library.query.change_history import SAVED_CHANGES, Change, ChangeRecord, ChangeRow, ChangesReader
from flattr_tui.library.query.list_feed import View
from flattr_tui.library.query.saved_queries import describe_query, list_request
from flattr_tui.library.query.search import NO_LIMIT, ServerQuery, to_server_query
from flattr_tui.linear_mode.pages import FeedPage, NumberedItem, Page, PageContext, ProfilePage, ThingPage
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Thing
from flattr_tui.model.query_dates import SHORT_MONTHS
from flattr_tui.model.query_language import QueryContext, parse_query
from flattr_tui.ui import format as fmt
from flattr_tui.ui.format import describe_change, summarize

LOCAL_SORTS = ("-flattrs", "title", "-title", "owner", "-owner", "when", "-when")
"""Sort orders that Flattr's search lacks. In these orders, the program sorts the fetched results itself."""
SEARCH_HELP = "Type / and a query, for example: /podcast tag:audio -beta. h explains queries."
CONDITIONS = {"category": "category", "language": "language", "user": "owner", "tags": "tag"}
"""Parameters of Flattr's search, each with the condition in a query (`model.query_language`) that means the same."""
BOOKMARK_HINT = "bookmark ITEM keeps a thing or a user, and bookmark alone the page's."


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


class BookmarksPage(Page):
    """The page of the bookmarks, the saved searches and filters, and the recently opened pages."""

    title = "Bookmarks and history"

    async def load(self) -> None:
        kept = self.context.library.bookmarks
        marks = kept.marks if kept is not None else ()
        groups = {
            "Searches and filters": [mark for mark in marks if mark.kind.is_query],
            "Bookmarks": [mark for mark in marks if not mark.kind.is_query],
            "Recently opened": kept.opened if kept is not None else (),
        }
        self._entries = [
            self._entry(mark, "" if at else heading)
            for heading, found in groups.items()
            for at, mark in enumerate(found)
        ]

    def _entry(self, mark: Mark, heading: str) -> NumberedItem:
        name = mark.key if mark.kind is MarkKind.USER else mark.title or mark.key
        parts = [name, describe_query(mark) if mark.kind.is_query else mark.kind.value]
        parts.append(fmt.when(mark.at, self.now, self.context.tz))
        if mark.source != self.context.library.source.name:
            return NumberedItem(", ".join([*parts, f"of the source {mark.source}"]), heading=heading)
        return NumberedItem(", ".join(parts), mark.item, lambda: self._open(mark), heading)

    def _open(self, mark: Mark) -> Page:
        match mark.kind:
            case MarkKind.USER:
                return ProfilePage(self.context, mark.key)
            case MarkKind.THING:
                return ThingPage(self.context, Thing(id=int(mark.key), title=mark.title))
            case MarkKind.FIND:
                return FindPage(self.context, mark.key)
            case MarkKind.FILTER:
                username = mark.arguments.get("username", "")
                page: Page = FeedPage(self.context, self.as_own_request(list_request(mark)), username)
                page.text = mark.arguments.get("text", "")
                return page
        conditions = (
            f'{name}:"{mark.arguments[parameter]}"'
            for parameter, name in CONDITIONS.items()
            if mark.arguments.get(parameter)
        )
        page = SearchPage(self.context, " ".join(filter(None, (mark.arguments.get("query", ""), *conditions))))
        page.sort = mark.arguments.get("sort", "")
        return page

    def remarks(self) -> Iterable[str]:
        if not self._entries:
            yield f"Nothing is bookmarked yet. {BOOKMARK_HINT}"


class ChangesPage(Page):
    """The page of changes in the saved data, the latest first. `text` is a query that filters the changes."""

    title = "Changes"

    def __init__(self, context: PageContext, text: str = "") -> None:
        super().__init__(context)
        self.text = text
        self._changes: Sequence[Change] = ()
        self._days: dict[int, str] = {}
        """The heading of each day (`3 January 2018`), by the index of the day's first item on the page."""

    @property
    def can_filter(self) -> bool:
        return True

    @property
    def query_context(self) -> QueryContext:
        return self.query_context_since(SAVED_CHANGES)

    @property
    def _reader(self) -> ChangesReader:
        library = self.context.library
        return ChangesReader(library.catalogue, library.source, library.account)

    async def load(self) -> None:
        query = parse_query(self.text, self.query_context)
        days = await asyncio.to_thread(self._reader.read_days, self.context.tz, query=query)
        self._changes, self._days = [change for day in days for change in day.changes], {}
        at = 0
        for day in days:
            self._days[at] = f"{day.day.day} {SHORT_MONTHS[day.day.month - 1]} {day.day.year}"
            at += len(day.changes)
        if self._changes and not self.text:
            await self.context.record_look(SAVED_CHANGES, int(self._changes[0].at))

    def __len__(self) -> int:
        return len(self._changes)

    def _rows(self, start: int, stop: int) -> Sequence[ChangeRow | None]:
        seen_until = self.context.seen.seen_until(SAVED_CHANGES)
        rows = self._reader.read_rows(self._changes[start:stop], seen_until)
        return [row if isinstance(row, ChangeRow) else None for row in rows]

    def entries(self, start: int, stop: int) -> Sequence[NumberedItem]:
        return [self._entry(row, self._days.get(at, "")) for at, row in enumerate(self._rows(start, stop), start)]

    def _entry(self, row: ChangeRow | None, heading: str) -> NumberedItem:
        if row is None:
            return NumberedItem("(deleted)", heading=heading)
        _, *what = describe_change(row.change, self.context.tz)
        told = summarize(row.item, self.now, self.context.tz, list_owner=row.change.username)
        text = ", ".join([fmt.clock(row.change.at, self.context.tz), *what, *told, *(["new"] if row.is_new else [])])
        return NumberedItem(text, row.item, self.open_item(row.item), heading)

    def records(self) -> Iterator[Struct]:
        return (ChangeRecord.from_row(row) for row in self._rows(0, len(self)) if row is not None)

    def remarks(self) -> Iterable[str]:
        if self.text:
            yield f"{fmt.plural(len(self), 'change')} match{'es' if len(self) == 1 else ''} {self.text}."
        elif not self._changes:
            yield "Nothing has changed since the lists were first saved."
            if self.context.library.is_online:
                yield "r on a list compares it with the server's."

"""The pages of linear mode: the base class of all, and the pages of lists, things and users."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import ClassVar, NamedTuple, Protocol

from msgspec import Struct

from flattr_tui.library.api_descriptions import describe_request
from flattr_tui.library.events import Failure
from flattr_tui.library.library import Library
from flattr_tui.library.query.change_history import SeenLists
from flattr_tui.library.query.list_feed import Feed, Row, Sort, View
from flattr_tui.linear_mode.text_io import NetworkWait, TextOutput
from flattr_tui.model.api_request import (
    ApiRequest,
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.model.entities import Activity, Entity, Flattr, Thing, User, thing_of, time_of, username_of
from flattr_tui.model.query_language import QueryContext
from flattr_tui.ui import format as fmt
from flattr_tui.ui.format import DOT, LIST_WORDS, Line, describe_thing, describe_user, summarize

PAGE_ITEMS = 10
"""Maximum number of items that are printed at a time."""
FIRST_NUMBER = 11
"""The number that the user types for the first item of a page. Smaller numbers open modes."""
EXPORT_ROWS = 1_000
"""Number of rows that an export reads from the database at a time."""
STATISTICS_ROWS = 500
"""Number of a user's latest flattrs that are fetched for the statistics in a profile."""
MOST_SUPPORTED = 5
"""Number of people that a profile lists as those whom the user supported most."""
RECORDS = frozenset({"user", "me", "thing"})
"""API methods that return a single object instead of a list."""


class NumberedItem(NamedTuple):
    """An item of a page: its text, and what happens when the user types its number."""

    text: str
    """The text that is printed after the number."""
    item: Entity | None = None
    """The thing, user or flattr that commands such as `flattr` act on; None if they can't act on this item."""
    open: "Callable[[], Page] | None" = None
    """Returns the page to print when the item is opened; None if the item can't be opened."""
    heading: str = ""
    """A heading to print before the item, if a new part of the page begins with it; otherwise ""."""


class PageContext(Protocol):
    """What a page needs from the command loop: the library, an object that waits for the network, and the time."""

    library: Library
    network: NetworkWait
    seen: SeenLists
    clock: Callable[[], float]
    """Returns the current time in Unix seconds."""
    tz: tzinfo
    """The time zone in which times are printed."""

    async def record_look(self, request: ApiRequest, newest: int | None) -> None:
        """Save that the user has seen a list up to the time `newest` (Unix seconds). With None, save nothing.

        `request` is the request for the list.
        """


class Page:
    """A page of linear mode: a title, a description, numbered items, and remarks.

    `load` fetches the page's data. The other methods return texts and items to print, made from saved data.
    """

    IS_REVERSIBLE: ClassVar[bool] = True
    """Whether the user may put a `-` before the name of a sort order to reverse the order."""
    SORTS: ClassVar[Sequence[str]] = ()
    """The names of the sort orders that the command `sort` accepts; empty if the page can't be sorted."""

    def __init__(self, context: PageContext) -> None:
        self.context = context
        self.start = 0
        """Index of the first item that is printed, from 0."""
        self.text = ""
        """The query that filters the items; "" for no filter."""
        self.sort = ""
        """The name of the sort order, as the user typed it; "" for the page's own order."""
        self.previous_user = ""
        """The user whose pages were shown before this page switched to another user; "" if it did not switch."""
        self._entries: Sequence[NumberedItem] = ()
        """All items of the page. Only pages whose `load` reads all items at once use this list."""

    title = ""
    subject: Entity | None = None
    """The thing or user that commands such as `flattr` act on if no item is typed; None if an item must be typed."""

    async def load(self) -> None:
        """Fetch or read the data of the page.

        Raises `StoppedError` if the user stops the fetching, and `QuerySyntaxError` or `TagSyntaxError` if the page's
        query is invalid.
        """

    async def fetch(self, request: ApiRequest, start: int = 0, stop: int = 1) -> None:
        """Fetch the response to a request, unless it is saved and still fresh: a single object, or rows of a list.

        For a list, the rows from `start` to `stop` (excluded) are fetched. Raises `StoppedError` if the user presses
        ctrl+c.
        """
        library, is_record = self.context.library, request.method in RECORDS

        def is_done() -> bool:
            return not (library.record(request) if is_record else library.feed(request).status).loading

        library.observe(request, start=start, stop=stop, by=self)
        try:
            await self.context.network.until(is_done, f"Fetching {describe_request(request)}")
        finally:
            library.unobserve(request, by=self)

    def refresh(self, *, complete: bool = False) -> None:
        """Start to fetch the page's data again, even if the saved data is fresh. The next `load` waits for that data.

        With `complete`, a whole list is fetched, otherwise only what is new.
        """

    def describe(self) -> Iterable[str]:
        """Yield the paragraphs to print between the page's title and its items."""
        return ()

    def __len__(self) -> int:
        """Return the number of all items of the page."""
        return len(self._entries)

    def entries(self, start: int, stop: int) -> Sequence[NumberedItem]:
        """Return the page's items with the indexes `start` to `stop` (excluded). The first item has the index 0."""
        return self._entries[start:stop]

    def records(self) -> Iterator[Struct]:
        """Yield all saved items of the page as objects that can be exported. Call this in a thread."""
        return (entry.item for entry in self.entries(0, len(self)) if entry.item is not None)

    def remarks(self) -> Iterable[str]:
        """Yield the paragraphs to print after the items: what is missing and why, and hints."""
        return ()

    @property
    def can_filter(self) -> bool:
        """Whether the command `/QUERY` filters this page's items. On other pages, it starts a search for things."""
        return False

    @property
    def now(self) -> float:
        """The current time in Unix seconds."""
        return self.context.clock()

    @property
    def query_context(self) -> QueryContext:
        """The time, the time zone and the logged-in user, on which the meaning of the page's query depends."""
        return self.query_context_since(None)

    def query_context_since(self, request: ApiRequest | None) -> QueryContext:
        """Return the context for a query on a list. In it, `is:new` matches the items that the user has not seen yet.

        `request` is the request for the list; with None, `is:new` matches nothing.
        """
        seen_until = self.context.seen.seen_until(request) if request is not None else None
        return QueryContext(self.now, self.context.tz, self.context.library.account, seen_until)

    def as_own_request(self, request: ApiRequest) -> ApiRequest:
        """Return the request by which the logged-in user fetches the same list: `my-things` in place of `user-things`.

        The API's response to it has more fields. A request about another user is returned unchanged.
        """
        return to_own_request(request, self.context.library.account)

    def open_item(self, item: Entity) -> "Callable[[], Page] | None":
        """Return a function that makes the page of an item's thing or user; None if the item has neither."""
        thing, name = thing_of(item), username_of(item)
        if thing is not None:
            return lambda: ThingPage(self.context, thing)
        return (lambda: ProfilePage(self.context, name)) if isinstance(item, Activity | User) and name else None


class FeedPage(Page):
    """The page of a list of the API. `request` is the request for the list.

    `who` is the name of the user whose list it is; "" for a list without a user.
    """

    SORTS = tuple(sort.value for sort in Sort)

    def __init__(self, context: PageContext, request: ApiRequest, who: str = "") -> None:
        super().__init__(context)
        self.request = request
        self.who = who
        self.labels = LIST_WORDS[request.method]
        self._feed: Feed | None = None
        self.title = self.labels.title.format(who=who)

    @property
    def can_filter(self) -> bool:
        return True

    @property
    def query_context(self) -> QueryContext:
        return self.query_context_since(self.request)

    @property
    def view(self) -> View:
        """The sort order and the filter that the user chose."""
        sort = Sort(self.sort.removeprefix("-") or Sort.SERVER)
        is_descending = sort.starts_high is not self.sort.startswith("-")
        context = self.query_context
        return View(sort, sort is not Sort.SERVER and is_descending, self.text, context, context.seen_until)

    @property
    def feed(self) -> Feed:
        """The saved rows of the list, filtered and sorted as the user chose."""
        if self._feed is None:
            self._feed = self.open_feed(self.request, self.view)
        return self._feed

    def open_feed(self, request: ApiRequest, view: View) -> Feed:
        """Return the saved rows of a list, filtered and sorted as `view` says.

        The rows also show what the user has changed, such as a new flattr, although it is not in the fetched data yet.
        """
        library = self.context.library
        feed = library.feed(request, view)
        return library.writes.with_changes(feed) if library.writes is not None else feed

    async def load(self) -> None:
        self._feed = None
        start = 0 if self.text or self.sort else self.start
        await self.fetch(self.request, start, start + PAGE_ITEMS)
        self.feed.reload()
        if self.feed.status.sorting:
            await self.context.library.wait_for_sorting()
            self.feed.reload()
        await self.context.record_look(self.request, self.feed.status.newest)

    def refresh(self, *, complete: bool = False) -> None:
        self.context.library.refresh(self.request, complete=complete)

    def __len__(self) -> int:
        return len(self.feed) - (not self.text and not self.sort and not self.feed.status.ended and len(self.feed) > 0)

    def entries(self, start: int, stop: int) -> Sequence[NumberedItem]:
        return [
            self._entry(row) if isinstance(row, Row) else NumberedItem("(not saved)")
            for row in self.feed.rows(start, stop)
        ]

    def records(self) -> Iterator[Struct]:
        for start in range(0, len(self.feed), EXPORT_ROWS):
            yield from (row.item for row in self.feed.rows(start, start + EXPORT_ROWS) if isinstance(row, Row))

    def _entry(self, row: Row) -> NumberedItem:
        state = ["deleted" if row.is_removed else "", "new" if row.is_new else ""]
        text = ", ".join([*summarize(row.item, self.now, self.context.tz, list_owner=self.who), *filter(None, state)])
        return NumberedItem(text, row.item, self.open_item(row.item))

    def remarks(self) -> Iterable[str]:
        status, library = self.feed.status, self.context.library
        if status.failure is not None:
            yield _explain_failure(status.failure)
        if status.is_empty:
            yield self.labels.none.format(who=self.who)
        elif not status.saved and status.failure is None:
            yield "Nothing is saved here yet." if not library.is_online else "Nothing has arrived yet. r tries again."
        elif self.text:
            yield f"{status.shown:,} of the {self.labels.count(status.saved)} saved match {self.text}."
        if status.saved:
            yield self._describe_extent()

    def _describe_extent(self) -> str:
        status = self.feed.status
        age = f", fetched {fmt.ago(self.now - status.fetched_at)}" if status.fetched_at is not None else ""
        if status.ended:
            return f"{self.labels.count(status.saved)} in all{age}."
        total = f" of {status.total:,}" if status.total is not None else ""
        return f"{self.labels.count(status.saved)}{total} saved{age}; the list goes on, and r all fetches the rest."


class RecordPage(FeedPage):
    """The page of a user or thing, with a list below the description.

    `record` is the request for the user or thing, and `request` is the request for the list.
    """

    def __init__(self, context: PageContext, record: ApiRequest, request: ApiRequest, who: str = "") -> None:
        super().__init__(context, request, who)
        self.record = record

    async def load(self) -> None:
        await self.fetch(self.record)
        await super().load()

    def refresh(self, *, complete: bool = False) -> None:
        self.context.library.refresh(self.record)
        super().refresh(complete=complete)

    def remarks(self) -> Iterable[str]:
        failure = self.context.library.record(self.record).failure
        if failure is not None:
            yield _explain_failure(failure)
        yield from super().remarks()


class ThingPage(RecordPage):
    """The page of a thing, with the list of the users who flattred that thing."""

    def __init__(self, context: PageContext, thing: Thing) -> None:
        number = str(thing.id)
        super().__init__(context, ApiRequest.of("thing", id=number), ApiRequest.of("thing-flattrs", id=number))
        self._thing = thing
        self.title = f"Thing {number}"

    @property
    def subject(self) -> Thing:  # type: ignore[override]
        record = self.context.library.record(self.record)
        thing = record.entity if isinstance(record.entity, Thing) else self._thing
        writes = self.context.library.writes
        seen = writes.changes.apply_to(thing, record.fetched_at) if writes is not None else thing
        return seen if isinstance(seen, Thing) else thing

    def describe(self) -> Iterable[str]:
        yield from to_paragraphs(describe_thing(self.subject, self.now, self.context.tz))
        if len(self):
            yield "Who flattred it:"

    def _entry(self, row: Row) -> NumberedItem:
        owner = row.item.owner if isinstance(row.item, Flattr) else None
        at = fmt.when(time_of(row.item), self.now, self.context.tz)
        text = ", ".join(filter(None, (owner.username if owner else "somebody", at)))
        return NumberedItem(text, owner, self.open_item(owner) if owner is not None else None)


class ProfilePage(RecordPage):
    """The page of a user: who they are, what they flattred and when, whom they support, their latest activities."""

    def __init__(self, context: PageContext, username: str) -> None:
        self.username = username
        own = to_own_request(ApiRequest.of("user", username=username), context.library.account)
        activities = to_own_request(user_activities_request(username), context.library.account)
        super().__init__(context, own, activities, username)
        self._statistics: list[str] = []
        self.title = f"Profile of {username}"

    @property
    def subject(self) -> User:  # type: ignore[override]
        user = self.context.library.record(self.record).entity
        return user if isinstance(user, User) else User(username=self.username)

    async def load(self) -> None:
        await super().load()
        await self.fetch(self._things, stop=PAGE_ITEMS)
        await self.fetch(self._flattrs, stop=STATISTICS_ROWS)
        self._statistics = await self._count()

    @property
    def _flattrs(self) -> ApiRequest:
        return self.as_own_request(user_flattrs_request(self.username))

    @property
    def _things(self) -> ApiRequest:
        return self.as_own_request(user_things_request(self.username))

    async def _count(self) -> list[str]:
        found = await self.context.library.user_statistics(self.username)
        if not found.counted:
            return []
        years: dict[str, int] = {}
        for month, count in found.by_month:
            years[month[:4]] = years.get(month[:4], 0) + count
        supported = ", ".join(f"{name} {count:,}" for name, count in found.supported[:MOST_SUPPORTED])
        categories = ", ".join(f"{fmt.category(name)} {count:,}" for name, count in found.categories)
        by_year = ", ".join(f"{year} {count:,}" for year, count in years.items() if count)
        named = (("Most supported", supported), ("Categories", categories), ("Flattrs by year", by_year))
        return [f"{name}: {text}." for name, text in named if text]

    def describe(self) -> Iterable[str]:
        yield from to_paragraphs(describe_user(self.subject, self.context.tz)[1:])
        counts = []
        for request, noun in ((self._things, "thing"), (self._flattrs, "flattr")):
            status = self.context.library.feed(request).status
            if status.saved or status.ended:
                counts.append(f"{'' if status.ended else 'at least '}{fmt.plural(status.saved, noun)}")
        if counts:
            yield f"{', '.join(counts)}."
        yield from self._statistics
        if len(self):
            yield "Latest activities:"


def to_paragraphs(lines: Iterable[Line]) -> Iterable[str]:
    """Yield styled lines as plain text. Empty lines are left out.

    The dots between the parts of a line become commas, because screen readers read dots aloud.
    """
    for line in lines:
        text = "".join(", " if part == DOT else part.text for part in line.parts)
        if text:
            yield f"{line.label}: {text}" if line.label else text


def _explain_failure(failure: Failure) -> str:
    return f"{failure.sentence} r tries again."


def write_page(page: Page, output: TextOutput) -> None:
    """Print a page: its title, its description, up to `PAGE_ITEMS` items from `page.start` on, and how to see more.

    The description is printed only with the first items.
    """
    output.write()
    output.write(page.title)
    for text in page.describe() if not page.start else ():
        output.write(text)
    total, stop = len(page), page.start + PAGE_ITEMS
    entries = page.entries(page.start, min(stop, total))
    for number, entry in enumerate(entries, FIRST_NUMBER + page.start):
        if entry.heading:
            output.write(f"{entry.heading}:")
        output.write(entry.text, label=f"{number}. ")
    for text in page.remarks():
        output.write(text)
    if total > len(entries):
        more = ["n shows more"] if stop < total else []
        more += ["p shows the previous ones"] if page.start else []
        pages = -(-total // PAGE_ITEMS)
        output.write(f"Page {page.start // PAGE_ITEMS + 1:,} of {pages:,}; {', '.join(more)}.")

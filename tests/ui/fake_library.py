"""A library that keeps everything in memory, fetched through the real client: for the screens alone."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.api.errors import CannotConnectError, FlattrError, RateLimitedError
from flattr_tui.api.methods import BY_NAME
from flattr_tui.library.events import Connection, Event, Failure, FeedChanged, RecordChanged, Status, StatusChanged
from flattr_tui.library.feed import FeedStatus, Hole, Row, Sort, View
from flattr_tui.library.library import Figures, Library, Record
from flattr_tui.model import choices
from flattr_tui.model.decode import decode
from flattr_tui.model.entities import Activity, Choice, Entity, Flattr, Item, Thing
from flattr_tui.model.request import Request
from flattr_tui.model.source import Source, parse_source

PAGE = 30


@dataclass
class Saved:
    """All that is known of one feed."""

    items: dict[str, Row] = field(default_factory=dict)
    status: FeedStatus = field(default_factory=FeedStatus)


def thing_of(item: Item) -> Thing | None:
    return item if isinstance(item, Thing) else getattr(item, "thing", None)


def words_of(item: Item) -> str:
    if isinstance(item, Activity):
        return item.title.casefold()
    thing = thing_of(item)
    if thing is None:
        return ""
    owner = thing.owner.username if thing.owner else ""
    return " ".join((thing.title, owner, *(thing.tags or ()), thing.description or "")).casefold()


def sort_value(item: Item, sort: Sort) -> Any:
    thing = thing_of(item)
    if sort is Sort.WHEN:
        return getattr(item, "created_at", None) or getattr(item, "published", None) or 0
    if thing is None:
        return ""
    if sort is Sort.OWNER:
        return thing.owner.username if thing.owner else ""
    if sort is Sort.FLATTRS:
        return thing.flattrs or 0
    value = attrgetter({Sort.TITLE: "title", Sort.CATEGORY: "category", Sort.LANGUAGE: "language"}[sort])(thing)
    return (value or "").casefold()


class FakeFeed:
    def __init__(self, request: Request, view: View, saved: Saved) -> None:
        self.request, self.view, self._saved = request, view, saved
        self.status = FeedStatus()
        self._rows: list[Row | Hole] = []
        self._index: dict[str, int] = {}
        self.reload()

    def reload(self) -> None:
        rows: list[Row | Hole] = list(self._saved.items.values())
        view = self.view
        if view.text:
            wanted = view.text.casefold().split()
            rows = [row for row in rows if isinstance(row, Row) and all(w in words_of(row.item) for w in wanted)]
        if view.sort is not Sort.SERVER:
            rows.sort(key=lambda row: sort_value(row.item, view.sort), reverse=view.descending)  # type: ignore[union-attr]
        self.status = replace(self._saved.status, saved=len(self._saved.items), shown=len(rows))
        if not view.text and view.sort is Sort.SERVER and not self.status.ended and rows:
            rows.append(Hole(loading=self.status.loading, tail=True))
        self._rows = rows
        self._index = {row.key: at for at, row in enumerate(rows) if isinstance(row, Row)}

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> list[Row | Hole]:
        return self._rows[max(0, start) : stop]

    def find(self, key: str) -> int | None:
        return self._index.get(key)


class FakeLibrary(Library):
    def __init__(
        self,
        app: Callable[[], Any] | None,
        *,
        source: Source | None = None,
        clock: Callable[[], float] = time.time,
        offline: bool = False,
    ) -> None:
        self.source = source or parse_source("sandbox")
        self.account = ""
        self.status = Status(Connection.OFFLINE if offline else Connection.LIVE)
        self._client = None if offline else Client(self.source, app=app, clock=clock)
        self._clock = clock
        self._listeners: list[Callable[[Event], None]] = []
        self._feeds: dict[Request, Saved] = {}
        self._records: dict[Request, Record] = {}
        self._wanted: asyncio.Queue[tuple[Request, int, bool]] = asyncio.Queue()
        self._underway: set[tuple[Request, int]] = set()

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)

    def feed(self, request: Request, view: View | None = None) -> FakeFeed:
        return FakeFeed(request, view or View(), self._feeds.setdefault(request, Saved()))

    def record(self, request: Request) -> Record:
        return self._records.get(request, Record())

    def want(self, request: Request, *, start: int = 0, stop: int = 1, near: bool = False) -> None:
        if self._client is None:
            return
        if request.method in {"user", "thing", "lookup"}:
            if self.record(request).fetched_at is None:
                self._queue(request, 0)
            return
        status = self._feeds.setdefault(request, Saved()).status
        if status.failure is not None:
            return  # what failed is asked for again by `refresh` alone
        if status.fetched_at is None:
            self._queue(request, 1)
        elif not status.ended and stop > len(self._feeds[request].items):
            self._queue(request, len(self._feeds[request].items) // PAGE + 1)

    def _queue(self, request: Request, page: int) -> None:
        if (request, page) in self._underway:
            return
        self._underway.add((request, page))
        self._live(replace(self.status, queued=len(self._underway)))
        self._mark(request, page, loading=True)
        self._wanted.put_nowait((request, page, False))

    def _mark(self, request: Request, page: int, *, loading: bool, failure: Failure | None = None) -> None:
        if page == 0:
            self._records[request] = replace(self.record(request), loading=loading, failure=failure)
            self.tell(RecordChanged(request))
            return
        saved = self._feeds[request]
        saved.status = replace(saved.status, loading=loading, failure=failure)
        self.tell(FeedChanged(request))

    def release(self, request: Request) -> None:
        pass

    def refresh(self, request: Request, *, complete: bool = False) -> None:
        if self._client is not None:
            self._queue(request, 0 if request.method in {"user", "thing", "lookup"} else 1)

    def cancel(self) -> None:
        while not self._wanted.empty():
            self._wanted.get_nowait()

    def choices(self, method: str) -> tuple[Choice, ...]:
        return choices.CATEGORIES if method == "categories" else choices.LANGUAGES

    async def figures(self, username: str) -> Figures:
        saved = self._feeds.get(Request.of("user-flattrs", username=username, full="1"), Saved())
        flattrs = [row.item for row in saved.items.values() if isinstance(row.item, Flattr)]
        months = Counter(datetime.fromtimestamp(f.created_at or 0, UTC).strftime("%Y-%m") for f in flattrs)
        owners = Counter(f.thing.owner.username for f in flattrs if f.thing.owner)
        categories = Counter(f.thing.category for f in flattrs if f.thing.category)
        of = len(flattrs) if saved.status.ended else None
        return Figures(len(flattrs), of, _every_month(months), owners.most_common(), categories.most_common())

    async def run(self) -> None:
        while True:
            request, page, _ = await self._wanted.get()
            await self._fetch(request, page)
            self._underway.discard((request, page))
            self._live(replace(self.status, queued=len(self._underway)))

    async def _fetch(self, request: Request, page: int) -> None:
        assert self._client is not None
        arguments = dict(request.arguments)
        if page:
            arguments |= {"page": str(page), "count": str(PAGE)} if BY_NAME[request.method].is_list else {}
        try:
            response = await self._client.call(BY_NAME[request.method], arguments)
        except FlattrError as error:
            self._mark(request, page, loading=False, failure=self._failure(request, error))
            return
        read = decode(BY_NAME[request.method].answer, response.body, response.content_type)
        self._live(replace(self.status, connection=Connection.LIVE, rate=response.rate or self.status.rate))
        if page == 0:
            entity: Entity | None = read.entities[0] if read.entities else None
            self._records[request] = Record(entity, response.fetched_at)
            self.tell(RecordChanged(request))
            return
        saved = self._feeds[request]
        for item in read.entities:
            saved.items.setdefault(item.key, Row(item, item.key, response.fetched_at))  # type: ignore[union-attr, arg-type]
        ended = len(read.entities) < PAGE or not BY_NAME[request.method].is_list
        none = ended and not saved.items
        saved.status = FeedStatus(0, 0, ended, read.total, response.fetched_at, hidden_or_none=none)
        self.tell(FeedChanged(request))

    def _failure(self, request: Request, error: FlattrError) -> Failure:
        connection = self.status.connection
        until = None
        if isinstance(error, RateLimitedError):
            connection, until = Connection.WAITING, float(error.reset or 0)
        elif isinstance(error, CannotConnectError):
            connection = Connection.UNREACHABLE
        self._live(replace(self.status, connection=connection, waiting_until=until))
        return Failure(error.sentence(request.get("username") or "This"), error, self._clock())

    def _live(self, status: Status) -> None:
        self.status = status
        self.tell(StatusChanged(status))

    async def aclose(self) -> None:
        if self._client is not None:
            await self._client.aclose()


def _every_month(months: Counter[str]) -> Sequence[tuple[str, int]]:
    if not months:
        return ()
    first, last = min(months), max(months)
    numbers = range(int(first[:4]) * 12 + int(first[5:]) - 1, int(last[:4]) * 12 + int(last[5:]))
    names = [f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers]
    return [(name, months[name]) for name in names]

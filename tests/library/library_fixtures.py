"""A library with a sandbox in this process as its server. Its clock stands still, and nothing sleeps."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.library.events import ConnectionState, Event
from flattr_tui.library.library import Library
from flattr_tui.library.query.list_feed import Row, View
from flattr_tui.library.sync import Syncer
from flattr_tui.model.api_request import ApiRequest, user_flattrs_request
from flattr_tui.model.data_source import Source, parse_source
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.world import World
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.response_store import ResponseStore

NOW = datetime(2018, 1, 3, 12, 0, tzinfo=UTC).timestamp()
ADA = user_flattrs_request("ada")
COLLECTOR = user_flattrs_request("collector")
"""The request for the flattrs of `collector`, who has very many."""
PROFILE = ApiRequest.of("user", username="ada")
SHORT_PAUSE = 90.0
"""Pauses of fewer seconds, such as those between retries, end at once; longer pauses end with `Time.advance`."""


@dataclass
class Time:
    """A clock that stands still until `advance` or a short pause moves it."""

    now: float = NOW
    paused: list[float] = field(default_factory=list)
    """All pauses that the library made, in seconds."""
    _sleepers: list[tuple[float, int, "asyncio.Future[None]"]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    def clock(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        """Pause in place of a sleep. A short pause moves the clock; a long one ends when `advance` has moved it."""
        self.paused.append(seconds)
        if seconds < SHORT_PAUSE:
            self.now += seconds
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), waiter))
        await waiter

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds`, and end the pauses that are over by then."""
        self.now += seconds
        while self._sleepers and self._sleepers[0][0] <= self.now:
            waiter = heapq.heappop(self._sleepers)[2]
            if not waiter.done():
                waiter.set_result(None)


def sandbox_factory(
    world: World | Callable[[], World],
    *,
    time: Time | None = None,
    faults: Faults | None = None,
    rate_limit: int = 0,
    page_cap: int = 100,
) -> Callable[[], Any]:
    """Return a function that makes the sandbox's ASGI application."""
    clock = (time or Time()).clock
    return lambda: create_app(
        world, base="https://flattr.com", clock=clock, faults=faults, rate_limit=rate_limit, page_cap=page_cap
    )


def make_library(
    tmp_path: Path,
    world: World | Callable[[], World] | None,
    *,
    faults: Faults | None = None,
    rate_limit: int = 0,
    offline: bool = False,
    account: str = "",
    source: str | Source = "sandbox",
    time: Time | None = None,
    page_cap: int = 100,
    token: Callable[[Any], str | None] | None = None,
    notices: list[str] | None = None,
    server: Callable[[], Any] | None = None,
) -> Library:
    """Return a new library whose store is in `tmp_path`. Libraries in the same folder share their saved data.

    `world` is the server's data. Without a world, or with `offline`, the library has no server. `server` makes an ASGI
    application that replaces the sandbox. The stores append their notices to `notices`. The server answers at most
    `rate_limit` requests an hour (0: any number), with API pages of at most `page_cap` items.
    """
    time = time or Time()
    source = parse_source(source) if isinstance(source, str) else source
    notices = notices if notices is not None else []
    responses = ResponseStore.open(tmp_path / "responses", notice=notices.append)
    catalogue = Catalogue.open(tmp_path / "catalogue.sqlite", responses, notice=notices.append)
    client = None
    if world is not None and not offline:
        server = server or sandbox_factory(world, time=time, faults=faults, rate_limit=rate_limit, page_cap=page_cap)
    if server is not None and not offline:
        client = Client(source, make_app=server, clock=time.clock, token=token)
    library = Library(
        source, responses, catalogue, client, account=account, offline=offline, clock=time.clock, pause=time.pause
    )
    library.sync = Syncer(library)
    return library


def is_busy(library: Library) -> bool:
    """Return whether a request is in flight or queued, unless the queue waits for the rate limit."""
    status = library.status
    return bool(status.active or (status.queued and status.connection is not ConnectionState.WAITING))


async def settle(library: Library) -> None:
    """Wait until no request is in flight, and the queue is empty or waits for the rate limit."""
    turns = waiting = 0
    await asyncio.sleep(0)
    while (library.status.active or library.status.queued) and waiting < 50:
        idle = not is_busy(library)
        waiting = waiting + 1 if idle else 0
        turns += 1
        # First only turns of the loop; then pauses, for the threads in which the server responds and pages are stored.
        await asyncio.sleep(0 if idle or turns < 20 else 0.0005)
    await asyncio.sleep(0)


@asynccontextmanager
async def run_library(library: Library) -> AsyncIterator[list[Event]]:
    """Run the library's worker, and yield a growing list of the library's events. Close the library at the end."""
    events: list[Event] = []
    unsubscribe = library.subscribe(events.append)
    worker = asyncio.create_task(library.run())
    try:
        await library.ready()
        yield events
        if worker.done():
            worker.result()
    finally:
        unsubscribe()
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
        await library.aclose()


def keys_on_server(world: World, username: str, count: int = 1_000_000) -> list[str]:
    """Return the keys of the first `count` flattrs of a user, in the order of the server's list."""
    return [
        f"{row.owner.username}/{row.thing.id}/{row.created_at}"
        for row in world.flattrs_of(username, count=count, page=1)
    ]


def row_keys(library: Library, request: ApiRequest, view: View | None = None) -> list[str]:
    """Return the keys of all rows of a list in the library, with `?` for each gap."""
    feed = library.feed(request, view)
    return [row.key if isinstance(row, Row) else "?" for row in feed.rows(0, len(feed))]

"""A library over a sandbox in this process, for any test: a fixed clock, no waiting, everything in `tmp_path`."""

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
from flattr_tui.library.account_requests import user_flattrs_request
from flattr_tui.library.events import Connection, Event
from flattr_tui.library.library import Library
from flattr_tui.library.query.feed import Row, View
from flattr_tui.library.sync import Syncer
from flattr_tui.model.api_request import Request
from flattr_tui.model.source import Source, parse_source
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.world import World
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.responses import ResponseStore

NOW = datetime(2018, 1, 3, 12, 0, tzinfo=UTC).timestamp()
ADA = user_flattrs_request("ada")
COLLECTOR = user_flattrs_request("collector")
"""Somebody with a long list, see `conftest.DEEP`."""
PROFILE = Request.of("user", username="ada")
SHORT = 90.0
"""Seconds: shorter pauses (between tries) are over at once, longer ones wait for `Time.advance`."""


@dataclass
class Time:
    """A time that stands still until it is told to go on."""

    now: float = NOW
    paused: list[float] = field(default_factory=list)
    """All pauses that were asked for, in seconds."""
    _sleepers: list[tuple[float, int, "asyncio.Future[None]"]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    def clock(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        if seconds < SHORT:
            self.now += seconds
            await asyncio.sleep(0)
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._numbers), waiter))
        await waiter

    def advance(self, seconds: float) -> None:
        self.now += seconds
        while self._sleepers and self._sleepers[0][0] <= self.now:
            waiter = heapq.heappop(self._sleepers)[2]
            if not waiter.done():
                waiter.set_result(None)


def sandbox(
    world: World | Callable[[], World],
    *,
    time: Time | None = None,
    faults: Faults | None = None,
    rate_limit: int = 0,
    page_cap: int = 100,
) -> Callable[[], Any]:
    """Make what makes the sandbox's application."""
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
    """Make a library whose store is in `tmp_path`; a second one over the same folder sees what the first one saved.

    `world` is the server's data; None, or `offline`, never reaches a server. Notices of the stores go to `notices`.
    `server` makes another server's application than the sandbox's.
    """
    time = time or Time()
    source = parse_source(source) if isinstance(source, str) else source
    told = notices if notices is not None else []
    responses = ResponseStore.open(tmp_path / "responses", notice=told.append)
    catalogue = Catalogue.open(tmp_path / "catalogue.sqlite", responses, notice=told.append)
    client = None
    if world is not None and not offline:
        server = server or sandbox(world, time=time, faults=faults, rate_limit=rate_limit, page_cap=page_cap)
    if server is not None and not offline:
        client = Client(source, app=server, clock=time.clock, token=token)
    library = Library(
        source, responses, catalogue, client, account=account, offline=offline, clock=time.clock, pause=time.pause
    )
    library.sync = Syncer(library)
    return library


def is_busy(library: Library) -> bool:
    """Whether something is under way that does not wait for the rate limit."""
    status = library.status
    return bool(status.active or (status.queued and status.connection is not Connection.WAITING))


async def settle(library: Library) -> None:
    """Wait until nothing is under way any more, or all that is waits for the rate limit."""
    turns = waiting = 0
    await asyncio.sleep(0)
    while (library.status.active or library.status.queued) and waiting < 50:
        idle = not is_busy(library)
        waiting = waiting + 1 if idle else 0
        turns += 1
        # A turn of the loop; then the processor is left to the threads in which the server answers and pages are kept.
        await asyncio.sleep(0 if idle or turns < 20 else 0.0005)
    await asyncio.sleep(0)


@asynccontextmanager
async def running(library: Library) -> AsyncIterator[list[Event]]:
    """Run the library's worker, give what it tells, and close it in the end."""
    events: list[Event] = []
    end = library.subscribe(events.append)
    worker = asyncio.create_task(library.run())
    try:
        await library.ready()
        yield events
        if worker.done():
            worker.result()
    finally:
        end()
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
        await library.aclose()


def keys_on_server(world: World, username: str, count: int = 1_000_000) -> list[str]:
    """The keys of a user's flattrs, as the server lists them."""
    return [
        f"{row.owner.username}/{row.thing.id}/{row.created_at}"
        for row in world.flattrs_of(username, count=count, page=1)
    ]


def shown(library: Library, request: Request, view: View | None = None) -> list[str]:
    """The keys of all rows of a feed, holes as `?`."""
    feed = library.feed(request, view)
    return [row.key if isinstance(row, Row) else "?" for row in feed.rows(0, len(feed))]

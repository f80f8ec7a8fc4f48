"""Tests of a rate limit that never ends: few requests are sent, and it becomes a problem after some hours."""

import asyncio
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as HTTPRequest
from starlette.responses import Response
from starlette.routing import Route

from flattr_tui.library.events import SyncProgress
from flattr_tui.library.sync import Syncer, Targets
from tests.library.library_fixtures import NOW, Time, make_library, run_library, settle

HOUR = 3_600.0
FULL = {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0"}


class LimitedServer:
    """A server that refuses every request with 429 before the time `until`."""

    def __init__(self, headers: dict[str, str], *, until: float = float("inf"), time: Time) -> None:
        self._headers = headers
        self._until = until
        self._time = time
        self.request_count = 0

    async def _answer(self, request: HTTPRequest) -> Response:
        self.request_count += 1
        if self._time.now >= self._until:
            return Response(b'{"type": "user", "username": "odd"}', media_type="application/json")
        return Response(status_code=429, headers=self._headers)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._answer)])


async def run_sync(tmp_path: Path, server: LimitedServer, time: Time, hours: float) -> SyncProgress | None:
    """Run a sync, and return its result; None if the sync still waits after this many hours."""
    library = make_library(tmp_path, None, source="https://odd.example/rest/v2", time=time, server=server.app)
    async with run_library(library):
        no_lists = {"things": False, "flattrs": False, "activities": False}
        syncing = asyncio.create_task(Syncer(library).run(Targets(users=("odd", "other"), **no_lists)))
        await asyncio.sleep(0)
        while not syncing.done() and time.now < NOW + hours * HOUR:
            await settle(library)
            time.advance(60)
        await settle(library)
        if not syncing.done():
            syncing.cancel()
            return None
        return syncing.result()


@pytest.mark.parametrize(
    "headers",
    [{}, {"Retry-After": "0"}, {"Retry-After": "1"}, {"Retry-After": "-5"}, {**FULL, "X-RateLimit-Reset": "9" * 12}],
)
async def test_a_sync_gives_up_a_limit_that_never_ends(tmp_path: Path, time: Time, headers: dict[str, str]) -> None:
    server = LimitedServer(headers, time=time)
    progress = await run_sync(tmp_path, server, time, 6)
    assert progress is not None
    assert [problem.exit_code for problem in progress.problems][:1] == [5]
    assert progress.problems[0].sentence == "odd could not be fetched: this hour's requests are used up."
    assert time.now - NOW < 3 * HOUR
    assert server.request_count < 2 * 130, "each user may be requested once a minute"


async def test_a_sync_waits_for_a_limit_of_an_hour_without_headers(tmp_path: Path, time: Time) -> None:
    server = LimitedServer({}, until=NOW + HOUR, time=time)
    progress = await run_sync(tmp_path, server, time, 3)
    assert progress is not None
    assert progress.problems == ()
    assert progress.done == 2

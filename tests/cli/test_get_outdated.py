"""What `flattr-tui get` changes is asked for again by the program when it is next looked at, and nothing else."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
import pytest

from flattr_tui.api.methods import BY_NAME
from flattr_tui.cli import get
from flattr_tui.cli.composition import LibraryServices, open_library
from flattr_tui.library.account.invalidation import FILE
from flattr_tui.library.account_requests import user_things_request
from flattr_tui.library.query.feed import Row
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Thing
from flattr_tui.paths import Paths
from flattr_tui.settings import Settings
from flattr_tui.store.types import Scope
from tests.api.servers import raw_server
from tests.cli.conftest import Ended, Flattr
from tests.library.library_fixtures import run_library, settle

MINE, THEIRS = Request.of("my-things"), user_things_request("melodia")


@pytest.fixture
def ada(flattr: Flattr, monkeypatch: pytest.MonkeyPatch) -> Flattr:
    """The command line of somebody who is logged in."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    assert flattr("login", "--user", "ada").code == 0
    return flattr


@asynccontextmanager
async def program() -> AsyncIterator[LibraryServices]:
    """The program's library, as the account that was last logged in."""
    library = open_library(Settings(rate_limit=0))
    async with run_library(library):
        yield library


async def look(library: LibraryServices, *requests: Request) -> set[Request]:
    """Look at lists, and say which of them were fetched for that."""
    before = {request: library.feed(request).status.fetched_at for request in requests}
    for request in requests:
        library.observe(request, stop=30)
    await settle(library)
    return {request for request in requests if library.feed(request).status.fetched_at != before[request]}


async def write(flattr: Flattr, *arguments: str) -> Ended:
    return await asyncio.to_thread(flattr, "get", *arguments, "--yes")


async def create(flattr: Flattr) -> str:
    ended = await write(flattr, "create-thing", "url=https://a.example/", "title=A")
    assert ended.code == 0, ended.said
    return str(json.loads(ended.out)["id"])


async def test_the_lists_that_a_write_changes_are_asked_for_again(ada: Flattr) -> None:
    async with program() as library:
        assert await look(library, MINE, THEIRS) == {MINE, THEIRS}
        assert await look(library, MINE, THEIRS) == set(), "they are fresh"
    made = await create(ada)
    async with program() as library:
        assert len(library.feed(MINE)), "what was saved is there still"
        assert await look(library, MINE, THEIRS) == {MINE}
        assert library.feed(MINE).find_row(made) == 0
        assert await look(library, MINE, THEIRS) == set(), "and once is enough"


@pytest.mark.parametrize("method", ["flattr", "flattr-url"])
async def test_whose_thing_was_flattred_is_found_in_what_is_saved(ada: Flattr, method: str) -> None:
    async with program() as library:
        await look(library, MINE, THEIRS)
        things = [row.item for row in library.feed(THEIRS).rows(0, 30) if isinstance(row, Row)]
    for thing in things:
        assert isinstance(thing, Thing)
        if (await write(ada, method, f"id={thing.id}" if method == "flattr" else f"url={thing.url}")).code == 0:
            break
    else:
        pytest.fail("ada has flattred all of them")
    async with program() as library:
        assert await look(library, MINE, THEIRS) == {THEIRS}


async def test_a_program_that_is_open_asks_again_too(ada: Flattr) -> None:
    async with program() as library:
        await look(library, MINE)
        await create(ada)
        assert await look(library, MINE) == {MINE}


async def test_what_was_refused_changes_nothing(ada: Flattr) -> None:
    async with program() as library:
        await look(library, MINE)
        (mine,) = library.feed(MINE).rows(0, 1)
    assert isinstance(mine, Row)
    assert (await write(ada, "flattr", f"id={mine.key}")).code == 1
    async with program() as library:
        assert await look(library, MINE) == set()


async def test_a_damaged_note_costs_nothing_and_is_written_anew(ada: Flattr) -> None:
    async with program() as library:
        await look(library, MINE)
    (Paths.standard().data / FILE).write_bytes(b'[{"source": "sandbox", "at')
    async with program() as library:
        assert await look(library, MINE) == set()
    await create(ada)
    async with program() as library:
        assert await look(library, MINE) == {MINE}


async def test_logging_out_with_what_is_private_takes_the_notes_away(ada: Flattr) -> None:
    async with program() as library:
        await look(library, MINE)
    await create(ada)
    notes = Paths.standard().data / FILE
    assert "my-things" in notes.read_text()
    assert (await asyncio.to_thread(ada, "logout", "--remove-private")).code == 0
    assert "my-things" not in notes.read_text()


async def test_what_was_broken_off_may_have_been_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    thing = Request.of("thing", id="7")
    async with raw_server(hang=True) as (source, asked):
        context = click.Context(get.command, obj=Settings(source=source.name))
        options = get.Options(confirmed=True)
        task = asyncio.create_task(get.run(context, BY_NAME["update-thing"], {"id": "7", "title": "A"}, options))
        async with asyncio.timeout(5):
            while not asked:
                await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        library = open_library(Settings(source=source.name))
        assert library.invalidations.is_outdated(Scope(source.name), thing, time.time() - 60)
        assert not library.invalidations.is_outdated(Scope(source.name), thing, time.time())
        assert not library.invalidations.is_outdated(Scope(source.name), Request.of("thing", id="8"), 0)
        await library.aclose()

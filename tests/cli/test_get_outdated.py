"""Tests that the program fetches again what a write of `flattr-tui get` has changed, and nothing else."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import click
import pytest

from flattr_tui.api.method_table import BY_NAME
from flattr_tui.cli.commands import get
from flattr_tui.cli.library_factory import LibraryServices, open_library
from flattr_tui.library.fetch.revalidator import OUTDATED_FILE
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.api_request import ApiRequest, user_things_request
from flattr_tui.model.entities import Thing
from flattr_tui.paths import Paths
from flattr_tui.settings import Settings
from flattr_tui.store.catalogue_schema import Scope
from tests.api.servers import raw_server
from tests.cli.conftest import CommandResult, Flattr
from tests.library.library_fixtures import run_library, settle

MINE, THEIRS = ApiRequest.of("my-things"), user_things_request("melodia")


@pytest.fixture
def ada(flattr: Flattr, monkeypatch: pytest.MonkeyPatch) -> Flattr:
    """The command line, logged in as ada."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    assert flattr("login", "--user", "ada").code == 0
    return flattr


@asynccontextmanager
async def open_program() -> AsyncIterator[LibraryServices]:
    """Run the program's library with the current account."""
    library = open_library(Settings(rate_limit=0))
    async with run_library(library):
        yield library


async def observe(library: LibraryServices, *requests: ApiRequest) -> set[ApiRequest]:
    """Observe requests as a page on screen does, and return those that were fetched."""
    before = {request: library.feed(request).status.fetched_at for request in requests}
    for request in requests:
        library.observe(request, stop=30)
    await settle(library)
    return {request for request in requests if library.feed(request).status.fetched_at != before[request]}


async def write(flattr: Flattr, *arguments: str) -> CommandResult:
    return await asyncio.to_thread(flattr, "get", *arguments, "--yes")


async def create(flattr: Flattr) -> str:
    ended = await write(flattr, "create-thing", "url=https://a.example/", "title=A")
    assert ended.code == 0, ended.err
    return str(json.loads(ended.out)["id"])


async def test_the_lists_that_a_write_changes_are_fetched_again(ada: Flattr) -> None:
    async with open_program() as library:
        assert await observe(library, MINE, THEIRS) == {MINE, THEIRS}
        assert await observe(library, MINE, THEIRS) == set(), "fresh lists must not be fetched"
    thing_id = await create(ada)
    async with open_program() as library:
        assert len(library.feed(MINE)), "the saved rows must still be there"
        assert await observe(library, MINE, THEIRS) == {MINE}
        assert library.feed(MINE).find_row(thing_id) == 0
        assert await observe(library, MINE, THEIRS) == set(), "a second fetch must not follow"


@pytest.mark.parametrize("method", ["flattr", "flattr-url"])
async def test_the_owner_of_a_flattred_thing_is_read_from_saved_data(ada: Flattr, method: str) -> None:
    async with open_program() as library:
        await observe(library, MINE, THEIRS)
        things = [row.item for row in library.feed(THEIRS).rows(0, 30) if isinstance(row, Row)]
    for thing in things:
        assert isinstance(thing, Thing)
        if (await write(ada, method, f"id={thing.id}" if method == "flattr" else f"url={thing.url}")).code == 0:
            break
    else:
        pytest.fail("ada has flattred all things")
    async with open_program() as library:
        assert await observe(library, MINE, THEIRS) == {THEIRS}


async def test_a_running_program_fetches_again_too(ada: Flattr) -> None:
    async with open_program() as library:
        await observe(library, MINE)
        await create(ada)
        assert await observe(library, MINE) == {MINE}


async def test_a_refused_write_makes_nothing_outdated(ada: Flattr) -> None:
    async with open_program() as library:
        await observe(library, MINE)
        (mine,) = library.feed(MINE).rows(0, 1)
    assert isinstance(mine, Row)
    assert (await write(ada, "flattr", f"id={mine.key}")).code == 1
    async with open_program() as library:
        assert await observe(library, MINE) == set()


async def test_a_damaged_file_of_outdated_requests_is_ignored_and_replaced(ada: Flattr) -> None:
    async with open_program() as library:
        await observe(library, MINE)
    (Paths.standard().data / OUTDATED_FILE).write_bytes(b'[{"source": "sandbox", "at')
    async with open_program() as library:
        assert await observe(library, MINE) == set()
    await create(ada)
    async with open_program() as library:
        assert await observe(library, MINE) == {MINE}


async def test_removing_private_data_removes_the_outdated_requests(ada: Flattr) -> None:
    async with open_program() as library:
        await observe(library, MINE)
    await create(ada)
    notes = Paths.standard().data / OUTDATED_FILE
    assert "my-things" in notes.read_text()
    assert (await asyncio.to_thread(ada, "logout", "--remove-private")).code == 0
    assert "my-things" not in notes.read_text()


async def test_a_cancelled_write_makes_its_requests_outdated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    thing = ApiRequest.of("thing", id="7")
    async with raw_server(hang=True) as (source, requests):
        context = click.Context(get.get_command, obj=Settings(source=source.name))
        options = get.OutputOptions(confirmed=True)
        task = asyncio.create_task(get.run(context, BY_NAME["update-thing"], {"id": "7", "title": "A"}, options))
        async with asyncio.timeout(5):
            while not requests:
                await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        library = open_library(Settings(source=source.name))
        assert library.outdated_requests.is_outdated(Scope(source.name), thing, time.time() - 60)
        assert not library.outdated_requests.is_outdated(Scope(source.name), thing, time.time())
        assert not library.outdated_requests.is_outdated(Scope(source.name), ApiRequest.of("thing", id="8"), 0)
        await library.aclose()

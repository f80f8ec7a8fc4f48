"""Tests of sorted and filtered views, of the source `saved`, and of titles of requests."""

import asyncio
import shutil
import threading
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.api.method_table import METHODS
from flattr_tui.library.api_descriptions import describe_request, sentence_subject
from flattr_tui.library.events import FeedChanged, Notice
from flattr_tui.library.fetch.paginator import first_missing_offset
from flattr_tui.library.library import Library
from flattr_tui.library.query.catalogue_feed import FIRST_ROWS, CatalogueFeed
from flattr_tui.library.query.list_feed import Row, Sort, View
from flattr_tui.library.sync import Targets
from flattr_tui.model.api_request import ApiRequest, user_flattrs_request
from flattr_tui.model.entities import Flattr
from flattr_tui.model.query_language import Query
from flattr_tui.sandbox.world import World
from flattr_tui.store.catalogue_schema import RowEntry
from flattr_tui.store.errors import SearchCancelledError, StoreError
from flattr_tui.store.saved_list_rows import ListStats
from tests.library.library_fixtures import ADA, COLLECTOR, keys_on_server, make_library, row_keys, run_library, settle


@pytest.fixture(scope="module")
def collector_folder(tmp_path_factory: pytest.TempPathFactory, shared_world: World) -> Path:
    """A library's folder in which the whole list of `COLLECTOR` is saved."""
    folder = tmp_path_factory.mktemp("collector")

    async def save_list() -> None:
        library = make_library(folder, shared_world)
        async with run_library(library):
            assert library.sync is not None
            await library.sync.run(Targets(users=("collector",), things=False, activities=False))

    asyncio.run(save_list())
    return folder


@pytest.fixture
def collector_saved(tmp_path: Path, collector_folder: Path) -> None:
    """Let libraries in `tmp_path` start with the list of `COLLECTOR`."""
    shutil.copytree(collector_folder, tmp_path, dirs_exist_ok=True)


async def open_view(library: Library, view: View, request: ApiRequest = COLLECTOR) -> CatalogueFeed:
    """Open a view, and wait until its first rows are sorted."""
    changed = asyncio.Event()
    unsubscribe = library.subscribe(lambda event: changed.set() if event == FeedChanged(request) else None)
    feed = library.feed(request, view)
    while feed.status.sorting:
        assert len(feed) == 0
        await changed.wait()
        changed.clear()
        feed.reload()
    unsubscribe()
    return feed


async def read_view(library: Library, feed: CatalogueFeed) -> list[Flattr]:
    """Wait until all rows of a view are sorted, and return the flattrs in it."""
    await library.wait_for_sorting()
    feed.reload()
    return [row.item for row in feed.rows(0, len(feed)) if isinstance(row, Row) and isinstance(row.item, Flattr)]


@pytest.mark.usefixtures("collector_saved")
async def test_a_sorted_view_of_a_long_list_has_its_first_rows_early(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        feed = await open_view(library, View(Sort.FLATTRS, descending=True))
        assert len(feed) == FIRST_ROWS
        first = feed.rows(0, FIRST_ROWS)
        rows = await read_view(library, feed)
        server = keys_on_server(shared_world, "collector")
        assert sorted(row.key for row in rows) == sorted(server)
        counts = [row.thing.flattrs or 0 for row in rows]
        assert counts == sorted(counts, reverse=True)
        assert feed.rows(0, FIRST_ROWS) == first
        assert feed.find_row(rows[1234].key) == 1234
        assert feed.status.shown == feed.status.saved == len(server)


@pytest.mark.usefixtures("collector_saved")
async def test_a_filter_shows_rows_with_every_word(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        word = "finger"
        feed = library.feed(COLLECTOR, View(text=word))
        rows = await read_view(library, feed)
        assert rows
        assert all(any(part.casefold().startswith(word) for part in _split_words(row)) for row in rows)
        assert feed.status.shown == len(rows) < feed.status.saved
        nothing = await open_view(library, View(text="no such word anywhere"))
        assert (len(nothing), nothing.find_row(rows[0].key)) == (0, None)


async def test_a_short_list_is_sorted_at_once(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        library.observe(ADA, stop=400)
        await settle(library)
        feed = library.feed(ADA, View(Sort.TITLE))
        assert not feed.status.sorting
        titles = [row.item.thing.title.casefold() for row in feed.rows(0, 500) if isinstance(row.item, Flattr)]  # type: ignore[union-attr]
        assert len(titles) == 400
        words = [title for title in titles if title.isascii() and title.replace(" ", "").isalpha()]
        assert words == sorted(words)
        assert 0 < len(library.feed(ADA, View(text="open"))) < 400


def _split_words(row: Flattr) -> list[str]:
    thing = row.thing
    owner = thing.owner.username if thing.owner else ""
    return f"{thing.title} {owner} {' '.join(thing.tags or ())} {thing.description or ''}".replace("-", " ").split()


async def test_data_of_any_source_is_read_under_the_source_saved(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    profile = ApiRequest.of("user", username="collector")
    async with run_library(library):
        library.observe(COLLECTOR)
        library.observe(profile)
        await settle(library)
        rows, user = row_keys(library, COLLECTOR), library.record(profile).entity
    saved = make_library(tmp_path, shared_world, source="saved", offline=True)
    async with run_library(saved):
        assert not saved.is_online
        assert row_keys(saved, COLLECTOR) == rows
        assert saved.record(profile).entity == user
        assert row_keys(saved, user_flattrs_request("nobody")) == []


def test_every_method_has_a_title_of_its_own() -> None:
    named = [
        describe_request(ApiRequest.of(method.name, username="ada", id="7", url="https://a.example/"))
        for method in METHODS
    ]
    assert len(set(named)) == len(METHODS)
    assert sentence_subject(ApiRequest.of("user-flattrs", username="ada")) == "ada's flattrs"
    assert sentence_subject(ApiRequest.of("user-things", username="iris")) == "iris' things"
    assert sentence_subject(ApiRequest.of("thing-flattrs", id="7")) == "The flattrs of thing 7"
    assert (
        sentence_subject(ApiRequest.of("user-activities", username="ada", type="incoming"))
        == "ada's incoming activities"
    )


def make_gap(row: int, missing: int | None) -> RowEntry:
    return RowEntry(row, None, "", 0.0, missing)


def test_the_offset_of_the_first_missing_row_is_counted_from_the_top() -> None:
    facts = ListStats(id=1, low=0, high=299, saved=300, ended=False)
    assert first_missing_offset(facts, [], 0, 300) is None
    assert first_missing_offset(facts, [], 0, 301) == 300
    assert first_missing_offset(facts, [], 0, None) == 300
    ended = ListStats(id=1, low=-50, high=249, saved=298, ended=True)
    assert first_missing_offset(ended, [make_gap(50, 200)], 0, 101) == 100
    assert first_missing_offset(ended, [make_gap(50, 200)], 0, 100) is None
    assert first_missing_offset(ended, [make_gap(50, 200)], 150, 200) is None
    assert first_missing_offset(ended, [make_gap(50, 200), make_gap(150, None)], 150, 250) == 100 + 200 + 99
    assert first_missing_offset(ended, [make_gap(50, None), make_gap(150, 20)], 150, 250) == 100, (
        "a gap of unknown size counts as one row"
    )


@pytest.mark.usefixtures("collector_saved")
async def test_an_exception_in_the_sorting_thread_reaches_the_worker(
    tmp_path: Path, shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    again = make_library(tmp_path, shared_world)
    monkeypatch.setattr(again.catalogue, "sort_list", fail)
    worker = asyncio.create_task(again.run())
    feed = await open_view(again, View(Sort.TITLE))
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(worker, 5)
    assert len(feed) == 200, "the first rows are there"
    await again.aclose()


@pytest.mark.usefixtures("collector_saved")
async def test_a_view_that_is_read_often_is_sorted_once(
    tmp_path: Path, shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        calls, sort_list = [], library.catalogue.sort_list

        def record_call(*arguments: Any) -> Any:
            calls.append(arguments)
            return sort_list(*arguments)

        monkeypatch.setattr(library.catalogue, "sort_list", record_call)
        feed = await open_view(library, View(Sort.TITLE))
        for _ in range(20):
            feed.reload()
        await read_view(library, feed)
        assert len(calls) == 1


class HeldSort:
    """Replaces the catalogue's method that sorts the first rows. It waits until `open` is set or it is cancelled."""

    def __init__(self, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
        self.started: list[str] = []
        self.cancelled: list[str] = []
        self.open = threading.Event()
        self._find = library.catalogue.sort_list_top
        monkeypatch.setattr(library.catalogue, "sort_list_top", self.sort_first_rows)

    def sort_first_rows(
        self, feed: int, sort: str, descending: bool, query: Query, limit: int, is_cancelled: Callable[[], bool]
    ) -> "array[int]":
        self.started.append(sort)
        while not self.open.wait(0.001):
            if is_cancelled():
                self.cancelled.append(sort)
                raise SearchCancelledError
        return self._find(feed, sort, descending, query, limit, is_cancelled)


@pytest.mark.usefixtures("collector_saved")
async def test_the_sort_of_a_view_that_is_no_longer_open_is_cancelled(
    tmp_path: Path, shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library) as events:
        sort = HeldSort(library, monkeypatch)
        feed = library.feed(COLLECTOR, View(Sort.TITLE))
        while not sort.started:
            await asyncio.sleep(0)
        feed = library.feed(COLLECTOR, View(Sort.OWNER))
        feed = library.feed(COLLECTOR, View(Sort.FLATTRS))
        while "flattrs" not in sort.started:
            await asyncio.sleep(0)
        events.clear()
        sort.open.set()
        await read_view(library, feed)
        assert (sort.started, sort.cancelled) == (["title", "flattrs"], ["title"])
        assert [event for event in events if isinstance(event, FeedChanged)] == [FeedChanged(COLLECTOR)] * 2


@pytest.mark.usefixtures("collector_saved")
async def test_a_failed_sort_is_a_notice_and_is_not_repeated(
    tmp_path: Path, shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path, shared_world)
    async with run_library(library) as events:
        attempts = []

        def fail(*arguments: object) -> None:
            attempts.append(arguments)
            raise StoreError("The catalogue can't be read: it is odd.")

        monkeypatch.setattr(library.catalogue, "sort_list_top", fail)
        feed = await open_view(library, View(Sort.TITLE))
        assert Notice("The catalogue can't be read: it is odd.", "warning") in events
        for _ in range(3):
            feed.reload()
            await library.wait_for_sorting()
        assert (len(feed), feed.status.saved, len(attempts)) == (0, 0, 1)
        assert len(library.feed(COLLECTOR)) == 2500

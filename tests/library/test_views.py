"""Sorted and filtered views, and what is read of the source `saved`."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.api.methods import METHODS
from flattr_tui.library.fetching.naming import name_of, subject_of
from flattr_tui.library.fetching.pager import missing_from
from flattr_tui.library.local import LocalLibrary
from flattr_tui.library.own import flattrs_of
from flattr_tui.library.reading.feed import Row, Sort, View
from flattr_tui.library.reading.listing import AT_ONCE, LocalFeed
from flattr_tui.library.sync import Targets
from flattr_tui.model.entities import Flattr
from flattr_tui.model.request import Request
from flattr_tui.sandbox.world import World
from flattr_tui.store.shapes import Entry, FeedFacts
from tests.library.support import COLLECTOR, keys_on_server, make_library, running, settle, shown


async def synced(library: LocalLibrary) -> None:
    assert library.sync is not None
    await library.sync.run(Targets(users=("collector",), things=False, activities=False))


async def whole(feed: LocalFeed) -> list[Flattr]:
    """Read a view once all of it is found."""
    count = -1
    while len(feed) != count or len(feed) == AT_ONCE:
        count = len(feed)
        for _ in range(200):
            await asyncio.sleep(0.001)  # the thread's turn
            feed.reload()
            if len(feed) > AT_ONCE:
                break
    return [row.item for row in feed.rows(0, len(feed)) if isinstance(row, Row) and isinstance(row.item, Flattr)]


async def test_a_sorted_view_begins_at_once_and_is_whole_soon(tmp_path: Path, people: World) -> None:
    library = make_library(tmp_path, people)
    async with running(library):
        await synced(library)
        feed = library.feed(COLLECTOR, View(Sort.FLATTRS, descending=True))
        assert len(feed) == AT_ONCE
        first = feed.rows(0, AT_ONCE)
        rows = await whole(feed)
        server = keys_on_server(people, "collector")
        assert sorted(row.key for row in rows) == sorted(server)
        counts = [row.thing.flattrs or 0 for row in rows]
        assert counts == sorted(counts, reverse=True)
        assert feed.rows(0, AT_ONCE) == first
        assert feed.find(rows[1234].key) == 1234
        assert feed.status.shown == feed.status.saved == len(server)


async def test_a_filter_shows_rows_with_every_word(tmp_path: Path, people: World) -> None:
    library = make_library(tmp_path, people)
    async with running(library):
        await synced(library)
        word = "finger"
        feed = library.feed(COLLECTOR, View(text=word))
        rows = await whole(feed)
        assert rows
        assert all(any(part.casefold().startswith(word) for part in _words(row)) for row in rows)
        assert feed.status.shown == len(rows) < feed.status.saved
        assert len(library.feed(COLLECTOR, View(text="no such word anywhere"))) == 0
        assert library.feed(COLLECTOR, View(text="no such word anywhere")).find(rows[0].key) is None


def _words(row: Flattr) -> list[str]:
    thing = row.thing
    owner = thing.owner.username if thing.owner else ""
    return f"{thing.title} {owner} {' '.join(thing.tags or ())} {thing.description or ''}".replace("-", " ").split()


async def test_what_was_saved_anywhere_is_read_under_the_source_saved(tmp_path: Path, people: World) -> None:
    library = make_library(tmp_path, people)
    profile = Request.of("user", username="collector")
    async with running(library):
        library.want(COLLECTOR)
        library.want(profile)
        await settle(library)
        rows, user = shown(library, COLLECTOR), library.record(profile).entity
    saved = make_library(tmp_path, people, source="saved", offline=True)
    async with running(saved):
        assert not saved.fetches
        assert shown(saved, COLLECTOR) == rows
        assert saved.record(profile).entity == user
        assert shown(saved, flattrs_of("nobody")) == []


def test_every_method_that_reads_has_a_name_of_its_own() -> None:
    named = [name_of(Request.of(method.name, username="ada", id="7", url="https://a.example/")) for method in METHODS]
    assert len(set(named)) == len(METHODS)
    assert subject_of(Request.of("user-flattrs", username="ada")) == "ada's flattrs"
    assert subject_of(Request.of("user-things", username="iris")) == "iris' things"
    assert subject_of(Request.of("thing-flattrs", id="7")) == "The flattrs of thing 7"
    assert subject_of(Request.of("user-activities", username="ada", type="incoming")) == "ada's incoming activities"


def hole(row: int, missing: int | None) -> Entry:
    return Entry(row, None, "", 0.0, missing)


def test_what_is_missing_is_reckoned_from_the_top() -> None:
    facts = FeedFacts(id=1, low=0, high=299, saved=300, ended=False)
    assert missing_from(facts, [], 0, 300) is None
    assert missing_from(facts, [], 0, 301) == 300
    assert missing_from(facts, [], 0, None) == 300
    ended = FeedFacts(id=1, low=-50, high=249, saved=298, ended=True)
    assert missing_from(ended, [hole(50, 200)], 0, 101) == 100
    assert missing_from(ended, [hole(50, 200)], 0, 100) is None
    assert missing_from(ended, [hole(50, 200)], 150, 200) is None
    assert missing_from(ended, [hole(50, 200), hole(150, None)], 150, 250) == 100 + 200 + 99
    assert missing_from(ended, [hole(50, None), hole(150, 20)], 150, 250) == 100, "the unknown one comes first"


async def test_a_mistake_while_a_view_is_arranged_is_heard_of(
    tmp_path: Path, people: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path, people)
    async with running(library):
        library.want(COLLECTOR, stop=400)
        await settle(library)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    again = make_library(tmp_path, people)
    monkeypatch.setattr(again.catalogue, "arranged", broken)
    worker = asyncio.create_task(again.run())
    feed = again.feed(COLLECTOR, View(Sort.TITLE))
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(worker, 5)
    assert len(feed) == 200, "the first rows are there"
    await again.aclose()


async def test_a_view_that_is_asked_for_often_is_found_once(
    tmp_path: Path, people: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path, people)
    async with running(library):
        await synced(library)
        found, arranged = [], library.catalogue.arranged

        def counting(*asked: Any) -> Any:
            found.append(asked)
            return arranged(*asked)

        monkeypatch.setattr(library.catalogue, "arranged", counting)
        feed = library.feed(COLLECTOR, View(Sort.TITLE))
        for _ in range(20):
            feed.reload()
        await whole(feed)
        assert len(found) == 1

"""Tests of searches in saved data: they find the same things as the service, and only those the account may see."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flattr_tui.library.library import Library
from flattr_tui.library.query.list_feed import Row
from flattr_tui.library.query.search import KINDS, NO_LIMIT, FoundItem, OfflineSearch, SavedFeed
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import parse_source
from flattr_tui.model.entities import Activity, Flattr, Thing, User
from flattr_tui.sandbox.models import ThingSearch
from flattr_tui.sandbox.world import World
from flattr_tui.store import thing_search
from tests.library.library_fixtures import NOW, make_library, run_library, settle
from tests.library.saved_responses import make_flattr, make_thing, open_search, save_response

SANDBOX = parse_source("sandbox")
SAVED = parse_source("saved")
EVERYTHING = ApiRequest.of("search", full="1")


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("everything")


@pytest.fixture
async def full_library(shared_folder: Path, shared_world: World) -> AsyncIterator[Library]:
    """A library in which all things of the sandbox world are saved, and ada's flattrs and activities."""
    library = make_library(shared_folder, shared_world)
    async with run_library(library):
        if not (shared_folder / "done").exists():
            library.refresh(EVERYTHING, complete=True)
            for method in ("user-flattrs", "user-activities"):
                extra = {"full": "1"} if method == "user-flattrs" else {}
                library.refresh(ApiRequest.of(method, extra, username="ada"), complete=True)
            await settle(library)
            (shared_folder / "done").touch()
        yield library


def list_ids(feed: SavedFeed) -> list[int]:
    rows = feed.rows(0, len(feed))
    return [row.item.id for row in rows if isinstance(row, Row) and isinstance(row.item, Thing)]


def search_service(world: World, request: ApiRequest) -> list[int]:
    """Return the ids of all things that the server finds, in the server's order."""
    values = {name: tuple(filter(None, request.get(name).split(","))) for name in ("language", "category")}
    search = ThingSearch(
        query=request.get("query"),
        url=request.get("url"),
        tags=request.get("tags"),
        user=request.get("user"),
        languages=values["language"],
        categories=values["category"],
        sort=request.get("sort", "relevance"),
    )
    total, rows = world.search(search, count=1_000_000, page=1)
    assert total == len(rows)
    return [row.id for row in rows]


FILTERS: list[dict[str, str]] = [
    {"query": "fingerprint"},
    {"query": "acoustic finger"},
    {"query": "night tra"},
    {"query": "地図"},
    {"query": "Über"},
    {"query": "melodia"},
    {"query": "no such words"},
    {"tags": "audio"},
    {"tags": "audio & library"},
    {"tags": "game | games ! software"},
    {"tags": "creative commons | photo"},
    {"tags": "! opensource"},
    {"user": "melodia"},
    {"user": "MELODIA", "query": "a"},
    {"category": "audio,software", "language": "en_GB,de_DE"},
    {"category": "text", "query": "map", "tags": "! blog"},
]


@pytest.mark.parametrize("filters", FILTERS, ids=lambda filters: "+".join(filters.values()))
async def test_a_search_finds_the_same_things_as_the_service(
    full_library: Library, shared_world: World, filters: dict[str, str]
) -> None:
    request = ApiRequest.of("search", filters)
    feed = OfflineSearch(full_library.catalogue, SANDBOX).search_things(request, limit=NO_LIMIT)
    expected = search_service(shared_world, request)
    assert set(list_ids(feed)) == set(expected)
    assert feed.status.saved == len(expected)


@pytest.mark.parametrize(
    "filters", [{"category": "audio"}, {"category": "text", "sort": "flattrs"}, {"sort": "flattrs"}]
)
async def test_a_search_has_the_order_of_the_service(
    full_library: Library, shared_world: World, filters: dict[str, str]
) -> None:
    request = ApiRequest.of("search", filters)
    assert list_ids(
        OfflineSearch(full_library.catalogue, SANDBOX).search_things(request, limit=NO_LIMIT)
    ) == search_service(shared_world, request)


async def test_a_limited_search_has_the_first_things_of_the_full_one(full_library: Library) -> None:
    finder = OfflineSearch(full_library.catalogue, SANDBOX)
    few, whole = (finder.search_things(ApiRequest.of("search", query="a"), limit=limit) for limit in (10, NO_LIMIT))
    assert len(few) == 10
    assert list_ids(few) == list_ids(whole)[:10]
    assert few.status.saved == whole.status.saved == len(whole)
    assert (few.status.ended, whole.status.ended) == (False, True)


async def test_a_thing_is_found_by_its_address(full_library: Library, shared_world: World) -> None:
    thing = shared_world.search(ThingSearch(query="fingerprint"), count=1, page=1)[1][0]
    feed = OfflineSearch(full_library.catalogue, SANDBOX).search_things(ApiRequest.of("search", url=f"{thing.url}/"))
    assert thing.id in list_ids(feed)


# -- sources and accounts


THINGS = ApiRequest.of("user-things", username="melodia", full="1")
MINE = ApiRequest.of("my-things", full="1")


def list_titles(found: SavedFeed | list[FoundItem]) -> list[str]:
    items = (
        [hit.item for hit in found]
        if isinstance(found, list)
        else [row.item for row in found.rows(0, len(found)) if isinstance(row, Row)]
    )
    return sorted(item.title for item in items if isinstance(item, Thing))


OTTERS = ApiRequest.of("search", query="otter")


@pytest.fixture
def otters_folder(tmp_path: Path) -> Path:
    """A folder with things about otters, saved from several sources by several accounts."""
    save_response(tmp_path, "sandbox", "", THINGS, [make_thing(1, "Otters for everybody")])
    save_response(tmp_path, "sandbox", "ada", MINE, [make_thing(2, "Otters of ada", "ada", hidden=False)])
    save_response(tmp_path, "sandbox", "bo", MINE, [make_thing(3, "Otters of bo", "bo")])
    save_response(tmp_path, "https://other.example/rest/v2", "", THINGS, [make_thing(4, "Otters elsewhere")])
    save_response(tmp_path, "saved", "", THINGS, [make_thing(5, "Otters from an archive")])
    return tmp_path


@pytest.mark.parametrize(
    ("source", "account", "expected"),
    [
        ("sandbox", "", ["Otters for everybody"]),
        ("sandbox", "ada", ["Otters for everybody", "Otters of ada"]),
        ("sandbox", "bo", ["Otters for everybody", "Otters of bo"]),
        ("https://other.example/rest/v2", "", ["Otters elsewhere"]),
        ("saved", "", ["Otters elsewhere", "Otters for everybody", "Otters from an archive"]),
        ("saved", "ada", ["Otters elsewhere", "Otters for everybody", "Otters from an archive", "Otters of ada"]),
    ],
)
def test_a_search_has_the_things_that_the_account_may_see_at_the_source(
    otters_folder: Path, source: str, account: str, expected: list[str]
) -> None:
    assert list_titles(open_search(otters_folder, source, account).search_things(OTTERS)) == expected


@pytest.mark.parametrize(
    ("source", "account", "expected"),
    [
        ("sandbox", "", ["Otters for everybody", "Otters from an archive"]),
        ("sandbox", "ada", ["Otters for everybody", "Otters from an archive", "Otters of ada"]),
        ("saved", "", ["Otters elsewhere", "Otters for everybody", "Otters from an archive"]),
    ],
)
def test_a_text_search_has_the_same_things_and_the_imported_ones(
    otters_folder: Path, source: str, account: str, expected: list[str]
) -> None:
    assert list_titles(open_search(otters_folder, source, account).find_text("otter")) == expected


async def test_a_thing_found_under_the_source_saved_can_be_opened_there(otters_folder: Path) -> None:
    library = make_library(otters_folder, None, source="saved")
    async with run_library(library):
        for row in OfflineSearch(library.catalogue, SAVED).search_things(OTTERS).rows(0, 10):
            assert isinstance(row, Row)
            assert library.record(ApiRequest.of("thing", id=row.key)).entity == row.item


@pytest.mark.parametrize(("source", "best"), [("sandbox", "Otters, newer"), ("saved", "Otters, imported")])
def test_a_thing_that_was_saved_several_times_is_found_once(tmp_path: Path, source: str, best: str) -> None:
    save_response(tmp_path, "sandbox", "", THINGS, [make_thing(1, "Otters, older")], NOW - 100)
    save_response(tmp_path, "sandbox", "ada", MINE, [make_thing(1, "Otters, newer")], NOW)
    save_response(tmp_path, "saved", "", THINGS, [make_thing(1, "Otters, imported")], NOW - 900)
    by_words = open_search(tmp_path, source, "ada").search_things(OTTERS)
    assert (list_titles(by_words), by_words.status.saved) == ([best], 1)
    by_time = open_search(tmp_path, source, "ada").search_things(
        ApiRequest.of("search", category="", user="melodia", sort="trend")
    )
    assert (list_titles(by_time), by_time.status.saved) == ([best], 1)
    assert list_titles(open_search(tmp_path, "saved", "ada").find_text("otter")) == ["Otters, imported"]


def test_a_query_in_han_finds_only_visible_things(tmp_path: Path) -> None:
    save_response(tmp_path, "sandbox", "", THINGS, [make_thing(1, "地図を描く人たち")])
    save_response(tmp_path, "sandbox", "bo", MINE, [make_thing(2, "地図を描く", "bo")])
    save_response(tmp_path, "saved", "", THINGS, [make_thing(1, "地図を描く人たち")], NOW - 900)
    found = open_search(tmp_path, "saved").search_things(ApiRequest.of("search", query="地図"))
    assert (list_ids(found), found.status.saved) == ([1], 1)


def test_things_that_only_the_server_found_are_found_again(tmp_path: Path) -> None:
    things = [make_thing(1, "Otters"), make_thing(2, "Sea weasels")]
    request = ApiRequest.of("search", query="otters", full="1")
    save_response(tmp_path, "sandbox", "", request, {"total_items": 2, "items": 2, "page": 1, "things": things})
    save_response(tmp_path, "sandbox", "", THINGS, [make_thing(3, "More otters"), make_thing(4, "Weasels")])
    for source in ("sandbox", "saved"):
        found = open_search(tmp_path, source).search_things(request)
        assert list_titles(found) == ["More otters", "Otters", "Sea weasels"]
        assert list_ids(found)[-1] == 2
        assert found.status.saved == 3


# -- text search


def list_kinds(hits: list[FoundItem]) -> list[str]:
    return list(dict.fromkeys(hit.kind for hit in hits))


async def test_words_are_found_in_every_kind_and_marked(full_library: Library) -> None:
    activities = full_library.feed(ApiRequest.of("user-activities", username="ada")).rows(0, 30)
    named = [
        row.item.object_name or "" for row in activities if isinstance(row, Row) and isinstance(row.item, Activity)
    ]
    begin = max(re.findall(r"[a-z]+", " ".join(named).lower()), key=len)[:5]
    hits = OfflineSearch(full_library.catalogue, SANDBOX).find_text(begin, limit=5)
    assert {"thing", "flattr", "activity"} <= set(list_kinds(hits))
    assert list_kinds(hits) == [kind for kind in KINDS if kind in list_kinds(hits)]
    for hit in hits:
        marked = [hit.title[start:stop] for start, stop in hit.marks]
        marked += [hit.snippet[start:stop] for start, stop in hit.spans]
        assert {text.lower() for text in marked} == {begin}
        assert "\n" not in hit.title + hit.snippet


async def test_users_are_found_by_their_names_and_descriptions(full_library: Library) -> None:
    hits = OfflineSearch(full_library.catalogue, SANDBOX).find_text("ada", kinds=["user"])
    assert "ada" in [hit.item.username for hit in hits if isinstance(hit.item, User)]


async def test_flattrs_are_found_by_their_owner_and_thing(full_library: Library, shared_world: World) -> None:
    finder = OfflineSearch(full_library.catalogue, SANDBOX)
    expected = [
        f"ada/{row.thing.id}/{row.created_at}"
        for row in shared_world.flattrs_of("ada", count=1_000_000, page=1)
        if "fingerprint" in row.thing.title.lower()
    ]
    assert expected
    for text in ("ada finger", "finger ada"):
        hits = finder.find_text(text, kinds=["flattr"], limit=1_000)
        found = [hit.item.key for hit in hits if isinstance(hit.item, Flattr)]
        assert set(expected) <= set(found)
        assert len(set(found)) == len(found)
        assert all(key.startswith("ada/") for key in found)
    by_name = finder.find_text("ada", kinds=["flattr"], limit=10)
    times = [hit.item.created_at for hit in by_name if isinstance(hit.item, Flattr)]
    assert len(times) == 10
    assert times == sorted(times, key=lambda at: at or 0, reverse=True)


def test_the_same_flattr_in_two_accounts_lists_is_found_once(tmp_path: Path) -> None:
    one = make_flattr("ada", make_thing(1, "Otters"), 1_450_000_000)
    save_response(tmp_path, "sandbox", "", ApiRequest.of("user-flattrs", username="ada", full="1"), [one])
    save_response(tmp_path, "sandbox", "ada", ApiRequest.of("my-flattrs", full="1"), [one])
    hits = open_search(tmp_path, "sandbox", "ada").find_text("otters", kinds=["flattr"])
    assert [hit.title for hit in hits] == ["ada flattred Otters"]


@pytest.mark.parametrize("sort", ["relevance", "flattrs", "trend"])
@pytest.mark.parametrize("filters", FILTERS, ids=lambda filters: "+".join(filters.values()))
async def test_a_search_of_very_many_things_has_the_first_of_the_full_search(
    full_library: Library, monkeypatch: pytest.MonkeyPatch, filters: dict[str, str], sort: str
) -> None:
    request = ApiRequest.of("search", filters, sort=sort)
    save_response(
        full_library.responses.folder.parent,
        "sandbox",
        "ada",
        MINE,
        [make_thing(4_300, "A map of audio", category="text")],
        NOW - 5,
    )
    look = OfflineSearch(full_library.catalogue, SANDBOX, "ada")
    monkeypatch.setattr(thing_search, "MAX_RANKED", 0)  # rank as if there were too many things
    whole = look.search_things(request, limit=NO_LIMIT)
    monkeypatch.setattr(thing_search, "WORD_TEST_COST", 0)
    few = look.search_things(request, limit=7)
    assert list_ids(few) == list_ids(whole)[:7]
    assert few.status.saved == whole.status.saved


@pytest.mark.parametrize("text", ["", "  ", "---", '"', "no-such-word-at-all", "title:x (", "NEAR(maps otters, 1) *"])
async def test_a_text_without_words_or_with_query_syntax_finds_nothing(full_library: Library, text: str) -> None:
    assert OfflineSearch(full_library.catalogue, SANDBOX).find_text(text) == []

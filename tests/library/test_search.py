"""Searching and finding in what is saved: as the service would have answered, and only what may be seen."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flattr_tui.library.library import Library
from flattr_tui.library.query.feed import Row
from flattr_tui.library.query.search import KINDS, NO_LIMIT, FoundItem, SavedFeed, SavedSearch
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Activity, Flattr, Thing, User
from flattr_tui.model.source import parse_source
from flattr_tui.sandbox.models import ThingSearch
from flattr_tui.sandbox.world import World
from flattr_tui.store import thing_search
from tests.library.library_fixtures import NOW, make_library, running, settle
from tests.library.saved_answers import finder, flattr, keep, thing

SANDBOX = parse_source("sandbox")
SAVED = parse_source("saved")
EVERYTHING = Request.of("search", full="1")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("everything")


@pytest.fixture
async def everything(shelf: Path, people: World) -> AsyncIterator[Library]:
    """A library in which every thing of the world is saved, and ada's flattrs and activities."""
    library = make_library(shelf, people)
    async with running(library):
        if not (shelf / "done").exists():
            library.refresh(EVERYTHING, complete=True)
            for method in ("user-flattrs", "user-activities"):
                extra = {"full": "1"} if method == "user-flattrs" else {}
                library.refresh(Request.of(method, extra, username="ada"), complete=True)
            await settle(library)
            (shelf / "done").touch()
        yield library


def ids(feed: SavedFeed) -> list[int]:
    rows = feed.rows(0, len(feed))
    return [row.item.id for row in rows if isinstance(row, Row) and isinstance(row.item, Thing)]


def answered(world: World, request: Request) -> list[int]:
    """What the service says, all of it."""
    parted = {name: tuple(filter(None, request.get(name).split(","))) for name in ("language", "category")}
    search = ThingSearch(
        query=request.get("query"),
        url=request.get("url"),
        tags=request.get("tags"),
        user=request.get("user"),
        languages=parted["language"],
        categories=parted["category"],
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
async def test_a_search_of_all_that_is_saved_finds_what_the_service_finds(
    everything: Library, people: World, filters: dict[str, str]
) -> None:
    request = Request.of("search", filters)
    feed = SavedSearch(everything.catalogue, SANDBOX).search_things(request, limit=NO_LIMIT)
    expected = answered(people, request)
    assert set(ids(feed)) == set(expected)
    assert feed.status.saved == len(expected)


@pytest.mark.parametrize(
    "filters", [{"category": "audio"}, {"category": "text", "sort": "flattrs"}, {"sort": "flattrs"}]
)
async def test_it_finds_them_in_the_services_order(everything: Library, people: World, filters: dict[str, str]) -> None:
    request = Request.of("search", filters)
    assert ids(SavedSearch(everything.catalogue, SANDBOX).search_things(request, limit=NO_LIMIT)) == answered(
        people, request
    )


async def test_the_first_are_those_of_all_and_say_that_there_are_more(everything: Library) -> None:
    finder = SavedSearch(everything.catalogue, SANDBOX)
    few, whole = (finder.search_things(Request.of("search", query="a"), limit=limit) for limit in (10, NO_LIMIT))
    assert len(few) == 10
    assert ids(few) == ids(whole)[:10]
    assert few.status.saved == whole.status.saved == len(whole)
    assert (few.status.ended, whole.status.ended) == (False, True)


async def test_a_thing_is_found_by_its_address(everything: Library, people: World) -> None:
    thing = people.search(ThingSearch(query="fingerprint"), count=1, page=1)[1][0]
    feed = SavedSearch(everything.catalogue, SANDBOX).search_things(Request.of("search", url=f"{thing.url}/"))
    assert thing.id in ids(feed)


# -- what may be seen


THINGS = Request.of("user-things", username="melodia", full="1")
MINE = Request.of("my-things", full="1")


def titles(found: SavedFeed | list[FoundItem]) -> list[str]:
    items = (
        [hit.item for hit in found]
        if isinstance(found, list)
        else [row.item for row in found.rows(0, len(found)) if isinstance(row, Row)]
    )
    return sorted(item.title for item in items if isinstance(item, Thing))


OTTERS = Request.of("search", query="otter")


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Things about otters, as several sources told them to several people."""
    keep(tmp_path, "sandbox", "", THINGS, [thing(1, "Otters for everybody")])
    keep(tmp_path, "sandbox", "ada", MINE, [thing(2, "Otters of ada", "ada", hidden=False)])
    keep(tmp_path, "sandbox", "bo", MINE, [thing(3, "Otters of bo", "bo")])
    keep(tmp_path, "https://other.example/rest/v2", "", THINGS, [thing(4, "Otters elsewhere")])
    keep(tmp_path, "saved", "", THINGS, [thing(5, "Otters from an archive")])
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
def test_searched_is_what_the_account_may_see_at_the_source(
    mixed: Path, source: str, account: str, expected: list[str]
) -> None:
    assert titles(finder(mixed, source, account).search_things(OTTERS)) == expected


@pytest.mark.parametrize(
    ("source", "account", "expected"),
    [
        ("sandbox", "", ["Otters for everybody", "Otters from an archive"]),
        ("sandbox", "ada", ["Otters for everybody", "Otters from an archive", "Otters of ada"]),
        ("saved", "", ["Otters elsewhere", "Otters for everybody", "Otters from an archive"]),
    ],
)
def test_found_is_the_same_and_what_was_imported(mixed: Path, source: str, account: str, expected: list[str]) -> None:
    assert titles(finder(mixed, source, account).find_text("otter")) == expected


async def test_what_is_found_under_saved_can_be_opened_there(mixed: Path) -> None:
    library = make_library(mixed, None, source="saved")
    async with running(library):
        for row in SavedSearch(library.catalogue, SAVED).search_things(OTTERS).rows(0, 10):
            assert isinstance(row, Row)
            assert library.record(Request.of("thing", id=row.key)).entity == row.item


@pytest.mark.parametrize(("source", "best"), [("sandbox", "Otters, newer"), ("saved", "Otters, imported")])
def test_one_thing_that_was_told_several_times_is_found_once(tmp_path: Path, source: str, best: str) -> None:
    keep(tmp_path, "sandbox", "", THINGS, [thing(1, "Otters, older")], NOW - 100)
    keep(tmp_path, "sandbox", "ada", MINE, [thing(1, "Otters, newer")], NOW)
    keep(tmp_path, "saved", "", THINGS, [thing(1, "Otters, imported")], NOW - 900)
    by_words = finder(tmp_path, source, "ada").search_things(OTTERS)
    assert (titles(by_words), by_words.status.saved) == ([best], 1)
    by_time = finder(tmp_path, source, "ada").search_things(
        Request.of("search", category="", user="melodia", sort="trend")
    )
    assert (titles(by_time), by_time.status.saved) == ([best], 1)
    assert titles(finder(tmp_path, "saved", "ada").find_text("otter")) == ["Otters, imported"]


def test_a_query_in_han_keeps_to_what_may_be_seen(tmp_path: Path) -> None:
    keep(tmp_path, "sandbox", "", THINGS, [thing(1, "地図を描く人たち")])
    keep(tmp_path, "sandbox", "bo", MINE, [thing(2, "地図を描く", "bo")])
    keep(tmp_path, "saved", "", THINGS, [thing(1, "地図を描く人たち")], NOW - 900)
    found = finder(tmp_path, "saved").search_things(Request.of("search", query="地図"))
    assert (ids(found), found.status.saved) == ([1], 1)


def test_what_the_server_found_by_other_means_is_found_again(tmp_path: Path) -> None:
    things = [thing(1, "Otters"), thing(2, "Sea weasels")]
    asked = Request.of("search", query="otters", full="1")
    keep(tmp_path, "sandbox", "", asked, {"total_items": 2, "items": 2, "page": 1, "things": things})
    keep(tmp_path, "sandbox", "", THINGS, [thing(3, "More otters"), thing(4, "Weasels")])
    for source in ("sandbox", "saved"):
        found = finder(tmp_path, source).search_things(asked)
        assert titles(found) == ["More otters", "Otters", "Sea weasels"]
        assert ids(found)[-1] == 2
        assert found.status.saved == 3


# -- everything


def kinds(hits: list[FoundItem]) -> list[str]:
    return list(dict.fromkeys(hit.kind for hit in hits))


async def test_words_are_found_in_every_kind_with_the_place_where_they_are(everything: Library) -> None:
    activities = everything.feed(Request.of("user-activities", username="ada")).rows(0, 30)
    named = [
        row.item.object_name or "" for row in activities if isinstance(row, Row) and isinstance(row.item, Activity)
    ]
    begin = max(re.findall(r"[a-z]+", " ".join(named).lower()), key=len)[:5]
    hits = SavedSearch(everything.catalogue, SANDBOX).find_text(begin, limit=5)
    assert {"thing", "flattr", "activity"} <= set(kinds(hits))
    assert kinds(hits) == [kind for kind in KINDS if kind in kinds(hits)]
    for hit in hits:
        marked = [hit.title[start:stop] for start, stop in hit.marks]
        marked += [hit.snippet[start:stop] for start, stop in hit.spans]
        assert {text.lower() for text in marked} == {begin}
        assert "\n" not in hit.title + hit.snippet


async def test_users_are_found_by_their_names_and_what_they_say(everything: Library) -> None:
    hits = SavedSearch(everything.catalogue, SANDBOX).find_text("ada", kinds=["user"])
    assert "ada" in [hit.item.username for hit in hits if isinstance(hit.item, User)]


async def test_flattrs_are_found_by_who_and_what(everything: Library, people: World) -> None:
    finder = SavedSearch(everything.catalogue, SANDBOX)
    expected = [
        f"ada/{row.thing.id}/{row.created_at}"
        for row in people.flattrs_of("ada", count=1_000_000, page=1)
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
    one = flattr("ada", thing(1, "Otters"), 1_450_000_000)
    keep(tmp_path, "sandbox", "", Request.of("user-flattrs", username="ada", full="1"), [one])
    keep(tmp_path, "sandbox", "ada", Request.of("my-flattrs", full="1"), [one])
    hits = finder(tmp_path, "sandbox", "ada").find_text("otters", kinds=["flattr"])
    assert [hit.title for hit in hits] == ["ada flattred Otters"]


@pytest.mark.parametrize("sort", ["relevance", "flattrs", "trend"])
@pytest.mark.parametrize("filters", FILTERS, ids=lambda filters: "+".join(filters.values()))
async def test_the_first_of_very_many_are_those_of_all(
    everything: Library, monkeypatch: pytest.MonkeyPatch, filters: dict[str, str], sort: str
) -> None:
    request = Request.of("search", filters, sort=sort)
    keep(
        everything.responses.folder.parent,
        "sandbox",
        "ada",
        MINE,
        [thing(4_300, "A map of audio", category="text")],
        NOW - 5,
    )
    look = SavedSearch(everything.catalogue, SANDBOX, "ada")
    monkeypatch.setattr(thing_search, "MAX_RANKED", 0)  # however few they are
    whole = look.search_things(request, limit=NO_LIMIT)
    monkeypatch.setattr(thing_search, "WORD_TEST_COST", 0)
    few = look.search_things(request, limit=7)
    assert ids(few) == ids(whole)[:7]
    assert few.status.saved == whole.status.saved


@pytest.mark.parametrize("text", ["", "  ", "---", '"', "no-such-word-at-all", "title:x (", "NEAR(maps otters, 1) *"])
async def test_what_is_no_word_or_looks_like_a_query_language_finds_nothing(everything: Library, text: str) -> None:
    assert SavedSearch(everything.catalogue, SANDBOX).find_text(text) == []

"""Tests of the search in saved data while the user types. If there is a server, its results replace these later."""

from pathlib import Path

import pytest
from textual.widgets import Input

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.library import Library
from flattr_tui.library.query.list_feed import Row
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Thing
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.ui.panes.search_results import SearchResults
from flattr_tui.ui.screens.search import SearchScreen
from tests.library.library_fixtures import run_library, settle
from tests.ui.conftest import Make, Start
from tests.ui.driver import Driver

PATH = "/rest/v2/things/search"
SAVED = ApiRequest.of("search", query="fingerprint", full="1")


def make_search_library(make: Make, **options: object) -> Library:
    library = make(**options)
    assert isinstance(library, Library)
    library.search = OfflineSearch(library.catalogue, library.source, library.account)
    return library


@pytest.fixture
async def make_filled_library(make_library: Make) -> Make:
    """The same as `make_library`, but with saved things about fingerprints."""
    library = make_search_library(make_library)
    async with run_library(library):
        library.observe(SAVED, stop=30)
        await settle(library)
    return make_library


def results(driver: Driver) -> SearchResults:
    return driver.app.screen.query_one(SearchResults)


def things(driver: Driver) -> list[Thing]:
    feed = results(driver).feed
    rows = feed.rows(0, len(feed)) if feed is not None else []
    return [row.item for row in rows if isinstance(row, Row) and isinstance(row.item, Thing)]


def set_field(driver: Driver, field: str, text: str) -> None:
    driver.app.screen.query_one(f"#{field}", Input).value = text


OFFLINE: list[dict[str, object]] = [{"offline": True}, {"offline": True, "source": "saved"}]


@pytest.mark.parametrize("options", OFFLINE, ids=["offline", "saved"])
async def test_without_a_server_saved_data_is_searched_as_you_type(
    start: Start, make_filled_library: Make, options: dict[str, object]
) -> None:
    async with start(make_search_library(make_filled_library, **options)) as driver:
        assert "saved things are found as you type." in await driver.press("5")
        text = await driver.type("fing")
        assert "Found · saved only" in text
        assert "27 found in saved data" in text
        assert "offline · saved just now" in text
        assert "live" not in text


async def test_every_filter_works_on_saved_data(start: Start, make_filled_library: Make) -> None:
    async with start(make_search_library(make_filled_library, offline=True), place="search") as driver:
        await driver.settle()
        set_field(driver, "query", "finger")
        await driver.settle()
        everything = things(driver)
        sample = next(thing for thing in everything if thing.owner and len(thing.tags or ()) > 1)
        assert sample.owner is not None
        tag = next(tag for tag in sample.tags or () if tag != "fingerprint")
        for field, text, expected in (
            (
                "tags",
                f"{tag} & fingerprint",
                [one for one in everything if {tag, "fingerprint"} <= set(one.tags or ())],
            ),
            ("tags", f"! {tag}", [one for one in everything if tag not in (one.tags or ())]),
            ("user", sample.owner.username, [one for one in everything if one.owner == sample.owner]),
            ("url", sample.url or "", [sample]),
        ):
            set_field(driver, field, text)
            await driver.settle()
            assert {one.id for one in things(driver)} == {one.id for one in expected}
            set_field(driver, field, "")
        await driver.settle()
        assert [one.id for one in things(driver)] == [one.id for one in everything]
        await driver.press(*["tab"] * 6, "right", "right")
        flattrs = [one.flattrs or 0 for one in things(driver)]
        assert flattrs == sorted(flattrs, reverse=True)
        await driver.press("shift+tab", "enter", "space", "enter")
        assert {one.language for one in things(driver)} == {"en_GB"}


async def test_a_broken_tag_expression_leaves_the_results_as_they_were(start: Start, make_filled_library: Make) -> None:
    async with start(make_search_library(make_filled_library, offline=True), place="search") as driver:
        await driver.settle()
        await driver.type("fing")
        text = await driver.press("tab", *"tool", "space", "ampersand")
        assert "A tag is missing at the end." in text
        assert "7 found in saved data" in text
        assert "7 found in saved data" in await driver.press("enter")


async def test_nothing_saved_says_what_to_do(start: Start, make_filled_library: Make) -> None:
    async with start(make_search_library(make_filled_library, offline=True), place="search") as driver:
        await driver.settle()
        text = await driver.type("zzz")
        assert "No match in saved data. Try fewer words, or remove a filter." in text
    async with start(make_search_library(make_filled_library), place="search") as driver:
        await driver.settle()
        assert "No match in saved data. Press enter to ask the server." in await driver.type("zzz")
        assert "Nothing found." in await driver.press("enter")


async def test_saved_results_come_first_and_the_response_replaces_them(start: Start, make_filled_library: Make) -> None:
    async with start(make_search_library(make_filled_library), place="search") as driver:
        await driver.settle()
        text = await driver.type("print")
        assert "No match in saved data." in text
        set_field(driver, "query", "fingerpr")
        await driver.settle()
        assert "27 found in saved data" in driver.text
        assert results(driver).request is None
        text = await driver.press("enter")
        assert "27 found · live" in text
        assert "in saved data" not in text
        assert "found in saved data" in await driver.press("backspace")


async def search_with_failing_server(driver: Driver, faults: Faults) -> Row:
    """Search while the server fails, go to the sixth saved result, and let the server work again. Returns that row."""
    faults.add(Fault.fail(503, path=PATH, times=FOREVER))
    await driver.press("5")
    set_field(driver, "query", "fingerp")
    await driver.press("enter")
    await driver.press("down", *"jjjjj")
    row = results(driver).table.row
    assert not results(driver).shows_live
    assert row is not None
    faults.clear()
    return row


async def test_the_cursor_stays_on_its_item_when_the_answer_comes(start: Start, make_filled_library: Make) -> None:
    faults = Faults()
    async with start(make_search_library(make_filled_library, faults=faults)) as driver:
        row = await search_with_failing_server(driver, faults)
        faults.add(Fault(path=PATH, rewrite=lambda data: {**data, "things": data["things"][::-1]}))
        assert "27 found · live" in await driver.press("r")
        after = results(driver).table.row
        assert after is not None
        assert after.key == row.key
        assert results(driver).table.cursor != 5


async def test_a_response_without_the_item_under_the_cursor_waits(start: Start, make_filled_library: Make) -> None:
    faults = Faults()
    async with start(make_search_library(make_filled_library, faults=faults)) as driver:
        row = await search_with_failing_server(driver, faults)
        faults.add(Fault(path=PATH, rewrite=lambda data: {**data, "total_items": 1, "things": data["things"][:1]}))
        text = await driver.press("r")
        assert "27 found in saved data · r shows the 1 of the server" in text
        assert results(driver).table.row == row
        assert "1 found · live" in await driver.press("slash")


async def test_a_waiting_response_is_shown_once_saved_results_put_the_cursor_on_one_of_its_items(
    start: Start, make_filled_library: Make
) -> None:
    faults = Faults()
    library = make_search_library(make_filled_library, faults=faults)
    async with start(library) as driver:
        await search_with_failing_server(driver, faults)
        faults.add(Fault(path=PATH, rewrite=lambda data: {**data, "total_items": 1, "things": data["things"][:1]}))
        assert "r shows the 1 of the server" in await driver.press("r")
        assert "r shows the 1 of the server" in await driver.press("g")
        pane = results(driver)
        assert library.search is not None
        assert pane.typed is not None
        pane.post_message(pane.SavedResults(library.search.search_things(pane.typed)))
        await driver.settle()
        assert "1 found · live" in driver.text


async def test_r_shows_the_waiting_response(start: Start, make_filled_library: Make) -> None:
    faults = Faults()
    async with start(make_search_library(make_filled_library, faults=faults)) as driver:
        await search_with_failing_server(driver, faults)
        faults.add(Fault(path=PATH, rewrite=lambda data: {**data, "total_items": 1, "things": data["things"][:1]}))
        await driver.press("r")
        assert "1 found · live" in await driver.press("r")


async def test_saved_results_are_shown_with_a_notice_if_the_server_is_unreachable(
    start: Start, make_filled_library: Make
) -> None:
    faults = Faults()
    async with start(make_search_library(make_filled_library, faults=faults)) as driver:
        faults.add(Fault.cut(0, path=PATH, times=FOREVER))
        await driver.press("5")
        set_field(driver, "query", "fingerp")
        text = await driver.press("enter")
        assert "Showing saved results. Press r to try again." in text
        assert "27 found in saved data" in text
        assert len(things(driver)) == 27
        set_field(driver, "query", "zzz")
        text = " ".join((await driver.press("enter")).replace("▏", " ").split())
        assert "No match in saved data either. Press r to try again." in text
        set_field(driver, "query", "fingerp")
        faults.clear()
        assert "27 found · live" in await driver.press("enter")


async def test_up_recalls_queries_of_the_last_run(start: Start, make_filled_library: Make, tmp_path: Path) -> None:
    file = tmp_path / "bookmarks.json"

    def open_with_bookmarks() -> Library:
        library = make_search_library(make_filled_library, offline=True)
        library.bookmarks = Bookmarks.open(file, notice=pytest.fail)
        return library

    async with start(open_with_bookmarks(), place="search") as driver:
        await driver.settle()
        for query in ("maps", "fingerprint"):
            set_field(driver, "query", query)
            await driver.press("enter")
    async with start(open_with_bookmarks(), place="search") as driver:
        await driver.press("up")
        entry = driver.app.screen.query_one("#query", Input)
        assert entry.value == "fingerprint"
        assert "27 found in saved data" in driver.text
        await driver.press("up")
        assert entry.value == "maps"


async def test_a_switch_of_source_searches_again(start: Start, make_filled_library: Make) -> None:
    def switch(name: str) -> Library:
        return make_search_library(make_filled_library, source=name, offline=True)

    async with start(
        make_search_library(make_filled_library, folder="empty", offline=True), switch=switch, place="search"
    ) as driver:
        await driver.settle()
        assert "0 found" in await driver.type("fing")
        driver.app.switch_source("saved")
        await driver.settle()
        assert "27 found in saved data" in driver.text


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
async def test_results_are_visible_while_typing_at_every_size(
    start: Start, make_filled_library: Make, size: tuple[int, int]
) -> None:
    async with start(make_search_library(make_filled_library, offline=True), size=size, place="search") as driver:
        await driver.settle()
        text = await driver.type("fing")
        assert isinstance(driver.app.screen, SearchScreen)
        assert sum("finger" in line for line in text.splitlines()) >= 3

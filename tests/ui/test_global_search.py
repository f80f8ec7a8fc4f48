"""Tests of the global search (ctrl+f), which finds all kinds of saved items while the user types, and opens them."""

import re
from pathlib import Path

import pytest
from textual.widgets import Input

from flattr_tui.library.library import Library
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Activity, Flattr, Thing, User
from flattr_tui.ui.screens.global_search import GlobalSearchScreen
from flattr_tui.ui.screens.profile import ProfileScreen
from flattr_tui.ui.screens.search import SearchScreen
from flattr_tui.ui.screens.thing import ThingScreen
from flattr_tui.ui.widgets.table import RowTable
from tests.library.library_fixtures import settle
from tests.library.saved_responses import make_thing, save_response
from tests.ui.conftest import Make, Start
from tests.ui.driver import SIZES, Driver


def add_search(library: Library) -> Library:
    library.search = OfflineSearch(library.catalogue, library.source, library.account)
    return library


@pytest.fixture
def library(make_library: Make) -> Library:
    made = make_library()
    assert isinstance(made, Library)
    return add_search(made)


async def fetch_samples(driver: Driver) -> None:
    """Fetch a few lists, so that there is something to find."""
    library = driver.app.library
    library.observe(ApiRequest.of("user-flattrs", username="ada", full="1"), stop=60)
    library.observe(ApiRequest.of("search", query="fingerprint", full="1"), stop=30)
    library.observe(ApiRequest.of("user-activities", username="ada"), stop=30)
    await settle(library)


async def search_everything(driver: Driver, text: str) -> str:
    await driver.press("ctrl+f")
    assert isinstance(driver.app.screen, GlobalSearchScreen)
    return await driver.type(text)


async def test_every_kind_is_found_as_it_is_typed_and_counted(start: Start, library: Library) -> None:
    async with start(library) as driver:
        await fetch_samples(driver)
        text = await search_everything(driver, "a")
        (counts,) = [line for line in text.splitlines() if re.search(r"\d users ·", line)]
        assert re.search(r"\d\+? users · \d+\+? things · \d+\+? flattrs · \d+\+? activities", counts)
        assert "☺ user" in text
        assert "27 things" in await driver.press("backspace", *"fingerprint")
        assert "■ thing" in driver.text


async def test_the_words_are_marked_where_they_are_found(start: Start, library: Library) -> None:
    async with start(library) as driver:
        await fetch_samples(driver)
        await search_everything(driver, "finger")
        table = driver.app.screen.query_one(RowTable)
        marked = [
            segment.text
            for y in range(1, 10)
            for segment in table.render_line(y)
            if segment.style is not None and segment.style.underline
        ]
        assert len(marked) >= 9
        assert all("finger".startswith(text.lower().rstrip("…")) for text in marked)


async def test_enter_opens_the_page_and_esc_comes_back_to_the_same_list(start: Start, library: Library) -> None:
    async with start(library) as driver:
        await fetch_samples(driver)
        await driver.press("3")
        await search_everything(driver, "fingerprint")
        screen = driver.app.screen
        assert isinstance(screen, GlobalSearchScreen)
        await driver.press("down", "down")
        item = screen.subject
        assert isinstance(item, Thing | Flattr)
        await driver.press("enter")
        assert isinstance(driver.app.screen, ThingScreen)
        await driver.press("escape")
        assert driver.app.screen_stack[-1] is screen
        assert screen.subject == item  # type: ignore[attr-defined]
        await driver.press("escape")
        assert "Flattrs of ada" in driver.text


async def test_each_kind_opens_its_own_page(start: Start, library: Library) -> None:
    async with start(library) as driver:
        await fetch_samples(driver)
        await search_everything(driver, "ada")
        seen = []
        await driver.press("tab")
        for kind in (User, Flattr, Activity):
            while not isinstance(driver.app.screen.subject, kind):  # type: ignore[attr-defined]
                before = driver.text
                assert await driver.press("s") != before
            await driver.press("g", "enter")
            seen.append(type(driver.app.screen))
            await driver.press("escape")
        assert seen[:2] == [ProfileScreen, ThingScreen]
        assert seen[2] in {ProfileScreen, ThingScreen}


async def test_s_lists_one_kind_at_a_time(start: Start, library: Library) -> None:
    async with start(library) as driver:
        await fetch_samples(driver)
        await search_everything(driver, "fingerprint")
        screen = driver.app.screen
        assert isinstance(screen, GlobalSearchScreen)
        everything = len(screen.query_one(RowTable).source or ())
        await driver.press("tab")
        parts = []
        for _ in range(8):
            await driver.press("s")
            if not screen.kind:
                break
            parts.append(len(screen.query_one(RowTable).source or ()))
        assert len(parts) >= 2
        assert sum(parts) == everything


async def test_it_is_opened_from_a_field_and_from_the_palette(start: Start, library: Library) -> None:
    async with start(library, place="search") as driver:
        await driver.settle()
        await driver.type("map")
        await driver.press("ctrl+f")
        assert isinstance(driver.app.screen, GlobalSearchScreen)
        await driver.press("escape")
        assert driver.app.screen.query_one("#query", Input).value == "map"
        await driver.press("ctrl+p")
        await driver.type("search everything")
        await driver.press("enter")
        assert isinstance(driver.app.screen, GlobalSearchScreen)


async def test_ctrl_f_on_the_page_starts_a_new_search(start: Start, library: Library) -> None:
    async with start(library) as driver:
        await fetch_samples(driver)
        await search_everything(driver, "fingerprint")
        screen = driver.app.screen
        await driver.press("tab", "ctrl+f")
        assert driver.app.screen is screen
        await driver.type("zzz")
        assert screen.query_one(Input).value == "zzz"


async def test_nothing_typed_and_nothing_found_say_what_to_do(start: Start, library: Library) -> None:
    async with start(library) as driver:
        assert "Type words, or their first letters." in await driver.press("ctrl+f")
        text = await driver.type("zzzz")
        assert "No match for “zzzz”. Press enter to search the server." in text
        await driver.press("enter")
        assert isinstance(driver.app.screen, SearchScreen)
        assert driver.app.screen.query_one("#query", Input).value == "zzzz"


async def test_offline_the_message_names_no_server(start: Start, make_library: Make) -> None:
    made = make_library(offline=True)
    assert isinstance(made, Library)
    async with start(add_search(made)) as driver:
        assert "Try fewer words, or only their first letters." in await search_everything(driver, "zzzz")
        await driver.press("enter")
        assert isinstance(driver.app.screen, GlobalSearchScreen)


async def test_a_library_without_search_says_so(start: Start, make_library: Make) -> None:
    async with start(make_library()) as driver:
        assert "No data is saved yet." in await search_everything(driver, "map")


async def test_imported_items_open_in_the_source_saved(start: Start, make_library: Make, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    request = ApiRequest.of("user-things", username="chizu", full="1")
    save_response(tmp_path / "home", "saved", "", request, [make_thing(77, "Weasels in an archive", "chizu")])

    def switch(name: str) -> Library:
        made = make_library(source=name, offline=True)
        assert isinstance(made, Library)
        return add_search(made)

    async with start(switch("sandbox"), switch=switch) as driver:
        assert "imported Weasels in" in await search_everything(driver, "weasels")
        assert "Show saved data of all sources?" in await driver.press("enter")
        await driver.press("escape")
        assert driver.app.library.source.name == "sandbox"
        await driver.press("enter", "enter")
        assert driver.app.library.source.name == "saved"
        assert isinstance(driver.app.screen, ThingScreen)
        assert "Weasels in an archive" in driver.text
        assert "imported" not in await driver.press("escape")


async def test_results_are_visible_at_every_size(start: Start, library: Library) -> None:
    async with start(library) as driver:
        await fetch_samples(driver)
        await search_everything(driver, "fingerprint")
        for size in SIZES:
            text = await driver.resize(*size)
            assert sum("ingerprint" in line for line in text.splitlines()) >= 3, size

"""Tests that the app opens with a list of the users whose data is saved if there is no server."""

from pathlib import Path

import pytest

from flattr_tui.library.library import Library
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.ui.screens.profile import ProfileScreen
from flattr_tui.ui.screens.saved_people import SavedPeopleScreen
from flattr_tui.ui.screens.thing import ThingScreen
from tests.library.saved_responses import make_flattr, make_thing, save_response
from tests.ui.conftest import Make, Start


def save_responses(folder: Path) -> None:
    """Save responses about bo, about Melex (from two sources, in two spellings), and about eve for her account only."""
    things = [make_thing(number, f"T{number}", "Melex") for number in (1, 2, 3)]
    save_response(folder, "saved", "", ApiRequest.of("user-things", username="Melex"), things)
    save_response(folder, "sandbox", "", ApiRequest.of("user-things", username="melex"), things[:1])
    save_response(
        folder,
        "sandbox",
        "",
        ApiRequest.of("user-flattrs", username="bo"),
        [make_flattr("bo", things[0], 1_400_000_000)],
    )
    save_response(
        folder, "sandbox", "eve", ApiRequest.of("user-flattrs", username="eve"), [make_flattr("eve", things[0], 1)]
    )


@pytest.fixture
def library(make_library: Make, tmp_path: Path) -> Library:
    save_responses(tmp_path / "home")
    made = make_library(source="saved", offline=True)
    made.search = OfflineSearch(made.catalogue, made.source)
    return made


async def test_the_app_opens_on_the_list_of_saved_users(start: Start, library: Library) -> None:
    async with start(library) as driver:
        assert isinstance(driver.app.screen, SavedPeopleScreen)
        assert "Melex  3 things · saved today" in driver.text
        assert "bo  1 flattr · saved today" in driver.text
        assert "eve" not in driver.text, "another account's data is not shown"
        assert "2 people" in driver.text
        await driver.press("j", "enter")
        assert isinstance(driver.app.screen, ProfileScreen)
        assert driver.app.user == "bo"


async def test_a_user_that_was_asked_for_is_shown(start: Start, library: Library) -> None:
    async with start(library, user="MELEX") as driver:
        assert isinstance(driver.app.screen, ProfileScreen)
        assert "3 things" in driver.text


async def test_nothing_saved_says_how_to_import(start: Start, make_library: Make) -> None:
    library = make_library("empty", source="saved", offline=True)
    library.search = OfflineSearch(library.catalogue, library.source)
    async with start(library) as driver:
        assert "No user's data is saved yet." in driver.text
        assert "flattr-tui import FILE" in driver.text
        assert "--offline" not in driver.text


@pytest.mark.parametrize("typed", ["https://flattr.com/profile/bo", "http://flattr.com/user/bo", "<@bo>"])
async def test_a_profile_can_be_pasted(start: Start, library: Library, typed: str) -> None:
    async with start(library) as driver:
        driver.app.prompts.go_to_user(typed)
        await driver.settle()
        assert driver.app.user == "bo"


async def test_u_suggests_saved_users_of_all_sources(start: Start, library: Library) -> None:
    async with start(library) as driver:
        text = await driver.press("u")
        assert "bo" in text
        assert text.count("Melex") + text.count("melex") == 2, "once in the list behind, once among the suggestions"


async def test_a_thing_is_looked_up_in_saved_data(start: Start, library: Library) -> None:
    async with start(library) as driver:
        for typed in (
            "2",
            "https://a.example/2",
            "<http://www.a.example/2/>",
            "https://flattr.com/submit/auto?user_id=x&amp;url=https%3A%2F%2Fa.example%2F2",
            "https://flattr.com/thing/2/T2",
        ):
            driver.app.lookup.open_thing(typed)
            await driver.settle()
            assert isinstance(driver.app.screen, ThingScreen), typed
            assert "T2" in driver.text, typed
            await driver.press("escape")
            assert not isinstance(driver.app.screen, ThingScreen)
    assert library.search is not None


def test_the_search_finds_ids_and_addresses(library: Library) -> None:
    assert library.search is not None
    for text in ("2", "https://a.example/2", "https://flattr.com/thing/2/anything"):
        found = library.search.find_text(text)
        assert found[0].title.startswith("T2")
        assert len({(hit.kind, hit.item.key) for hit in found}) == len(found)
    assert library.search.find_text("https://a.example/none", ["thing"]) == []

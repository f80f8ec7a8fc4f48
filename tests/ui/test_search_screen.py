"""Tests of the search page: its eight filters, tag expressions, the history of queries, and the list of results."""

import pytest
from textual.widgets import Input

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.search import FilterPicker, SortPicker
from flattr_tui.ui.widgets.dialogs import MultipleChoiceDialog
from tests.ui.conftest import Start
from tests.ui.driver import SIZES, Driver


def current_request(driver: Driver) -> ApiRequest | None:
    return driver.app.screen.query_one(ListPane).request


async def test_a_query_finds_things_and_says_how_many(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        await driver.type("fingerprint")
        text = await driver.press("enter")
        assert "27 found" in text
        assert "— 27 things —" in text
        assert current_request(driver) == ApiRequest.of("search", query="fingerprint", full="1")


async def test_every_typed_filter_is_sent(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        await driver.type("map")
        await driver.press("tab")
        await driver.type("maps | art")
        await driver.press("tab")
        await driver.type("chizu")
        await driver.press("tab")
        await driver.type("https://a.example")
        await driver.press("enter")
        request = current_request(driver)
        assert request is not None
        assert dict(request.arguments) == {
            "query": "map",
            "tags": "maps | art",
            "user": "chizu",
            "url": "https://a.example",
            "full": "1",
        }


async def test_categories_and_languages_are_chosen_from_lists(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.press("tab", "tab", "tab", "tab", "enter")
        assert isinstance(driver.app.screen, MultipleChoiceDialog)
        text = await driver.press("down", "down", "down", "space", "down", "space", "enter")
        assert "[Audio ×] [Software ×]" in text
        assert current_request(driver) == ApiRequest.of("search", category="audio,software", full="1")
        await driver.press("tab", "enter", "space", "enter")
        assert driver.app.screen.query_one("#language", FilterPicker).selected == ("en_GB",)
        await driver.press("delete")
        assert driver.app.screen.query_one("#language", FilterPicker).selected == ()


async def test_letters_jump_in_a_picker_and_enter_selects_the_highlighted_option(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.press("escape", "l")
        text = await driver.type("ger")
        assert "letters jump" in text
        text = await driver.press("enter")
        assert "[German ×]" in text
        assert current_request(driver) == ApiRequest.of("search", language="de_DE", full="1")
        text = await driver.press("escape", "l", "s", "w", "enter")
        assert "[Swedish ×]" in text
        assert "German" not in text
        await driver.press("escape", "l", "space")
        text = await driver.press("f", "r", "space", "e", "n", "space", "enter")
        assert "[English ×] [French ×]" in text
        await driver.press("escape", "l", "enter")
        assert driver.app.screen.query_one("#language", FilterPicker).selected == ("en_GB", "fr_FR")


@pytest.mark.parametrize("size", [(120, 40), (40, 12)])
async def test_a_picker_says_that_no_choice_begins_with_the_letters(start: Start, size: tuple[int, int]) -> None:
    async with start(size=size, place="search") as driver:
        await driver.press("escape", "l")
        text = await driver.press("x", "q")
        assert "No match for “xq”." in text
        assert "Search in which language?" in await driver.press("enter")
        assert "No match" not in await driver.press("backspace", "backspace")
        assert "No match for “ger!”." in await driver.press("g", "e", "r", "exclamation_mark")
        assert "No match" not in await driver.press("down", "up")
        await driver.press("x", "g", "e", "r", "enter")
        assert driver.app.screen.query_one("#language", FilterPicker).selected == ("de_DE",)


async def test_the_order_turns_and_is_sent(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        await driver.type("map")
        await driver.press("enter", "tab", "tab", "tab", "tab", "tab", "tab", "right", "right")
        assert driver.app.screen.query_one(SortPicker).order == "flattrs"
        request = current_request(driver)
        assert request is not None
        assert request.get("sort") == "flattrs"


async def test_an_invalid_tag_expression_is_explained_and_not_sent(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.press("tab")
        text = await driver.type("audio & | library")
        assert "A tag is missing before `|`" in text
        await driver.press("enter")
        assert current_request(driver) is None
        text = await driver.press("end", *["backspace"] * 9, "left_parenthesis", "x")
        assert "A tag is missing" not in text
        assert "Parentheses can't group tags" in text
        await driver.press("enter")
        assert current_request(driver) is None


async def test_down_goes_to_the_results_and_slash_back(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        await driver.type("fingerprint")
        await driver.press("enter")
        await driver.press("down", "j")
        assert driver.app.screen.subject.title  # type: ignore[attr-defined]
        assert "Who flattred it" in await driver.press("enter")
        await driver.press("escape", "slash")
        assert driver.app.screen.focused is driver.app.screen.query_one("#query")


async def test_up_recalls_earlier_queries(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        for query in ("map", "otter"):
            await driver.type(query)
            await driver.press("enter", "home", "ctrl+k")
        entry = driver.app.screen.query_one("#query")
        for expected in ("otter", "map", "otter"):
            await driver.press("up")
            assert entry.value == expected  # type: ignore[attr-defined]


async def test_all_fields_are_emptied_with_one_key(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        await driver.type("map")
        await driver.press("enter")
        text = await driver.press("down", "x")
        assert current_request(driver) is None
        assert "Fill in any field" in text


async def test_nothing_found_says_what_to_do(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        await driver.type("zzzzzz")
        assert "Nothing found. Try fewer words, or remove a filter." in await driver.press("enter")


async def test_the_results_are_visible_at_every_size(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        await driver.type("audio")
        await driver.press("enter", "down")
        for size in SIZES:
            text = await driver.resize(*size)
            assert sum("audio" in line for line in text.splitlines()) >= 4, size


async def test_the_last_line_says_how_to_go_on_from_the_fields(start: Start) -> None:
    async with start(place="search") as driver:
        assert "results" not in (await driver.press()).splitlines()[-1]
        await driver.type("maps")
        assert "↓ results" in (await driver.press("enter")).splitlines()[-1]
        await driver.press("ctrl+u")
        assert "↑ history" in driver.text.splitlines()[-1]
        await driver.press("up")
        assert driver.app.screen.query_one("#query", Input).value == "maps"


@pytest.mark.parametrize("key", ["pagedown", "pageup"])
async def test_choices_can_be_paged_through_where_there_is_no_room_for_them(start: Start, key: str) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        await driver.type("maps")
        await driver.press("enter")
        await driver.press("down", "l", "down", "down", "down")
        assert "Search in which language?" in driver.text
        await driver.pilot.resize_terminal(3, 2)
        await driver.press(key)
        await driver.pilot.resize_terminal(120, 40)
        assert "Search in which language?" in await driver.press(key)


async def test_escape_leaves_the_fields_also_without_results(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        await driver.type("67")
        assert "/ query" in (await driver.press("escape")).splitlines()[-1]
        assert "Flattrs of ada" in await driver.press("3")
        await driver.press("5", "slash")
        assert driver.app.screen.query_one("#query", Input).has_focus

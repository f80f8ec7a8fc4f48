"""Tests of prompts of one line: what enter accepts, how to keep the typed text, and pasted text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.widgets import Input

from flattr_tui.library.library import Library
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.ui.widgets.dialogs import rank_matches
from flattr_tui.ui.widgets.inputs import join_lines
from tests.any_text import any_text
from tests.ui.conftest import Make, Start
from tests.ui.driver import Driver

PASTES = {
    "nordlicht": "nordlicht",
    "slow\nprivacy": "slow privacy",
    "\n\n  slow\r\n\tprivacy\n": "slow privacy",
    "http://127.0.0.1:8976/callback?co\nde=abc&state=\n  xyz\n": "http://127.0.0.1:8976/callback?code=abc&state=xyz",
    "https://a.example/1\nhttps://a.example/2": "https://a.example/1 https://a.example/2",
    "see https://a.example\nthere": "see https://a.example there",
}
"""For each pasted text, the text that the field contains afterwards."""


async def paste(driver: Driver, text: str) -> str:
    driver.app.post_message(events.Paste(text))
    await driver.settle()
    return driver.app.screen.query_one(Input).value


@pytest.fixture
def searchable_library(make_library: Make) -> Library:
    """A library with a search in saved data, from which the prompt takes its suggestions."""
    library = make_library()
    library.search = OfflineSearch(library.catalogue, library.source)
    return library


async def test_enter_goes_to_the_saved_user_that_half_a_name_means(start: Start, searchable_library: Library) -> None:
    async with start(searchable_library, place="flattrs") as driver:
        await driver.settle()
        await driver.press("u")
        text = await driver.type("nord")
        assert "▸ nordlicht" in text
        assert "Go to “nord”" in text
        assert "Flattrs of nordlicht" in await driver.press("enter")


async def test_the_typed_text_is_the_last_suggestion(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("u")
        await driver.type("nord")
        assert "▸ Go to “nord”" in await driver.press("up")
        assert "Flattrs of nord" in await driver.press("enter")
        assert driver.app.user == "nord"


async def test_an_unknown_username_is_not_suggested_later(start: Start) -> None:
    async with start() as driver:
        await driver.press("1", "u")
        await driver.type("nobody-there")
        await driver.press("enter")
        text = await driver.press("u")
        text = await driver.type("nobody")
        assert "Go to “nobody”" in text
        assert "▸ nobody-there" not in text


async def test_a_fuzzy_match_finds_a_name(start: Start, searchable_library: Library) -> None:
    async with start(searchable_library, place="flattrs") as driver:
        await driver.settle()
        await driver.press("u")
        assert "▸ nordlicht" in await driver.type("nrdlct")


async def test_part_of_a_themes_name_selects_and_previews_it(start: Start) -> None:
    async with start() as driver:
        driver.app.prompts.ask_theme()
        await driver.settle()
        await driver.type("li")
        assert driver.app.theme == "flattr-light"
        await driver.press("enter")
        assert driver.app.theme == "flattr-light"
        assert driver.notices == []


async def test_a_previewed_theme_is_not_kept(start: Start) -> None:
    async with start() as driver:
        driver.app.prompts.ask_theme()
        await driver.settle()
        await driver.type("nord")
        assert driver.app.theme == "nord"
        await driver.press("escape")
        assert driver.app.theme == "flattr-dark"


async def test_only_a_known_theme_is_accepted(start: Start) -> None:
    async with start() as driver:
        driver.app.prompts.ask_theme()
        await driver.settle()
        text = await driver.type("xyzzy")
        assert "No match for “xyzzy”." in text
        assert "enter" not in text.partition("No match")[2].partition("╰")[0]
        assert "Which theme?" in await driver.press("enter")


async def test_pasted_lines_are_joined(start: Start) -> None:
    async with start() as driver:
        for pasted, joined in PASTES.items():
            await driver.press("u")
            assert await paste(driver, pasted) == joined
            await driver.press("escape")


async def test_every_field_takes_all_that_is_pasted(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("enter", "escape")
        for keys in (("B", "slash"), ("3", "slash"), ("ctrl+f",), ("ctrl+p",), ("5",)):
            await driver.press(*keys)
            field = driver.app.screen.focused
            assert isinstance(field, Input), keys
            driver.app.post_message(events.Paste("\nslow\nprivacy\n"))
            await driver.settle()
            assert field.value == "slow privacy", keys
            await driver.press("escape")
            if keys[0] == "B":
                await driver.press("escape")


@given(any_text())
def test_joined_text_is_one_line_with_every_word(text: str) -> None:
    joined = join_lines(text)
    assert len(joined.splitlines()) <= 1
    assert "".join(joined.split()) == "".join(text.split())


@given(any_text(max_size=5), st.lists(any_text(max_size=8), unique=True))
def test_every_name_that_contains_the_text_matches(text: str, names: list[str]) -> None:
    found = rank_matches(text, names)
    assert set(found) <= set(names)
    assert {name for name in names if text.strip().casefold() in name.casefold()} <= set(found)


def test_a_name_with_a_word_that_begins_with_the_text_comes_before_one_with_it_in_a_word() -> None:
    names = ["inada", "xada ada", "lead ada", "adam", "ada"]
    assert rank_matches("ADA", names) == ["ada", "adam", "xada ada", "lead ada", "inada"]

"""Tests of the API console by keyboard: its history, offline, after a switch of the source, and on small terminals."""

from textual.widgets import Input

from flattr_tui.ui.panes.console_methods import MethodList
from flattr_tui.ui.panes.console_response import ResponsePane
from tests.ui.console_workspace import ConsoleWorkspace, body_lines, choose_method, current_form, fill_in, send

# -- the history


async def test_an_entry_of_the_history_is_shown_again_with_its_form(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await send(driver, "user", username="melodia")
        await send(driver, "rate-limit")
        text = await driver.press("l")
        assert text.index("rate-limit  json") < text.index("user username=melodia  json")
        text = await driver.press("j", "enter")
        assert '"username": "melodia"' in text
        assert current_form(driver).method.name == "user"
        assert current_form(driver).arguments == {"username": "melodia"}


async def test_an_entry_of_the_history_is_sent_again(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await send(driver, "user", username="melodia")
        await send(driver, "rate-limit")
        await driver.press("l", "j", "r")
        assert [path for path in setup.sent_requests if "melodia" in path] == ["GET /rest/v2/users/melodia"] * 2
        assert '"username": "melodia"' in driver.text


async def test_two_responses_are_compared(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await send(driver, "user", username="melodia")
        await send(driver, "user", username="nordlicht")
        text = await driver.press("l", "space", "j", "c")
        assert "--- user username=melodia" in text
        assert "+++ user username=nordlicht" in text
        assert [line for line in body_lines(driver) if line.startswith("-") and "melodia" in line][1:]
        assert [line for line in body_lines(driver) if line.startswith("+") and "nordlicht" in line][1:]
        await driver.press("escape")
        assert driver.app.screen.query_one(ResponsePane).view == "history"


async def test_one_response_alone_cannot_be_compared(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await send(driver, "rate-limit")
        await driver.press("l", "c")
        assert driver.notices == ["There is no other response to compare it with. Send another request."]


async def test_the_history_and_bodies_of_an_earlier_run_are_kept(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await send(driver, "user", username="melodia")
    async with setup.run_app() as driver:
        await driver.press("7", "a")
        assert "user username=melodia" in await driver.press("l")
        assert '"username": "melodia"' in await driver.press("enter")


# -- without the server


async def test_offline_it_answers_from_saved_data_and_says_so(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await send(driver, "user", username="melodia")
    async with setup.run_app(setup.library(offline=True)) as driver:
        assert "○ offline: shows saved responses" in await choose_method(driver, "user")
        text = await send(driver, "user", username="melodia")
        assert "200 OK · ◐ saved just now" in text
        assert '"username": "melodia"' in text
        text = await send(driver, "user", username="nordlicht")
        assert "no response" in text
        assert "Offline, and no response to this is saved." in text
        assert body_lines(driver) == ["No response came."]
        last = text.splitlines()[-1]
        assert "fold" not in last
        assert "/ find" not in last


async def test_a_library_without_a_console_shows_a_message(setup: ConsoleWorkspace) -> None:
    library = setup.library()
    library.console = None
    async with setup.run_app(library) as driver:
        assert "This source has no console." in await driver.press("7")
        await driver.press("ctrl+r", "r", "y", "m", "i", "a", "x", "escape")
        assert "This source has no console." in driver.text


async def test_after_a_switch_requests_go_to_the_new_source(setup: ConsoleWorkspace) -> None:
    other = setup.library(offline=True)
    async with setup.run_app(switch=lambda name: other) as driver:
        await send(driver, "user", username="melodia")
        driver.app.switch_source("other")
        await driver.settle()
        assert "Nothing sent yet." in driver.text
        assert "offline" in await send(driver, "rate-limit")


# -- in small terminals


async def test_small_terminals_show_one_pane_at_a_time(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(size=(40, 12)) as driver:
        await driver.press("7")
        assert "Users" in driver.text
        assert "GET /users/:username/things" in await choose_method(driver, "user-things")
        fill_in(driver, username="ada")
        assert "200 OK" in await driver.press("ctrl+r")
        assert "GET /users" not in driver.text
        assert "GET /users/:username/things" in await driver.press("escape")
        assert isinstance(driver.app.focused, Input)
        await driver.press("escape")
        assert isinstance(driver.app.focused, MethodList)
        assert "200 OK" in await driver.press("a")


async def test_in_small_terminals_a_write_still_names_the_keys_that_answer(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada"), size=(40, 12)) as driver:
        assert "y yes · esc no" in await send(driver, "flattr", id=str(setup.find_untouched_thing()))

"""Tests of the API console by keyboard: send, stop and repeat requests, and confirm writes."""

import pytest
from textual import events

from flattr_tui.model.entities import Thing
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import Fault
from flattr_tui.ui.panes.console_requests import ConfirmSendDialog
from flattr_tui.ui.panes.console_response import ResponsePane
from flattr_tui.ui.widgets.document_view import DocumentView
from tests.ui.console_workspace import FOREVER, ConsoleWorkspace, choose_method, fill_in, question_text, send
from tests.ui.driver import clock
from tests.ui.scenes import library_with_all
from tests.ui.workspace import Workspace

# -- sending, and stopping


async def test_a_response_shows_status_time_size_type_and_remaining_requests(setup: ConsoleWorkspace) -> None:
    setup.server = create_app(
        setup.world,
        base="https://flattr.com",
        clock=clock,
        faults=setup.faults,
        rate_limit=1000,
    )
    async with setup.run_app() as driver:
        text = await send(driver, "user", username="melodia")
        (line,) = [line for line in text.splitlines() if "200 OK" in line]
        size = f"{len(driver.app.screen.query_one(ResponsePane).exchange.body)} B"  # type: ignore[union-attr,arg-type]
        assert " ms · " in line
        assert size in line
        assert "application/json" in line
        assert " of 1,000 left" in line
        assert "user username=melodia · json" in text
        headers = await driver.press("h")
        assert "GET http://sandbox.localhost/rest/v2/users/melodia" in headers
        assert "HTTP 200" in headers
        assert "x-ratelimit-limit: 1000" in headers


@pytest.mark.parametrize("username", ["melodia", "nobody-of-this-name"])
async def test_the_top_bar_counts_the_requests_of_the_console(workspace: Workspace, username: str) -> None:
    workspace.server = create_app(workspace.world, clock=clock, rate_limit=1000)
    async with workspace.run_app(library_with_all(workspace)) as driver:
        await send(driver, "user", username=username)
        left = driver.app.screen.query_one(ResponsePane).exchange.headers["x-ratelimit-remaining"]  # type: ignore[union-attr]
        assert f" {left} of 1,000 requests left" in driver.text.splitlines()[0]


async def test_enter_in_a_field_sends(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "user")
        fill_in(driver, username="melodia")
        assert "200 OK" in await driver.press("enter")
        assert isinstance(driver.app.focused, DocumentView)


async def test_a_waiting_request_can_be_stopped_and_its_late_response_is_not_shown(
    setup: ConsoleWorkspace,
) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "rate-limit")
        setup.faults.add(Fault.slow(FOREVER, path="/rest/v2/rate_limit"))
        await driver.pilot.press("ctrl+r")
        await driver.pilot.pause()
        assert "Waiting for rate-limit. Press esc to stop." in driver.text
        assert "esc stop" in driver.text.splitlines()[-1]
        text = await driver.press("escape")
        assert "Stopped." in text
        assert "esc stop" not in text.splitlines()[-1]
        assert "200 OK" in await driver.press("ctrl+r")


async def test_a_new_request_replaces_the_one_that_is_waiting(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "rate-limit")
        setup.faults.add(Fault.slow(FOREVER, path="/rest/v2/rate_limit"))
        await driver.pilot.press("ctrl+r")
        await driver.pilot.pause()
        text = await driver.press("ctrl+r")
        assert "200 OK" in text
        assert "broke off" not in text


async def test_a_write_that_is_stopped_may_have_been_done(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada")) as driver:
        await choose_method(driver, "flattr")
        fill_in(driver, id=str(setup.find_untouched_thing()))
        setup.faults.add(Fault.slow(FOREVER, method="POST"))
        await driver.pilot.press("ctrl+r")
        await driver.pilot.pause()
        await driver.pilot.press("y")
        await driver.pilot.pause()
        assert "The server may have done it anyway." in await driver.press("escape")


async def test_an_error_of_the_api_comes_with_its_body_and_in_words(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        text = await send(driver, "user", username="nobody-of-this-name")
        assert "404 Not Found" in text
        assert '"error": "not_found"' in text
        assert "This kind of response has no records" in await driver.press("d")


async def test_without_a_login_the_console_says_how_to_log_in_and_continues(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        assert "L logs in" in await choose_method(driver, "me")
        text = await driver.press("ctrl+r")
        assert "401 Unauthorized" in text
        assert "Log in with L." in text
        await driver.press("L")
        await driver.type("ada")
        text = await driver.press("enter")
        assert "L logs in" not in text
        assert "Authorization: Bearer •••" in text
        assert "200 OK" in await driver.press("r")


async def test_another_account_does_not_see_the_first_ones_responses(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada")) as driver:
        assert '"username": "ada"' in await send(driver, "me")
        driver.app.accounts.show_account("")
        await driver.settle()
        assert '"username": "ada"' not in driver.text
        assert "Nothing sent yet." in driver.text
        assert "Nothing has been sent yet." in await driver.press("a", "l")


# -- writes


async def test_a_write_asks_first_and_esc_sends_nothing(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada")) as driver:
        number = setup.find_untouched_thing()
        await send(driver, "flattr", id=str(number))
        assert f"Flattr thing {number}? It counts for this month, and can't be undone." in question_text(driver)
        assert f"POST http://sandbox.localhost/rest/v2/things/{number}/flattr" in question_text(driver)
        await driver.press("enter")
        assert isinstance(driver.app.screen, ConfirmSendDialog)  # the enter that sends the form does not confirm
        await driver.press("escape")
        assert not setup.world.has_flattred("ada", [number])
        assert not [request for request in setup.faults.seen if request.startswith("POST")]


async def test_a_y_that_was_read_before_the_question_sends_nothing(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada")) as driver:
        early, number = events.Key("y", "y"), setup.find_untouched_thing()
        await send(driver, "flattr", id=str(number))
        driver.app.post_message(early)
        await driver.settle()
        assert isinstance(driver.app.screen, ConfirmSendDialog)
        await driver.press("y")
        assert setup.world.has_flattred("ada", [number])


async def test_a_confirmed_write_is_sent_once(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada")) as driver:
        number = setup.find_untouched_thing()
        await send(driver, "flattr", id=str(number))
        assert "200 OK" in await driver.press("y")
        assert setup.world.has_flattred("ada", [number])
        assert [request for request in setup.faults.seen if request.startswith("POST")] == [
            f"POST /rest/v2/things/{number}/flattr"
        ]


async def test_a_write_of_the_history_asks_again(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada")) as driver:
        await send(driver, "subscribe", id=str(setup.find_untouched_thing()))
        await driver.press("y", "l", "r")
        assert isinstance(driver.app.screen, ConfirmSendDialog)
        await driver.press("escape", "b", "r")
        assert isinstance(driver.app.screen, ConfirmSendDialog)


async def test_the_question_names_a_thing_that_is_saved(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada"), preferences=None) as driver:
        number = setup.find_untouched_thing()
        driver.app.open_item(Thing(id=number))
        await driver.settle()
        title = driver.app.screen.subject.title  # type: ignore[attr-defined]
        await send(driver, "delete-thing", id=str(number))
        assert f"Delete “{title}” by melodia?" in question_text(driver)

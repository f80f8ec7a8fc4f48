"""Tests of the console's texts: the form's hint, the wrapped request, and responses that do not come from Flattr."""

import re
from itertools import pairwise

from flattr_tui.sandbox.fault_injection import Fault
from flattr_tui.ui.panes.console_response import ResponsePane, format_status
from tests.ui.console_workspace import (
    ConsoleWorkspace,
    body_lines,
    choose_method,
    current_form,
    fill_in,
    question_text,
    send,
)
from tests.ui.driver import Driver


def part_text(driver: Driver, id: str) -> str:
    """Return the text of the widget with this id, line by line."""
    region = driver.app.screen.query_one(f"#{id}").region
    return "\n".join(
        line[region.x : region.right].strip() for line in driver.text.splitlines()[region.y : region.bottom]
    )


async def test_a_form_without_focus_says_what_it_needs(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await driver.press("7")
        assert "* is required; empty fields are left out" in part_text(driver, "console-hint")
        await choose_method(driver, "user")
        assert "the user's name · needed" in part_text(driver, "console-hint")
        await driver.press("escape")
        assert "* is required" in part_text(driver, "console-hint")
        await choose_method(driver, "categories")
        await driver.press("escape")
        assert part_text(driver, "console-hint").strip() == "nothing to fill in"


async def test_an_address_is_broken_between_its_parts_and_loses_nothing(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "search")
        fill_in(
            driver, query="fingerprints of old machines", url="https://somewhere.example/in/the/deep", user="melodia"
        )
        await driver.settle()
        request_text = part_text(driver, "console-request").split("\nAccept")[0]
        assert request_text.startswith("GET http://sandbox.localhost/rest/v2/things/\nsearch?query=")
        assert re.sub(r"\s", "", request_text) == f"GET{current_form(driver).prepare().url}"
        assert all(re.search(r"[/,]$", end) or begin[0] in "?&%" for end, begin in pairwise(request_text.splitlines()))


async def test_the_request_is_wrapped_again_at_another_width(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "thing-flattrs")
        fill_in(driver, id="423405423405")
        await driver.settle()
        assert "423405423405/flattrs" in part_text(driver, "console-request")
        assert "GET http://sandbox.localhost/rest/v2/things/\n" in part_text(driver, "console-request")
        await driver.pilot.resize_terminal(80, 24)
        await driver.settle()
        url = "GET http://sandbox.localhost/rest/v2/things/423405423405/flattrs"
        assert url in part_text(driver, "console-request")


async def test_a_captive_portals_page_is_shown_as_a_warning(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "rate-limit")
        setup.faults.add(Fault.portal(path="/rest/v2/rate_limit"))
        text = await driver.press("ctrl+s")
        assert "200 OK" in text
        assert "! The server sent an HTML page, not an API response" in text
        assert "<h1>Welcome</h1>" in text
        exchange = driver.app.screen.query_one(ResponsePane).exchange
        assert exchange is not None
        assert [span.style for span in format_status(exchange).spans] == ["bold $warning"]


async def test_a_picture_is_shown_as_a_hexdump_and_not_saved(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "rate-limit")
        picture = Fault(
            path="/rest/v2/rate_limit", status=200, body=b"\x89PNG\0", headers={"Content-Type": "image/png"}
        )
        setup.faults.add(picture)
        text = await driver.press("ctrl+s")
        assert "! The response is " in text
        assert body_lines(driver) == ["000000  89 50 4e 47 00           ·PNG·"]
        assert "89 50 4e 47 00" in await driver.press("w")


async def test_the_question_shows_the_whole_address_in_small_terminals(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada"), size=(40, 12)) as driver:
        await send(driver, "flattr", id=str(setup.find_untouched_thing()))
        assert "POST http://sandbox.localhost/" in question_text(driver)
        assert f"rest/v2/things/{setup.find_untouched_thing()}/flattr" in question_text(driver)

"""What the console says at a glance: of the form, of the request, and of answers that are none."""

import re
from itertools import pairwise

from flattr_tui.sandbox.fault_injection import Fault
from flattr_tui.ui.panes.response_pane import ResponsePane
from flattr_tui.ui.panes.response_summary import format_status
from tests.ui.console_workspace import ConsoleWorkspace, choose, fill, form, lines, question, send
from tests.ui.driver import Driver


def said(driver: Driver, id: str) -> str:
    """What stands in a part of the form, line by line."""
    region = driver.app.screen.query_one(f"#{id}").region
    return "\n".join(
        line[region.x : region.right].strip() for line in driver.text.splitlines()[region.y : region.bottom]
    )


async def test_a_form_that_nobody_is_in_says_what_it_needs(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await driver.press("7")
        assert "* is required; empty fields are left out" in said(driver, "console-hint")
        await choose(driver, "user")
        assert "whose · needed" in said(driver, "console-hint")
        await driver.press("escape")
        assert "* is required" in said(driver, "console-hint")
        await choose(driver, "categories")
        await driver.press("escape")
        assert said(driver, "console-hint").strip() == "nothing to fill in"


async def test_an_address_is_broken_at_its_joints_and_nowhere_lost(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose(driver, "search")
        fill(driver, query="fingerprints of old machines", url="https://somewhere.example/in/the/deep", user="melodia")
        await driver.settle()
        told = said(driver, "console-request").split("\nAccept")[0]
        assert told.startswith("GET http://sandbox.localhost/rest/v2/things/\nsearch?query=")
        assert re.sub(r"\s", "", told) == f"GET{form(driver).prepare().url}"
        assert all(re.search(r"[/,]$", end) or begin[0] in "?&%" for end, begin in pairwise(told.splitlines()))


async def test_the_request_is_broken_anew_in_another_width(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose(driver, "thing-flattrs")
        fill(driver, id="423405423405")
        await driver.settle()
        assert "423405423405/flattrs" in said(driver, "console-request")
        assert "GET http://sandbox.localhost/rest/v2/things/\n" in said(driver, "console-request")
        await driver.pilot.resize_terminal(80, 24)
        await driver.settle()
        url = "GET http://sandbox.localhost/rest/v2/things/423405423405/flattrs"
        assert url in said(driver, "console-request")


async def test_a_page_of_a_captive_portal_is_no_success(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose(driver, "rate-limit")
        setup.faults.add(Fault.portal(path="/rest/v2/rate_limit"))
        text = await driver.press("ctrl+s")
        assert "200 OK" in text
        assert "! An HTML page came instead of an answer of Flattr" in text
        assert "<h1>Welcome</h1>" in text
        exchange = driver.app.screen.query_one(ResponsePane).exchange
        assert exchange is not None
        assert [span.style for span in format_status(exchange).spans] == ["bold $warning"]


async def test_a_picture_is_shown_as_its_octets_and_not_kept(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose(driver, "rate-limit")
        picture = Fault(
            path="/rest/v2/rate_limit", status=200, body=b"\x89PNG\0", headers={"Content-Type": "image/png"}
        )
        setup.faults.add(picture)
        text = await driver.press("ctrl+s")
        assert "! The answer is " in text
        assert lines(driver) == ["000000  89 50 4e 47 00           ·PNG·"]
        assert "89 50 4e 47 00" in await driver.press("w")


async def test_what_is_asked_shows_the_whole_address_in_little_room(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada"), size=(40, 12)) as driver:
        await send(driver, "flattr", id=str(setup.fresh()))
        assert "POST http://sandbox.localhost/" in question(driver)
        assert f"rest/v2/things/{setup.fresh()}/flattr" in question(driver)

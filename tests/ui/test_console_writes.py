"""Tests that all pages show a write from the console without a refresh, and that it continues without the console."""

import asyncio
from typing import Any

from flattr_tui.api.method_table import BY_NAME, Format
from flattr_tui.library.library import Library
from flattr_tui.ui.screens.console import ConsoleScreen
from tests.ui.console_workspace import ConsoleWorkspace, send
from tests.ui.driver import Driver
from tests.ui.workspace import go_to


def library_of_ada(setup: ConsoleWorkspace) -> Library:
    setup.grant()
    return setup.library("ada")


def sent_writes(setup: ConsoleWorkspace) -> list[str]:
    """Return the requests that the server has received, except GET requests."""
    return [request for request in setup.faults.seen if not request.startswith("GET")]


async def test_a_flattr_shows_in_lists_that_were_fetched_before(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(library_of_ada(setup), user="ada") as driver:
        number = setup.find_untouched_thing()
        thing = setup.world.thing(number)
        assert thing is not None
        assert thing.title[:24] not in await driver.press("3")
        await send(driver, "flattr", id=str(number))
        assert "200 OK" in await driver.press("y")
        assert thing.title[:24] in await driver.press("3")
        assert len(sent_writes(setup)) == 1


async def test_updates_and_deletions_show_in_the_list_of_things(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(library_of_ada(setup), user="ada") as driver:
        before = setup.world.things_of("ada", count=1, page=1)[0]
        assert before.title in await driver.press("2")
        await send(driver, "update-thing", id=str(before.id), title="Called otherwise now")
        await driver.press("y")
        text = await driver.press("2")
        assert "Called otherwise now" in text
        assert before.title not in text
        await send(driver, "delete-thing", id=str(before.id))
        assert "204 No Content" in await driver.press("y")
        assert "Called otherwise now" not in await driver.press("2")
        assert len(sent_writes(setup)) == 2


async def test_a_things_page_shows_a_new_subscription(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(library_of_ada(setup), user="ada", preferences=None) as driver:
        number = setup.find_untouched_thing()
        assert "subscribed" not in await go_to(driver, number)
        await send(driver, "subscribe", id=str(number))
        await driver.press("y")
        assert "subscribed" in await go_to(driver, number)


class Gate:
    """A server that does not respond to a write until `open` is set.

    It sets `received` when a write has arrived.
    """

    def __init__(self, setup: ConsoleWorkspace) -> None:
        self.received, self.open = asyncio.Event(), asyncio.Event()
        self._server = setup.server
        setup.server = self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("method", "GET") != "GET":
            self.received.set()
            await self.open.wait()
        await self._server(scope, receive, send)


async def start_flattr(driver: Driver, gate: Gate, number: int) -> None:
    await send(driver, "flattr", id=str(number))
    await driver.pilot.press("y")
    await gate.received.wait()
    await driver.pilot.pause()


async def test_a_write_goes_on_when_another_request_is_sent_and_gets_a_notice(setup: ConsoleWorkspace) -> None:
    library, number = library_of_ada(setup), setup.find_untouched_thing()
    gate = Gate(setup)
    async with setup.run_app(library) as driver:
        await start_flattr(driver, gate, number)
        screen = driver.app.screen
        assert isinstance(screen, ConsoleScreen)
        screen.send(BY_NAME["rate-limit"], {}, Format.JSON)
        await driver.pilot.pause()
        gate.open.set()
        await driver.settle()
        assert "rate-limit" in driver.text
        assert setup.world.has_flattred("ada", [number])
        assert f"flattr id={number}: done, the server responded with (200)." in driver.notices
        assert len(sent_writes(setup)) == 1


async def test_after_a_stopped_write_the_thing_is_fetched_again(
    setup: ConsoleWorkspace,
) -> None:
    library, number = library_of_ada(setup), setup.find_untouched_thing()
    gate = Gate(setup)
    async with setup.run_app(library, user="ada", preferences=None) as driver:
        await go_to(driver, number)
        path = f"GET /rest/v2/things/{number}"
        asked = setup.faults.seen.count(path)
        await start_flattr(driver, gate, number)
        text = await driver.press("escape")
        assert "The server may have done it anyway." in text
        assert setup.faults.seen.count(path) > asked


async def test_a_second_write_on_the_same_thing_is_refused_while_the_first_runs(setup: ConsoleWorkspace) -> None:
    library, number = library_of_ada(setup), setup.find_untouched_thing()
    gate = Gate(setup)
    async with setup.run_app(library) as driver:
        await start_flattr(driver, gate, number)
        await driver.pilot.press("ctrl+r")
        await driver.pilot.press("y")
        await driver.pilot.pause()
        gate.open.set()
        text = await driver.press()
        assert "not confirmed yet that it is flattred" in " ".join(text.replace("│", " ").split())
        assert len(sent_writes(setup)) == 1

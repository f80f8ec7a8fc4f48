"""Tests of rows that came since the last look at a list: they are shown and counted as new, and keys go to them."""

import re

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.library import Library
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.ui.panes.list_pane import ListPane
from tests.ui.driver import NOW, Driver
from tests.ui.workspace import Workspace

FLATTRS = ApiRequest.of("user-flattrs", username="ada", full="1")


def flattr_more(workspace: Workspace, count: int) -> None:
    """Add `count` flattrs of ada on the server."""
    for offset in range(count):
        workspace.world.insert_flattr("ada", workspace.find_untouched_thing(), int(NOW) + offset + 1)


def find_new_counts(text: str) -> list[str]:
    """Return the texts on screen that count new rows, such as `2 new`."""
    return re.findall(r"\d+ new\b", text)


async def refresh(driver: Driver) -> str:
    return await driver.press("r")


async def test_rows_after_the_first_look_are_new(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        text = await driver.press("3")
        assert not find_new_counts(text)
        flattr_more(workspace, 2)
        text = await refresh(driver)
        assert "413 flattrs · 2 new" in text
        assert "3 Flattrs •2" in text
        assert "N next new" in text.splitlines()[-1]
        rows = [line for line in text.splitlines() if line.startswith("• ")]
        assert len(rows) == 1  # the cursor is on the other one
        await driver.press("G", "N")
        assert driver.app.screen.query_one(ListPane).table.cursor == 0
        await driver.press("N")
        assert driver.app.screen.query_one(ListPane).table.cursor == 1
        await driver.press("slash")
        assert "2 of 413 saved" in await driver.type("is:new")
        await driver.press("escape")
        text = await driver.press("A")
        assert not find_new_counts(text)
        assert "•" not in text


async def test_the_next_run_counts_from_the_last_look(workspace: Workspace) -> None:
    def library() -> Library:
        made = workspace.library()
        made.bookmarks = Bookmarks.open(workspace.folder / "bookmarks.json", notice=print)
        return made

    async with workspace.run_app(library()) as driver:
        await driver.press("3")
    flattr_more(workspace, 1)
    async with workspace.run_app(library()) as driver:
        text = await driver.press("3", "r")
        assert "412 flattrs · 1 new" in text
    async with workspace.run_app(library()) as driver:
        assert not find_new_counts(await driver.press("3", "r"))

"""Tests of marked rows: mark a range or all matches, then bookmark, copy, open or flattr all of them at once."""

import pytest

from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.widgets.dialogs import ConfirmDialog
from tests.ui.driver import Driver
from tests.ui.workspace import Workspace


def count_marked(driver: Driver) -> int:
    return len(driver.app.screen.query_one(ListPane).table.marked)


async def test_a_range_is_marked_while_the_cursor_moves_and_counted(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        text = await driver.press("3", "j", "V", "j", "j", "j")
        assert "4 marked · " in text
        await driver.press("k")
        assert count_marked(driver) == 3
        await driver.press("V", "j", "j")
        assert count_marked(driver) == 3
        await driver.press("space")
        assert count_marked(driver) == 4
        await driver.press("V", "k", "k")
        assert count_marked(driver) == 6
        assert "marked" not in await driver.press("escape")
        assert count_marked(driver) == 0


async def test_all_that_match_a_filter_are_marked_and_bookmarked(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        await driver.press("3", "slash")
        await driver.type("year:2012 otter")
        text = await driver.press("enter", "asterisk")
        count = count_marked(driver)
        assert count > 1
        assert f"{count} marked" in text
        await driver.press("b")
        kept = len(driver.app.bookmarks.store.marks)
        assert 1 < kept <= count  # a thing may have been flattred more than once
        assert driver.notices[-1] == f"Added {kept} bookmarks. B lists all."
        await driver.press("b")
        assert not driver.app.bookmarks.store.marks


async def test_marked_addresses_are_copied_and_opened_after_one_question(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with workspace.run_app() as driver:
        copied: list[str] = []
        opened: list[str] = []
        monkeypatch.setattr(driver.app, "copy_text", lambda text, *_, **__: copied.append(text))
        monkeypatch.setattr(driver.app, "open_address", lambda address, **_: opened.append(address))
        await driver.press("3", "V", "j", "j", "V", "y", "o")
        assert copied == ["\n".join(opened)]
        assert len(opened) == 3
        text = await driver.press("asterisk", "o")
        assert isinstance(driver.app.screen, ConfirmDialog)
        assert "addresses in the browser?" in text
        await driver.press("escape")
        assert len(opened) == 3


async def test_all_marked_things_are_flattred_after_one_question_with_their_number(workspace: Workspace) -> None:
    workspace.grant()

    def count_flattrs() -> int:
        return len(workspace.world.flattrs_of("ada", count=10_000, page=1))

    before = count_flattrs()
    async with workspace.run_app(workspace.library("ada"), user="melodia") as driver:
        text = await driver.press("2", "V", *["j"] * 8, "V", "f")
        assert "Flattr 9 things?" in text
        await driver.press("y")
        assert count_flattrs() == before + 9
        assert driver.notices[-1] == "Flattred 9 things."
        await driver.press("f", "y")
        assert driver.notices[-1] == "Flattred 0 things. 9 were flattred this month already."
        assert count_flattrs() == before + 9

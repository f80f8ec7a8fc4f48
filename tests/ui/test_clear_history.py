"""Tests that the command palette clears the history after a confirmation, and that bookmarks stay."""

from textual.command import CommandPalette

from flattr_tui.ui.command_providers import FlattrCommands
from flattr_tui.ui.screens.bookmarks import BookmarksScreen
from flattr_tui.ui.widgets.dialogs import ConfirmDialog
from tests.ui.conftest import Start
from tests.ui.driver import Driver

NAME = "Clear history…"


def list_commands(driver: Driver) -> list[str]:
    return [command.name for command in FlattrCommands(driver.app.screen).commands()]


async def test_history_is_forgotten_once_that_is_confirmed(start: Start) -> None:
    async with start() as driver:
        assert NAME not in list_commands(driver), "there is no history to clear yet"
        await driver.press("2")
        await driver.press("b", "enter", "escape", "B")
        assert isinstance(driver.app.screen, BookmarksScreen)
        assert "1 opened" in driver.text
        for answer in ("escape", "enter"):
            await driver.press("ctrl+p")
            assert isinstance(driver.app.screen, CommandPalette)
            await driver.type("clear history")
            await driver.press("enter")
            assert isinstance(driver.app.screen, ConfirmDialog)
            assert "Bookmarks are kept." in driver.text
            await driver.press(answer)
            assert isinstance(driver.app.screen, BookmarksScreen)
            assert "1 bookmark" in driver.text
            assert ("1 opened" in driver.text) is (answer == "escape")
        assert driver.notices[-1] == "The history of opened pages and searches is cleared."
        assert NAME not in list_commands(driver)

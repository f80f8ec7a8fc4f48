"""Tests that preferences last until the next start, and of the line for newcomers."""

from pathlib import Path

import pytest

from flattr_tui.library.preferences import Preferences
from flattr_tui.library.query.list_feed import Sort
from flattr_tui.model.data_source import parse_source
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.profile import WelcomeLine
from tests.ui.workspace import Workspace


async def test_mode_theme_and_order_are_restored(workspace: Workspace, tmp_path: Path) -> None:
    file, chosen = tmp_path / "preferences.json", Preferences(is_welcome_dismissed=True)
    async with workspace.run_app(preferences=chosen) as driver:
        await driver.press("3", "s", "s")
        driver.app.prompts.choose_theme("flattr-light")
        view = driver.app.screen.query_one(ListPane).view
        assert view.sort is Sort.TITLE
    chosen.save(file)
    again = Preferences.load(file)
    assert again == Preferences("flattr-light", "flattrs", {"flattr": ("title", False)}, True)
    async with workspace.run_app(preferences=again, theme=again.theme) as driver:
        assert (driver.app.current_mode, driver.app.theme) == ("flattrs", "flattr-light")
        assert driver.app.screen.query_one(ListPane).view == view
        await driver.press("2")
        assert driver.app.screen.query_one(ListPane).view.sort is Sort.SERVER, "another kind of list"


async def test_a_previewed_theme_is_not_kept(workspace: Workspace) -> None:
    chosen = Preferences()
    async with workspace.run_app(preferences=chosen) as driver:
        driver.app.prompts.ask_theme()
        await driver.settle()
        await driver.press("down", "down", "escape")
        assert (driver.app.theme, chosen.theme) == ("flattr-dark", "")


@pytest.mark.parametrize("body", [b"", b"[]", b'{"theme": 1, "sorts": {"flattr": "x"}, "place": "no-such"}', b"\xff"])
async def test_an_unreadable_preferences_file_is_ignored(workspace: Workspace, tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "preferences.json"
    file.write_bytes(body)
    found = Preferences.load(file)
    assert (found.theme, found.sorts) == ("", {})
    async with workspace.run_app(preferences=found) as driver:
        assert driver.app.current_mode == "profile"
    assert Preferences.load(tmp_path / "missing.json") == Preferences()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 20)])
async def test_a_newcomer_sees_the_welcome_line_until_esc(workspace: Workspace, size: tuple[int, int]) -> None:
    chosen = Preferences()
    async with workspace.run_app(preferences=chosen, size=size) as driver:
        assert "This is a sandbox with invented people and things." in " ".join(driver.text.split())
        await driver.press("escape")
        assert not driver.app.screen.query(WelcomeLine)
        assert chosen.is_welcome_dismissed
    async with workspace.run_app(preferences=chosen, size=size) as driver:
        assert "This is a sandbox" not in driver.text


async def test_the_welcome_line_is_hidden_in_small_terminals(workspace: Workspace) -> None:
    chosen = Preferences()
    async with workspace.run_app(preferences=chosen, size=(40, 12)) as driver:
        assert "This is a sandbox" not in " ".join(driver.text.split())
        await driver.press("escape")
        assert not chosen.is_welcome_dismissed
        await driver.pilot.resize_terminal(80, 24)
        await driver.settle()
        assert "This is a sandbox" in driver.text


async def test_another_source_has_no_welcome_line(workspace: Workspace) -> None:
    library = workspace.library(source=parse_source("saved"), offline=True)
    async with workspace.run_app(library, preferences=Preferences()) as driver:
        assert not driver.app.screen.query(WelcomeLine)


async def test_a_page_that_was_opened_has_no_welcome_line(workspace: Workspace) -> None:
    chosen = Preferences()
    async with workspace.run_app(preferences=chosen) as driver:
        driver.app.open_user("melodia")
        await driver.settle()
        assert not driver.app.screen.query(WelcomeLine)
        await driver.press("backspace")
        assert driver.app.screen.query(WelcomeLine)
        assert not chosen.is_welcome_dismissed

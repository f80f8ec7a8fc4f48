"""Tests that text typed into the form of a thing is not lost by esc, by a login, or by quitting."""

import pytest

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.library import Library
from flattr_tui.ui.controllers import bookmarks
from flattr_tui.ui.screens.login_dialogs import ConsentDialog
from flattr_tui.ui.screens.thing_form_dialog import ThingFormDialog
from flattr_tui.ui.widgets.dialogs import ChoiceDialog, ConfirmDialog
from tests.ui.driver import Driver
from tests.ui.workspace import Workspace


def open_library(workspace: Workspace, account: str = "ada") -> Library:
    """Make a library that stores bookmarks and drafts in the workspace's folder."""
    library = workspace.library(account)
    library.bookmarks = Bookmarks.open(workspace.folder / "bookmarks.json", notice=print)
    return library


async def fill_in_form(driver: Driver) -> str:
    await driver.press("2", "n")
    assert isinstance(driver.app.screen, ThingFormDialog)
    await driver.type("https://new.example/")
    await driver.press("tab")
    return await driver.type("Brand new")


async def test_an_untouched_form_closes_without_a_question(workspace: Workspace) -> None:
    workspace.grant()
    async with workspace.run_app(open_library(workspace)) as driver:
        await driver.press("2", "n", "escape")
        assert not isinstance(driver.app.screen, ThingFormDialog | ChoiceDialog)


async def test_esc_in_a_form_with_text_asks_and_esc_again_goes_on_writing(workspace: Workspace) -> None:
    workspace.grant()
    async with workspace.run_app(open_library(workspace)) as driver:
        await fill_in_form(driver)
        assert "What you typed has not been sent." in await driver.press("escape")
        assert "Brand new" in await driver.press("escape")
        assert isinstance(driver.app.screen, ThingFormDialog)


async def test_a_kept_draft_is_restored_when_the_form_is_opened_again(workspace: Workspace) -> None:
    workspace.grant()
    async with workspace.run_app(open_library(workspace)) as driver:
        await fill_in_form(driver)
        await driver.press("escape", "enter")
        assert not isinstance(driver.app.screen, ThingFormDialog | ChoiceDialog)
        text = await driver.press("n")
        assert "https://new.example/" in text
        assert "Brand new" in text
        await driver.press("escape", "j", "enter")
        assert "Brand new" not in await driver.press("n")


async def test_declining_the_confirmation_returns_to_the_form(workspace: Workspace) -> None:
    workspace.grant()
    async with workspace.run_app(open_library(workspace)) as driver:
        await fill_in_form(driver)
        await driver.press("ctrl+s")
        assert isinstance(driver.app.screen, ConfirmDialog)
        text = await driver.press("escape")
        assert isinstance(driver.app.screen, ThingFormDialog)
        assert "https://new.example/" in text
        assert "Brand new" in text
        await driver.press("ctrl+s")
        await driver.press("enter")
        assert workspace.world.lookup("https://new.example/") is not None
        assert "a short name for it" in await driver.press("n")  # the title's field is empty


async def test_a_cancelled_login_returns_to_the_form(workspace: Workspace) -> None:
    async with workspace.run_app(open_library(workspace, "")) as driver:
        await fill_in_form(driver)
        await driver.press("ctrl+s")
        await driver.press("enter")
        assert isinstance(driver.app.screen, ConsentDialog)
        assert "Brand new" in await driver.press("escape")
        assert isinstance(driver.app.screen, ThingFormDialog)


async def test_a_login_that_is_denied_returns_to_the_form(workspace: Workspace) -> None:
    async with workspace.run_app(open_library(workspace, "")) as driver:
        await fill_in_form(driver)
        await driver.press("ctrl+s")
        await driver.press("enter")
        assert "Brand new" in await driver.press("ctrl+d")
        assert isinstance(driver.app.screen, ThingFormDialog)


async def test_a_draft_survives_quitting(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookmarks, "SAVE_ON_QUIT_SECONDS", 600.0)  # the thread would go on, and the process wait for it
    workspace.grant()
    async with workspace.run_app(open_library(workspace)) as driver:
        await fill_in_form(driver)
        await driver.pilot.press("ctrl+q")
    async with workspace.run_app(open_library(workspace)) as driver:
        text = await driver.press("2", "n")
        assert "https://new.example/" in text
        assert "Brand new" in text


async def test_drafts_of_changes_and_of_a_new_thing_are_separate(workspace: Workspace) -> None:
    workspace.grant()
    async with workspace.run_app(open_library(workspace)) as driver:
        await driver.press("2", "E")
        assert isinstance(driver.app.screen, ThingFormDialog)
        await driver.press("end")
        await driver.type(" reworked")
        await driver.press("escape", "enter")
        assert "reworked" not in await driver.press("n")
        await driver.press("escape")
        assert " reworked" in await driver.press("E")


async def test_on_a_small_terminal_the_keys_that_send_and_leave_are_seen(workspace: Workspace) -> None:
    workspace.grant()
    async with workspace.run_app(open_library(workspace), size=(40, 12)) as driver:
        assert "ctrl+s sends · esc back" in await driver.press("2", "n")
        text = await driver.press("ctrl+s")
        assert "thing's address" in text  # what is missing
        assert "ctrl+s sends · esc back" in text
        await driver.press("escape")
        assert "ctrl+s sends · esc back" in await driver.press("E")


async def test_letters_jump_to_a_language_and_those_that_match_nothing_are_reported(workspace: Workspace) -> None:
    workspace.grant()
    async with workspace.run_app(open_library(workspace)) as driver:
        await driver.press("2", "n", "tab", "tab", "tab", "tab", "enter")
        assert "No match for “xq”." in await driver.press("x", "q")
        assert "Which language?" in await driver.press("enter")
        assert "‹German›" in await driver.press("g", "e", "r", "enter")

"""Tests that a key that can't act on an item says why, and that the palette says what its commands do."""

import pytest

from tests.ui.driver import Driver
from tests.ui.workspace import Workspace


async def notice_of(driver: Driver, key: str) -> str:
    driver.app.clear_notifications()
    await driver.press(key)
    return "".join(driver.notices)


@pytest.mark.parametrize(("key", "verb"), [("D", "delete"), ("E", "edit")])
async def test_only_own_things_can_be_changed(workspace: Workspace, key: str, verb: str) -> None:
    async with workspace.run_app() as driver:
        await driver.press("3")
        assert await notice_of(driver, key) == f"You can {verb} only your own things. Press L to log in."
    workspace.grant()
    async with workspace.run_app(workspace.library("ada")) as driver:
        await driver.press("3")
        assert await notice_of(driver, key) == (
            f"You can {verb} only your own things, and this one belongs to ferrule197."
        )
        await driver.press("2")
        assert await notice_of(driver, key) == ""


async def test_what_is_no_thing_can_not_be_flattred(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        for key, verb in (("f", "flattr"), ("w", "subscribe to")):
            assert await notice_of(driver, key) == (
                f"You can {verb} things, not users. Open one of this user's things first."
            )
        await driver.press("7")
        assert await notice_of(driver, "f") == ""


async def test_the_palette_says_what_its_entries_do(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        await driver.press("3", "ctrl+p")
        text = await driver.type("show re")
        assert "Charts of their saved flattrs (6)" in text
        await driver.press("escape", "ctrl+p")
        text = await driver.type("flattr it")
        assert "It counts as one of this month's flattrs (f)" in text

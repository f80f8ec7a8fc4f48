"""Tests that the top bar says that new data is not saved while the store can't be written."""

import sqlite3

from tests.ui.workspace import Workspace


async def test_the_top_bar_names_a_lock_until_it_is_released(workspace: Workspace) -> None:
    async with workspace.run_app(user="melodia") as driver:
        assert "not saved" not in await driver.press("2")
        lock = sqlite3.connect(workspace.folder / "responses" / "cache.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        try:
            text = await driver.press("R")
            assert "new pages not saved: locked" in text.splitlines()[0]
            assert "Things of melodia" in text
        finally:
            lock.close()
        driver.app.library.responses.wait_until_writable()
        text = await driver.press("R")
        assert "not saved" not in text
        assert "● live" in text.splitlines()[0]


async def test_a_narrow_top_bar_names_the_lock_too(workspace: Workspace) -> None:
    async with workspace.run_app(user="melodia", size=(40, 12)) as driver:
        lock = sqlite3.connect(workspace.folder / "responses" / "cache.db", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        try:
            assert "new pages not saved: locked" in (await driver.press("2", "R")).splitlines()[0]
        finally:
            lock.close()

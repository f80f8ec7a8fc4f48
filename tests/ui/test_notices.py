"""Tests of notices: their whole text is on screen, and they hide neither one another nor a dialog."""

import pytest

from flattr_tui.ui.app import FlattrApp
from tests.ui.driver import Driver, clock
from tests.ui.workspace import Workspace


def notice_lines(driver: Driver) -> list[str]:
    """Return the lines of the notices that are drawn on the screen."""
    return [line.partition("▌")[2].strip() for line in driver.text.splitlines() if "▌" in line]


async def test_a_notice_over_a_dialog_is_as_wide_as_over_a_page(workspace: Workspace) -> None:
    app, text = FlattrApp(workspace.library(), clock=clock), "The editor nano ended with exit status 5."
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        driver = Driver(app, pilot)
        await driver.settle_undrawn()
        await driver.press("u")
        app.notify_user(text)
        await driver.settle()
        assert text in notice_lines(driver)


@pytest.mark.parametrize("size", [(40, 12), (59, 20), (80, 24), (120, 40)])
async def test_the_whole_text_of_a_notice_is_on_screen(workspace: Workspace, size: tuple[int, int]) -> None:
    app = FlattrApp(workspace.library(), clock=clock)
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, pilot)
        await driver.settle_undrawn()
        for name in ("melodia", "bahnfrei", "imogen61", "calderfm and some others"):
            text = f"{name} is no longer bookmarked. Press b to add it again."
            app.notify_user(text)
            await driver.settle()
            assert " ".join(filter(None, notice_lines(driver))) == text


async def notify(driver: Driver, text: str, severity: str = "information") -> list[str]:
    """Show a notice, and return all notices on screen."""
    driver.app.notify_user(text, severity)
    await driver.settle()
    return driver.notices


async def test_a_notice_replaces_the_one_before_unless_that_must_stay(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        await notify(driver, "one")
        assert await notify(driver, "two", "warning") == ["two"]
        assert await notify(driver, "three", "error") == ["three"]
        assert await notify(driver, "four") == ["three", "four"]


async def test_a_dialog_is_not_covered_by_earlier_notices(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        assert await notify(driver, "one") == ["one"]
        await driver.press("u")
        assert driver.notices == []
        await driver.press("escape")
        await notify(driver, "two", "error")
        await driver.press("u")
        assert driver.notices == ["two"]

"""Tests that pages to which the user goes back are unchanged: the cursor, the scroll position, the filter."""

from pathlib import Path

import pytest
from textual.widgets import OptionList

from flattr_tui.library.bookmarks import Bookmarks, mark_of
from flattr_tui.library.library import Library
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.model.entities import Thing
from flattr_tui.ui.screens.bookmarks import BookmarksScreen
from flattr_tui.ui.screens.changes import ChangesScreen
from flattr_tui.ui.screens.global_search import GlobalSearchScreen
from flattr_tui.ui.screens.thing import ThingScreen
from tests.ui.conftest import Make, Start
from tests.ui.driver import NOW, SIZES, Driver
from tests.ui.test_changes import MovingClock, moving_clock
from tests.ui.workspace import Workspace

SIZE = (80, 16)
__all__ = ["moving_clock"]  # a fixture


def shown(driver: Driver) -> list[str]:
    """The lines of the page without the first line, which contains the state of the connection."""
    return driver.text.splitlines()[2:]


def rows(lines: list[str]) -> list[str]:
    """The lines of the list, without its heading, which counts all items, and without the scrollbar."""
    return [line[:78].rstrip() for line in lines[3:-2]]


def cursor_line(lines: list[str]) -> tuple[int, str]:
    """The number of the cursor's line on screen, and its text."""
    return next((number, line) for number, line in enumerate(rows(lines)) if line.startswith("▸"))


async def go_to_user(driver: Driver, name: str) -> None:
    await driver.press("u")
    await driver.type(name)
    await driver.press("enter")


@pytest.fixture
def library(make_library: Make) -> Library:
    made = make_library()
    made.search = OfflineSearch(made.catalogue, made.source, made.account)
    return made


async def open_hits(driver: Driver) -> list[str]:
    await driver.press("3", "ctrl+f")
    await driver.type("otter")
    await driver.press("pagedown", "down", "down", "up")
    return shown(driver)


@pytest.mark.parametrize("back", ["escape", "backspace"])
async def test_hits_are_where_they_were_after_an_item(start: Start, library: Library, back: str) -> None:
    async with start(library, size=SIZE) as driver:
        before = await open_hits(driver)
        await driver.press("enter")
        assert isinstance(driver.app.screen, ThingScreen)
        await driver.press(back)
        assert isinstance(driver.app.screen, GlobalSearchScreen)
        assert rows(shown(driver)) == rows(before)


async def test_hits_are_where_they_were_after_another_user(start: Start, library: Library) -> None:
    async with start(library, size=SIZE) as driver:
        before = await open_hits(driver)
        await driver.press("enter")
        await go_to_user(driver, "melodia")
        await driver.press("backspace")
        assert isinstance(driver.app.screen, ThingScreen)
        await driver.press("backspace")
        assert isinstance(driver.app.screen, GlobalSearchScreen)
        assert cursor_line(shown(driver)) == cursor_line(before)  # there are more hits now, from the other user's data


@pytest.fixture
def bookmarked(library: Library, tmp_path: Path) -> Library:
    """A library with thirty bookmarks of things, and one of a user."""
    library.bookmarks = Bookmarks.open(tmp_path / "bookmarks.json", notice=library.notify)
    for number in range(30):
        mark = mark_of(Thing(id=100 + number, title=f"Thing {number:02}"), library.source.name, NOW - number)
        assert mark is not None
        library.bookmarks.toggle(mark)
    return library


@pytest.mark.parametrize("filter", ["", "thing"])
async def test_bookmarks_are_where_they_were(start: Start, bookmarked: Library, filter: str) -> None:
    async with start(bookmarked, size=SIZE) as driver:
        await driver.press("B", "/")
        await driver.type(filter)
        await driver.press("enter", "pagedown", "pagedown", *["k"] * 7)
        before, line = shown(driver), driver.app.screen.line  # type: ignore[attr-defined]
        for user in ("", "melodia"):
            await driver.press("enter")
            assert isinstance(driver.app.screen, ThingScreen)
            if user:
                await go_to_user(driver, user)
                await driver.press("backspace")
            await driver.press("backspace")
            assert isinstance(driver.app.screen, BookmarksScreen)
            assert driver.app.screen.line == line, user
            assert rows(shown(driver)) == rows(before), user


@pytest.mark.parametrize("filter", ["", "owner:melodia"])
async def test_changes_are_where_they_were(workspace: Workspace, moving_clock: MovingClock, filter: str) -> None:
    async with workspace.run_app(size=SIZE) as driver:
        await driver.press("3")
        for _ in range(20):
            workspace.world.insert_flattr("ada", workspace.find_untouched_thing(), int(moving_clock.now) + 1)
            moving_clock.now += 10
        for key in ("r", "C", "/"):  # the list is fetched before the page of its changes is opened
            await driver.press(key)
        await driver.type(filter)
        await driver.press("enter", "pagedown", "pagedown", *["k"] * 7)
        before = shown(driver)
        for user in ("", "melodia"):
            await driver.press("enter")
            if user:
                await go_to_user(driver, user)
                await driver.press("backspace")
            await driver.press("backspace")
            assert isinstance(driver.app.screen, ChangesScreen)
            assert rows(shown(driver)) == rows(before), user


async def test_the_list_of_bookmarks_is_as_wide_as_the_page_gives_it(start: Start, bookmarked: Library) -> None:
    """The margin of the filter above the list does not make the list narrower."""
    async with start(bookmarked) as driver:
        await driver.press("B")
        screen = driver.app.screen
        for size in SIZES:
            await driver.resize(*size)
            assert screen.query_one(OptionList).outer_size.width == screen.query_one(".marks").size.width, size

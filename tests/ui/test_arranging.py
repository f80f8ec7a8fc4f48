"""Another order or filter of a long list is found behind the screen: what is shown stays until then."""

import asyncio
from collections.abc import Callable

import pytest
from textual.widgets import Static

from flattr_tui.library.library import Library
from flattr_tui.library.query import catalogue_feed
from flattr_tui.library.query.feed import View
from flattr_tui.store.errors import StoreError
from flattr_tui.ui.panes.feed_view import FeedView
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Make, Start
from tests.ui.driver import Driver


@pytest.fixture(autouse=True)
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take lists of a few dozen rows for long ones."""
    monkeypatch.setattr(catalogue_feed, "SHORT_LIST", 20)


class Held:
    """Begins to find views once it is open."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = asyncio.Event()
        self._run = asyncio.to_thread
        monkeypatch.setattr(asyncio, "to_thread", self.to_thread)

    async def to_thread(self, work: Callable[..., object], *arguments: object) -> object:
        if work.__module__ == catalogue_feed.__name__:
            await self.open.wait()
        return await self._run(work, *arguments)


def library_of(driver: Driver) -> Library:
    assert isinstance(driver.app.library, Library)
    return driver.app.library


async def found(driver: Driver) -> str:
    """Read the screen once what was to be found is found."""
    await library_of(driver).wait_for_sorting()
    await driver.settle()
    return driver.text


def rows(driver: Driver) -> list[str]:
    table = driver.app.screen.query_one(RowTable)
    return [table.render_line(y).text.rstrip() for y in range(1, table.page_rows)]


def count(driver: Driver) -> str:
    return str(driver.app.screen.query_one(".count", Static).visual)


def subject(driver: Driver) -> object:
    return driver.app.screen.subject  # type: ignore[attr-defined]


async def test_the_rows_stay_until_those_in_the_other_order_come(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start() as driver:
        await driver.press("3", "j", "j", "j", "j")
        held = Held(monkeypatch)
        before, kept = rows(driver), subject(driver)
        for _ in range(2):
            await driver.press("s")
            assert rows(driver) == before
            assert "by " not in count(driver)
        held.open.set()
        assert "Thing↑" in await found(driver)
        assert "by title ↑" in count(driver)
        assert subject(driver) == kept
        assert before[4] in rows(driver)


async def test_the_last_filter_is_the_one_that_is_shown(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start() as driver:
        await driver.press("3")
        held = Held(monkeypatch)
        await driver.press("slash")
        first = rows(driver)
        await driver.type("open")
        assert rows(driver) == first
        assert "None of" not in driver.text
        held.open.set()
        text = await found(driver)
        view = driver.app.screen.query_one(FeedView)
        assert view.feed is not None
        assert view.feed.view.text == "open"
        assert 0 < view.feed.status.shown < view.feed.status.saved
        assert f"{view.feed.status.shown} of {view.feed.status.saved} saved" in text


async def test_taking_the_filter_away_does_not_wait(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start() as driver:
        await driver.press("3")
        await driver.press("slash", "escape")
        before = rows(driver)
        held = Held(monkeypatch)
        await driver.press("slash")
        await driver.type("open")
        await driver.press("escape")
        assert rows(driver) == before
        held.open.set()
        await found(driver)
        assert rows(driver) == before


async def test_another_list_in_the_same_order_says_that_its_rows_are_on_their_way(
    start: Start, make_library: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library()
    async with start(library) as driver:
        for name in ("melodia", "ada"):
            driver.app.show_user(name)
            await driver.press("3")
        await driver.press("s")
        await found(driver)
        held = Held(monkeypatch)
        driver.app.show_user("melodia")
        await driver.settle()
        assert "⋯ Fetching flattrs of melodia." in driver.text
        held.open.set()
        text = await found(driver)
        assert "Fetching flattrs" not in text
        assert driver.app.screen.query_one(RowTable).has_focus
        assert subject(driver) is not None


async def test_what_cannot_be_arranged_is_told_and_the_rows_stay_as_they_were(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as driver:
        await driver.press("3", "j")
        before = rows(driver)

        def broken(*_: object) -> None:
            raise StoreError("The catalogue can't be read: it is odd.")

        monkeypatch.setattr(library_of(driver).catalogue, "sort_list_top", broken)
        await driver.press("s")
        await found(driver)
        assert driver.notices == ["The catalogue can't be read: it is odd."]
        assert driver.app.screen.query_one(FeedView).view == View()
        assert rows(driver) == before

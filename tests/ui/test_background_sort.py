"""Tests that long lists are sorted and filtered in a thread, and that the rows stay on screen meanwhile."""

import asyncio
from collections.abc import Callable

import pytest

from flattr_tui.library.library import Library
from flattr_tui.library.query import catalogue_feed
from flattr_tui.library.query.list_feed import View
from flattr_tui.store.errors import StoreError
from flattr_tui.ui import keypress_queue
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.widgets.base_widgets import Heading
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Make, Start
from tests.ui.driver import Driver


@pytest.fixture(autouse=True)
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limit so that lists of more than 20 rows count as long."""
    monkeypatch.setattr(catalogue_feed, "SHORT_LIST", 20)


class SortGate:
    """Holds back sorting and filtering in threads until `open` is set."""

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


async def wait_for_rows(driver: Driver) -> str:
    """Wait until sorting or filtering is done, and return the text of the screen."""
    await library_of(driver).wait_for_sorting()
    await driver.settle()
    return driver.text


def visible_rows(driver: Driver) -> list[str]:
    table = driver.app.screen.query_one(RowTable)
    return [table.render_line(y).text.rstrip() for y in range(1, table.page_rows)]


def count_text(driver: Driver) -> str:
    return driver.app.screen.query_one(Heading).render().plain


def cursor_item(driver: Driver) -> object:
    return driver.app.screen.subject  # type: ignore[attr-defined]


async def test_the_rows_stay_until_the_sorted_ones_are_there(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keypress_queue, "MAX_DATA_SECONDS", 0.1)  # so long the second s waits for the rows
    async with start(place="flattrs") as driver:
        await driver.press("j", "j", "j", "j")
        gate = SortGate(monkeypatch)
        before, kept = visible_rows(driver), cursor_item(driver)
        for _ in range(2):
            await driver.press("s")
            assert visible_rows(driver) == before
            assert "by " not in count_text(driver)
        gate.open.set()
        assert "Thing↑" in await wait_for_rows(driver)
        assert "by title ↑" in count_text(driver)
        assert cursor_item(driver) == kept
        assert before[4] in visible_rows(driver)


async def test_the_last_filter_wins(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        gate = SortGate(monkeypatch)
        await driver.press("slash")
        first = visible_rows(driver)
        await driver.type("open")
        assert visible_rows(driver) == first
        assert "None of" not in driver.text
        gate.open.set()
        text = await wait_for_rows(driver)
        view = driver.app.screen.query_one(ListPane)
        assert view.feed is not None
        assert view.feed.view.text == "open"
        assert 0 < view.feed.status.shown < view.feed.status.saved
        assert f"{view.feed.status.shown} of {view.feed.status.saved} saved" in text


async def test_taking_the_filter_away_does_not_wait(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        await driver.press("slash", "escape")
        before = visible_rows(driver)
        gate = SortGate(monkeypatch)
        await driver.press("slash")
        await driver.type("open")
        await driver.press("escape")
        assert visible_rows(driver) == before
        gate.open.set()
        await wait_for_rows(driver)
        assert visible_rows(driver) == before


async def test_another_list_in_the_same_order_says_that_its_rows_are_on_their_way(
    start: Start, make_library: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library()
    async with start(library) as driver:
        for name in ("melodia", "ada"):
            driver.app.show_user(name)
            await driver.press("3")
        await driver.press("s")
        await wait_for_rows(driver)
        gate = SortGate(monkeypatch)
        driver.app.show_user("melodia")
        await driver.settle()
        assert "⋯ Fetching flattrs of melodia." in driver.text
        gate.open.set()
        text = await wait_for_rows(driver)
        assert "Fetching flattrs" not in text
        assert driver.app.screen.query_one(RowTable).has_focus
        assert cursor_item(driver) is not None


async def test_a_failed_sort_gets_a_notice_and_the_rows_stay(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("j")
        before = visible_rows(driver)

        def fail(*_: object) -> None:
            raise StoreError("The catalogue can't be read: it is odd.")

        monkeypatch.setattr(library_of(driver).catalogue, "sort_list_top", fail)
        await driver.press("s")
        await wait_for_rows(driver)
        assert driver.notices == ["The catalogue can't be read: it is odd."]
        assert driver.app.screen.query_one(ListPane).view == View()
        assert visible_rows(driver) == before

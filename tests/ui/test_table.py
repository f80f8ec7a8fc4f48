"""Tests of the table's marks: keys set and clear them, and sorting and filtering leave them on their rows."""

from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Start
from tests.ui.driver import Driver


def table(driver: Driver) -> RowTable:
    return driver.app.screen.query_one(RowTable)


def marked_keys(driver: Driver) -> list[str]:
    return [row.key for row in table(driver).marked_rows]


def row_keys(driver: Driver) -> list[str]:
    source = table(driver).source
    assert source is not None
    return [row.key for row in source.rows(0, len(source)) if hasattr(row, "key")]


async def test_space_marks_and_goes_on_and_takes_a_mark_away(start: Start) -> None:
    async with start(place="things") as driver:
        text = await driver.press("space", "space", "space")
        first, second, third, *_ = row_keys(driver)
        assert marked_keys(driver) == [first, second, third]
        assert text.count("✓") == 3
        assert (await driver.press("g", "j", "space")).count("✓") == 2
        assert marked_keys(driver) == [first, third]


async def test_marked_rows_stand_in_the_order_that_is_shown(start: Start) -> None:
    async with start(place="things") as driver:
        await driver.press("G", "space", "g", "space")
        assert marked_keys(driver) == [row_keys(driver)[0], row_keys(driver)[-1]]
        await driver.press("s", "S")
        assert marked_keys(driver) == [key for key in row_keys(driver) if key in table(driver).marked]


async def test_a_filter_hides_marked_rows_and_keeps_their_marks(start: Start) -> None:
    async with start(place="things") as driver:
        await driver.press("space", "space")
        before = marked_keys(driver)
        await driver.press("slash")
        await driver.type("zzz")
        assert sorted(marked_keys(driver)) == sorted(before)
        await driver.press("escape")
        assert marked_keys(driver) == before


async def test_escape_takes_the_marks_away_first_and_then_goes_back(start: Start) -> None:
    async with start() as driver:
        driver.app.open_user("melodia")
        await driver.settle()
        await driver.press("F", "space", "space")
        depth = len(driver.app.screen_stack)
        assert "✓" not in await driver.press("escape")
        assert marked_keys(driver) == []
        assert len(driver.app.screen_stack) == depth
        await driver.press("escape")
        assert len(driver.app.screen_stack) == depth - 1


async def test_another_list_begins_without_marks(start: Start) -> None:
    async with start(place="activities") as driver:
        await driver.press("space")
        assert marked_keys(driver)
        await driver.press("t")
        assert marked_keys(driver) == []

"""The table's marks: set and taken away by keys, kept on their rows whatever moves around them."""

from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Start
from tests.ui.driver import Driver


def table(driver: Driver) -> RowTable:
    return driver.app.screen.query_one(RowTable)


def marked(driver: Driver) -> list[str]:
    return [row.key for row in table(driver).marked_rows]


def keys(driver: Driver) -> list[str]:
    source = table(driver).source
    assert source is not None
    return [row.key for row in source.rows(0, len(source)) if hasattr(row, "key")]


async def test_space_marks_and_goes_on_and_takes_a_mark_away(start: Start) -> None:
    async with start() as driver:
        text = await driver.press("2", "space", "space", "space")
        first, second, third, *_ = keys(driver)
        assert marked(driver) == [first, second, third]
        assert text.count("✓") == 3
        assert (await driver.press("g", "j", "space")).count("✓") == 2
        assert marked(driver) == [first, third]


async def test_marked_rows_stand_in_the_order_that_is_shown(start: Start) -> None:
    async with start() as driver:
        await driver.press("2", "G", "space", "g", "space")
        assert marked(driver) == [keys(driver)[0], keys(driver)[-1]]
        await driver.press("s", "S")
        assert marked(driver) == [key for key in keys(driver) if key in table(driver).marked]


async def test_a_filter_hides_marked_rows_and_loses_none(start: Start) -> None:
    async with start() as driver:
        await driver.press("2", "space", "space")
        before = marked(driver)
        await driver.press("slash")
        await driver.type("zzz")
        assert sorted(marked(driver)) == sorted(before)
        await driver.press("escape")
        assert marked(driver) == before


async def test_escape_takes_the_marks_away_first_and_then_goes_back(start: Start) -> None:
    async with start() as driver:
        driver.app.open_user("melodia")
        await driver.settle()
        await driver.press("F", "space", "space")
        depth = len(driver.app.screen_stack)
        assert "✓" not in await driver.press("escape")
        assert marked(driver) == []
        assert len(driver.app.screen_stack) == depth
        await driver.press("escape")
        assert len(driver.app.screen_stack) == depth - 1


async def test_another_list_begins_without_marks(start: Start) -> None:
    async with start() as driver:
        await driver.press("4", "space")
        assert marked(driver)
        await driver.press("t")
        assert marked(driver) == []

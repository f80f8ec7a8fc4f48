"""Tests that the item under the cursor is on screen after every key that moves it, in every list, at every size."""

import pytest
from textual.content import Content
from textual.visual import Visual
from textual.widgets import OptionList

from flattr_tui.model.entities import thing_of
from flattr_tui.ui.widgets.bar_charts import BarList
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Start
from tests.ui.driver import Driver

SIZES = ((200, 60), (120, 40), (80, 24), (40, 12))
MOVES = (("j",) * 5, ("pagedown",), ("G",), ("k", "pageup"), ("g",), ("ctrl+d",))
PLACES: tuple[tuple[str, ...], ...] = (
    ("1",),
    ("2",),
    ("3",),
    ("3", "enter"),
    ("3", "p"),
    ("4",),
    ("4", "t"),
    ("5", "a", "enter", "escape"),
    ("6", "tab"),
    ("6", "tab", "tab"),
    ("6", "tab", "tab", "tab", "tab", "tab"),
    ("7", "m"),
    ("ctrl+f", "a", "down"),
    ("B",),
    ("5", "c"),
    ("5", "l"),
    ("ctrl+p",),
)
"""For each list of the app, the keys that lead to it."""


def cursor_text(driver: Driver) -> str:
    """Return the first five characters of the item under the cursor; "" if nothing has a cursor."""
    focused = driver.app.screen.focused
    lists = [focused] if isinstance(focused, OptionList) else list(driver.app.screen.query(OptionList))
    if isinstance(focused, RowTable):
        row = focused.row
        if row is None:
            return "⋯"  # the row is still being fetched
        cells = [column.render(row, focused.row_style).plain for column, _ in focused._fitted]
        return max(cells, key=len)[:5].strip()
    if isinstance(focused, BarList):
        return focused.bars[focused.cursor].label[:5].strip()
    for options in lists:
        if (option := options.highlighted_option) is not None and options.display:
            prompt = option.prompt
            assert isinstance(prompt, str | Content | Visual)
            return str(prompt).split("\n")[0].strip()[:5].strip()
    return ""


def page_lines(driver: Driver) -> list[str]:
    """Return the lines of the screen without the bars at the top and the bottom."""
    return driver.text.splitlines()[2:-1]


@pytest.mark.parametrize("size", SIZES[1:], ids=lambda size: f"{size[0]}x{size[1]}")  # 200x60 has the layout of 120x40
async def test_the_item_under_the_cursor_is_always_drawn(start: Start, size: tuple[int, int]) -> None:
    async with start(size=size) as driver:
        checked = 0
        for place in PLACES:
            await driver.press(*place)
            for keys in MOVES:
                await driver.pilot.press(*keys)
                await driver.pilot.pause()
                text = cursor_text(driver)
                checked += bool(text)
                seen = [line for line in page_lines(driver) if text in line]
                assert seen, f"{place} {keys}: {text!r} is not on screen:\n{driver.text}"
                if isinstance(driver.app.screen.focused, RowTable | BarList) and text != "⋯":
                    assert any("▸" in line for line in seen), f"{place} {keys}:\n{driver.text}"
            await driver.press("escape", "escape", "escape")
        assert checked > 4 * len(PLACES)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_enter_opens_only_a_row_that_is_visible(start: Start, size: tuple[int, int]) -> None:
    async with start(size=size) as driver:
        table = driver.app.screen.query_one(RowTable)
        if "▸" not in driver.text:
            await driver.press("enter")
            assert "▸" in driver.text
        row = table.row
        assert row is not None
        thing = thing_of(row.item)
        assert thing is not None
        assert thing.title[:6] in driver.text
        assert thing.title[:6] in await driver.press("enter")


async def test_the_first_step_leads_to_a_row_that_is_out_of_sight(start: Start) -> None:
    async with start(size=(40, 12)) as driver:
        table = driver.app.screen.query_one(RowTable)
        assert "▸" not in driver.text
        for cursor in (0, 1, 2):
            assert "▸" in await driver.press("j")
            assert table.cursor == cursor


async def test_the_figures_of_a_small_profile_reappear_above_the_first_row(start: Start) -> None:
    async with start(size=(80, 24)) as driver:
        assert "Ada L." not in await driver.press("G")
        await driver.press("g")
        for _ in range(4):
            await driver.press("k")
        assert "Ada L." in driver.text


async def test_a_smaller_window_keeps_the_row_on_screen(start: Start) -> None:
    async with start(size=(120, 40)) as driver:
        await driver.press(*["j"] * 12)
        await driver.pilot.resize_terminal(80, 24)
        await driver.settle()
        assert "▸" in driver.text
        await driver.pilot.resize_terminal(40, 12)
        await driver.settle()
        assert "▸" in driver.text

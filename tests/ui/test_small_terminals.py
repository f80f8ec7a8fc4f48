"""Tests that the app says so if a terminal is too small, and shows as much as fits."""

import pytest
from textual.geometry import Size

from flattr_tui.ui.widgets.header_and_footer import size_warning
from tests.ui.conftest import Start


async def test_the_first_line_warns_and_rows_stay(start: Start) -> None:
    async with start() as driver:
        for key, row in (("2", "Mosaik"), ("3", "▸"), ("4", "▸")):
            await driver.press(key)
            for size in ((39, 12), (40, 11), (30, 8), (20, 5)):
                text = await driver.resize(*size)
                assert "too small" in text.splitlines()[0], (key, size)
                assert row in text, (key, size)


async def test_the_smallest_supported_size_has_no_warning(start: Start) -> None:
    async with start(size=(40, 12)) as driver:
        assert "too small" not in driver.text


async def test_the_warning_goes_when_the_terminal_grows(start: Start) -> None:
    async with start(size=(20, 5)) as driver:
        assert "too small" in await driver.press("2")
        text = await driver.resize(80, 24)
        assert "too small" not in text
        assert "2 Things" in text
        assert "? help" in text


@pytest.mark.parametrize("width", range(80))
def test_the_sentence_fits_any_width(width: int) -> None:
    warning = size_warning(Size(width, 5), width)
    assert warning is not None
    assert warning.cell_length <= width


@pytest.mark.parametrize("key", ["ctrl+p", "u"])
async def test_on_five_lines_a_question_still_shows_what_is_typed(start: Start, key: str) -> None:
    async with start(size=(20, 5)) as driver:
        await driver.press(key)
        text = await driver.type("melo")
        assert [line.strip(" ▏│") for line in text.splitlines() if line.strip().startswith("melo")] != []


async def test_in_a_few_columns_everything_keeps_a_width_and_survives(start: Start) -> None:
    async with start(size=(120, 52)) as driver:
        for keys in (("ctrl+p",), ("u",), ("5", "f1"), ("B",), ("L",), ("ctrl+s",)):
            for key in keys:
                await driver.press(key)
            for width in (12, 6, 3):
                await driver.resize(width, 52)
            await driver.press("pagedown")
            scrollers = [widget for widget in driver.app.screen.query("OptionList, VerticalScroll") if widget.display]
            assert all(widget.size.width > 2 for widget in scrollers), keys
            assert "too small" not in await driver.resize(120, 52), keys
            await driver.press("escape")

"""Pages that were closed are freed, however often pages are opened."""

import gc

import pytest
from textual.screen import Screen

from tests.ui.conftest import Start

TIMES = 5


def count_screens() -> int:
    gc.collect()
    return sum(isinstance(found, Screen) for found in gc.get_objects())


@pytest.mark.parametrize(
    "keys",
    [
        ("3", "enter", "backspace"),
        ("3", "p", "backspace"),
        ("ctrl+f", "escape"),
        ("C", "backspace"),
        ("B", "backspace"),
        ("?", "escape"),
        ("ctrl+p", "escape"),
    ],
)
async def test_closed_pages_are_freed(start: Start, keys: tuple[str, ...]) -> None:
    async with start() as driver:
        await driver.press(*keys)
        before = count_screens()
        for _ in range(TIMES):
            await driver.press(*keys)
        assert count_screens() - before <= 1  # the last one may be kept until the next is opened

"""Tests that closed pages are freed, however often pages are opened."""

import gc

from textual.screen import Screen
from textual.strip import Strip

from tests.ui.conftest import Start

TIMES = 2
KEYS = (
    ("3", "enter", "backspace"),
    ("3", "p", "backspace"),
    ("ctrl+f", "escape"),
    ("C", "backspace"),
    ("B", "backspace"),
    ("?", "escape"),
    ("ctrl+p", "escape"),
)


def count_objects() -> tuple[int, int]:
    """Return how many screens and how many drawn lines exist in memory."""
    gc.collect()
    found = gc.get_objects()
    return sum(isinstance(one, Screen) for one in found), sum(isinstance(one, Strip) for one in found)


async def test_closed_pages_and_their_lines_are_freed(start: Start) -> None:
    gc.collect()
    gc.freeze()  # the collections below then take a hundredth of a second instead of a quarter
    async with start() as driver:
        drawn = []
        for keys in KEYS:
            await driver.press(*keys)
            screens, lines = count_objects()
            for _ in range(TIMES):
                for key in keys:
                    await driver.press(key)  # draws the page
            assert count_objects()[0] - screens <= 1, keys  # the last one may be kept until the next is opened
            drawn.append(lines)
        assert max(drawn) < 2 * drawn[0]

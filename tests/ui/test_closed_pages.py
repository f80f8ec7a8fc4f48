"""Pages that were closed are freed, however often pages are opened."""

import gc

from textual.screen import Screen

from tests.ui.conftest import Start

TIMES = 3
KEYS = (
    ("3", "enter", "backspace"),
    ("3", "p", "backspace"),
    ("ctrl+f", "escape"),
    ("C", "backspace"),
    ("B", "backspace"),
    ("?", "escape"),
    ("ctrl+p", "escape"),
)


def count_screens() -> int:
    gc.collect()
    return sum(isinstance(found, Screen) for found in gc.get_objects())


async def test_closed_pages_are_freed(start: Start) -> None:
    gc.collect()
    gc.freeze()  # the collections below then take a hundredth of a second instead of a quarter
    async with start() as driver:
        for keys in KEYS:
            await driver.press(*keys)
            before = count_screens()
            for _ in range(TIMES):
                await driver.press(*keys)
            assert count_screens() - before <= 1, keys  # the last one may be kept until the next is opened

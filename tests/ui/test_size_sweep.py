"""Texts are whole at every size, and the last line names only keys that do something."""

import pytest

from flattr_tui.library.query.earnings import EarningsReader
from flattr_tui.library.query.search import SavedSearch
from flattr_tui.model.source import parse_source
from flattr_tui.ui.panes.console_methods import MethodList
from flattr_tui.ui.themes import THEMES
from tests.ui.conftest import Make, Start
from tests.ui.console_workspace import ConsoleWorkspace

SIZES = [(200, 60), (120, 40), (80, 24), (40, 12)]
by_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


def foot(text: str) -> str:
    return text.splitlines()[-1]


@by_size
async def test_the_end_of_the_help_can_be_reached(start: Start, size: tuple[int, int]) -> None:
    async with start(size=size) as driver:
        text = " ".join((await driver.press("2", "question_mark", "G")).replace("│", " ").split())
        assert "Redraw the screen" in text
        assert text.index("Redraw the screen") < text.index("╰")
        keys = driver.app.screen.query_one("VerticalScroll")
        assert keys.max_scroll_y == keys.scroll_y
        assert keys.region.bottom <= keys.parent.content_region.bottom  # type: ignore[union-attr]


@by_size
async def test_activities_say_what_happened_in_whole_words(start: Start, size: tuple[int, int]) -> None:
    async with start(size=size) as driver:
        for key in ("1", "4"):
            text = await driver.press(key, "g")
            while "♥ flattred" not in text:
                text = await driver.press("j")  # the list of a profile may be below the edge
            (head,) = [line for line in text.splitlines() if "♥ flattred" in line]
            assert "↻ subscribed" in head
            assert any(line.lstrip(" ▸").startswith("♥ ") for line in text.splitlines() if line is not head)


@by_size
async def test_the_search_field_says_how_its_help_is_opened(start: Start, size: tuple[int, int]) -> None:
    async with start(size=size) as driver:
        assert "words; ? explains" in await driver.press("5")


async def test_results_name_the_key_of_new_items_only_if_some_are_new(start: Start, make_library: Make) -> None:
    library = make_library()
    library.search = SavedSearch(library.catalogue, library.source, library.account)
    async with start(library) as driver:
        await driver.press("5")
        await driver.type("fingerprint")
        text = await driver.press("enter", "down")
        assert "enter open" in foot(text)
        assert "next new" not in foot(text)


@by_size
async def test_earnings_without_reports_say_all_of_what_to_do(
    start: Start, make_library: Make, size: tuple[int, int]
) -> None:
    library = make_library()
    library.earnings = EarningsReader(library.catalogue, parse_source("saved"))
    async with start(library, size=size) as driver:
        text = await driver.press("6", "e")
        assert "--user NAME" in " ".join(text.split())
        assert "list" not in foot(text)


async def test_the_list_of_methods_takes_the_height_that_the_form_does_not_need(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(size=(200, 60)) as driver:
        await driver.press("7")
        methods = driver.app.screen.query_one(MethodList)
        assert methods.size.height > 25


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_a_dialog_leaves_the_page_around_it_visible(start: Start, theme: str) -> None:
    async with start(theme=theme) as driver:
        before = await driver.press("2")
        text = await driver.press("question_mark")
        assert text.splitlines()[1] == before.splitlines()[1]
        assert foot(text) == foot(before)

"""Tests that no text is cut off at any size, and that the last line names only keys that work."""

import pytest

from flattr_tui.library.query.earnings import EarningsReader
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.model.data_source import parse_source
from flattr_tui.ui.panes.console_methods import MethodList
from flattr_tui.ui.themes import THEMES
from tests.ui.conftest import Make, Start
from tests.ui.console_workspace import ConsoleWorkspace

SIZES = [(200, 60), (120, 40), (80, 24), (40, 12)]


def foot(text: str) -> str:
    return text.splitlines()[-1]


async def test_the_end_of_the_help_can_be_reached(start: Start) -> None:
    async with start(place="things") as driver:
        await driver.press("question_mark")
        for size in SIZES:
            await driver.resize(*size)
            text = " ".join((await driver.press("g", "G")).replace("│", " ").split())
            assert "Redraw the screen" in text, size
            assert text.index("Redraw the screen") < text.index("╰"), size
            keys = driver.app.screen.query_one("VerticalScroll")
            assert keys.max_scroll_y == keys.scroll_y, size
            assert keys.region.bottom <= keys.parent.content_region.bottom, size  # type: ignore[union-attr]


async def test_activities_say_what_happened_in_whole_words(start: Start) -> None:
    async with start() as driver:
        for key in ("1", "4"):
            await driver.press(key)
            for size in SIZES:
                await driver.resize(*size)
                text = await driver.press("g")
                while "♥ flattred" not in text:
                    text = await driver.press("j")  # the list of a profile may be below the edge
                (head,) = [line for line in text.splitlines() if "♥ flattred" in line]
                assert "↻ subscribed" in head, size
                assert any(line.lstrip(" ▸").startswith("♥ ") for line in text.splitlines() if line is not head), size


async def test_the_search_field_says_how_its_help_is_opened(start: Start) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        for size in SIZES:
            assert "words; ? explains" in await driver.resize(*size), size


async def test_results_name_the_key_of_new_items_only_if_some_are_new(start: Start, make_library: Make) -> None:
    library = make_library()
    library.search = OfflineSearch(library.catalogue, library.source, library.account)
    async with start(library, place="search") as driver:
        await driver.settle()
        await driver.type("fingerprint")
        text = await driver.press("enter", "down")
        assert "enter open" in foot(text)
        assert "next new" not in foot(text)


async def test_earnings_without_reports_say_all_of_what_to_do(start: Start, make_library: Make) -> None:
    library = make_library()
    library.earnings = EarningsReader(library.catalogue, parse_source("saved"))
    async with start(library, place="review") as driver:
        await driver.press("e")
        for size in SIZES:
            text = await driver.resize(*size)
            assert "--user NAME" in " ".join(text.split()), size
            assert "list" not in foot(text), size


async def test_the_list_of_methods_takes_the_height_that_the_form_does_not_need(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(size=(200, 60)) as driver:
        await driver.press("7")
        methods = driver.app.screen.query_one(MethodList)
        assert methods.size.height > 25


async def test_a_dialog_leaves_the_page_around_it_visible(start: Start) -> None:
    async with start(place="things") as driver:
        before = await driver.press()
        await driver.press("question_mark")
        for theme in THEMES:
            driver.app.theme = theme.name
            await driver.settle()
            text = driver.text
            assert text.splitlines()[1] == before.splitlines()[1], theme.name
            assert foot(text) == foot(before), theme.name


async def test_a_list_without_rows_names_no_key_that_needs_one(start: Start, make_library: Make) -> None:
    async with start(make_library(offline=True)) as driver:
        driver.app.show_user("chizu")
        for place in ("2", "3", "4"):
            last = foot(await driver.press(place))
            assert [key for key in ("enter", "filter", "sort", "refresh") if key in last] == [], place
            assert "saved rows" not in await driver.press("slash"), place
            assert "Mark all rows shown" not in await driver.press("question_mark"), place
            await driver.press("escape")


async def test_a_filter_without_matches_keeps_the_keys_that_change_it(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("slash")
        await driver.type("xyzzy")
        last = foot(await driver.press("enter"))
        assert "enter" not in last
        assert "/ filter" in last
        await driver.press("slash", "ctrl+u")
        assert "enter open" in foot(await driver.press("enter"))


async def test_an_empty_list_shows_its_whole_advice(start: Start, make_library: Make) -> None:
    async with start(make_library(), place="things") as driver:
        await driver.press("3")
    async with start(make_library(offline=True), size=SIZES[2]) as driver:
        for keys in (("2", "enter"), ("2", "g", "j", "j", "j", "enter"), ("3", "enter")):
            await driver.press(*keys)
            for size in SIZES[2:]:
                text = " ".join((await driver.resize(*size)).split())
                assert "Nothing is saved here yet. Start without --offline to fetch it." in text, size
            await driver.press("escape")
        driver.app.show_user("chizu")
        for size in SIZES[2:]:
            await driver.resize(*size)
            text = await driver.press("g")
            while "to fetch it." not in text:
                before, text = text, await driver.press("j")
                assert text != before, size


@pytest.mark.parametrize("keys", [("u",), ("ctrl+s",), ("3", "e"), ("5", "escape", "c")], ids=" ".join)
async def test_a_dialog_names_enter_and_esc_on_a_small_terminal(start: Start, keys: tuple[str, ...]) -> None:
    async with start(size=(40, 12)) as driver:
        await driver.press(*keys)
        lines = (await driver.type("ada") if keys == ("u",) else driver.text).splitlines()
        (end,) = [at for at, line in enumerate(lines) if "╰" in line]
        assert "enter" in lines[end - 1]
        assert "esc" in lines[end - 1]


async def test_a_heading_keeps_its_words_and_shortens_its_count(start: Start) -> None:
    async with start(size=(40, 12), place="activities") as driver:
        assert "Activities of ada · incoming       30" in await driver.press("t")
        await driver.press("3")
        assert "Flattrs of ada         3 marked · 411" in await driver.press("space", "space", "space")
        assert "3 marked · 411 flattrs" in await driver.resize(80, 24)


async def test_a_heading_is_whole_again_after_the_terminal_grew(start: Start) -> None:
    async with start(size=(120, 40), place="flattrs") as driver:
        await driver.press("enter")
        for size, count in (((40, 12), "100+"), ((120, 40), "100 saved, more to come"), ((40, 12), "100+")):
            assert count in await driver.resize(*size)


async def test_a_user_that_does_not_exist_has_no_lists(start: Start) -> None:
    async with start(size=(80, 24)) as driver:
        await driver.press("u")
        await driver.type("nobody-there")
        last = foot(await driver.press("enter"))
        assert "r refresh" in last
        assert "things" not in last


async def test_the_help_on_a_small_terminal_begins_with_the_keys_of_the_page_in_a_line_each(start: Start) -> None:
    async with start(size=(40, 12), place="flattrs") as driver:
        await driver.settle()
        lines = [line.strip("│ ▸▅▇▂▄▆▃▁") for line in (await driver.press("question_mark")).splitlines()]
        at = lines.index("This page")
        assert lines[at + 1 : at + 4] == [
            "r  Fetch what is new",
            "R  Fetch the whole list again",
            "o  Open in the browser",
        ]


async def test_the_help_keeps_keys_and_descriptions_apart_at_every_width(start: Start) -> None:
    async with start(size=(40, 12), place="flattrs") as driver:
        await driver.settle()
        assert "q ^q  Quit" in await driver.press("question_mark", "G")
        await driver.pilot.resize_terminal(120, 40)
        await driver.settle()
        lines = [line.partition("│")[2] for line in driver.text.splitlines()]
        described = ("Open in the browser", "To the top", "Half a page up")
        assert {line.index(does) for line in lines for does in described if does in line} == {17}

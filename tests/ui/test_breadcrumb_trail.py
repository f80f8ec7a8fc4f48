"""Tests of the breadcrumb trail in the first line, and of the way back along it."""

import pytest
from textual.content import Content

from flattr_tui.model.entities import Thing
from flattr_tui.ui.controllers import navigation
from flattr_tui.ui.screens.profile import ProfileScreen
from flattr_tui.ui.screens.thing import ThingScreen
from flattr_tui.ui.screens.user_lists import ThingsScreen
from flattr_tui.ui.widgets.header_and_footer import ModeBar, TopBar, shorten_trail
from tests.ui.conftest import Start
from tests.ui.driver import SIZES, Driver


def top(driver: Driver) -> str:
    """The first line of the screen, without the state of the connection."""
    return driver.text.splitlines()[0].partition("●")[0].strip()


async def test_the_first_line_names_the_pages_that_led_here(start: Start) -> None:
    async with start() as driver:
        assert top(driver) == "flattr · sandbox · ada"
        await driver.press("3", "enter")
        assert isinstance(driver.app.screen, ThingScreen)
        title = driver.app.screen.thing.title
        assert top(driver).startswith("flattr · sandbox · ada › Flattrs › " + title[:20])
        await driver.press("p")
        assert isinstance(driver.app.screen, ProfileScreen)
        owner = driver.app.screen.username
        assert top(driver).endswith(f" › {owner}")
        await driver.press("t")
        assert top(driver).endswith(f" › {owner} › Things")
        for _ in range(3):
            await driver.press("backspace")
        assert top(driver) == "flattr · sandbox · ada"


async def test_lists_opened_from_ones_own_profile_lead_back_to_it(start: Start) -> None:
    async with start() as driver:
        for key, place in (("t", "things"), ("F", "flattrs"), ("a", "activities")):
            await driver.press("1", key)
            assert driver.app.current_mode == place
            await driver.press("backspace")
            assert driver.app.current_mode == "profile"
        await driver.press("t", "2", "backspace")
        assert driver.app.current_mode == "things"  # its digit was pressed: that is no way that led here


async def test_another_user_leads_back_to_the_page_that_was_left(start: Start) -> None:
    async with start(place="things") as driver:
        await driver.press("enter")
        assert isinstance(driver.app.screen, ThingScreen)
        thing = driver.app.screen.thing
        await driver.press("u")
        await driver.type("melodia")
        await driver.press("enter")
        assert driver.app.user == "melodia"
        assert top(driver).startswith("flattr · sandbox · ada › Things › ")
        assert top(driver).endswith(" › melodia › Things")
        await driver.press("1")
        assert top(driver).endswith(" › melodia")
        await driver.press("backspace")
        assert top(driver).endswith(" › melodia › Things")
        await driver.press("backspace")
        assert driver.app.user == "ada"
        assert driver.app.current_mode == "things"
        assert isinstance(driver.app.screen, ThingScreen)
        assert driver.app.screen.thing == thing
        await driver.press("backspace")
        assert isinstance(driver.app.screen, ThingsScreen)
        assert top(driver) == "flattr · sandbox · ada"


async def go_to_user(driver: Driver, name: str) -> None:
    await driver.press("u")
    await driver.type(name)
    await driver.press("enter")


def lit_tab(driver: Driver) -> str:
    """The id of the mode whose tab is highlighted."""
    return driver.app.screen.query_one(ModeBar).active


async def test_going_back_skips_no_user_after_a_digit(start: Start) -> None:
    async with start() as driver:
        await go_to_user(driver, "melodia")
        await go_to_user(driver, "nordlicht")
        for key, place, back in (("3", "flattrs", ("backspace",)), ("5", "search", ("escape", "backspace"))):
            await driver.press(key)
            assert lit_tab(driver) == place
            await driver.press(*back)
            assert top(driver).endswith("ada › melodia › nordlicht")
            assert lit_tab(driver) == "profile"
        await driver.press("5")
        assert top(driver).endswith("ada › melodia › nordlicht › Search")
        await driver.press("escape", "backspace", "backspace")
        assert top(driver).endswith("ada › melodia")
        await driver.press("backspace")
        assert top(driver) == "flattr · sandbox · ada"


async def test_a_place_has_no_page_of_the_user_before(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("enter")
        assert isinstance(driver.app.screen, ThingScreen)
        await driver.press("2")
        await go_to_user(driver, "melodia")
        await driver.press("3")
        assert top(driver).endswith("ada › melodia › Flattrs")


async def test_lists_that_one_goes_back_to_are_where_they_were(start: Start) -> None:
    async with start(size=(80, 24), place="flattrs") as driver:
        await driver.press("G")
        await driver.press(*["k"] * 30)
        before = driver.text.splitlines()[2:]
        await go_to_user(driver, "melodia")
        assert driver.text.splitlines()[2:] != before
        await driver.press("backspace")
        assert driver.text.splitlines()[2:] == before
        driver.app.open_user("melodia")
        await driver.settle()
        await driver.press("F", "pagedown", "j")
        pushed = driver.text.splitlines()[2:]
        assert any(line.startswith("▸") for line in pushed)
        await go_to_user(driver, "nordlicht")
        await driver.press("backspace")
        assert driver.text.splitlines()[2:] == pushed
        assert lit_tab(driver) == "flattrs"
        await driver.press("backspace", "backspace")
        assert driver.text.splitlines()[2:] == before


async def test_it_fits_and_a_move_does_not_draw_it(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("enter", "p", "t", "enter", "p", "t")
        for size in SIZES:
            line = (await driver.resize(*size)).splitlines()[0]
            assert "● live" in line, size
            assert "›" in line, size
            assert line.partition("●")[0].strip().endswith("Things"), size
        bar = driver.app.screen.query_one(TopBar)
        drawn: list[Content] = []
        render = bar.render

        def count() -> Content:
            drawn.append(render())
            return drawn[-1]

        monkeypatch.setattr(bar, "render", count)
        await driver.press("j", "j")
        assert not drawn


async def test_a_title_is_one_line_of_plain_text(start: Start) -> None:
    async with start() as driver:
        driver.app.open_item(Thing(id=999_999_999, title="[red]Break\nhere[/red]"))
        await driver.settle()
        assert top(driver) == "flattr · sandbox · ada › [red]Break here[/red]"
        assert len(driver.text.splitlines()) == 40


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (60, "ada › Things › Slow privacy › melodia"),
        (36, "ada › … › Slow privacy › melodia"),
        (20, "ada › … › melodia"),
        (12, "melodia"),
        (5, "melo…"),
    ],
)
def test_the_middle_is_left_out_first(width: int, expected: str) -> None:
    assert shorten_trail(("ada", "Things", "Slow privacy", "melodia"), width).plain == expected


def shown(driver: Driver) -> tuple[type[object], str, str]:
    """The page on screen: its type, the first line, and the line under the cursor."""
    marked = [line for line in driver.text.splitlines() if "▸" in line]
    return type(driver.app.screen), top(driver), marked[0] if marked else ""


async def test_the_way_back_is_complete_although_only_some_pages_stay_open(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "MAX_OPEN_PAGES", 5)  # so that few keys close pages several times
    async with start(place="flattrs") as driver:
        way = []
        for key in ("enter", "F") * 12:
            await driver.press("j")
            page, screen = shown(driver), driver.app.screen
            await driver.press(key)
            if driver.app.screen is not screen:  # not every user has flattrs to open
                way.append(page)
            assert len(driver.app.screen_stack) <= 5 + 1
        assert len(way) > 2 * 5
        assert len(driver.app.screen_stack) < len(way)
        for page in reversed(way):
            await driver.press("backspace")
            assert shown(driver) == page
        assert len(driver.app.screen_stack) == 1
        await driver.press("backspace")
        assert shown(driver) == way[0]


async def open_pages_until_others_close(driver: Driver) -> None:
    depth = 0
    while len(driver.app.screen_stack) >= depth:
        depth = len(driver.app.screen_stack)
        await driver.press("enter", "F")


async def test_the_digit_forgets_pages_that_were_closed_for_others(start: Start) -> None:
    async with start(place="flattrs") as driver:
        first = top(driver)
        await open_pages_until_others_close(driver)
        await driver.press("3")
        assert top(driver) == first
        await driver.press("enter", "backspace")
        assert top(driver) == first
        assert len(driver.app.screen_stack) == 1


async def test_going_to_the_same_user_forgets_pages_that_were_closed_for_others(start: Start) -> None:
    async with start(place="flattrs") as driver:
        first = top(driver)
        await open_pages_until_others_close(driver)
        driver.app.show_user(driver.app.user)
        await driver.settle()
        assert top(driver) == first
        await driver.press("enter", "backspace")
        assert top(driver) == first
        assert len(driver.app.screen_stack) == 1

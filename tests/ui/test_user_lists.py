"""Tests of the lists of things, flattrs and activities: their rows, the detail pane, and every state of a list."""

import pytest

from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.base_page import DetailPane
from flattr_tui.ui.screens.user_lists import ListScreen
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Make, Start
from tests.ui.driver import Driver


def table(driver: Driver) -> RowTable:
    return driver.app.screen.query_one(RowTable)


def list_titles(driver: Driver) -> list[str]:
    feed = driver.app.screen.query_one(ListPane).feed
    assert feed is not None
    return [row.item.thing.title for row in feed.rows(0, len(feed)) if hasattr(row, "item")]  # type: ignore[union-attr]


async def test_flattrs_come_with_their_things_owners_and_counts(start: Start) -> None:
    async with start(place="flattrs") as driver:
        text = await driver.press()
        assert "Flattrs of ada" in text
        for title in ("When", "Thing", "Owner", "Flattrs", "Kind"):
            assert title in text.splitlines()[4]


async def test_the_detail_follows_the_cursor(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("j")
        item = driver.app.screen.query_one(DetailPane).item
        assert item is not None
        assert item == driver.app.screen.subject  # type: ignore[attr-defined]


async def test_the_end_fetches_on_until_the_list_is_complete(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        for _ in range(20):
            if "— 411 flattrs —" in await driver.press("G"):
                break
        assert "— 411 flattrs —" in driver.text
        assert "411 flattrs" in driver.text


async def test_a_filter_shows_only_matches_and_keeps_the_item_under_the_cursor(start: Start) -> None:
    async with start(place="things") as driver:
        await driver.press("slash")
        text = await driver.type("the")
        shown = driver.app.screen.query_one(ListPane).feed
        assert shown is not None
        assert 0 < shown.status.shown < shown.status.saved == 19
        assert f"{shown.status.shown} of 19 saved" in text
        await driver.press("enter", "j")
        kept = driver.app.screen.subject  # type: ignore[attr-defined]
        text = await driver.press("escape")
        assert "19 things" in text
        assert driver.app.screen.subject == kept  # type: ignore[attr-defined]


async def test_a_filter_without_a_match_says_so(start: Start) -> None:
    async with start(place="things") as driver:
        await driver.press("slash")
        text = await driver.type("zzz")
        assert "No match for “zzz” among 19 things. Press esc to clear the filter." in text


async def test_a_filter_of_a_list_that_is_not_whole_says_how_to_fetch_the_rest(start: Start) -> None:
    async with start(size=(80, 24), place="flattrs") as driver:
        await driver.press("j", "j", "enter")
        await driver.press("slash")
        text = " ".join((await driver.type("zzz")).split())
        assert (
            "among 100 flattrs saved so far. Press enter, then R to fetch the whole list, or esc to clear the filter."
            in text
        )
        assert "among 206 flattrs. Press esc" in " ".join((await driver.press("enter", "R")).split())


async def test_sorting_goes_through_the_columns_and_keeps_the_item(start: Start) -> None:
    async with start(place="things") as driver:
        await driver.press("j", "j")
        kept = driver.app.screen.subject  # type: ignore[attr-defined]
        assert "When↓" in await driver.press("s")
        assert "Thing↑" in await driver.press("s")
        assert driver.app.screen.subject == kept  # type: ignore[attr-defined]
        assert "Thing↓" in await driver.press("S")


async def test_a_click_on_a_title_sorts_and_another_turns_it_round(start: Start) -> None:
    async with start(place="things") as driver:
        await driver.settle()
        for arrow in ("Thing↑", "Thing↓"):
            await driver.pilot.click(RowTable, offset=(18, 0))
            await driver.settle()
            assert arrow in driver.text


async def test_a_double_click_opens(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        await driver.pilot.click(RowTable, offset=(20, 3), times=2)
        await driver.settle()
        assert "Who flattred it" in driver.text


async def test_activities_turn_to_incoming_and_back(start: Start) -> None:
    async with start(place="activities") as driver:
        assert "incoming" not in await driver.press()
        text = await driver.press("t")
        assert "Activities of ada · incoming" in text
        assert "incoming" not in await driver.press("t")


@pytest.mark.parametrize(
    ("user", "key", "sentence"),
    [
        ("newcomer", "2", "No things. newcomer has added none."),
        ("newcomer", "3", "No flattrs. newcomer has none, or hides them."),
        ("shy", "3", "No flattrs. shy has none, or hides them."),
    ],
)
async def test_an_empty_list_says_why(start: Start, user: str, key: str, sentence: str) -> None:
    async with start(user=user) as driver:
        assert sentence in await driver.press(key)


async def test_without_a_user_the_page_says_how_to_choose_one(start: Start, make_library: Make) -> None:
    library = make_library()
    async with start(library, place="flattrs") as driver:
        await driver.settle()
        driver.app.user = ""
        await driver.settle()
        assert "Press u to go to a user" in driver.text


async def test_offline_without_anything_saved_says_so(start: Start, make_library: Make) -> None:
    async with start(make_library(offline=True), place="flattrs") as driver:
        text = await driver.press()
        assert "Nothing is saved here yet. Start without --offline to fetch it." in text
        assert "○ offline" in text


async def test_a_failure_is_a_sentence_where_the_data_would_be(start: Start, make_library: Make) -> None:
    faults = Faults([Fault.fail(500, path="/rest/", times=FOREVER)])
    async with start(make_library(faults=faults), place="flattrs") as driver:
        text = await driver.press()
        assert "could not be fetched" in text
        assert "Press r to try again." in text


async def test_used_up_requests_are_counted_down(start: Start, make_library: Make) -> None:
    async with start(make_library(rate_limit=1)) as driver:
        text = await driver.press("3")
        assert "◌ waiting" in text
        assert "for the rate limit" in text


async def test_a_refresh_keeps_the_row_and_the_scroll(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("ctrl+d", "ctrl+d", "ctrl+d", "k")
        before = (table(driver).row, table(driver).cursor, table(driver).scroll_offset)
        await driver.press("r")
        assert (table(driver).row, table(driver).cursor, table(driver).scroll_offset) == before


async def test_a_narrow_terminal_hides_the_detail_and_opens_it_on_top(start: Start) -> None:
    async with start(size=(80, 24), place="flattrs") as driver:
        await driver.press("j")
        assert not driver.app.screen.query_one(DetailPane).display
        text = await driver.press("enter")
        assert driver.app.screen.query_one(DetailPane).display
        assert "Who flattred it" in text
        await driver.press("escape")
        assert table(driver).cursor == 1


async def test_a_resize_keeps_the_row_and_brings_the_detail(start: Start) -> None:
    async with start(size=(80, 24), place="flattrs") as driver:
        await driver.press("ctrl+d", "ctrl+d", "ctrl+d")
        row = table(driver).row
        await driver.pilot.resize_terminal(120, 40)
        await driver.settle()
        assert table(driver).row == row
        assert driver.app.screen.query_one(DetailPane).display


@pytest.mark.parametrize(("width", "columns"), [(120, 5), (80, 5), (60, 3), (40, 2)])
async def test_columns_are_dropped_in_order(start: Start, width: int, columns: int) -> None:
    async with start(size=(width, 24), place="flattrs") as driver:
        await driver.settle()
        assert isinstance(driver.app.screen, ListScreen)
        headings = ["When", "Thing", "Owner", "Flattrs", "Kind"]
        assert [heading for heading in headings if heading in driver.text.splitlines()[4]] == headings[:columns]


async def test_marks_stay_while_the_cursor_moves(start: Start) -> None:
    async with start(place="flattrs") as driver:
        text = await driver.press("space", "space")
        assert text.count("✓") == 2
        assert table(driver).cursor == 2


async def test_a_profile_is_seen_from_its_top_and_gone_through_by_keys(start: Start) -> None:
    async with start(size=(40, 12)) as driver:
        assert "Ada L." in driver.text
        for _ in range(20):
            if "Activities of ada" in driver.text:
                break
            await driver.press("j")
        assert "Activities of ada" in driver.text
        for _ in range(40):
            if "Ada L." in driver.text:
                break
            await driver.press("k")
        assert "Ada L." in driver.text


async def test_rows_that_return_have_the_focus(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        view = driver.app.screen.query_one(ListPane)
        request, view.request = view.request, None
        await driver.settle()
        assert driver.app.screen.focused is None
        view.request = request
        await driver.settle()
        before = table(driver).cursor
        await driver.press("j")
        assert table(driver).cursor == before + 1


async def test_a_profile_without_figures_has_no_headings_for_them(start: Start, make_library: Make) -> None:
    async with start(make_library(offline=True)) as driver:
        assert "Nothing is saved here" in driver.text
        assert "Flattrs by month" not in driver.text
        assert "Most supported" not in driver.text
    async with start() as driver:
        assert "Flattrs by month" in driver.text
        assert "Most supported" in driver.text

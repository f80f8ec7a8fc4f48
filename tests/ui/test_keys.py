"""Tests of key bindings: their ids, their keys in the settings, the help made from them, and the footer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.binding import Binding

from flattr_tui.ui.bindings import GROUPS
from flattr_tui.ui.key_settings import check_keymap, configurable_bindings, is_key
from flattr_tui.ui.modes import MODES
from flattr_tui.ui.screens.sync_dialog import SyncDialog
from flattr_tui.ui.screens.text_dialogs import list_keys
from flattr_tui.ui.screens.thing import ThingScreen
from tests.any_text import any_text
from tests.ui.conftest import Start
from tests.ui.workspace import Workspace

BINDINGS = list(configurable_bindings())


def test_every_binding_has_an_id_of_its_own_in_a_known_group() -> None:
    ids = [binding.id for binding in BINDINGS]
    assert len(set(ids)) == len(ids)
    assert {str(name).partition(".")[0] for name in ids} <= set(GROUPS)


def test_every_binding_says_what_it_does() -> None:
    assert [binding for binding in BINDINGS if not binding.tooltip] == []


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda binding: binding.id)
def test_every_default_key_is_a_valid_key(binding: Binding) -> None:
    assert all(is_key(key) for key in binding.key.split(","))


def test_the_modes_keys_are_distinct() -> None:
    assert len({mode.key for mode in MODES}) == len(MODES)


async def test_the_settings_give_a_binding_another_key(start: Start) -> None:
    async with start(keymap={"mode.flattrs": "f5", "table.down": "f7,down"}) as driver:
        await driver.press("3")
        assert driver.app.current_mode == "profile"
        assert "Flattrs of ada" in await driver.press("f5")
        before = driver.app.screen.subject  # type: ignore[attr-defined]
        await driver.press("f7")
        assert driver.app.screen.subject != before  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("keymap", "sentence"),
    [
        (
            {"table.donw": "n"},
            "[keys] in the settings names 'table.donw', which is not the id of a key; did you mean 'table.down'?",
        ),
        (
            {"page.back": "hyper+nonsense"},
            "[keys] in the settings gives 'page.back' the key 'hyper+nonsense', which no keyboard sends.",
        ),
        ({"page.back": ""}, "[keys] in the settings gives 'page.back' the key '', which no keyboard sends."),
        (
            {"list.sort": "f7", "list.filter": "f7"},
            "[keys] in the settings gives 'f7' to 'list.filter', and 'list.sort' has it too: only one of them works.",
        ),
        (
            {"list.sort": "r"},
            "[keys] in the settings gives 'r' to 'list.sort', and 'page.refresh' has it too: only one of them works.",
        ),
    ],
)
async def test_a_wrong_key_setting_gets_one_notice_and_the_others_work(
    start: Start, keymap: dict[str, str], sentence: str
) -> None:
    async with start(keymap={"mode.flattrs": "f5", **keymap}) as driver:
        assert driver.notices == [sentence]
        assert "Flattrs of ada" in await driver.press("f5")


@given(st.dictionaries(any_text(max_size=20), any_text(max_size=20), max_size=3))
def test_every_entry_of_any_keymap_is_used_or_named(keymap: dict[str, str]) -> None:
    usable, faults = check_keymap(keymap)
    left_out = keymap.keys() - usable.keys()
    assert all(any(repr(name) in fault for fault in faults) for name in left_out)
    assert all(is_key(key.strip()) for keys in usable.values() for key in keys.split(","))


async def test_help_shows_the_keys_of_the_screen_that_it_is_opened_on(start: Start) -> None:
    async with start(size=(120, 60), place="flattrs") as driver:
        flattrs = await driver.press("question_mark")
        assert "Filter saved rows as you type" in flattrs
        assert "Switch between outgoing and incoming" not in flattrs
        await driver.press("escape")
        assert "Switch between outgoing and incoming" in await driver.press("4", "question_mark")


async def test_help_has_the_keys_between_the_parts_of_every_place(start: Start) -> None:
    async with start() as driver:
        for mode in MODES:
            driver.app.action_mode(mode.id)
            await driver.settle()
            listed = {
                key: does for found in list_keys(driver.app.screen).values() for does, by in found.items() for key in by
            }
            assert listed["tab"] == "Go to the next part of the screen", mode.id
            has_no_rows = mode.id in {"search", "console", "review"}  # a field has the focus, or nothing is counted
            assert {"enter", "↓", "page down"} <= set(listed) or has_no_rows, mode.id


async def test_a_field_shows_how_to_leave_and_edit_it(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("slash")
        assert "esc back" in driver.text.splitlines()[-1]
        assert "Delete all to the left" in list_keys(driver.app.screen)["Field"]
        await driver.press("escape")
        assert "esc back" not in driver.text.splitlines()[-1]


async def test_the_footer_names_the_way_back_if_there_is_one(start: Start) -> None:
    async with start(place="flattrs") as driver:
        assert "esc back" not in (await driver.press()).splitlines()[-1]
        assert "esc back" in (await driver.press("enter")).splitlines()[-1]
        await driver.press("escape")
        assert "esc back" not in driver.text.splitlines()[-1]
        driver.app.show_user("melodia")
        await driver.settle()
        assert "esc back" in driver.text.splitlines()[-1]


async def test_help_shows_the_key_that_the_settings_gave(start: Start) -> None:
    async with start(size=(120, 60), keymap={"list.sort": "f9"}, place="flattrs") as driver:
        text = await driver.press("question_mark")
        (line,) = [line for line in text.splitlines() if "Sort by the next column" in line]
        assert "f9" in line.lower()


async def test_the_footer_shows_no_key_that_a_field_would_take(start: Start) -> None:
    async with start(place="search") as driver:
        footer = (await driver.press()).splitlines()[-1]
        assert "enter search" in footer
        assert "refresh" not in footer


async def test_help_describes_what_ctrl_s_does_here(start: Start) -> None:
    async with start() as driver:
        for keys in (("1",), ("5",), ("escape", "7", "enter")):
            footer = (await driver.press(*keys)).splitlines()[-1]
            found = list_keys(driver.app.screen).values()
            listed = {does for group in found for does, by in group.items() if "^s" in by}
            sends = "7" in keys
            assert listed == {"Send the request" if sends else "Fetch whole lists for offline use"}
            assert ("^s send" in footer) is sends, keys
            await driver.press("ctrl+s")
            assert isinstance(driver.app.screen, SyncDialog) is not sends, keys
            if not sends:
                await driver.press("escape")


async def test_the_footer_always_names_help_and_palette(start: Start) -> None:
    async with start() as driver:
        for place in "123467":
            await driver.press(place)
            for size, end in ((120, 40), "? help   ^p commands"), ((80, 24), "? help   ^p"), ((40, 12), "?  ^p"):
                assert (await driver.resize(*size)).splitlines()[-1].endswith(end), (place, size)


async def test_a_click_on_a_key_presses_it(start: Start) -> None:
    async with start(size=(80, 24), place="flattrs") as driver:
        line = (await driver.press()).splitlines()[-1]
        await driver.pilot.click(offset=(line.index("? help"), 23))
        await driver.settle()
        assert "Keys of this screen" in driver.text
        await driver.press("escape")
        await driver.pilot.click(offset=(line.index("enter open"), 23))
        await driver.settle()
        assert isinstance(driver.app.screen, ThingScreen)


async def test_help_is_scrolled_by_every_moving_key(start: Start) -> None:
    pairs = [("j", "k"), ("down", "up"), ("ctrl+d", "ctrl+u"), ("pagedown", "pageup"), ("G", "g"), ("end", "home")]
    async with start(size=(80, 24), place="flattrs") as driver:
        top = await driver.press("question_mark")
        for down, up in pairs:
            assert await driver.press(down) != top, down
            assert await driver.press(up) == top, up


async def test_a_dialog_leaves_the_footer_below_it_alone(start: Start, workspace: Workspace) -> None:
    async with start(workspace.library("ada"), size=(80, 24), place="things") as driver:
        footer = (await driver.press("j")).splitlines()[-1]
        for key in ("n", "e", "u", "question_mark"):
            below = (await driver.press(key)).splitlines()[-1]
            assert driver.app.screen.is_modal, key
            assert below == footer, key
            await driver.press("escape")


async def test_the_footer_stays_while_another_window_has_the_focus(start: Start) -> None:
    async with start(place="flattrs") as driver:
        footer = (await driver.press()).splitlines()[-1]
        driver.app.post_message(events.AppBlur())
        await driver.settle()
        assert driver.app.focused is None
        assert driver.text.splitlines()[-1] == footer
        driver.app.post_message(events.AppFocus())
        assert (await driver.press("slash")).splitlines()[-1] != footer


async def test_the_footer_names_enter_where_a_line_can_be_opened(start: Start) -> None:
    async with start() as driver:
        empty = (await driver.press("B")).splitlines()[-1]
        assert "enter" not in empty
        await driver.press("escape", "3", "b", "B")
        assert "enter open" in driver.text.splitlines()[-1]


async def test_the_footer_names_no_refresh_where_nothing_is_fetched(start: Start) -> None:
    async with start(place="flattrs") as driver:
        assert "r refresh" in (await driver.press()).splitlines()[-1]
        assert "r refresh" not in (await driver.press("B")).splitlines()[-1]


async def test_a_colon_lists_all_commands_and_is_text_in_a_field(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        assert "Search for commands" in await driver.press("colon")
        await driver.press("escape", "slash")
        assert "year:2012" in await driver.type("year:2012")

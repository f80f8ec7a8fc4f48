"""Tests of the app as a whole: its modes, navigation there and back, quitting, opening addresses, notifications."""

import asyncio

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from flattr_tui.library.library import Library
from flattr_tui.model.api_request import user_flattrs_request
from flattr_tui.model.data_source import BadSourceError
from flattr_tui.settings import OwnCommand
from flattr_tui.ui import external_programs, library_app
from flattr_tui.ui.app import FlattrApp
from flattr_tui.ui.library_app import RESTARTS
from flattr_tui.ui.modes import MODES
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.textual_private import PageablePalette
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Make, Start
from tests.ui.driver import clock


async def test_the_sandboxs_own_user_is_shown_first(start: Start) -> None:
    async with start() as driver:
        assert "Ada L. · Malmö, Sweden" in driver.text
        assert "“Writes about engines and the" in driver.text


async def test_each_digit_switches_to_its_mode(start: Start) -> None:
    async with start() as driver:
        for mode in (*MODES[1:], MODES[0]):
            await driver.press("escape", mode.key)  # a field takes digits
            assert driver.app.current_mode == mode.id


async def test_the_digit_of_the_current_mode_goes_back_to_its_first_page(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("j", "j", "enter", "p")
        assert len(driver.app.screen_stack) > 1
        await driver.press("3")
        assert len(driver.app.screen_stack) == 1
        assert driver.app.screen.query_one(RowTable).cursor == 2


async def test_each_mode_keeps_its_own_page_and_row(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("j", "j")
        title = driver.app.screen.subject.thing.title  # type: ignore[attr-defined]
        await driver.press("enter", "2", "j", "1")
        text = await driver.press("3")
        assert "Who flattred it" in text
        assert title in text
        await driver.press("backspace")
        assert driver.app.screen.query_one(RowTable).cursor == 2
        await driver.press("2")
        assert driver.app.screen.query_one(RowTable).cursor == 1


async def test_from_a_flattr_to_its_owner_and_the_owners_lists_and_back(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        owner = driver.app.screen.subject.thing.owner.username  # type: ignore[attr-defined]
        assert "Flattrs by month" in await driver.press("p")
        for key, title in (("t", "Things of"), ("F", "Flattrs of"), ("a", "Activities of")):
            assert f"{title} {owner}" in await driver.press(key)
            await driver.press("escape")
        assert "Flattrs of ada" in await driver.press("escape")


async def test_from_a_thing_to_who_flattred_it(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        await driver.press("enter")
        who = driver.app.screen.query_one(RowTable).row.item.owner.username  # type: ignore[union-attr]
        text = await driver.press("enter")
        assert f"Activities of {who}" in text


async def test_another_user_is_shown_in_all_modes_until_backspace(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        assert "Go to which user?" in await driver.press("u")
        await driver.type("melodia")
        assert "Flattrs of melodia" in await driver.press("enter")
        assert "Things of melodia" in await driver.press("2")
        assert "Marit Solvang" in await driver.press("1")
        assert "Flattrs of melodia" in await driver.press("backspace")
        assert "Flattrs of ada" in await driver.press("backspace")
        assert "Ada L." in await driver.press("1")


async def test_a_hidden_list_is_read_for_another_user_only_when_it_is_shown(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("1")
        (hidden,) = (page for page in driver.app.pages() if page.username and page is not driver.app.screen)
        view = hidden.query_one(ListPane)
        shown = view.feed
        driver.app.show_user("grace")
        await driver.settle()
        assert view.feed is shown
        assert "grace" in (await driver.press("3")).splitlines()[0]
        assert view.feed is not shown
        assert view.request == user_flattrs_request("grace")


async def test_the_user_prompt_completes_names_that_were_seen(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        owner = driver.app.screen.subject.thing.owner.username  # type: ignore[attr-defined]
        await driver.press("u")
        await driver.type(owner[:4])
        await driver.press("tab")
        assert f"Flattrs of {owner}" in await driver.press("enter")


async def test_cancelling_a_prompt_changes_nothing(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("u", "x")
        assert "Flattrs of ada" in await driver.press("escape")


async def test_h_shows_the_user_of_the_page_in_all_modes(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        owner = driver.app.screen.subject.thing.owner.username  # type: ignore[attr-defined]
        await driver.press("p")
        assert f"Flattrs of {owner}" in await driver.press("h")


async def test_q_quits(start: Start) -> None:
    async with start() as driver:
        await driver.pilot.press("q")
        assert driver.app.return_code == 0
        assert driver.app._exit


async def test_ctrl_c_quits_when_pressed_twice(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_app, "INTERRUPT_SECONDS", 600.0)
    async with start() as driver:
        await driver.press("ctrl+c")
        assert not driver.app._exit
        assert driver.notices == ["Press ctrl+c again or q to quit."]
        await driver.pilot.press("ctrl+c")
        assert driver.app._exit


@pytest.mark.parametrize(("key", "times"), [("ctrl+q", 1), ("ctrl+c", 2)])
@pytest.mark.parametrize("dialog", ["question_mark", "u", "ctrl+p", "ctrl+s", "e"])
async def test_quitting_works_in_every_dialog(
    start: Start, monkeypatch: pytest.MonkeyPatch, dialog: str, key: str, times: int
) -> None:
    monkeypatch.setattr(library_app, "INTERRUPT_SECONDS", 600.0)
    async with start(place="things") as driver:
        await driver.press(dialog)
        assert driver.app.screen.is_modal
        field = driver.app.focused
        has_selection = isinstance(field, Input) and not field.selection.is_empty
        for _ in range(times + (key == "ctrl+c" and has_selection)):  # the first ctrl+c copies the selection
            await driver.pilot.press(key)
        assert driver.app.return_code == 0


async def test_the_palette_goes_to_a_user(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("ctrl+p")
        await driver.type("nordlicht")
        await driver.pilot.press("down", "down")
        await driver.press("enter")
        assert "nordlicht" in driver.text


async def test_the_palette_changes_the_theme(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+p")
        await driver.type("theme: flattr-light")
        await driver.press("enter")
        assert driver.app.theme == "flattr-light"


async def test_nothing_in_the_palette_is_read_as_markup(start: Start) -> None:
    async with start() as driver:
        driver.app.programs.commands = [OwnCommand(key="X", name="Plain [/b]", command=("test", "[Z]", "[/]"))]
        await driver.press("2", "ctrl+p")
        await driver.type("plain")
        assert "Plain [/b]" in driver.text
        assert "test [Z] [/]" in driver.text


async def test_a_thing_is_found_by_id_by_page_and_by_its_own_address(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        thing = driver.app.screen.subject.thing  # type: ignore[attr-defined]
        for text in (str(thing.id), f"https://flattr.com/thing/{thing.id}/x", thing.url):
            driver.app.lookup.open_thing(text)
            await driver.settle()
            assert "Who flattred it" in driver.text
            assert driver.app.screen.subject.id == thing.id  # type: ignore[attr-defined]
            await driver.press("escape")


async def test_an_address_without_a_thing_gets_a_notice(start: Start) -> None:
    async with start() as driver:
        driver.app.lookup.open_thing("https://nothing.example/at/all")
        await driver.settle()
        assert driver.notices == ["There is no thing for https://nothing.example/at/all."]


async def test_text_that_is_neither_id_nor_address_gets_a_notice(start: Start) -> None:
    async with start() as driver:
        driver.app.lookup.open_thing("file:///etc/passwd")
        await driver.settle()
        assert driver.notices == ["file:///etc/passwd is neither a thing's id nor an address."]


async def test_without_a_browser_the_address_is_copied(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "here there")
    async with start(place="flattrs") as driver:
        await driver.settle()
        address = driver.app.screen.subject.thing.url  # type: ignore[attr-defined]
        await driver.press("o")
        assert driver.app.clipboard == address
        assert "No browser here. Sent to the terminal's clipboard." in driver.text


async def test_the_browser_gets_the_address(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(external_programs, "has_browser", lambda: True)

    def browse(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", browse)
    async with start(place="flattrs") as driver:
        await driver.settle()
        address = driver.app.screen.subject.thing.url  # type: ignore[attr-defined]
        await driver.press("o")
        assert opened == [address]


async def test_only_web_addresses_reach_a_browser(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(external_programs, "open_browser", opened.append)
    async with start() as driver:
        for address in ("javascript:alert(1)", "file:///etc/passwd", "http://", "x:[", "ftp://example.org"):
            driver.app.open_address(address)
            await driver.settle()
            assert opened == [], address
            assert driver.notices[-1] == f"{address} is not a web address, so it was not opened."


async def test_copying_over_ssh_goes_through_the_terminal(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "here there")
    async with start(place="flattrs") as driver:
        await driver.settle()
        address = driver.app.screen.subject.thing.url  # type: ignore[attr-defined]
        await driver.press("y")
        assert driver.app.clipboard == address


async def test_a_failing_fetcher_is_restarted_a_few_times_with_a_notice(
    start: Start, make_library: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise RuntimeError("the queue broke")

    library = make_library(offline=True)
    monkeypatch.setattr(library, "run", fail)
    async with start(library) as driver:
        while len(driver.notices) <= RESTARTS:
            await driver.pilot.pause()
        assert driver.notices[0] == "Fetching failed (the queue broke) and was started again."
        assert "from now on only saved data is shown" in driver.notices[-1]
        assert len(driver.notices) == RESTARTS + 1


async def test_another_source_is_shown_in_the_same_places(start: Start, make_library: Make) -> None:
    made: list[Library] = []

    def switch(name: str) -> Library:
        if name != "saved":
            raise BadSourceError(f"{name!r} is not a source.")
        made.append(make_library("elsewhere", offline=True))
        return made[-1]

    async with start(switch=switch, place="flattrs") as driver:
        await driver.settle()
        driver.app.switch_source("nonsense")
        await driver.settle()
        assert driver.notices == ["'nonsense' is not a source."]
        driver.app.switch_source("saved")
        await driver.settle()
        assert driver.app.library is made[0]
        assert "Nothing is saved here yet." in driver.text
        assert "○ offline" in driver.text


async def test_an_unknown_theme_gets_a_notice_and_the_default_is_used(start: Start) -> None:
    async with start(theme="no-such-theme") as driver:
        assert driver.notices == ["There is no theme 'no-such-theme'; showing flattr-dark."]


@pytest.mark.parametrize("key", ["pagedown", "pageup"])
async def test_the_palette_can_be_paged_through_where_there_is_no_room_for_it(start: Start, key: str) -> None:
    async with start(size=(10, 4)) as driver:
        await driver.press("ctrl+p", key)
        await driver.pilot.resize_terminal(120, 40)
        await driver.press(key)
        assert isinstance(driver.app.screen, PageablePalette)


async def test_an_app_has_no_keys_of_the_apps_before_it(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    check = FlattrApp.check_action
    checked: list[str] = []

    def note_action(app: FlattrApp, action: str, parameters: tuple[object, ...]) -> bool | None:
        checked.append(f"{action}{parameters}")
        return check(app, action, parameters)

    monkeypatch.setattr(FlattrApp, "check_action", note_action)
    for _ in range(2):
        async with start() as driver:
            checked.clear()
            _ = driver.app.screen.active_bindings
        assert checked.count("refuse('flattr',)") == 1


async def test_the_palette_lists_a_user_once_whatever_the_case(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("ctrl+p")
        text = await driver.type("ADA")
        assert text.lower().count("go to user ada") == 1


async def test_quitting_while_a_page_is_opened_is_no_error(make_library: Make) -> None:
    """Signals come at any moment. Here each app quits some turns of the event loop later than the previous one."""
    for turns in range(0, 40, 2):
        app = FlattrApp(make_library(f"home-{turns}"), user="ada", clock=clock)

        async def open_and_quit(pilot: Pilot[object], app: FlattrApp = app, turns: int = turns) -> None:
            await pilot.pause()
            app.open_user("melodia")
            for _ in range(turns):
                await asyncio.sleep(0)
            app.exit(5)

        result = await app.run_async(headless=True, size=(120, 40), auto_pilot=open_and_quit)
        assert (result, app.return_code) == (5, 0), f"after {turns} turns"

"""Tests of the page of changes: added and removed items, and changed counts of flattrs, grouped by day."""

import asyncio
import csv
import re
from datetime import UTC
from pathlib import Path

import pytest

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.events import FeedChanged
from flattr_tui.library.library import Library
from flattr_tui.model.api_request import user_flattrs_request
from flattr_tui.model.entities import Thing
from flattr_tui.ui.pager_text import find_text
from flattr_tui.ui.screens.changes import ChangesScreen
from flattr_tui.ui.screens.thing import ThingScreen
from tests.ui.driver import NOW, SIZES, Driver
from tests.ui.workspace import Workspace

DAY = 86_400.0
FLATTRS = user_flattrs_request("ada")


class MovingClock:
    """A clock that stands still until the test sets `now` (seconds since 1970)."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def moving_clock(monkeypatch: pytest.MonkeyPatch) -> MovingClock:
    """The clock of the app and its library, which the test moves forward."""
    made = MovingClock()
    monkeypatch.setattr("tests.ui.workspace.clock", made)
    return made


def list_changes(text: str) -> list[str]:
    """Return the lines of the changes on screen, without the detail pane."""
    lines = [re.split("[│▏]", line)[0].rstrip() for line in text.splitlines()]
    return [line for line in lines if re.search(r"^.\s+\d\d:\d\d  [+−▲▼]", line)]


def list_days(text: str) -> list[str]:
    """Return the headings of the days on screen."""
    return [re.split("[│▏]", line)[0].strip() for line in text.splitlines() if re.match(r"  (Today|Yesterday) ·", line)]


async def make_changes(driver: Driver, workspace: Workspace, clock: MovingClock) -> str:
    """Fetch lists on two days. ada flattrs a thing between the fetches, and chizu after them. Returns its title."""
    await driver.press("2", "3")
    number = workspace.find_untouched_thing("nordlicht")
    workspace.world.insert_flattr("ada", number, int(clock.now) + 5)
    clock.now += DAY
    await driver.press("r")
    workspace.world.insert_flattr("chizu", number, int(clock.now) + 6)
    clock.now += 60
    driver.app.open_item(Thing(id=number))
    await driver.settle()
    title = driver.app.screen.subject.title  # type: ignore[attr-defined]
    await driver.press("r", "backspace")
    return str(title)


async def test_changes_since_the_first_look_are_listed_by_day(workspace: Workspace, moving_clock: MovingClock) -> None:
    async with workspace.run_app() as driver:
        text = await driver.press("C")
        assert isinstance(driver.app.screen, ChangesScreen)
        assert "Nothing has changed since the lists were first saved." in text
        assert "ctrl+s" in text
        await driver.press("backspace")
        assert not isinstance(driver.app.screen, ChangesScreen)
        title = await make_changes(driver, workspace, moving_clock)
        text = await driver.press("1", "C")
        assert len(list_days(text)) == 1
        assert list_days(text)[0].startswith("Today · ")
        assert list_days(text)[0].endswith("1 added · 1 count")
        count, added = list_changes(text)
        assert re.search(r"▲  count .* \d+ → \d+ \+1$", count)
        assert re.search(r"\+  flattr .* ada\b", added)
        assert title[:20] in added
        await driver.press("enter")
        assert isinstance(driver.app.screen, ThingScreen)
        await driver.press("backspace")
        assert isinstance(driver.app.screen, ChangesScreen)


async def test_offline_no_key_is_offered_that_fetches(workspace: Workspace) -> None:
    async with workspace.run_app(workspace.library(offline=True)) as driver:
        text = await driver.press("C")
        assert "--offline to compare them with the server's." in text
        assert "ctrl+s" not in text


async def test_one_kind_can_be_listed_alone_including_a_vanished_thing(
    workspace: Workspace, moving_clock: MovingClock
) -> None:
    async with workspace.run_app() as driver:
        await make_changes(driver, workspace, moving_clock)
        thing = await fetch_things_of_nordlicht(driver)
        workspace.world.delete_thing("nordlicht", thing)
        moving_clock.now += 60
        await driver.press("R")
        await driver.press("C")
        assert list_changes(driver.text)[0].split()[2:4] == ["−", "thing"]
        kinds = []
        for _ in range(4):
            text = await driver.press("s")
            kinds.append({line.lstrip("▸• ").split()[2] for line in list_changes(text)})
        assert kinds == [{"thing"}, {"flattr"}, {"count"}, {"thing", "flattr", "count"}]


async def fetch_things_of_nordlicht(driver: Driver) -> int:
    """Fetch a list for the first time, and return the id of its first thing."""
    driver.app.show_user("nordlicht")
    await driver.press("2")
    return driver.app.screen.subject.id  # type: ignore[attr-defined, no-any-return]


async def test_changes_since_the_last_look_are_marked_and_jumped_to(
    workspace: Workspace, moving_clock: MovingClock
) -> None:
    def library() -> Library:
        made = workspace.library()
        made.bookmarks = Bookmarks.open(workspace.folder / "bookmarks.json", notice=print)
        return made

    async with workspace.run_app(library()) as driver:
        await make_changes(driver, workspace, moving_clock)
        assert "new" not in (await driver.press("C")).splitlines()[3]
    moving_clock.now += DAY
    async with workspace.run_app(library()) as driver:
        workspace.world.insert_flattr("ada", workspace.find_untouched_thing("nordlicht"), int(moving_clock.now))
        await driver.press("3", "r")
        text = await driver.press("C")
        assert "3 changes · 1 new" in text
        await driver.press("G", "N")
        assert list_changes(driver.text)[0].startswith("▸")


async def test_the_cursor_never_rests_on_a_day(workspace: Workspace, moving_clock: MovingClock) -> None:
    async with workspace.run_app() as driver:
        await driver.press("3")
        for _ in range(4):
            for _ in range(5):
                workspace.world.insert_flattr(
                    "ada", workspace.find_untouched_thing("nordlicht"), int(moving_clock.now) + 1
                )
                moving_clock.now += 10
            moving_clock.now += DAY
            await driver.press("r")
        assert "21 changes" in await driver.press("C")  # one of the things is in a list that was saved before
        for size in SIZES:
            await driver.resize(*size)
            for key in ("g", *"jjjjj", "G", "k", "pageup", "g", "ctrl+d", "ctrl+d", "ctrl+u", *"kkkk"):
                text = await driver.press(key)
                assert len([line for line in text.splitlines() if line.startswith("▸")]) == 1, (size, key)
            assert await driver.press("g") == await driver.press("k"), size
            assert "Today" in driver.text, size
            assert await driver.press("G") == await driver.press("j"), size


async def test_changed_items_are_exported_without_counting_the_days(
    workspace: Workspace, moving_clock: MovingClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with workspace.run_app() as driver:
        title = await make_changes(driver, workspace, moving_clock)
        text = await driver.press("C", "e")
        assert "Export Changes" in text
        assert "‹all 2›" in text
        await driver.press("enter")
        assert driver.notices[-1] == f"2 rows written to {tmp_path / 'changes.csv'}."
        with (tmp_path / "changes.csv").open(newline="", encoding="utf-8") as file:
            count, added = csv.DictReader(file)
        assert (count["change"], count["at"], int(count["new"]) - int(count["old"])) == (
            "count",
            "2018-01-04T12:01:00Z",
            1,
        )
        assert (added["change"], added["kind"], added["user"], added["title"]) == ("added", "flattr", "ada", title)


async def test_an_event_without_changes_redraws_nothing(
    workspace: Workspace, moving_clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with workspace.run_app() as driver:
        await make_changes(driver, workspace, moving_clock)
        await driver.press("C")
        screen = driver.app.screen
        assert isinstance(screen, ChangesScreen)
        updated: list[str] = []
        monkeypatch.setattr(screen, "_update", lambda: updated.append("again"))
        screen._library_changed(FeedChanged(FLATTRS))
        screen._reread_if_outdated()
        await driver.settle()
        assert not updated


async def test_a_filter_has_the_query_language_and_the_dates_of_the_changes(
    workspace: Workspace, moving_clock: MovingClock
) -> None:
    async with workspace.run_app() as driver:
        title = await make_changes(driver, workspace, moving_clock)
        await driver.press("1", "C")
        changes = driver.app.screen
        await driver.press("/")
        await driver.type("year:2012")  # things of that year have changed, but not in that year
        assert "No change matches." in driver.text
        await driver.press("escape")
        assert len(list_changes(driver.text)) == 2
        for query, kinds in {
            f"today {title.split()[0].lower()}": ["count", "flattr"],
            "owner:nordlicht -today": [],
            "ada": ["flattr"],
            "-ada": ["count"],
            "flattrs:>100000": [],
        }.items():
            await driver.press("/")
            text = await driver.type(query)
            assert [line.lstrip("▸• ").split()[2] for line in list_changes(text)] == kinds, query
            await driver.press("escape")
        await driver.press("/")
        assert "takes a year" in await driver.type("year:x")
        await driver.press("escape", "/")
        await driver.type("ada")
        await driver.press("enter", "enter")
        assert isinstance(driver.app.screen, ThingScreen)
        assert len(list_changes(await driver.press("backspace"))) == 1
        assert len(list_changes(await driver.press("backspace"))) == 2
        await driver.press("backspace")
        assert driver.app.screen is not changes


async def test_what_changed_is_sent_to_the_pager(workspace: Workspace, moving_clock: MovingClock) -> None:
    async with workspace.run_app() as driver:
        title = await make_changes(driver, workspace, moving_clock)
        await driver.press("1", "C")
        count, added = find_text(driver.app.screen, moving_clock.now, UTC)().splitlines()
        assert re.match(r"2018-01-04 12:01, flattrs \d+ → \d+ \(\+1\), nordlicht, ", count)
        assert added.startswith("2018-01-04 12:00, flattr added, ada, ")
        assert title in added


async def test_what_another_program_fetches_appears_while_the_page_is_open(
    workspace: Workspace, moving_clock: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flattr_tui.ui.screens.changes.CHECK_SECONDS", 0.05)
    other = workspace.library()
    async with workspace.run_app() as driver:
        await make_changes(driver, workspace, moving_clock)
        assert len(list_changes(await driver.press("1", "C"))) == 2
        workspace.world.insert_flattr("ada", workspace.find_untouched_thing("nordlicht"), int(moving_clock.now))
        moving_clock.now += 60
        other.refresh(FLATTRS)
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            fetching = tasks.create_task(other.run())
            while len(list_changes(driver.text)) < 3:
                await driver.settle()
            fetching.cancel()

"""The page of changes: what came, what vanished and whose count rose, by day."""

import re

import pytest

from flattr_tui.library.account_requests import user_flattrs_request
from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.events import FeedChanged
from flattr_tui.library.library import Library
from flattr_tui.ui.screens.changes import ChangesScreen
from flattr_tui.ui.screens.thing import ThingScreen
from tests.ui.driver import NOW, Driver
from tests.ui.workspace import Workspace

DAY = 86_400.0
FLATTRS = user_flattrs_request("ada")


class MovingClock:
    """A clock that the test moves on."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> MovingClock:
    """Let the program and its library go by a clock that the test moves on."""
    made = MovingClock()
    monkeypatch.setattr("tests.ui.workspace.clock", made)
    return made


def changes(text: str) -> list[str]:
    """Return the changes on screen without the detail beside them."""
    lines = [re.split("[│▏]", line)[0].rstrip() for line in text.splitlines()]
    return [line for line in lines if re.search(r"^.\s+\d\d:\d\d  [+−▲▼]", line)]


def headings(text: str) -> list[str]:
    """Return the days on screen."""
    return [re.split("[│▏]", line)[0].strip() for line in text.splitlines() if re.match(r"  (Today|Yesterday) ·", line)]


async def live_a_while(driver: Driver, workspace: Workspace, clock: MovingClock) -> list[str]:
    """Fetch lists on two days, between which things happen; return the titles concerned."""
    await driver.press("2", "3")
    number = workspace.find_untouched_thing()
    workspace.world.insert_flattr("ada", number, int(clock.now) + 5)
    clock.now += DAY
    await driver.press("r")
    workspace.world.insert_flattr("chizu", number, int(clock.now) + 6)
    clock.now += 60
    driver.app.open_thing(number)
    await driver.settle()
    title = driver.app.screen.subject.title  # type: ignore[attr-defined]
    await driver.press("r", "backspace")
    return [title]


async def test_what_happened_since_the_first_look_is_listed_by_day(workspace: Workspace, moving: MovingClock) -> None:
    async with workspace.run_app() as driver:
        text = await driver.press("C")
        assert isinstance(driver.app.screen, ChangesScreen)
        assert "Nothing has changed since the lists were first saved." in text
        assert "ctrl+s" in text
        await driver.press("backspace")
        assert not isinstance(driver.app.screen, ChangesScreen)
        (title,) = await live_a_while(driver, workspace, moving)
        text = await driver.press("1", "C")
        assert len(headings(text)) == 1
        assert headings(text)[0].startswith("Today · ")
        assert headings(text)[0].endswith("1 added · 1 count")
        count, added = changes(text)
        assert re.search(r"▲  count .* \d+ → \d+ \+1$", count)
        assert re.search(r"\+  flattr .* ada\b", added)
        assert title[:20] in added
        await driver.press("enter")
        assert isinstance(driver.app.screen, ThingScreen)
        await driver.press("backspace")
        assert isinstance(driver.app.screen, ChangesScreen)


async def test_one_kind_is_listed_alone_and_a_vanished_thing_is_struck_out(
    workspace: Workspace, moving: MovingClock
) -> None:
    async with workspace.run_app() as driver:
        await live_a_while(driver, workspace, moving)
        thing = await fetch_things_of_melodia(driver)
        workspace.world.delete_thing("melodia", thing)
        moving.now += 60
        await driver.press("R", "C")
        assert changes(driver.text)[0].split()[2:4] == ["−", "thing"]
        kinds = []
        for _ in range(4):
            text = await driver.press("s")
            kinds.append({line.lstrip("▸• ").split()[2] for line in changes(text)})
        assert kinds == [{"thing"}, {"flattr"}, {"count"}, {"thing", "flattr", "count"}]


async def fetch_things_of_melodia(driver: Driver) -> int:
    """Fetch a list for the first time, and return the id of its first thing."""
    driver.app.show_user("melodia")
    await driver.press("2")
    return driver.app.screen.subject.id  # type: ignore[attr-defined, no-any-return]


async def test_what_came_since_the_last_look_is_marked_and_jumped_to(workspace: Workspace, moving: MovingClock) -> None:
    def library() -> Library:
        made = workspace.library()
        made.bookmarks = Bookmarks.open(workspace.folder / "bookmarks.json", notice=print)
        return made

    async with workspace.run_app(library()) as driver:
        await live_a_while(driver, workspace, moving)
        assert "new" not in (await driver.press("C")).splitlines()[3]
    moving.now += DAY
    async with workspace.run_app(library()) as driver:
        workspace.world.insert_flattr("ada", workspace.find_untouched_thing(), int(moving.now))
        await driver.press("3", "r")
        text = await driver.press("C")
        assert "3 changes · 1 new" in text
        await driver.press("G", "N")
        assert changes(driver.text)[0].startswith("▸")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
async def test_the_cursor_never_rests_on_a_day(
    workspace: Workspace, moving: MovingClock, size: tuple[int, int]
) -> None:
    async with workspace.run_app(size=size) as driver:
        await driver.press("3")
        for _ in range(4):
            for _ in range(5):
                workspace.world.insert_flattr("ada", workspace.find_untouched_thing(), int(moving.now) + 1)
                moving.now += 10
            moving.now += DAY
            await driver.press("r")
        text = await driver.press("C")
        assert "20 changes" in text
        for key in ("j", "j", "j", "j", "j", "G", "k", "pageup", "g", "ctrl+d", "ctrl+d", "ctrl+u", "k", "k", "k", "k"):
            text = await driver.press(key)
            assert len([line for line in text.splitlines() if line.startswith("▸")]) == 1, key
        assert await driver.press("g") == await driver.press("k")
        assert "Today" in driver.text
        assert await driver.press("G") == await driver.press("j")


async def test_nothing_is_drawn_when_nothing_has_changed(
    workspace: Workspace, moving: MovingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with workspace.run_app() as driver:
        await live_a_while(driver, workspace, moving)
        await driver.press("C")
        screen = driver.app.screen
        assert isinstance(screen, ChangesScreen)
        updated: list[str] = []
        monkeypatch.setattr(screen, "_update", lambda: updated.append("again"))
        screen._library_changed(FeedChanged(FLATTRS))
        screen._read_if_stale()
        await driver.settle()
        assert not updated

"""Tests that searches and filters that are saved with a name are counted, opened, renamed, removed and restored."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flattr_tui.library.bookmarks import Bookmarks, mark_of
from flattr_tui.library.library import Library
from flattr_tui.library.query.saved_queries import make_filter_mark, make_find_mark
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.model.api_request import ApiRequest, user_flattrs_request
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.bookmarks import BookmarksScreen
from flattr_tui.ui.screens.global_search import GlobalSearchScreen
from flattr_tui.ui.screens.search import SearchForm, SearchScreen
from flattr_tui.ui.screens.user_lists import ActivitiesScreen, FlattrsScreen
from tests.ui.conftest import Make, Start
from tests.ui.driver import NOW, Driver
from tests.ui.workspace import Workspace

FLATTRS = user_flattrs_request("ada")
Keeping = Callable[..., Library]


@pytest.fixture
def keeping(make_library: Make, tmp_path: Path) -> Keeping:
    """Return a library that can be searched, and whose bookmarks are in the test's folder."""

    def make(**options: object) -> Library:
        library = make_library("home", **options)
        library.bookmarks = Bookmarks.open(tmp_path / "kept" / "bookmarks.json", notice=library.notify)
        library.search = OfflineSearch(library.catalogue, library.source, library.account)
        return library

    return make


async def test_a_filter_is_saved_counted_and_opened_by_another_run(start: Start, keeping: Keeping) -> None:
    async with start(keeping(), place="flattrs") as driver:
        await driver.press("slash")
        assert "^o save" not in driver.text
        assert "^o save" in await driver.type("year:2012")
        text = await driver.press("ctrl+o")
        assert "A name for this query" in text
        assert "Save as “year:2012”" in text
        await driver.type("Twelve")  # the default is selected, so it is replaced
        await driver.press("enter")
        assert driver.notices == ["Saved as “Twelve”. Outside of fields, B lists it with the number of matches."]
    async with start(keeping(offline=True)) as driver:
        text = await driver.press("B")
        assert "Searches and filters" in text
        assert "★ Twelve  134 saved · flattrs of ada: year:2012 · today" in text
        await driver.press("enter")
        assert isinstance(driver.app.screen, FlattrsScreen)
        view = driver.app.screen.query_one(ListPane)
        assert view.view.text == "year:2012"
        assert view.table.has_focus
        assert "134 of 411 saved" in driver.text
        await driver.press("escape")
        assert not view.view.text


async def test_saved_queries_stand_above_the_bookmarks(start: Start, keeping: Keeping) -> None:
    async with start(keeping(), place="flattrs") as driver:
        await driver.press("b", "slash")
        await driver.type("year:2012")
        await driver.press("ctrl+o", "enter")
    async with start(keeping(offline=True)) as driver:
        text = await driver.press("B")
        assert 0 < text.index("Searches and filters") < text.index("★ year:2012") < text.rindex("  Bookmarks")


async def test_a_filter_of_incoming_activities_of_another_user_finds_its_list(start: Start, keeping: Keeping) -> None:
    async with start(keeping()) as driver:
        driver.app.show_user("melodia")
        await driver.press("4")
        await driver.press("t")
        await driver.press("slash")
        await driver.type("flattred")
        shown = driver.app.screen.query_one(ListPane).feed
        assert shown is not None
        matches = shown.status.shown
        await driver.press("ctrl+o", "enter", "enter")
        driver.app.show_user("ada")
        text = await driver.press("1", "B")
        assert f"★ flattred  {matches} saved · incoming activities of melodia · today" in text
        await driver.press("enter")
        screen = driver.app.screen
        assert isinstance(screen, ActivitiesScreen)
        assert (screen.username, screen.incoming) == ("melodia", True)
        assert f"{matches} of" in driver.text


async def test_a_search_and_a_query_in_everything_open_where_they_belong(start: Start, keeping: Keeping) -> None:
    async with start(keeping(), place="search") as driver:
        await driver.settle()
        await driver.type("fingerprint language:german")
        await driver.press("ctrl+o")
        await driver.type("Abdruck")
        await driver.press("enter", "ctrl+f")
        await driver.type("otter")
        await driver.press("ctrl+o", "enter", "escape")
        driver.app.action_mode("profile")
        text = await driver.press("B")
        (search,) = [line for line in text.splitlines() if "Abdruck" in line]
        (query,) = [line for line in text.splitlines() if "otter" in line]
        assert "saved · search: full=1" not in search
        assert "saved · everything saved · today" in query
        await driver.press("enter")
        assert isinstance(driver.app.screen, GlobalSearchScreen)
        assert driver.app.screen.text == "otter"
        assert driver.app.screen.hit is not None
        await driver.press("escape")
        driver.app.action_mode("things")
        await driver.press("B", "j", "enter")
        assert isinstance(driver.app.screen, SearchScreen)
        request = driver.app.screen.query_one(SearchForm).request
        assert request is not None
        assert request.get("query") == "fingerprint language:german"


async def test_it_is_renamed_removed_and_put_back(start: Start, keeping: Keeping) -> None:
    async with start(keeping(), place="flattrs") as driver:
        await driver.press("slash")
        await driver.type("otter")
        await driver.press("ctrl+o", "enter", "enter", "B", "N")
        assert "Another name for this query" in driver.text
        await driver.type("Animals")
        assert "★ Animals" in await driver.press("enter")
        assert "Animals" not in (await driver.press("D")).replace(driver.notices[-1], "")
        assert driver.notices[-1] == "Removed the bookmark of the filter “Animals”. Press U to put it back."
        assert "★ Animals" in await driver.press("U")


async def test_the_count_follows_the_library(workspace: Workspace) -> None:
    library = workspace.library()
    async with workspace.run_app(library) as driver:
        await driver.press("3", "slash")
        await driver.type("owner:melodia")
        await driver.press("ctrl+o", "enter", "enter")
        text = await driver.press("B")
        screen = driver.app.screen
        assert isinstance(screen, BookmarksScreen)
        (before,) = screen._counts.values()
        assert f"{before} saved" in text
        workspace.world.insert_flattr("ada", workspace.find_untouched_thing("melodia"), int(NOW) + 1)
        library.refresh(FLATTRS)
        await driver.settle()
        screen._reread_if_outdated()  # not a second later
        await driver.settle()
        assert f"{int(before) + 1} saved" in driver.text


async def open_bookmarked(driver: Driver, bookmark: str) -> None:
    """Show the bookmarks, even if an input has the focus in which B is a letter, and open one of them."""
    driver.app.action_marks()
    await driver.settle()
    await driver.press("end")
    screen = driver.app.screen
    assert isinstance(screen, BookmarksScreen)
    while screen.line is None or screen.line.mark.title != bookmark:
        await driver.pilot.press("up")
    await driver.press("enter")
    assert not isinstance(driver.app.screen, BookmarksScreen)


def shown_bookmark(driver: Driver) -> str:
    """The title of the bookmark under the cursor."""
    screen = driver.app.screen
    assert isinstance(screen, BookmarksScreen)
    assert screen.query_one("OptionList").has_focus
    return screen.line.mark.title if screen.line is not None else ""


@pytest.mark.parametrize(
    ("place", "titles"),
    [
        ("1", ("otter", "lute")),
        ("3", ("year:2012", "year:2013")),
        ("5", ("otter", "year:2012")),
        ("7", ("year:2013", "lute")),
    ],
)
async def test_going_back_from_a_saved_query_leads_to_its_bookmark(
    start: Start, keeping: Keeping, place: str, titles: tuple[str, ...]
) -> None:
    async with start(keeping()) as driver:
        store = driver.app.bookmarks.store
        source = driver.app.library.source.name
        for mark in (
            mark_of(ApiRequest.of("search", query="otter"), source, 5.0),
            make_filter_mark(FLATTRS, "year:2012", account="", source=source, at=4.0),
            make_filter_mark(user_flattrs_request("melodia"), "year:2013", account="", source=source, at=3.0),
            make_find_mark("lute", source=source, at=2.0),
        ):
            assert mark is not None
            store.keep(mark)
        await driver.press(place)
        for title in titles:
            await open_bookmarked(driver, title)
            for _ in range(4):
                if not isinstance(driver.app.screen, BookmarksScreen):
                    await driver.press("escape")
            assert shown_bookmark(driver) == title
            assert driver.app.user == "ada"
            await driver.press("escape")
            assert not isinstance(driver.app.screen, BookmarksScreen)

"""Tests of bookmarks and history by keyboard: add, open, filter, remove, restore, and find them after a restart."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flattr_tui.library.bookmarks import Bookmarks, mark_of
from flattr_tui.library.library import Library
from flattr_tui.model.entities import Thing
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.bookmarks import BookmarksScreen
from flattr_tui.ui.screens.profile import ProfileScreen
from flattr_tui.ui.screens.search import SearchScreen
from flattr_tui.ui.screens.thing import ThingScreen
from flattr_tui.ui.widgets.inputs import PageOptionList
from tests.ui.conftest import Make, Start
from tests.ui.driver import SIZES, Driver

OpenLibrary = Callable[..., Library]


@pytest.fixture
def open_library(make_library: Make, tmp_path: Path) -> OpenLibrary:
    """A function that makes a library whose bookmarks are in the test's folder."""

    def make(folder: str = "home", **options: object) -> Library:
        library = make_library(folder, **options)
        path = tmp_path / "kept" / "bookmarks.json"
        library.bookmarks = Bookmarks.open(path, notice=library.notify)
        return library

    return make


def list_entries(driver: Driver) -> list[tuple[bool, str]]:
    """Return the entries of the bookmarks page as pairs: whether it is from the history, and the key of its item."""
    assert isinstance(driver.app.screen, BookmarksScreen)
    return [(line.opened, line.mark.key) for line in driver.app.screen._entries if line is not None]


async def test_a_bookmark_of_a_thing_shows_a_star_and_outlives_the_program(
    start: Start, open_library: OpenLibrary
) -> None:
    async with start(open_library(), place="things") as driver:
        await driver.press("j")
        title = driver.app.screen.subject.title  # type: ignore[attr-defined]
        assert "★" not in driver.text
        assert "★" in await driver.press("b")
        assert driver.notices == [f"Bookmarked “{title}”. B lists all bookmarks."]
    async with start(open_library(offline=True)) as driver:
        text = await driver.press("B")
        assert "1 bookmark" in text
        assert "pened" not in text
        assert f"★ {title}" in text
        await driver.press("enter")
        assert isinstance(driver.app.screen, ThingScreen)
        assert "★" in driver.text
        assert "★" not in await driver.press("b")
        assert driver.notices[-1] == f"“{title}” is no longer bookmarked. Press b to add it again."
    async with start(open_library(offline=True)) as driver:
        assert "Nothing is bookmarked yet" in await driver.press("B")


async def test_a_user_is_bookmarked_on_the_users_page(start: Start, open_library: OpenLibrary) -> None:
    async with start(open_library()) as driver:
        driver.app.open_user("melodia")
        await driver.settle()
        assert "melodia ★" in await driver.press("b")
        await driver.press("1", "B", "enter")
        assert isinstance(driver.app.screen, ProfileScreen)
        assert driver.app.screen.username == "melodia"


async def test_opened_pages_are_listed_once_latest_first(start: Start, open_library: OpenLibrary) -> None:
    async with start(open_library()) as driver:
        for name in ("melodia", "chizu", "melodia"):
            driver.app.show_user(name)
        await driver.press("2")
        await driver.press("enter")
        number = driver.app.screen.subject.key  # type: ignore[attr-defined]
        await driver.press("B")
        assert list_entries(driver) == [(True, number), (True, "melodia"), (True, "chizu")]
    async with start(open_library(offline=True)) as driver:
        await driver.press("B")
        assert {key for _, key in list_entries(driver)} == {number, "melodia", "chizu"}


async def test_a_thing_opened_by_its_id_alone_is_listed_by_its_title(start: Start, open_library: OpenLibrary) -> None:
    async with start(open_library(), place="things") as driver:
        await driver.settle()
        thing = driver.app.screen.subject  # type: ignore[attr-defined]
        driver.app.open_item(Thing(id=thing.id))
        await driver.settle()
        await driver.press("B")
        assert [line.mark.title for line in driver.app.screen._entries if line] == [thing.title]  # type: ignore[attr-defined]


async def test_a_search_is_bookmarked_with_all_its_fields_and_searched_again(
    start: Start, open_library: OpenLibrary
) -> None:
    async with start(open_library(), place="search") as driver:
        await driver.settle()
        await driver.type("the")
        await driver.press("enter")
        await driver.press("down", "s")
        request = driver.app.screen.query_one(ListPane).request
        assert request is not None
        text = await driver.press("b")
        assert "the search for the" in text
        await driver.press("j", "enter")
        assert driver.notices[-1].startswith("Bookmarked the search for the.")
        driver.app.search("otters")
        await driver.settle()
        driver.app.action_mode("profile")
        await driver.settle()
        await driver.press("B")
        text = await driver.press("enter")
        assert isinstance(driver.app.screen, SearchScreen)
        assert driver.app.screen.query_one(ListPane).request == request


async def test_typing_filters_and_escape_takes_the_filter_away(start: Start, open_library: OpenLibrary) -> None:
    async with start(open_library()) as driver:
        for name in ("melodia", "chizu", "nordlicht"):
            driver.app.show_user(name)
        await driver.press("B", "slash")
        await driver.type("iz")
        assert [key for _, key in list_entries(driver)] == ["chizu"]
        await driver.press("escape")
        assert len(list_entries(driver)) == 3
        await driver.press("slash")
        await driver.type("melo")
        await driver.press("enter", "enter")
        assert isinstance(driver.app.screen, ProfileScreen)


async def test_what_is_removed_can_be_restored(start: Start, open_library: OpenLibrary) -> None:
    async with start(open_library()) as driver:
        driver.app.open_user("melodia")
        await driver.settle()
        await driver.press("b", "B")
        assert list_entries(driver) == [(False, "melodia"), (True, "melodia")]
        await driver.press("D")
        assert driver.notices[-1] == "Removed the bookmark of melodia. Press U to put it back."
        assert list_entries(driver) == [(True, "melodia")]
        await driver.press("delete")
        assert driver.notices[-1] == "melodia is removed from the history. Press U to put it back."
        assert list_entries(driver) == []
        await driver.press("U", "U")
        assert list_entries(driver) == [(False, "melodia"), (True, "melodia")]
        await driver.press("k", "D")
    async with start(open_library(offline=True)) as driver:
        await driver.press("B")
        assert list_entries(driver) == [(True, "melodia")]


async def test_a_bookmark_of_another_source_switches_to_it(start: Start, open_library: OpenLibrary) -> None:
    async with start(open_library()) as driver:
        driver.app.open_user("melodia")
        await driver.press("b")
    others = {"sandbox": open_library("again")}
    library = open_library("saved", source="saved", offline=True)
    async with start(library, switch=others.__getitem__) as driver:
        assert "sandbox" in await driver.press("B")
        assert driver.app.screen.subject is None  # type: ignore[attr-defined]
        await driver.press("enter")
        assert driver.app.library is others["sandbox"]
        assert isinstance(driver.app.screen, ProfileScreen)
        assert "melodia ★" in driver.text


async def test_a_bookmark_of_an_unavailable_source_gets_a_notice(start: Start, open_library: OpenLibrary) -> None:
    async with start(open_library()) as driver:
        driver.app.open_user("melodia")
        await driver.press("b")
    async with start(open_library("saved", source="saved", offline=True)) as driver:
        await driver.press("B", "enter")
        assert driver.notices == ["melodia belongs to another source: sandbox."]


async def test_the_palette_opens_recent_pages_and_bookmarks(start: Start, open_library: OpenLibrary) -> None:
    async with start(open_library()) as driver:
        driver.app.open_user("chizu")
        await driver.settle()
        driver.app.go_back()
        await driver.settle()
        await driver.press("ctrl+p")
        await driver.type("recent: chizu")
        await driver.press("enter")
        assert isinstance(driver.app.screen, ProfileScreen)
        assert driver.app.screen.username == "chizu"
        await driver.press("ctrl+p")
        await driver.type("open recent or")
        await driver.press("enter")
        assert isinstance(driver.app.screen, BookmarksScreen)


@pytest.mark.usefixtures("nothing_saved")
async def test_an_unwritable_file_gets_one_notice_and_bookmarks_work_until_the_app_ends(
    start: Start, open_library: OpenLibrary, tmp_path: Path
) -> None:
    (tmp_path / "kept" / ".bookmarks.json.lock").mkdir(parents=True)  # a folder in the lock file's place
    async with start(open_library()) as driver:
        driver.app.open_user("melodia")
        await driver.settle()
        await driver.press("b", "B")
        assert list_entries(driver) == [(False, "melodia"), (True, "melodia")]
        assert len([notice for notice in driver.notices if "can't be written" in notice]) == 1


async def test_the_page_fits_every_size(start: Start, open_library: OpenLibrary) -> None:
    async with start(open_library()) as driver:
        driver.app.open_user("melodia")
        await driver.settle()
        await driver.press("b", "B")
        for size in SIZES:
            text = await driver.resize(*size)
            assert "★ melodia" in text, size
            assert "Recently opened" in text, size


async def test_the_keys_of_a_table_move_in_the_bookmarks_too(start: Start, open_library: OpenLibrary) -> None:
    async with start(open_library(), size=(80, 24), place="things") as driver:
        await driver.press("asterisk", "b", "B")
        assert len(list_entries(driver)) > 15
        options = driver.app.screen.query_one(PageOptionList)

        async def move(key: str) -> int | None:
            await driver.press(key)
            return options.highlighted

        first = options.highlighted
        assert await move("G") == options.option_count - 1
        assert await move("g") == first
        assert (await move("ctrl+d") or 0) > 5
        assert await move("ctrl+u") == first
        assert await move("j") != first
        assert await move("k") == first


async def test_bookmarks_of_another_running_program_are_listed(
    start: Start, open_library: OpenLibrary, tmp_path: Path
) -> None:
    async with start(open_library(), place="things") as driver:
        await driver.press("b")
        other = Bookmarks.open(tmp_path / "kept" / "bookmarks.json", notice=print)
        other.keep(mark_of(Thing(id=7, title="Otters"), "sandbox", 1.0))  # type: ignore[arg-type]
        other.save()
        text = await driver.press("B")
        assert "2 bookmarks" in text
        assert "★ Otters" in text

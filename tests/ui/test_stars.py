"""Tests that bookmarked items have a star in all lists of all modes at once, and that columns stay aligned."""

import pytest
from rich.cells import cell_len

from flattr_tui.library.bookmarks import Bookmarks, bookmarked_as, key_of, mark_of
from flattr_tui.library.library import Library
from flattr_tui.library.query.list_feed import Row
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.model.entities import Activity, Flattr, Item, Thing, User
from flattr_tui.ui.screens.global_search import GlobalSearchScreen
from flattr_tui.ui.widgets.list_content import KINDS, OWNER, SENTENCE, TITLE, WHO, Column, RowStyle
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Make, Start
from tests.ui.driver import Driver

THING = Thing(id=7, title="地図を描く人たち", owner=User(username="chizu"))
STARRED = RowStyle(starred=frozenset({("thing", "7"), ("user", "chizu")}))


def visible_rows(driver: Driver) -> list[str]:
    """Return the text of the rows on screen."""
    table = driver.app.screen.query_one(RowTable)
    return [table.render_line(y + 1).text for y in range(min(table.page_rows, len(table.source or ())))]


def rows_with(driver: Driver, title: str) -> list[str]:
    return [row for row in visible_rows(driver) if title[:15] in row]


def cursor_thing(driver: Driver) -> Thing:
    found = bookmarked_as(driver.app.screen.subject)  # type: ignore[attr-defined]
    assert isinstance(found, Thing)
    return found


async def test_open_lists_show_a_star_while_the_bookmark_exists(start: Start) -> None:
    async with start(place="things") as driver:
        await driver.settle()
        await driver.press("4")
        await driver.press("3", "j")
        thing = cursor_thing(driver)
        assert not any("★" in row for row in visible_rows(driver))
        await driver.press("b")
        assert [f"★ {thing.title[:15]}" in row for row in rows_with(driver, thing.title)] == [True]
        await driver.press("4")
        named = rows_with(driver, thing.title)
        assert named
        assert all("★ " in row for row in named), "this list was open before the thing was bookmarked"
        await driver.press("3")
        await driver.press("b")
        assert not any("★" in row for row in visible_rows(driver))
        await driver.press("4")
        assert not any("★" in row for row in visible_rows(driver))


async def test_bookmarked_owners_have_a_star_in_lists(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("j")
        owner = cursor_thing(driver).owner
        assert owner is not None
        driver.app.show_user(owner.username)
        await driver.settle()
        await driver.press("1")
        await driver.press("b")
        driver.app.show_user("ada")
        await driver.settle()
        await driver.press("3")
        named = [row for row in visible_rows(driver) if owner.username in row]
        assert named
        assert all(f"★ {owner.username}" in row for row in named)


async def test_search_results_have_stars(start: Start, make_library: Make) -> None:
    library = make_library()
    assert isinstance(library, Library)
    library.search = OfflineSearch(library.catalogue, library.source, library.account)
    async with start(library, size=(120, 40), place="things") as driver:
        await driver.press("j", "b")
        thing = cursor_thing(driver)
        await driver.press("5")
        await driver.type(thing.title)
        await driver.press("enter")
        assert any(f"★ {thing.title[:15]}" in row for row in visible_rows(driver)), "in the results of the server"
        await driver.press("escape", "escape", "ctrl+f")
        assert isinstance(driver.app.screen, GlobalSearchScreen)
        await driver.type(thing.title)
        assert any(f"★ {thing.title[:15]}" in row for row in visible_rows(driver)), "in everything saved"


async def test_columns_stay_aligned_with_stars(start: Start) -> None:
    async with start(size=(80, 24), place="flattrs") as driver:
        await driver.settle()
        before = visible_rows(driver)
        for _ in range(4):
            await driver.press("b", "j")
        drawn = visible_rows(driver)
        assert sum("★" in row for row in drawn) >= 4
        for old, new in zip(before, drawn, strict=True):
            assert cell_len(new) == cell_len(old)
            assert new[2:13] == old[2:13], "when"
            assert new[-14:] == old[-14:], "flattrs and kind"


@pytest.mark.parametrize(
    ("column", "item", "text"),
    [
        (TITLE, THING, "★ 地図を描く人たち"),
        (TITLE, Flattr(thing=THING), "★ 地図を描く人たち"),
        (OWNER, THING, "★ chizu"),
        (WHO, Flattr(thing=THING, owner=User(username="chizu")), "★ chizu"),
        (WHO, Flattr(thing=THING), "somebody"),
        (OWNER, Thing(id=8, title="Maps"), ""),
        (TITLE, Thing(id=8, title="Maps"), "Maps"),
        (
            SENTENCE,
            Activity(id="1", title="ada flattred Maps", object_url="https://flattr.com/thing/7", object_name="Maps"),
            "★ ada flattred Maps",
        ),
    ],
)
def test_a_star_is_put_before_the_text_of_a_cell(column: Column, item: Item, text: str) -> None:
    assert column.render(Row(item, "key", 0.0), STARRED).plain == text


def test_bookmarks_of_another_source_have_no_star() -> None:
    kept = Bookmarks(None, notice=pytest.fail)
    for source, item in (("sandbox", THING), ("https://elsewhere.example/rest/v2", User(username="ada"))):
        mark = mark_of(item, source, 0.0)
        assert mark is not None
        kept.toggle(mark)
    assert kept.keys_of_source("sandbox") == {key_of(THING)}
    assert kept.keys_of_source("saved") == frozenset()


def test_every_list_can_show_a_star() -> None:
    shown = {"title", "owner", "who", "what"}
    assert all(shown & {column.id for column in kind.columns} for kind in KINDS.values())

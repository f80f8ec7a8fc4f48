"""Tests that cursor keys do no needless work: an item is read once for all panes, an unchanged row is not redrawn."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace
from textual import _time
from textual._compositor import Compositor
from textual.geometry import Size
from textual.strip import Strip

from flattr_tui.library.events import ConnectionState, FeedChanged
from flattr_tui.library.library import Library
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.entities import Thing
from flattr_tui.store.catalogue_schema import FlattrStatistics
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.base_page import DetailPane
from flattr_tui.ui.screens.profile import ProfileScreen
from flattr_tui.ui.widgets.header_and_footer import KeyBar
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Start


@pytest.mark.parametrize("account", ["", "ada"])
async def test_a_cursor_move_reads_the_thing_once(start: Start, monkeypatch: pytest.MonkeyPatch, account: str) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        library = driver.app.library
        assert isinstance(library, Library)
        library.account = account
        read, record = [], library.catalogue.read_record

        def count_call(*arguments: Any) -> Any:
            read.append(arguments)
            return record(*arguments)

        monkeypatch.setattr(library.catalogue, "read_record", count_call)
        await driver.press("j")
        assert len(read) == 1


async def test_reloading_a_list_redraws_no_unchanged_row(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(place="flattrs") as driver:
        before = await driver.press()
        table = driver.app.screen.query_one(RowTable)
        drawn: list[Row] = []
        draw = table._draw_row

        def count_call(row: Row, width: int, *, is_cursor: bool, is_marked: bool) -> Strip:
            drawn.append(row)
            return draw(row, width, is_cursor=is_cursor, is_marked=is_marked)

        monkeypatch.setattr(table, "_draw_row", count_call)
        table.reload()
        await driver.settle()
        assert drawn == []
        assert driver.text == before
        await driver.press("j")
        assert len(drawn) == 2


async def test_a_hidden_list_updates_its_status_when_it_is_shown(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        view = driver.app.screen.query_one(ListPane)
        await driver.press("2")
        updates: list[ConnectionState] = []
        show = view._show_status

        def count_call() -> None:
            updates.append(driver.app.status.connection)
            show()

        monkeypatch.setattr(view, "_show_status", count_call)
        driver.app.status = replace(driver.app.status, connection=ConnectionState.UNREACHABLE)
        assert updates == []
        await driver.press("3")
        assert updates


async def test_a_move_draws_two_lines(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(place="flattrs") as driver:
        await driver.press("j")
        table = driver.app.screen.query_one(RowTable)
        drawn: list[int] = []
        render_line = table.render_line

        def count_call(y: int) -> Strip:
            drawn.append(y)
            return render_line(y)

        monkeypatch.setattr(table, "render_line", count_call)
        await driver.press("j")
        assert sorted(drawn) == [table.HEADER + 1, table.HEADER + 2]


async def test_a_profile_counts_when_it_is_on_screen(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start() as driver:
        library, screen = driver.app.library, driver.app.screen
        assert isinstance(screen, ProfileScreen)
        counted: list[str] = []
        count = library.user_statistics

        async def count_call(username: str) -> FlattrStatistics:
            counted.append(username)
            return await count(username)

        monkeypatch.setattr(library, "user_statistics", count_call)
        await driver.press("2", "r")
        assert counted == []
        await driver.press("1")
        assert counted == ["ada"]
        await driver.press("2", "1")
        assert counted == ["ada"]


async def test_a_hidden_list_is_read_when_it_is_shown_again(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        view = driver.app.screen.query_one(ListPane)
        assert view.request is not None
        read: list[str] = []
        reload = view.table.reload

        def count_call() -> None:
            read.append(driver.app.current_mode)
            reload()

        monkeypatch.setattr(view.table, "reload", count_call)
        await driver.press("2")
        driver.app.library_changed.publish(FeedChanged(view.request))
        driver.app.items_changed()
        await driver.settle()
        assert read == []
        await driver.press("3")
        assert set(read) == {"flattrs"}
        read.clear()
        await driver.press("question_mark")  # the list is still visible behind the dialog
        driver.app.items_changed()
        assert read == ["flattrs"]


async def test_a_new_list_says_its_state_no_more_often_than_it_changes(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[object] = []
    listed: list[Size] = []
    show_status, list_keys = ListPane._show_status, KeyBar._list_keys

    def count_status(view: ListPane) -> None:
        shown.append(view.feed)
        show_status(view)

    def count_keys(bar: KeyBar) -> object:
        listed.append(bar.size)
        return list_keys(bar)

    monkeypatch.setattr(ListPane, "_show_status", count_status)
    monkeypatch.setattr(KeyBar, "_list_keys", count_keys)
    async with start(place="flattrs") as driver:
        await driver.settle()
        shown.clear()
        listed.clear()
        await driver.press("4")
        assert shown
        assert None not in shown
        assert Size(0, 0) not in listed


async def test_widgets_are_arranged_once_for_each_layout(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start() as driver:
        layouts, arranged = [], []
        reflow, arrange = Compositor.reflow, Compositor._arrange_root

        def count_layouts(compositor: Compositor, *given: Any) -> Any:
            layouts.append(compositor)
            return reflow(compositor, *given)

        def count_arranged(compositor: Compositor, *given: Any, **options: Any) -> Any:
            arranged.append(compositor)
            return arrange(compositor, *given, **options)

        monkeypatch.setattr(Compositor, "reflow", count_layouts)
        monkeypatch.setattr(Compositor, "_arrange_root", count_arranged)
        await driver.press("5")
        assert layouts
        assert arranged == layouts


async def test_a_whole_frame_leaves_nothing_to_draw_again(start: Start) -> None:
    async with start() as driver:
        screen = driver.app.screen
        screen.refresh()
        assert screen._repaint_required
        screen._compositor._dirty_regions.add(screen.size.region)  # as a layout does that moves everything
        screen._compositor_refresh()
        assert not screen._repaint_required


async def test_a_page_is_drawn_although_a_thread_held_the_processor(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, get_time = count(), _time.get_time
    monkeypatch.setattr(_time, "get_time", lambda: get_time() + 0.002 * next(calls))  # 2 ms go by between two steps
    async with start() as driver:
        for key in ("2", "C"):
            await driver.press(key)
            assert not driver.app.screen._dirty_widgets


async def test_a_visit_describes_no_item_again(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    async with start(place="things") as driver:
        await driver.settle()
        described: list[object] = []
        for kind, name in ((DetailPane, "_update"), (ProfileScreen, "_update_description")):
            update = getattr(kind, name)

            def count_call(node: object, update: Callable[[Any], None] = update) -> None:
                described.append(node)
                update(node)

            monkeypatch.setattr(kind, name, count_call)
        driver.app.bookmarks.record_visit(Thing(id=1, title="somewhere"))
        assert described == []
        await driver.press("b")  # now the star changes
        assert described

"""Tests of the bookmarks controller without an app: what can be bookmarked, and what a bookmark opens."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Thing, User
from flattr_tui.ui.controllers.bookmarks import BookmarksController
from flattr_tui.ui.widgets.dialogs import ChoiceDialog
from tests.ui.controllers.stand_in_host import StandInHost, StandInPage
from tests.ui.workspace import Workspace

SONG = Thing(id=7, title="A song")
SEARCH = ApiRequest.of("search", query="music")


@pytest.fixture
def host(workspace: Workspace) -> StandInHost:
    return StandInHost(workspace.library())


async def test_the_only_subject_is_bookmarked_at_once(host: StandInHost) -> None:
    bookmarks, host.page = BookmarksController(host), StandInPage(SONG)
    bookmarks.toggle_shown()
    assert bookmarks.is_bookmarked(SONG)
    assert bookmarks.starred
    assert host.bookmarks_version == 1
    bookmarks.toggle_shown()
    assert not bookmarks.is_bookmarked(SONG)
    assert len(host.notices) == 2


async def test_a_result_and_its_search_are_offered_both(host: StandInHost) -> None:
    bookmarks, host.page = BookmarksController(host), StandInPage(SONG, searches=[SEARCH])
    bookmarks.toggle_shown()
    assert isinstance(host.dialogs[-1][0], ChoiceDialog)
    await host.answer("1")
    assert bookmarks.is_bookmarked(SEARCH)
    assert not bookmarks.is_bookmarked(SONG)


def test_where_there_is_nothing_the_key_does_nothing(host: StandInHost) -> None:
    bookmarks = BookmarksController(host)
    for page in (None, StandInPage()):
        host.page = page
        assert not bookmarks.checks["bookmark"]()
        bookmarks.toggle_shown()
    assert host.notices == []


def test_each_kind_of_bookmark_opens_its_page(host: StandInHost) -> None:
    bookmarks = BookmarksController(host)
    for subject in (User(username="cleo"), SONG, SEARCH):
        mark = bookmarks.mark_of(subject)
        assert mark is not None
        bookmarks.open(mark)
    assert host.opened == ["cleo", SONG, {"query": "music"}]


def test_a_bookmark_of_another_source_switches_to_it_or_says_why_not(host: StandInHost) -> None:
    bookmarks = BookmarksController(host)
    mark = bookmarks.mark_of(SONG)
    assert mark is not None
    elsewhere = replace(mark, source="https://example.org")
    bookmarks.open(elsewhere)
    assert host.notices == ["“A song” belongs to another source: https://example.org."]
    host.can_switch = True
    bookmarks.open(elsewhere)
    assert host.opened == ["https://example.org"]


def test_removed_marks_are_restored(host: StandInHost) -> None:
    bookmarks, host.page = BookmarksController(host), StandInPage(SONG)
    bookmarks.record_visit(SONG)
    bookmarks.toggle_shown()
    for mark, opened in ((bookmarks.store.marks[0], False), (bookmarks.store.opened[0], True)):
        bookmarks.restore(bookmarks.remove(mark, opened=opened))
    assert [len(bookmarks.store.marks), len(bookmarks.store.opened)] == [1, 1]


async def test_the_history_is_cleared_when_that_is_confirmed(host: StandInHost) -> None:
    bookmarks = BookmarksController(host)
    bookmarks.record_visit(SONG)
    for answer, left in ((False, 1), (True, 0)):
        bookmarks.confirm_clear_history()
        await host.answer(answer)
        assert len(bookmarks.store.opened) == left


async def test_unsaved_bookmarks_are_saved_on_quitting(host: StandInHost, tmp_path: Path) -> None:
    path = tmp_path / "bookmarks.json"
    host.library.bookmarks = Bookmarks.open(path, notice=host.notify_user)
    bookmarks = BookmarksController(host)
    bookmarks.record_visit(SONG)
    assert await bookmarks.save_on_quit()
    assert Bookmarks.open(path, notice=host.notify_user).opened[0].title == "A song"

"""Tests of the query language in filters, the global search and the search page, which understand the same queries."""

import pytest
from textual.widgets import Input

from flattr_tui.library.library import Library
from flattr_tui.library.query.search import OfflineSearch, to_server_query
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.query_language import QueryContext
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.panes.search_results import SearchResults
from flattr_tui.ui.screens.text_dialogs import QueryHelp
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Make, Start
from tests.ui.driver import SIZES, Driver


@pytest.fixture
def library(make_library: Make) -> Library:
    made = make_library()
    assert isinstance(made, Library)
    made.search = OfflineSearch(made.catalogue, made.source, made.account)
    return made


def list_years(driver: Driver) -> set[int]:
    """Return the years of the rows that are listed."""
    feed = driver.app.screen.query_one(ListPane).feed
    assert feed is not None
    assert len(feed)
    rows = feed.rows(0, len(feed))
    return {1970 + (row.item.created_at or 0) // 31_556_952 for row in rows}  # type: ignore[union-attr]


async def test_a_year_on_screen_filters(start: Start, library: Library) -> None:
    async with start(library, place="flattrs") as driver:
        await driver.press("slash")
        await driver.type("2012")
        assert list_years(driver) == {2012}
        await driver.press("ctrl+u")
        await driver.type("year:2011..2013 -2012")
        assert list_years(driver) == {2011, 2013}


async def test_an_invalid_query_is_explained_and_the_rows_stay(start: Start, library: Library) -> None:
    async with start(library, place="flattrs") as driver:
        await driver.press("slash")
        await driver.type("2012 year")
        before = driver.app.screen.query_one(ListPane).table.row_count
        text = await driver.type(":soon")
        assert "year: takes a year or a range of years, such as year:2012" in text
        assert driver.app.screen.query_one(ListPane).table.row_count == before > 0
        text = await driver.press(*["backspace"] * 10)
        assert "takes a year" not in text


async def test_a_question_mark_explains_in_an_empty_field_and_f1_always(start: Start, library: Library) -> None:
    async with start(library, place="flattrs") as driver:
        text = await driver.press("slash")
        assert "f1 syntax" in text.splitlines()[-1]
        text = await driver.press("question_mark")
        assert isinstance(driver.app.screen, QueryHelp)
        assert "flattrs:>10" in text
        await driver.press("escape")
        await driver.type("why")
        await driver.press("question_mark")
        assert driver.app.screen.query_one(Input).value == "why?"
        await driver.press("f1")
        assert isinstance(driver.app.screen, QueryHelp)
        await driver.press("escape")
        assert driver.app.screen.focused is driver.app.screen.query_one(Input)


@pytest.mark.parametrize("place", ["ctrl+f", "5"])
async def test_find_and_search_understand_the_same(start: Start, library: Library, place: str) -> None:
    async with start(library, place="flattrs") as driver:
        await driver.press("2")
        await driver.press(place)
        text = await driver.type("year:2011 -the flattrs:>3")
        assert "2011" in text
        assert "2012" not in text
        text = await driver.type(" after:soon")
        assert "after: takes a date or an age" in text
        assert "2011" in text


async def test_the_server_gets_the_terms_it_knows_and_the_rest_filters_locally(start: Start, library: Library) -> None:
    async with start(library, place="search") as driver:
        await driver.settle()
        await driver.type("fingerprint category:soft")
        await driver.press("enter")
        assert driver.app.screen.query_one(ListPane).request == ApiRequest.of(
            "search", query="fingerprint", category="software", full="1"
        )
        whole = len(driver.app.screen.query_one(ListPane).feed or ())
        text = await driver.type(" flattrs:>30")
        text = await driver.press("enter")
        results = driver.app.screen.query_one(SearchResults)
        assert results.shows_live
        assert results.feed is not None
        assert 0 < len(results.feed) < whole
        assert f"{len(results.feed)} of the {results.feed.status.saved} here match flattrs:>30" in text
        assert results.bookmarked_request is not None
        assert results.bookmarked_request.get("query") == "fingerprint category:soft flattrs:>30"


@pytest.mark.parametrize(
    ("query", "sent", "rest"),
    [
        ({"query": "open maps"}, {"query": "open maps"}, ""),
        ({"query": 'open "free maps" -beta'}, {"query": "open free maps"}, '"free maps" -beta'),
        ({"query": "mar 2012 x"}, {"query": "mar 2012 x"}, ""),
        ({"query": "tag:audio -tag:beta"}, {"tags": "audio ! beta"}, ""),
        ({"query": "tag:a,b", "tags": "c"}, {"tags": "c"}, "tag:a,b"),
        ({"query": "tag:a", "tags": "b | c"}, {"tags": "b | c"}, "tag:a"),
        ({"query": "tag:a", "tags": "b | c ! d"}, {"tags": "b | c ! d & a"}, ""),
        ({"query": "owner:bo language:ger,swe"}, {"user": "bo", "language": "de_DE,sv_SE"}, ""),
        ({"query": "owner:bo", "user": "ada"}, {"user": "ada"}, "owner:bo"),
        ({"query": "owner:bo,ada year:2012"}, {}, "owner:bo,ada year:2012"),
    ],
)
def test_queries_are_split_for_the_server(query: dict[str, str], sent: dict[str, str], rest: str) -> None:
    found = to_server_query(ApiRequest.of("search", query), QueryContext())
    assert (found.request, found.rest_text) == (ApiRequest.of("search", sent), rest)


async def test_the_rows_keep_their_columns_while_a_filter_is_typed(start: Start) -> None:
    async with start(place="flattrs") as driver:
        await driver.settle()
        table = driver.app.screen.query_one(RowTable)
        for size in SIZES:
            await driver.resize(*size)
            width = table.size.width
            await driver.press("/")
            assert table.size.width == width, size
            await driver.press("escape")

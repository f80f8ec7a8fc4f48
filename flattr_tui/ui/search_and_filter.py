"""Fills in the search page, or filters a list, once its mode is on screen."""

from typing import Any

from textual.app import App

from flattr_tui.api.method_table import SORTS
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.ui.panes.search_form import FilterPicker, SearchForm, SortPicker
from flattr_tui.ui.screens.search import SearchScreen
from flattr_tui.ui.screens.user_lists import ListScreen


def run_search(app: App[Any], query: str) -> None:
    """Search for `query` on the search page, unless it is empty."""
    _close_pages(app)
    if isinstance(app.screen, SearchScreen) and query:
        app.screen.search(query)


def fill_search(app: App[Any], arguments: dict[str, str]) -> None:
    """Fill in the search form with `arguments`, and search."""
    _close_pages(app)
    form = app.screen.query_one(SearchForm)
    for picker in form.query(FilterPicker):
        picker.selected = tuple(filter(None, arguments.get(picker.parameter, "").split(",")))
    order = arguments.get("sort", "")
    form.query_one(SortPicker).order = order if order in SORTS else SORTS[0]
    form.fill(**arguments)


async def filter_list(app: App[Any], request: ApiRequest, text: str) -> None:
    """Filter the list on screen by the query `text`. Its `request` says whether incoming activities are meant."""
    _close_pages(app)
    if isinstance(app.screen, ListScreen):
        await app.screen.show_filtered(text, incoming=request.get("type") == "incoming")


def _close_pages(app: App[Any]) -> None:
    """Close the pages that are open above the first page of the current mode."""
    while len(app.screen_stack) > 1:
        app.pop_screen()

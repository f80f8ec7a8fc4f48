"""Fills in the search page or filters a list, right after the app has switched to the mode of that page."""

from typing import Any

from textual.app import App

from flattr_tui.api.method_table import SORTS
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.ui.panes.search_form import FilterPicker, SearchForm, SortPicker
from flattr_tui.ui.screens.search import SearchScreen
from flattr_tui.ui.screens.user_lists import ListScreen


def run_search(app: App[Any], query: str) -> None:
    """Search for `query` on the search page, which is on screen; do nothing if `query` is empty."""
    _close_pages(app)
    if isinstance(app.screen, SearchScreen) and query:
        app.screen.search(query)


def fill_search(app: App[Any], arguments: dict[str, str]) -> None:
    """Fill in the form of the search page with the API parameters in `arguments`, and search."""
    _close_pages(app)
    form = app.screen.query_one(SearchForm)
    for picker in form.query(FilterPicker):
        picker.selected = tuple(filter(None, arguments.get(picker.parameter, "").split(",")))
    order = arguments.get("sort", "")
    form.query_one(SortPicker).order = order if order in SORTS else SORTS[0]
    form.fill(**arguments)


async def filter_list(app: App[Any], request: ApiRequest, text: str) -> None:
    """Filter the list on screen by the query `text`.

    On the page of activities, `request` decides which of its two lists is shown: incoming activities or all others.
    """
    _close_pages(app)
    if isinstance(app.screen, ListScreen):
        await app.screen.show_filtered(text, incoming=request.get("type") == "incoming")


def _close_pages(app: App[Any]) -> None:
    """Close all pages of the current mode except its first page."""
    while len(app.screen_stack) > 1:
        app.pop_screen()

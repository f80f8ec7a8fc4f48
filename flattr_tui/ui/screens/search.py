"""The search page: the form at the top, the results below it, and the detail pane beside the results."""

from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from flattr_tui.api.method_table import SORTS
from flattr_tui.library.bookmarks import Mark
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.bindings import SEARCH
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.panes.search_form import FilterPicker, SearchForm, SortPicker
from flattr_tui.ui.panes.search_results import SearchResults
from flattr_tui.ui.screens.base_page import DetailPane, Page, close_pages
from flattr_tui.ui.widgets.base_widgets import Split


class SearchScreen(Page):
    """The page that searches for things on the server and in saved data."""

    CSS_PATH = "search.tcss"
    REFRESH_FETCHES = False
    BINDINGS: ClassVar[list[BindingType]] = list(SEARCH)
    AUTO_FOCUS = "#query"

    def body(self) -> ComposeResult:
        yield SearchForm()
        with Split():
            yield SearchResults(classes="list")
            yield DetailPane(classes="detail")

    @property
    def results(self) -> SearchResults:
        """The list of results."""
        return self.query_one(SearchResults)

    def search(self, query: str) -> None:
        """Fill `query` into the form, empty the other text fields, and search."""
        self.query_one(SearchForm).fill(query=query)

    @property
    def query_mark(self) -> Mark | None:
        """A new bookmark of the search that the form describes; None if all fields are empty."""
        return app_of(self).bookmarks.mark_of(self.query_one(SearchForm).request) if self.is_mounted else None

    @property
    def is_awaiting_data(self) -> bool:
        """Whether results are still being read or fetched. Then a key that moves to the results waits."""
        return self.results.is_awaiting_rows

    def on_search_form_typed(self, event: SearchForm.Typed) -> None:
        self.refresh_bindings()
        self.results.search_saved(event.request)
        if event.request is None:
            self.query_one(DetailPane).item = None

    def on_search_form_run(self, event: SearchForm.Run) -> None:
        self.results.run(event.request)
        if event.request is None:
            self.query_one(DetailPane).item = None

    def on_descendant_focus(self) -> None:
        """Give the results more room while they have the focus."""
        form = self.query_one(SearchForm)
        self.set_class(self.focused is not None and form not in self.focused.ancestors, "-results")

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.results, "highlighted", self.show_row)

    def show_row(self) -> None:
        """Show the result under the cursor in the detail pane, and the age of the results in the header."""
        super().show_row()
        self.fetched_at = self.results.shown_at

    def on_list_pane_status_changed(self, event: ListPane.StatusChanged) -> None:
        self.fetched_at = self.results.shown_at
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "results":
            return self.results.table.display
        if action == "recall":
            return self.query_one(SearchForm).can_recall
        return super().check_action(action, parameters)

    def action_results(self) -> None:
        self.results.table.focus()

    def action_recall(self) -> None:
        self.query_one(SearchForm).recall()

    def action_query(self) -> None:
        self.set_focus(self.query_one("#query", Input))

    def action_categories(self) -> None:
        self.query_one("#category", FilterPicker).action_pick()

    def action_languages(self) -> None:
        self.query_one("#language", FilterPicker).action_pick()

    def action_order(self) -> None:
        self.query_one(SortPicker).action_turn(1)

    def action_clear(self) -> None:
        self.query_one(SearchForm).clear()

    def action_back(self) -> None:
        """If a field has the focus, move the focus to the results, or to no widget if there are no results.

        If no field has the focus, go back.
        """
        form = self.query_one(SearchForm)
        table = self.results.table
        if self.focused is not None and form in self.focused.ancestors:
            self.set_focus(table if table.display else None)
        else:
            super().action_back()


def run_search(app: App[Any], query: str) -> None:
    """Search for `query` on the search page, which is on screen; do nothing if `query` is empty."""
    close_pages(app)
    if isinstance(app.screen, SearchScreen) and query:
        app.screen.search(query)


def fill_search(app: App[Any], arguments: dict[str, str]) -> None:
    """Fill in the form of the search page with the API parameters in `arguments`, and search."""
    close_pages(app)
    form = app.screen.query_one(SearchForm)
    for picker in form.query(FilterPicker):
        picker.selected = tuple(filter(None, arguments.get(picker.parameter, "").split(",")))
    order = arguments.get("sort", "")
    form.query_one(SortPicker).order = order if order in SORTS else SORTS[0]
    form.fill(**arguments)

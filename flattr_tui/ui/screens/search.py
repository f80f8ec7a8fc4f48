"""The search page: the form with its fields and pickers at the top, then the results and, beside them, the details."""

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from flattr_tui.api.method_table import SORTS
from flattr_tui.library.bookmarks import Mark
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Choice
from flattr_tui.ui.app_protocol import app_of, find_query_fault, query_context
from flattr_tui.ui.bindings import QUERY_FIELD, SEARCH, SEARCH_FIELD, SEARCH_FORM, SEARCH_ORDER, SEARCH_PICKER
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.panes.search_results import SearchResults
from flattr_tui.ui.screens.base_page import DetailPane, Page
from flattr_tui.ui.widgets.base_widgets import EvenLines, Split, SteadyText
from flattr_tui.ui.widgets.dialogs import MultipleChoiceDialog
from flattr_tui.ui.widgets.inputs import LineInput, QueryInput, TagHighlighter, find_syntax_error

TEXT_FIELDS = ("query", "tags", "user", "url")
"""The search parameters that have a text field."""
EXAMPLES = {
    "query": "words; ? explains more",
    "tags": "audio & library ! beta",
    "user": "whose things",
    "url": "https://…",
}
LABELS = {name: name.replace("_", " ") for name in SORTS}


class SearchField(LineInput):
    """A text field of the search form."""

    BINDINGS: ClassVar[list[BindingType]] = [*SEARCH_FIELD, *SEARCH_FORM]


class SearchQueryField(QueryInput):
    """The text field for the words to search for. The text may include conditions of the query language."""

    BINDINGS: ClassVar[list[BindingType]] = [*SEARCH_FIELD, *SEARCH_FORM, *QUERY_FIELD]


class FilterPicker(Widget, can_focus=True):
    """A field that limits the search to some categories or languages. Enter opens a list to choose from."""

    BINDINGS: ClassVar[list[BindingType]] = [*SEARCH_PICKER, *SEARCH_FORM]
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    FilterPicker { height: 1; width: auto; max-width: 1fr; }
    FilterPicker:focus { background: $cursor; text-style: bold; }
    FilterPicker:ansi:focus { text-style: reverse; }
    """

    selected: reactive[tuple[str, ...]] = reactive[tuple[str, ...]]((), layout=True)

    class Changed(Message):
        """Message: the chosen categories, languages or sort order changed."""

    def __init__(self, name: str, choices: Sequence[Choice]) -> None:
        super().__init__(id=name)
        self.parameter = name
        self.choices = choices

    def render(self) -> Content:
        names = [choice.text for choice in self.choices if choice.id in self.selected]
        text = Content.styled(f"[{' ×] ['.join(names)} ×]", "$accent") if names else Content.styled("any", "$muted")
        return Content.styled(f"{self.parameter} ", "$muted") + text

    def action_pick(self) -> None:

        def take(chosen: tuple[str, ...] | None) -> None:
            if chosen is not None and chosen != self.selected:
                self.selected = chosen
                self.post_message(self.Changed())

        pairs = [(choice.id, choice.text) for choice in self.choices]
        self.app.push_screen(MultipleChoiceDialog(f"Search in which {self.parameter}?", pairs, self.selected), take)

    def action_empty(self) -> None:
        if self.selected:
            self.selected = ()
            self.post_message(self.Changed())

    def on_click(self) -> None:
        self.action_pick()


class SortPicker(Widget, can_focus=True):
    """Shows the sort order of the results; the left and right keys change it."""

    BINDINGS: ClassVar[list[BindingType]] = [*SEARCH_ORDER, *SEARCH_FORM]
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    SortPicker { height: 1; width: auto; }
    SortPicker:focus { background: $cursor; text-style: bold; }
    SortPicker:ansi:focus { text-style: reverse; }
    """

    order: reactive[str] = reactive(SORTS[0], layout=True)

    def render(self) -> Content:
        return Content.assemble(("sort ", "$muted"), "‹", (LABELS[self.order], "$accent"), "›")

    def action_turn(self, by: int) -> None:
        self.order = SORTS[(SORTS.index(self.order) + by) % len(SORTS)]
        self.post_message(FilterPicker.Changed())

    def on_click(self) -> None:
        self.action_turn(1)


class SearchForm(EvenLines, Vertical):
    """The fields of a search. Posts `Typed` after each change of a text, and `Run` when the search is to start."""

    class Typed(Message):
        """Message: the text of a field changed.

        `request` is the search that the fields describe; None if all are empty.
        """

        def __init__(self, request: ApiRequest | None) -> None:
            super().__init__()
            self.request = request

    class Run(Message):
        """Message: the user started the search.

        `request` is the search that the fields describe; None if all are empty.
        """

        def __init__(self, request: ApiRequest | None) -> None:
            super().__init__()
            self.request = request

    _history_index = 0
    """Index in `history` of the query that was filled in last."""

    @property
    def history(self) -> Sequence[str]:
        """The texts of earlier queries, the latest first."""
        return app_of(self).bookmarks.store.queries

    def compose(self) -> ComposeResult:
        library = app_of(self).library
        with Grid(id="fields"):
            for name in TEXT_FIELDS:
                with Horizontal(classes="field"):
                    yield Static(Content.styled(f"{name:<6}", "$muted"), classes="label", markup=False)
                    highlighter = TagHighlighter() if name == "tags" else None
                    field = SearchQueryField if name == "query" else SearchField
                    yield field(id=name, placeholder=EXAMPLES[name], compact=True, highlighter=highlighter)
        with Horizontal(id="choices"):
            yield FilterPicker("category", library.choices("categories"))
            yield FilterPicker("language", library.choices("languages"))
            yield SortPicker()
        yield SteadyText(id="broken")

    @property
    def request(self) -> ApiRequest | None:
        """The search that the fields describe; None if all are empty."""
        arguments = {name: self.query_one(f"#{name}", Input).value.strip() for name in TEXT_FIELDS}
        arguments |= {picker.parameter: ",".join(picker.selected) for picker in self.query(FilterPicker)}
        if not any(arguments.values()):
            return None
        order = self.query_one(SortPicker).order
        return ApiRequest.of("search", arguments, full="1", sort="" if order == SORTS[0] else order)

    def fill(self, **values: str) -> None:
        """Fill in the text fields, and search. `values` maps names of fields to texts; all other fields are emptied."""
        for name in TEXT_FIELDS:
            self.query_one(f"#{name}", Input).value = values.get(name, "")
        self.run()

    def clear(self) -> None:
        """Empty all fields."""
        for picker in self.query(FilterPicker):
            picker.selected = ()
        self.query_one(SortPicker).order = SORTS[0]
        self.fill()
        self.query_one("#query", Input).focus()

    def run(self) -> None:
        """Start the search, by posting `Run`. If a field has a syntax error, focus that field instead."""
        if fault := self._find_fault():
            self.query_one(f"#{fault[0]}", Input).focus()
            return
        query = self.query_one("#query", Input).value.strip()
        if query and query not in self.history[:1]:
            bookmarks = app_of(self).bookmarks
            bookmarks.store.record_query(query)
            bookmarks.save()
        self.post_message(self.Run(self.request))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.screen.refresh_bindings()
        fault = self._find_fault()
        broken = self.query_one("#broken", SteadyText)
        broken.update(Content.assemble((f"{fault[1]} ", "$error"), (fault[2], "$muted")) if fault else Content(""))
        broken.display = fault is not None
        if fault is None:
            self.post_message(self.Typed(self.request))

    def _find_fault(self) -> tuple[str, str, str] | None:
        """Return the name of the first invalid field, what is wrong with it, and advice; None if all are valid."""
        if sentence := find_query_fault(self.query_one("#query", Input).value, query_context(self)):
            return "query", sentence, "f1 explains the query language."
        error = find_syntax_error(self.query_one("#tags", Input).value)
        return ("tags", f"tags: {error}", "| is or, & is and, ! is not") if error is not None else None

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.run()

    @on(FilterPicker.Changed)
    def _picker_changed(self, event: FilterPicker.Changed) -> None:
        event.stop()
        self.run()

    @property
    def can_recall(self) -> bool:
        """Whether the up key recalls an earlier query.

        The query field must have the focus, and be empty or contain an earlier query.
        """
        entry = self.query_one("#query", Input)
        return entry.has_focus and bool(self.history) and (not entry.value or entry.value in self.history)

    def recall(self) -> None:
        """Fill in the latest earlier query; if the field already holds an earlier query, the query before it."""
        entry = self.query_one("#query", Input)
        self._history_index = (self._history_index + 1) % len(self.history) if entry.value else 0
        entry.value = self.history[self._history_index]
        entry.cursor_position = len(entry.value)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.screen.refresh_bindings()


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
    if isinstance(app.screen, SearchScreen) and query:
        app.screen.search(query)


def fill_search(app: App[Any], arguments: dict[str, str]) -> None:
    """Fill in the form of the search page with the API parameters in `arguments`, and search."""
    form = app.screen.query_one(SearchForm)
    for picker in form.query(FilterPicker):
        picker.selected = tuple(filter(None, arguments.get(picker.parameter, "").split(",")))
    order = arguments.get("sort", "")
    form.query_one(SortPicker).order = order if order in SORTS else SORTS[0]
    form.fill(**arguments)

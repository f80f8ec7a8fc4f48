"""The search's eight filters: four fields to type in, two to choose in, the order; `full` goes without saying."""

from collections.abc import Sequence
from typing import ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from flattr_tui.api.methods import SORTS
from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Choice
from flattr_tui.model.tags import TagSyntaxError, parse_tags
from flattr_tui.ui.bindings import SEARCH_FIELD, SEARCH_FORM, SEARCH_ORDER, SEARCH_PICKER
from flattr_tui.ui.screens.prompt import Choose
from flattr_tui.ui.typed_app import app_of
from flattr_tui.ui.widgets.line_input import LineInput
from flattr_tui.ui.widgets.steady_text import SteadyText

TYPED = ("query", "tags", "user", "url")
"""The parameters that are typed."""
HINTS = {
    "query": "words to look for",
    "tags": "audio & library ! beta",
    "user": "whose things",
    "url": "https://…",
}
LABELS = {name: name.replace("_", " ") for name in SORTS}


def broken_at(text: str) -> TagSyntaxError | None:
    """Say where a tag expression breaks; None where it is fine or empty."""
    if not text.strip():
        return None
    try:
        parse_tags(text)
    except TagSyntaxError as error:
        return error
    return None


class TagHighlighter(Highlighter):
    """Colours the operators of the tag language, and what stands where it breaks."""

    def highlight(self, text: Text) -> None:
        """Mark up one line."""
        text.highlight_regex(r"[|&!]", "bold")
        if (error := broken_at(text.plain)) is not None:
            text.stylize("reverse", min(error.position, max(0, len(text.plain) - 1)))


class Field(LineInput):
    """A field of the form."""

    BINDINGS: ClassVar[list[BindingType]] = [*SEARCH_FIELD, *SEARCH_FORM]


class Picker(Widget, can_focus=True):
    """Shows what is chosen; enter opens the choice."""

    BINDINGS: ClassVar[list[BindingType]] = [*SEARCH_PICKER, *SEARCH_FORM]
    DEFAULT_CSS = """
    Picker { height: 1; width: auto; max-width: 1fr; }
    Picker:focus { background: $cursor; text-style: bold; }
    Picker:ansi:focus { text-style: reverse; }
    """

    chosen: reactive[tuple[str, ...]] = reactive[tuple[str, ...]]((), layout=True)

    class Changed(Message):
        """Others are chosen."""

    def __init__(self, name: str, choices: Sequence[Choice]) -> None:
        super().__init__(id=name)
        self.parameter = name
        self.choices = choices

    def render(self) -> Content:
        """Write what is chosen, by name."""
        names = [choice.text for choice in self.choices if choice.id in self.chosen]
        told = Content.styled(f"[{' ×] ['.join(names)} ×]", "$accent") if names else Content.styled("any", "$muted")
        return Content.styled(f"{self.parameter} ", "$muted") + told

    def action_pick(self) -> None:
        """Open the choice."""

        def take(chosen: tuple[str, ...] | None) -> None:
            if chosen is not None and chosen != self.chosen:
                self.chosen = chosen
                self.post_message(self.Changed())

        pairs = [(choice.id, choice.text) for choice in self.choices]
        self.app.push_screen(Choose(f"Search in which {self.parameter}?", pairs, self.chosen), take)

    def action_empty(self) -> None:
        """Choose none."""
        if self.chosen:
            self.chosen = ()
            self.post_message(self.Changed())

    def on_click(self) -> None:
        """Open the choice."""
        self.action_pick()


class Order(Widget, can_focus=True):
    """Shows the order; left and right change it."""

    BINDINGS: ClassVar[list[BindingType]] = [*SEARCH_ORDER, *SEARCH_FORM]
    DEFAULT_CSS = """
    Order { height: 1; width: auto; }
    Order:focus { background: $cursor; text-style: bold; }
    Order:ansi:focus { text-style: reverse; }
    """

    order: reactive[str] = reactive(SORTS[0], layout=True)

    def render(self) -> Content:
        """Write it."""
        return Content.assemble(("sort ", "$muted"), "‹", (LABELS[self.order], "$accent"), "›")

    def action_turn(self, by: int) -> None:
        """Take the next or the one before."""
        self.order = SORTS[(SORTS.index(self.order) + by) % len(SORTS)]
        self.post_message(Picker.Changed())

    def on_click(self) -> None:
        """Take the next."""
        self.action_turn(1)


class SearchForm(Vertical):
    """The filters; posts `Typed` with every change, and `Run` when they are to be searched with."""

    class Typed(Message):
        """The fields hold something else; None where no field holds anything."""

        def __init__(self, request: Request | None) -> None:
            super().__init__()
            self.request = request

    class Run(Message):
        """Search with this; None where no field holds anything."""

        def __init__(self, request: Request | None) -> None:
            super().__init__()
            self.request = request

    def __init__(self) -> None:
        super().__init__()
        self._own_history = Bookmarks(None, notice=self.log.warning)
        self._recalled = 0

    @property
    def marks(self) -> Bookmarks:
        """Where the queries are kept."""
        marks = app_of(self).library.bookmarks
        return marks if marks is not None else self._own_history

    @property
    def history(self) -> Sequence[str]:
        """What was searched for, the latest first."""
        return self.marks.queries

    def compose(self) -> ComposeResult:
        """The fields."""
        library = app_of(self).library
        with Grid(id="fields"):
            for name in TYPED:
                with Horizontal(classes="field"):
                    yield Static(Content.styled(f"{name:<6}", "$muted"), classes="label", markup=False)
                    highlighter = TagHighlighter() if name == "tags" else None
                    yield Field(id=name, placeholder=HINTS[name], compact=True, highlighter=highlighter)
        with Horizontal(id="choices"):
            yield Picker("category", library.choices("categories"))
            yield Picker("language", library.choices("languages"))
            yield Order()
        yield SteadyText(id="broken")

    @property
    def request(self) -> Request | None:
        """What is asked for."""
        arguments = {name: self.query_one(f"#{name}", Input).value.strip() for name in TYPED}
        arguments |= {picker.parameter: ",".join(picker.chosen) for picker in self.query(Picker)}
        if not any(arguments.values()):
            return None
        order = self.query_one(Order).order
        return Request.of("search", arguments, full="1", sort="" if order == SORTS[0] else order)

    def fill(self, **values: str) -> None:
        """Put values into the fields, and search with them."""
        for name in TYPED:
            self.query_one(f"#{name}", Input).value = values.get(name, "")
        self.run()

    def clear(self) -> None:
        """Empty all fields."""
        for picker in self.query(Picker):
            picker.chosen = ()
        self.query_one(Order).order = SORTS[0]
        self.fill()
        self.query_one("#query", Input).focus()

    def run(self) -> None:
        """Search, unless the tag expression breaks."""
        if broken_at(self.query_one("#tags", Input).value) is not None:
            self.query_one("#tags", Input).focus()
            return
        query = self.query_one("#query", Input).value.strip()
        if query and query not in self.history[:1]:
            self.marks.note_query(query)
            app_of(self).save_bookmarks()
        self.post_message(self.Run(self.request))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.screen.refresh_bindings()
        if broken_at(self.query_one("#tags", Input).value) is None:
            self.post_message(self.Typed(self.request))

    @on(Input.Changed, "#tags")
    def _tags_changed(self, event: Input.Changed) -> None:
        error = broken_at(event.value)
        told = Content("")
        if error is not None:
            told = Content.assemble((f"tags: {error} ", "$error"), ("| is or, & is and, ! is not", "$muted"))
        broken = self.query_one("#broken", SteadyText)
        broken.update(told)
        broken.display = error is not None

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.run()

    @on(Picker.Changed)
    def _chosen(self, event: Picker.Changed) -> None:
        event.stop()
        self.run()

    @property
    def recalls(self) -> bool:
        """Whether there is a query to bring back, in an empty field or one that holds a query brought back."""
        entry = self.query_one("#query", Input)
        return entry.has_focus and bool(self.history) and (not entry.value or entry.value in self.history)

    def recall(self) -> None:
        """Bring back the query before."""
        entry = self.query_one("#query", Input)
        self._recalled = (self._recalled + 1) % len(self.history) if entry.value else 0
        entry.value = self.history[self._recalled]
        entry.cursor_position = len(entry.value)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show the keys of the field."""
        self.screen.refresh_bindings()

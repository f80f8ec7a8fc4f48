"""The console's answer: what came, how, and how long it took; read in one of five views."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList

from flattr_tui.library.console import exchange_views as console_views
from flattr_tui.library.console.api_console import Console
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.library.console.pretty_printer import Document, Kind
from flattr_tui.store.errors import StoreError
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import ANSWER
from flattr_tui.ui.panes.console_history import HistoryList
from flattr_tui.ui.panes.console_symbols import FOR_LOGIN, WRITES
from flattr_tui.ui.panes.response_summary import DIFFERENCE, VIEWS, ViewBar, summary
from flattr_tui.ui.typed_app import app_of
from flattr_tui.ui.widgets.document_view import DocumentView
from flattr_tui.ui.widgets.line_input import LineInput
from flattr_tui.ui.widgets.line_view import MARGIN
from flattr_tui.ui.widgets.steady_text import SteadyText

NOTHING = Content.styled("Nothing sent yet.", "$muted")
LEGEND = Document(
    Kind.TEXT,
    [
        "What comes is read here, in any of these views:",
        "",
        *(f"  {binding.description:<9} {binding.tooltip}" for binding in ANSWER if binding.action.startswith("view")),
        "",
        f"A method with the sign {FOR_LOGIN} is for who is logged in;",
        f"one with {WRITES} changes something, and asks first.",
    ],
)
"""What is shown where nothing came yet."""


class Laid(Message):
    """A document is laid out."""

    def __init__(self, exchange: Exchange | None, view: str, document: Document) -> None:
        super().__init__()
        self.exchange, self.view, self.document = exchange, view, document


class AnswerPane(Vertical):
    """Shows `exchange`. Documents are laid out in a thread: bodies can be large."""

    BINDINGS: ClassVar[list[BindingType]] = list(ANSWER)

    class Show(Message):
        """Another exchange, of the history, is to be shown."""

        def __init__(self, exchange: Exchange) -> None:
            super().__init__()
            self.exchange = exchange

    def __init__(self, console: Console) -> None:
        super().__init__(id="console-answer")
        self.console = console
        self.exchange: Exchange | None = None
        self.view = VIEWS[0]
        self._documents: dict[str, Document] = {}
        self._said = NOTHING
        """What is said before what came."""

    def compose(self) -> ComposeResult:
        """What came, the views, what is looked for, the body or the history."""
        yield SteadyText(id="answer-summary")
        yield ViewBar()
        with Horizontal(id="answer-find"):
            yield LineInput(placeholder="find in what is shown", compact=True)
            yield SteadyText(id="answer-found")
        yield DocumentView(id="answer-body")
        yield HistoryList()

    def on_mount(self) -> None:
        """Nothing came yet."""
        self.show(None)

    # -- what is said

    def say(self, text: Content) -> None:
        """Say something before what is said of the answer that is shown, until another one comes."""
        self._said = text
        self._tell()

    def _tell(self) -> None:
        parts = [self._said] if self._said else []
        if self.exchange is not None:
            app, width = app_of(self), self.query_one("#answer-summary").content_size.width
            parts.append(summary(self.exchange, app.clock(), app.tz, width))
        self.query_one("#answer-summary", SteadyText).update(Content("\n").join(parts))

    # -- what is shown

    def show(self, exchange: Exchange | None, view: str | None = None) -> None:
        """Show an exchange, or none; in the view that was shown, unless that was of several."""
        self.exchange = exchange
        self._documents = {}
        self._said = Content("") if exchange is not None else NOTHING
        self._tell()
        self.view = view or (VIEWS[0] if self.view in {"history", DIFFERENCE} else self.view)
        if exchange is None:
            self._documents = dict.fromkeys(VIEWS[:-1], LEGEND)
        self._show_view()

    def compare(self, old: Exchange, new: Exchange) -> None:
        """Show the difference of two answers."""
        console = self.console

        def lay_out() -> Document:
            return console_views.difference(old, console.body(old), new, console.body(new))

        self._lay_out(DIFFERENCE, lay_out)

    def action_view(self, view: str) -> None:
        """Show another view."""
        self.view = view
        self._show_view()

    def action_turn(self, by: int) -> None:
        """Show the next view, or the one before."""
        at = VIEWS.index(self.view) if self.view in VIEWS else len(VIEWS) - 1
        self.action_view(VIEWS[(at + by) % len(VIEWS)])

    def on_view_bar_chosen(self, event: ViewBar.Chosen) -> None:
        """Show what was clicked."""
        event.stop()
        self.action_view(event.view)

    def on_resize(self) -> None:
        """Say as much as fits, and break the raw text anew."""
        self._tell()
        if self._documents.pop("raw", None) is not None and self.view == "raw":
            self._show_view()

    def _show_view(self) -> None:
        is_history = self.view == "history"
        had_focus = self.has_focus_within and not self.query_one("#answer-find Input", Input).has_focus
        body, history = self.query_one(DocumentView), self.query_one(HistoryList)
        body.display, history.display = not is_history, is_history
        self.query_one(ViewBar).view = self.view
        if is_history:
            self._put_find_away()
            history.show(self.console.history, self.exchange)
        elif self.view in self._documents:
            body.document = self._documents[self.view]
        elif self.exchange is not None:
            self._lay_out(self.view, self._layout(self.exchange, self.view))
        if had_focus or (is_history and self.has_focus_within):
            self.call_after_refresh(self.focus_view)

    def focus_view(self) -> None:
        """Go to what is shown."""
        (self.query_one(HistoryList) if self.view == "history" else self.query_one(DocumentView)).focus()
        self.screen.refresh_bindings()

    def _layout(self, exchange: Exchange, view: str) -> Callable[[], Document]:
        console, width = self.console, self.query_one(DocumentView).scrollable_content_region.width - MARGIN - 1

        def lay_out() -> Document:
            match view:
                case "records":
                    return console_views.records(exchange, console.body(exchange))
                case "headers":
                    return console_views.headers(exchange)
                case "raw":
                    return console_views.sent(exchange, console.body(exchange), width)
            return console_views.body(exchange, console.body(exchange))

        return lay_out

    def _lay_out(self, view: str, lay_out: Callable[[], Document]) -> None:
        exchange = self.exchange

        def work() -> None:
            try:
                document = lay_out()
            except StoreError as error:
                document = Document(Kind.TEXT, [str(error)])
            self.post_message(Laid(exchange, view, document))

        self.app.run_worker(work, "laying out", group="console-view", exclusive=True, exit_on_error=False, thread=True)

    def on_laid(self, message: Laid) -> None:
        """Show what was laid out, where it is still wanted."""
        message.stop()
        if message.exchange is not self.exchange:
            return
        self._documents[message.view] = message.document
        if message.view == DIFFERENCE:
            self.view = message.view
            self._show_view()
        elif message.view == self.view:
            self.query_one(DocumentView).document = message.document

    # -- the history

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (exchange := self.query_one(HistoryList).current) is not None:
            self.post_message(self.Show(exchange))

    @on(HistoryList.Compare)
    def _compare(self, event: HistoryList.Compare) -> None:
        event.stop()
        self.compare(event.old, event.new)

    def leave_view(self) -> bool:
        """Go from a difference to the history that it came from; False where there is none."""
        if self.view == DIFFERENCE:
            self.action_view("history")
            return True
        return False

    # -- finding

    @property
    def finding(self) -> bool:
        """Whether something is looked for."""
        return self.query_one("#answer-find").has_class("-shown")

    def action_find(self) -> None:
        """Type what is looked for."""
        self.query_one("#answer-find").add_class("-shown")
        self.call_after_refresh(self.query_one("#answer-find Input", Input).focus)

    def action_found(self, by: int) -> None:
        """Go to the next place, or the one before."""
        self.query_one(DocumentView).move_to_match(by)

    def leave_find(self) -> bool:
        """Put the search away; False where there was none."""
        if not self.finding:
            return False
        self._put_find_away()
        self.focus_view()
        return True

    def _put_find_away(self) -> None:
        self.query_one("#answer-find").remove_class("-shown")
        self.query_one("#answer-find Input", Input).value = ""
        self.query_one(DocumentView).find("")

    @on(Input.Changed, "#answer-find Input")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#answer-found", SteadyText).update(Content(""))
        self.query_one(DocumentView).find(event.value)

    @on(Input.Submitted, "#answer-find Input")
    def _look(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(DocumentView).focus()

    @on(DocumentView.MatchChanged)
    def _searched(self, event: DocumentView.MatchChanged) -> None:
        event.stop()
        told = f"{event.at:,} of {fmt.plural(event.count, 'line')}" if event.count else "in no line"
        style = "$muted" if event.count else "$warning"
        self.query_one("#answer-found", SteadyText).update(Content.styled(told, style))
        self.screen.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something for."""
        if action == "find":
            return self.view != "history" and self.exchange is not None
        if action == "found":
            return self.finding and bool(self.query_one(DocumentView).matches)
        return True

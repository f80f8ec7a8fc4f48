"""The console's answer: what came, how, and how long it took; read in one of five views."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from flattr_tui.library import console_views
from flattr_tui.library.console import Console
from flattr_tui.library.console_body import Document, Kind
from flattr_tui.library.console_exchange import Exchange
from flattr_tui.store.errors import StoreError
from flattr_tui.ui import format as fmt
from flattr_tui.ui.context import flattr
from flattr_tui.ui.keys import ANSWER, HISTORY
from flattr_tui.ui.widgets.body import BodyView

VIEWS = ("body", "records", "headers", "raw", "history")


def size(number: int) -> str:
    """Write a number of bytes: `21.4 KB`."""
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.1f} KB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"


def summary(exchange: Exchange, now: float) -> Content:
    """Say in a line or two what came."""
    parts: list[Content] = []
    if exchange.answered:
        good = 200 <= exchange.status < 400
        parts.append(Content.styled(str(exchange.status), "bold $success" if good else "bold $error"))
        if not exchange.saved:
            parts.append(Content(f"{exchange.elapsed * 1000:,.0f} ms"))
        parts += [Content(size(exchange.size)), Content(exchange.content_type.partition(";")[0])]
        if exchange.rate is not None:
            parts.append(Content.styled(f"{exchange.rate.remaining:,} of {exchange.rate.limit:,} left", "$muted"))
    if exchange.saved:
        parts.append(Content.styled(f"◐ saved {fmt.ago(now - exchange.fetched_at)}", "$accent"))
    told = Content.styled(" · ", "$muted").join(parts)
    for text, style in ((exchange.problem and f"! {exchange.problem}", "$error"), (exchange.note, "$muted")):
        if text:
            told = told + Content("\n" if told else "") + Content.styled(text, style)
    return told


class ViewBar(Widget):
    """The views, the one that is shown marked; a click shows another."""

    DEFAULT_CSS = "ViewBar { height: 1; width: 1fr; color: $muted; }"

    view: reactive[str] = reactive(VIEWS[0])

    class Chosen(Message):
        """A view was clicked."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def render(self) -> Content:
        """Write them."""
        return Content("  ").join(
            Content.styled(name, "bold $accent underline" if name == self.view else "$muted") for name in VIEWS
        )

    async def _on_click(self, event: events.Click) -> None:
        at = 0
        for name in VIEWS:
            if at <= event.x < at + len(name):
                self.post_message(self.Chosen(name))
            at += len(name) + 2


class HistoryList(OptionList):
    """What was sent, the latest first."""

    BINDINGS: ClassVar[list[BindingType]] = list(HISTORY)

    class Replay(Message):
        """One is to be sent again."""

        def __init__(self, exchange: Exchange) -> None:
            super().__init__()
            self.exchange = exchange

    class Compare(Message):
        """Two are to be compared; the other is the one that is shown where only one is marked."""

        def __init__(self, old: Exchange, new: Exchange | None) -> None:
            super().__init__()
            self.old, self.new = old, new

    def __init__(self) -> None:
        super().__init__(id="answer-history", markup=False, compact=True)
        self.exchanges: Sequence[Exchange] = ()
        self._marked: list[Exchange] = []

    def show(self, exchanges: Sequence[Exchange]) -> None:
        """List exchanges."""
        self.exchanges = exchanges
        self._marked = [exchange for exchange in self._marked if exchange in exchanges]
        self._list()

    def _list(self) -> None:
        at = self.highlighted
        app = flattr(self)
        self.set_options([Option(self._told(e, app.clock())) for e in self.exchanges])
        self.highlighted = min(at or 0, len(self.exchanges) - 1) if self.exchanges else None

    def _told(self, exchange: Exchange, now: float) -> Content:
        good = not exchange.problem
        return Content.assemble(
            ("✓ " if exchange in self._marked else "  ", "bold $accent"),
            (f"{fmt.clock(exchange.sent_at, flattr(self).tz)}  ", "$muted"),
            (f"{exchange.status or '–':>3}  ", "$success" if good else "$error"),
            str(exchange),
            (f"  {exchange.format}", "$muted"),
            (f"  {fmt.ago(now - exchange.sent_at)}", "$muted"),
        )

    @property
    def current(self) -> Exchange | None:
        """The one under the cursor."""
        at = self.highlighted
        return self.exchanges[at] if at is not None and at < len(self.exchanges) else None

    def action_mark(self) -> None:
        """Mark it, or no more; two are marked at most."""
        if self.current is None:
            return
        if self.current in self._marked:
            self._marked.remove(self.current)
        else:
            self._marked = [*self._marked[-1:], self.current]
        self._list()

    def action_replay(self) -> None:
        """Send it again."""
        if self.current is not None:
            self.post_message(self.Replay(self.current))

    def action_compare(self) -> None:
        """Compare."""
        if len(self._marked) == 2:
            old, new = sorted(self._marked, key=lambda exchange: exchange.sent_at)
            self.post_message(self.Compare(old, new))
        elif self.current is not None:
            self.post_message(self.Compare(self.current, None))


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

    def compose(self) -> ComposeResult:
        """What came, the views, what is looked for, the body or the history."""
        yield Static(id="answer-summary", markup=False)
        yield ViewBar()
        yield Input(id="answer-find", placeholder="find in the body", compact=True)
        yield BodyView(id="answer-body")
        yield HistoryList()

    def on_mount(self) -> None:
        """Nothing came yet."""
        self._show_view()
        self.say(Content.styled("Nothing sent yet. ctrl+s sends the request.", "$muted"))

    def say(self, text: Content) -> None:
        """Say something above the views."""
        self.query_one("#answer-summary", Static).update(text)

    def show(self, exchange: Exchange, view: str | None = None) -> None:
        """Show an exchange; in the view that was shown, unless that was the history."""
        self.exchange = exchange
        self._documents = {}
        self.say(summary(exchange, flattr(self).clock()))
        self.view = view or ("body" if self.view == "history" else self.view)
        self._show_view()

    def compare(self, old: Exchange, new: Exchange) -> None:
        """Show the difference of two answers."""
        console = self.console

        def lay_out() -> Document:
            return console_views.difference(old, console.body(old), new, console.body(new))

        self._lay_out("difference", lay_out)

    def action_view(self, view: str) -> None:
        """Show another view."""
        self.view = view
        self._show_view()

    def action_turn(self, by: int) -> None:
        """Show the next view, or the one before."""
        at = VIEWS.index(self.view) if self.view in VIEWS else 0
        self.action_view(VIEWS[(at + by) % len(VIEWS)])

    def on_view_bar_chosen(self, event: ViewBar.Chosen) -> None:
        """Show what was clicked."""
        event.stop()
        self.action_view(event.view)

    def _show_view(self) -> None:
        is_history = self.view == "history"
        had_focus = self.has_focus_within
        body, history = self.query_one(BodyView), self.query_one(HistoryList)
        body.display, history.display = not is_history, is_history
        self.query_one(ViewBar).view = self.view
        if is_history:
            history.show(self.console.history)
        elif self.view in self._documents:
            body.document = self._documents[self.view]
        elif self.exchange is not None:
            self._lay_out(self.view, self._layout(self.exchange, self.view))
        if had_focus and not self.query_one("#answer-find", Input).has_focus:
            self.call_after_refresh(self.focus_view)

    def focus_view(self) -> None:
        """Go to what is shown."""
        (self.query_one(HistoryList) if self.view == "history" else self.query_one(BodyView)).focus()

    def _layout(self, exchange: Exchange, view: str) -> Callable[[], Document]:
        console, width = self.console, self.query_one(BodyView).scrollable_content_region.width - 3

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
        if message.view == "difference":
            self.view = message.view
            self._documents[message.view] = message.document
            self._show_view()
            return
        self._documents[message.view] = message.document
        if message.view == self.view:
            self.query_one(BodyView).document = message.document

    # -- the history

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (exchange := self.query_one(HistoryList).current) is not None:
            self.post_message(self.Show(exchange))

    @on(HistoryList.Compare)
    def _compare(self, event: HistoryList.Compare) -> None:
        event.stop()
        new = event.new or self.exchange
        if new is not None:
            self.compare(event.old, new)

    # -- finding

    def action_find(self) -> None:
        """Type what is looked for."""
        entry = self.query_one("#answer-find", Input)
        entry.add_class("-shown")
        self.call_after_refresh(entry.focus)

    def action_found(self, by: int) -> None:
        """Go to the next place, or the one before."""
        self.query_one(BodyView).go_to_place(by)

    def leave_find(self) -> bool:
        """Put the search away; False where there was none."""
        entry = self.query_one("#answer-find", Input)
        if not entry.has_class("-shown"):
            return False
        entry.remove_class("-shown")
        entry.value = ""
        self.query_one(BodyView).find("")
        self.focus_view()
        return True

    @on(Input.Submitted, "#answer-find")
    def _look(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(BodyView).find(event.value)
        self.query_one(BodyView).focus()

    @on(BodyView.Searched)
    def _searched(self, event: BodyView.Searched) -> None:
        event.stop()
        flattr(self).tell(f"{fmt.plural(event.count, 'line')} with “{event.word}”; n and N go through them.")

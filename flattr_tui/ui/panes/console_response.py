"""The console's response: a summary, and a bar to choose one of its five views."""

from collections.abc import Callable
from datetime import tzinfo
from http import HTTPStatus
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, OptionList

from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import (
    Exchange,
    body_document,
    diff_document,
    headers_document,
    raw_document,
    records_document,
)
from flattr_tui.library.console.pretty_printer import Document, Syntax
from flattr_tui.store.errors import StoreError
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.bindings import ANSWER
from flattr_tui.ui.panes.console_methods import LOGIN_SYMBOL, WRITE_SYMBOL
from flattr_tui.ui.panes.console_requests import HistoryList
from flattr_tui.ui.widgets.base_widgets import MARGIN, EvenLines, SteadyText
from flattr_tui.ui.widgets.document_view import DocumentView
from flattr_tui.ui.widgets.inputs import LineInput

VIEWS = ("body", "records", "headers", "raw", "history")
DIFFERENCE = "difference"
"""Id of the view that compares two responses. It is opened from the history."""
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_DOT = Content.styled(" · ", "$muted")


def format_status(exchange: Exchange) -> Content:
    """Return the status code of a response and its name, in the colour of success or of failure.

    The page of a captive portal, which answers in place of the server, counts as a failure.
    """
    number = exchange.status
    style = "bold $error" if not 200 <= number < 400 else "bold $warning" if exchange.problem else "bold $success"
    return Content.styled(f"{number} {_PHRASES.get(number, '')}".rstrip(), style)


def summarize(exchange: Exchange, now: float, tz: tzinfo, width: int) -> Content:
    """Return a summary of a request and its response: status and size, then problems and notes, then the request.

    Status and size are shortened to one line of `width` cells. `now` is the current time in Unix seconds.
    """
    lines = [_status_line(exchange, now, tz, width)]
    if exchange.problem:
        lines.append(Content.styled(f"! {exchange.problem[:1].upper()}{exchange.problem[1:]}", "$error"))
    if exchange.note:
        lines.append(Content.styled(exchange.note, "$muted" if exchange.saved else "$warning"))
    text = " · ".join([str(exchange), exchange.format, *([f"as {exchange.account}"] if exchange.account else [])])
    lines.append(Content.styled(text, "$muted"))
    return Content("\n").join(lines)


def _status_line(exchange: Exchange, now: float, tz: tzinfo, width: int) -> Content:
    if not exchange.has_response:
        return Content.styled("no response", "bold $error")
    parts = [format_status(exchange)]
    if exchange.saved:
        parts.append(Content.styled(f"◐ saved {fmt.ago(now - exchange.fetched_at)}", "$accent"))
    else:
        parts.append(Content(f"{exchange.elapsed * 1000:,.0f} ms"))
    parts += [Content(fmt.byte_size(exchange.size)), Content(exchange.content_type.partition(";")[0])]
    if exchange.rate is not None:
        left = f"{exchange.rate.remaining:,} of {exchange.rate.limit:,} left"
        parts.append(Content.styled(left, "$muted"))
        if exchange.rate.reset:
            parts.append(Content.styled(f"resets {fmt.clock(exchange.rate.reset, tz)}", "$muted"))
    while len(parts) > 1 and _DOT.join(parts).cell_length > width:
        parts.pop()
    return _DOT.join(parts)


class ViewBar(Widget):
    """A line with the names and keys of the views. The current view is highlighted; a click shows another view."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "ViewBar { height: 1; width: 1fr; color: $muted; }"

    view: reactive[str] = reactive(VIEWS[0])

    class Chosen(Message):
        """Message: the user clicked on a view."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def _keys_by_view(self) -> dict[str, str]:
        """Return the display name of each view's key, by the id of the view.

        The result is empty while the focus is outside the response, because the keys of the views don't work then.
        """
        found: dict[str, str] = {}
        if not isinstance(self.parent, Widget) or not self.parent.has_focus_within:
            return found
        for active in self.screen.active_bindings.values():
            for view in VIEWS:
                if active.binding.action == f"view('{view}')":
                    found.setdefault(view, self.app.get_key_display(active.binding))
        return found

    def _fit_tabs(self) -> list[tuple[str, Content]]:
        """Return the tabs in the longest form that fits: with keys, without keys, or only the tab of the current view.

        Each tab is a pair: the id of the view, and the label.
        """
        names = (*VIEWS, DIFFERENCE) if self.view == DIFFERENCE else VIEWS
        keys = self._keys_by_view()
        long = [(name, self._tab(name, keys.get(name, ""))) for name in names]
        short = [(name, self._tab(name, "")) for name in names]
        for tabs in (long, short):
            if sum(tab.cell_length + 2 for _, tab in tabs) - 2 <= self.content_size.width:
                return tabs
        return [(self.view, self._tab(self.view, ""))]

    def _tab(self, name: str, key: str) -> Content:
        text = Content.styled(name, "bold $accent underline" if name == self.view else "$muted")
        return Content.styled(f"{key} ", "$primary") + text if key else text

    def render(self) -> Content:
        return Content("  ").join(tab for _, tab in self._fit_tabs())

    async def _on_click(self, event: events.Click) -> None:
        at = 0
        for name, tab in self._fit_tabs():
            if at <= event.x < at + tab.cell_length:
                self.post_message(self.Chosen(name))
            at += tab.cell_length + 2


NO_RESPONSE = Content.styled("Nothing sent yet.", "$muted")
VIEW_HELP = Document(
    Syntax.TEXT,
    [
        "The response appears here, in any of these views:",
        "",
        *(f"  {binding.description:<9} {binding.tooltip}" for binding in ANSWER if binding.action.startswith("view")),
        "",
        f"Methods marked {LOGIN_SYMBOL} need a login;",
        f"those marked {WRITE_SYMBOL} change something, and ask first.",
    ],
)
"""The text that the pane shows before the first response."""


class LayoutReady(Message):
    """Message: a document was laid out in a thread, and can now be shown."""

    def __init__(self, exchange: Exchange | None, view: str, document: Document) -> None:
        super().__init__()
        self.exchange, self.view, self.document = exchange, view, document


class ResponsePane(EvenLines, Vertical):
    """Shows an exchange, which is a request and its response, in several views.

    The documents of the views are laid out in a thread, because bodies can be large.
    """

    BINDINGS: ClassVar[list[BindingType]] = list(ANSWER)

    class ExchangeChosen(Message):
        """Message: the user chose an exchange of the history."""

        def __init__(self, exchange: Exchange) -> None:
            super().__init__()
            self.exchange = exchange

    def __init__(self, console: ApiConsole) -> None:
        super().__init__(id="console-answer")
        self.console = console
        self.exchange: Exchange | None = None
        self.view = VIEWS[0]
        self._documents: dict[str, Document] = {}
        """The documents of the exchange that have been laid out so far, by view."""
        self._message = NO_RESPONSE
        """The text above the summary."""

    def compose(self) -> ComposeResult:
        yield SteadyText(id="answer-summary")
        yield ViewBar()
        with Horizontal(id="answer-find"):
            yield LineInput(placeholder="find in this text", compact=True)
            yield SteadyText(id="answer-found")
        yield DocumentView(id="answer-body")
        yield HistoryList()

    def on_mount(self) -> None:
        self.show(None)

    # -- the summary

    def show_message(self, text: Content) -> None:
        """Show a text above the summary, until the next response."""
        self._message = text
        self._update_summary()

    def _update_summary(self) -> None:
        parts = [self._message] if self._message else []
        if self.exchange is not None:
            app, width = app_of(self), self.query_one("#answer-summary").content_size.width
            parts.append(summarize(self.exchange, app.clock(), app.tz, width))
        self.query_one("#answer-summary", SteadyText).update(Content("\n").join(parts))

    # -- the exchange shown

    def show(self, exchange: Exchange | None, view: str | None = None) -> None:
        """Show an exchange in the view with the id `view`; if `exchange` is None, show an explanation of the views.

        If `view` is None, the current view stays. But if the current view is the history or a comparison, the body is
        shown.
        """
        self.exchange = exchange
        self._documents = {}
        self._message = Content("") if exchange is not None else NO_RESPONSE
        self._update_summary()
        self.view = view or (VIEWS[0] if self.view in {"history", DIFFERENCE} else self.view)
        if exchange is None:
            self._documents = dict.fromkeys(VIEWS[:-1], VIEW_HELP)
        self._show_view()

    def compare(self, old: Exchange, new: Exchange) -> None:
        """Show the difference between the responses of two exchanges as soon as a thread has computed it."""
        console = self.console

        def lay_out() -> Document:
            return diff_document(old, console.body(old), new, console.body(new))

        self._lay_out(DIFFERENCE, lay_out)

    def action_view(self, view: str) -> None:
        self.view = view
        self._show_view()

    def action_turn(self, by: int) -> None:
        at = VIEWS.index(self.view) if self.view in VIEWS else len(VIEWS) - 1
        self.action_view(VIEWS[(at + by) % len(VIEWS)])

    def on_view_bar_chosen(self, event: ViewBar.Chosen) -> None:
        event.stop()
        self.action_view(event.view)

    def on_resize(self) -> None:
        self._update_summary()
        if self._documents.pop("raw", None) is not None and self.view == "raw":
            self._show_view()

    def _show_view(self) -> None:
        is_history = self.view == "history"
        had_focus = self.has_focus_within and not self.query_one("#answer-find Input", Input).has_focus
        body, history = self.query_one(DocumentView), self.query_one(HistoryList)
        body.display, history.display = not is_history, is_history
        self.query_one(ViewBar).view = self.view
        if is_history:
            self._close_find()
            history.show(self.console.history, self.exchange)
        elif self.view in self._documents:
            body.document = self._documents[self.view]
        elif self.exchange is not None:
            self._lay_out(self.view, self._layout(self.exchange, self.view))
        if had_focus or (is_history and self.has_focus_within):
            self.call_after_refresh(self.focus_view)

    def focus_view(self) -> None:
        """Focus the current view."""
        (self.query_one(HistoryList) if self.view == "history" else self.query_one(DocumentView)).focus()
        self.screen.refresh_bindings()

    def _layout(self, exchange: Exchange, view: str) -> Callable[[], Document]:
        console, width = self.console, self.query_one(DocumentView).scrollable_content_region.width - MARGIN - 1

        def lay_out() -> Document:
            match view:
                case "records":
                    return records_document(exchange, console.body(exchange))
                case "headers":
                    return headers_document(exchange)
                case "raw":
                    return raw_document(exchange, console.body(exchange), width)
            return body_document(exchange, console.body(exchange))

        return lay_out

    def _lay_out(self, view: str, lay_out: Callable[[], Document]) -> None:
        exchange = self.exchange

        def work() -> None:
            try:
                document = lay_out()
            except StoreError as error:
                document = Document(Syntax.TEXT, [str(error)])
            self.post_message(LayoutReady(exchange, view, document))

        self.app.run_worker(work, "laying out", group="console-view", exclusive=True, exit_on_error=False, thread=True)

    def on_layout_ready(self, message: LayoutReady) -> None:
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
            self.post_message(self.ExchangeChosen(exchange))

    @on(HistoryList.CompareRequested)
    def _compare(self, event: HistoryList.CompareRequested) -> None:
        event.stop()
        self.compare(event.old, event.new)

    def leave_difference(self) -> bool:
        """If a comparison of responses is shown, go back to the history. Returns whether a comparison was shown."""
        if self.view == DIFFERENCE:
            self.action_view("history")
            return True
        return False

    # -- finding

    @property
    def is_finding(self) -> bool:
        """Whether the search input is shown."""
        return self.query_one("#answer-find").has_class("-shown")

    def action_find(self) -> None:
        self.query_one("#answer-find").add_class("-shown")
        self.call_after_refresh(self.query_one("#answer-find Input", Input).focus)

    def action_found(self, by: int) -> None:
        self.query_one(DocumentView).move_to_match(by)

    def close_find(self) -> bool:
        """Close the search. Returns False if it was not open."""
        if not self.is_finding:
            return False
        self._close_find()
        self.focus_view()
        return True

    def _close_find(self) -> None:
        self.query_one("#answer-find").remove_class("-shown")
        self.query_one("#answer-find Input", Input).value = ""
        self.query_one(DocumentView).find("")

    @on(Input.Changed, "#answer-find Input")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#answer-found", SteadyText).update(Content(""))
        self.query_one(DocumentView).find(event.value)

    @on(Input.Submitted, "#answer-find Input")
    def _find_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(DocumentView).focus()

    @on(DocumentView.MatchChanged)
    def _match_changed(self, event: DocumentView.MatchChanged) -> None:
        event.stop()
        text = f"{event.at:,} of {fmt.plural(event.count, 'line')}" if event.count else "no match"
        style = "$muted" if event.count else "$warning"
        self.query_one("#answer-found", SteadyText).update(Content.styled(text, style))
        self.screen.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "find":
            return self.view != "history" and self.exchange is not None and self.exchange.has_response
        if action == "found":
            return self.is_finding and bool(self.query_one(DocumentView).matches)
        return True

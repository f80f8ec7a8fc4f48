"""The console's requests: the question before a write, the sending, the list of earlier ones, and copies of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.widgets import Static
from textual.widgets.option_list import Option
from textual.worker import Worker

from flattr_tui.api.method_table import Format, Method
from flattr_tui.library.account.account_manager import AccountManager
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import Exchange, get_command, httpx_program
from flattr_tui.library.errors import FlattrError
from flattr_tui.library.library import Library
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Thing
from flattr_tui.store.errors import StoreError
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import UserNotice, app_of
from flattr_tui.ui.bindings import HISTORY, OPTION_MOVES
from flattr_tui.ui.widgets.dialogs import ChoiceDialog, KeyHints, YesNoDialog
from flattr_tui.ui.widgets.inputs import PageableOptionList


class RequestFinished(Message):
    """Message: a request has finished.

    `number` is the number of the request (`PendingRequest.number`). `exchange` is None if the request failed.
    """

    def __init__(self, number: int, exchange: Exchange | None) -> None:
        super().__init__()
        self.number, self.exchange = number, exchange


class TokenKnown(Message):
    """Message: the account's token was loaded. The console can now show requests with it."""


async def load_token(accounts: AccountManager, receiver: MessagePump) -> None:
    """Load the account's token, and post `TokenKnown` to `receiver`; if that fails, post a `UserNotice` instead."""
    try:
        await accounts.ready()
    except FlattrError as error:
        receiver.post_message(UserNotice(f"The login can't be used: {error}", "warning"))
    else:
        receiver.post_message(TokenKnown())


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request that is being sent."""

    number: int
    """Number of the request in this console, from 1. Its response is recognized by this number."""
    method: Method
    arguments: Mapping[str, str]
    since: float
    """When the request was sent, in Unix seconds."""

    def status_text(self, now: float) -> Content:
        """Return a status line: which method was sent, how many seconds ago, and how to stop waiting."""
        seconds = int(now - self.since)
        since = f" for {seconds} s" if seconds > 0 else ""
        return Content.styled(f"⋯ Waiting for {self.method.name}{since}. Press esc to stop.", "$accent")

    def stopped_text(self) -> Content:
        """Return a sentence that says that the user stopped waiting for the response."""
        text = "Stopped. The server may have done it anyway." if self.method.writes else "Stopped."
        return Content.styled(text, "$warning")


def send_request(receiver: Widget, console: ApiConsole, pending: PendingRequest, format: Format) -> Worker[None]:
    """Start a worker that sends the request `pending`, and posts `RequestFinished` to `receiver` when it has finished.

    Returns the worker. `console` sends the request, and `format` is the format of the response to ask for.
    If the request is a write, the user must have confirmed it. The worker belongs to the app, so the request continues
    if the user leaves the page. All pages show the effect of a write before the server responds. After the response,
    the data that the write has changed is fetched again.
    """
    app, services = receiver.app, app_of(receiver)

    def changed() -> None:
        app.call_later(services.items_changed)

    actions = services.writes.service
    if actions is not None:
        actions.set_listener(changed)
    wrap_write = actions.perform_custom if actions is not None else None
    method = pending.method

    async def work() -> None:
        came: Exchange | None = None
        try:
            came = await console.send(method, pending.arguments, format, confirmed=method.writes, wrap_write=wrap_write)
        finally:  # also after a failure, so that the console stops waiting
            receiver.post_message(RequestFinished(pending.number, came))

    return app.run_worker(work(), "sending", group="console", exit_on_error=False)


def late_notice(exchange: Exchange) -> tuple[str, str]:
    """Return the text and the severity of a notice about a write that ended after the user had stopped waiting."""
    if exchange.problem:
        return f"{exchange}: {exchange.problem}", "warning"
    return f"{exchange}: done, the server responded with ({exchange.status}).", "information"


def describe_target(library: Library, arguments: Mapping[str, str]) -> str:
    """Return the title and owner of the thing that a request is about: `“Night train” by ada`.

    The id of the thing is in `arguments`. Returns "" if there is no id, or if the thing is not saved in `library`.
    """
    number = arguments.get("id", "")
    known = library.record(ApiRequest.of("thing", id=number)).entity if number else None
    if not isinstance(known, Thing):
        return ""
    by = f" by {known.owner.username}" if known.owner else ""
    return f"“{known.title}”{by}"


class HistoryList(PageableOptionList):
    """The list of earlier requests with their responses (exchanges), the latest first."""

    BINDINGS: ClassVar[list[BindingType]] = [*HISTORY, *OPTION_MOVES]

    class ReplayRequested(Message):
        """Message: the user wants to send an earlier request again."""

        def __init__(self, exchange: Exchange) -> None:
            super().__init__()
            self.exchange = exchange

    class CompareRequested(Message):
        """Message: the user wants to compare two responses."""

        def __init__(self, old: Exchange, new: Exchange) -> None:
            super().__init__()
            self.old, self.new = old, new

    def __init__(self) -> None:
        super().__init__(id="answer-history", markup=False, compact=True)
        self.exchanges: Sequence[Exchange] = ()
        self.shown: Exchange | None = None
        """The request and response that the console's other views show."""
        self._marked: list[Exchange] = []

    def show(self, exchanges: Sequence[Exchange], shown: Exchange | None) -> None:
        """List `exchanges`. `shown` is the exchange that the console's other views show; None if they show none.

        A sign in the list marks `shown`. The cursor stays on its exchange; if the list was empty, it starts on `shown`.
        """
        current = self.current or shown
        self.exchanges, self.shown = exchanges, shown
        self._marked = [exchange for exchange in self._marked if _index_of(exchange, exchanges) is not None]
        self._update_options(_index_of(current, exchanges) or 0)

    def _update_options(self, at: int) -> None:
        now = app_of(self).clock()
        if not self.exchanges:
            self.set_options([Option(Content.styled("Nothing has been sent yet.", "$muted"), disabled=True)])
            return
        self.set_options([Option(self._option_text(exchange, now)) for exchange in self.exchanges])
        self.highlighted = at

    def _option_text(self, exchange: Exchange, now: float) -> Content:
        tz = app_of(self).tz
        mark = "✓" if _index_of(exchange, self._marked) is not None else "▸" if exchange is self.shown else " "
        status = str(exchange.status) if exchange.has_response else "–"
        style = "$error" if exchange.problem else "$accent" if exchange.saved else "$success"
        return Content.assemble(
            (f"{mark} ", "bold $accent"),
            (f"{status:>3}", style),
            ("◐" if exchange.saved else " ", "$accent"),
            f" {exchange}",
            (f"  {exchange.format}", "$muted"),
            (f"  {fmt.when(exchange.sent_at, now, tz)}", "$muted"),
        )

    @property
    def current(self) -> Exchange | None:
        """The exchange under the cursor; None if nothing was sent yet."""
        at = self.highlighted
        return self.exchanges[at] if at is not None and at < len(self.exchanges) else None

    def action_mark(self) -> None:
        """Mark or unmark the exchange under the cursor. If two others are marked, unmark the one marked first."""
        current = self.current
        if current is None:
            return
        if _index_of(current, self._marked) is not None:
            self._marked = [exchange for exchange in self._marked if exchange is not current]
        else:
            self._marked = [*self._marked[-1:], current]
        self._update_options(self.highlighted or 0)

    def action_replay(self) -> None:
        if self.current is not None:
            self.post_message(self.ReplayRequested(self.current))

    def action_compare(self) -> None:
        """Compare the responses of the two marked exchanges.

        If fewer than two are marked, the exchange under the cursor is compared with the first of these that is another
        exchange: the marked one, the one that the other views show, the next older one.
        """
        at = self.highlighted
        if self.current is None or at is None:
            return
        others = [*self._marked, self.shown, *self.exchanges[at + 1 : at + 2]]
        other = next((one for one in others if one is not None and one is not self.current), None)
        pair = self._marked if len(self._marked) == 2 else [other, self.current]
        places = [place for one in pair if (place := _index_of(one, self.exchanges)) is not None]
        if len(places) < 2:
            app_of(self).notify_user("There is no other response to compare it with. Send another request.", "warning")
            return
        self.post_message(self.CompareRequested(self.exchanges[max(places)], self.exchanges[min(places)]))


def _index_of(exchange: Exchange | None, exchanges: Sequence[Exchange]) -> int | None:
    """Return the index of `exchange` itself, and not of an equal one; None if `exchanges` lacks it."""
    return next((at for at, one in enumerate(exchanges) if one is exchange), None)


class ConfirmSendDialog(YesNoDialog):
    """Asks for a confirmation before a write is sent, with a preview of the request.

    Enter does not confirm, because enter also sends the form, and is easily pressed twice.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes", id="confirm.yes"),
        Binding("escape,n,q,backspace", "answer(False)", "no", id="confirm.no"),
    ]

    LIST_LINES = 12

    def __init__(self, question: str, preview: Callable[[int], Content]) -> None:
        """Ask `question` above a preview of the request. `preview` returns the preview for a width in cells."""
        super().__init__()
        self._question = question
        self._preview = preview

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            with VerticalScroll():
                yield Static(id="confirm-request", markup=False)
            yield KeyHints(("y", "yes"), ("esc", "no"))

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_request)

    def _show_request(self) -> None:
        request = self.query_one("#confirm-request", Static)
        request.update(self._preview(request.content_size.width))
        self.call_after_refresh(self.fit_list)


COPY_FORMS: Mapping[str, str] = {
    "curl": "curl",
    "curl-token": "curl, with the token in it",
    "httpx": "Python with httpx",
    "command": "flattr-tui get",
    "address": "the address",
    "body": "the response's body",
}
"""The forms in which a request or its response can be copied, with their labels by id."""


def offer_copies(
    node: DOMNode,
    console: ApiConsole,
    method: Method,
    arguments: Mapping[str, str],
    format: Format,
    exchange: Exchange | None = None,
) -> None:
    """Ask the user what to copy: a request in one of several forms, such as a curl command, or the response to it.

    The request and the response are those of `exchange`. If `exchange` is None, the request is made from `method`,
    `arguments` and `format`, and no response is offered. `node` is a screen or widget of the app. Raises `UsageError`
    if the arguments are invalid.
    """
    app, services = node.app, app_of(node)  # the worker's thread has no active app
    request = exchange.request if exchange is not None else console.prepare(method, arguments, format)
    texts: dict[str, Callable[[], str]] = {
        "curl": lambda: console.curl_command(request),
        "curl-token": lambda: console.curl_command(request, with_token=True),
        "httpx": lambda: httpx_program(request),
        "command": lambda: get_command(method, arguments, format, console.source.name),
        "address": lambda: request.url,
        "body": lambda: _response_text(console, exchange),
    }
    if "Authorization" not in request.headers:
        del texts["curl-token"]
    if exchange is None or not exchange.size:
        del texts["body"]

    def copy(name: str | None) -> None:
        if name is None:
            return

        def work() -> None:
            try:
                text = texts[name]()
            except StoreError as error:
                app.call_from_thread(services.notify_user, str(error), "error")
            else:
                app.call_from_thread(partial(services.copy_text, text, name=COPY_FORMS[name]))

        app.run_worker(work, "copying", group="copy", exit_on_error=False, thread=True)

    app.push_screen(ChoiceDialog("Copy as what?", [(name, COPY_FORMS[name]) for name in texts]), copy)


def _response_text(console: ApiConsole, exchange: Exchange | None) -> str:
    return ((console.body(exchange) if exchange is not None else None) or b"").decode("utf-8", errors="replace")

"""The console's dialogs: confirm a write, and copy a request in one of several forms."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.dom import DOMNode
from textual.widgets import Static

from flattr_tui.api.method_table import Format, Method
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.store.errors import StoreError
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.widgets.dialogs import ChoiceDialog, Dialog, KeyHints


class ConfirmSendDialog(Dialog[bool]):
    """Asks for a confirmation before a write is sent. The result says whether the user agreed.

    Enter does not confirm, because enter also sends the form, so that it is easily pressed twice.
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

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


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
    """Let the user choose in which form to copy the request or the response of an exchange, then copy it.

    Without an `exchange`, only the request can be copied, which is made from `arguments`. Raises `UsageError` if these
    are invalid.
    """
    app, services = node.app, app_of(node)  # the worker's thread has no active app
    request = exchange.request if exchange is not None else console.prepare(method, arguments, format)
    texts: dict[str, Callable[[], str]] = {
        "curl": lambda: console.curl_command(request),
        "curl-token": lambda: console.curl_command(request, with_token=True),
        "httpx": lambda: console.httpx_program(request),
        "command": lambda: console.get_command(method, arguments, format),
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

"""The API console: choose a method, fill in its parameters, send the request, read the answer."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from flattr_tui.api.errors import UsageError
from flattr_tui.api.methods import Format, Method
from flattr_tui.api.requests import Prepared
from flattr_tui.library.console import Console, consequence
from flattr_tui.library.console_exchange import Exchange
from flattr_tui.model.entities import Thing
from flattr_tui.model.request import Request
from flattr_tui.ui.context import flattr
from flattr_tui.ui.keys import CONSOLE
from flattr_tui.ui.panes.console_answer import AnswerPane, HistoryList
from flattr_tui.ui.panes.console_dialogs import COPIES, ConfirmSend
from flattr_tui.ui.panes.console_form import ConsoleForm, shown
from flattr_tui.ui.panes.console_methods import MethodList, MethodsPane
from flattr_tui.ui.screens.base import Page
from flattr_tui.ui.screens.pick import Pick

STAGES = ("methods", "form", "answer")
"""What one goes through, from left to right; where there is little room, one at a time is seen."""


class Sent(Message):
    """What came of a request; None where it was stopped or broke off."""

    def __init__(self, exchange: Exchange | None) -> None:
        super().__init__()
        self.exchange = exchange


class ConsoleScreen(Page):
    """See the module."""

    BINDINGS: ClassVar[list[BindingType]] = list(CONSOLE)
    AUTO_FOCUS = "#method-list"
    WORKER = "console"

    sending = False

    @property
    def console(self) -> Console | None:
        """What sends."""
        return flattr(self).library.console

    def body(self) -> ComposeResult:
        """The methods and the form, and beside them the answer."""
        console = self.console
        if console is None:
            yield Static(Content.styled("There is no console here.", "$muted"), classes="console-none", markup=False)
            return
        with Horizontal(id="console", classes="split"):
            with Vertical(id="console-left"):
                yield MethodsPane(id="console-methods")
                yield ConsoleForm(console)
            yield AnswerPane(console)

    def on_mount(self) -> None:
        """Read the history of earlier runs, and begin at the methods."""
        super().on_mount()
        self._stage("methods")
        if self.console is not None:
            self.app.run_worker(
                self.console.load, "reading the history", group="console-history", exit_on_error=False, thread=True
            )

    def source_changed(self) -> None:
        """The library is another one: ask and show there."""
        self.app.workers.cancel_group(self.app, self.WORKER)
        self.sending = False
        self.refresh(recompose=True)
        self.call_after_refresh(lambda: self._stage("methods"))

    # -- the three stages

    def _stage(self, stage: str) -> None:
        for name in STAGES:
            self.set_class(name == stage, f"-{name}")

    def go_to(self, stage: str) -> None:
        """Go to a stage, and put the focus there once it is seen."""
        if self.console is None:
            return
        self._stage(stage)
        self.call_after_refresh(self._focus, stage)

    def _focus(self, stage: str) -> None:
        if stage == "methods":
            self.query_one(MethodList).focus()
        elif stage == "form":
            self.query_one(ConsoleForm).focus_first()
        else:
            self.query_one(AnswerPane).focus_view()

    @property
    def stage(self) -> str:
        """Where one is."""
        return next((name for name in STAGES if self.has_class(f"-{name}")), STAGES[0])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Be where the focus is."""
        within = {type(node) for node in event.widget.ancestors_with_self}
        for kind, stage in ((MethodsPane, "methods"), (ConsoleForm, "form"), (AnswerPane, "answer")):
            if kind in within:
                self._stage(stage)
        self.refresh_bindings()

    def action_methods(self) -> None:
        """To the methods."""
        self.go_to("methods")

    def action_focus_methods(self) -> None:
        """From what is looked for to what is found."""
        self.query_one(MethodList).focus()

    def action_form(self) -> None:
        """To the parameters."""
        self.go_to("form")

    def action_answer(self) -> None:
        """To the answer."""
        self.go_to("answer")

    def action_back(self) -> None:
        """From the answer to the form, from there to the methods, from there as everywhere."""
        if self.console is None:
            super().action_back()
        elif self.sending:
            self.action_stop()
        elif self.stage == "answer":
            if not self.query_one(AnswerPane).leave_find():
                self.go_to("form")
        elif self.stage == "form" or not isinstance(self.focused, MethodList):
            self.go_to("methods")
        else:
            super().action_back()

    # -- choosing and filling in

    async def on_methods_pane_highlighted(self, event: MethodsPane.Highlighted) -> None:
        """Ask for the method's parameters."""
        event.stop()
        form = self.query_one(ConsoleForm)
        if form.method is not event.method or not form.fields():
            await form.show(event.method)

    def on_methods_pane_chosen(self, event: MethodsPane.Chosen) -> None:
        """Go and fill them in."""
        event.stop()
        self.go_to("form")

    def action_clear(self) -> None:
        """Empty all fields."""
        if self.console is not None:
            self.query_one(ConsoleForm).clear()

    # -- sending

    def on_console_form_send(self, event: ConsoleForm.Send) -> None:
        """Send what is filled in."""
        event.stop()
        self.action_send()

    def action_send(self) -> None:
        """Send what is filled in."""
        if self.console is not None:
            form = self.query_one(ConsoleForm)
            self.send(form.method, form.arguments, form.format)

    def action_refresh(self) -> None:
        """Send what is shown again."""
        if self.console is not None and (exchange := self.query_one(AnswerPane).exchange) is not None:
            self.send(exchange.declared, exchange.arguments, exchange.asked_format)

    def on_history_list_replay(self, event: HistoryList.Replay) -> None:
        """Send one of the history again."""
        event.stop()
        self.send(event.exchange.declared, event.exchange.arguments, event.exchange.asked_format)

    def send(self, method: Method, arguments: dict[str, str], format: Format) -> None:
        """Send a request; what changes something only when that is confirmed."""
        console = self.console
        if console is None:
            return
        try:
            prepared = console.prepare(method, arguments, format)
        except UsageError as error:
            flattr(self).tell(str(error), "warning")
            return
        if not method.writes:
            self._send(console, method, arguments, format, confirmed=False)
            return

        def confirmed(answer: bool | None) -> None:
            if answer:
                self._send(console, method, arguments, format, confirmed=True)

        question = consequence(method, arguments, name=self._name_of(arguments))
        self.app.push_screen(ConfirmSend(question, shown(prepared)), confirmed)

    def _name_of(self, arguments: dict[str, str]) -> str:
        """Name the thing that a request is about, as far as it is known."""
        number = arguments.get("id", "")
        known = flattr(self).library.record(Request.of("thing", id=number)).entity if number else None
        if not isinstance(known, Thing):
            return ""
        by = f" by {known.owner.username}" if known.owner else ""
        return f"“{known.title}”{by}"

    def _send(
        self, console: Console, method: Method, arguments: dict[str, str], format: Format, *, confirmed: bool
    ) -> None:
        async def work() -> None:
            came: Exchange | None = None
            try:
                came = await console.send(method, arguments, format, confirmed=confirmed)
            finally:  # whoever waits must hear of a failure too
                self.post_message(Sent(came))

        self.sending = True
        self.query_one(AnswerPane).say(Content.styled(f"⋯ {method.name} is on its way; esc stops it.", "$muted"))
        self.go_to("answer")
        self.app.run_worker(work(), "sending", group=self.WORKER, exclusive=True, exit_on_error=False)
        self.refresh_bindings()

    def on_sent(self, message: Sent) -> None:
        """Show what came."""
        message.stop()
        if not self.sending:
            return
        self.sending = False
        self.refresh_bindings()
        if message.exchange is not None:
            self.query_one(AnswerPane).show(message.exchange)
            self.fetched_at = message.exchange.fetched_at or None
        else:
            self.query_one(AnswerPane).say(Content.styled("It broke off. ctrl+s sends it again.", "$warning"))

    def action_stop(self) -> None:
        """Stop waiting."""
        self.sending = False
        self.app.workers.cancel_group(self.app, self.WORKER)
        form = self.query_one(ConsoleForm)
        told = (
            "Stopped. It may have been done all the same." if form.method.writes else "Stopped. ctrl+s sends it again."
        )
        self.query_one(AnswerPane).say(Content.styled(told, "$warning"))
        self.refresh_bindings()

    # -- the answer

    async def on_answer_pane_show(self, event: AnswerPane.Show) -> None:
        """Show one of the history, and fill the form in with what it asked."""
        event.stop()
        exchange = event.exchange
        self.query_one(AnswerPane).show(exchange, "body")
        self.query_one(MethodsPane).select(exchange.method)
        await self.query_one(ConsoleForm).show(exchange.declared, exchange.arguments, exchange.asked_format)
        self.go_to("answer")

    def action_copy_as(self) -> None:
        """Ask as what to copy."""
        if self.console is None:
            return
        exchange = self.query_one(AnswerPane).exchange if self.stage == "answer" else None
        request = self._copied(exchange)
        private = request is not None and "Authorization" in request.headers
        offered = [
            (name, text)
            for name, text in COPIES
            if (name != "curl-token" or private) and (name != "body" or (exchange is not None and exchange.size))
        ]

        def copy(name: str | None) -> None:
            if name:
                self._copy(name, exchange)

        self.app.push_screen(Pick("Copy as what?", offered), copy)

    def _copied(self, exchange: Exchange | None) -> Prepared | None:
        if exchange is not None:
            return exchange.request
        try:
            return self.query_one(ConsoleForm).prepared()
        except UsageError:
            return None

    def _copy(self, name: str, exchange: Exchange | None) -> None:
        console, request, form = self.console, self._copied(exchange), self.query_one(ConsoleForm)
        if console is None or request is None:
            flattr(self).tell("The request can't be made yet: see what the form says.", "warning")
            return
        if name == "body":
            body = console.body(exchange) if exchange is not None else None
            flattr(self).copy_text((body or b"").decode("utf-8", errors="replace"), "Copied the body")
            return
        method, arguments, fmt = form.method, form.arguments, form.format
        if exchange is not None:
            method, arguments, fmt = exchange.declared, exchange.arguments, exchange.asked_format
        text = {
            "curl": lambda: console.curl(request),
            "curl-token": lambda: console.curl(request, with_token=True),
            "httpx": lambda: console.httpx_call(request),
            "command": lambda: console.command(method, arguments, fmt),
            "address": lambda: request.url,
        }[name]()
        flattr(self).copy_text(text, f"Copied as {dict(COPIES)[name]}")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something for."""
        if action == "stop":
            return self.sending
        return super().check_action(action, parameters)

"""The API console: choose a method, fill in its parameters, send the request, read the answer."""

from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from flattr_tui.api.errors import UsageError
from flattr_tui.api.methods import Format, Method
from flattr_tui.library.console.api_console import ApiConsole, describe_consequence
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.ui.bindings import CONSOLE
from flattr_tui.ui.panes.console_dialogs import ConfirmSendDialog, offer_copies
from flattr_tui.ui.panes.console_form import ConsoleForm, render_request
from flattr_tui.ui.panes.console_history import HistoryList
from flattr_tui.ui.panes.console_methods import MethodList, MethodsPane
from flattr_tui.ui.panes.console_request import (
    PendingRequest,
    RequestFinished,
    TokenKnown,
    describe_target,
    late_notice,
    load_token,
    send_request,
)
from flattr_tui.ui.panes.response_pane import ResponsePane
from flattr_tui.ui.panes.response_summary import VIEWS
from flattr_tui.ui.screens.base import Page
from flattr_tui.ui.typed_app import app_of

STAGES = ("methods", "form", "answer")
"""What one goes through, from left to right; where there is little room, one at a time is seen."""


class ConsoleScreen(Page, inherit_bindings=False):
    """See the module. It is about no item: of a page's keys it has none but its own."""

    CSS_PATH = "console.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*Screen.BINDINGS, *CONSOLE]
    AUTO_FOCUS = "#method-list"

    sending: reactive[PendingRequest | None] = reactive[PendingRequest | None](None, init=False, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self._shown: ApiConsole | None = None
        """The console that the panes are of."""
        self._sent = 0
        self._worker: Worker[None] | None = None
        """What sends."""

    @property
    def console(self) -> ApiConsole | None:
        """What sends."""
        return app_of(self).library.console

    def body(self) -> ComposeResult:
        """The methods and the form, and beside them the answer."""
        self.add_class(f"-{STAGES[0]}", update=False)
        self._shown = console = self.console
        if console is None:
            yield Static(Content.styled("There is no console here.", "$muted"), classes="console-none", markup=False)
            return
        with Horizontal(id="console", classes="split"):
            with Vertical(id="console-left"):
                yield MethodsPane(id="console-methods")
                yield ConsoleForm(console)
            yield ResponsePane(console)

    def on_mount(self) -> None:
        """Read the history of earlier runs."""
        super().on_mount()
        self._load()

    def _load(self) -> None:
        """Read the history, and get the token: the request is shown as it will go out."""
        console, accounts = self.console, app_of(self).library.accounts
        if console is None:
            return
        self.app.run_worker(
            console.load, "reading the history", group="console-history", exit_on_error=False, thread=True
        )
        if accounts is None or console.offline:
            return
        work = load_token(accounts, self)
        self.app.run_worker(work, "getting the token", group="console-token", exclusive=True, exit_on_error=False)

    def on_token_known(self, message: TokenKnown) -> None:
        """Show the request with it."""
        message.stop()
        for form in self.query(ConsoleForm):
            form.update()

    def source_changed(self) -> None:
        """The library or the account is another one: ask and show as that one."""
        self._end()
        if self.console is None or self.console is not self._shown:
            self.refresh(recompose=True)
            self.call_after_refresh(self._stage, "methods")
            self._load()
            return
        self._load()
        self.query_one(ConsoleForm).update()
        answer = self.query_one(ResponsePane)
        shown = answer.exchange
        if shown is not None and shown.account not in {"", app_of(self).library.account}:
            answer.show(None, VIEWS[0])

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
            self.query_one(ResponsePane).focus_view()

    @property
    def stage(self) -> str:
        """Where one is."""
        return next((name for name in STAGES if self.has_class(f"-{name}")), STAGES[0])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Be where the focus is."""
        within = {type(node) for node in event.widget.ancestors_with_self}
        for kind, stage in ((MethodsPane, "methods"), (ConsoleForm, "form"), (ResponsePane, "answer")):
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

    def action_field(self, by: int) -> None:
        """To the next field, or the one before; above the first are the methods."""
        if not self.query_one(ConsoleForm).focus_next(by) and by < 0:
            self.go_to("methods")

    def action_back(self) -> None:
        """From the answer to the form, from there to the methods, from there as everywhere."""
        if self.console is None:
            super().action_back()
        elif self.stage == "answer":
            answer = self.query_one(ResponsePane)
            if not answer.close_find() and not answer.leave_difference():
                self.go_to("form")
        elif self.stage == "form":
            self.go_to("methods")
        elif not self.query_one(MethodsPane).clear() and isinstance(self.focused, MethodList):
            super().action_back()
        else:
            self.action_focus_methods()

    @property
    def _leads_back(self) -> bool:
        in_list = self.stage == "methods" and isinstance(self.focused, MethodList)
        return not in_list or self.query_one(MethodsPane).is_filtered or len(self.app.screen_stack) > 1

    # -- choosing and filling in

    async def on_methods_pane_highlighted(self, event: MethodsPane.Highlighted) -> None:
        """Ask for the method's parameters, unless one has gone on already: forms take longer than keys."""
        event.stop()
        if self.query_one(MethodsPane).method is event.method:
            await self._ask_for(event.method)

    async def on_methods_pane_chosen(self, event: MethodsPane.Chosen) -> None:
        """Go and fill them in."""
        event.stop()
        await self._ask_for(event.method)
        self.go_to("form")

    async def _ask_for(self, method: Method) -> None:
        form = self.query_one(ConsoleForm)
        if form.method is not method or not form.rows():
            await form.show(method)

    def action_clear(self) -> None:
        """Empty all fields."""
        if self.console is not None:
            self.query_one(ConsoleForm).clear()

    # -- sending

    def on_console_form_send_requested(self, event: ConsoleForm.SendRequested) -> None:
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
        if self.console is not None and (exchange := self.query_one(ResponsePane).exchange) is not None:
            self.send(exchange.declared, exchange.arguments, exchange.asked_format)

    def on_history_list_replay_requested(self, event: HistoryList.ReplayRequested) -> None:
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
        except UsageError:
            self._stage("form")
            self.call_after_refresh(self.query_one(ConsoleForm).show_problems)
            return
        if not method.writes:
            self._send(console, method, arguments, format)
            return

        def confirmed(answer: bool | None) -> None:
            if answer:
                self._send(console, method, arguments, format)

        question = describe_consequence(method, arguments, name=describe_target(app_of(self).library, arguments))
        self.app.push_screen(ConfirmSendDialog(question, partial(render_request, prepared)), confirmed)

    def _send(self, console: ApiConsole, method: Method, arguments: dict[str, str], format: Format) -> None:
        self._end()
        self._sent += 1
        self.sending = PendingRequest(self._sent, method, arguments, app_of(self).clock())
        self.go_to("answer")
        self._worker = send_request(app_of(self), self, console, self.sending, format)

    def watch_sending(self, sending: PendingRequest | None) -> None:
        """Show that something is on its way: what is shown is not its answer."""
        self.query_one(ResponsePane).set_class(sending is not None, "-waiting")
        self.watch_now()
        app_of(self).schedule_clock()
        self.refresh_bindings()

    def next_change_in(self, now: float) -> float:
        """Seconds until the time changes a text: how long a request has been on its way."""
        changes = super().next_change_in(now)
        return min(changes, 1.0 - (now - self.sending.since) % 1) if self.sending is not None else changes

    def watch_now(self) -> None:
        """Count the seconds."""
        if self.sending is not None:
            self.query_one(ResponsePane).show_message(self.sending.status_text(app_of(self).clock()))

    def on_request_finished(self, message: RequestFinished) -> None:
        """Show what came; of what nobody waits for any more, tell what was done."""
        message.stop()
        exchange = message.exchange
        if self.sending is None or message.number != self.sending.number:
            if exchange is not None and exchange.declared.writes:
                app_of(self).notify_user(*late_notice(exchange))
            return
        self.sending = None
        if exchange is not None:
            self._show(exchange)
        else:
            self.query_one(ResponsePane).show_message(Content.styled("It broke off.", "$warning"))

    def _show(self, exchange: Exchange, view: str | None = None) -> None:
        self.query_one(ResponsePane).show(exchange, view)
        self.fetched_at = exchange.fetched_at or None
        self.refresh_bindings()

    def action_stop(self) -> None:
        """Stop it. A write may have been done all the same: what it changes is fetched anew."""
        stopped, worker, actions = self.sending, self._worker, app_of(self).actions
        if stopped is None or worker is None:
            return
        self.sending = None
        worker.cancel()
        self.query_one(ResponsePane).show_message(stopped.stopped_text())
        if stopped.method.writes and actions is not None:
            actions.refresh_after(stopped.method, stopped.arguments)

    def _end(self) -> None:
        """Wait no longer for what is on its way: a write goes on all the same, and is told of."""
        ended, self.sending = self.sending, None
        if ended is not None and self._worker is not None and not ended.method.writes:
            self._worker.cancel()

    # -- the answer

    async def on_response_pane_exchange_chosen(self, event: ResponsePane.ExchangeChosen) -> None:
        """Show one of the history, and fill the form in with what it asked."""
        event.stop()
        exchange = event.exchange
        self._show(exchange, VIEWS[0])
        self.query_one(MethodsPane).select(exchange.method)
        await self.query_one(ConsoleForm).show(exchange.declared, exchange.arguments, exchange.asked_format)
        self.go_to("answer")

    def action_copy_as(self) -> None:
        """Ask as what to copy: what is shown, in the answer; else what is filled in."""
        if self.console is None:
            return
        app, exchange, form = app_of(self), self.query_one(ResponsePane).exchange, self.query_one(ConsoleForm)
        if exchange is not None and self.stage == "answer":
            offer_copies(app, self.console, exchange.declared, exchange.arguments, exchange.asked_format, exchange)
            return
        try:
            form.prepare()
        except UsageError:
            form.show_problems()
        else:
            offer_copies(app, self.console, form.method, form.arguments, form.format)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something for, and leads elsewhere."""
        if not self.is_mounted or self.console is None:
            return super().check_action(action, parameters)
        match action:
            case "stop":
                return self.sending is not None
            case "back":
                return self.sending is None and self._leads_back
            case "refresh":
                return self.query_one(ResponsePane).exchange is not None
            case "methods" | "form" | "answer":
                return self.stage != action
        return super().check_action(action, parameters)

"""The API console: choose a method, fill in its parameters, send the request, read the response."""

from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from flattr_tui.api.method_table import Format, Method
from flattr_tui.library.console.api_console import ApiConsole, confirmation_question
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.library.errors import UsageError
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.bindings import CONSOLE
from flattr_tui.ui.panes.console_form import ConsoleForm, render_request
from flattr_tui.ui.panes.console_methods import MethodList, MethodsPane
from flattr_tui.ui.panes.console_requests import (
    ConfirmSendDialog,
    HistoryList,
    PendingRequest,
    RequestFinished,
    TokenKnown,
    describe_target,
    late_notice,
    load_token,
    offer_copies,
    send_request,
)
from flattr_tui.ui.panes.console_response import VIEWS, ResponsePane
from flattr_tui.ui.screens.base_page import Page
from flattr_tui.ui.widgets.base_widgets import Split

STAGES = ("methods", "form", "answer")
"""Ids of the three parts of the page from left to right. A narrow terminal shows one of them at a time."""


class ConsoleScreen(Page, inherit_bindings=False):
    """The page of the API console.

    The page shows no item, so it lacks the keys with which other pages flattr or open an item.
    """

    CSS_PATH = "console.tcss"
    REFRESH_FETCHES = False
    BINDINGS: ClassVar[list[BindingType]] = [*Screen.BINDINGS, *CONSOLE]
    AUTO_FOCUS = "#method-list"

    pending: reactive[PendingRequest | None] = reactive[PendingRequest | None](None, init=False, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self._console_in_panes: ApiConsole | None = None
        """The API console that the panes use now; None before the first one."""
        self._request_number = 0
        """Number of requests that were sent so far; it is the number of the latest request."""
        self._worker: Worker[None] | None = None
        """The worker that sends the latest request; None before the first request."""

    @property
    def console(self) -> ApiConsole | None:
        """The API console of the current library; None if the library has none."""
        return app_of(self).library.console

    def body(self) -> ComposeResult:
        self.add_class(f"-{STAGES[0]}", update=False)
        self._console_in_panes = console = self.console
        if console is None:
            yield Static(Content.styled("This source has no console.", "$muted"), classes="console-none", markup=False)
            return
        with Split(id="console"):
            with Vertical(id="console-left"):
                yield MethodsPane(id="console-methods")
                yield ConsoleForm(console)
            yield ResponsePane(console)

    def on_mount(self) -> None:
        super().on_mount()
        self._load()

    def _load(self) -> None:
        """Load the earlier requests and the account's token in the background."""
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
        message.stop()
        for form in self.query(ConsoleForm):
            form.update()

    def source_changed(self) -> None:
        """Show the console for another source or account, because the app uses another one now."""
        self._forget_pending()
        if self.console is None or self.console is not self._console_in_panes:
            self.refresh(recompose=True)
            self.call_after_refresh(self._set_stage, "methods")
            self._load()
            return
        self._load()
        for form in self.query(ConsoleForm):  # none while the panes are made again, for another source
            form.update()
        for pane in self.query(ResponsePane):
            if pane.exchange is not None and pane.exchange.account not in {"", app_of(self).library.account}:
                pane.show(None, VIEWS[0])

    # -- the three stages

    def _set_stage(self, stage: str) -> None:
        for name in STAGES:
            self.set_class(name == stage, f"-{name}")

    def show_stage(self, stage: str) -> None:
        """Show and focus a stage: `methods`, `form` or `answer` (the response)."""
        if self.console is None:
            return
        self._set_stage(stage)
        self.call_after_refresh(self._focus_stage, stage)

    def _focus_stage(self, stage: str) -> None:
        if stage == "methods":
            self.query_one(MethodList).focus()
        elif stage == "form":
            self.query_one(ConsoleForm).focus_first()
        else:
            self.query_one(ResponsePane).focus_view()

    @property
    def stage(self) -> str:
        """The current stage, one of `STAGES`."""
        return next((name for name in STAGES if self.has_class(f"-{name}")), STAGES[0])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        within = {type(node) for node in event.widget.ancestors_with_self}
        for kind, stage in ((MethodsPane, "methods"), (ConsoleForm, "form"), (ResponsePane, "answer")):
            if kind in within:
                self._set_stage(stage)
        self.refresh_bindings()

    def action_methods(self) -> None:
        self.show_stage("methods")

    def action_focus_methods(self) -> None:
        self.query_one(MethodList).focus()

    def action_form(self) -> None:
        self.show_stage("form")

    def action_answer(self) -> None:
        self.show_stage("answer")

    def action_field(self, by: int) -> None:
        """Focus the next (1) or previous (-1) field; from the first field, go back to the methods."""
        if not self.query_one(ConsoleForm).focus_next(by) and by < 0:
            self.show_stage("methods")

    def action_back(self) -> None:
        """Go from the response to the form, from there to the methods, then leave the page."""
        if self.console is None:
            super().action_back()
        elif self.stage == "answer":
            answer = self.query_one(ResponsePane)
            if not answer.close_find() and not answer.leave_difference():
                self.show_stage("form")
        elif self.stage == "form":
            self.show_stage("methods")
        elif not self.query_one(MethodsPane).clear() and isinstance(self.focused, MethodList):
            super().action_back()
        else:
            self.action_focus_methods()

    @property
    def _can_go_back(self) -> bool:
        in_list = self.stage == "methods" and isinstance(self.focused, MethodList)
        return not in_list or self.query_one(MethodsPane).is_filtered or len(self.app.screen_stack) > 1

    # -- choosing and filling in

    async def on_methods_pane_highlighted(self, event: MethodsPane.Highlighted) -> None:
        """Show the form of the method, unless the cursor has already moved on: to build a form is slow."""
        event.stop()
        if self.query_one(MethodsPane).method is event.method:
            await self._show_form(event.method)

    async def on_methods_pane_chosen(self, event: MethodsPane.Chosen) -> None:
        event.stop()
        await self._show_form(event.method)
        self.show_stage("form")

    async def _show_form(self, method: Method) -> None:
        form = self.query_one(ConsoleForm)
        if form.method is not method or not form.rows():
            await form.show(method)

    def action_clear(self) -> None:
        if self.console is not None:
            self.query_one(ConsoleForm).clear()

    # -- sending

    def on_console_form_send_requested(self, event: ConsoleForm.SendRequested) -> None:
        event.stop()
        self.action_send()

    def action_send(self) -> None:
        if self.console is not None:
            form = self.query_one(ConsoleForm)
            self.send(form.method, form.arguments, form.format)

    def action_refresh(self) -> None:
        if self.console is not None and (exchange := self.query_one(ResponsePane).exchange) is not None:
            self.send(exchange.api_method, exchange.arguments, exchange.requested_format)

    def on_history_list_replay_requested(self, event: HistoryList.ReplayRequested) -> None:
        event.stop()
        self.send(event.exchange.api_method, event.exchange.arguments, event.exchange.requested_format)

    def send(self, method: Method, arguments: dict[str, str], format: Format) -> None:
        """Send a request for `method` with `arguments`. `format` is the format of the response to ask for.

        If the request is a write, ask for a confirmation first. If arguments are invalid, send nothing, but show in the
        form what is wrong.
        """
        console = self.console
        if console is None:
            return
        try:
            prepared = console.prepare(method, arguments, format)
        except UsageError:
            self._set_stage("form")
            self.call_after_refresh(self.query_one(ConsoleForm).show_problems)
            return
        if not method.writes:
            self._send_now(console, method, arguments, format)
            return

        def confirmed(answer: bool | None) -> None:
            if answer:
                self._send_now(console, method, arguments, format)

        question = confirmation_question(method, arguments, name=describe_target(app_of(self).library, arguments))
        self.app.push_screen(ConfirmSendDialog(question, partial(render_request, prepared)), confirmed)

    def _send_now(self, console: ApiConsole, method: Method, arguments: dict[str, str], format: Format) -> None:
        self._forget_pending()
        self._request_number += 1
        self.pending = PendingRequest(self._request_number, method, arguments, app_of(self).clock())
        self.show_stage("answer")
        self._worker = send_request(self, console, self.pending, format)

    def watch_pending(self, sending: PendingRequest | None) -> None:
        self.query_one(ResponsePane).set_class(sending is not None, "-waiting")
        self.watch_now()
        app_of(self).schedule_clock()
        self.refresh_bindings()

    def next_change_in(self, now: float) -> float:
        """Return the seconds from `now` (Unix seconds) until a text on the page is outdated.

        Such a text is the duration of a pending request. The result is infinity if no text will be outdated.
        """
        changes = super().next_change_in(now)
        return min(changes, 1.0 - (now - self.pending.since) % 1) if self.pending is not None else changes

    def watch_now(self) -> None:
        if self.pending is not None:
            self.query_one(ResponsePane).show_message(self.pending.status_text(app_of(self).clock()))

    def on_request_finished(self, message: RequestFinished) -> None:
        """Show the response. If the user stopped waiting for a write, show its result as a notice."""
        message.stop()
        exchange = message.exchange
        if self.pending is None or message.number != self.pending.number:
            if exchange is not None and exchange.api_method.writes:
                app_of(self).notify_user(*late_notice(exchange))
            return
        self.pending = None
        if exchange is not None:
            self._show_exchange(exchange)
        else:
            failure = "The request was not finished, because of an error in this program."
            self.query_one(ResponsePane).show_message(Content.styled(failure, "$warning"))

    def _show_exchange(self, exchange: Exchange, view: str | None = None) -> None:
        self.query_one(ResponsePane).show(exchange, view)
        self.fetched_at = exchange.fetched_at or None
        self.refresh_bindings()

    def action_stop(self) -> None:
        """Stop the pending request. If it is a write, fetch again the data that the write may have changed."""
        stopped, worker, actions = self.pending, self._worker, app_of(self).writes.service
        if stopped is None or worker is None:
            return
        self.pending = None
        worker.cancel()
        self.query_one(ResponsePane).show_message(stopped.stopped_text())
        if stopped.method.writes and actions is not None:
            actions.refresh_after(stopped.method, stopped.arguments)

    def _forget_pending(self) -> None:
        """Stop waiting for the pending request.

        A write continues in the background, and a notice shows the result of the write.
        """
        ended, self.pending = self.pending, None
        if ended is not None and self._worker is not None and not ended.method.writes:
            self._worker.cancel()

    # -- the response

    async def on_response_pane_exchange_chosen(self, event: ResponsePane.ExchangeChosen) -> None:
        """Show an exchange of the history, and fill in the form with its request."""
        event.stop()
        exchange = event.exchange
        self._show_exchange(exchange, VIEWS[0])
        self.query_one(MethodsPane).select(exchange.method)
        await self.query_one(ConsoleForm).show(exchange.api_method, exchange.arguments, exchange.requested_format)
        self.show_stage("answer")

    def action_copy_as(self) -> None:
        """Let the user copy a request, for example as a curl command.

        While a response is shown, this is the request that was sent; otherwise the request in the form.
        """
        if self.console is None:
            return
        exchange, form = self.query_one(ResponsePane).exchange, self.query_one(ConsoleForm)
        if exchange is not None and self.stage == "answer":
            offer_copies(
                self, self.console, exchange.api_method, exchange.arguments, exchange.requested_format, exchange
            )
            return
        try:
            form.prepare()
        except UsageError:
            form.show_problems()
        else:
            offer_copies(self, self.console, form.method, form.arguments, form.format)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted or self.console is None:
            return super().check_action(action, parameters)
        match action:
            case "stop":
                return self.pending is not None
            case "back":
                return self.pending is None and self._can_go_back
            case "refresh":
                return self.query_one(ResponsePane).exchange is not None
            case "methods" | "form" | "answer":
                return self.stage != action
            case "send" | "copy_as":
                return self.stage != "methods" or self.query_one(MethodsPane).method is not None
        return super().check_action(action, parameters)

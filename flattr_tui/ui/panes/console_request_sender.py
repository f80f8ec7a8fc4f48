"""Sends the console's requests, and keeps what is known about a request while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widget import Widget
from textual.worker import Worker

from flattr_tui.api.method_table import Format, Method
from flattr_tui.library.account.account_manager import AccountManager
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.library.errors import FlattrError
from flattr_tui.library.library import Library
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Thing
from flattr_tui.ui.app_protocol import UserNotice, app_of


class RequestFinished(Message):
    """Message: a request has finished.

    `number` is its `PendingRequest.number`; `exchange` is None if the request failed.
    """

    def __init__(self, number: int, exchange: Exchange | None) -> None:
        super().__init__()
        self.number, self.exchange = number, exchange


class TokenKnown(Message):
    """Message: the account's token was loaded, so that requests can be shown with it."""


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
    """Start a worker that sends a request and then posts `RequestFinished` to `receiver`. Returns the worker.

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
    """Return a sentence and its severity for a notice about a write that finished after the user stopped waiting."""
    if exchange.problem:
        return f"{exchange}: {exchange.problem}", "warning"
    return f"{exchange}: done, the server responded with ({exchange.status}).", "information"


def describe_target(library: Library, arguments: Mapping[str, str]) -> str:
    """Return the title and owner of the thing that a request is about; "" if that thing is not saved."""
    number = arguments.get("id", "")
    known = library.record(ApiRequest.of("thing", id=number)).entity if number else None
    if not isinstance(known, Thing):
        return ""
    by = f" by {known.owner.username}" if known.owner else ""
    return f"“{known.title}”{by}"

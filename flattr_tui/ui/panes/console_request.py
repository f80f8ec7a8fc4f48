"""A request of the console that is on its way, and what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.message_pump import MessagePump
from textual.worker import Worker

from flattr_tui.api.errors import FlattrError
from flattr_tui.api.methods import Format, Method
from flattr_tui.library.account.accounts import Accounts
from flattr_tui.library.console.api_console import Console
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.library.library import Library
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Thing
from flattr_tui.ui.messages import UserNotice

if TYPE_CHECKING:
    from flattr_tui.ui.app import FlattrApp


class Sent(Message):
    """What came of a request; None where it broke off."""

    def __init__(self, number: int, exchange: Exchange | None) -> None:
        super().__init__()
        self.number, self.exchange = number, exchange


class TokenKnown(Message):
    """The token, if there is one, was got: requests are shown with it."""


async def get_token(accounts: Accounts, receiver: MessagePump) -> None:
    """Get the token where it is kept, and post that it is known, or why not."""
    try:
        await accounts.ready()
    except FlattrError as error:
        receiver.post_message(UserNotice(f"The login can't be used: {error}", "warning"))
    else:
        receiver.post_message(TokenKnown())


@dataclass(frozen=True, slots=True)
class Sending:
    """A request that is on its way."""

    number: int
    method: Method
    arguments: Mapping[str, str]
    since: float
    """Unix seconds."""

    def told(self, now: float) -> Content:
        """Say that it is, for how long, and how it is stopped."""
        seconds = int(now - self.since)
        since = f" for {seconds} s" if seconds > 0 else ""
        return Content.styled(f"⋯ {self.method.name} is on its way{since}; esc stops it.", "$accent")

    def stopped(self) -> Content:
        """Say that nobody waits for it any more."""
        told = "Stopped. It may have been done all the same." if self.method.writes else "Stopped."
        return Content.styled(told, "$warning")


def start(app: "FlattrApp", receiver: MessagePump, console: Console, sending: Sending, format: Format) -> Worker[None]:
    """Send a request, a write only once it was confirmed, and post `Sent`.

    A worker of the app sends it: leaving the screen does not stop it. What a write changes is shown at once, and
    fetched anew afterwards, wherever it is shown.
    """

    def changed() -> None:
        app.call_later(app.items_changed)

    actions = app.actions
    if actions is not None:
        actions.set_listener(changed)
    around = actions.perform_custom if actions is not None else None
    method = sending.method

    async def work() -> None:
        came: Exchange | None = None
        try:
            came = await console.send(method, sending.arguments, format, confirmed=method.writes, around=around)
        finally:  # whoever waits must hear of a failure too
            receiver.post_message(Sent(sending.number, came))

    return app.run_worker(work(), "sending", group="console", exit_on_error=False)


def late(exchange: Exchange) -> tuple[str, str]:
    """Say what came of a write that nobody waits for any more, and whether that is a warning."""
    if exchange.problem:
        return f"{exchange}: {exchange.problem}", "warning"
    return f"{exchange}: done, as the server answers ({exchange.status}).", "information"


def name_of(library: Library, arguments: Mapping[str, str]) -> str:
    """Name the thing that a request is about, and whose it is, as far as that is saved; else ""."""
    number = arguments.get("id", "")
    known = library.record(Request.of("thing", id=number)).entity if number else None
    if not isinstance(known, Thing):
        return ""
    by = f" by {known.owner.username}" if known.owner else ""
    return f"“{known.title}”{by}"

"""A request of the console that is on its way, and what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.message_pump import MessagePump

from flattr_tui.api.errors import FlattrError
from flattr_tui.api.methods import Method
from flattr_tui.library.acting.accounts import Accounts
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.library.library import Library
from flattr_tui.model.entities import Thing
from flattr_tui.model.request import Request
from flattr_tui.ui.messages import Told


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
        receiver.post_message(Told(f"The login can't be used: {error}", "warning"))
    else:
        receiver.post_message(TokenKnown())


@dataclass(frozen=True, slots=True)
class Sending:
    """A request that is on its way."""

    number: int
    method: Method
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


def name_of(library: Library, arguments: Mapping[str, str]) -> str:
    """Name the thing that a request is about, and whose it is, as far as that is saved; else ""."""
    number = arguments.get("id", "")
    known = library.record(Request.of("thing", id=number)).entity if number else None
    if not isinstance(known, Thing):
        return ""
    by = f" by {known.owner.username}" if known.owner else ""
    return f"“{known.title}”{by}"

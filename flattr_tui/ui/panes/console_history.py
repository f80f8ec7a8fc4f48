"""The console's list of earlier requests, to show, resend and compare them."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets.option_list import Option

from flattr_tui.library.console.exchange import Exchange
from flattr_tui.ui import format as fmt
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.bindings import HISTORY, OPTION_MOVES
from flattr_tui.ui.widgets.inputs import PageableOptionList


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
        """List `exchanges`. `shown`, the exchange that the console's other views show, is highlighted.

        The cursor stays on its exchange. In a list that was empty before, it starts on `shown`.
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
        """Mark or unmark the exchange under the cursor; at most two are marked."""
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

        If fewer are marked, the exchange under the cursor is compared: with the marked exchange, or else with the
        exchange that the other views show, or else with the next older exchange.
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

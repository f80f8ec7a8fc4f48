"""What came, in a line or two; and the bar of views that it is read in."""

from datetime import tzinfo
from http import HTTPStatus

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from flattr_tui.library.console.exchange import Exchange
from flattr_tui.ui import format as fmt
from flattr_tui.ui.typed_app import app_of

VIEWS = ("body", "records", "headers", "raw", "history")
DIFFERENCE = "difference"
"""The view of two answers; it is come to from the history."""
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_DOT = Content.styled(" · ", "$muted")


def size(number: int) -> str:
    """Write a number of bytes: `21.4 KB`."""
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.1f} KB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"


def status_of(exchange: Exchange) -> Content:
    """Write the status with its name, in the colour of how it went: a page of a captive portal is no success."""
    number = exchange.status
    style = "bold $error" if not 200 <= number < 400 else "bold $warning" if exchange.problem else "bold $success"
    return Content.styled(f"{number} {_PHRASES.get(number, '')}".rstrip(), style)


def summary(exchange: Exchange, now: float, tz: tzinfo, width: int) -> Content:
    """Say what came, in as much of a line as fits, then what is wrong or particular, then to what question it came."""
    lines = [_first(exchange, now, tz, width)]
    if exchange.problem:
        lines.append(Content.styled(f"! {exchange.problem[:1].upper()}{exchange.problem[1:]}", "$error"))
    if exchange.note:
        lines.append(Content.styled(exchange.note, "$muted" if exchange.saved else "$warning"))
    told = " · ".join([str(exchange), exchange.format, *([f"as {exchange.account}"] if exchange.account else [])])
    lines.append(Content.styled(told, "$muted"))
    return Content("\n").join(lines)


def _first(exchange: Exchange, now: float, tz: tzinfo, width: int) -> Content:
    if not exchange.answered:
        return Content.styled("no answer", "bold $error")
    parts = [status_of(exchange)]
    if exchange.saved:
        parts.append(Content.styled(f"◐ saved {fmt.ago(now - exchange.fetched_at)}", "$accent"))
    else:
        parts.append(Content(f"{exchange.elapsed * 1000:,.0f} ms"))
    parts += [Content(size(exchange.size)), Content(exchange.content_type.partition(";")[0])]
    if exchange.rate is not None:
        left = f"{exchange.rate.remaining:,} of {exchange.rate.limit:,} left"
        parts.append(Content.styled(left, "$muted"))
        if exchange.rate.reset:
            parts.append(Content.styled(f"resets {fmt.clock(exchange.rate.reset, tz)}", "$muted"))
    while len(parts) > 1 and _DOT.join(parts).cell_length > width:
        parts.pop()
    return _DOT.join(parts)


class ViewBar(Widget):
    """The views, the one that is shown marked, each with its key while the keys work; a click shows another."""

    DEFAULT_CSS = "ViewBar { height: 1; width: 1fr; color: $muted; }"

    view: reactive[str] = reactive(VIEWS[0])

    class Chosen(Message):
        """A view was clicked."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def on_mount(self) -> None:
        """Follow what the keys do."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def _keys(self) -> dict[str, str]:
        """List the views' keys as they are now: those of the bindings that show them."""
        found: dict[str, str] = {}
        for active in self.screen.active_bindings.values():
            for view in VIEWS:
                if active.binding.action == f"view('{view}')":
                    found.setdefault(view, app_of(self).get_key_display(active.binding))
        return found

    def _tabs(self) -> list[tuple[str, Content]]:
        """Write the tabs in the longest form that fits: with keys, without, the shown one alone."""
        names = (*VIEWS, DIFFERENCE) if self.view == DIFFERENCE else VIEWS
        keys = self._keys()
        long = [(name, self._tab(name, keys.get(name, ""))) for name in names]
        short = [(name, self._tab(name, "")) for name in names]
        for tabs in (long, short):
            if sum(tab.cell_length + 2 for _, tab in tabs) - 2 <= self.content_size.width:
                return tabs
        return [(self.view, self._tab(self.view, ""))]

    def _tab(self, name: str, key: str) -> Content:
        told = Content.styled(name, "bold $accent underline" if name == self.view else "$muted")
        return Content.styled(f"{key} ", "$primary") + told if key else told

    def render(self) -> Content:
        """Write them."""
        return Content("  ").join(tab for _, tab in self._tabs())

    async def _on_click(self, event: events.Click) -> None:
        at = 0
        for name, tab in self._tabs():
            if at <= event.x < at + tab.cell_length:
                self.post_message(self.Chosen(name))
            at += tab.cell_length + 2

"""The summary of a console response, and the bar of its views."""

from datetime import tzinfo
from http import HTTPStatus

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from flattr_tui.library.console.exchange import Exchange
from flattr_tui.ui import format as fmt

VIEWS = ("body", "records", "headers", "raw", "history")
DIFFERENCE = "difference"
"""Id of the view that compares two responses. It is opened from the history."""
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_DOT = Content.styled(" · ", "$muted")


def format_status(exchange: Exchange) -> Content:
    """Return the status code of a response and its name, in the colour of success or of failure.

    The page of a captive portal, which answers in place of the server, counts as a failure.
    """
    number = exchange.status
    style = "bold $error" if not 200 <= number < 400 else "bold $warning" if exchange.problem else "bold $success"
    return Content.styled(f"{number} {_PHRASES.get(number, '')}".rstrip(), style)


def summarize(exchange: Exchange, now: float, tz: tzinfo, width: int) -> Content:
    """Return a summary: status and size, then problems and notes, then the request.

    Status and size are shortened to one line of `width` cells. `now` is the current time in Unix seconds.
    """
    lines = [_status_line(exchange, now, tz, width)]
    if exchange.problem:
        lines.append(Content.styled(f"! {exchange.problem[:1].upper()}{exchange.problem[1:]}", "$error"))
    if exchange.note:
        lines.append(Content.styled(exchange.note, "$muted" if exchange.saved else "$warning"))
    text = " · ".join([str(exchange), exchange.format, *([f"as {exchange.account}"] if exchange.account else [])])
    lines.append(Content.styled(text, "$muted"))
    return Content("\n").join(lines)


def _status_line(exchange: Exchange, now: float, tz: tzinfo, width: int) -> Content:
    if not exchange.has_response:
        return Content.styled("no response", "bold $error")
    parts = [format_status(exchange)]
    if exchange.saved:
        parts.append(Content.styled(f"◐ saved {fmt.ago(now - exchange.fetched_at)}", "$accent"))
    else:
        parts.append(Content(f"{exchange.elapsed * 1000:,.0f} ms"))
    parts += [Content(fmt.byte_size(exchange.size)), Content(exchange.content_type.partition(";")[0])]
    if exchange.rate is not None:
        left = f"{exchange.rate.remaining:,} of {exchange.rate.limit:,} left"
        parts.append(Content.styled(left, "$muted"))
        if exchange.rate.reset:
            parts.append(Content.styled(f"resets {fmt.clock(exchange.rate.reset, tz)}", "$muted"))
    while len(parts) > 1 and _DOT.join(parts).cell_length > width:
        parts.pop()
    return _DOT.join(parts)


class ViewBar(Widget):
    """A line with the names of the views and their keys. The current view is highlighted; a click shows another one."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "ViewBar { height: 1; width: 1fr; color: $muted; }"

    view: reactive[str] = reactive(VIEWS[0])

    class Chosen(Message):
        """Message: the user clicked on a view."""

        def __init__(self, view: str) -> None:
            super().__init__()
            self.view = view

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def _keys_by_view(self) -> dict[str, str]:
        """Return the configured keys by view; empty while the focus is elsewhere, where these keys do not work."""
        found: dict[str, str] = {}
        if not isinstance(self.parent, Widget) or not self.parent.has_focus_within:
            return found
        for active in self.screen.active_bindings.values():
            for view in VIEWS:
                if active.binding.action == f"view('{view}')":
                    found.setdefault(view, self.app.get_key_display(active.binding))
        return found

    def _fit_tabs(self) -> list[tuple[str, Content]]:
        """Return the tabs in the longest form that fits: with keys, without keys, or only the tab of the current view.

        Each tab is a pair: the id of the view, and the label.
        """
        names = (*VIEWS, DIFFERENCE) if self.view == DIFFERENCE else VIEWS
        keys = self._keys_by_view()
        long = [(name, self._tab(name, keys.get(name, ""))) for name in names]
        short = [(name, self._tab(name, "")) for name in names]
        for tabs in (long, short):
            if sum(tab.cell_length + 2 for _, tab in tabs) - 2 <= self.content_size.width:
                return tabs
        return [(self.view, self._tab(self.view, ""))]

    def _tab(self, name: str, key: str) -> Content:
        text = Content.styled(name, "bold $accent underline" if name == self.view else "$muted")
        return Content.styled(f"{key} ", "$primary") + text if key else text

    def render(self) -> Content:
        return Content("  ").join(tab for _, tab in self._fit_tabs())

    async def _on_click(self, event: events.Click) -> None:
        at = 0
        for name, tab in self._fit_tabs():
            if at <= event.x < at + tab.cell_length:
                self.post_message(self.Chosen(name))
            at += tab.cell_length + 2

"""The frame that every screen has: who and where at the top, the places below it, the keys at the bottom."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from flattr_tui.library.events import Connection, Status
from flattr_tui.library.progress import Progress
from flattr_tui.ui import format as fmt

WIDE = 80
"""Below so many cells the tabs shrink to digits and the current name."""
RATE_WARNING = 0.1
"""The share of requests left below which the header shows it as a warning."""


class Tab(NamedTuple):
    """One place in the mode bar."""

    id: str
    key: str
    label: str


def badge(status: Status, fetched_at: float | None, now: float, syncing: Progress | None = None) -> Content:
    """Say where what is on screen comes from, in a few cells."""
    saved = f"saved {fmt.ago(now - fetched_at)}" if fetched_at else "nothing saved"
    match status.connection:
        case Connection.WAITING:
            left = fmt.countdown((status.waiting_until or now) - now)
            return Content.styled(f"◌ waiting {left} for the rate limit", "$warning")
        case Connection.OFFLINE:
            return Content.styled(f"○ offline · {saved}", "$muted")
        case Connection.UNREACHABLE:
            return Content.styled(f"○ unreachable · {saved}", "$error")
    if syncing is not None:
        return Content.styled(f"⟳ {fmt.counted(syncing)}", "$accent")
    if fetched_at is not None and now - fetched_at >= 3600:
        return Content.styled(f"◐ {saved}", "$accent")
    return Content.styled("● live", "$success")


class TopBar(Widget):
    """The first line: the source, the user, the badge, the requests left."""

    DEFAULT_CSS = "TopBar { height: 1; width: 1fr; background: $panel; color: $foreground; padding: 0 1; }"

    source: reactive[str] = reactive("")
    user: reactive[str] = reactive("")
    status: reactive[Status] = reactive(Status)
    fetched_at: reactive[float | None] = reactive[float | None](None)
    """Unix seconds: how old what is on screen is."""
    now: reactive[float] = reactive(0.0)
    syncing: reactive[Progress | None] = reactive[Progress | None](None)
    tz: tzinfo = UTC

    def render(self) -> Content:
        """Put the line together from what fits; the badge is the last to leave."""
        width = self.content_size.width
        left = [Content.styled("flattr", "bold $accent"), Content(self.source), Content.styled(self.user, "bold")]
        right = [badge(self.status, self.fetched_at, self.now, self.syncing), *self._rate()]
        while len(right) > 1 and _length(left) + _length(right) + 2 > width:
            right.pop()
        while len(left) > 1 and _length(left) + _length(right) + 2 > width:
            left.pop(0 if len(left) == 3 else 1)
        if _length(left) + _length(right) + 2 > width:
            left = []
        told = _SEPARATOR.join(part for part in left if part)
        state = _SEPARATOR.join(right).truncate(width, ellipsis=True)
        return told + Content(" " * max(1, width - told.cell_length - state.cell_length)) + state

    def _rate(self) -> list[Content]:
        rate = self.status.rate
        if rate is None or not rate.limit:
            return []
        style = "$warning" if rate.remaining < rate.limit * RATE_WARNING else "$muted"
        parts = [Content.styled(f"{rate.remaining:,} of {rate.limit:,} requests left", style)]
        if rate.reset:
            parts.append(Content.styled(f"resets {fmt.clock(rate.reset, self.tz)}", "$muted"))
        return parts


_SEPARATOR = Content.styled(" · ", "$muted")


def _length(parts: Sequence[Content]) -> int:
    return sum(part.cell_length for part in parts) + 3 * max(0, len(parts) - 1)


class ModeBar(Widget):
    """The second line: the places, with their digits; a click goes there."""

    DEFAULT_CSS = "ModeBar { height: 1; width: 1fr; background: $panel; color: $muted; padding: 0 1; }"

    active: reactive[str] = reactive("")

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, mode: str) -> None:
            super().__init__()
            self.mode = mode

    def __init__(self, tabs: Sequence[Tab]) -> None:
        super().__init__()
        self._tabs = tabs
        self._spans: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        """Draw the tabs."""
        wide = self.content_size.width >= WIDE
        at, parts = 0, []
        self._spans = []
        for tab in self._tabs:
            on = tab.id == self.active
            text = f" {tab.key} {tab.label} " if wide or on else f" {tab.key} "
            parts.append(Content.styled(text, "bold $foreground on $background" if on else "$muted"))
            self._spans.append((at, at + len(text), tab.id))
            at += len(text) + 1
        return Content(" ").join(parts)

    async def _on_click(self, event: events.Click) -> None:
        x = event.x - 1
        for start, stop, mode in self._spans:
            if start <= x < stop:
                self.post_message(self.Chosen(mode))


class KeyBar(Widget):
    """The last line: the keys that work here; a click presses them."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; background: $panel; color: $muted; padding: 0 1; dock: bottom; }"
    ALWAYS: ClassVar[frozenset[str]] = frozenset({"app.commands"})

    def on_mount(self) -> None:
        """Follow what the focus can do."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def keys(self) -> list[tuple[Binding, str]]:
        """List the bindings that are shown, each once, with the key that people see."""
        seen: dict[str, tuple[Binding, str]] = {}
        typing = isinstance(self.screen.focused, Input)
        for active in self.screen.active_bindings.values():
            binding = active.binding
            display = self.app.get_key_display(binding)
            if binding.show and active.enabled and binding.action not in seen and not (typing and _is_typed(display)):
                seen[binding.action] = (binding, display)
        return list(seen.values())

    def render(self) -> Content:
        """Draw the keys that fit, the palette's at the right."""
        width = self.content_size.width
        palette = _key("^p", "commands" if width >= WIDE else "")
        parts: list[Content] = []
        used = palette.cell_length + 2
        for binding, display in self.keys():
            part = _key(display, binding.description)
            if used + part.cell_length + 3 > width:
                break
            used += part.cell_length + 3
            parts.append(part)
        told = Content("   ").join(parts)
        return told + Content(" " * max(1, width - told.cell_length - palette.cell_length)) + palette

    async def _on_click(self, event: events.Click) -> None:
        at = 1
        for binding, display in self.keys():
            length = _key(display, binding.description).cell_length
            if at <= event.x < at + length:
                await self.run_action(binding.action)
                return
            at += length + 3


def _key(display: str, description: str) -> Content:
    text = Content.styled(display, "bold $primary")
    return text + Content(f" {description}") if description else text


def _is_typed(display: str) -> bool:
    """Whether a field that is typed in takes this key for itself."""
    return len(display) == 1 and display.isascii()

"""The frame that every screen has: who and where at the top, the places below it, the keys at the bottom."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import ActiveBinding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from flattr_tui.library.events import Connection, Status
from flattr_tui.library.sync_progress import SyncProgress, WaitReason
from flattr_tui.ui import format as fmt

WIDE = 80
"""Below so many cells the palette is not named in the last line."""
APART = 3
"""Cells between two keys."""
LIVE_SECONDS = 3600.0
"""What is older is not called live."""
RATE_WARNING = 0.1
"""The share of requests left below which the header shows it as a warning."""


class Tab(NamedTuple):
    """One place in the mode bar."""

    id: str
    key: str
    label: str


def badge(status: Status, fetched_at: float | None, now: float, syncing: SyncProgress | None = None) -> Content:
    """Say where what is on screen comes from, in a few cells."""
    saved = f"saved {fmt.ago(now - fetched_at)}" if fetched_at else "nothing saved"
    match status.connection:
        case Connection.WAITING:
            left = fmt.countdown((status.waiting_until or now) - now)
            return Content.styled(f"◌ waiting {left} {status.waiting_for or WaitReason.RATE_LIMIT}", "$warning")
        case Connection.OFFLINE:
            return Content.styled(f"○ offline · {saved}", "$muted")
        case Connection.UNREACHABLE:
            return Content.styled(f"○ unreachable · {saved}", "$error")
    if syncing is not None:
        return Content.styled(f"⟳ {fmt.counted(syncing)}", "$accent")
    if fetched_at is not None and now - fetched_at >= LIVE_SECONDS:
        return Content.styled(f"◐ {saved}", "$accent")
    return Content.styled("● live", "$success")


def next_badge_change_in(status: Status, fetched_at: float | None, now: float) -> float:
    """Seconds until the badge says something else by itself."""
    if status.connection is Connection.WAITING:
        return fmt.next_countdown_in((status.waiting_until or now) - now)
    if fetched_at is None:
        return math.inf
    age = now - fetched_at
    said = age >= LIVE_SECONDS or status.connection is not Connection.LIVE
    return fmt.next_age_in(age) if said else LIVE_SECONDS - age


class TopBar(Widget):
    """The first line: the source, the user, the badge, the requests left."""

    DEFAULT_CSS = "TopBar { height: 1; width: 1fr; background: $panel; color: $foreground; padding: 0 1; }"

    source: reactive[str] = reactive("")
    user: reactive[str] = reactive("")
    status: reactive[Status] = reactive(Status)
    fetched_at: reactive[float | None] = reactive[float | None](None)
    """Unix seconds: how old what is on screen is."""
    now: reactive[float] = reactive(0.0)
    syncing: reactive[SyncProgress | None] = reactive[SyncProgress | None](None)
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
        long = sum(len(_tab(tab)) for tab in self._tabs)
        wide = long <= self.content_size.width
        gap = 1 if not wide or long + len(self._tabs) <= self.content_size.width else 0
        at, parts = 0, []
        self._spans = []
        for tab in self._tabs:
            on = tab.id == self.active
            text = _tab(tab) if wide or on else f" {tab.key} "
            parts.append(Content.styled(text, "bold $foreground on $background" if on else "$muted"))
            self._spans.append((at, at + len(text), tab.id))
            at += len(text) + gap
        return Content(" " * gap).join(parts)

    async def _on_click(self, event: events.Click) -> None:
        x = event.x - 1
        for start, stop, mode in self._spans:
            if start <= x < stop:
                self.post_message(self.Chosen(mode))


def _tab(tab: Tab) -> str:
    return f" {tab.key} {tab.label} "


class KeyBar(Widget):
    """The last line: the keys that work here; a click presses them. Help and palette are always there, at the right."""

    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; background: $panel; color: $muted; padding: 0 1; dock: bottom; }"
    ALWAYS: ClassVar[Mapping[str, int]] = {"app.help": 60, "app.commands": WIDE}
    """In their order, with the cells from which on they are named."""
    GIVES_WAY: ClassVar[tuple[str, ...]] = ("search.recall", "page.copy", "page.browser", "list.sort", "page.refresh")
    """Those that leave first where it is narrow; then it is the last ones."""

    class Shown(NamedTuple):
        """A key that works here."""

        active: ActiveBinding
        text: Content

    def on_mount(self) -> None:
        """Follow what the focus can do."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def _keys(self) -> tuple[list[Shown], list[Shown]]:
        """List the keys that may leave, and those that stay: each action once, with the key that people see."""
        leaving: dict[str, KeyBar.Shown] = {}
        staying: dict[str, KeyBar.Shown] = {}
        typing, order = isinstance(self.screen.focused, Input), list(self.ALWAYS)
        for active in self.screen.active_bindings.values():
            binding = active.binding
            display = self.app.get_key_display(binding)
            stays = binding.id in self.ALWAYS
            if not active.enabled or (typing and _is_typed(display)) or not (stays or binding.show):
                continue
            room = self.ALWAYS.get(binding.id or "", 0)
            text = _key(display, binding.description if self.content_size.width >= room else "")
            (staying if stays else leaving).setdefault(binding.action, self.Shown(active, text))
        enter_first = sorted(leaving.values(), key=lambda key: key.active.binding.key != "enter")
        return enter_first, sorted(staying.values(), key=lambda key: order.index(key.active.binding.id or ""))

    def _placed(self) -> list[tuple[int, Shown]]:
        """Say which keys are shown, and at which cell each begins."""
        width = self.content_size.width
        leaving, staying = self._keys()
        right = sum(key.text.cell_length for key in staying) + APART * max(0, len(staying) - 1)
        while leaving and sum(key.text.cell_length + APART for key in leaving) + right > width:
            ids = [key.active.binding.id for key in leaving]
            del leaving[next((ids.index(name) for name in self.GIVES_WAY if name in ids), -1)]
        placed, at = [], 0
        for key in leaving:
            placed.append((at, key))
            at += key.text.cell_length + APART
        at = max(at, width - right)
        for key in staying:
            placed.append((at, key))
            at += key.text.cell_length + APART
        return placed

    def render(self) -> Content:
        """Draw the keys that fit."""
        line = Content("")
        for at, key in self._placed():
            line += Content(" " * (at - line.cell_length)) + key.text
        return line

    async def _on_click(self, event: events.Click) -> None:
        for at, (active, text) in self._placed():
            if at <= event.x - 1 < at + text.cell_length:
                await self.app.run_action(active.binding.action, active.node)
                return


def _key(display: str, description: str) -> Content:
    text = Content.styled(display, "bold $primary")
    return text + Content(f" {description}") if description else text


def _is_typed(display: str) -> bool:
    """Whether a field that is typed in takes this key for itself."""
    return len(display) == 1 and display.isascii()

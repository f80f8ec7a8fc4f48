"""The lines above and below every page: the top bar, the mode bar and the key bar."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from flattr_tui.library.events import ConnectionState, SourceStatus, SyncProgress, WaitReason
from flattr_tui.ui import format as fmt

MIN_TERMINAL = Size(40, 12)
"""The smallest terminal size for which every screen is designed."""
MIN_PALETTE_WIDTH = 80
"""Minimum width of the screen in cells at which the key bar describes the key of the command palette."""
KEY_GAPS = (2, 3)
"""Cells between two keys of the key bar: on a narrow screen, and on a wide one."""
MIN_WIDE_GAPS = 60
"""Minimum width of the screen in cells at which the keys have the wider gap of `KEY_GAPS`."""
MAX_LIVE_AGE = 3600.0
"""Age in seconds from which data is no longer called live, but saved."""
MAX_CRUMB = 28
"""Maximum width in cells of one name in the breadcrumbs."""
LOW_RATE_SHARE = 0.1
"""If a smaller share of this hour's requests remains, the rate limit is shown as a warning."""


class Tab(NamedTuple):
    """The tab for one mode in the mode bar."""

    id: str
    key: str
    label: str


def counts_as_live(age: float) -> bool:
    """Whether data of this age in seconds is called live on screen; older data is called saved."""
    return -fmt.CLOCK_TOLERANCE_SECONDS <= age < MAX_LIVE_AGE


def connection_badge(
    status: SourceStatus, fetched_at: float | None, now: float, syncing: SyncProgress | None = None
) -> Content:
    """Return a short text that says where the data on screen comes from: live, saved, offline or waiting.

    `status` contains the state of the connection. `fetched_at`, when the data was fetched, and `now` are Unix seconds.
    With `fetched_at` None, nothing is saved, and the text has no age. With `syncing`, the text is the progress of that
    sync, unless the connection has a problem.
    """
    saved = f"saved {fmt.ago(now - fetched_at)}" if fetched_at else ""
    offline_age = f" · {saved}" if saved else ""
    match status.connection:
        case ConnectionState.WAITING:
            left = fmt.countdown((status.waiting_until or now) - now)
            return Content.styled(f"◌ waiting {left} {status.waiting_for or WaitReason.RATE_LIMIT}", "$warning")
        case ConnectionState.OFFLINE:
            return Content.styled(f"○ offline{offline_age}", "$muted")
        case ConnectionState.UNREACHABLE:
            return Content.styled(f"○ unreachable{offline_age}", "$error")
    if syncing is not None:
        return Content.styled(f"⟳ {fmt.counted(syncing)}", "$accent")
    if fetched_at is not None and not counts_as_live(now - fetched_at):
        return Content.styled(f"◐ {saved}", "$accent")
    return Content.styled("● live", "$success")


def next_badge_change_in(status: SourceStatus, fetched_at: float | None, now: float) -> float:
    """Return the seconds from `now` until the text of `connection_badge` is outdated; infinity if it never is.

    `fetched_at` is the time at which the data on screen was fetched; None if nothing is saved. Both times are in Unix
    seconds.
    """
    if status.connection is ConnectionState.WAITING:
        return fmt.next_countdown_in((status.waiting_until or now) - now)
    if fetched_at is None:
        return math.inf
    age = now - fetched_at
    shows_age = not counts_as_live(age) or status.connection is not ConnectionState.LIVE
    return fmt.next_age_in(age) if shows_age else MAX_LIVE_AGE - age


def size_warning(terminal: Size, width: int) -> Content | None:
    """Return a warning of at most `width` cells if the terminal is too small; None if it is large enough."""
    if terminal.width >= MIN_TERMINAL.width and terminal.height >= MIN_TERMINAL.height:
        return None
    has, needs = (f"{size.width}×{size.height}" for size in (terminal, MIN_TERMINAL))
    sentences = (
        f"This terminal is too small: it has {has} cells, and {needs} are needed",
        f"too small: {has}, needs {needs}",
        f"too small ({needs})",
        f"min {needs}",
        "too small",
    )
    text = next((text for text in sentences if len(text) <= width), "small"[: max(0, width)])
    return Content.styled(text, "bold $warning")


def shorten_trail(crumbs: Sequence[str], width: int) -> Content:
    """Return the breadcrumbs in at most `width` cells. If not all fit, names in the middle are left out first."""
    names = [Content.styled(name, "" if at < len(crumbs) - 1 else "bold") for at, name in enumerate(crumbs)]
    if len(names) > 1:
        names = [name.truncate(MAX_CRUMB, ellipsis=True) for name in names]
    between = Content.styled(" › ", "$muted")
    for left_out in range(len(names) - 1):
        kept = names if not left_out else [names[0], Content.styled("…", "$muted"), *names[1 + left_out :]]
        if (trail := between.join(kept)).cell_length <= width:
            return trail
    return names[-1].truncate(max(1, width), ellipsis=True)


class TopBar(Widget):
    """The first line of the screen: source, breadcrumbs, connection and rate limit.

    If the terminal is too small, the line says that instead.
    """

    DEFAULT_CSS = "TopBar { height: 1; width: 1fr; background: $panel; color: $foreground; padding: 0 1; }"

    source: reactive[str] = reactive("")
    user: reactive[str] = reactive("")
    trail: reactive[tuple[str, ...]] = reactive[tuple[str, ...]](())
    """The breadcrumbs: the names of the pages that led to this page, and its own name; often empty on a first page."""
    status: reactive[SourceStatus] = reactive(SourceStatus)
    fetched_at: reactive[float | None] = reactive[float | None](None)
    """When the data on screen was fetched, in Unix seconds; None if no data is saved."""
    now: reactive[float] = reactive(0.0)
    """The current time in Unix seconds."""
    syncing: reactive[SyncProgress | None] = reactive[SyncProgress | None](None)
    terminal: reactive[Size] = reactive(MIN_TERMINAL)
    """Size of the terminal in cells."""
    tz: tzinfo = UTC

    def render(self) -> Content:
        """Return the parts of the line that fit its width. The connection and an error of the storage have priority."""
        width = self.content_size.width
        if (warning := size_warning(self.terminal, width)) is not None:
            return warning
        where = shorten_trail(self.trail, width) if self.trail else Content.styled(self.user, "bold")
        left = [Content.styled("flattr", "bold $accent"), Content(self.source), where]
        badge = connection_badge(self.status, self.fetched_at, self.now, self.syncing)
        right = [*self._storage_fault(), badge, *self._rate_limit()]
        while len(right) > 1 and _joined_length(left) + _joined_length(right) + 2 > width:
            right.pop()
        while len(left) > 1 and _joined_length(left) + _joined_length(right) + 2 > width:
            left.pop(0 if len(left) == 3 or self.trail else 1)
        room = width - _joined_length(right) - 2
        if _joined_length(left) > room:
            left = [shorten_trail(self.trail, room)] if self.trail and room > 0 else []
        text = _SEPARATOR.join(part for part in left if part)
        state = _SEPARATOR.join(right).truncate(width, ellipsis=True)
        return text + Content(" " * max(1, width - text.cell_length - state.cell_length)) + state

    def _storage_fault(self) -> list[Content]:
        fault = self.status.storage_fault
        return [Content.styled(f"new pages not saved: {fault}", "bold $warning")] if fault else []

    def _rate_limit(self) -> list[Content]:
        rate = self.status.rate
        if rate is None or not rate.limit:
            return []
        style = "$warning" if rate.remaining < rate.limit * LOW_RATE_SHARE else "$muted"
        parts = [Content.styled(f"{rate.remaining:,} of {rate.limit:,} requests left", style)]
        if rate.reset:
            parts.append(Content.styled(f"resets {fmt.clock(rate.reset, self.tz)}", "$muted"))
        return parts


_SEPARATOR = Content.styled(" · ", "$muted")


def _joined_length(parts: Sequence[Content]) -> int:
    return sum(part.cell_length for part in parts) + 3 * max(0, len(parts) - 1)


class ModeBar(Widget):
    """The second line of the screen: the modes with their keys. A click switches to a mode."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "ModeBar { height: 1; width: 1fr; background: $panel; color: $muted; padding: 0 1; }"

    active: reactive[str] = reactive("")
    news_counts: reactive[Mapping[str, int]] = reactive[Mapping[str, int]](dict)
    """Number of new items by mode id. Modes without new items have no entry."""

    class Chosen(Message):
        """Message: the user clicked on a mode."""

        def __init__(self, mode: str) -> None:
            super().__init__()
            self.mode = mode

    def __init__(self, tabs: Sequence[Tab]) -> None:
        super().__init__()
        self._tabs = tabs
        self._spans: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        labels = {tab.id: _tab_label(tab, self.news_counts.get(tab.id, 0)) for tab in self._tabs}
        if sum(map(len, labels.values())) > self.content_size.width:
            labels = {
                tab.id: f"{'•' if tab.id in self.news_counts else ' '}{tab.key} {tab.label} " for tab in self._tabs
            }
        long = sum(map(len, labels.values()))
        wide = long <= self.content_size.width
        gap = 1 if not wide or long + len(self._tabs) <= self.content_size.width else 0
        at, parts = 0, []
        self._spans = []
        for tab in self._tabs:
            on = tab.id == self.active
            new = tab.id in self.news_counts
            text = labels[tab.id] if wide or on else f"{'•' if new else ' '}{tab.key} "
            style = "bold $foreground on $background" if on else "$accent" if new else "$muted"
            parts.append(Content.styled(text, style))
            self._spans.append((at, at + len(text), tab.id))
            at += len(text) + gap
        return Content(" " * gap).join(parts)

    async def _on_click(self, event: events.Click) -> None:
        x = event.x - 1
        for start, stop, mode in self._spans:
            if start <= x < stop:
                self.post_message(self.Chosen(mode))


def _tab_label(tab: Tab, new: int) -> str:
    return f" {tab.key} {tab.label} •{new:,} " if new else f" {tab.key} {tab.label} "


BACK = "page.back"
"""Id of the binding that goes back."""


class KeyBar(Widget):
    """The last line of the screen: the keys that work now. A click on a key presses it.

    The keys for help and for the command palette are at the right.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = "KeyBar { height: 1; width: 1fr; background: $panel; color: $muted; padding: 0 1; dock: bottom; }"
    PINNED: ClassVar[Mapping[str, int]] = {"app.help": 60, "app.commands": MIN_PALETTE_WIDTH}
    """Ids of the bindings that are always shown, in order, and the minimum width at which each has a description."""
    DROPPED_FIRST: ClassVar[tuple[str, ...]] = (
        "search.save_query",
        "list.save_query",
        "find.save_query",
        "search.recall",
        "page.copy",
        "page.browser",
        "list.sort",
        "page.refresh",
    )
    """Ids of the bindings that are left out first if there is too little room, in this order.

    After these, bindings are left out from the right. In an input, the key that leaves the input is left out last.
    """

    class Key(NamedTuple):
        """A binding that works now, and its label in the key bar."""

        active: ActiveBinding
        text: Content

    _line: Content | None = None
    """The text of the bar; None until the keys are first listed."""
    _fitted_width = 0

    def __init__(self) -> None:
        super().__init__()
        self._labels: dict[tuple[Binding, bool], tuple[str, Content]] = {}
        """For each binding, with (True) or without its description: the name of its key, and its label in the bar."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._update)

    def _update(self, _: object) -> None:
        if self._line is not None and (self.screen is not self.app.screen or not self.app.app_focus):
            return  # neither a dialog above the page nor another window of the desktop changes the keys of the page
        # This runs at every move of the cursor, mostly with the same keys, and often before there is a line to fill.
        before, self._line = self._line, None
        if self.screen is self.app.screen and self.size and before is not None:
            self._fit()
        if self._line is None or before is None or not self._line.is_same(before):
            self.refresh()

    def _list_keys(self) -> tuple[list[Key], list[Key]]:
        """Return two lists: the keys that a narrow bar may leave out, and the keys that it always shows (`PINNED`).

        If several keys run the same action, a list contains only the first of them.
        """
        listed: set[tuple[bool, str]] = set()
        pinned: dict[str, KeyBar.Key] = {}
        enter: list[KeyBar.Key] = []
        others: list[KeyBar.Key] = []
        back: list[KeyBar.Key] = []  # dropped before the others
        typing = isinstance(self.screen.focused, Input)
        leads_back = getattr(self.screen, "leads_back", False)
        width = self.content_size.width
        for active in self.screen.active_bindings.values():
            binding = active.binding
            stays = binding.id in self.PINNED
            leaves = binding.key == "escape" and (typing or (leads_back and binding.id == BACK))
            if not active.enabled or not (stays or binding.show or leaves):
                continue
            is_named = width >= self.PINNED.get(binding.id or "", 0)
            if (label := self._labels.get((binding, is_named))) is None:
                display = self.app.get_key_display(binding)
                label = (display, _key_label(display, binding.description if is_named else ""))
                self._labels[binding, is_named] = label
            display, text = label
            if typing and _is_text_key(display):
                continue
            if (stays, binding.action) in listed:
                continue
            listed.add((stays, binding.action))
            key = self.Key(active, text)
            if stays:
                pinned[binding.id or ""] = key
            elif binding.key == "enter":
                enter.append(key)
            else:
                (back if binding.id == BACK and not typing else others).append(key)
        return [*enter, *others, *back], [pinned[name] for name in self.PINNED if name in pinned]

    def _place_keys(self) -> list[tuple[int, Key]]:
        """Return the keys that fit, each with the number of the cell where its label begins."""
        width = self.content_size.width
        gap = KEY_GAPS[width >= MIN_WIDE_GAPS]
        typing = isinstance(self.screen.focused, Input)
        leaving, staying = self._list_keys()
        right = sum([key.text.cell_length for key in staying]) + gap * max(0, len(staying) - 1)
        widths = [key.text.cell_length + gap for key in leaving]
        ids = [key.active.binding.id for key in leaving]
        while leaving and sum(widths) + right > width:
            dropped = len(leaving) - 1
            while dropped and typing and leaving[dropped].active.binding.key == "escape":
                dropped -= 1
            for name in self.DROPPED_FIRST:
                if name in ids:
                    dropped = ids.index(name)
                    break
            del leaving[dropped], widths[dropped], ids[dropped]
        placed, at = [], 0
        for key in leaving:
            placed.append((at, key))
            at += key.text.cell_length + gap
        at = max(at, width - right)
        for key in staying:
            placed.append((at, key))
            at += key.text.cell_length + gap
        return placed

    def render(self) -> Content:
        if self._line is None or self._fitted_width != self.content_size.width:
            return self._fit()
        return self._line

    def _fit(self) -> Content:
        line = Content("")
        for at, key in self._place_keys():
            line += Content(" " * (at - line.cell_length)) + key.text
        self._line, self._fitted_width = line, self.content_size.width
        return line

    async def _on_click(self, event: events.Click) -> None:
        for at, (active, text) in self._place_keys():
            if at <= event.x - 1 < at + text.cell_length:
                await self.app.run_action(active.binding.action, active.node)
                return


def _key_label(display: str, description: str) -> Content:
    text = Content.styled(display, "bold $primary")
    return text + Content(f" {description}") if description else text


def _is_text_key(display: str) -> bool:
    """Whether a text field would insert a key as a character. `display` is the name of the key on screen."""
    return len(display) == 1 and display.isascii()

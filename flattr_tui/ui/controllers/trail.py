"""The trail: the pages that led to the current one, and going back along them."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from textual.await_complete import AwaitComplete
from textual.screen import Screen

from flattr_tui.ui.modes import BY_ID
from flattr_tui.ui.screens.base import Page

MAX_DEPARTURES = 50
"""How many users one can go back to."""


class TrailHost(Protocol):
    """The part of the app that the trail uses."""

    user: str

    @property
    def current_mode(self) -> str: ...
    @property
    def screen_stack(self) -> Sequence[Screen[Any]]: ...
    def push_screen(self, screen: Page, /) -> Any: ...
    def pop_screen(self) -> AwaitComplete: ...
    def switch_mode(self, mode: str) -> Any: ...


class Departure(NamedTuple):
    """The place and the page that were left to show another Flattr user."""

    user: str
    mode: str
    trail: tuple[str, ...]
    pages: tuple[Page, ...]
    """Copies of the pages that were left, the topmost last."""


class TrailController:
    """Knows which pages led to the current one, and goes back along them."""

    def __init__(self, host: TrailHost) -> None:
        self._host = host
        self._departures: list[Departure] = []
        self._origins: dict[str, str] = {}
        """The place from which a place was opened by a key of its page, not by its digit."""

    def list_crumbs(self, page: Page) -> tuple[str, ...]:
        """Return the names of the pages that led to `page`, and its own; empty if user and tab already say it all."""
        host = self._host
        before = self._departures[-1].trail if self._departures else ()
        mode = BY_ID[host.current_mode]
        root = [host.user] if mode.user_scoped else []
        if mode.id != "profile":
            root.append(mode.label)
        stack = [screen for screen in host.screen_stack if isinstance(screen, Page)]
        opened = stack[1 : stack.index(page) + 1] if page in stack else []
        if not before and not opened:
            return ()
        crumbs = [" ".join(crumb.split()) for crumb in (*before, *root, *(page.crumb for page in opened))]
        return tuple(name for name, _ in groupby(filter(None, crumbs)))  # the same name twice in a row says nothing

    def depart(self) -> None:
        """Remember the current page, before another user is shown."""
        host = self._host
        left = [screen for screen in host.screen_stack[1:] if isinstance(screen, Page)]
        copies = (page.copy() for page in left) if BY_ID[host.current_mode].user_scoped else ()
        page = host.screen_stack[-1]
        trail = self.list_crumbs(page) if isinstance(page, Page) else ()
        departure = Departure(host.user, host.current_mode, trail or (host.user,), tuple(filter(None, copies)))
        self._departures = [*self._departures[1 - MAX_DEPARTURES :], departure]
        self._origins.clear()

    def enter_place(self, mode: str) -> None:
        """Record that a place is opened from the current page, to which going back returns."""
        self._origins[mode] = self._host.current_mode

    def forget_origin(self, mode: str) -> None:
        """Record that a place is opened by its digit: going back leads nowhere."""
        self._origins.pop(mode, None)

    def go_back(self) -> None:
        """Leave the current page; on a place's first page, return to where it was opened, or to the previous user."""
        host = self._host
        if len(host.screen_stack) > 1:
            host.pop_screen()
        elif origin := self._origins.pop(host.current_mode, ""):
            host.switch_mode(origin)
        elif self._departures:
            self._return(self._departures.pop())

    def _return(self, departure: Departure) -> None:
        host = self._host
        host.user = departure.user
        if not departure.pages and BY_ID[departure.mode].user_scoped:
            return
        host.switch_mode(departure.mode)
        if len(host.screen_stack) == 1:
            for page in departure.pages:
                host.push_screen(page)

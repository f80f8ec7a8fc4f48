"""The breadcrumb trail: which pages led to the current page, and how to go back to them."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from textual.await_complete import AwaitComplete
from textual.screen import Screen

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.ui.modes import BY_ID, MODES
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.base_page import Page
from flattr_tui.ui.widgets.table import Position

MAX_DEPARTURES = 50
"""Maximum number of steps back to Flattr users shown before."""


class TrailHost(Protocol):
    """The part of the app that `TrailController` uses."""

    user: str

    def pages(self) -> Sequence[Page]: ...
    @property
    def current_mode(self) -> str: ...
    @property
    def screen_stack(self) -> Sequence[Screen[Any]]: ...
    def push_screen(self, screen: Page, /) -> Any: ...
    def pop_screen(self) -> AwaitComplete: ...
    def switch_mode(self, mode: str) -> Any: ...


class Departure(NamedTuple):
    """The mode and the pages that were on screen before the app switched to another Flattr user."""

    user: str
    mode: str
    trail: tuple[str, ...]
    """The breadcrumbs of the page that was left, ending with its own name."""
    pages: tuple[Page, ...]
    """Copies of the pages that were left, the topmost last."""
    positions: Mapping[ApiRequest, Position]
    """The cursor positions of the open lists, by request."""
    arrival: str
    """Id of the mode in which the other user was shown first."""


class Origin(NamedTuple):
    """Where to go back to from a mode that was opened by a key of a page: the mode and the pages of that page."""

    mode: str
    pages: tuple[Page, ...]
    """Copies of the pages that were closed, the topmost last; empty if they are still open in their mode."""


class TrailController:
    """Knows which pages led to the current page, and goes back to them."""

    def __init__(self, host: TrailHost) -> None:
        self._host = host
        self._departures: list[Departure] = []
        self._origins: dict[str, Origin] = {}
        """For each mode that was opened by a key of a page instead of its digit, the mode and pages to go back to."""
        self._positions: dict[ApiRequest, Position] = {}
        """Cursor positions of lists that will open because the user has gone back, by the request for each list."""
        self._outdated: set[str] = set()
        """Ids of the modes in which pages are still open that were opened from a list of the previous user."""

    def list_crumbs(self, page: Page) -> tuple[str, ...]:
        """Return the breadcrumbs of a page: the names of the pages that led to it, then its own name.

        Returns () if the breadcrumbs would say only the user and the mode, which are shown elsewhere on screen.
        """
        host = self._host
        before = self._departures[-1].trail if self._departures else ()
        mode = BY_ID[host.current_mode]
        root = [host.user] if mode.user_scoped or before else []
        if mode.id != "profile":
            root.append(mode.label)
        stack = [screen for screen in host.screen_stack if isinstance(screen, Page)]
        opened = stack[1 : stack.index(page) + 1] if page in stack else []
        if not before and not opened:
            return ()
        crumbs = [" ".join(crumb.split()) for crumb in (*before, *root, *(page.breadcrumb for page in opened))]
        return tuple(name for name, _ in groupby(filter(None, crumbs)))  # without repeated names

    def depart(self) -> None:
        """Remember the current mode and pages for going back. Call this before another user is shown."""
        host = self._host
        is_scoped = BY_ID[host.current_mode].user_scoped
        page = host.screen_stack[-1]
        trail = self.list_crumbs(page) if isinstance(page, Page) else ()
        departure = Departure(
            host.user,
            host.current_mode,
            trail or (host.user,),
            self._copy_pages() if is_scoped else (),
            self._list_positions(),
            host.current_mode if is_scoped else MODES[0].id,
        )
        self._departures = [*self._departures[1 - MAX_DEPARTURES :], departure]
        self._origins.clear()
        self._outdated = {mode.id for mode in MODES if mode.user_scoped}

    def arrive(self, mode: str) -> None:
        """Record that the user to whom the app is switching is first shown in `mode`. Call this after `depart`."""
        if self._departures:
            self._departures[-1] = self._departures[-1]._replace(arrival=mode)

    def _copy_pages(self) -> tuple[Page, ...]:
        """Return copies of the pages that are open above the first page of the current mode."""
        left = (screen for screen in self._host.screen_stack[1:] if isinstance(screen, Page))
        return tuple(filter(None, (page.copy() for page in left)))

    def close_pages(self) -> None:
        """Close the pages that are open above the first page of the current mode."""
        while len(self._host.screen_stack) > 1:
            self._host.pop_screen()

    def _list_positions(self) -> Mapping[ApiRequest, Position]:
        views = [view for page in self._host.pages() for view in page.walk_children(ListPane)]
        return {view.request: view.table.position for view in views if view.request is not None}

    def take_position(self, request: ApiRequest) -> Position | None:
        """Return the cursor position to restore in a list that the user has gone back to, then forget the position.

        Returns None for any other list.
        """
        return self._positions.pop(request, None)

    def close_outdated_pages(self) -> None:
        """Close the pages of the current mode that were opened from a list of the previous user."""
        host = self._host
        if host.current_mode in self._outdated:
            self._outdated.remove(host.current_mode)
            self.close_pages()

    def enter_mode(self, mode: str) -> None:
        """Record that `mode` is opened from the current page, so that going back returns to that page."""
        host = self._host
        is_here = mode == host.current_mode
        self._origins[mode] = Origin(host.current_mode, self._copy_pages() if is_here else ())
        if is_here:
            self.close_pages()

    def forget_origin(self, mode: str) -> None:
        """Forget the page from which a mode was opened, so that going back from the mode does not lead there.

        Call this when the user opens the mode with its digit.
        """
        self._origins.pop(mode, None)

    @property
    def leads_back(self) -> bool:
        """Whether `go_back` leads to another page."""
        host = self._host
        return len(host.screen_stack) > 1 or host.current_mode in self._origins or bool(self._departures)

    def go_back(self) -> None:
        """Close the current page; from the first page of a mode, go back to the page that led to the mode.

        If no page led there, go back to the user who was shown before.
        """
        host = self._host
        if len(host.screen_stack) > 1:
            host.pop_screen()
        elif origin := self._origins.pop(host.current_mode, None):
            host.switch_mode(origin.mode)
            self._open_pages(origin.pages)
        elif self._departures:
            if host.current_mode == (arrival := self._departures[-1].arrival):
                self._return(self._departures.pop())
            else:  # since then, a digit has opened another mode
                host.switch_mode(arrival)

    def _return(self, departure: Departure) -> None:
        host = self._host
        self._positions = dict(departure.positions)
        self._outdated = {mode.id for mode in MODES if mode.user_scoped}
        host.user = departure.user
        host.switch_mode(departure.mode)
        self.close_outdated_pages()
        if len(host.screen_stack) == 1:
            self._open_pages(departure.pages)

    def _open_pages(self, pages: Sequence[Page]) -> None:
        for page in pages:
            self._host.push_screen(page)

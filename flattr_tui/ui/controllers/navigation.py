"""Navigation between pages: the breadcrumb trail with the way back, and prompts that ask where to go.

The breadcrumb trail shows which pages led to the current page. The user names a thing by its id, by the address of its
page at Flattr, or by any other web address; for the last, the server is asked which thing has this address.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from textual.await_complete import AwaitComplete
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

from flattr_tui.library.events import ConnectionState
from flattr_tui.library.preferences import Preferences
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import Lookup, Thing
from flattr_tui.model.pasted_address import clean_address, is_web, parse_thing_id, parse_username
from flattr_tui.ui import themes
from flattr_tui.ui.app_protocol import ControllerHost
from flattr_tui.ui.controllers.writes import WritesController
from flattr_tui.ui.modes import BY_ID, MODES
from flattr_tui.ui.screens.base_page import Page
from flattr_tui.ui.widgets.list_content import Position

if TYPE_CHECKING:
    from flattr_tui.ui.widgets.dialogs import PromptDialog

MAX_DEPARTURES = 50
"""Maximum number of steps back to Flattr users shown before."""
MAX_OPEN_PAGES = 20
"""Maximum number of pages that stay open above the first page of a mode. Each takes about 1 MB."""


class TrailHost(Protocol):
    """Protocol: the part of the app that `TrailController` uses."""

    user: str

    def pages(self) -> Sequence[Page]: ...
    @property
    def current_mode(self) -> str: ...
    @property
    def screen_stack(self) -> Sequence[Screen[Any]]: ...
    def push_screen(self, screen: Page, /) -> Any: ...
    def pop_screen(self) -> AwaitComplete: ...
    def switch_mode(self, mode: str) -> Any: ...


class ClosedPage(NamedTuple):
    """A page that is opened again when the user goes back to it."""

    copy: Page
    crumb: str
    """Its name in the breadcrumbs."""
    positions: Mapping[ApiRequest, Position]
    """The cursor positions of its lists, by request."""


class Departure(NamedTuple):
    """A place to return to: the mode and the pages that were open before the app showed another Flattr user."""

    user: str
    mode: str
    trail: tuple[str, ...]
    """The breadcrumbs of the page that was left, ending with its own name."""
    pages: tuple[ClosedPage, ...]
    """The pages that were left, the topmost last."""
    positions: Mapping[ApiRequest, Position]
    """The cursor positions of the open lists, by request."""
    arrival: str
    """Id of the mode in which the other user was shown first."""


class Origin(NamedTuple):
    """A place to return to: the mode and the pages that were open before the user opened another mode."""

    mode: str
    pages: tuple[ClosedPage, ...]
    """The pages that were closed, the topmost last; empty if they are still open in their mode."""


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
        self._closed: dict[str, list[ClosedPage]] = {}
        """For each mode, the pages between its first page and the next open page, the topmost last."""

    def list_crumbs(self, page: Page) -> tuple[str, ...]:
        """Return the breadcrumbs of a page: the names of the pages that led to the page, then its own name.

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
        names = [page.crumb for page in self._closed.get(mode.id, ())] if opened else []
        names += [page.breadcrumb for page in opened]
        crumbs = [" ".join(crumb.split()) for crumb in (*before, *root, *names)]
        return tuple(name for name, _ in groupby(filter(None, crumbs)))  # without repeated names

    def depart(self) -> None:
        """Remember the current mode and pages, so that `go_back` can return to them.

        Call this before the app shows another user.
        """
        host = self._host
        is_scoped = BY_ID[host.current_mode].user_scoped
        page = host.screen_stack[-1]
        trail = self.list_crumbs(page) if isinstance(page, Page) else ()
        departure = Departure(
            host.user,
            host.current_mode,
            trail or (host.user,),
            self._copy_pages() if is_scoped else (),
            _list_positions(host.pages()),
            host.current_mode if is_scoped else MODES[0].id,
        )
        self._departures = [*self._departures[1 - MAX_DEPARTURES :], departure]
        self._origins.clear()
        self._outdated = {mode.id for mode in MODES if mode.user_scoped}

    def arrive(self, mode: str) -> None:
        """Record that `mode` is the mode in which the app first shows the new user. Call this after `depart`.

        From this mode, the user can go back to the previous user.
        """
        if self._departures:
            self._departures[-1] = self._departures[-1]._replace(arrival=mode)

    def _copy_pages(self) -> tuple[ClosedPage, ...]:
        """Return copies of all pages above the first page of the current mode, the topmost last.

        These are the open pages and those that `make_room` has closed. A page that can't be copied is left out.
        """
        left = (screen for screen in self._host.screen_stack[1:] if isinstance(screen, Page))
        pages = [
            ClosedPage(copy, page.breadcrumb, _list_positions([page]))
            for page in left
            if (copy := page.copy()) is not None
        ]
        return (*self._closed.get(self._host.current_mode, ()), *pages)

    def make_room(self) -> None:
        """If `MAX_OPEN_PAGES` pages are open above the first page of the mode, close all of them.

        Call this before a page is opened. Going back opens each of the closed pages again.
        """
        host = self._host
        if len(host.screen_stack) > MAX_OPEN_PAGES and all(isinstance(screen, Page) for screen in host.screen_stack):
            pages = self._copy_pages()
            self.close_pages()
            self._closed[host.current_mode] = list(pages)

    def close_pages(self) -> None:
        """Close all pages above the first page of the current mode.

        Going back opens neither these pages again, nor those that `make_room` has closed in this mode.
        """
        self._closed.pop(self._host.current_mode, None)
        while len(self._host.screen_stack) > 1:
            self._host.pop_screen()

    def take_position(self, request: ApiRequest) -> Position | None:
        """Return the cursor position that a list had when the user left the list, and forget the position.

        `request` is the request for the list. Returns None if the user has not gone back to this list.
        """
        return self._positions.pop(request, None)

    def close_outdated_pages(self) -> None:
        """Close the pages of the current mode that show data of the previous user. Its first page stays open."""
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
        """Forget from which page the user opened the mode with the id `mode`. Going back does not return there anymore.

        Call this when the user opens the mode with its digit key.
        """
        self._origins.pop(mode, None)

    @property
    def leads_back(self) -> bool:
        """Whether `go_back` leads to another page."""
        host = self._host
        return len(host.screen_stack) > 1 or host.current_mode in self._origins or bool(self._departures)

    def go_back(self) -> None:
        """Return to the previous page of the mode; from the first page, to the page from which the mode was opened.

        If the mode was not opened from a page, return to the Flattr user that the app showed before.
        """
        host = self._host
        if len(host.screen_stack) > 1:
            host.pop_screen()
            if len(host.screen_stack) == 1:
                self._open_topmost(self._closed.pop(host.current_mode, ()))
        elif origin := self._origins.pop(host.current_mode, None):
            host.switch_mode(origin.mode)
            self._open_topmost(origin.pages)
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
            self._open_topmost(departure.pages)

    def _open_topmost(self, pages: Sequence[ClosedPage]) -> None:
        """Open the last of `pages`. The others are opened when the user goes back to them."""
        if pages:
            *below, page = pages
            self._closed[self._host.current_mode] = below
            self._positions |= page.positions
            self._host.push_screen(page.copy)


def _list_positions(pages: Iterable[Page]) -> dict[ApiRequest, Position]:
    """Return the cursor positions of the lists on these pages, by the request for each list."""
    views = (view for page in pages for view in page.lists)
    return {view.request: view.table.position for view in views if view.request is not None}


class LookupController:
    """Asks the server for the thing at an address. A new lookup replaces the previous one."""

    def __init__(self, host: ControllerHost) -> None:
        self._host = host
        self._request: ApiRequest | None = None

    def open_thing(self, text: str) -> None:
        """Open the page of the thing that `text` refers to, once it is found."""
        host, text = self._host, clean_address(text)
        number = parse_thing_id(text)
        if number is None and host.library.search is not None:
            number = host.library.search.find_thing_id(text)
        if number is not None:
            host.open_item(Thing(id=number))
            return
        address = text if "://" in text else f"https://{text}"
        if not is_web(address):
            host.notify_user(f"{text} is neither a thing's id nor an address.", "warning")
            return
        self._request = ApiRequest.of("lookup", url=address)
        host.library.observe(self._request)
        self._show_result()

    def record_changed(self, request: ApiRequest) -> None:
        """Show the result if `request`, whose response was just saved, is the request of the running lookup."""
        if request == self._request:
            self._show_result()

    def _show_result(self) -> None:
        host, request = self._host, self._request
        if request is None:
            return
        address, record = request.get("url"), host.library.record(request)
        if isinstance(record.entity, Lookup):
            self._request = None
            if record.entity.thing_id is None:
                host.notify_user(f"There is no thing for {address}.")
            else:
                host.open_item(Thing(id=record.entity.thing_id))
        elif record.failure is not None and not record.loading:
            self._request = None
            host.notify_user(record.failure.sentence, "error")
        elif host.library.status.connection is ConnectionState.OFFLINE:
            self._request = None
            host.notify_user(f"Offline: saved data does not say whether there is a thing for {address}.", "warning")


class PromptHost(ControllerHost, Protocol):
    """Protocol: the part of the app that prompts use."""

    preferences: Preferences
    theme: str
    known_usernames: dict[str, str]

    @property
    def available_themes(self) -> Mapping[str, object]: ...
    @property
    def lookup(self) -> LookupController: ...
    @property
    def writes(self) -> WritesController: ...
    def show_user(self, name: str) -> None: ...
    def run_in_thread(self, work: Callable[[], Message], receiver: MessagePump, name: str) -> None: ...


class PromptsController:
    """Shows prompts with suggestions, and opens or shows what the user chooses."""

    def __init__(self, host: PromptHost) -> None:
        self._host = host

    def ask_user(self) -> None:
        """Ask for a user to go to."""
        host = self._host
        prompt = self._ask("Go to which user?", tuple(host.known_usernames.values()), self.go_to_user, literal="Go to")
        if (search := host.library.search) is not None:
            prompt.is_awaiting_data = True
            host.run_in_thread(lambda: prompt.SuggestionsFound(search.list_usernames()), prompt, "listing the users")

    def go_to_user(self, text: str) -> None:
        """Show the user whose name or profile address is `text`; if it is neither, say so in a notice."""
        if name := parse_username(text):
            self._host.show_user(name)
        else:
            self._host.notify_user(f"{text} is neither a user name nor a profile's address.", "warning")

    def ask_flattr(self) -> None:
        """Ask for the address of a thing, then flattr the thing."""
        self._ask("Flattr which address?", (), self._host.writes.flattr_address, literal="Flattr")

    def ask_thing(self) -> None:
        """Ask for a thing to go to."""
        self._ask("Go to which thing? (its id, or an address)", (), self._host.lookup.open_thing, literal="Go to")

    def ask_source(self) -> None:
        """Ask for another source, then show its data."""
        kinds = (SourceKind.SANDBOX.value, SourceKind.SAVED.value)
        self._ask("Which source? (sandbox, saved, or an address)", kinds, self._host.switch_source, literal="Show")

    def ask_theme(self) -> None:
        """Ask for another theme, then switch to it. While the user chooses, the highlighted theme is previewed."""
        before = self._host.theme

        def take(name: str | None) -> None:
            self._host.theme = before
            if name:
                self.choose_theme(name)

        from flattr_tui.ui.widgets.dialogs import PromptDialog  # noqa: PLC0415 -- imported when it is shown

        prompt = PromptDialog("Which theme?", themes.NAMES, literal="", preview=self._preview_theme)
        self._host.push_screen(prompt, take)

    def _preview_theme(self, name: str) -> None:
        if name in self._host.available_themes:
            self._host.theme = name

    def choose_theme(self, name: str) -> None:
        """Switch to another theme, and store the choice."""
        if name in self._host.available_themes:
            self._host.theme = self._host.preferences.theme = name
        else:
            self._host.notify_user(f"There is no theme {name!r}.", "warning")

    def _ask(
        self, question: str, suggestions: Sequence[str], answered: Callable[[str], None], *, literal: str
    ) -> "PromptDialog":
        from flattr_tui.ui.widgets.dialogs import PromptDialog  # noqa: PLC0415 -- imported when it is shown

        def take(answer: str | None) -> None:
            if answer:
                answered(answer)

        prompt = PromptDialog(question, suggestions, literal=literal)
        self._host.push_screen(prompt, take)
        return prompt

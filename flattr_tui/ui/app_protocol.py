"""What pages, panes, dialogs and controllers use of the app: protocols, messages, and functions that take a widget.

None of these modules can import the app, because the app imports them. With protocols, a test can also replace the app
by a small object. Workers post the messages to the app or to pages, because a worker never touches a widget.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeVar, cast, runtime_checkable

from textual.actions import SkipAction
from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.signal import Signal

from flattr_tui.library.bookmarks import Bookmarks, Mark, RemovedBookmark
from flattr_tui.library.events import Event, SourceStatus
from flattr_tui.library.preferences import Preferences
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Entity
from flattr_tui.model.query_language import QueryContext, QuerySyntaxError, parse_query
from flattr_tui.store.catalogue_schema import FlattrStatistics

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from flattr_tui.library.account.write_service import WriteService
    from flattr_tui.library.events import SyncProgress
    from flattr_tui.library.library import Library
    from flattr_tui.library.query.list_feed import Feed
    from flattr_tui.library.sync import Targets

Answer = TypeVar("Answer")
Checks = dict[str, Callable[[], bool]]
"""By the name of an action, a function that returns whether the action can be run now.

An action without a function can always be run.
"""


class PageSubject(Protocol):
    """Protocol: the items, users and requests of a page on which keys can act. Every `Page` implements this."""

    @property
    def subject(self) -> Entity | None:
        """The thing, user or other item that keys act on; None if the page has none."""
        ...

    @property
    def marked_items(self) -> Sequence[Entity]:
        """The items of the marked rows. Keys act on these instead of `subject`. Empty if no row is marked."""
        ...

    @property
    def request(self) -> ApiRequest | None:
        """The request for the list or record that the page shows; None for other pages."""
        ...

    @property
    def username(self) -> str:
        """Name of the user that the page is about; "" for none."""
        ...

    @property
    def searches(self) -> Sequence[ApiRequest]:
        """The searches whose results the page shows."""
        ...


class ControllerHost(Protocol):
    """Protocol: the part of the app that controllers use. `LibraryApp` and `FlattrApp` describe the members."""

    library: "Library"
    clock: Callable[[], float]
    """Returns the current time in Unix seconds."""
    syncing: "SyncProgress | None"
    bookmarks_version: int
    news_counts: Mapping[str, int]
    """How many items in the user's lists are new, by mode id. Modes without new items are left out."""

    @property
    def user(self) -> str: ...
    @property
    def screen(self) -> Screen[Any]: ...
    @property
    def page(self) -> PageSubject | None:
        """The page on screen; None while a dialog covers it."""
        ...

    @property
    def can_switch(self) -> bool: ...

    # -- dialogs and notices
    def push_screen(
        self, screen: Screen[Answer], callback: Callable[[Answer | None], None] | None = None, /
    ) -> object: ...
    def notify_user(self, text: str, severity: str = "information") -> None: ...

    # -- work: a worker, also one in a thread, passes its result on with `call_later`
    def start_worker(
        self, work: Callable[[], Awaitable[None]] | Callable[[], None], name: str, group: str, **options: bool
    ) -> None: ...
    def call_later(self, callback: Callable[..., object], /, *arguments: Any) -> bool: ...

    # -- pages
    def items_changed(self) -> None: ...
    def account_changed(self) -> None: ...
    def switch_source(self, name: str) -> None: ...
    @property
    def can_lend_terminal(self) -> bool: ...
    def lend_terminal(
        self,
        command: Sequence[str],
        source: IO[bytes] | None = None,
        *,
        more: Sequence[Sequence[str]] = (),
        prompt: str = "",
    ) -> int | None: ...
    def open_address(self, address: str, *, is_shown: bool = False) -> None: ...
    def open_user(self, name: str) -> None: ...
    def open_item(self, item: Entity) -> None: ...
    def search_again(self, arguments: dict[str, str]) -> None: ...
    def open_filter(self, request: ApiRequest, mode: str, text: str) -> None: ...
    def find(self, text: str) -> None: ...


class NewItems(Protocol):
    """Protocol: the part of `NewItemsController` that pages use. The controller knows which items of a list are new."""

    def seen_until(self, request: ApiRequest) -> int | None: ...
    def record_look(self, request: ApiRequest, newest: int | None) -> bool: ...
    def mark_seen(self, request: ApiRequest, newest: int) -> None: ...


class PendingWrites(Protocol):
    """Protocol: the part of `WritesController` that pages use. The controller sends writes and shows their effects."""

    @property
    def service(self) -> "WriteService | None": ...
    def apply_to_feed(self, feed: "Feed") -> "Feed": ...
    def apply_to_item(self, item: Entity | None, fetched_at: float | None) -> Entity | None: ...


class SavedBookmarks(Protocol):
    """Protocol: the part of `BookmarksController` that pages use. The controller adds, opens and removes bookmarks."""

    @property
    def store(self) -> Bookmarks: ...
    @property
    def starred(self) -> frozenset[tuple[str, str]]: ...
    def is_bookmarked(self, subject: Entity | ApiRequest | None) -> bool: ...
    def record_visit(self, subject: Entity) -> None: ...
    def open(self, mark: Mark) -> None: ...
    def ask_query_name(self, mark: Mark | None) -> None: ...
    def mark_of(self, subject: Entity | ApiRequest | None) -> Mark | None: ...
    def remove(self, mark: Mark, *, opened: bool) -> RemovedBookmark: ...
    def restore(self, removed: RemovedBookmark) -> None: ...
    def save(self) -> None: ...


class Programs(Protocol):
    """Protocol: the part of `ProgramsController` that pages use. The controller runs other programs."""

    def edit_text(self, field: "TextArea") -> None: ...


class Trail(Protocol):
    """Protocol: the part of `TrailController` that pages use. The controller goes back to earlier pages."""

    @property
    def leads_back(self) -> bool: ...
    def list_crumbs(self, page: Any) -> tuple[str, ...]: ...
    def take_position(self, request: ApiRequest) -> Any: ...


class RunningSync(Protocol):
    """Protocol: the part of `SyncController` that pages use. The controller runs a sync."""

    def start(self, targets: "Targets") -> None: ...
    def stop(self) -> None: ...


class ListExport(Protocol):
    """Protocol: the part of `ExportController` that tables use. The controller exports the focused table's rows."""

    def ask(self) -> None: ...


class AppServices(Protocol):
    """Protocol: the part of the app that pages and panes use, without the members of Textual's `App`.

    For the attributes and methods of Textual's `App` itself, use `node.app`.
    """

    library: "Library"
    clock: Callable[[], float]
    """Returns the current time in Unix seconds."""
    tz: tzinfo
    library_changed: Signal[Event]
    """Published whenever a list or a single item of the library changes."""
    known_usernames: dict[str, str]
    preferences: Preferences

    @property
    def status(self) -> SourceStatus: ...
    @property
    def source(self) -> str: ...
    @property
    def now(self) -> float: ...
    @property
    def user(self) -> str: ...
    @user.setter
    def user(self, user: str) -> None: ...
    @property
    def new_items(self) -> NewItems: ...
    @property
    def writes(self) -> PendingWrites: ...
    @property
    def bookmarks(self) -> SavedBookmarks: ...
    @property
    def programs(self) -> Programs: ...
    @property
    def sync(self) -> RunningSync: ...
    @property
    def export(self) -> ListExport: ...
    @property
    def trail(self) -> Trail: ...
    @property
    def can_switch(self) -> bool: ...

    # -- the clock, workers, notices
    def read_clock(self) -> None: ...
    def schedule_clock(self) -> None: ...
    def compute_statistics(self, username: str, receiver: MessagePump) -> None: ...
    def run_in_thread(
        self,
        work: Callable[[], Message],
        receiver: MessagePump,
        name: str,
        *,
        delay: float = 0.0,
        when_ready: bool = False,
    ) -> None: ...
    def notify_user(self, text: str, severity: str = "information") -> None: ...
    def dismiss_notices(self) -> None: ...
    def copy_text(self, text: str, *, name: str = "") -> None: ...
    def open_address(self, address: str, *, is_shown: bool = False) -> None: ...

    # -- pages
    def items_changed(self) -> None: ...
    def go_back(self) -> None: ...
    def action_mode(self, mode: str) -> None: ...
    def enter_mode(self, mode: str) -> None: ...
    def show_user(self, name: str) -> None: ...
    def open_user(self, name: str) -> None: ...
    def open_item(self, item: Entity) -> None: ...
    def search(self, query: str) -> None: ...
    def switch_source(self, name: str) -> None: ...
    def show_subscriptions(self) -> None: ...
    def show_saved_people(self) -> None: ...
    def show_earnings(self, *, everybody: bool) -> None: ...
    def show_query_help(self) -> None: ...


class LibraryEvent(Message):
    """Message: the library published an event. The app handles it, and passes it on to the pages that it concerns."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class StatisticsComputed(Message):
    """Message: the statistics of a user were computed."""

    def __init__(self, username: str, statistics: FlattrStatistics) -> None:
        super().__init__()
        self.username = username
        self.statistics = statistics


class UserNotice(Message):
    """Message: a worker wants to show a notice."""

    def __init__(self, text: str, severity: str = "information") -> None:
        super().__init__()
        self.text = text
        self.severity = severity


def app_of(node: DOMNode) -> AppServices:
    """Return the app that a widget or screen belongs to, typed as `AppServices`.

    A test checks that the app has all members of this protocol.
    """
    return cast("AppServices", node.app)


@runtime_checkable
class ShowsTime(Protocol):
    """Protocol: a screen with texts that depend on the time, such as ages."""

    def next_change_in(self, now: float) -> float:
        """Return the seconds from `now` (Unix seconds) until a text on this screen is outdated; infinity if never."""
        ...


def visible_screens(app: App[Any]) -> Iterator[Screen[Any]]:
    """Yield the visible screens: the top screen and, if that is a dialog, the screens that are visible around it."""
    for screen in reversed(app.screen_stack):
        yield screen
        if not screen.is_modal:
            return


def is_visible(node: DOMNode) -> bool:
    """Whether a widget or screen is on a visible screen."""
    return node.screen in visible_screens(node.app)


def copy_selection(screen: Screen[Any]) -> None:
    """Copy the text that is selected on a screen, and end the selection.

    Raises `SkipAction` if nothing is selected, so that Textual tries the next binding of the key.
    """
    text = screen.get_selected_text() or ""
    screen.clear_selection()
    if not text.strip():
        raise SkipAction
    app_of(screen).copy_text(text, name="the selected text.")


def query_context(node: DOMNode, seen_until: int | None = None) -> QueryContext:
    """Return the values that the meaning of a filter query depends on: the time, the account, and which items are new.

    `node` is a screen or widget of the app. The condition `is:new` selects the items after `seen_until` (Unix seconds).
    If `seen_until` is None, a query with `is:new` is invalid.
    """
    app = app_of(node)
    return QueryContext(app.clock(), app.tz, app.library.account, seen_until)


def find_query_fault(text: str, context: QueryContext) -> str:
    """Return a sentence that says why the query `text` is invalid; "" if it is valid.

    `context`, from `query_context`, contains the values that the meaning of a query depends on.
    """
    try:
        parse_query(text.strip(), context)
    except QuerySyntaxError as error:
        return str(error)
    return ""

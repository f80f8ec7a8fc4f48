"""A protocol: the part of the app that pages, panes and dialogs use. They can't import the app, which imports them.

Workers post the messages at the end to the app or to pages, because a worker never touches a widget.
"""

from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

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
from flattr_tui.store.catalogue_types import FlattrStatistics

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from flattr_tui.library.account.write_service import WriteService
    from flattr_tui.library.library import Library
    from flattr_tui.library.query.list_feed import Feed
    from flattr_tui.library.sync import Targets


class NewItems(Protocol):
    """The part of the new-items controller that pages use."""

    def seen_until(self, request: ApiRequest) -> int | None: ...
    def record_look(self, request: ApiRequest, newest: int | None) -> bool: ...
    def mark_seen(self, request: ApiRequest, newest: int) -> None: ...


class PendingWrites(Protocol):
    """The part of the writes controller that pages use."""

    @property
    def service(self) -> "WriteService | None": ...
    def apply_to_feed(self, feed: "Feed") -> "Feed": ...
    def apply_to_item(self, item: Entity | None, fetched_at: float | None) -> Entity | None: ...


class SavedBookmarks(Protocol):
    """The part of the bookmarks controller that pages use."""

    @property
    def store(self) -> Bookmarks: ...
    @property
    def starred(self) -> frozenset[tuple[str, str]]: ...
    def is_bookmarked(self, subject: Entity | ApiRequest | None) -> bool: ...
    def record_visit(self, subject: Entity) -> None: ...
    def open(self, mark: Mark) -> None: ...
    def ask_query_name(self, mark: Mark) -> None: ...
    def mark_of(self, subject: Entity | ApiRequest | None) -> Mark | None: ...
    def remove(self, mark: Mark, *, opened: bool) -> RemovedBookmark: ...
    def restore(self, removed: RemovedBookmark) -> None: ...
    def save(self) -> None: ...


class Programs(Protocol):
    """The part of the controller of other programs that pages use."""

    def edit_text(self, field: "TextArea") -> None: ...


class Trail(Protocol):
    """The part of the breadcrumb trail's controller that pages use."""

    @property
    def leads_back(self) -> bool: ...
    def list_crumbs(self, page: Any) -> tuple[str, ...]: ...
    def take_position(self, request: ApiRequest) -> Any: ...


class RunningSync(Protocol):
    """The part of the sync controller that pages use."""

    def start(self, targets: "Targets") -> None: ...
    def stop(self) -> None: ...


class AppServices(Protocol):
    """The attributes and methods that pages and panes use, and that this app adds to those of Textual's `App`.

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
        after: float = 0.0,
        when_ready: bool = False,
    ) -> None: ...
    def notify_user(self, text: str, severity: str = "information") -> None: ...
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
    """A screen with texts that depend on the time, such as ages."""

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

    `is:new` selects the items after `seen_until` (Unix seconds); with None, `is:new` is an error.
    """
    app = app_of(node)
    return QueryContext(app.clock(), app.tz, app.library.account, seen_until)


def find_query_fault(text: str, context: QueryContext) -> str:
    """Return a sentence that says why a filter query is invalid; "" if it is valid."""
    try:
        parse_query(text.strip(), context)
    except QuerySyntaxError as error:
        return str(error)
    return ""

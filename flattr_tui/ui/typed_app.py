"""The part of the app that pages and panes use, as a protocol. They can't import the app, since it imports them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from textual.app import App
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.signal import Signal

from flattr_tui.library.bookmarks import Bookmarks, Mark
from flattr_tui.library.events import Event, Status
from flattr_tui.library.preferences import Preferences
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Entity
from flattr_tui.ui.bookmark_titles import RemovedBookmark

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from flattr_tui.library.account.write_service import WriteService
    from flattr_tui.library.library import Library
    from flattr_tui.library.query.feed import Feed
    from flattr_tui.library.sync import Targets


class News(Protocol):
    """The part of the news controller that pages use."""

    def seen_until(self, request: Request) -> int | None: ...
    def note_look(self, request: Request, newest: int | None) -> bool: ...
    def mark_seen(self, request: Request, newest: int) -> None: ...


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
    def is_bookmarked(self, subject: Entity | Request | None) -> bool: ...
    def record_visit(self, subject: Entity) -> None: ...
    def open(self, mark: Mark) -> None: ...
    def ask_query_name(self, mark: Mark) -> None: ...
    def mark_of(self, subject: Entity | Request | None) -> Mark | None: ...
    def remove(self, mark: Mark, *, opened: bool) -> RemovedBookmark: ...
    def restore(self, removed: RemovedBookmark) -> None: ...
    def draft(self, key: str) -> Mapping[str, str]: ...
    def keep_draft(self, key: str, values: Mapping[str, str]) -> None: ...
    def save(self) -> None: ...


class Programs(Protocol):
    """The part of the programs controller that pages use."""

    def edit_text(self, field: "TextArea") -> None: ...


class Trail(Protocol):
    """The part of the trail controller that pages use."""

    def list_crumbs(self, page: Any) -> tuple[str, ...]: ...


class RunningSync(Protocol):
    """The part of the sync controller that pages use."""

    def start(self, targets: "Targets") -> None: ...
    def stop(self) -> None: ...


class AppServices(Protocol):
    """Our own part of the app's interface. Members of Textual's `App` are used through `node.app`."""

    library: "Library"
    clock: Callable[[], float]
    """Returns Unix seconds."""
    tz: tzinfo
    library_changed: Signal[Event]
    """Published with every change of a feed or a record."""
    known_usernames: dict[str, None]
    preferences: Preferences

    @property
    def status(self) -> Status: ...
    @property
    def source(self) -> str: ...
    @property
    def now(self) -> float: ...
    @property
    def user(self) -> str: ...
    @user.setter
    def user(self, user: str) -> None: ...
    @property
    def news(self) -> News: ...
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
    def copy_text(self, text: str, reason: str = "", *, name: str = "") -> None: ...
    def open_address(self, address: str, *, is_shown: bool = False) -> None: ...

    # -- pages
    def items_changed(self) -> None: ...
    def go_back(self) -> None: ...
    def action_mode(self, mode: str) -> None: ...
    def enter_place(self, mode: str) -> None: ...
    def show_user(self, name: str) -> None: ...
    def open_user(self, name: str) -> None: ...
    def open_item(self, item: Entity) -> None: ...
    def search(self, query: str) -> None: ...
    def switch_source(self, name: str) -> None: ...
    def show_subscriptions(self) -> None: ...
    def show_saved_people(self) -> None: ...


def app_of(node: DOMNode) -> AppServices:
    """Return the app's own interface. `tests/ui/test_typed_app.py` checks that the app has all of it."""
    return cast("AppServices", node.app)


@runtime_checkable
class ShowsTime(Protocol):
    """A screen with texts that change with time."""

    def next_change_in(self, now: float) -> float:
        """Return the seconds until the next text changes; infinity if none does."""
        ...


def visible_screens(app: App[Any]) -> Iterator[Screen[Any]]:
    """Yield the visible screens: the top one, and those below if it is a dialog."""
    for screen in reversed(app.screen_stack):
        yield screen
        if not screen.is_modal:
            return


def is_visible(node: DOMNode) -> bool:
    """Whether a node is on a visible screen."""
    return node.screen in visible_screens(node.app)

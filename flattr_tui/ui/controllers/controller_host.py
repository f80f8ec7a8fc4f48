"""A protocol: the part of the app that controllers use. A test can replace the app by a small object."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeVar

from textual.screen import Screen

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Entity

if TYPE_CHECKING:
    from flattr_tui.library.events import SyncProgress
    from flattr_tui.library.library import Library

Answer = TypeVar("Answer")
Checks = dict[str, Callable[[], bool]]
"""By the name of an action, a function that returns whether the action can be run now.

An action without a function can always be run.
"""


class PageSubject(Protocol):
    """What a page is about, for the keys that act on its item or user. Every `Page` implements this."""

    @property
    def subject(self) -> Entity | None:
        """The thing, user or other item that keys act on; None if the page has none."""
        ...

    @property
    def marked_items(self) -> Sequence[Entity]:
        """The items of the marked rows, on which keys act instead of the item; empty if no row is marked."""
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
    """The part of the app that controllers use. `LibraryApp` and `FlattrApp` describe its members."""

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

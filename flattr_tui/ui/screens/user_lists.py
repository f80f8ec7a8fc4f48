"""A user's things, flattrs and activities: left the list, right the item under the cursor."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from flattr_tui.library.account_requests import FULL, to_own_request, user_activities_request
from flattr_tui.library.query.feed import Row
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Entity
from flattr_tui.ui.bindings import ACTIVITIES
from flattr_tui.ui.panes.detail_pane import DetailPane
from flattr_tui.ui.panes.feed_view import FeedView
from flattr_tui.ui.screens.base import Page
from flattr_tui.ui.typed_app import app_of


class ListScreen(Page):
    """One list of one user: of the user whom the app shows, or of one of its own."""

    METHOD: ClassVar[str] = ""
    EXTRA: ClassVar[Mapping[str, str]] = {}
    """Arguments besides the user name."""
    AUTO_FOCUS = "RowTable"

    def __init__(self, username: str = "") -> None:
        super().__init__()
        self._username = username

    @property
    def username(self) -> str:
        """Whose list it is."""
        return self._username or self.user

    def body(self) -> ComposeResult:
        """The list and the detail."""
        with Horizontal(classes="split"):
            yield FeedView(self.METHOD, classes="list")
            yield DetailPane(classes="detail")

    def on_mount(self) -> None:
        """Open the list."""
        super().on_mount()
        self.watch(self.query_one(FeedView), "highlighted", self._show_row)
        self._list()

    def watch_user(self) -> None:
        """List the other user's."""
        if self.is_mounted:
            self._list()

    def _list(self) -> None:
        self.query_one(FeedView).request = self.request

    @property
    def request(self) -> Request | None:
        """What is listed."""
        return self.asked(Request.of(self.METHOD, self.EXTRA, username=self.username)) if self.username else None

    def asked(self, request: Request) -> Request:
        """Ask for one's own list as oneself: it holds more."""
        return to_own_request(request, app_of(self).library.account)

    def source_changed(self) -> None:
        """The library is another one, or another account's."""
        self._list()
        super().source_changed()

    @property
    def subject(self) -> Entity | None:
        """The item under the cursor."""
        row = self.query_one(FeedView).row
        return row.item if row is not None else None

    def _show_row(self, row: Row | None) -> None:
        self.query_one(DetailPane).item = row.item if row is not None else None
        self.refresh_bindings()

    def on_feed_view_opened(self, event: FeedView.Opened) -> None:
        """Open the item's page."""
        self.open_item(event.row.item)

    def on_feed_view_status_changed(self, event: FeedView.StatusChanged) -> None:
        """Say how old it is."""
        self.fetched_at = event.status.fetched_at


class ThingsScreen(ListScreen):
    """A user's things."""

    METHOD = "user-things"


class FlattrsScreen(ListScreen):
    """A user's flattrs."""

    METHOD = "user-flattrs"
    EXTRA: ClassVar[Mapping[str, str]] = FULL


class ActivitiesScreen(ListScreen):
    """What a user did, or what befell the user."""

    METHOD = "user-activities"
    BINDINGS: ClassVar[list[BindingType]] = list(ACTIVITIES)

    def __init__(self, username: str = "") -> None:
        super().__init__(username)
        self.incoming = False

    @property
    def request(self) -> Request | None:
        """What is listed."""
        if not self.username:
            return None
        return self.asked(user_activities_request(self.username, incoming=self.incoming))

    def action_toggle_incoming(self) -> None:
        """Change between what the user did and what befell the user."""
        self.incoming = not self.incoming
        self._list()
        self.query_one(FeedView).note = "incoming" if self.incoming else ""

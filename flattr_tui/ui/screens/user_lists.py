"""The pages that list a user's things, flattrs, activities or subscriptions, with the detail pane beside the list."""

from collections.abc import Mapping
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType

from flattr_tui.model.api_request import FULL, ApiRequest, user_activities_request
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.bindings import ACTIVITIES
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.base_page import DetailPane, Page
from flattr_tui.ui.widgets.base_widgets import Split


class ListScreen(Page):
    """A page with one list of a user. Subclasses say which list.

    The list is that of the user `username`; with "", that of the user that the app shows.
    """

    METHOD: ClassVar[str] = ""
    EXTRA: ClassVar[Mapping[str, str]] = {}
    """Further parameters of the request, by name."""
    EMPTY_TEXT: ClassVar[str] = ""
    """The text shown while there is no request; "" for the usual text."""
    AUTO_FOCUS = "RowTable"

    def __init__(self, username: str = "") -> None:
        super().__init__()
        self._username = username

    @property
    def username(self) -> str:
        """Name of the user whose list it is."""
        return self._username or self.user

    def copy(self) -> "ListScreen":
        """Return a new page with the same list."""
        return type(self)(self._username)

    def body(self) -> ComposeResult:
        view = ListPane(self.METHOD, empty_text=self.EMPTY_TEXT, classes="list")
        view.set_reactive(ListPane.request, self.request)  # before mounting, so that no empty list is drawn
        with Split():
            yield view
            yield DetailPane(classes="detail")

    def on_mount(self) -> None:
        super().on_mount()
        self.watch(self.query_one(ListPane), "highlighted", self.show_row)

    def watch_user(self) -> None:
        if self.is_mounted:
            self._load()

    def _load(self) -> None:
        self.query_one(ListPane).request = self.request

    @property
    def request(self) -> ApiRequest | None:
        """The request for the list; None if no user is shown."""
        if not self.username:
            return None
        return self.as_own_request(ApiRequest.of(self.METHOD, self.EXTRA, username=self.username))

    async def show_filtered(self, text: str, *, incoming: bool = False) -> None:
        """Filter the list by the query `text`. On the page of activities, `incoming` selects the incoming ones."""
        await self.query_one(ListPane).filter_by(text)

    def source_changed(self) -> None:
        """Load the list from the library that the app uses now. The account may have changed, too."""
        self._load()
        super().source_changed()

    def on_list_pane_status_changed(self, event: ListPane.StatusChanged) -> None:
        self.fetched_at = event.status.fetched_at


class ThingsScreen(ListScreen):
    """The page of a user's things."""

    CRUMB = "Things"
    METHOD = "user-things"


class FlattrsScreen(ListScreen):
    """The page of a user's flattrs."""

    CRUMB = "Flattrs"
    METHOD = "user-flattrs"
    EXTRA: ClassVar[Mapping[str, str]] = FULL


class ActivitiesScreen(ListScreen):
    """The page of a user's activities. A key switches between the two lists, outgoing and incoming activities.

    The outgoing activities are what the user did, and are shown first. The incoming ones are what others did with the
    user's things.
    """

    CRUMB = "Activities"
    METHOD = "user-activities"
    BINDINGS: ClassVar[list[BindingType]] = list(ACTIVITIES)

    def __init__(self, username: str = "") -> None:
        super().__init__(username)
        self.incoming = False

    @property
    def request(self) -> ApiRequest | None:
        """The request for the outgoing or incoming activities, whichever the page shows; None if no user is shown."""
        if not self.username:
            return None
        return self.as_own_request(user_activities_request(self.username, incoming=self.incoming))

    async def show_filtered(self, text: str, *, incoming: bool = False) -> None:
        """Show the outgoing or the `incoming` activities, filtered by the query `text`."""
        self._show_incoming(incoming)
        await super().show_filtered(text)

    def action_toggle_incoming(self) -> None:
        self._show_incoming(not self.incoming)

    def _show_incoming(self, incoming: bool) -> None:
        self.incoming = incoming
        self._load()
        self.query_one(ListPane).note = "incoming" if self.incoming else ""


class SubscriptionsScreen(ListScreen):
    """The page of the account's subscriptions."""

    CRUMB = "Subscriptions"
    METHOD = "my-subscriptions"
    EMPTY_TEXT = "You are not logged in. Press L to log in."

    @property
    def request(self) -> ApiRequest | None:
        """The request for the account's subscriptions; None if nobody is logged in."""
        return ApiRequest.of(self.METHOD) if app_of(self).library.account else None


async def filter_list(app: App[Any], request: ApiRequest, text: str) -> None:
    """Filter the list on screen by the query `text`.

    On the page of activities, `request` decides which of its two lists is shown and filtered: the incoming or the
    outgoing activities. On other pages, `request` has no effect.
    """
    if isinstance(app.screen, ListScreen):
        await app.screen.show_filtered(text, incoming=request.get("type") == "incoming")

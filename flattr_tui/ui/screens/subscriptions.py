"""The account's subscriptions, both active and paused."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from flattr_tui.model.api_request import Request
from flattr_tui.ui.panes.detail_pane import DetailPane
from flattr_tui.ui.panes.feed_view import FeedView
from flattr_tui.ui.screens.user_lists import ListScreen
from flattr_tui.ui.typed_app import app_of


class SubscriptionsScreen(ListScreen):
    """The account's subscriptions."""

    CRUMB = "Subscriptions"
    METHOD: ClassVar[str] = "my-subscriptions"

    def body(self) -> ComposeResult:
        with Horizontal(classes="split"):
            yield FeedView(self.METHOD, empty_text="You are not logged in. Press L to log in.", classes="list")
            yield DetailPane(classes="detail")

    @property
    def request(self) -> Request | None:
        """The request for the subscriptions; None without a login."""
        return Request.of(self.METHOD) if app_of(self).library.account else None

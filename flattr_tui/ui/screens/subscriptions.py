"""The account's subscriptions, both active and paused."""

from typing import ClassVar

from flattr_tui.model.api_request import Request
from flattr_tui.ui.screens.user_lists import ListScreen
from flattr_tui.ui.typed_app import app_of


class SubscriptionsScreen(ListScreen):
    """The account's subscriptions."""

    CRUMB = "Subscriptions"
    METHOD: ClassVar[str] = "my-subscriptions"
    EMPTY_TEXT: ClassVar[str] = "You are not logged in. Press L to log in."

    @property
    def request(self) -> Request | None:
        """The request for the subscriptions; None without a login."""
        return Request.of(self.METHOD) if app_of(self).library.account else None

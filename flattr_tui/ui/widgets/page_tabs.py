"""A line of tabs for pages that belong together, and the tabs of the review's two pages."""

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

EVERYBODY = "everybody"
"""Stands for a user name in a request for the saved flattrs of all users."""
REVIEW_TABS = (("review", "Given: flattrs"), ("earnings", "Received: earnings"))
"""The pages of the review: pairs of an id and a label."""


class PageTabs(Widget):
    """Shows the names of pages. The name of the current page is highlighted; a click on another name opens its page."""

    ALLOW_SELECT = False
    DEFAULT_CSS = "PageTabs { height: 1; width: 1fr; color: $muted; }"

    class Chosen(Message):
        """Message: the user clicked on a tab."""

        def __init__(self, page: str) -> None:
            super().__init__()
            self.page = page

    def __init__(self, tabs: Sequence[tuple[str, str]], active: str) -> None:
        """Make tabs from pairs of an id and a label. `active` is the id of the highlighted tab."""
        super().__init__()
        self._tabs = tabs
        self._active = active

    def render(self) -> Content:
        return Content(" ").join(
            Content.styled(f" {label} ", "bold $foreground on $panel" if page == self._active else "$muted")
            for page, label in self._tabs
        )

    async def _on_click(self, event: events.Click) -> None:
        at = 0
        for page, label in self._tabs:
            if at <= event.x < at + len(label) + 2:
                self.post_message(self.Chosen(page))
            at += len(label) + 3

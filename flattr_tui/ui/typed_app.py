"""How a screen or a pane gets at the app that it is part of, typed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from textual.app import App
from textual.dom import DOMNode
from textual.screen import Screen

if TYPE_CHECKING:
    from flattr_tui.ui.app import FlattrApp


def app_of(node: DOMNode) -> "FlattrApp":
    """Return the app, with its library and its clock."""
    return cast("FlattrApp", node.app)


@runtime_checkable
class ShowsTime(Protocol):
    """A screen with texts that the time changes."""

    def next_change_in(self, now: float) -> float:
        """Seconds until the first of them changes; infinity where none does."""
        ...


def visible_screens(app: App[Any]) -> Iterator[Screen[Any]]:
    """List the screens that are seen: the one on top, and what is behind it where that is a dialog."""
    for screen in reversed(app.screen_stack):
        yield screen
        if not screen.is_modal:
            return


def is_visible(node: DOMNode) -> bool:
    """Whether it is on a screen that is seen: what only draws can wait until then."""
    return node.screen in visible_screens(node.app)

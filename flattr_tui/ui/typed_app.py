"""How a screen or a pane gets at the app that it is part of, typed."""

from typing import TYPE_CHECKING, cast

from textual.dom import DOMNode

if TYPE_CHECKING:
    from flattr_tui.ui.app import FlattrApp


def flattr(node: DOMNode) -> "FlattrApp":
    """Return the app, with its library and its clock."""
    return cast("FlattrApp", node.app)


def is_seen(node: DOMNode) -> bool:
    """Whether it belongs to the place where one is: what only draws can wait until then."""
    return node.screen in node.app.screen_stack

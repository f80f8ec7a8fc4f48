"""The rules of all style sheets: each sheet read once, and put on a node again only where it can come out otherwise."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from textual.app import App
from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

SHEETS: Final = 1024
"""Of how many sheets the rules are kept: more than there are kinds of widgets."""
PLACED: Final = ("_has_order_style", "_has_odd_or_even", "_has_focus_within")
"""By which Textual knows nodes whose look depends on their place; where it knows them otherwise, none is skipped."""
State: TypeAlias = tuple[object, ...]
"""All of a node, and of those around it, that a selector can ask for, but its place among its siblings."""


class Rules(Stylesheet):
    """Reads a sheet again only where the theme's variables have changed, and skips nodes that are as they were.

    Textual reads all sheets again, twice, for each screen that is shown for the first time, and keeps what it read of
    64 of them, which the widgets' own ones already are; and until a new screen is drawn it goes four times through all
    rules for every node, and once more whenever it is shown again: half of the time that a screen takes.
    """

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(SHEETS)
        self._changed = False
        self._readings = 0
        """How often something was read that can concern widgets that there were before."""
        self._states: WeakKeyDictionary[Widget, tuple[int, State]] = WeakKeyDictionary()
        """Of each widget, by what its rules were chosen last."""
        self._passing: dict[DOMNode, State] | None = None
        """What is known of nodes while many are gone through, and nothing changes."""

    # -- reading

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take the theme's variables."""
        if variables != self._variables:
            super().set_variables(variables)
            self._changed = True

    def reparse(self) -> None:
        """Read all sheets with other variables; raises `StylesheetError`."""
        if self._changed:
            self.parse()
            self._changed = False
            self._readings += 1

    def read(self, filename: str | PurePath) -> None:
        """Read a file, the app's or a new screen's, which says nothing of what there was before.

        Raises `StylesheetError`.
        """
        super().read(filename)
        self._rules_map = None
        for screen in [node for node in self._states if isinstance(node, Screen)]:
            del self._states[screen]  # the new one was there a moment before its sheet

    def add_source(
        self,
        css: str,
        read_from: CSSLocation | None = None,
        is_default_css: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> None:
        """Take a sheet; raises `StylesheetError`."""
        super().add_source(css, read_from, is_default_css, tie_breaker, scope)
        if not (is_default_css and scope):  # else for no widget that there was before
            self._readings += 1

    # -- applying

    def update_nodes(self, nodes: Iterable[DOMNode], animate: bool = False) -> None:
        """Put the rules on nodes."""
        self._passing = {}
        super().update_nodes(nodes, animate)
        self._passing = None

    def apply(self, node: DOMNode, *, animate: bool = False, cache: dict[Any, Any] | None = None) -> None:
        """Put the rules on a node, unless nothing changed by which they are chosen."""
        if not isinstance(node, Widget):
            super().apply(node, animate=animate, cache=cache)
            return
        state = (self._readings, self._state_of(node))
        if self._states.get(node) == state:
            return
        super().apply(node, animate=animate, cache=cache)
        if any(getattr(node, depends, True) for depends in PLACED):
            self._states.pop(node, None)
        else:
            self._states[node] = state

    def _state_of(self, node: DOMNode) -> State:
        known = None if self._passing is None else self._passing.get(node)
        if known is not None:
            return known
        own: tuple[bool, ...] = ()
        if isinstance(node, Widget):
            own = (node.mouse_hover, node.has_focus, node.disabled, node.allow_focus())
        elif isinstance(node, App):
            own = (node.app_focus, node.native_ansi_color, node.no_color)
        around = self._state_of(node.parent) if node.parent is not None else ()
        state = (node.id, node.classes, own, around)
        if self._passing is not None:
            self._passing[node] = state
        return state

"""A stylesheet that parses each sheet once, and applies rules to a node only if its state has changed."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from textual.css.model import SelectorType
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode
from textual.widget import Widget

from flattr_tui.ui.textual_private import (
    all_screens,
    app_pseudo_classes,
    enlarge_parse_cache,
    forget_rules,
    is_styled_by_position,
    style_names,
)

MAX_CACHED_SHEETS: Final = 1024
"""Sheets whose rules are kept: more than there are kinds of widgets."""
SelectorState: TypeAlias = tuple[tuple[object, ...], ...]
"""Of a node and all around it, what its rules ask for, but for their places among their siblings."""
WIDGET_STATES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "hover": lambda widget: widget.mouse_hover,
    "focus": lambda widget: widget.has_focus,
    "blur": lambda widget: widget.has_focus,
    "disabled": lambda widget: widget.disabled,
    "enabled": lambda widget: widget.disabled,
    "can-focus": lambda widget: widget.allow_focus(),
}
"""What changes of a widget itself; what else a rule can ask for is the app's, or a matter of places."""


class SelectorDeps(NamedTuple):
    """The classes and pseudo-classes that the rules of a node depend on."""

    classes: frozenset[str]
    app_states: tuple[str, ...]
    widget_states: tuple[str, ...]


class CachedStylesheet(Stylesheet):
    """Reads a sheet again only where the theme's variables have changed, and skips nodes that are as they were.

    Textual reads all sheets again, twice, for each screen that is shown for the first time, and keeps what it read of
    64 of them, which the widgets' own ones already are; and until a new screen is drawn it goes four times through all
    rules for every node, and once more whenever it is shown again: half of the time that a screen takes.
    """

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        enlarge_parse_cache(self, MAX_CACHED_SHEETS)
        self._current_variables = variables
        self._variables_changed = False
        self._generation = 0
        """How often something was read that can concern widgets that there were before."""
        self._states: WeakKeyDictionary[Widget, tuple[int, SelectorState]] = WeakKeyDictionary()
        """Of each widget, by what its rules were chosen last."""
        self._deps_by_kind: dict[tuple[object, ...], SelectorDeps] = {}
        """By all that a rule's last selector can call a node, or its components."""

    # -- reading

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take the theme's variables."""
        if variables != self._current_variables:
            self._current_variables = variables
            super().set_variables(variables)
            self._variables_changed = True

    def reparse(self) -> None:
        """Read all sheets with other variables; raises `StylesheetError`."""
        if self._variables_changed:
            self.parse()
            self._variables_changed = False
            self._generation += 1

    def read(self, filename: str | PurePath) -> None:
        """Read a file, the app's or a new screen's; raises `StylesheetError`.

        A sheet of a screen concerns only that one. It is not on a stack yet; from Python 3.12 on, not only the screen
        but also its widgets can have been styled before its sheet is read.
        """
        super().read(filename)
        forget_rules(self)
        nodes = tuple(self._states)
        opened = set[DOMNode](all_screens(nodes[0].app)) if nodes else set()
        for node in nodes:
            path = node.css_path_nodes
            if len(path) < 2 or path[1] not in opened:
                del self._states[node]

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
            self._generation += 1

    def parse(self) -> None:
        """Read all sheets; raises `StylesheetError`."""
        super().parse()
        self._deps_by_kind.clear()

    # -- applying

    def apply(self, node: DOMNode, *, animate: bool = False, cache: dict[Any, Any] | None = None) -> None:
        """Put the rules on a node, unless nothing changed by which they are chosen."""
        if not isinstance(node, Widget):
            super().apply(node, animate=animate, cache=cache)
            return
        state = (self._generation, self._state_of(node))
        if self._states.get(node) == state:
            node.notify_style_update()  # what is behind it may look otherwise
            return
        super().apply(node, animate=animate, cache=cache)
        if is_styled_by_position(node):
            self._states.pop(node, None)
        else:
            self._states[node] = state

    def _state_of(self, node: Widget) -> SelectorState:
        asked = self._deps_of(node)
        app, *path = node.css_path_nodes
        return (
            (app.classes & asked.classes, *map(app.has_pseudo_class, asked.app_states)),
            *(
                (around.classes & asked.classes, *(WIDGET_STATES[name](around) for name in asked.widget_states))
                for around in path
            ),
        )

    def _deps_of(self, node: Widget) -> "SelectorDeps":
        kind = (type(node), node.id, node.classes)
        asked = self._deps_by_kind.get(kind)
        if asked is None:
            rules = {rule for name in style_names(node) for rule in self.rules_map.get(name, ())}
            selectors = [part for rule in rules for choice in rule.selector_set for part in choice.selectors]
            pseudo = {name for part in selectors for name in part.pseudo_classes}
            asked = self._deps_by_kind[kind] = SelectorDeps(
                frozenset(part.name for part in selectors if part.type is SelectorType.CLASS),
                tuple(pseudo & app_pseudo_classes()),
                tuple(pseudo & WIDGET_STATES.keys()),
            )
        return asked

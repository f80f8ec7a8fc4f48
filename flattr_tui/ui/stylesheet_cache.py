"""A Textual stylesheet that parses each CSS source only once, and styles a widget only if its state has changed."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from textual.css.model import SelectorType
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode
from textual.scrollbar import ScrollBar, ScrollBarCorner
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
"""Number of CSS sources whose rules are cached: more than there are widget classes."""
SelectorState: TypeAlias = tuple[tuple[object, ...], ...]
"""The classes and states of a widget and its ancestors that decide which rules apply. Positions are left out."""
WIDGET_STATES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "hover": lambda widget: widget.mouse_hover,
    "focus": lambda widget: widget.has_focus,
    "blur": lambda widget: widget.has_focus,
    "disabled": lambda widget: widget.disabled,
    "enabled": lambda widget: widget.disabled,
    "can-focus": lambda widget: widget.allow_focus(),
}
"""The pseudo-classes that depend on a widget's state, each with a function that says whether a widget is in this state.

All other pseudo-classes depend on the app, or on a widget's position among its siblings.
"""


class SelectorDeps(NamedTuple):
    """The classes and pseudo-classes that occur in the selectors of rules for a widget."""

    classes: frozenset[str]
    app_states: tuple[str, ...]
    widget_states: tuple[str, ...]


class CachedStylesheet(Stylesheet):
    """A stylesheet that parses CSS again only if the theme's variables have changed, and skips unchanged widgets.

    For each screen that is shown for the first time, Textual parses all CSS sources twice. Textual's cache holds the
    rules of 64 sources, as many as the built-in widgets have. Textual applies all rules to every node four times before
    the screen is drawn, and again whenever the screen is shown. This takes half of the time until a screen is drawn.
    """

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        enlarge_parse_cache(self, MAX_CACHED_SHEETS)
        self._current_variables = variables
        self._variables_changed = False
        self._generation = 0
        """A number that increases whenever the rules for existing widgets may have changed."""
        self._states: WeakKeyDictionary[Widget, tuple[int, SelectorState]] = WeakKeyDictionary()
        """The generation and the state with which the rules were last applied to each widget."""
        self._deps_by_kind: dict[tuple[object, ...], SelectorDeps] = {}
        """What the matching rules depend on, by a widget's type, id and classes.

        A rule's last selector can name nothing but these.
        """

    # -- reading

    def set_variables(self, variables: dict[str, str]) -> None:
        """Set the theme's CSS variables. They are used from the next `reparse` on."""
        if variables != self._current_variables:
            self._current_variables = variables
            super().set_variables(variables)
            self._variables_changed = True

    def reparse(self) -> None:
        """If the variables have changed, parse all CSS sources again. Raises `StylesheetError` for invalid CSS."""
        if self._variables_changed:
            self.parse()
            self._variables_changed = False
            self._generation += 1

    def read(self, filename: str | PurePath) -> None:
        """Add the CSS in a file of the app or of a new screen. Raises `StylesheetError` if the file can't be read.

        The CSS of a new screen concerns only that screen. So the nodes of screens that are open already are not styled
        again. The nodes of the new screen are styled again, because from Python 3.12 on they may have been styled
        before the file was read.
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
        """Add the CSS `css`, which was read from `read_from`. Raises `StylesheetError` if the CSS is invalid.

        The other parameters are those of Textual's method.
        """
        super().add_source(css, read_from, is_default_css, tie_breaker, scope)
        if not (is_default_css and scope):  # default CSS with a scope is of a new widget class
            self._generation += 1

    def parse(self) -> None:
        """Parse all added CSS. Raises `StylesheetError` if any is invalid."""
        super().parse()
        self._deps_by_kind.clear()

    # -- applying the rules

    def apply(self, node: DOMNode, *, animate: bool = False, cache: dict[Any, Any] | None = None) -> None:
        """Apply the rules to a widget or screen, if anything has changed that the rules depend on.

        Scroll bars are left out: they are drawn in the style of the widget that they scroll. Textual styles them only
        when their page is shown the second time, and then lays out and draws the page once more.
        """
        if node.parent is None and isinstance(node, Widget):  # still in its __init__; mounting will style it
            return
        if isinstance(node, ScrollBar | ScrollBarCorner):
            node.notify_style_update()
            return
        if not isinstance(node, Widget):
            super().apply(node, animate=animate, cache=cache)
            return
        state = (self._generation, self._state_of(node))
        if self._states.get(node) == state:
            node.notify_style_update()  # the background behind it may have changed
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
            known = self.rules_map
            rules = {id(rule): rule for name in style_names(node) for rule in known.get(name, ())}  # hashing is slow
            selectors = [part for rule in rules.values() for choice in rule.selector_set for part in choice.selectors]
            pseudo = {name for part in selectors for name in part.pseudo_classes}
            asked = self._deps_by_kind[kind] = SelectorDeps(
                frozenset(part.name for part in selectors if part.type is SelectorType.CLASS),
                tuple(pseudo & app_pseudo_classes()),
                tuple(pseudo & WIDGET_STATES.keys()),
            )
        return asked

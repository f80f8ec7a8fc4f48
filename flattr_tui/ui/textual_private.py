"""All code that uses private names of Textual: a stylesheet with a cache, base classes, and small functions.

No other module may use a private name of Textual (`tests/ui/test_textual_private.py`). Tested with Textual 8.2.5 to
8.2.8. Each name has a fallback: without the name, the program is slower or plainer, but works. Times in milliseconds
are CPU times of a page's first visit, measured by `python -m tests.benchmarks`.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import PurePath
from typing import Any, ClassVar, Final, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

from rich.text import Text
from textual.app import App
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.command import CommandList, CommandPalette
from textual.css.model import SelectorType
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode
from textual.geometry import Size
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarCorner
from textual.signal import Signal
from textual.widget import AwaitMount, Widget

FIT_SECONDS = 0.001
"""Seconds after a page's first layout in which the event loop informs the widgets of their sizes."""
_POSITION_FLAGS: Final = ("_has_order_style", "_has_odd_or_even", "_has_focus_within")
"""Attributes of a widget, each true if its style may depend on its position among its siblings."""
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


class CrashTextApp(App[int], inherit_bindings=False):
    """An app that shows its own text after a crash, because Textual's traceback shows the values of variables.

    If Textual has no `_fatal_error`, its traceback is shown.
    """

    def crash_text(self, error: BaseException) -> str | None:
        """Return the text to show after a crash by `error`; None to show Textual's traceback."""
        return None

    def _fatal_error(self) -> None:
        error = sys.exc_info()[1]
        text = self.crash_text(error) if error is not None else None
        if text is None:
            super()._fatal_error()
        else:
            self.panic(Text(text, "red"))


class PageablePalette(CommandPalette):
    """A command palette in which page up and page down do nothing while no line of its list is visible.

    In Textual's own palette, these keys then raise an error. They also do so here if this version of Textual has no
    `_action_command_list`. The keys that quit the app also work in the palette. On a terminal with fewer than 12 lines,
    the palette's field has no border, and no blank lines above it.
    """

    VERTICAL_BREAKPOINTS = [(0, "-flat"), (12, "-high")]  # noqa: RUF012 -- Textual's declaration
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "app.quit", "quit", show=False, id="app.quit"),
        Binding("ctrl+c", "app.quit_twice", "quit", show=False, id="app.interrupt"),
    ]

    @property
    def is_awaiting_data(self) -> bool:
        """Whether the palette is still searching for commands that match the typed text."""
        return any(worker.node is self and not worker.is_finished for worker in self.app.workers)

    def _action_command_list(self, action: str) -> None:
        if self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)


class FirstFrameScreen(Screen[None]):
    """A screen that is styled and drawn only once when it is shown. Textual's own screens are styled and drawn twice.

    Together with the stylesheet cache, this reduces the time of the things page from 64 to 40 ms. The class uses these
    private names of Textual. If Textual lacks them, the screen is styled and drawn twice.

    `_css_update_count` marks a new screen as styled for the current theme. Otherwise, Textual would style and draw all
    screens again. `_compositor_refresh` draws the screen. Here it does nothing until the widgets have adapted to their
    sizes. `_dirty_regions` and `_repaint_required` are used to avoid drawing the same frame twice.
    """

    _is_drawable = False

    def __init__(self) -> None:
        super().__init__()
        self._css_update_count = getattr(self.app, "_css_update_count", -1)
        arrange_once(self)

    def hold_frame(self) -> None:
        """Draw nothing until the screen is shown again, then draw all of it."""
        self._is_drawable = False

    def on_screen_resume(self) -> None:
        if not self._is_drawable:
            # Not a timer of Textual: on a busy machine Textual drops a timer whose time has passed before it starts.
            asyncio.get_running_loop().call_later(FIT_SECONDS, self.call_next, self._draw_first_frame)

    def _draw_first_frame(self) -> None:
        self._is_drawable = True
        self.refresh()

    def _compositor_refresh(self) -> None:
        if self._is_drawable:
            is_whole = self.size.region in getattr(self._compositor, "_dirty_regions", ())
            super()._compositor_refresh()
            if is_whole and self is self.app.screen:
                self._repaint_required = False  # otherwise Textual draws the same frame again after a layout


class FirstFrameApp(CrashTextApp, inherit_bindings=False):
    """An app that omits Textual's delay when the mode is switched.

    No delay is needed, because a `FirstFrameScreen` is complete when it is first drawn.
    """

    def switch_mode(self, mode: str) -> AwaitMount:
        """Show the topmost screen of another mode. Raises `UnknownModeError` if there is no such mode."""
        shown = self.screen_stack[-1:]
        mounted = super().switch_mode(mode)
        for screen in shown:
            if isinstance(screen, FirstFrameScreen) and screen is not self.screen:
                screen.hold_frame()
        return mounted

    def delay_update(self, delay: float = 0.05) -> None:
        """Hide what changes on screen for `delay` seconds, but only while the command palette is on screen.

        Textual calls this method when the palette closes, and when it switches modes. When it switches modes, nothing
        is hidden, because the pages of this app are complete when they are first drawn.
        """
        if isinstance(self.screen, CommandPalette):
            super().delay_update(delay)


def arrange_once(screen: Screen[Any]) -> None:
    """Make a screen arrange its widgets once instead of twice in a row.

    Textual marks its map of the widgets as outdated when a screen is new, or after a hidden widget has changed. Then it
    arranges all widgets, but keeps the mark. So it arranges them again when the first widget is asked for its size. On
    the profile page, three of six arrangements before the first frame were such repetitions. If this version of Textual
    has no `_compositor` or `_full_map_invalidated`, this function does nothing.
    """
    compositor = getattr(screen, "_compositor", None)
    if compositor is None or not hasattr(compositor, "_full_map_invalidated"):
        return
    reflow = compositor.reflow

    def reflow_once(parent: Widget, size: Size) -> Any:
        compositor._full_map_invalidated = False
        return reflow(parent, size)

    compositor.reflow = reflow_once


def all_screens(app: App[Any]) -> Iterator[Screen[Any]]:
    """Yield the screens of all opened modes. If Textual has no `_screen_stacks`, yield those of the current mode."""
    for stack in getattr(app, "_screen_stacks", {"": app.screen_stack}).values():
        yield from stack


def separate_bindings(node: DOMNode) -> None:
    """Give an app or a widget its own lists of bindings, so that `bind` affects only this node.

    Otherwise, Textual shares the list of a key's bindings among all nodes of a class. If this version of Textual has no
    `_bindings`, nothing changes: then a key that is bound in one app is also bound in the next apps of the process.
    """
    if (bindings := getattr(node, "_bindings", None)) is not None:
        bindings.key_to_bindings = {key: list(bound) for key, bound in bindings.key_to_bindings.items()}


def forget_closed(watched: DOMNode, *signals: Signal[Any]) -> None:
    """Free the memory of closed widgets that have watched the node `watched`, or have subscribed to `signals`.

    Otherwise, Textual keeps these widgets, and their whole pages, until the watched value changes or the signal is
    published. If Textual has no `__watchers`, `_subscriptions` or `_closing`, this function frees nothing.
    """
    for watchers in getattr(watched, "__watchers", {}).values():
        watchers[:] = [watcher for watcher in watchers if not getattr(watcher[0], "_closing", False)]
    for signal in signals:
        for node in list(getattr(signal, "_subscriptions", ())):
            if getattr(node, "_closing", False):
                signal.unsubscribe(node)


def share_backgrounds() -> None:
    """Let all widgets of the same colours share one Rich style for their background. Call this once per process.

    This replaces Textual's own cache of these styles. Each of its 1,024 keys contains the lines of a widget, so the
    lines of closed widgets are never freed. After 100 visits of a user's page, these lines take 45 MB, and a full
    garbage collection takes 300 ms instead of 40. If Textual has no `get_inner_outer`, its own cache stays.
    """
    styles_cache: Any = getattr(sys.modules.get("textual._styles_cache"), "StylesCache", None)
    uncached = getattr(getattr(styles_cache, "get_inner_outer", None), "__wrapped__", None)
    if uncached is not None:
        styles_cache.get_inner_outer = staticmethod(lru_cache(1024)(partial(uncached, styles_cache)))


share_backgrounds()


def has_deferred_calls(screen: Screen[Any]) -> bool:
    """Whether calls are waiting for the screen to be drawn (`call_after_refresh`).

    Returns False if Textual has no `_callbacks`.
    """
    return bool(getattr(screen, "_callbacks", ()))


def can_suspend(app: App[Any]) -> bool:
    """Whether the app can give the terminal to another program for a while. False if Textual has no `_driver`."""
    driver = getattr(app, "_driver", None)
    return driver is not None and bool(driver.can_suspend) and not app.is_web


# -- the stylesheet with a cache: it reduces the time of the things page from 64 to 40 ms, of the console from 112 to 84


def has_style_internals() -> bool:
    """Whether Textual has all private names that the stylesheet cache uses.

    If Textual lacks any, its own stylesheet is used, which has no cache.
    """
    sheet = Stylesheet()
    on_sheet = all(hasattr(sheet, name) for name in ("_parse_cache", "_rules_map"))
    on_node = hasattr(DOMNode, "_selector_names") and hasattr(DOMNode, "_get_component_classes")
    return on_sheet and on_node and hasattr(App, "_PSEUDO_CLASSES")


class SelectorDeps(NamedTuple):
    """The classes and pseudo-classes that decide which rules apply to a widget.

    They occur in the selectors of the rules that can match the widget. `app_states` are pseudo-classes of the app,
    `widget_states` those of widgets (`WIDGET_STATES`).
    """

    classes: frozenset[str]
    app_states: tuple[str, ...]
    widget_states: tuple[str, ...]


class CachedStylesheet(Stylesheet):
    """A stylesheet that parses CSS again only if the theme's variables have changed, and skips unchanged widgets.

    Textual's own stylesheet parses all CSS sources twice for each screen that is shown for the first time. Its cache is
    too small: it has room for 64 sources, and the built-in widgets alone have so many. It applies all rules to every
    node four times before a screen is drawn, and again whenever the screen is shown. All this takes half of the time
    until a screen is drawn.
    """

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(MAX_CACHED_SHEETS)
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
        """Parse all CSS again if a CSS variable, such as a colour of the theme, has changed.

        Raises `StylesheetError` for invalid CSS.
        """
        if self._variables_changed:
            self.parse()
            self._variables_changed = False
            self._generation += 1

    def read(self, filename: str | PurePath) -> None:
        """Add the CSS in a file of the app or of a new screen. Raises `StylesheetError` if the file can't be read.

        The CSS of a new screen concerns only that screen, so screens that are already open keep their styles. The nodes
        of the new screen are styled again: from Python 3.12 on, they may have been styled before the file was read.
        """
        super().read(filename)
        self._rules_map = None  # Textual builds this index of the rules again when it is next used
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
        """Apply the rules to a widget or screen. This is skipped if nothing that its style depends on has changed.

        Scroll bars are not styled, because they are drawn in the style of the widget that they scroll. Textual would
        style them when their page is shown the second time, and would then lay out and draw the page once more.
        `animate` and `cache` are parameters of Textual's method.
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
        if any(getattr(node, flag, True) for flag in _POSITION_FLAGS):
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
            names = (*node._selector_names, *(f".{name}" for name in node._get_component_classes()))
            rules = {id(rule): rule for name in names for rule in known.get(name, ())}  # hashing is slow
            selectors = [part for rule in rules.values() for choice in rule.selector_set for part in choice.selectors]
            pseudo = {name for part in selectors for name in part.pseudo_classes}
            asked = self._deps_by_kind[kind] = SelectorDeps(
                frozenset(part.name for part in selectors if part.type is SelectorType.CLASS),
                tuple(pseudo & App._PSEUDO_CLASSES.keys()),
                tuple(pseudo & WIDGET_STATES.keys()),
            )
        return asked

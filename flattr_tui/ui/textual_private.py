"""The private names of Textual that the program uses. No other module may use one (`tests/ui/test_textual_private.py`).

Tested with Textual 8.2.5 to 8.2.8. Each name has a fallback: without the name, the program is slower or plainer, but
works. Times in milliseconds are CPU times of a page's first visit, measured by `python -m tests.benchmarks`.
"""

import asyncio
import sys
from collections.abc import Iterator
from functools import cache, lru_cache, partial
from typing import Any, ClassVar, Final

from rich.text import Text
from textual.app import App
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.command import CommandList, CommandPalette
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.geometry import Size
from textual.screen import Screen
from textual.signal import Signal
from textual.widget import Widget

FIT_SECONDS = 0.001
"""Seconds after a page's first layout in which the event loop informs the widgets of their sizes."""
_POSITION_FLAGS: Final = ("_has_order_style", "_has_odd_or_even", "_has_focus_within")


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
    """A command palette in which page up and page down are ignored while no line of its list is visible.

    If Textual has no `_action_command_list`, these keys raise an error. The keys that quit the app also work in the
    palette. On a terminal with fewer than 12 lines, the palette's field has no border, and no blank lines above it.
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

    A new screen counts as styled for the current theme (`_css_update_count`): otherwise Textual would restyle and
    redraw all screens. A screen is drawn when its widgets have adapted to their sizes, not with its first layout
    (`_compositor_refresh`). If a layout has drawn the whole screen, the screen is not drawn again (`_dirty_regions`,
    `_repaint_required`). Together with the stylesheet cache, this reduces the time of the things page from 64 to 40 ms.
    If Textual lacks these names, the screen is styled and drawn twice.
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


def arrange_once(screen: Screen[Any]) -> None:
    """Prevent a screen from arranging its widgets twice in a row.

    On a new screen, and after a change of a hidden widget, Textual's map of the widgets is out of date. Textual then
    arranges all widgets, and arranges them again as soon as the first widget is asked for its size. On the profile
    page, three of six arrangements before the first frame were such repetitions. If this version of Textual has no
    `_compositor` or `_full_map_invalidated`, this function does nothing.
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

    Textual shares the list of a key's bindings among all nodes of a class. If Textual has no `_bindings`, a key that
    was bound in one app stays bound in the next apps of the same process.
    """
    if (bindings := getattr(node, "_bindings", None)) is not None:
        bindings.key_to_bindings = {key: list(bound) for key, bound in bindings.key_to_bindings.items()}


def forget_closed(watched: DOMNode, *signals: Signal[Any]) -> None:
    """Drop the references to closed widgets that watched a node or subscribed to signals, so that memory is freed.

    Textual keeps these widgets, and their whole pages, until the watched value changes or the signal is published.
    If Textual has no `__watchers`, `_subscriptions` or `_closing`, nothing is dropped here.
    """
    for watchers in getattr(watched, "__watchers", {}).values():
        watchers[:] = [watcher for watcher in watchers if not getattr(watcher[0], "_closing", False)]
    for signal in signals:
        for node in list(getattr(signal, "_subscriptions", ())):
            if getattr(node, "_closing", False):
                signal.unsubscribe(node)


def share_backgrounds() -> None:
    """Let widgets of the same colours share the Rich style of their background. Call this once per process.

    The keys of Textual's own cache of these styles contain the widget's lines, so the lines of 1,024 closed widgets are
    never freed. After 100 visits of a user's page, these lines take 45 MB, and a full garbage collection takes 300 ms
    instead of 40. If Textual has no `get_inner_outer`, its own cache is used.
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


# -- for the stylesheet cache, which reduces the time of the things page from 64 to 40 ms, of the console from 112 to 84


def has_style_internals() -> bool:
    """Whether Textual has all private names that the stylesheet cache uses.

    If Textual lacks any, its own stylesheet is used, which has no cache.
    """
    sheet = Stylesheet()
    on_sheet = all(hasattr(sheet, name) for name in ("_parse_cache", "_rules_map"))
    on_node = hasattr(DOMNode, "_selector_names") and hasattr(DOMNode, "_get_component_classes")
    return on_sheet and on_node and hasattr(App, "_PSEUDO_CLASSES")


def enlarge_parse_cache(stylesheet: Stylesheet, sheets: int) -> None:
    """Make a stylesheet cache the rules of `sheets` CSS sources.

    Textual caches the rules of 64 sources, but all widget classes together have more sources.
    """
    stylesheet._parse_cache = LRUCache(sheets)


def forget_rules(stylesheet: Stylesheet) -> None:
    """Discard a stylesheet's index of its rules. The stylesheet builds the index again when the index is next used."""
    stylesheet._rules_map = None


def style_names(node: Widget) -> tuple[str, ...]:
    """Return the names by which CSS rules can select a widget or its component classes."""
    return (*node._selector_names, *(f".{name}" for name in node._get_component_classes()))


def is_styled_by_position(node: Widget) -> bool:
    """Whether a widget's style may depend on its position among its siblings; True if Textual does not say."""
    return any(getattr(node, flag, True) for flag in _POSITION_FLAGS)


@cache
def app_pseudo_classes() -> frozenset[str]:
    """Return the CSS pseudo-classes that depend on the app, such as `dark`."""
    return frozenset(App._PSEUDO_CLASSES)

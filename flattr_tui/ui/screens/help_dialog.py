"""The help dialog. It lists the keys of the screen below it, taken from the bindings of that screen."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from flattr_tui.ui.bindings import GROUPS, OWN_COMMAND
from flattr_tui.ui.widgets.dialogs import Dialog

MIN_COLUMNS_WIDTH = 60
"""Minimum width of the terminal in cells at which all descriptions are aligned in one column."""


def list_keys(screen: "Screen[object]") -> Mapping[str, Mapping[str, list[str]]]:
    """Return the keys that work on a screen, by the title of their group and then by what they do.

    For example: `{"Moving": {"Down": ["j", "down"]}}`.
    """
    groups: dict[str, dict[str, list[str]]] = {name: {} for name in GROUPS.values()}
    for active in screen.active_bindings.values():
        if active.enabled and (described := _describe(active)) is not None:
            group, does = described
            groups[group].setdefault(does, []).append(screen.app.get_key_display(active.binding))
    return {name: found for name, found in groups.items() if found}


_TEXTUALS_OWN: Mapping[str, tuple[str, str]] = {
    "app.focus_next": ("Moving", "Go to the next part of the screen"),
    "app.focus_previous": ("Moving", "Go to the previous part of the screen"),
    "cursor_down": ("Moving", "Down"),
    "cursor_up": ("Moving", "Up"),
    "scroll_down": ("Moving", "Scroll down"),
    "scroll_up": ("Moving", "Scroll up"),
    "page_down": ("Moving", "A page down"),
    "page_up": ("Moving", "A page up"),
    "first": ("Moving", "To the top"),
    "last": ("Moving", "To the end"),
    "select": ("Moving", "Open or choose the highlighted entry"),
    "screen.copy_text": ("Program", "Copy the text selected with the mouse"),
}
"""Group and description, by action, of the bindings of Textual's own widgets, which have no ids."""
_EDITING = {binding.action for binding in Input.BINDINGS if isinstance(binding, Binding)}


def _describe(active: ActiveBinding) -> tuple[str, str] | None:
    """Return the title of a binding's group, and its description; None if the help does not list the binding."""
    binding = active.binding
    if binding.action.startswith(OWN_COMMAND):
        return GROUPS["own"], binding.description
    if (group := GROUPS.get((binding.id or "").partition(".")[0])) is not None:
        return group, binding.tooltip or binding.description
    if binding.id is None and isinstance(active.node, Input) and binding.action in _EDITING:
        return "Field", binding.description
    return _TEXTUALS_OWN.get(binding.action) if binding.id is None else None


class HelpDialog(Dialog[None]):
    """Lists the keys of a screen. The keys `?`, esc, backspace and q close the dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,q,question_mark,enter", "dismiss", "back", id="help.back"),
        Binding("j,down", "scroll(1)", "down", show=False, id="help.down"),
        Binding("k,up", "scroll(-1)", "up", show=False, id="help.up"),
        Binding("ctrl+d", "page(0.5)", "half down", show=False, id="help.half_down"),
        Binding("ctrl+u", "page(-0.5)", "half up", show=False, id="help.half_up"),
        Binding("pagedown,space", "page(1.0)", "page down", show=False, id="help.page_down"),
        Binding("pageup", "page(-1.0)", "page up", show=False, id="help.page_up"),
        Binding("g,home", "edge(False)", "top", show=False, id="help.top"),
        Binding("G,end", "edge(True)", "end", show=False, id="help.end"),
    ]

    LIST_LINES = 10_000

    def __init__(self, keys: Mapping[str, Mapping[str, list[str]]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"):
            yield Static(Content.styled("Keys of this screen", "bold"), markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(self._make_content(), markup=False, id="keys")

    def on_resize(self) -> None:
        """Align the descriptions for the new width."""
        self.query_one("#keys", Static).update(self._make_content())

    def _make_content(self) -> Content:
        width = max((len(" ".join(keys)) for found in self._keys.values() for keys in found.values()), default=0)
        if self.app.size.width < MIN_COLUMNS_WIDTH:
            width = 0
        lines: list[Content] = []
        for group, found in self._keys.items():
            lines += [Content(""), Content.styled(group, "bold $accent")]
            lines += [
                Content.styled(" ".join(keys).ljust(min(width, 16)) + "  ", "$primary") + Content(does)
                for does, keys in found.items()
            ]
        return Content("\n").join(lines[1:])

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll down by a number of screenfuls, which may be negative or a fraction."""
        keys = self.query_one(VerticalScroll)
        keys.scroll_relative(y=int(keys.size.height * pages) or (1 if pages > 0 else -1), animate=False)

    def action_edge(self, end: bool) -> None:
        """Scroll to the first or the last key."""
        keys = self.query_one(VerticalScroll)
        keys.scroll_end(animate=False) if end else keys.scroll_home(animate=False)

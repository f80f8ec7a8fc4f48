"""Help: the keys of the screen below, read from its bindings."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from flattr_tui.ui.bindings import GROUPS
from flattr_tui.ui.widgets.dialog import Dialog


def list_keys(screen: "Screen[object]") -> Mapping[str, Mapping[str, list[str]]]:
    """Return the keys of a screen: by group, what they do and the keys."""
    groups: dict[str, dict[str, list[str]]] = {name: {} for name in GROUPS.values()}
    for active in screen.active_bindings.values():
        binding = active.binding
        group = GROUPS.get((binding.id or "").partition(".")[0])
        if group is not None and active.enabled:
            groups[group].setdefault(_describe_binding(active), []).append(screen.app.get_key_display(binding))
    return {name: found for name, found in groups.items() if found}


def _describe_binding(active: ActiveBinding) -> str:
    return active.binding.tooltip or active.binding.description


class HelpScreen(Dialog[None]):
    """Lists keys; `?`, esc, backspace and q close it."""

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

    def __init__(self, keys: Mapping[str, Mapping[str, list[str]]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"):
            yield Static(Content.styled("Keys of this screen", "bold"), markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(self._make_content(), markup=False)

    def _make_content(self) -> Content:
        width = max((len(" ".join(keys)) for found in self._keys.values() for keys in found.values()), default=0)
        lines: list[Content] = []
        for group, found in self._keys.items():
            lines += [Content(""), Content.styled(group, "bold $accent")]
            lines += [
                Content.styled(" ".join(keys).ljust(min(width, 16) + 2), "$primary") + Content(does)
                for does, keys in found.items()
            ]
        return Content("\n").join(lines[1:])

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

    def action_page(self, pages: float) -> None:
        """Scroll by pages, or parts of one."""
        keys = self.query_one(VerticalScroll)
        keys.scroll_relative(y=int(keys.size.height * pages) or (1 if pages > 0 else -1), animate=False)

    def action_edge(self, end: bool) -> None:
        """Scroll to the first or the last key."""
        keys = self.query_one(VerticalScroll)
        keys.scroll_end(animate=False) if end else keys.scroll_home(animate=False)

"""The keys of the screen that it is opened on, from the bindings themselves."""

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


def keys_of(screen: "Screen[object]") -> Mapping[str, Mapping[str, list[str]]]:
    """Read what can be pressed on a screen: by group, what it does and the keys that do it."""
    groups: dict[str, dict[str, list[str]]] = {name: {} for name in GROUPS.values()}
    for active in screen.active_bindings.values():
        binding = active.binding
        group = GROUPS.get((binding.id or "").partition(".")[0])
        if group is not None and active.enabled:
            groups[group].setdefault(_does(active), []).append(screen.app.get_key_display(binding))
    return {name: found for name, found in groups.items() if found}


def _does(active: ActiveBinding) -> str:
    return active.binding.tooltip or active.binding.description


class HelpScreen(Dialog[None]):
    """Lists keys; any of `?`, esc, backspace, q leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,q,question_mark,enter", "dismiss", "back", id="help.back"),
        Binding("j,down", "scroll(1)", "down", show=False, id="help.down"),
        Binding("k,up", "scroll(-1)", "up", show=False, id="help.up"),
    ]

    def __init__(self, keys: Mapping[str, Mapping[str, list[str]]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The groups."""
        with Vertical(classes="dialog help"):
            yield Static(Content.styled("Keys of this screen", "bold"), markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(self._told(), markup=False)

    def _told(self) -> Content:
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
        """Scroll the list of keys."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)

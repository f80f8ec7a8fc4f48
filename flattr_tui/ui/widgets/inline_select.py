"""A widget to choose one of a few options, which are all on one line."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from flattr_tui.ui.bindings import CHOICE


def label_option(text: str, *, is_chosen: bool) -> Content:
    """Return the label of an option. If it is chosen, it is highlighted and stands between ‹ and ›."""
    return Content.styled(f"‹{text}›", "bold $accent") if is_chosen else Content.styled(text, "$muted")


class InlineSelect(Widget, can_focus=True):
    """Shows options on one line, the chosen one between ‹ and ›. If they don't fit, only the chosen one is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [binding for binding in CHOICE if binding.action.startswith("turn")]
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    InlineSelect { height: 1; width: 1fr; }
    InlineSelect:focus { background: $cursor; }
    InlineSelect:ansi:focus { text-style: reverse; }
    """

    value: reactive[str] = reactive("", init=False)

    def __init__(self, choices: Sequence[tuple[str, str]], *, id: str | None = None) -> None:
        """Offer `choices`, pairs of a value and a label. The first one is chosen."""
        super().__init__(id=id)
        self._choices = choices
        self.set_reactive(InlineSelect.value, choices[0][0])

    def render(self) -> Content:
        chosen = self._chosen
        label = Content("  ").join(label_option(pair[1], is_chosen=pair is chosen) for pair in self._choices)
        return label if label.cell_length <= self.content_size.width else label_option(chosen[1], is_chosen=True)

    @property
    def _chosen(self) -> tuple[str, str]:
        return next(choice for choice in self._choices if choice[0] == self.value)

    def action_turn(self, by: int) -> None:
        at = self._choices.index(self._chosen)
        self.value = self._choices[(at + by) % len(self._choices)][0]

    def on_click(self) -> None:
        self.action_turn(1)

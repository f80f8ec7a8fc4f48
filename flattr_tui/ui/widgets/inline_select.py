"""One of a few choices on one line: all are seen, left and right choose."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from flattr_tui.ui.bindings import CHOICE


class Turn(Widget, can_focus=True):
    """Shows its choices, the chosen one in ‹ ›; where there is too little room only that."""

    BINDINGS: ClassVar[list[BindingType]] = [binding for binding in CHOICE if binding.action.startswith("turn")]
    DEFAULT_CSS = """
    Turn { height: 1; width: 1fr; }
    Turn:focus { background: $cursor; }
    Turn:ansi:focus { text-style: reverse; }
    """

    value: reactive[str] = reactive("", init=False)

    def __init__(self, choices: Sequence[tuple[str, str]], *, id: str | None = None) -> None:
        """`choices` are values and what they are called; the first one is chosen."""
        super().__init__(id=id)
        self._choices = choices
        self.set_reactive(Turn.value, choices[0][0])

    def render(self) -> Content:
        """Write them."""
        told = Content("  ").join(self._one(value, text) for value, text in self._choices)
        return told if told.cell_length <= self.content_size.width else self._one(*self._chosen)

    @property
    def _chosen(self) -> tuple[str, str]:
        return next(choice for choice in self._choices if choice[0] == self.value)

    def _one(self, value: str, text: str) -> Content:
        return Content.styled(f"‹{text}›", "bold $accent") if value == self.value else Content.styled(text, "$muted")

    def action_turn(self, by: int) -> None:
        """Take the next choice, or the one before."""
        at = self._choices.index(self._chosen)
        self.value = self._choices[(at + by) % len(self._choices)][0]

    def on_click(self) -> None:
        """Take the next choice."""
        self.action_turn(1)

"""Any number of several choices, each with a box before it."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from flattr_tui.ui.widgets.option_list import Options


class Boxes(Options):
    """Lists choices; space marks one, or no more. A marked one has a cross in its box, whatever colours there are."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "mark", show=False, id="boxes.mark"),
        Binding("j", "cursor_down", "down", show=False, id="boxes.down"),
        Binding("k", "cursor_up", "up", show=False, id="boxes.up"),
    ]

    def __init__(self, choices: Sequence[tuple[str, str]], chosen: Collection[str]) -> None:
        """`choices` are values and what they are called; the `chosen` ones are marked."""
        self._choices = choices
        self._marked = {value for value, _ in choices if value in chosen}
        super().__init__(*(Option(self._told(value, text)) for value, text in choices), markup=False, compact=True)

    def _told(self, value: str, text: str) -> Content:
        box = Content.styled("[×]", "bold $accent") if value in self._marked else Content.styled("[ ]", "$muted")
        return box + Content(f" {text}")

    @property
    def selected(self) -> tuple[str, ...]:
        """The marked ones, in their order."""
        return tuple(value for value, _ in self._choices if value in self._marked)

    def action_mark(self) -> None:
        """Mark the one under the cursor, or no more."""
        if self.highlighted is not None:
            value, text = self._choices[self.highlighted]
            self._marked ^= {value}
            self.replace_option_prompt_at_index(self.highlighted, self._told(value, text))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_mark()

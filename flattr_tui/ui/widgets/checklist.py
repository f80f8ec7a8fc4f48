"""A list of choices with checkboxes."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from flattr_tui.ui.widgets.option_list import PageableOptionList


class Checklist(PageableOptionList):
    """Lists choices; space checks or unchecks one. A cross in the box needs no colour to be seen.

    Textual's `SelectionList` shows the state of a box by its colour alone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "mark", show=False, id="checklist.mark"),
        Binding("j", "cursor_down", "down", show=False, id="checklist.down"),
        Binding("k", "cursor_up", "up", show=False, id="checklist.up"),
    ]

    def __init__(self, choices: Sequence[tuple[str, str]], checked: Collection[str]) -> None:
        """`choices` are pairs of a value and a label; the values in `checked` are checked at first."""
        self._choices = choices
        self._checked = {value for value, _ in choices if value in checked}
        super().__init__(*(Option(self._prompt(value, text)) for value, text in choices), markup=False, compact=True)

    def _prompt(self, value: str, text: str) -> Content:
        box = Content.styled("[×]", "bold $accent") if value in self._checked else Content.styled("[ ]", "$muted")
        return box + Content(f" {text}")

    @property
    def selected(self) -> tuple[str, ...]:
        """The checked values, in the order of the choices."""
        return tuple(value for value, _ in self._choices if value in self._checked)

    def action_mark(self) -> None:
        if self.highlighted is not None:
            value, text = self._choices[self.highlighted]
            self._checked ^= {value}
            self.replace_option_prompt_at_index(self.highlighted, self._prompt(value, text))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_mark()

"""A list of choices with checkboxes."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from flattr_tui.ui.widgets.option_list import PageableOptionList


class Checklist(PageableOptionList):
    """Lists choices; space checks or unchecks one. A checked box has a cross, so it can be seen without colours.

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

    @property
    def labels(self) -> list[str]:
        """The labels of all choices."""
        return [text for _, text in self._choices]

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_mark()


class ChoicePicker(Checklist):
    """A checklist in which typed letters jump to the first label that begins with them, or has a word that does."""

    class Done(Message):
        """The user accepted the `answer`."""

    class Typed(Message):
        """The typed letters have changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, choices: Sequence[tuple[str, str]], checked: Collection[str]) -> None:
        super().__init__(choices, checked)
        self._typed = ""
        self._marked_any = False
        first = next((at for at, (value, _) in enumerate(choices) if value in checked), None)
        self._first = first or 0

    def on_mount(self) -> None:
        self.highlighted = self._first

    @property
    def answer(self) -> tuple[str, ...]:
        """The checked values, if the user checked or unchecked any, or left the cursor on the first one checked.

        Otherwise the value under the cursor.
        """
        if self.highlighted is None or self._marked_any or (self.selected and self.highlighted == self._first):
            return self.selected
        return (self._choices[self.highlighted][0],)

    def action_mark(self) -> None:
        self._marked_any = True
        self._type("")
        super().action_mark()

    def on_key(self, event: events.Key) -> None:
        """Jump by typed letters. `enter` is handled here too, so that it acts after the letters typed before it."""
        if event.key == "enter":
            self.post_message(self.Done())
        elif event.key == "backspace" and self._typed:
            self._type(self._typed[:-1])
        elif event.is_printable and event.character and not (event.character == " " and not self._typed.strip()):
            if event.character == " " and self._find(f"{self._typed} ") is None:
                return
            typed = self._typed + event.character
            self._type(typed if self._find(typed) is not None else event.character)
        else:
            return
        event.stop()

    def _type(self, text: str) -> None:
        found = self._find(text) if text else None
        self._typed = text if found is not None else ""
        if found is not None:
            self.highlighted = found
        self.post_message(self.Typed(self._typed))

    def _find(self, text: str) -> int | None:
        begin = text.casefold()
        labels = [label.casefold() for label in self.labels]
        starts = [at for at, label in enumerate(labels) if label.startswith(begin)]
        starts += [at for at, label in enumerate(labels) if f" {begin}" in label]
        return starts[0] if starts else None

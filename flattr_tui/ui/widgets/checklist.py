"""Option lists that jump to typed letters, and lists of checkboxes."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from flattr_tui.ui.widgets.inputs_and_option_lists import PageableOptionList
from flattr_tui.ui.widgets.placeholder import no_match


class TypeAheadList(PageableOptionList):
    """An option list in which typed letters move the cursor to the first label or word that begins with them."""

    class Typed(Message):
        """Message: the typed letters have changed."""

        def __init__(self, text: str, *, is_found: bool) -> None:
            super().__init__()
            self.text, self.is_found = text, is_found

        @property
        def content(self) -> Content:
            """The typed letters; if they match no label, a text that says so."""
            return Content.styled(self.text, "$accent") if self.is_found else no_match(self.text)

    _typed = ""
    _is_found = True

    @property
    def labels(self) -> list[str]:
        """The labels of all options."""
        return [str(option.prompt) for option in self.options]

    def accept(self) -> None:
        """Accept the highlighted option. This is called after the letters typed before enter have been handled."""
        self.action_select()

    def on_key(self, event: events.Key) -> None:
        """Add a typed letter, and move the cursor to the first label that matches all letters typed.

        Enter is handled here, too, so that it acts after the letters typed before it. Enter does nothing if these
        letters match no label.
        """
        if event.key == "enter":
            if self._is_found:
                self.accept()
        elif event.key == "backspace" and self._typed:
            self.jump_to(self._typed[:-1])
        elif event.is_printable and event.character and not (event.character == " " and not self._typed.strip()):
            typed = self._typed + event.character
            if event.character == " " and self._find(typed) is None:
                return
            is_restart = self._find(typed) is None and self._find(event.character) is not None
            self.jump_to(event.character if is_restart else typed)
        else:
            if not event.is_printable and self._typed:
                self.jump_to("")
            return
        event.stop()

    def jump_to(self, text: str) -> None:
        """Move the cursor to the first label that matches `text`; if none does, the cursor stays."""
        found = self._find(text) if text else None
        self._typed, self._is_found = text, found is not None or not text
        if found is not None:
            self.highlighted = found
        self.post_message(self.Typed(text, is_found=self._is_found))

    def _find(self, text: str) -> int | None:
        begin = text.casefold()
        labels = [label.casefold() for label in self.labels]
        starts = [at for at, label in enumerate(labels) if label.startswith(begin)]
        starts += [at for at, label in enumerate(labels) if f" {begin}" in label]
        return starts[0] if starts else None


class Checklist(PageableOptionList):
    """A list of choices with boxes, which space checks or unchecks. A checked box contains a cross.

    Textual's `SelectionList` shows the state of a box only by its colour, which not every terminal has.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "mark", show=False, id="checklist.mark"),
        Binding("j", "cursor_down", "down", show=False, id="checklist.down"),
        Binding("k", "cursor_up", "up", show=False, id="checklist.up"),
    ]

    def __init__(self, choices: Sequence[tuple[str, str]], checked: Collection[str]) -> None:
        """List `choices`, pairs of a value and a label. The values in `checked` are checked at first."""
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


class ChoicePicker(Checklist, TypeAheadList):
    """A checklist in which typed letters move the cursor to a choice."""

    class Done(Message):
        """Message: the user has chosen. The property `answer` of the picker contains the chosen values."""

    def __init__(self, choices: Sequence[tuple[str, str]], checked: Collection[str]) -> None:
        super().__init__(choices, checked)
        self._marked_any = False
        first = next((at for at, (value, _) in enumerate(choices) if value in checked), None)
        self._first = first or 0

    def on_mount(self) -> None:
        self.highlighted = self._first

    @property
    def labels(self) -> list[str]:
        """The labels of all choices, without their boxes."""
        return [text for _, text in self._choices]

    @property
    def answer(self) -> tuple[str, ...]:
        """The values that the user chose: the checked ones, or only the value under the cursor.

        The cursor starts on the first checked value. If it is still there, or if the user has checked or unchecked a
        value, the checked values are the answer. If the user has only moved the cursor, the value under it is.
        """
        if self.highlighted is None or self._marked_any or (self.selected and self.highlighted == self._first):
            return self.selected
        return (self._choices[self.highlighted][0],)

    def action_mark(self) -> None:
        self._marked_any = True
        self.jump_to("")
        super().action_mark()

    def accept(self) -> None:
        """Post `Done` with the chosen values."""
        self.post_message(self.Done())

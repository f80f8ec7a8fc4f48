"""Dialogs that ask for one of several answers, or for yes or no."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from flattr_tui.ui.widgets.base_widgets import PageableOptionList, SteadyText
from flattr_tui.ui.widgets.checklist import TypeAheadList
from flattr_tui.ui.widgets.dialog import Dialog, KeyHints


class ChoiceDialog(Dialog[str | None]):
    """Asks for one of several answers. The result is the id of the answer; None if the user cancelled it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", "back", id="pick.cancel"),
        Binding("j", "move(1)", "down", show=False, id="pick.down"),
        Binding("k", "move(-1)", "up", show=False, id="pick.up"),
    ]

    def __init__(self, question: str, answers: Sequence[tuple[str, str]], chosen: str = "") -> None:
        """Ask `question` with `answers`, pairs of an id and a text.

        `chosen` is the id highlighted first; "" is the first one.
        """
        super().__init__()
        self._question = question
        self._answers = answers
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield PageableOptionList(*(Option(Content(text)) for _, text in self._answers), markup=False, compact=True)
            yield KeyHints(("enter", "chooses"), ("esc", "cancel"))

    def on_mount(self) -> None:
        ids = [name for name, _ in self._answers]
        self.query_one(OptionList).highlighted = ids.index(self._chosen) if self._chosen in ids else 0

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._answers[event.option_index][0])

    def action_cancel(self) -> None:
        self.dismiss(None)


class PickDialog(ChoiceDialog):
    """Asks for one of many answers, to which typing jumps."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield TypeAheadList(*(Option(Content(text)) for _, text in self._answers), markup=False, compact=True)
            yield SteadyText(classes="typed")
            yield KeyHints(("enter", "chooses"), ("esc", "cancel"), ("letters", "jump"))

    @on(TypeAheadList.Typed)
    def _typed(self, event: TypeAheadList.Typed) -> None:
        event.stop()
        self.query_one(".typed", SteadyText).update(event.content)


class ConfirmDialog(Dialog[bool]):
    """Asks before an action that can't be undone or costs money. The result says whether the user agreed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "answer(True)", "yes", id="confirm.yes"),
        Binding("escape,n,q,backspace", "answer(False)", "no", id="confirm.no"),
    ]

    def __init__(self, question: str, note: str = "") -> None:
        super().__init__()
        self._question = question
        self._note = note

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            if self._note:
                yield Static(Content.styled(self._note, "$muted"), markup=False)
            yield KeyHints(("enter", "yes"), ("esc", "no"))

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)

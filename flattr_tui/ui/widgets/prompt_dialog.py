"""Dialogs that ask for one line with suggestions, or for several choices."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from flattr_tui.ui.fuzzy_match import rank_matches
from flattr_tui.ui.widgets.base_widgets import SteadyText
from flattr_tui.ui.widgets.checklist import ChoicePicker, TypeAheadList
from flattr_tui.ui.widgets.dialog import Dialog, KeyHints
from flattr_tui.ui.widgets.inputs_and_option_lists import LineInput, PageableOptionList
from flattr_tui.ui.widgets.placeholder import no_match

MAX_SUGGESTIONS = 8
"""Maximum number of suggestions that are visible at a time."""


class PromptDialog(Dialog[str]):
    """Asks for a line of text with suggestions. The result is the answer; "" if the user cancelled the dialog.

    Enter accepts the highlighted suggestion, which is at first the best one. The typed text itself is the last
    suggestion. If `literal` is "", the typed text is left out, so that only suggestions can be chosen.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="prompt.cancel"),
        Binding("down", "move(1)", "next", show=False, id="prompt.down"),
        Binding("up", "move(-1)", "previous", show=False, id="prompt.up"),
        Binding("tab", "complete", "complete", show=False, priority=True, id="prompt.complete"),
    ]

    class SuggestionsFound(Message):
        """Message: more suggestions were found after the prompt was opened."""

        def __init__(self, names: Sequence[str]) -> None:
            super().__init__()
            self.names = names

    def __init__(
        self,
        question: str,
        suggestions: Sequence[str] = (),
        *,
        literal: str = "Take",
        preview: Callable[[str], None] | None = None,
        initial: str = "",
    ) -> None:
        """Ask `question`. `literal` is the verb before the typed text in the list, such as `Go to` in `Go to “ada”`.

        `preview` is called with each answer when it is highlighted. The input starts with the text `initial`, which is
        selected, so that the first letter typed replaces it.
        """
        super().__init__()
        self._question = question
        self._suggestions = list(dict.fromkeys(suggestions))
        self._literal = literal
        self._preview = preview
        self._initial = initial
        self.is_awaiting_data = False
        """Whether more suggestions are still being read."""
        self._suggested_for = ""
        self._answers: list[str] = []
        """The answer that each line of the list stands for."""
        self._labels: list[Content] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield LineInput(self._initial, compact=True)
            yield PageableOptionList(markup=False, compact=True)
            yield KeyHints()

    def _update_hints(self) -> None:
        """Show which keys the dialog accepts. The key `enter` is shown only if the list has an answer to accept."""
        enter = [("enter", "chooses" if self._suggestions else "accepts")] if self._marked else []
        others = [("↓ ↑", "others" if enter else "choose")] if len(self._answers) > len(enter) else []
        self.query_one(KeyHints).keys = (*enter, ("esc", "back"), *others)

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False
        self._suggest(self._initial)

    def on_prompt_dialog_suggestions_found(self, event: SuggestionsFound) -> None:
        event.stop()
        self.is_awaiting_data = False
        marked = self._marked
        self._suggestions = list(dict.fromkeys((*self._suggestions, *event.names)))
        self._suggest(self.query_one(Input).value)
        if marked in self._answers:
            self.query_one(OptionList).highlighted = self._answers.index(marked)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._suggest(event.value)

    def _suggest(self, value: str) -> None:
        text = value.strip()
        found = rank_matches(text, self._suggestions)[:MAX_SUGGESTIONS]
        self._suggested_for = text
        self._answers, self._labels = list(found), [Content(name) for name in found]
        if text and self._literal and text not in found:
            self._answers.append(text)
            self._labels.append(Content.styled(f"{self._literal} “{text}”", "$muted" if found else ""))
        options = self.query_one(OptionList)
        options.set_options([Option(label) for label in map(_unmarked, self._labels)])
        if text and not self._answers:
            options.add_option(Option(no_match(text), disabled=True))
        options.display = bool(options.option_count)
        options.highlighted = 0 if text and self._answers else None
        self._update_hints()
        self.fit_list()

    @property
    def _marked(self) -> str:
        at = self.query_one(OptionList).highlighted
        return self._answers[at] if at is not None and at < len(self._answers) else ""

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        options = event.option_list
        for at, label in enumerate(self._labels):
            on_it = at == options.highlighted
            options.replace_option_prompt_at_index(
                at, Content.styled("▸ ", "$accent") + label if on_it else _unmarked(label)
            )
        self._update_hints()
        if self._preview is not None and self._marked:
            self._preview(self._marked)

    def action_complete(self) -> None:
        if self._answers:
            entry = self.query_one(Input)
            entry.value = self._marked or self._answers[0]
            entry.cursor_position = len(entry.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._suggest_if_stale(event.value)
        if self._answers or not event.value.strip():
            self.dismiss(self._marked)

    def _suggest_if_stale(self, value: str) -> None:
        if (text := value.strip()) and self._suggested_for != text:
            self._suggest(value)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._answers[event.option_index])

    def action_cancel(self) -> None:
        self.dismiss("")


def _unmarked(label: Content) -> Content:
    return Content("  ") + label


class MultipleChoiceDialog(Dialog[tuple[str, ...] | None]):
    """Asks for any number of choices. The result is the chosen values; None if the user cancelled the dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="choose.cancel"),
    ]

    def __init__(self, question: str, choices: Sequence[tuple[str, str]], chosen: Sequence[str]) -> None:
        """Ask `question` with `choices`, pairs of a value and a label. The values in `chosen` are checked at first."""
        super().__init__()
        self._question = question
        self._choices = choices
        self._chosen = frozenset(chosen)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield ChoicePicker(self._choices, self._chosen)
            yield SteadyText(classes="typed")
            yield KeyHints(("enter", "accepts"), ("esc", "back"), ("space", "marks"), ("letters", "jump"))

    @on(TypeAheadList.Typed)
    def _typed(self, event: ChoicePicker.Typed) -> None:
        event.stop()
        self.query_one(".typed", SteadyText).update(event.content)

    @on(ChoicePicker.Done)
    def _done(self, event: ChoicePicker.Done) -> None:
        event.stop()
        self.dismiss(self.query_one(ChoicePicker).answer)

    def action_cancel(self) -> None:
        self.dismiss(None)

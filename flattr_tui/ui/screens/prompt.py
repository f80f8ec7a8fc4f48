"""Questions that are asked on top of a page: one line with suggestions, or a choice of several."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from flattr_tui.ui.widgets.checklist import Checklist
from flattr_tui.ui.widgets.dialog import Dialog
from flattr_tui.ui.widgets.key_hints import KeyHints
from flattr_tui.ui.widgets.option_list import PageableOptionList

SUGGESTED = 8
"""How many suggestions are shown."""


class Prompt(Dialog[str]):
    """Asks for one line; suggests what begins so, then what has it inside. "" means: never mind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="prompt.cancel"),
        Binding("down", "move(1)", "next", show=False, id="prompt.down"),
        Binding("up", "move(-1)", "previous", show=False, id="prompt.up"),
        Binding("tab", "complete", "complete", show=False, priority=True, id="prompt.complete"),
    ]

    def __init__(self, question: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__()
        self._question = question
        self._suggestions = suggestions

    def compose(self) -> ComposeResult:
        """The question, the line, the suggestions."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield Input(compact=True)
            yield PageableOptionList(markup=False, compact=True)
            yield KeyHints(*self._keys())

    def _keys(self) -> list[tuple[str, str]]:
        suggested = [("↓ ↑", "suggestions")] if self._suggestions else []
        return [("enter", "takes it"), *suggested, ("esc", "never mind")]

    def on_mount(self) -> None:
        """Suggest at once."""
        self.query_one(OptionList).can_focus = False
        self._suggest("")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._suggest(event.value.strip().casefold())

    def _suggest(self, text: str) -> None:
        begins = [name for name in self._suggestions if name.casefold().startswith(text)]
        holds = [name for name in self._suggestions if text in name.casefold() and name not in begins]
        options = self.query_one(OptionList)
        options.set_options([Option(Content(name), id=str(at)) for at, name in enumerate((begins + holds)[:SUGGESTED])])
        self._shown = (begins + holds)[:SUGGESTED]
        options.display = bool(self._shown)

    def action_move(self, by: int) -> None:
        """Go through the suggestions."""
        options = self.query_one(OptionList)
        if self._shown:
            at = -1 if options.highlighted is None else options.highlighted
            options.highlighted = (at + by) % len(self._shown)

    def action_complete(self) -> None:
        """Take the suggestion into the line."""
        options = self.query_one(OptionList)
        if self._shown:
            entry = self.query_one(Input)
            entry.value = self._shown[options.highlighted or 0]
            entry.cursor_position = len(entry.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        at = self.query_one(OptionList).highlighted
        self.dismiss(self._shown[at] if at is not None and at < len(self._shown) else event.value.strip())

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._shown[event.option_index])

    def action_cancel(self) -> None:
        """Never mind."""
        self.dismiss("")


class Choose(Dialog[tuple[str, ...] | None]):
    """Asks for any number of choices; None means: never mind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="choose.cancel"),
        Binding("enter", "done", "done", priority=True, id="choose.done"),
    ]

    def __init__(self, question: str, choices: Sequence[tuple[str, str]], chosen: Sequence[str]) -> None:
        super().__init__()
        self._question = question
        self._choices = choices
        self._chosen = frozenset(chosen)

    def compose(self) -> ComposeResult:
        """The question and the choices."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield Checklist(self._choices, self._chosen)
            yield KeyHints(("space", "marks"), ("enter", "takes the marked"), ("esc", "never mind"))

    def action_done(self) -> None:
        """Take what is marked."""
        self.dismiss(self.query_one(Checklist).selected)

    def action_cancel(self) -> None:
        """Never mind."""
        self.dismiss(None)

"""The fields of the console's form, made from the method table."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from flattr_tui.api.methods import Method, Parameter, ParameterKind
from flattr_tui.library.library import Library
from flattr_tui.model.entities import Choice
from flattr_tui.ui.bindings import CHOICE, FIELD, TEXT_FIELD
from flattr_tui.ui.panes.search_form import TagHighlighter
from flattr_tui.ui.widgets.base_widgets import LineInput
from flattr_tui.ui.widgets.inline_select import label_option
from flattr_tui.ui.widgets.prompt_dialog import MultipleChoiceDialog, PromptDialog

MAX_CYCLED = 10
"""Maximum number of choices that a key steps through; with more choices, the key opens a list."""
FORMAT_FIELD = "format"
"""Name of the field for the response format, which is not a parameter."""
NOT_SENT = "–"
UNCHANGED = "stays as it is"
"""The note of a field that is left out of a partial update (PATCH, RFC 5789), which then does not change."""
SENT_EMPTY = '"" · sent empty'
_EXAMPLES = {
    ParameterKind.IDS: "423405,423406",
    ParameterKind.LIST: "separated by commas",
    ParameterKind.TAGS: "audio & library ! beta",
    ParameterKind.URL: "https://…",
}


class FieldChanged(Message):
    """The value of a field changed."""

    def __init__(self, field: "Field") -> None:
        super().__init__()
        self.field = field


class FieldSubmitted(Message):
    """The user pressed enter in a field, to send the request."""


class TextField(LineInput):
    """A field for a parameter that is typed. `ctrl+n` sends it empty, if the method allows that."""

    BINDINGS: ClassVar[list[BindingType]] = [*FIELD, *TEXT_FIELD]

    emptied: reactive[bool] = reactive(False, init=False)
    """Whether the field is sent empty. Otherwise an empty field is left out."""

    def __init__(self, parameter: Parameter, left_out: str = "") -> None:
        """Make the field of a parameter.

        The note `left_out`, as `omission_note` returns it, is shown while it is empty.
        """
        self._example = left_out or _EXAMPLES.get(parameter.kind, "")
        highlighter = TagHighlighter() if parameter.kind is ParameterKind.TAGS else None
        super().__init__(placeholder=self._example, compact=True, highlighter=highlighter, id=f"field-{parameter.name}")
        self.parameter = parameter

    @property
    def value_to_send(self) -> str | None:
        """The value to send; None if the parameter is left out."""
        return self.value.strip() or ("" if self.emptied else None)

    def watch_emptied(self, emptied: bool) -> None:
        self.placeholder = SENT_EMPTY if emptied else self._example
        self.set_class(emptied, "-emptied")
        self.post_message(FieldChanged(self))

    def action_send_empty(self) -> None:
        self.value, self.emptied = "", not self.emptied

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.parameter.may_empty if action == "send_empty" else super().check_action(action, parameters)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.emptied = self.emptied and not self.value
        self.post_message(FieldChanged(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(FieldSubmitted())


class SelectField(Widget, can_focus=True):
    """A field for a parameter whose value is chosen instead of typed; "" leaves the parameter out."""

    BINDINGS: ClassVar[list[BindingType]] = [*FIELD, *CHOICE]
    ALLOW_SELECT = False
    DEFAULT_CSS = """
    SelectField { height: 1; width: 1fr; }
    SelectField:focus { background: $cursor; }
    SelectField:ansi:focus { text-style: reverse; }
    """

    value: reactive[str] = reactive("", init=False)

    def __init__(self, parameter: Parameter, left_out: str = "") -> None:
        super().__init__(id=f"field-{parameter.name}")
        self.parameter = parameter
        self._left_out = left_out

    @property
    def value_to_send(self) -> str | None:
        """The value to send; None if the parameter is left out."""
        return self.value or None

    def watch_value(self) -> None:
        self.post_message(FieldChanged(self))

    def action_submit(self) -> None:
        self.post_message(FieldSubmitted())

    def action_turn(self, by: int) -> None:
        """Choose the next (1) or previous (-1) value."""

    def action_empty(self) -> None:
        self.value = ""

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.action_turn(1)

    def unset_label(self) -> Content:
        """Return the text shown while no value is chosen."""
        return Content.styled(f"{NOT_SENT}  {self._left_out}" if self._left_out else NOT_SENT, "$muted")


class SwitchField(SelectField):
    """A field for a flag, which is sent or left out."""

    def render(self) -> Content:
        on = bool(self.value)
        return Content.styled("[×] yes", "bold $accent") if on else Content.styled("[ ] no", "$muted")

    def action_turn(self, by: int) -> None:
        self.value = "" if self.value else "1"


class CycleField(SelectField):
    """A field for a choice among a few values. All are shown if there is room, otherwise only the chosen one."""

    def __init__(
        self, parameter: Parameter, choices: Sequence[tuple[str, str]], left_out: str = "", *, always: bool = False
    ) -> None:
        """`choices` are pairs of a value and a label. With `always`, the parameter can't be left out."""
        super().__init__(parameter, left_out)
        self._choices = [*([] if always else [("", NOT_SENT)]), *choices]

    def render(self) -> Content:
        label = Content("  ").join(label_option(text, is_chosen=value == self.value) for value, text in self._choices)
        if label.cell_length <= self.content_size.width:
            return label
        if not self.value:
            return self.unset_label()
        return label_option(dict(self._choices).get(self.value, self.value), is_chosen=True)

    def action_turn(self, by: int) -> None:
        values = [value for value, _ in self._choices]
        at = values.index(self.value) if self.value in values else 0
        self.value = values[(at + by) % len(values)]

    def action_empty(self) -> None:
        self.value = self._choices[0][0]


class ListField(SelectField):
    """A field for one of many values, or for `several` of them (joined by commas), chosen in a dialog."""

    def __init__(self, parameter: Parameter, choices: Sequence[Choice], left_out: str, *, several: bool) -> None:
        super().__init__(parameter, left_out)
        self._choices = choices
        self._several = several

    def render(self) -> Content:
        names = {choice.id: choice.text for choice in self._choices}
        chosen = [names.get(name, name) for name in self.value.split(",") if name]
        if chosen:
            return Content.styled(", ".join(chosen), "bold $accent").truncate(self.content_size.width, ellipsis=True)
        return Content.styled("any", "$muted") if self._several else self.unset_label()

    def action_turn(self, by: int) -> None:
        name = self.parameter.name
        if self._several:
            pairs = [(choice.id, choice.text) for choice in self._choices]
            self.app.push_screen(MultipleChoiceDialog(f"Which {name}?", pairs, self.value.split(",")), self._on_choices)
        else:
            text = [f"{choice.id} {choice.text}" for choice in self._choices]
            self.app.push_screen(PromptDialog(f"Which {name}?", text), self._on_choice)

    def _on_choices(self, chosen: tuple[str, ...] | None) -> None:
        if chosen is not None:
            self.value = ",".join(chosen)

    def _on_choice(self, answer: str | None) -> None:
        if answer:
            self.value = answer.partition(" ")[0]


Field = TextField | SelectField


def omission_note(method: Method, parameter: Parameter) -> str:
    """Return a note that says what leaving out a parameter means; "" if that is obvious."""
    if parameter.default:
        return f"{parameter.default} if left out"
    return UNCHANGED if method.verb == "PATCH" and not parameter.in_path else ""


def make_field(method: Method, parameter: Parameter, library: Library) -> Field:
    """Return a new field that suits the kind of a parameter."""
    kind, left = parameter.kind, omission_note(method, parameter)
    if kind is ParameterKind.FLAG:
        return SwitchField(parameter)
    if kind is ParameterKind.BOOLEAN:
        return CycleField(parameter, [("1", "yes"), ("0", "no")], left)
    if kind is ParameterKind.CHOICE:
        return CycleField(parameter, [(choice, choice) for choice in parameter.choices], left)
    if kind in {ParameterKind.CATEGORY, ParameterKind.CATEGORIES, ParameterKind.LANGUAGE, ParameterKind.LANGUAGES}:
        choices = library.choices(
            "categories" if kind in {ParameterKind.CATEGORY, ParameterKind.CATEGORIES} else "languages"
        )
        if kind is ParameterKind.CATEGORY and len(choices) <= MAX_CYCLED:
            return CycleField(parameter, [(choice.id, choice.text) for choice in choices], left)
        return ListField(parameter, choices, left, several=kind in {ParameterKind.CATEGORIES, ParameterKind.LANGUAGES})
    return TextField(parameter, left)

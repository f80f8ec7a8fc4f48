"""The rows of the console's form: a parameter's label, its field, and a note about its value."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from flattr_tui.api.method_table import METHODS, Method, Parameter, ParameterKind
from flattr_tui.api.prepared_request import check_arguments
from flattr_tui.library.errors import UsageError
from flattr_tui.library.library import Library
from flattr_tui.model.entities import Choice
from flattr_tui.model.tag_expression import And, Expression, Not, Or, Tag, TagSyntaxError, parse_tags
from flattr_tui.ui.bindings import CHOICE, FIELD, TEXT_FIELD
from flattr_tui.ui.widgets.base_widgets import SteadyText
from flattr_tui.ui.widgets.dialogs import MultipleChoiceDialog, PromptDialog
from flattr_tui.ui.widgets.inputs import LineInput, TagHighlighter, label_option

MAX_CYCLED = 10
"""Maximum number of choices in a field that steps through them; with more choices, the field opens a list."""
FORMAT_FIELD = "format"
"""Name of the field for the response format. The format is not a parameter of the API."""
NOT_SENT = "–"
UNCHANGED = "stays as it is"
"""Note in an empty field of a partial update (PATCH, RFC 5789): a parameter that is left out keeps its value."""
SENT_EMPTY = '"" · sent empty'
_EXAMPLES = {
    ParameterKind.IDS: "423405,423406",
    ParameterKind.LIST: "separated by commas",
    ParameterKind.TAGS: "audio & library ! beta",
    ParameterKind.URL: "https://…",
}
LABEL_WIDTH = max(len(parameter.name) for method in METHODS for parameter in method.parameters) + 2
"""Width of the labels in cells."""
TAG_HELP = "| means or, & and, ! not: `game | games ! software` finds either of the first two without software"


class FieldChanged(Message):
    """Message: the value of a field changed."""

    def __init__(self, field: "Field") -> None:
        super().__init__()
        self.field = field


class FieldSubmitted(Message):
    """Message: the user pressed enter in a field, to send the request."""


class TextField(LineInput):
    """A field for a parameter that is typed. With `ctrl+n`, the parameter is sent empty, if the method allows that."""

    BINDINGS: ClassVar[list[BindingType]] = [*FIELD, *TEXT_FIELD]

    emptied: reactive[bool] = reactive(False, init=False)
    """Whether the parameter is sent with an empty value. Otherwise the parameter of an empty field is left out."""

    def __init__(self, parameter: Parameter, left_out: str = "") -> None:
        """Make the field of a parameter.

        While the field is empty, it shows `left_out`, a note that says what the server does without the parameter. If
        `left_out` is "", the field shows an example of a value instead.
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
        """Return the text that the field shows while no value is chosen."""
        return Content.styled(f"{NOT_SENT}  {self._left_out}" if self._left_out else NOT_SENT, "$muted")


class SwitchField(SelectField):
    """A field for a flag: a parameter that is either sent as `1` or left out."""

    def render(self) -> Content:
        on = bool(self.value)
        return Content.styled("[×] yes", "bold $accent") if on else Content.styled("[ ] no", "$muted")

    def action_turn(self, by: int) -> None:
        self.value = "" if self.value else "1"


class CycleField(SelectField):
    """A field for a choice among a few values. It shows all values if there is room, otherwise only the chosen one."""

    def __init__(
        self, parameter: Parameter, choices: Sequence[tuple[str, str]], left_out: str = "", *, always: bool = False
    ) -> None:
        """Make the field of a parameter. `choices` are pairs of a value and a label.

        `left_out` is a note about what the server does without the parameter. With `always`, a value must be chosen.
        """
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
    """A field whose value is chosen in a dialog. With `several`, the user can choose more than one value, or none.

    The `value` of the field contains the chosen values, joined by commas.
    """

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
    """Return a note that says what happens if a parameter is left out; "" if that is obvious."""
    if parameter.default:
        return f"{parameter.default} if left out"
    return UNCHANGED if method.verb == "PATCH" and not parameter.in_path else ""


def make_field(method: Method, parameter: Parameter, library: Library) -> Field:
    """Return a new field for a parameter: for text, for a flag, or for a choice.

    The categories and languages to choose from are those of `library`.
    """
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


class FieldRow(Vertical):
    """A labelled field. A note below the field says what is wrong with its value, or how the value is understood."""

    problem: reactive[str] = reactive("", init=False, repaint=False)
    """A sentence that says what is wrong with the value; "" if the value is valid."""
    interpretation: reactive[str] = reactive("", init=False, repaint=False)
    """A tag expression in words; "" for parameters that are not tag expressions."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field

    def compose(self) -> ComposeResult:
        parameter = self.field.parameter
        text = Content.styled(parameter.name, "$foreground" if parameter.required else "$muted")
        text += Content.styled("*", "bold $accent") if parameter.required else Content("")
        label = Static(text, classes="label", markup=False)
        label.styles.width = LABEL_WIDTH
        yield Horizontal(label, self.field, classes="field")
        note = SteadyText(classes="note")
        note.styles.padding = (0, 0, 0, LABEL_WIDTH)
        yield note

    def watch_problem(self) -> None:
        self._update_note()

    def watch_interpretation(self) -> None:
        self._update_note()

    def _update_note(self) -> None:
        note = self.query_one(".note", SteadyText)
        note.update(
            Content.styled(f"! {self.problem}", "$warning")
            if self.problem
            else Content.styled(self.interpretation, "italic $muted")
        )
        note.set_class(bool(self.problem or self.interpretation), "-told")


def field_error(method: Method, parameter: Parameter, value: str) -> str:
    """Return what is wrong with `value` for a parameter of `method`, as a sentence; "" if the value is valid."""
    if not value.strip() and parameter.required:
        return f"{parameter.name} is needed: {parameter.help}."
    try:
        check_arguments(replace(method, parameters=(parameter,)), {parameter.name: value})
    except UsageError as error:
        return str(error)
    return ""


def interpret_value(field: Field) -> str:
    """Return a note that explains the value of a field; "" if the value needs no explanation.

    The note on a tag expression is the expression in words: `means: music and not live`. The note on a field that is
    sent empty says that the server clears the value.
    """
    if isinstance(field, TextField) and field.emptied:
        return "clears the value on the server"
    if field.parameter.kind is not ParameterKind.TAGS or not field.value.strip():
        return ""
    try:
        return f"means: {_describe(parse_tags(field.value))}"
    except TagSyntaxError:
        return ""


def _describe(expression: Expression) -> str:
    match expression:
        case Tag(name):
            return name
        case Not(part):
            return f"not {_describe(part)}"
        case And():
            return " and ".join(_parenthesize(part) for part in _flatten(expression, And))
        case Or():
            return " or ".join(_describe(part) for part in _flatten(expression, Or))


def _flatten(expression: Expression, kind: type[And | Or]) -> list[Expression]:
    """Return the operands of a chain of `kind` operators, from left to right.

    The chain is `expression`, for example `a and b and c`. This is a loop, because a recursion would overflow Python's
    stack at 500 tags.
    """
    parts: list[Expression] = []
    while isinstance(expression, kind):
        parts.append(expression.right)
        expression = expression.left
    return [expression, *reversed(parts)]


def _parenthesize(expression: Expression) -> str:
    text = _describe(expression)
    return f"({text})" if isinstance(expression, Or) else text


def form_summary(method: Method) -> str:
    """Return a line of help for the form of a method: what `*` means, and that empty fields are left out."""
    if not method.parameters:
        return "nothing to fill in"
    needed = "* is required; " if any(parameter.required for parameter in method.parameters) else ""
    return f"{needed}empty fields are left out"


def field_help(method: Method, parameter: Parameter, empty_key: str) -> str:
    """Return a line of help for a parameter of `method`.

    `empty_key` is the name of the key that sends the parameter empty; "" if there is no such key.
    """
    if parameter.kind is ParameterKind.TAGS:
        return TAG_HELP
    parts = [parameter.help]
    if parameter.may_empty and empty_key:
        parts.append(f"{empty_key} sends it empty")  # the field itself says what happens if it is left out
    else:
        parts += ["needed" if parameter.required else "", omission_note(method, parameter)]
    return " · ".join(part for part in parts if part)

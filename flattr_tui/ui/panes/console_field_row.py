"""A row of the console's form: a parameter's label, its field, and a note about its value."""

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from flattr_tui.api.methods import METHODS, Method, Parameter, ParameterKind
from flattr_tui.api.prepared_request import check_arguments
from flattr_tui.library.errors import UsageError
from flattr_tui.model.tags import And, Expression, Not, Or, Tag, TagSyntaxError, parse_tags
from flattr_tui.ui.panes.console_fields import Field, TextField, omission_note
from flattr_tui.ui.widgets.base_widgets import SteadyText

LABEL_WIDTH = max(len(parameter.name) for method in METHODS for parameter in method.parameters) + 2
"""Width of the labels in cells."""
TAG_HELP = "| means or, & and, ! not: `game | games ! software` finds either of the first two without software"


class FieldRow(Vertical):
    """A labelled field. The note below it says what is wrong with its value, or how the value is understood."""

    problem: reactive[str] = reactive("", init=False, repaint=False)
    """The fault of the value, in one sentence; "" if there is none."""
    interpretation: reactive[str] = reactive("", init=False, repaint=False)
    """How a tag expression is understood; "" for other parameters."""

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
    """Return a sentence that says what is wrong with the value of a parameter; "" if nothing is."""
    if not value.strip() and parameter.required:
        return f"{parameter.name} is needed: {parameter.help}."
    try:
        check_arguments(replace(method, parameters=(parameter,)), {parameter.name: value})
    except UsageError as error:
        return str(error)
    return ""


def interpret_value(field: Field) -> str:
    """Return a tag expression in words, or a note that the value will be cleared; "" for other values."""
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
            return " and ".join(_parenthesise(part) for part in _flatten(expression, And))
        case Or():
            return " or ".join(_describe(part) for part in _flatten(expression, Or))


def _flatten(expression: Expression, kind: type[And | Or]) -> list[Expression]:
    """Return the operands of a chain of one operator, in order.

    A recursion would overflow Python's stack at 500 tags.
    """
    parts: list[Expression] = []
    while isinstance(expression, kind):
        parts.append(expression.right)
        expression = expression.left
    return [expression, *reversed(parts)]


def _parenthesise(expression: Expression) -> str:
    text = _describe(expression)
    return f"({text})" if isinstance(expression, Or) else text


def form_summary(method: Method) -> str:
    """Return a line of help for a method's form: what `*` means, and that empty fields are left out."""
    if not method.parameters:
        return "nothing to fill in"
    needed = "* is required; " if any(parameter.required for parameter in method.parameters) else ""
    return f"{needed}empty fields are left out"


def field_help(method: Method, parameter: Parameter, empty_key: str) -> str:
    """Return a line of help for a parameter. `empty_key` is the key that sends it empty; "" if there is none."""
    if parameter.kind is ParameterKind.TAGS:
        return TAG_HELP
    parts = [parameter.help]
    if parameter.may_empty and empty_key:
        parts.append(f"{empty_key} sends it empty")  # the field itself says what happens if it is left out
    else:
        parts += ["needed" if parameter.required else "", omission_note(method, parameter)]
    return " · ".join(part for part in parts if part)

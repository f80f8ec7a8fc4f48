"""A row of the console's form: a parameter's label, its field, and what is to be said of what stands in it."""

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from flattr_tui.api.errors import UsageError
from flattr_tui.api.methods import METHODS, Kind, Method, Parameter
from flattr_tui.api.prepared_request import check_arguments
from flattr_tui.model.tags import And, Expression, Not, Or, Tag, TagSyntaxError, parse_tags
from flattr_tui.ui.panes.console_fields import Field, TextField, left_out
from flattr_tui.ui.widgets.steady_text import SteadyText

LABEL = max(len(parameter.name) for method in METHODS for parameter in method.parameters) + 2
"""Cells of the labels."""
TAG_LANGUAGE = "| or, & and, ! not: `game | games ! software` is either of the two, but no software"


class FieldRow(Vertical):
    """Shows a field, and below it what is wrong with what it holds."""

    problem: reactive[str] = reactive("", init=False, repaint=False)
    """What is wrong, in one sentence."""
    reading: reactive[str] = reactive("", init=False, repaint=False)
    """How what it holds is understood, where that is no matter of course."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field

    def compose(self) -> ComposeResult:
        """The label, the field, the note."""
        parameter = self.field.parameter
        told = Content.styled(parameter.name, "$foreground" if parameter.required else "$muted")
        told += Content.styled("*", "bold $accent") if parameter.required else Content("")
        label = Static(told, classes="label", markup=False)
        label.styles.width = LABEL
        yield Horizontal(label, self.field, classes="field")
        note = SteadyText(classes="note")
        note.styles.padding = (0, 0, 0, LABEL)
        yield note

    def watch_problem(self) -> None:
        """Say it."""
        self._tell()

    def watch_reading(self) -> None:
        """Say it."""
        self._tell()

    def _tell(self) -> None:
        note = self.query_one(".note", SteadyText)
        note.update(
            Content.styled(f"! {self.problem}", "$warning")
            if self.problem
            else Content.styled(self.reading, "italic $muted")
        )
        note.set_class(bool(self.problem or self.reading), "-told")


def problem_of(method: Method, parameter: Parameter, value: str) -> str:
    """Say in one sentence what is wrong with a parameter's value; "" where nothing is."""
    if not value.strip() and parameter.required:
        return f"{parameter.name} is needed: {parameter.help}."
    try:
        check_arguments(replace(method, parameters=(parameter,)), {parameter.name: value})
    except UsageError as error:
        return str(error)
    return ""


def reading_of(field: Field) -> str:
    """Say in words how a tag expression is understood, and what it means to send nothing; "" for all else."""
    if isinstance(field, TextField) and field.emptied:
        return "takes away what is there"
    if field.parameter.kind is not Kind.TAGS or not field.value.strip():
        return ""
    try:
        return f"means: {_in_words(parse_tags(field.value))}"
    except TagSyntaxError:
        return ""


def _in_words(expression: Expression) -> str:
    match expression:
        case Tag(name):
            return name
        case Not(part):
            return f"not {_in_words(part)}"
        case And():
            return " and ".join(_within(part) for part in _parts(expression, And))
        case Or():
            return " or ".join(_in_words(part) for part in _parts(expression, Or))


def _parts(expression: Expression, kind: type[And | Or]) -> list[Expression]:
    """Flatten a chain of one operator: 500 tags in a row nest deeper than Python can call."""
    parts: list[Expression] = []
    while isinstance(expression, kind):
        parts.append(expression.right)
        expression = expression.left
    return [expression, *reversed(parts)]


def _within(expression: Expression) -> str:
    told = _in_words(expression)
    return f"({told})" if isinstance(expression, Or) else told


def summed_up(method: Method) -> str:
    """Say what filling a method in comes to."""
    if not method.parameters:
        return "nothing to fill in"
    needed = "* is needed; " if any(parameter.required for parameter in method.parameters) else ""
    return f"{needed}what is empty is left out"


def explained(method: Method, parameter: Parameter, empties: str) -> str:
    """Say what a parameter is, in a line; `empties` is the key by which it is sent empty."""
    if parameter.kind is Kind.TAGS:
        return TAG_LANGUAGE
    parts = [parameter.help]
    if parameter.may_empty and empties:
        parts.append(f"{empties} sends empty")  # what it is to leave it out stands in the field
    else:
        parts += ["needed" if parameter.required else "", left_out(method, parameter)]
    return " · ".join(part for part in parts if part)

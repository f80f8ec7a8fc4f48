"""The console's fields: one a parameter, made from what the table of methods says of it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from flattr_tui.api.methods import Kind, Method, Parameter
from flattr_tui.library.library import Library
from flattr_tui.model.entities import Choice
from flattr_tui.ui.bindings import CHOICE, FIELD, TEXT_FIELD
from flattr_tui.ui.panes.search_form import TagHighlighter
from flattr_tui.ui.screens.prompt import Choose, Prompt
from flattr_tui.ui.widgets.line_input import LineInput

MOST_TURNED = 10
"""More choices than these are chosen from a list instead of one by one."""
FORMAT = "format"
"""The name of the field that is no parameter."""
NOT_SENT = "–"
KEPT = "stays as it is"
"""What becomes of a parameter that is left out where something is changed in part (RFC 5789)."""
SENT_EMPTY = '"" · sent empty'
_EXAMPLES = {
    Kind.IDS: "423405,423406",
    Kind.LIST: "parted by commas",
    Kind.TAGS: "audio & library ! beta",
    Kind.URL: "https://…",
}


class FieldChanged(Message):
    """A field holds something else."""

    def __init__(self, field: "Field") -> None:
        super().__init__()
        self.field = field


class FieldSubmitted(Message):
    """Enter was pressed in a field: the request is to be sent."""


class TextField(LineInput):
    """A parameter that is typed; one that may be empty can be sent so on purpose."""

    BINDINGS: ClassVar[list[BindingType]] = [*FIELD, *TEXT_FIELD]

    emptied: reactive[bool] = reactive(False, init=False)
    """Whether it is sent empty: without it, a field with nothing in it is left out."""

    def __init__(self, parameter: Parameter, left_out: str = "") -> None:
        self._example = left_out or _EXAMPLES.get(parameter.kind, "")
        highlighter = TagHighlighter() if parameter.kind is Kind.TAGS else None
        super().__init__(placeholder=self._example, compact=True, highlighter=highlighter, id=f"field-{parameter.name}")
        self.parameter = parameter

    @property
    def given(self) -> str | None:
        """What is sent; None where it is left out."""
        return self.value.strip() or ("" if self.emptied else None)

    def watch_emptied(self, emptied: bool) -> None:
        """Show it, and tell the form."""
        self.placeholder = SENT_EMPTY if emptied else self._example
        self.set_class(emptied, "-emptied")
        self.post_message(FieldChanged(self))

    def action_send_empty(self) -> None:
        """Send it empty, or leave it out again."""
        self.value, self.emptied = "", not self.emptied

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to send empty what may be empty alone."""
        return self.parameter.may_empty if action == "send_empty" else super().check_action(action, parameters)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the form."""
        event.stop()
        self.emptied = self.emptied and not self.value
        self.post_message(FieldChanged(self))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Tell the form."""
        event.stop()
        self.post_message(FieldSubmitted())


class ChosenField(Widget, can_focus=True):
    """A field that is chosen in, not typed in; "" is not sent."""

    BINDINGS: ClassVar[list[BindingType]] = [*FIELD, *CHOICE]
    DEFAULT_CSS = """
    ChosenField { height: 1; width: 1fr; }
    ChosenField:focus { background: $cursor; }
    ChosenField:ansi:focus { text-style: reverse; }
    """

    value: reactive[str] = reactive("", init=False)

    def __init__(self, parameter: Parameter, left_out: str = "") -> None:
        super().__init__(id=f"field-{parameter.name}")
        self.parameter = parameter
        self._left_out = left_out

    @property
    def given(self) -> str | None:
        """What is sent; None where it is left out."""
        return self.value or None

    def watch_value(self) -> None:
        """Tell the form."""
        self.post_message(FieldChanged(self))

    def action_submit(self) -> None:
        """Tell the form."""
        self.post_message(FieldSubmitted())

    def action_turn(self, by: int) -> None:
        """Choose another."""

    def action_empty(self) -> None:
        """Choose none."""
        self.value = ""

    def on_click(self, event: events.Click) -> None:
        """Choose another."""
        event.stop()
        self.action_turn(1)

    def without(self) -> Content:
        """Say what it is when nothing is sent."""
        return Content.styled(f"{NOT_SENT}  {self._left_out}" if self._left_out else NOT_SENT, "$muted")


class SwitchField(ChosenField):
    """Sent or not: a flag."""

    def render(self) -> Content:
        """Write it."""
        on = bool(self.value)
        return Content.styled("[x] yes", "bold $accent") if on else Content.styled("[ ] no", "$muted")

    def action_turn(self, by: int) -> None:
        """Switch it."""
        self.value = "" if self.value else "1"


class TurnField(ChosenField):
    """One of a few choices, one after the other: all of them where there is room, else the chosen one."""

    def __init__(
        self, parameter: Parameter, choices: Sequence[tuple[str, str]], left_out: str = "", *, always: bool = False
    ) -> None:
        super().__init__(parameter, left_out)
        self._choices = [*([] if always else [("", NOT_SENT)]), *choices]

    def render(self) -> Content:
        """Write them."""
        told = Content("  ").join(self._one(value, text) for value, text in self._choices)
        if told.cell_length <= self.content_size.width:
            return told
        if not self.value:
            return self.without()
        return self._one(self.value, dict(self._choices).get(self.value, self.value))

    def _one(self, value: str, text: str) -> Content:
        return Content.styled(f"‹{text}›", "bold $accent") if value == self.value else Content.styled(text, "$muted")

    def action_turn(self, by: int) -> None:
        """Take the next choice, or the one before."""
        values = [value for value, _ in self._choices]
        at = values.index(self.value) if self.value in values else 0
        self.value = values[(at + by) % len(values)]

    def action_empty(self) -> None:
        """Choose none, where there may be none."""
        self.value = self._choices[0][0]


class PickField(ChosenField):
    """One or several of many choices, from a list."""

    def __init__(self, parameter: Parameter, choices: Sequence[Choice], left_out: str, *, several: bool) -> None:
        super().__init__(parameter, left_out)
        self._choices = choices
        self._several = several

    def render(self) -> Content:
        """Write what is chosen, by name."""
        names = {choice.id: choice.text for choice in self._choices}
        chosen = [names.get(name, name) for name in self.value.split(",") if name]
        if chosen:
            return Content.styled(", ".join(chosen), "bold $accent").truncate(self.content_size.width, ellipsis=True)
        return Content.styled("any", "$muted") if self._several else self.without()

    def action_turn(self, by: int) -> None:
        """Open the list."""
        name = self.parameter.name
        if self._several:
            pairs = [(choice.id, choice.text) for choice in self._choices]
            self.app.push_screen(Choose(f"Which {name}?", pairs, self.value.split(",")), self._take_several)
        else:
            told = [f"{choice.id} {choice.text}" for choice in self._choices]
            self.app.push_screen(Prompt(f"Which {name}?", told), self._take_one)

    def _take_several(self, chosen: tuple[str, ...] | None) -> None:
        if chosen is not None:
            self.value = ",".join(chosen)

    def _take_one(self, answer: str | None) -> None:
        if answer:
            self.value = answer.partition(" ")[0]


Field = TextField | ChosenField


def left_out(method: Method, parameter: Parameter) -> str:
    """Say what it means to leave a parameter out; "" where that goes without saying."""
    if parameter.default:
        return f"{parameter.default} if left out"
    return KEPT if method.verb == "PATCH" and not parameter.in_path else ""


def field_of(method: Method, parameter: Parameter, library: Library) -> Field:
    """Make the field of a parameter."""
    kind, left = parameter.kind, left_out(method, parameter)
    if kind is Kind.FLAG:
        return SwitchField(parameter)
    if kind is Kind.BOOLEAN:
        return TurnField(parameter, [("1", "yes"), ("0", "no")], left)
    if kind is Kind.CHOICE:
        return TurnField(parameter, [(choice, choice) for choice in parameter.choices], left)
    if kind in {Kind.CATEGORY, Kind.CATEGORIES, Kind.LANGUAGE, Kind.LANGUAGES}:
        choices = library.choices("categories" if kind in {Kind.CATEGORY, Kind.CATEGORIES} else "languages")
        if kind is Kind.CATEGORY and len(choices) <= MOST_TURNED:
            return TurnField(parameter, [(choice.id, choice.text) for choice in choices], left)
        return PickField(parameter, choices, left, several=kind in {Kind.CATEGORIES, Kind.LANGUAGES})
    return TextField(parameter, left)

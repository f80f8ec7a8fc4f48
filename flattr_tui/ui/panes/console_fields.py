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

from flattr_tui.api.methods import Kind, Parameter
from flattr_tui.library.library import Library
from flattr_tui.model.entities import Choice
from flattr_tui.ui.keys import CHOICE, FIELD
from flattr_tui.ui.panes.search_form import TagHighlighter
from flattr_tui.ui.screens.prompt import Choose, Prompt

MOST_TURNED = 10
"""More choices than these are chosen from a list instead of one by one."""
TAG_LANGUAGE = "| is or, & is and, ! is not: `game | games ! software` is either, but not software"
_EXAMPLES = {
    Kind.INTEGER: "a whole number",
    Kind.IDS: "423405,423406",
    Kind.LIST: "parted by commas",
    Kind.TAGS: "audio & library ! beta",
    Kind.URL: "https://…",
}


class FieldChanged(Message):
    """A field holds something else."""


class FieldSubmitted(Message):
    """Enter was pressed in a field: the request is to be sent."""


class TextField(Input):
    """A parameter that is typed."""

    BINDINGS: ClassVar[list[BindingType]] = list(FIELD)

    def __init__(self, parameter: Parameter) -> None:
        hint = parameter.default or _EXAMPLES.get(parameter.kind, "")
        highlighter = TagHighlighter() if parameter.kind is Kind.TAGS else None
        super().__init__(placeholder=hint, compact=True, highlighter=highlighter, id=f"field-{parameter.name}")
        self.parameter = parameter

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the form."""
        event.stop()
        self.post_message(FieldChanged())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Tell the form."""
        event.stop()
        self.post_message(FieldSubmitted())


class ChosenField(Widget, can_focus=True):
    """A field that is chosen in, not typed in."""

    BINDINGS: ClassVar[list[BindingType]] = [*FIELD, *CHOICE]
    DEFAULT_CSS = """
    ChosenField { height: 1; width: 1fr; }
    ChosenField:focus { background: $cursor; text-style: bold; }
    ChosenField:ansi:focus { text-style: reverse; }
    """

    value: reactive[str] = reactive("", init=False)

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(id=f"field-{parameter.name}")
        self.parameter = parameter

    def watch_value(self) -> None:
        """Tell the form."""
        self.post_message(FieldChanged())

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


class TurnField(ChosenField):
    """One of a few choices, one after the other; without one the parameter is not sent."""

    def __init__(self, parameter: Parameter, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(parameter)
        self._choices = [("", _unsent(parameter)), *choices] if parameter.name != "format" else list(choices)

    def render(self) -> Content:
        """Write it."""
        text = dict(self._choices).get(self.value, self.value)
        return Content.assemble("‹", (text, "$accent" if self.value else "$muted"), "›")

    def action_turn(self, by: int) -> None:
        """Take the next choice, or the one before."""
        values = [value for value, _ in self._choices]
        at = values.index(self.value) if self.value in values else 0
        self.value = values[(at + by) % len(values)]


class PickField(ChosenField):
    """One or several of many choices, from a list."""

    def __init__(self, parameter: Parameter, choices: Sequence[Choice], *, several: bool) -> None:
        super().__init__(parameter)
        self._choices = choices
        self._several = several

    def render(self) -> Content:
        """Write what is chosen, by name."""
        names = {choice.id: choice.text for choice in self._choices}
        chosen = [names.get(name, name) for name in self.value.split(",") if name]
        return Content.styled(", ".join(chosen), "$accent") if chosen else Content.styled("any", "$muted")

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


def _unsent(parameter: Parameter) -> str:
    if parameter.kind is Kind.FLAG:
        return "no"
    return parameter.default or "not sent"


def field_of(parameter: Parameter, library: Library) -> Field:
    """Make the field of a parameter."""
    kind = parameter.kind
    if kind is Kind.FLAG:
        return TurnField(parameter, [("1", "yes")])
    if kind is Kind.BOOLEAN:
        return TurnField(parameter, [("1", "yes"), ("0", "no")])
    if kind is Kind.CHOICE:
        return TurnField(parameter, [(choice, choice) for choice in parameter.choices])
    if kind in {Kind.CATEGORY, Kind.CATEGORIES, Kind.LANGUAGE, Kind.LANGUAGES}:
        choices = library.choices("categories" if kind in {Kind.CATEGORY, Kind.CATEGORIES} else "languages")
        if kind is Kind.CATEGORY and len(choices) <= MOST_TURNED:
            return TurnField(parameter, [(choice.id, choice.text) for choice in choices])
        return PickField(parameter, choices, several=kind in {Kind.CATEGORIES, Kind.LANGUAGES})
    return TextField(parameter)


def explained(parameter: Parameter) -> str:
    """Say what a parameter is, in a line."""
    parts = [parameter.help]
    if parameter.required:
        parts.append("required")
    if parameter.default:
        parts.append(f"{parameter.default} if left out")
    if parameter.kind is Kind.TAGS:
        parts = [TAG_LANGUAGE]
    return " · ".join(parts)

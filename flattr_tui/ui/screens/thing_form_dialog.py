"""The form to add or change a thing. It checks the values before they are sent."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from flattr_tui.api.method_table import BY_NAME, Parameter, ParameterKind
from flattr_tui.api.prepared_request import check_arguments
from flattr_tui.library.errors import UsageError
from flattr_tui.model.entities import Choice, Thing
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.widgets.dialogs import ChoiceDialog, Dialog, KeyHints, PickDialog
from flattr_tui.ui.widgets.inputs import LineInput

HINTS: Mapping[str, str] = {
    "url": "https://…",
    "title": "a short name for it",
    "tags": "separated by commas",
}


class ChoiceField(Widget, can_focus=True):
    """A field with several choices. The left and right keys step through the choices; enter lists all of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "pick", "choose", tooltip="List the choices", id="draft.pick"),
        Binding("right", "turn(1)", "next", show=False, tooltip="The next choice", id="draft.next"),
        Binding("left", "turn(-1)", "previous", show=False, tooltip="The previous choice", id="draft.previous"),
    ]
    DEFAULT_CSS = """
    ChoiceField { height: 1; width: 1fr; }
    ChoiceField:focus { background: $cursor; text-style: bold; }
    ChoiceField:ansi:focus { text-style: reverse; }
    """

    value: reactive[str] = reactive("", init=False)

    class Changed(Message):
        """Message: the user selected another choice."""

    def __init__(self, name: str, choices: Sequence[Choice], value: str) -> None:
        super().__init__(id=name)
        known = any(choice.id == value for choice in choices)
        self._choices = choices if known or not value else (*choices, Choice(value, value))
        self.set_reactive(ChoiceField.value, value)

    def watch_value(self) -> None:
        self.post_message(self.Changed())

    def render(self) -> Content:
        text = next((choice.text for choice in self._choices if choice.id == self.value), self.value)
        return Content.assemble("‹", (text, "$accent"), "›")

    def action_turn(self, by: int) -> None:
        ids = [choice.id for choice in self._choices]
        self.value = ids[(ids.index(self.value) + by) % len(ids)] if self.value in ids else ids[0]

    def action_pick(self) -> None:

        def take(chosen: str | None) -> None:
            if chosen is not None:
                self.value = chosen

        pairs = [(choice.id, choice.text) for choice in self._choices]
        self.app.push_screen(PickDialog(f"Which {self.id}?", pairs, self.value), take)

    def on_click(self) -> None:
        self.action_pick()


class DescriptionField(TextArea):
    """The field for the description of a thing. A key opens the text in the user's editor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "edit_outside", "editor", tooltip="Edit it in $EDITOR", id="draft.editor"),
    ]

    def action_edit_outside(self) -> None:
        app_of(self).programs.edit_text(self)


KEEP, DISCARD, WRITE = "keep", "discard", "write"
SAVE_SECONDS = 2.0
"""Seconds after a change at which the typed values are saved as a draft."""

YES_NO = (Choice("0", "no, it is public"), Choice("1", "yes, not in lists"))


class ThingFormDialog(Dialog[dict[str, str] | None]):
    """Asks for the values of a new thing, or for changes to `thing`.

    The result is the values to send, by parameter name; None if the user cancelled the form.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send", "send", priority=True, id="draft.send"),
        Binding("escape", "cancel", "cancel", priority=True, id="draft.cancel"),
    ]

    LIST_LINES = 20
    VERTICAL_BREAKPOINTS = [(0, "-low"), (22, "-high")]  # noqa: RUF012 -- Textual's declaration

    def __init__(self, thing: Thing | None = None, draft: str = "", problem: str = "") -> None:
        """Show the form of `thing`; with None, the form of a new thing.

        `draft` is the key under which the unsent values of this form are stored. `problem` is an error message that the
        form shows at first.
        """
        super().__init__()
        self._thing = thing
        self._method = BY_NAME["update-thing" if thing is not None else "create-thing"]
        self._before = _thing_values(thing, self._method.parameters)
        self._draft = draft
        self._problem = problem
        self._save_timer: Timer | None = None

    @property
    def parameters(self) -> list[Parameter]:
        """The parameters of the API method for which the form has a field: all that are not in the path of the URL."""
        return [parameter for parameter in self._method.parameters if not parameter.in_path]

    def compose(self) -> ComposeResult:
        typed = app_of(self).bookmarks.store.draft(self._draft)
        self._given = {**self._before, **typed}
        if typed and not self._problem:
            self._problem = "This is your unsent draft."
        title = f"Edit “{self._thing.title}”" if self._thing is not None else "Add a thing to Flattr"
        with Vertical(classes="dialog draft"):
            yield Static(Content.styled(title, "bold"), classes="title", markup=False)
            with VerticalScroll(can_focus=False):
                for parameter in self.parameters:
                    with Horizontal(classes="field" if parameter.name != "description" else "field -tall"):
                        yield Static(Content.styled(parameter.name, "$muted"), classes="label", markup=False)
                        yield self._make_field(parameter)
            yield Static(Content(""), id="problem", markup=False)
            yield KeyHints(("ctrl+s", "sends"), ("esc", "back"), ("tab", "next"), ("ctrl+o", "editor"))

    def _make_field(self, parameter: Parameter) -> Widget:
        value, library = self._given.get(parameter.name, parameter.default), app_of(self).library
        match parameter.kind:
            case ParameterKind.CATEGORY:
                return ChoiceField(parameter.name, library.choices("categories"), value)
            case ParameterKind.LANGUAGE:
                return ChoiceField(parameter.name, library.choices("languages"), value)
            case ParameterKind.BOOLEAN:
                return ChoiceField(parameter.name, YES_NO, value or "0")
        if parameter.name == "description":
            return DescriptionField(
                value,
                id=parameter.name,
                compact=True,
                tab_behavior="focus",
                show_line_numbers=False,
                highlight_cursor_line=False,
            )
        return LineInput(value, id=parameter.name, placeholder=HINTS.get(parameter.name, ""), compact=True)

    def on_mount(self) -> None:
        self._show_problem(self._problem)

    def _show_problem(self, sentence: str) -> None:
        problem = self.query_one("#problem", Static)
        problem.update(Content.styled(sentence, "$error"))
        problem.display = bool(sentence)
        self.call_after_refresh(self.fit_list)

    def _field_value(self, parameter: Parameter) -> str:
        field = self.query_one(f"#{parameter.name}")
        if isinstance(field, TextArea):
            return field.text.strip()
        return field.value.strip() if isinstance(field, Input | ChoiceField) else ""

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    @property
    def _values(self) -> dict[str, str]:
        return {parameter.name: self._field_value(parameter) for parameter in self.parameters}

    @property
    def _typed_values(self) -> dict[str, str]:
        """The values that the user has changed, by parameter name."""
        defaults = {parameter.name: parameter.default for parameter in self.parameters} | {"hidden": "0"}
        return {
            name: value
            for name, value in self._values.items()
            if value != self._before.get(name, defaults[name]).strip()
        }

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(ChoiceField.Changed)
    def _keep_draft(self) -> None:
        """Save the typed values as a draft, which remains when the app quits."""
        app_of(self).bookmarks.store.keep_draft(self._draft, self._typed_values)
        if self._save_timer is None:
            self._save_timer = self.set_timer(SAVE_SECONDS, self._save)

    def _save(self) -> None:
        self._save_timer = None
        app_of(self).bookmarks.save()

    def action_send(self) -> None:
        values = self._values
        if self._thing is not None:
            values = {name: value for name, value in values.items() if value != self._before.get(name, "")}
            if not values:
                self._show_problem("Nothing was changed.")
                return
            may_empty = {parameter.name for parameter in self.parameters if parameter.may_empty}
            if emptied := [name for name, value in values.items() if not value and name not in may_empty]:
                self._show_problem(f"The {emptied[0]} of a thing can't be empty.")
                return
            path = {"id": str(self._thing.id)}
        else:
            values = {name: value for name, value in values.items() if value}
            path = {}
        try:
            check_arguments(self._method, {**path, **values})
        except UsageError as error:
            self._show_problem(str(error)[:1].upper() + str(error)[1:])
            return
        self.dismiss(values)

    def action_cancel(self) -> None:
        """Close the form. If values were typed, ask first whether to keep them as a draft."""
        if not self._typed_values:
            self._close(keep=False)
            return

        def take(answer: str | None) -> None:
            if answer in {KEEP, DISCARD}:
                self._close(keep=answer == KEEP)

        answers = [
            (KEEP, "Close and keep the draft"),
            (DISCARD, "Close and discard it"),
            (WRITE, "Continue editing"),
        ]
        self.app.push_screen(ChoiceDialog("What you typed has not been sent.", answers, KEEP), take)

    def _close(self, *, keep: bool) -> None:
        app_of(self).bookmarks.store.keep_draft(self._draft, self._typed_values if keep else {})
        app_of(self).bookmarks.save()
        self.dismiss(None)


def _thing_values(thing: Thing | None, parameters: Sequence[Parameter]) -> dict[str, str]:
    """Return the value that a thing has for each of `parameters`, as text, by parameter name; {} if `thing` is None."""
    if thing is None:
        return {}
    values: dict[str, str] = {}
    for parameter in parameters:
        value = getattr(thing, parameter.name, None)
        if isinstance(value, tuple):
            value = ", ".join(value)
        elif isinstance(value, bool):
            value = str(int(value))
        values[parameter.name] = value if isinstance(value, str) else parameter.default
    if not values.get("hidden"):
        values["hidden"] = "0"
    return values

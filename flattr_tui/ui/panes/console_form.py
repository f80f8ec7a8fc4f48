"""The console's form: the parameters of a method, its format, and the request that they make, as it would go out."""

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from flattr_tui.api.errors import UsageError
from flattr_tui.api.methods import BY_NAME, METHODS, Format, Kind, Method, Parameter
from flattr_tui.api.requests import Prepared
from flattr_tui.library.console import Console
from flattr_tui.ui.context import flattr
from flattr_tui.ui.panes.console_fields import (
    ChosenField,
    Field,
    FieldChanged,
    FieldSubmitted,
    TextField,
    TurnField,
    explained,
    field_of,
)

LABEL = max(len(parameter.name) for method in METHODS for parameter in method.parameters) + 2
"""Cells of the labels."""


class ConsoleForm(VerticalScroll, can_focus=False):
    """Asks for what a method needs; posts `Send`."""

    class Send(Message):
        """The request is to be sent."""

    def __init__(self, console: Console) -> None:
        super().__init__(id="console-form")
        self._sender = console
        self.method: Method = BY_NAME["user"]
        self._values: dict[str, str] = {}
        """What was filled in, by parameter: a user name serves many methods."""
        self._formats: dict[str, Format] = {}

    def compose(self) -> ComposeResult:
        """The title, the fields, the format, what is wrong, the request."""
        yield Static(id="console-title", markup=False)
        yield Vertical(id="console-fields")
        yield Static(id="console-hint", markup=False)
        yield Static(id="console-request", markup=False)

    # -- the method

    async def show(self, method: Method, values: Mapping[str, str] | None = None, format: Format | None = None) -> None:
        """Ask for a method's parameters; `values` are filled in, else what was filled in before."""
        self.method = method
        if values is not None:
            self._values |= {parameter.name: values.get(parameter.name, "") for parameter in method.parameters}
        if format is not None:
            self._formats[method.name] = format
        self._values.setdefault("username", flattr(self).user)
        told = Content.assemble((f"{method.verb} ", "bold $accent"), (method.path, "bold"), f"  {method.help}")
        self.query_one("#console-title", Static).update(told)
        fields = self.query_one("#console-fields", Vertical)
        rows = [self._row(parameter) for parameter in method.parameters] + [self._format_row()]
        with self.app.batch_update():
            await fields.remove_children()
            await fields.mount_all(rows)
        self.scroll_home(animate=False)
        self._changed()

    def _row(self, parameter: Parameter) -> Horizontal:
        field = field_of(parameter, flattr(self).library)
        field.value = self._values.get(parameter.name, "") if _fits(parameter, self._values) else ""
        return _labelled(parameter.name, field, required=parameter.required)

    def _format_row(self) -> Horizontal:
        choices = [(fmt.value, fmt.value) for fmt in self.method.formats]
        field = TurnField(Parameter("format", Kind.CHOICE, "the format of the answer", choices=()), choices)
        field.value = self._formats.get(self.method.name, self.method.default_format).value
        return _labelled("format", field)

    def fields(self) -> list[Field]:
        """List the fields, the format's last."""
        inside = self.query_one("#console-fields").walk_children(with_self=False)
        return [child for child in inside if isinstance(child, TextField | ChosenField)]

    def focus_first(self) -> None:
        """Go to the first field that must be filled in and is empty, else to the first."""
        fields = self.fields()
        empty = [field for field in fields if field.parameter.required and not field.value]
        if chosen := [*empty, *fields][:1]:
            chosen[0].focus()

    # -- what it asks for

    @property
    def arguments(self) -> dict[str, str]:
        """What is filled in."""
        values = {field.parameter.name: field.value.strip() for field in self.fields() if field.id != "field-format"}
        return {name: value for name, value in values.items() if value}

    @property
    def format(self) -> Format:
        """The format that is chosen."""
        return self._formats.get(self.method.name, self.method.default_format)

    def prepared(self) -> Prepared:
        """Build the request, the token masked; raises `UsageError`."""
        return self._sender.prepare(self.method, self.arguments, self.format)

    def clear(self) -> None:
        """Empty all fields."""
        for field in self.fields():
            if field.id != "field-format":
                field.value = ""

    def on_field_changed(self, event: FieldChanged) -> None:
        """Build the request anew."""
        event.stop()
        for field in self.fields():
            if field.id == "field-format":
                self._formats[self.method.name] = Format(field.value)
            else:
                self._values[field.parameter.name] = field.value
        self._changed()

    def on_field_submitted(self, event: FieldSubmitted) -> None:
        """Send it."""
        event.stop()
        self.post_message(self.Send())

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Explain the field."""
        self._changed()

    def _changed(self) -> None:
        request = self.query_one("#console-request", Static)
        problem = ""
        try:
            request.update(shown(self.prepared()))
        except UsageError as error:
            problem = str(error)
            request.update(Content.styled(f"{self.method.verb} …{self.method.path}", "$muted"))
        field = next((field for field in self.fields() if field.has_focus), None)
        parts = [Content.styled(explained(field.parameter), "$muted")] if field is not None else []
        if problem:
            parts.append(Content.styled(problem, "$warning"))
        self.query_one("#console-hint", Static).update(Content("\n").join(parts))


def _fits(parameter: Parameter, values: Mapping[str, str]) -> bool:
    """Whether what another method's parameter of the same name was given is good for this one."""
    value = values.get(parameter.name, "")
    if parameter.kind in {Kind.CATEGORY, Kind.LANGUAGE, Kind.INTEGER}:
        return "," not in value
    return True


def _labelled(name: str, field: Field, *, required: bool = False) -> Horizontal:
    told = Content.styled(name, "$foreground" if required else "$muted")
    told += Content.styled("*", "bold $accent") if required else Content("")
    label = Static(told, classes="label", markup=False)
    label.styles.width = LABEL
    return Horizontal(label, field, classes="field")


def shown(request: Prepared) -> Content:
    """Write a request as it goes out."""
    lines = [Content.assemble((request.verb, "bold $accent"), f" {request.url}")]
    lines += [Content.assemble((f"{name}: ", "$muted"), value) for name, value in request.headers.items()]
    if request.body is not None:
        lines += [Content(""), Content(request.body.decode())]
    return Content("\n").join(lines)

"""The console's form: the parameters of a method, the response format, and a preview of the request."""

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message

from flattr_tui.api.method_table import BY_NAME, Auth, Format, Method, Parameter, ParameterKind
from flattr_tui.api.prepared_request import PreparedRequest
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.errors import UsageError
from flattr_tui.ui.app_protocol import app_of
from flattr_tui.ui.panes.console_fields import (
    FORMAT_FIELD,
    CycleField,
    Field,
    FieldChanged,
    FieldRow,
    FieldSubmitted,
    TextField,
    field_error,
    field_help,
    form_summary,
    interpret_value,
    make_field,
)
from flattr_tui.ui.panes.console_methods import LOGIN_SYMBOL, WRITE_SYMBOL
from flattr_tui.ui.widgets.base_widgets import EvenLines, SteadyText
from flattr_tui.ui.widgets.document_view import highlight_url


class ConsoleForm(EvenLines, Vertical):
    """Asks for the parameters of a method, and shows the request as it would be sent."""

    class SendRequested(Message):
        """Message: the user wants to send the request."""

    def __init__(self, console: ApiConsole) -> None:
        super().__init__(id="console-form")
        self._api_console = console
        self.method: Method = BY_NAME["user"]
        self._values: dict[str, str] = {}
        """The entered values by parameter name. All methods share them: many need a user name, for example."""
        self._emptied: set[str] = set()
        """Names of the parameters that are sent with an empty value."""
        self._formats: dict[str, Format] = {}
        """The chosen response format by method name. Methods that use their default format have no entry."""
        self._attempted_method = ""
        """Name of the method that the user tried to send while parameters were missing; "" for none.

        The fields of these parameters are marked.
        """
        self._building = False
        """Whether `show` is filling in the fields, so that changed values do not come from the user."""

    def compose(self) -> ComposeResult:
        yield SteadyText(id="console-title")
        yield SteadyText(id="console-hint")
        yield VerticalScroll(id="console-fields", can_focus=False)
        yield SteadyText(id="console-request")

    # -- the method

    async def show(self, method: Method, values: Mapping[str, str] | None = None, format: Format | None = None) -> None:
        """Show the fields of `method`.

        `values` are the values to fill in, by parameter name. With None, each field gets the value that was last
        entered for a parameter of the same name. `format` is the response format. With None, it is the format that was
        last chosen for the method.
        """
        self.method, self._attempted_method, self._building = method, "", True
        if values is not None:
            self._values |= {parameter.name: values.get(parameter.name, "") for parameter in method.parameters}
            self._emptied = {name for name, value in values.items() if not value}
        if format is not None:
            self._formats[method.name] = format
        self._values.setdefault("username", app_of(self).user)
        fields = self.query_one("#console-fields", VerticalScroll)
        rows = [FieldRow(self._make_field(parameter)) for parameter in method.parameters] + [
            FieldRow(self._make_format_field())
        ]
        with self.app.batch_update():
            await fields.remove_children()
            await fields.mount_all(rows)
        fields.scroll_home(animate=False)
        self._building = False
        self.update()

    def _make_field(self, parameter: Parameter) -> Field:
        field = make_field(self.method, parameter, app_of(self).library)
        value = self._values.get(parameter.name, "")
        field.value = value if _is_reusable(parameter, value) else ""
        if isinstance(field, TextField):
            field.emptied = parameter.may_empty and not field.value and parameter.name in self._emptied
        return field

    def _make_format_field(self) -> Field:
        choices = [(fmt.value, fmt.value) for fmt in self.method.formats]
        field = CycleField(
            Parameter(FORMAT_FIELD, ParameterKind.CHOICE, "the format of the response"), choices, always=True
        )
        field.value = self.format.value
        return field

    def rows(self) -> list[FieldRow]:
        """Return the rows of the form. The last one is the response format."""
        return list(self.query_one("#console-fields").query_children(FieldRow))

    def fields(self) -> list[Field]:
        """Return the fields of the form. The last one is the response format."""
        return [row.field for row in self.rows()]

    def focus_first(self) -> None:
        """Focus the first field that is invalid, or empty although required; if there is none, the first field."""
        rows = self.rows()
        needy = [row for row in rows if row.problem or (row.field.parameter.required and not row.field.value)]
        for row in [*needy, *rows][:1]:
            row.field.focus()

    def focus_next(self, by: int) -> bool:
        """Focus the next (1) or previous (-1) field. Returns False if the focused field is the last or the first."""
        fields = self.fields()
        at = next((number for number, field in enumerate(fields) if field.has_focus), 0) + by
        if 0 <= at < len(fields):
            fields[at].focus()
        return 0 <= at < len(fields)

    # -- the arguments

    @property
    def arguments(self) -> dict[str, str]:
        """The values to send, by parameter name. Parameters that are left out have no entry."""
        given = {field.parameter.name: field.value_to_send for field in self.fields()}
        return {name: value for name, value in given.items() if value is not None and name != FORMAT_FIELD}

    @property
    def format(self) -> Format:
        """The chosen response format."""
        return self._formats.get(self.method.name, self.method.default_format)

    def prepare(self) -> PreparedRequest:
        """Return the request as it would be sent, but with the token masked.

        Raises `UsageError` for bad or missing arguments.
        """
        return self._api_console.prepare(self.method, self.arguments, self.format)

    def show_problems(self) -> None:
        """Show a message below each field with a wrong or missing value, and focus the first such field."""
        self._attempted_method = self.method.name
        self.update()
        self.focus_first()

    def clear(self) -> None:
        """Clear all fields."""
        self._attempted_method = ""
        for field in self.fields():
            if field.parameter.name != FORMAT_FIELD:
                field.value = ""
            if isinstance(field, TextField):
                field.emptied = False

    def on_field_changed(self, event: FieldChanged) -> None:
        event.stop()
        if self._building or event.field not in self.fields():
            return
        field = event.field
        name, value = field.parameter.name, field.value
        if name == FORMAT_FIELD:
            self._formats[self.method.name] = Format(value)
        else:
            self._values[name] = value
            (self._emptied.add if field.value_to_send == "" else self._emptied.discard)(name)
        self.update()

    def on_field_submitted(self, event: FieldSubmitted) -> None:
        event.stop()
        self.post_message(self.SendRequested())

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._update_help()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        self._update_help()

    # -- the texts

    def update(self) -> None:
        """Update the title, the notes and the preview of the request, for example after a login."""
        self.query_one("#console-title", SteadyText).update(self._title())
        for row in self.rows():
            parameter, value = row.field.parameter, row.field.value
            if parameter.name == FORMAT_FIELD:
                continue
            is_checked = bool(value.strip()) or self._attempted_method == self.method.name
            row.problem = field_error(self.method, parameter, value) if is_checked else ""
            row.interpretation = interpret_value(row.field)
        self._update_help()
        self._show_request()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_request)

    def _show_request(self) -> None:
        request = self.query_one("#console-request", SteadyText)
        request.update(self._request(request.content_size.width))

    def _update_help(self) -> None:
        field = next((field for field in self.fields() if field.has_focus), None)
        text = field_help(self.method, field.parameter, self._empty_key()) if field else form_summary(self.method)
        self.query_one("#console-hint", SteadyText).update(Content.styled(text, "$muted"))

    def _empty_key(self) -> str:
        """The name of the key that sends the focused field's parameter empty; "" if it can't be sent empty."""
        found = [active.binding for active in self.screen.active_bindings.values()]
        keys = (self.app.get_key_display(binding) for binding in found if binding.action == "send_empty")
        return next(keys, "")

    def _title(self) -> Content:
        method = self.method
        label = Content.assemble((f"{method.verb} ", "bold $accent"), (method.path, "bold"))
        facts = [Content.styled(method.help, "$muted")]
        if method.private:
            needs = "" if method.auth is Auth.TOKEN else f" with the scope {method.auth}"
            known = bool(app_of(self).library.account)
            text = f"{LOGIN_SYMBOL} needs a login{needs}" + ("" if known else "; L logs in")
            facts.append(Content.styled(text, "$muted" if known else "$warning"))
        if method.writes:
            facts.append(Content.styled(f"{WRITE_SYMBOL} asks before it is sent", "$muted"))
        return label + Content("\n") + Content.styled(" · ", "$muted").join(facts)

    def _request(self, width: int) -> Content:
        try:
            text = render_request(self.prepare(), width)
        except UsageError:
            needs = [row.field.parameter.name for row in self.rows() if _has_error(self.method, row)]
            text = Content.assemble((f"{self.method.verb} ", "bold $accent"), (f"…{self.method.path}", "$muted"))
            text += Content.styled(f"\nnot complete yet: see {' and '.join(needs)}", "$warning")
        if self._api_console.offline:
            text += Content.styled("\n○ offline: shows saved responses", "$muted")
        return text


def _has_error(method: Method, row: FieldRow) -> bool:
    parameter = row.field.parameter
    return parameter.name != FORMAT_FIELD and bool(field_error(method, parameter, row.field.value))


def _is_reusable(parameter: Parameter, value: str) -> bool:
    """Whether `value`, entered for a parameter of the same name in another method, can be filled in for `parameter`.

    A list such as `de,en` can't be filled in for a parameter that takes only one category, language or number.
    """
    if parameter.kind in {ParameterKind.CATEGORY, ParameterKind.LANGUAGE, ParameterKind.INTEGER}:
        return "," not in value
    return True


def render_request(request: PreparedRequest, width: int = 0) -> Content:
    """Return a request as text, as it is sent. With a `width` in cells, its address is wrapped after separators."""
    verb = Content.styled(f"{request.verb} ", "bold $accent")
    parts = (
        _wrap_address(highlight_url(request.url), max(8, width - verb.cell_length))
        if width
        else [highlight_url(request.url)]
    )
    lines = [verb + parts[0], *(Content(" " * verb.cell_length) + part for part in parts[1:])]
    lines += [Content.assemble((f"{name}: ", "$muted"), value) for name, value in request.headers.items()]
    if request.body is not None:
        lines += [Content(""), Content(request.body.decode())]
    return Content("\n").join(lines)


def _wrap_address(address: Content, width: int) -> list[Content]:
    """Return an address as lines of at most `width` cells, split after slashes and commas and before parameters."""
    text, start, ends = address.plain, 0, [0]
    while len(text) - start > width:
        places = range(start + width, start + width // 2, -1)
        joints = [at for at in places if text[at] in "?&" or text[at - 1] in "/,"]
        escapes = [at for at in places if text[at] == "%"]
        start = [*joints[:1], *escapes[:1], start + width][0]
        ends.append(start)
    return [address[begin:end] for begin, end in zip(ends, [*ends[1:], len(text)], strict=True)]

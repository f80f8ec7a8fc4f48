"""The console's form: the parameters of a method, its format, and the request that they make, as it would go out."""

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message

from flattr_tui.api.errors import UsageError
from flattr_tui.api.methods import BY_NAME, Auth, Format, Kind, Method, Parameter
from flattr_tui.api.prepared_request import PreparedRequest
from flattr_tui.library.console.api_console import Console
from flattr_tui.ui.panes.console_field_row import FieldRow, explained, problem_of, reading_of, summed_up
from flattr_tui.ui.panes.console_fields import (
    FORMAT,
    Field,
    FieldChanged,
    FieldSubmitted,
    TextField,
    TurnField,
    field_of,
)
from flattr_tui.ui.panes.console_symbols import FOR_LOGIN, WRITES
from flattr_tui.ui.typed_app import app_of
from flattr_tui.ui.widgets.highlighter import highlight_url
from flattr_tui.ui.widgets.steady_text import SteadyText


class ConsoleForm(Vertical):
    """Asks for what a method needs; posts `Send`."""

    class Send(Message):
        """The request is to be sent."""

    def __init__(self, console: Console) -> None:
        super().__init__(id="console-form")
        self._sender = console
        self.method: Method = BY_NAME["user"]
        self._values: dict[str, str] = {}
        """What was filled in, by parameter: a user name serves many methods."""
        self._emptied: set[str] = set()
        """What is to be sent empty, of what there is no value for."""
        self._formats: dict[str, Format] = {}
        self._tried = ""
        """The method that was to be sent and could not be: what is missing is said from then on."""
        self._building = False

    def compose(self) -> ComposeResult:
        """The title, what the field is for, the fields, the request."""
        yield SteadyText(id="console-title")
        yield SteadyText(id="console-hint")
        yield VerticalScroll(id="console-fields", can_focus=False)
        yield SteadyText(id="console-request")

    # -- the method

    async def show(self, method: Method, values: Mapping[str, str] | None = None, format: Format | None = None) -> None:
        """Ask for a method's parameters; `values` are filled in, else what was filled in before."""
        self.method, self._tried, self._building = method, "", True
        if values is not None:
            self._values |= {parameter.name: values.get(parameter.name, "") for parameter in method.parameters}
            self._emptied = {name for name, value in values.items() if not value}
        if format is not None:
            self._formats[method.name] = format
        self._values.setdefault("username", app_of(self).user)
        fields = self.query_one("#console-fields", VerticalScroll)
        rows = [FieldRow(self._field(parameter)) for parameter in method.parameters] + [FieldRow(self._format_field())]
        with self.app.batch_update():
            await fields.remove_children()
            await fields.mount_all(rows)
        fields.scroll_home(animate=False)
        self._building = False
        self.redraw()

    def _field(self, parameter: Parameter) -> Field:
        field = field_of(self.method, parameter, app_of(self).library)
        field.value = self._values.get(parameter.name, "") if _fits(parameter, self._values) else ""
        if isinstance(field, TextField):
            field.emptied = parameter.may_empty and not field.value and parameter.name in self._emptied
        return field

    def _format_field(self) -> Field:
        choices = [(fmt.value, fmt.value) for fmt in self.method.formats]
        field = TurnField(Parameter(FORMAT, Kind.CHOICE, "the format of the answer"), choices, always=True)
        field.value = self.format.value
        return field

    def rows(self) -> list[FieldRow]:
        """List the fields' rows, the format's last."""
        return list(self.query_one("#console-fields").query_children(FieldRow))

    def fields(self) -> list[Field]:
        """List the fields, the format's last."""
        return [row.field for row in self.rows()]

    def focus_first(self) -> None:
        """Go to the first field that is wrong or must be filled in, else to the first."""
        rows = self.rows()
        needy = [row for row in rows if row.problem or (row.field.parameter.required and not row.field.value)]
        for row in [*needy, *rows][:1]:
            row.field.focus()

    def focus_next(self, by: int) -> bool:
        """Go to the next field, or the one before; False where there is none."""
        fields = self.fields()
        at = next((number for number, field in enumerate(fields) if field.has_focus), 0) + by
        if 0 <= at < len(fields):
            fields[at].focus()
        return 0 <= at < len(fields)

    # -- what it asks for

    @property
    def arguments(self) -> dict[str, str]:
        """What is filled in."""
        given = {field.parameter.name: field.given for field in self.fields()}
        return {name: value for name, value in given.items() if value is not None and name != FORMAT}

    @property
    def format(self) -> Format:
        """The format that is chosen."""
        return self._formats.get(self.method.name, self.method.default_format)

    def prepared(self) -> PreparedRequest:
        """Build the request, the token masked; raises `UsageError`."""
        return self._sender.prepare(self.method, self.arguments, self.format)

    def explain(self) -> None:
        """Say at each field what is wrong with it, also what is missing, and go to the first."""
        self._tried = self.method.name
        self.redraw()
        self.focus_first()

    def clear(self) -> None:
        """Empty all fields."""
        self._tried = ""
        for field in self.fields():
            if field.parameter.name != FORMAT:
                field.value = ""
            if isinstance(field, TextField):
                field.emptied = False

    def on_field_changed(self, event: FieldChanged) -> None:
        """Build the request anew."""
        event.stop()
        if self._building or event.field not in self.fields():
            return
        field = event.field
        name, value = field.parameter.name, field.value
        if name == FORMAT:
            self._formats[self.method.name] = Format(value)
        else:
            self._values[name] = value
            (self._emptied.add if field.given == "" else self._emptied.discard)(name)
        self.redraw()

    def on_field_submitted(self, event: FieldSubmitted) -> None:
        """Send it."""
        event.stop()
        self.post_message(self.Send())

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Explain the field."""
        self._hint()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Explain the form."""
        self._hint()

    # -- what it says

    def redraw(self) -> None:
        """Say what the method is, what is wrong, and what request it makes: as it is now, as whom one is now."""
        self.query_one("#console-title", SteadyText).update(self._title())
        for row in self.rows():
            parameter, value = row.field.parameter, row.field.value
            if parameter.name == FORMAT:
                continue
            said = bool(value.strip()) or self._tried == self.method.name
            row.problem = problem_of(self.method, parameter, value) if said else ""
            row.reading = reading_of(row.field)
        self._hint()
        self._show_request()

    def on_resize(self) -> None:
        """Break the request's lines anew, once its own width is known."""
        self.call_after_refresh(self._show_request)

    def _show_request(self) -> None:
        request = self.query_one("#console-request", SteadyText)
        request.update(self._request(request.content_size.width))

    def _hint(self) -> None:
        field = next((field for field in self.fields() if field.has_focus), None)
        told = explained(self.method, field.parameter, self._empties()) if field else summed_up(self.method)
        self.query_one("#console-hint", SteadyText).update(Content.styled(told, "$muted"))

    def _empties(self) -> str:
        """Name the key that sends the field in focus empty, as the settings have it; "" for one that can't be."""
        found = [active.binding for active in self.screen.active_bindings.values()]
        keys = (app_of(self).get_key_display(binding) for binding in found if binding.action == "send_empty")
        return next(keys, "")

    def _title(self) -> Content:
        method = self.method
        told = Content.assemble((f"{method.verb} ", "bold $accent"), (method.path, "bold"))
        facts = [Content.styled(method.help, "$muted")]
        if method.private:
            needs = "" if method.auth is Auth.TOKEN else f" with the scope {method.auth}"
            known = bool(app_of(self).library.account)
            text = f"{FOR_LOGIN} for a login{needs}" + ("" if known else "; L logs in")
            facts.append(Content.styled(text, "$muted" if known else "$warning"))
        if method.writes:
            facts.append(Content.styled(f"{WRITES} asks before it is sent", "$muted"))
        return told + Content("\n") + Content.styled(" · ", "$muted").join(facts)

    def _request(self, width: int) -> Content:
        try:
            told = shown(self.prepared(), width)
        except UsageError:
            needs = [row.field.parameter.name for row in self.rows() if _is_wanting(self.method, row)]
            told = Content.assemble((f"{self.method.verb} ", "bold $accent"), (f"…{self.method.path}", "$muted"))
            told += Content.styled(f"\nnot yet: see {' and '.join(needs)}", "$warning")
        if self._sender.offline:
            told += Content.styled("\n○ offline: answered from what is saved", "$muted")
        return told


def _is_wanting(method: Method, row: FieldRow) -> bool:
    parameter = row.field.parameter
    return parameter.name != FORMAT and bool(problem_of(method, parameter, row.field.value))


def _fits(parameter: Parameter, values: Mapping[str, str]) -> bool:
    """Whether what another method's parameter of the same name was given is good for this one."""
    value = values.get(parameter.name, "")
    if parameter.kind in {Kind.CATEGORY, Kind.LANGUAGE, Kind.INTEGER}:
        return "," not in value
    return True


def shown(request: PreparedRequest, width: int = 0) -> Content:
    """Write a request as it goes out; a `width` breaks the address where it has joints."""
    verb = Content.styled(f"{request.verb} ", "bold $accent")
    parts = (
        _joined(highlight_url(request.url), max(8, width - verb.cell_length)) if width else [highlight_url(request.url)]
    )
    lines = [verb + parts[0], *(Content(" " * verb.cell_length) + part for part in parts[1:])]
    lines += [Content.assemble((f"{name}: ", "$muted"), value) for name, value in request.headers.items()]
    if request.body is not None:
        lines += [Content(""), Content(request.body.decode())]
    return Content("\n").join(lines)


def _joined(address: Content, width: int) -> list[Content]:
    """Break an address into lines where it has joints: behind a slash or a comma, before what is asked for."""
    text, start, ends = address.plain, 0, [0]
    while len(text) - start > width:
        places = range(start + width, start + width // 2, -1)
        joints = [at for at in places if text[at] in "?&" or text[at - 1] in "/,"]
        escapes = [at for at in places if text[at] == "%"]
        start = [*joints[:1], *escapes[:1], start + width][0]
        ends.append(start)
    return [address[begin:end] for begin, end in zip(ends, [*ends[1:], len(text)], strict=True)]

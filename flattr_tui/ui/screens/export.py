"""Asks which rows to write, in which form, to which file; never replaces one without asking."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Static

from flattr_tui.library.transfer.exporter import Form
from flattr_tui.ui.widgets.dialog import Dialog
from flattr_tui.ui.widgets.inline_select import InlineSelect
from flattr_tui.ui.widgets.key_hints import KeyHints
from flattr_tui.ui.widgets.line_input import LineInput

LONGEST = 60
"""Characters of a file's name that is made from a title."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write where."""

    rows: str
    """Which rows, by the name that they were offered by."""
    form: Form
    target: Path
    replace: bool
    """Whether a file that is there may be replaced."""


def file_name(title: str, form: Form) -> str:
    """Make a file's name of a list's title: `Flattrs of ada` becomes `flattrs-of-ada.csv`."""
    words = "".join(character if character.isalnum() else " " for character in title.casefold()).split()
    return f"{'-'.join(words)[:LONGEST].strip('-') or 'flattr'}.{form.value}"


class ExportScreen(Dialog[Plan | None]):
    """None means: never mind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="export.cancel"),
        Binding("enter", "write", "write", priority=True, id="export.write"),
        Binding("down", "app.focus_next", "next", show=False, id="export.next"),
        Binding("up", "app.focus_previous", "previous", show=False, id="export.previous"),
    ]
    AUTO_FOCUS = "#target"

    def __init__(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        """`rows` are the rows that can be chosen, and what they are called, the likeliest first."""
        super().__init__()
        self._title = title
        self._rows = rows
        self._form = Form.CSV
        self._asked: Path | None = None

    def compose(self) -> ComposeResult:
        """The choices and the file."""
        forms = [(form.value, form.value) for form in Form]
        target = file_name(self._title, self._form)
        with Vertical(classes="dialog export"):
            yield Static(Content.assemble(("Export ", "bold"), (self._title, "bold $accent")), markup=False)
            with Vertical(classes="fields"):
                for label, field in (
                    ("rows", InlineSelect(self._rows, id="rows")),
                    ("as", InlineSelect(forms, id="form")),
                    ("to", LineInput(target, compact=True, select_on_focus=False, id="target")),
                ):
                    with Horizontal(classes="field"):
                        yield Static(Content.styled(label, "$muted"), classes="label", markup=False)
                        yield field
            yield Static(Content(""), id="problem", markup=False)
            yield KeyHints(("enter", "writes"), ("↑ ↓", "fields"), ("← →", "choose"), ("esc", "never mind"))

    def on_mount(self) -> None:
        """Follow the form in the file's name, and say where it would be."""
        self.watch(self.query_one("#form", InlineSelect), "value", self._turned, init=False)
        self._say(f"In {self._target().parent}", "$muted")

    def _turned(self, value: str) -> None:
        entry = self.query_one("#target", Input)
        ending = f".{self._form.value}"
        self._form = Form(value)
        if entry.value.endswith(ending):
            entry.value = f"{entry.value.removesuffix(ending)}.{value}"

    def _say(self, sentence: str, style: str) -> None:
        self.query_one("#problem", Static).update(Content.styled(sentence, style))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._asked = None
        self._say(f"In {self._target().parent}", "$muted")

    def _target(self) -> Path:
        typed = self.query_one("#target", Input).value.strip()
        try:
            return Path(typed).expanduser().absolute()
        except (RuntimeError, OSError):  # a `~name` that nobody has; a folder that is there no more
            return Path(typed)

    def action_write(self) -> None:
        """Write it; where there is a file already, ask once."""
        target = self._target()
        try:
            problem = self._problem(target)
            there = target.exists()
        except OSError as error:
            problem, there = f"It can't be named so: {error.strerror}.", False
        if problem:
            self._say(problem, "$error")
        elif there and self._asked != target:
            self._asked = target
            self._say(f"{target.name} is there already. enter again replaces it.", "$warning")
        else:
            rows = self.query_one("#rows", InlineSelect).value
            self.dismiss(Plan(rows, self._form, target, replace=self._asked == target))

    def _problem(self, target: Path) -> str:
        if not self.query_one("#target", Input).value.strip():
            return "Give the file a name."
        if target.is_dir():
            return f"{target.name} is a folder: give the file a name."
        return "" if target.parent.is_dir() else f"There is no folder {target.parent}."

    def action_cancel(self) -> None:
        """Never mind."""
        self.dismiss(None)

"""The dialog that asks which rows to export, in which format, to which file."""

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

from flattr_tui.library.import_export.exporter import ExportFormat
from flattr_tui.paths import exists
from flattr_tui.ui.widgets.dialogs import Dialog, KeyHints
from flattr_tui.ui.widgets.inputs import InlineSelect, LineInput

MAX_NAME_LENGTH = 60
"""Maximum length of a file name that is made from a title, in characters without the suffix."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """The user's choices in the export dialog: which rows, in which format, to which file."""

    rows: str
    """Id of the chosen set of rows."""
    form: ExportFormat
    target: Path
    replace: bool
    """Whether an existing file may be replaced."""


def file_name(title: str, form: ExportFormat) -> str:
    """Return the default file name for a list, from its title and the format: `flattrs-of-ada.csv`."""
    words = "".join(character if character.isalnum() else " " for character in title.casefold()).split()
    return f"{'-'.join(words)[:MAX_NAME_LENGTH].strip('-') or 'flattr'}.{form.value}"


class ExportDialog(Dialog[ExportPlan | None]):
    """Asks which rows to export, in which format and to which file. If the file exists, asks whether to replace it.

    The result is an `ExportPlan`; None if the user cancelled the dialog.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", id="export.cancel"),
        Binding("enter", "write", "write", priority=True, id="export.write"),
        Binding("down", "app.focus_next", "next", show=False, id="export.next"),
        Binding("up", "app.focus_previous", "previous", show=False, id="export.previous"),
    ]
    AUTO_FOCUS = "#target"

    def __init__(self, title: str, rows: Sequence[tuple[str, str]]) -> None:
        """Ask how to export the list called `title`.

        `rows` says which rows the user can choose, such as all or only the marked ones. Each choice is a pair of an id
        and a label. The likeliest choice is the first.
        """
        super().__init__()
        self._title = title
        self._rows = rows
        self._form = ExportFormat.CSV
        self._confirmed_target: Path | None = None

    def compose(self) -> ComposeResult:
        forms = [(form.value, form.value) for form in ExportFormat]
        target = file_name(self._title, self._form)
        with Vertical(classes="dialog export"):
            yield Static(Content.assemble(("Export ", "bold"), (self._title, "bold $accent")), markup=False)
            with Vertical(classes="fields"):
                for label, field in (
                    ("rows", InlineSelect(self._rows, id="rows")),
                    ("as", InlineSelect(forms, id="form")),
                    ("to", LineInput(target, compact=True, id="target")),
                ):
                    with Horizontal(classes="field"):
                        yield Static(Content.styled(label, "$muted"), classes="label", markup=False)
                        yield field
            yield Static(Content(""), id="problem", markup=False)
            yield KeyHints(("enter", "writes"), ("esc", "cancel"), ("↑ ↓", "fields"), ("← →", "choose"))

    def on_mount(self) -> None:
        self.watch(self.query_one("#form", InlineSelect), "value", self._on_format_changed, init=False)
        self._show_message(f"In {self._target().parent}", "$muted")

    def _on_format_changed(self, value: str) -> None:
        entry = self.query_one("#target", Input)
        ending = f".{self._form.value}"
        self._form = ExportFormat(value)
        if entry.value.endswith(ending):
            entry.value = f"{entry.value.removesuffix(ending)}.{value}"

    def _show_message(self, sentence: str, style: str) -> None:
        self.query_one("#problem", Static).update(Content.styled(sentence, style))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._confirmed_target = None
        self._show_message(f"In {self._target().parent}", "$muted")

    def _target(self) -> Path:
        typed = self.query_one("#target", Input).value.strip()
        try:
            return Path(typed).expanduser().absolute()
        except (RuntimeError, OSError):  # an unknown `~name`, or a deleted current folder
            return Path(typed)

    def action_write(self) -> None:
        target = self._target()
        try:
            problem = self._find_problem(target)
            there = exists(target)
        except OSError as error:
            problem, there = f"That name can't be used: {error.strerror}.", False
        if problem:
            self._show_message(problem, "$error")
        elif there and self._confirmed_target != target:
            self._confirmed_target = target
            self._show_message(f"{target.name} exists already. Press enter again to replace it.", "$warning")
        else:
            rows = self.query_one("#rows", InlineSelect).value
            self.dismiss(ExportPlan(rows, self._form, target, replace=self._confirmed_target == target))

    def _find_problem(self, target: Path) -> str:
        if not self.query_one("#target", Input).value.strip():
            return "Give the file a name."
        if target.is_dir():
            return f"{target.name} is a folder: give the file a name."
        return "" if target.parent.is_dir() else f"There is no folder {target.parent}."

    def action_cancel(self) -> None:
        self.dismiss(None)

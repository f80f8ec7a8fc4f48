"""Inputs for the query language, with help about it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from flattr_tui.model.query_language import EXAMPLES
from flattr_tui.ui.bindings import FILTER_FIELD, QUERY_FIELD
from flattr_tui.ui.widgets.dialogs import Dialog
from flattr_tui.ui.widgets.inputs import LineInput

WIDE = 76
"""Minimum width in cells at which an example of a query and its meaning are on one line."""
SERVER_NOTE = (
    "A row must match all parts of a query. Flattr's own search knows words, tags, categories, languages and one \
owner; the program applies the rest to its results."
)


class QueryHelp(Dialog[None]):
    """A dialog that explains the query language with examples."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,q,question_mark,f1,enter", "dismiss", "back", id="syntax.back"),
        Binding("j,down", "scroll(1)", "down", show=False, id="syntax.down"),
        Binding("k,up", "scroll(-1)", "up", show=False, id="syntax.up"),
        Binding("pagedown,space", "scroll(8)", "page down", show=False, id="syntax.page_down"),
        Binding("pageup", "scroll(-8)", "page up", show=False, id="syntax.page_up"),
    ]

    LIST_LINES = 10_000

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"), VerticalScroll(can_focus=False):
            yield Static(markup=False, id="examples")

    def on_mount(self) -> None:
        self._write()

    def on_resize(self) -> None:
        self._write()

    def _write(self) -> None:
        width = max(len(example) for example, _ in EXAMPLES) + 2 if self.app.size.width >= WIDE else 0
        lines = [Content.styled("Queries in filters and searches", "bold"), Content("")]
        for example, meaning in EXAMPLES:
            if width:
                lines.append(Content.styled(example.ljust(width), "$primary") + Content(meaning))
            else:
                lines += [Content.styled(example, "$primary"), Content.styled(f"  {meaning}", "$muted")]
        lines += [Content(""), Content.styled(SERVER_NOTE, "$muted")]
        self.query_one("#examples", Static).update(Content("\n").join(lines))

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


class QueryInput(LineInput):
    """An input for a query. The key f1 opens help about the query language; so does `?` in an empty input."""

    BINDINGS: ClassVar[list[BindingType]] = list(QUERY_FIELD)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """If the input is not empty, disable `?` as a key for help, so that it can be typed."""
        return not self.value if action == "explain_empty" else super().check_action(action, parameters)

    def action_explain(self) -> None:

        self.app.push_screen(QueryHelp())

    def action_explain_empty(self) -> None:
        self.action_explain()


class FilterInput(QueryInput):
    """The input that filters a list. Enter and down move the focus to `rows`, the widget with the rows of the list.

    `what` is the plural noun for the items of the list, such as `things`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*FILTER_FIELD, *QUERY_FIELD]

    def __init__(self, what: str, rows: Widget, text: str = "") -> None:
        super().__init__(text, placeholder=f"filter {what}; ? explains", compact=True, classes="-shown" if text else "")
        self._rows = rows

    def open(self) -> None:
        """Show and focus the input."""
        self.add_class("-shown")
        self.screen.set_focus(self)  # synchronously, because the next key is its first letter

    def close(self) -> bool:
        """Clear and hide the input, and focus the rows of the list. Returns False if the input was hidden already."""
        if not self.has_class("-shown"):
            return False
        self.value = ""
        self.remove_class("-shown")
        self._rows.focus()
        return True

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.set_class(bool(self.value), "-shown")
        self._rows.focus()

    def key_down(self) -> None:
        """Move the focus to the rows of the list."""
        self._rows.focus()

"""Inputs for the query language, with help about it."""

from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from flattr_tui.ui.bindings import FILTER_FIELD, QUERY_FIELD
from flattr_tui.ui.widgets.line_input import LineInput


class QueryInput(LineInput):
    """An input for a query. The key f1, or `?` while it is empty, explains the query language."""

    BINDINGS: ClassVar[list[BindingType]] = list(QUERY_FIELD)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let `?` be typed as text once the input is not empty."""
        return not self.value if action == "explain_empty" else super().check_action(action, parameters)

    def action_explain(self) -> None:
        from flattr_tui.ui.widgets.query_help import QueryHelp  # noqa: PLC0415 -- imported when it is shown

        self.app.push_screen(QueryHelp())

    def action_explain_empty(self) -> None:
        self.action_explain()


class FilterInput(QueryInput):
    """The filter of a list, whose items are called `what`. Enter and down move the focus to the table `rows`."""

    BINDINGS: ClassVar[list[BindingType]] = [*FILTER_FIELD, *QUERY_FIELD]

    def __init__(self, what: str, rows: Widget, text: str = "") -> None:
        super().__init__(text, placeholder=f"filter {what}; ? explains", compact=True, classes="-shown" if text else "")
        self._rows = rows

    def open(self) -> None:
        """Show and focus the input."""
        self.add_class("-shown")
        self.screen.set_focus(self)  # synchronously, because the next key is its first letter

    def close(self) -> bool:
        """Clear and hide the input, and focus the rows. Returns False if it was hidden already."""
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
        """Move the focus to the rows."""
        self._rows.focus()

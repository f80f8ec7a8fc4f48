"""An input for the query language, with help about the language."""

from typing import ClassVar

from textual.binding import BindingType

from flattr_tui.ui.bindings import QUERY_FIELD
from flattr_tui.ui.widgets.line_input import LineInput


class QueryInput(LineInput):
    """An input for a query. f1, or `?` while it is empty, explains the language."""

    BINDINGS: ClassVar[list[BindingType]] = list(QUERY_FIELD)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let `?` be typed as text once the input is not empty."""
        return not self.value if action == "explain_empty" else super().check_action(action, parameters)

    def action_explain(self) -> None:
        from flattr_tui.ui.widgets.query_help import QueryHelp  # noqa: PLC0415 -- imported when it is shown

        self.app.push_screen(QueryHelp())

    def action_explain_empty(self) -> None:
        self.action_explain()

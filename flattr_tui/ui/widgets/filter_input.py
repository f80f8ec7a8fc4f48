"""The input that filters a list: hidden until it is used."""

from textual.widget import Widget
from textual.widgets import Input

from flattr_tui.ui.widgets.query_input import QueryInput


class FilterInput(QueryInput):
    """Filters a list of `what` by a query. Enter and down move the focus to `rows`."""

    def __init__(self, what: str, rows: Widget) -> None:
        super().__init__(placeholder=f"filter {what}; ? explains", compact=True)
        self._rows = rows

    def open(self) -> None:
        """Show and focus the input."""
        self.add_class("-shown")
        self.screen.set_focus(self)  # synchronously, because the next key is its first letter

    def close(self) -> bool:
        """Clear and hide the input; returns False if it was hidden."""
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
        """Move to the rows."""
        self._rows.focus()

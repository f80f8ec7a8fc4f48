"""An input of one line that keeps all lines of a pasted text, by joining them."""

import re

from textual import events
from textual.widgets import Input
from textual.widgets.input import Selection

from flattr_tui.model.late_pattern import late_pattern

_ADDRESS = late_pattern(r"[a-z][a-z0-9+.-]*://\S", re.IGNORECASE)


def join_lines(text: str) -> str:
    """Return the lines of a pasted text as one line.

    Lines are joined by a blank. An address that a terminal or an e-mail program broke over several lines is joined
    without one: the text begins with a scheme, no line contains a blank, and no later line begins with a scheme.
    """
    if len(text.splitlines()) < 2 and not text.endswith(("\n", "\r")):
        return text
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    is_address = bool(lines) and _ADDRESS.match(lines[0]) is not None
    is_one = is_address and not any(" " in line or _ADDRESS.match(line) for line in lines[1:]) and " " not in lines[0]
    return ("" if is_one else " ").join(lines)


class LineInput(Input):
    """An input that joins the lines of a pasted text. Textual's `Input` keeps only the first line."""

    def action_copy(self) -> None:
        """Copy the selection and clear it, so that the next ctrl+c can quit."""
        super().action_copy()
        self.selection = Selection.cursor(self.cursor_position)

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if text := join_lines(event.text):
            self.replace(text, *self.selection) if not self.selection.is_empty else self.insert_text_at_cursor(text)

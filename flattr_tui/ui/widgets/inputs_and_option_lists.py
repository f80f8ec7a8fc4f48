"""Inputs of one line, and option lists that page safely: Textual's own, adapted."""

import re
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.widgets import Input, OptionList
from textual.widgets.input import Selection

from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.ui.bindings import OPTIONS

_ADDRESS = lazy_pattern(r"[a-z][a-z0-9+.-]*://\S", re.IGNORECASE)


class PageableOptionList(OptionList):
    """An option list that ignores page up and page down while no line is visible. Textual would raise an error."""

    def move(self, by: int) -> None:
        """Move the cursor to the next (1) or previous (-1) option, and from the last option to the first."""
        self.action_cursor_down() if by > 0 else self.action_cursor_up()

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]


class PageOptionList(PageableOptionList):
    """An option list on a page. The key bar shows enter only while an option is highlighted."""

    BINDINGS: ClassVar[list[BindingType]] = list(OPTIONS)

    def watch_highlighted(self, highlighted: int | None) -> None:
        super().watch_highlighted(highlighted)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.highlighted is not None if action == "select" else super().check_action(action, parameters)


def join_lines(text: str) -> str:
    """Return the lines of a pasted text as one line, with a blank between two lines.

    Nothing is put between the lines of one address that a terminal or an e-mail program has wrapped: then the text
    begins with a scheme, no line contains a blank, and no other line begins with a scheme.
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
        """Copy the selected text, and end the selection, so that the next ctrl+c can quit."""
        super().action_copy()
        self.selection = Selection.cursor(self.cursor_position)

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if text := join_lines(event.text):
            self.replace(text, *self.selection) if not self.selection.is_empty else self.insert_text_at_cursor(text)

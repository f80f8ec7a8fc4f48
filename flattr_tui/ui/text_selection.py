"""Copies text that was selected with the mouse (ctrl+c)."""

from typing import Any

from textual.actions import SkipAction
from textual.screen import Screen

from flattr_tui.ui.app_services import app_of


def copy_selection(screen: Screen[Any]) -> None:
    """Copy the selected text and end the selection.

    Raises `SkipAction` if nothing is selected, which leaves the key to the next binding.
    """
    text = screen.get_selected_text() or ""
    screen.clear_selection()
    if not text.strip():
        raise SkipAction
    app_of(screen).copy_text(text, name="the selected text.")

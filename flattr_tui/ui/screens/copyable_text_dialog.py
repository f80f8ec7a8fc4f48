"""A dialog that shows nothing beside a text, so that the terminal's own mouse selection can select the whole text."""

import sys
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from flattr_tui.ui.textual_private import can_suspend
from flattr_tui.ui.widgets.dialogs import Dialog, KeyHints


class CopyableTextDialog(Dialog[None]):
    """Shows a text in the full width of the terminal.

    A key prints the text on the terminal instead, so that lines longer than the width stay in one piece.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,backspace,y", "dismiss", "back", id="text.back"),
        Binding("p", "print", "print", id="text.print"),
    ]
    DEFAULT_CSS = """
    CopyableTextDialog .whole { width: 100%; height: auto; max-height: 100%; background: $panel; padding: 1 0; }
    CopyableTextDialog .whole .told { padding: 0 1; }
    CopyableTextDialog .whole #text { margin: 1 0; text-wrap: wrap; text-overflow: fold; background: $background; }
    CopyableTextDialog .whole KeyHints { padding: 0 1; }
    """

    def __init__(self, text: str, message: str) -> None:
        """Show `text` below `message`, which says why the text is shown."""
        super().__init__()
        self._text = text
        self._message = message

    def compose(self) -> ComposeResult:
        """Compose the message, the text and the keys."""
        with Vertical(classes="whole"):
            yield Static(Content(self._message), classes="told", markup=False)
            yield Static(Content(self._text), id="text", markup=False)
            prints = [("p", "prints it on the terminal")] if self._can_print else []
            yield KeyHints(("esc", "back"), *prints, ("shift+mouse", "selects it in most terminals"))

    @property
    def _can_print(self) -> bool:
        return can_suspend(self.app)

    def action_print(self) -> None:
        """Print the text on the terminal without wrapping its lines, and show it until the user presses enter."""
        if self._can_print:
            with self.app.suspend():
                sys.__stdout__.write(f"{self._text}\n\nPress enter to return to flattr-tui. ")  # type: ignore[union-attr]
                sys.__stdout__.flush()  # type: ignore[union-attr]
                sys.__stdin__.readline()  # type: ignore[union-attr]
            self.dismiss()

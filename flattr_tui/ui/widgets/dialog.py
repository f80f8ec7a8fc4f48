"""The base class of all dialogs."""

from pathlib import Path
from typing import TypeVar

from textual.screen import ModalScreen

Answer = TypeVar("Answer")
"""What a dialog returns."""


class Dialog(ModalScreen[Answer]):
    """A frame in the middle of the page that it belongs to."""

    CSS_PATH = Path(__file__).with_name("dialog.tcss")

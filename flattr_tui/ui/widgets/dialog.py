"""What all that is asked on top of a page has in common."""

from pathlib import Path
from typing import TypeVar

from textual.screen import ModalScreen

Answer = TypeVar("Answer")
"""What a dialog gives back."""


class Dialog(ModalScreen[Answer]):
    """A question, or an offer, in a frame in the middle of the page that it is about."""

    CSS_PATH = Path(__file__).with_name("dialog.tcss")

"""Plain text for any terminal, printer or log: wrapped lines, no control characters, only encodable characters."""

import shutil
from collections.abc import Iterator
from typing import Final, TextIO

from rich.cells import cell_len

from flattr_tui.model.sanitizer import strip_controls
from flattr_tui.ui.text_encoding import closest_text

MIN_WIDTH: Final = 20
"""Columns: on a narrower terminal lines are this long nevertheless."""
DEFAULT_SIZE: Final = (80, 24)
"""Where nobody says how wide the output is."""


class TextOutput:
    """Writes to `stream`. `encoding` is the codec that the text has to fit into; None for Unicode."""

    def __init__(self, stream: TextIO, encoding: str | None) -> None:
        self._stream = stream
        self._encoding = encoding

    @property
    def width(self) -> int:
        """The width of a line: `COLUMNS`, or the current width of the terminal."""
        return max(MIN_WIDTH, shutil.get_terminal_size(DEFAULT_SIZE).columns)

    def write(self, text: str = "", *, label: str = "") -> None:
        """Write a paragraph, wrapped between words. A label comes before the first line and indents the others."""
        indent = " " * cell_len(label)
        lines = [line for part in self._clean(text).split("\n") for line in wrap(part, self.width - len(indent))]
        for at, line in enumerate(lines):
            self._stream.write(f"{indent if at else label}{line}".rstrip() + "\n")

    def write_verbatim(self, text: str) -> None:
        """Write lines unchanged, however long they are."""
        self._stream.write(self._clean(text) + "\n")

    def prompt(self, text: str) -> None:
        """Write a prompt, and flush."""
        self._stream.write(f"{self._clean(text)} ")
        self._stream.flush()

    def flush(self) -> None:
        """Flush everything written so far."""
        self._stream.flush()

    def _clean(self, text: str) -> str:
        text = strip_controls(text)
        if self._encoding is None or text.isascii():
            return text
        return "".join(
            character if character == "\n" else closest_text(character, self._encoding) for character in text
        )


def wrap(text: str, width: int) -> Iterator[str]:
    """Wrap a text between words to lines of at most `width` cells. A longer word, such as an address, stays whole."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and cell_len(longer) > width:
            yield line
            line = word
        else:
            line = longer
    yield line

"""Input and output of linear mode as lines of text, on any terminal, pipe, printer or log."""

import asyncio
import os
import shutil
from collections import deque
from collections.abc import Iterator
from typing import Final, TextIO

from rich.cells import cell_len

from flattr_tui.model.text_sanitizer import single_line, strip_controls
from flattr_tui.ui.locale_characters import closest_text

CHUNK: Final = 65_536
MAX_PENDING: Final = 1 << 20
"""Number of bytes after which the input is split, although it has no line break there."""
MIN_WIDTH: Final = 20
"""Minimum width of lines in columns, even on a narrower terminal."""
DEFAULT_SIZE: Final = (80, 24)
"""The assumed size (columns, lines) of an output that is not a terminal. The variable `COLUMNS` takes precedence."""


class LineReader:
    """Reads lines of text from the file descriptor `source`, without blocking the event loop."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._lines: deque[str] = deque()
        self._rest = b""
        self._at_end = False

    @property
    def is_terminal(self) -> bool:
        """Whether the lines are typed on a terminal. A terminal displays what is typed by itself."""
        return os.isatty(self._source)

    async def read(self) -> str | None:
        """Return the next line of the input, without control characters; None at the end of the input."""
        while not self._lines and not self._at_end:
            await self._wait_readable()
            chunk = os.read(self._source, CHUNK)
            *whole, self._rest = (self._rest + chunk).split(b"\n")
            if (self._rest and not chunk) or len(self._rest) > MAX_PENDING:
                whole, self._rest = [*whole, self._rest], b""
            self._lines += (single_line(line.decode(errors="replace")) for line in whole)
            self._at_end = not chunk
        return self._lines.popleft() if self._lines else None

    async def _wait_readable(self) -> None:
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        try:
            loop.add_reader(self._source, readable.set)
        except PermissionError:  # epoll refuses regular files, from which reading never blocks
            return
        try:
            await readable.wait()
        finally:
            loop.remove_reader(self._source)


class TextOutput:
    """Writes wrapped paragraphs to `stream`.

    `encoding` is the codec of the stream if that codec lacks some characters of Unicode; None if it has all of them.
    """

    def __init__(self, stream: TextIO, encoding: str | None) -> None:
        self._stream = stream
        self._encoding = encoding

    @property
    def width(self) -> int:
        """The width of a line in columns: the variable `COLUMNS`, if it is set, or the terminal's current width."""
        return max(MIN_WIDTH, shutil.get_terminal_size(DEFAULT_SIZE).columns)

    def write(self, text: str = "", *, label: str = "") -> None:
        """Write a paragraph ("" for an empty line), wrapped between words.

        The first line begins with `label`, and the other lines are indented by the label's width.
        """
        indent = " " * cell_len(label)
        lines = [line for part in self._clean(text).split("\n") for line in wrap(part, self.width - len(indent))]
        for at, line in enumerate(lines):
            self._stream.write(f"{indent if at else label}{line}".rstrip() + "\n")

    def write_verbatim(self, text: str) -> None:
        """Write text without wrapping its lines, however long they are."""
        self._stream.write(self._clean(text) + "\n")

    def prompt(self, text: str) -> None:
        """Write a prompt and a space, without a line break, and flush the output."""
        self._stream.write(f"{self._clean(text)} ")
        self._stream.flush()

    def flush(self) -> None:
        """Flush the output. Raises `BrokenPipeError` if nobody reads the output any more."""
        self._stream.flush()

    def _clean(self, text: str) -> str:
        """Return a text without control characters, and with similar characters for those that the codec lacks."""
        text = strip_controls(text)
        if self._encoding is None or text.isascii():
            return text
        return "".join(
            character if character == "\n" else closest_text(character, self._encoding) for character in text
        )


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text that is wrapped between words. Each line is at most `width` cells wide.

    A word that is wider than `width`, such as an address, is not split, and gets a line of its own.
    """
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and cell_len(longer) > width:
            yield line
            line = word
        else:
            line = longer
    yield line

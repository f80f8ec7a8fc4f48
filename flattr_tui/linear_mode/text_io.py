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
"""Number of bytes without a line break that count as a line."""
MIN_WIDTH: Final = 20
"""Minimum width of lines in columns, even on a narrower terminal."""
DEFAULT_SIZE: Final = (80, 24)
"""The size (columns, lines) of an output that is not a terminal, unless `COLUMNS` is set."""


class LineReader:
    """Reads lines from the file descriptor `source`."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._lines: deque[str] = deque()
        self._rest = b""
        self._at_end = False

    @property
    def is_terminal(self) -> bool:
        """Whether the lines are typed on a terminal, which displays them itself."""
        return os.isatty(self._source)

    async def read(self) -> str | None:
        """Wait for the next line, and return it without control characters; None at the end of the input."""
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
        except PermissionError:  # epoll takes no ordinary file; reading one never waits
            return
        try:
            await readable.wait()
        finally:
            loop.remove_reader(self._source)


class TextOutput:
    """Writes text to `stream`. `encoding` is the stream's codec if it lacks characters; None if it has all."""

    def __init__(self, stream: TextIO, encoding: str | None) -> None:
        self._stream = stream
        self._encoding = encoding

    @property
    def width(self) -> int:
        """The width of a line in columns: `COLUMNS` in the environment, or the current width of the terminal."""
        return max(MIN_WIDTH, shutil.get_terminal_size(DEFAULT_SIZE).columns)

    def write(self, text: str = "", *, label: str = "") -> None:
        """Write a paragraph ("": an empty line), wrapped between words. `label` is put before it and indents it."""
        indent = " " * cell_len(label)
        lines = [line for part in self._clean(text).split("\n") for line in wrap(part, self.width - len(indent))]
        for at, line in enumerate(lines):
            self._stream.write(f"{indent if at else label}{line}".rstrip() + "\n")

    def write_verbatim(self, text: str) -> None:
        """Write lines unchanged, however long they are."""
        self._stream.write(self._clean(text) + "\n")

    def prompt(self, text: str) -> None:
        """Write a prompt and a blank, without a line break, and flush the output."""
        self._stream.write(f"{self._clean(text)} ")
        self._stream.flush()

    def flush(self) -> None:
        """Flush everything written so far. Raises `BrokenPipeError` if nobody reads it."""
        self._stream.flush()

    def _clean(self, text: str) -> str:
        """Return a text without control characters. Characters that can't be written are replaced by similar ones."""
        text = strip_controls(text)
        if self._encoding is None or text.isascii():
            return text
        return "".join(
            character if character == "\n" else closest_text(character, self._encoding) for character in text
        )


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield a text as lines of at most `width` cells, wrapped between words. A longer word (an address) stays whole."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and cell_len(longer) > width:
            yield line
            line = word
        else:
            line = longer
    yield line

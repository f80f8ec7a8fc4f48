"""Input and output of linear mode as lines of text. Also waits for the network, and prints why a wait takes long.

All of it works on any terminal, pipe, printer or log. ctrl+c stops a wait.
"""

import asyncio
import os
import shutil
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TextIO, TypeVar

from rich.cells import cell_len

from flattr_tui.library.events import ConnectionState, Event, Notice
from flattr_tui.library.library import Library
from flattr_tui.model.text_sanitizer import single_line, strip_controls
from flattr_tui.ui import format as fmt
from flattr_tui.ui.locale_characters import closest_text

T = TypeVar("T")
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
        """Whether the lines are typed on a terminal. A terminal itself displays the characters that the user types."""
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
    """Writes paragraphs of text, wrapped between words, to `stream`.

    `encoding` is the stream's codec if it can't encode all of Unicode; otherwise None.
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
        """Write a prompt and a space, without a line break, so that the user types on the same line."""
        self._stream.write(f"{self._clean(text)} ")
        self._stream.flush()

    def flush(self) -> None:
        """Flush the output. Raises `BrokenPipeError` if nobody reads the output any more."""
        self._stream.flush()

    def _clean(self, text: str) -> str:
        """Return a text without control characters. Similar characters replace those that the codec can't encode."""
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


class StoppedError(Exception):
    """Raised if the user pressed ctrl+c while the program waited for the network."""


class NetworkWait:
    """Waits until the library has fetched something, and collects the library's notices for the user.

    Reasons for long waits are printed to `output`. `clock` returns the current time in Unix seconds.
    """

    def __init__(self, library: Library, output: TextOutput, clock: Callable[[], float]) -> None:
        self._library = library
        self._output = output
        self._clock = clock
        self._changed = asyncio.Event()
        self._stopped = asyncio.Event()
        self._notices: list[str] = []
        self._told_until: float | None = None
        """The end (Unix seconds) of the delay that was printed last during this wait; None if none was printed."""
        self._is_waiting = False
        self.end = library.subscribe(self._on_event)
        """A function that ends the subscription to the library's events."""

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Notice):
            self._notices.append(event.text)
        self._changed.set()

    def take_notices(self) -> list[str]:
        """Return the library's notices (sentences for the user) since the last call, the oldest first."""
        notices, self._notices = self._notices, []
        return notices

    def stop(self) -> bool:
        """Stop the current wait, and cancel all that the library is fetching. Returns False if there is no wait."""
        if not self._is_waiting:
            return False
        self._library.cancel()
        self._stopped.set()
        return True

    async def run(self, work: Awaitable[T], doing: str = "") -> T:
        """Wait until `work` is done, and return its result. `doing`, unless it is "", is printed first: `Fetching …`.

        If the user stops the wait, `work` is cancelled, and `StoppedError` is raised.
        """
        self._stopped.clear()
        task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(self._stopped.wait())
        self._is_waiting = True
        try:
            if doing:
                self._output.write(f"{doing} …")
                self._output.flush()  # may raise `BrokenPipeError`
            await asyncio.wait([task, stopped], return_when=asyncio.FIRST_COMPLETED)
            if self._stopped.is_set():  # first, since the library's cancellation may have ended the task too
                task.cancel()
                await asyncio.wait([task])
                raise StoppedError
            return task.result()
        finally:
            self._is_waiting = False
            stopped.cancel()
            task.cancel()

    async def until(self, is_done: Callable[[], bool], doing: str) -> None:
        """Wait until the function `is_done` returns True. It is called at once, and after each event of the library.

        `doing` says what the wait is for, such as `Fetching ada's things`. It is printed unless the first call returns
        True. Raises `StoppedError` if the user stops the wait.
        """
        if not is_done():
            self._told_until = None
            await self.run(self._follow(is_done), doing)

    async def _follow(self, is_done: Callable[[], bool]) -> None:
        while not is_done():
            self._write_delay()
            self._changed.clear()
            await self._changed.wait()

    def _write_delay(self) -> None:
        """Print why the library is not sending requests, and for how long. The same delay is printed only once."""
        status = self._library.status
        if status.connection is not ConnectionState.WAITING or status.waiting_until in {None, self._told_until}:
            return
        self._told_until = status.waiting_until
        left = fmt.countdown((status.waiting_until or 0.0) - self._clock())
        self._output.write(f"{fmt.wait_reason(status)}; continuing in {left}. ctrl+c shows what is saved.")
        self._output.flush()

"""Reads lines of standard input without a thread: from a terminal, a pipe or a file."""

import asyncio
import os
from collections import deque
from typing import Final

from flattr_tui.model.sanitizer import single_line

CHUNK: Final = 65_536
MAX_PENDING: Final = 1 << 20
"""So many bytes without a line break count as a line."""


class LineReader:
    """Reads lines from the file descriptor `source`."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._lines: deque[str] = deque()
        self._rest = b""
        self._at_end = False

    @property
    def is_terminal(self) -> bool:
        """Whether the lines are typed on a terminal, which shows them itself."""
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

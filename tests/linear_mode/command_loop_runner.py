"""Runs sessions of linear mode without a terminal."""

import asyncio
import io
import os
from collections.abc import Callable
from datetime import UTC

from flattr_tui.library.library import Library
from flattr_tui.linear_mode.command_loop import CommandLoop
from flattr_tui.linear_mode.text_io import LineReader, TextOutput
from tests.ui.driver import clock

SECONDS = 30.0
"""Time limit of a session in seconds. It is long, because it only ends a test that hangs."""


async def run_session(
    library: Library,
    *lines: str,
    user: str = "ada",
    encoding: str | None = None,
    open_browser: Callable[[str], bool] = lambda address: False,
) -> str:
    """Type lines into a session of linear mode, wait for the end of the session, and return what it has printed.

    `user` is the user whose profile is printed first. `encoding` and `open_browser` are passed to `TextOutput` and
    `CommandLoop`.
    """
    source, keyboard = os.pipe()
    os.write(keyboard, "".join(f"{line}\n" for line in lines).encode())
    os.close(keyboard)
    printed = io.StringIO()
    session = CommandLoop(
        library,
        LineReader(source),
        TextOutput(printed, encoding),
        user=user,
        clock=clock,
        tz=UTC,
        open_browser=open_browser,
    )
    try:
        async with asyncio.timeout(SECONDS):
            assert await session.run() == 0
    finally:
        os.close(source)
    return printed.getvalue()

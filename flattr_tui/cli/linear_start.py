"""Decides whether the program runs in linear mode (text that scrolls instead of a screen), and runs it in that mode."""

import os
import sys
import time
from collections.abc import Sequence
from typing import Final

from flattr_tui.cli.errors import BadInputError, echo_error
from flattr_tui.cli.library_factory import open_library, read_source, run_coroutine
from flattr_tui.cli.local_timezone import LocalZone
from flattr_tui.model.data_source import SourceKind
from flattr_tui.settings import Settings
from flattr_tui.ui.locale_characters import find_encoding

UNUSABLE_TERMINALS: Final = ("dumb", "unknown")
"""Values of the variable TERM for terminals that can't move their cursor."""
SANDBOX_USER: Final = "ada"
"""The user whose profile is shown first at the sandbox, unless the settings name another user or an account."""


def is_linear(settings: Settings) -> bool:
    """Whether to use linear mode, which prints lines instead of drawing a screen.

    The settings decide or, if they leave it open, the environment variable TERM. In a browser, linear mode is never
    used.
    """
    if os.environ.get("TEXTUAL_DRIVER"):  # the screen is drawn in a browser
        return False
    return os.environ.get("TERM") in UNUSABLE_TERMINALS if settings.linear is None else settings.linear


def run_linear(settings: Settings, faults: Sequence[str] = ()) -> int:
    """Run the program in linear mode until the user quits, and return the exit code.

    `faults` are sentences about errors in the settings file. They are printed first. Raises `BadInputError` if the log
    goes to stderr, where it would be mixed with the output; `BadSourceError` for an invalid source; and `FolderError`
    if the library's folder can't be used.
    """
    read_source(settings)
    if settings.log == "-":
        raise BadInputError(
            "The program prints on this terminal, so the log can't go there. Name a file with --log FILE."
        )
    for fault in faults:
        echo_error(fault)
    return run_coroutine(_run(settings))


async def _run(settings: Settings) -> int:
    from flattr_tui.linear_mode.command_loop import CommandLoop  # noqa: PLC0415
    from flattr_tui.linear_mode.text_io import LineReader, TextOutput  # noqa: PLC0415 -- not needed where a screen is drawn
    from flattr_tui.ui import external_programs  # noqa: PLC0415

    library = open_library(settings)
    in_sandbox = library.source.kind is SourceKind.SANDBOX
    session = CommandLoop(
        library,
        LineReader(sys.stdin.fileno()),
        TextOutput(sys.stdout, find_encoding()),
        user=settings.user or library.account or (SANDBOX_USER if in_sandbox else ""),
        clock=time.time,
        tz=LocalZone(),
        open_browser=lambda address: external_programs.has_browser() and external_programs.open_browser(address),
    )
    try:
        return await session.run()
    finally:
        await library.aclose()

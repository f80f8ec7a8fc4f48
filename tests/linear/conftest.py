"""Conversations in linear mode, over the sandbox."""

import asyncio
import io
import os
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC
from pathlib import Path

import pytest

from flattr_tui.cli.composition import open_library, world_file
from flattr_tui.linear.line_reader import LineReader
from flattr_tui.linear.session import LinearSession
from flattr_tui.linear.text_output import TextOutput
from flattr_tui.settings import Settings
from tests.ui.driver import NOW

Talk = Callable[..., Awaitable[str]]


@pytest.fixture
def opened() -> list[str]:
    """The addresses that a browser was given."""
    return []


@pytest.fixture
def talk(seeded: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch) -> Talk:
    """Type lines into a session until its end, and return what it printed."""
    monkeypatch.setenv("COLUMNS", "80")

    async def talk_(
        *lines: str, user: str = "ada", encoding: str | None = None, browser: bool = True, **settings: object
    ) -> str:
        given = Settings(rate_limit=0, **settings)  # type: ignore[arg-type]
        if not (world := world_file(given)).exists():
            shutil.copy(seeded, world)
        library = open_library(given, clock=lambda: NOW)
        source, keyboard = os.pipe()
        os.write(keyboard, "".join(f"{line}\n" for line in lines).encode())
        os.close(keyboard)
        printed = io.StringIO()

        def open_browser(address: str) -> bool:
            opened.append(address)
            return browser

        session = LinearSession(
            library,
            LineReader(source),
            TextOutput(printed, encoding),
            user=user,
            clock=lambda: NOW,
            tz=UTC,
            open_browser=open_browser,
        )
        try:
            async with asyncio.timeout(30):
                assert await session.run() == 0
        finally:
            os.close(source)
            await library.aclose()
        return printed.getvalue()

    return talk_

"""Fixtures that run linear mode over the sandbox."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from flattr_tui.cli.embedded_sandbox import world_file
from flattr_tui.cli.library_factory import open_library
from flattr_tui.settings import Settings
from tests.linear_mode.command_loop_runner import run_session
from tests.ui.driver import clock

Talk = Callable[..., Awaitable[str]]


@pytest.fixture
def opened() -> list[str]:
    """The addresses that were opened in the browser."""
    return []


@pytest.fixture
def talk(seeded_world: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch) -> Talk:
    """A function that types lines into a new session of linear mode, and returns what the session has printed.

    Lines have 80 columns, and all sessions of a test share their saved data.
    """
    monkeypatch.setenv("COLUMNS", "80")

    async def type_lines(
        *lines: str, user: str = "ada", encoding: str | None = None, browser: bool = True, **settings: object
    ) -> str:
        session_settings = Settings(rate_limit=0, **settings)  # type: ignore[arg-type]
        if not (world := world_file(session_settings)).exists():
            shutil.copy(seeded_world, world)

        def open_browser(address: str) -> bool:
            opened.append(address)
            return browser

        library = open_library(session_settings, clock=clock)
        try:
            return await run_session(library, *lines, user=user, encoding=encoding, open_browser=open_browser)
        finally:
            await library.aclose()

    return type_lines

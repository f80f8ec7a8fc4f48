"""Conversations in linear mode, over the sandbox."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from flattr_tui.cli.composition import open_library, world_file
from flattr_tui.settings import Settings
from tests.linear.conversation import converse
from tests.ui.driver import clock

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

        def open_browser(address: str) -> bool:
            opened.append(address)
            return browser

        library = open_library(given, clock=clock)
        try:
            return await converse(library, *lines, user=user, encoding=encoding, open_browser=open_browser)
        finally:
            await library.aclose()

    return talk_

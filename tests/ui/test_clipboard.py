"""Tests of copying: the program or control sequence that gets the text, the notice, and text selected by mouse."""

import os
from pathlib import Path

import pytest
from textual.widget import Widget

from flattr_tui.ui import external_programs
from flattr_tui.ui.screens.base_page import DetailPane
from flattr_tui.ui.screens.text_dialogs import CopyableTextDialog
from flattr_tui.ui.widgets.bar_charts import BarList
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Start
from tests.ui.driver import Driver

CLIPBOARD_VARIABLES = ("WAYLAND_DISPLAY", "DISPLAY", "TMUX", "STY", "SSH_CONNECTION", "SSH_TTY", "VTE_VERSION")


@pytest.fixture(autouse=True)
def no_clipboard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset all environment variables with which a clipboard program would be used."""
    for name in CLIPBOARD_VARIABLES:
        monkeypatch.delenv(name, raising=False)


def make_program(folder: Path, name: str) -> Path:
    """Write a shell script to `folder` that logs its arguments and its input. Return the log file."""
    folder.mkdir(exist_ok=True)
    file, program = folder / f"{name}.got", folder / name
    program.write_text(f'#!/bin/sh\necho "$@" > "{file}"\ncat >> "{file}"\n')
    program.chmod(0o755)
    return file


def address_of_row(driver: Driver) -> str:
    return str(driver.app.screen.subject.thing.url)  # type: ignore[attr-defined]


async def test_a_clipboard_program_gets_the_text(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = make_program(tmp_path / "bin", "wl-copy")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    async with start(place="flattrs") as driver:
        await driver.settle()
        await driver.press("y")
        assert log.read_text().splitlines()[1] == address_of_row(driver)
        assert driver.notices == [f"Copied {address_of_row(driver)}"]


async def test_tmux_gets_the_text_also_over_ssh(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = make_program(tmp_path / "bin", "tmux")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    monkeypatch.setenv("SSH_CONNECTION", "here there")
    async with start(place="flattrs") as driver:
        await driver.settle()
        await driver.press("y")
        assert log.read_text().splitlines() == ["load-buffer -w -", address_of_row(driver)]
        assert driver.notices == [f"Copied to tmux's buffer: {address_of_row(driver)}"]


@pytest.mark.parametrize(
    ("variable", "advice"),
    [
        ("", "Some terminals ignore it"),
        ("STY", "GNU screen does not pass it on"),
        ("VTE_VERSION", "GNOME's terminals ignore it."),
    ],
)
async def test_text_sent_to_the_terminal_is_shown_and_not_called_copied(
    start: Start, monkeypatch: pytest.MonkeyPatch, variable: str, advice: str
) -> None:
    monkeypatch.setenv("PATH", "")
    if variable:
        monkeypatch.setenv(variable, "1")
    async with start(place="flattrs") as driver:
        await driver.settle()
        address = address_of_row(driver)
        text = await driver.press("y")
        assert isinstance(driver.app.screen, CopyableTextDialog)
        assert driver.app.clipboard == address
        assert [line for line in text.splitlines() if line.strip() == address]
        assert "Sent to the terminal's clipboard." in text
        assert advice in " ".join(text.split())
        assert driver.notices == []
        assert "Flattrs of ada" in await driver.press("escape")


def test_a_clipboard_program_that_fails_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "tmux"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert external_programs.copy("text", {"TMUX": "x"}) == ""


async def drag(driver: Driver, widget: Widget, start: tuple[int, int], end: tuple[int, int]) -> None:
    await driver.pilot.mouse_down(widget, offset=start)
    await driver.pilot.hover(widget, offset=end)
    await driver.pilot.mouse_up(widget, offset=end)
    await driver.settle()


@pytest.mark.parametrize(("key", "kind"), [("3", RowTable), ("2", RowTable), ("6", BarList)])
async def test_a_drag_over_rows_selects_nothing_and_ctrl_c_quits(start: Start, key: str, kind: type[Widget]) -> None:
    async with start() as driver:
        await driver.press(key)
        await drag(driver, driver.app.screen.query(kind).first(), (4, 2), (12, 4))
        assert not driver.app.screen.get_selected_text()
        await driver.press("ctrl+c")
        assert driver.app.clipboard == ""
        assert driver.notices == ["Press ctrl+c again or q to quit."]
        await driver.pilot.press("ctrl+c")
        assert driver.app._exit


async def test_text_that_was_selected_is_copied_once(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    async with start(place="flattrs") as driver:
        await driver.settle()
        description = driver.app.screen.query_one(DetailPane).query_one("#description")
        await drag(driver, description, (0, 0), (6, 0))
        selected = driver.app.screen.get_selected_text()
        assert selected
        await driver.press("ctrl+c")
        assert driver.app.clipboard == selected
        await driver.press("escape")
        await driver.press("ctrl+c")
        assert driver.notices == ["Press ctrl+c again or q to quit."]


async def test_an_empty_text_is_never_copied(start: Start) -> None:
    async with start() as driver:
        driver.app.copy_to_clipboard("kept")
        driver.app.copy_to_clipboard("")
        assert driver.app.clipboard == "kept"

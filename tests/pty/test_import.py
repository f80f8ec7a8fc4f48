"""Tests that `flattr-tui import` asks on a terminal whose revenue reports it imports."""

import subprocess
import sys
from pathlib import Path

from tests.model.revenue_forms import make_row, write_original
from tests.pty.conftest import Launch


def test_it_asks_whose_reports_these_are(launch: Launch, tmp_path: Path) -> None:
    file = tmp_path / "flattr-revenue-201305.csv"
    file.write_bytes(write_original([make_row("2013-05", 7, 95, 8)]))
    terminal = launch("import", str(file))
    terminal.wait_for_text("Their Flattr user name [me]:")
    terminal.send(b"a b/c\r")
    terminal.wait_for_text("Error:")
    terminal.send(b"ada\r")
    terminal.wait_for_text("1 month of earnings of ada")
    assert terminal.wait() == 0


def test_it_does_not_ask_if_the_user_is_named(launch: Launch, tmp_path: Path) -> None:
    file = tmp_path / "flattr-revenue-201305.csv"
    file.write_bytes(write_original([make_row("2013-05", 7, 95, 8)]))
    terminal = launch("import", "--user", "bob", str(file))
    terminal.wait_for_text("bob")
    assert "user name [me]" not in terminal.screen.text


def test_without_a_terminal_it_does_not_ask(own_environment: Path, tmp_path: Path) -> None:
    file = tmp_path / "flattr-revenue-201305.csv"
    file.write_bytes(write_original([make_row("2013-05", 7, 95, 8)]))
    ended = subprocess.run(
        [sys.executable, "-m", "flattr_tui", "import", str(file)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0
    assert "of me" in ended.stdout

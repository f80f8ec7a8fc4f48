"""Tests of the user's own commands and of the pager on a terminal, which is restored when they end."""

import sys
from pathlib import Path

import pytest

from tests.pty.conftest import Launch
from tests.pty.terminal import Terminal, list_active_modes, list_leftovers

SETTINGS = """
[[commands]]
key = "X"
name = "note it"
command = ["sh", "-c", "printf '%s\\\\n' \\"$@\\" > noted; printf '\\\\033[31moops\\\\033[m\\\\nmore\\\\n' >&2; exit $(cat status)", "sh", "{url}", "{title}"]

[[commands]]
key = "Z"
name = "read it"
command = ["sh", "-c", "echo reading $0; read line; exit 4", "{url}"]
run = "screen"
"""  # noqa: E501 -- one line of TOML
PAGER_PROGRAM = "import sys; text = sys.stdin.read(); print(text.upper(), flush=True); open('/dev/tty').readline()"
EDITOR_PROGRAM = """import pathlib, sys
file = pathlib.Path(sys.argv[-1])
file.write_text(file.read_text().upper() + chr(27) + "[31m edited" + chr(10))
"""


@pytest.fixture
def terminal(launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """The app with two own commands, a pager and an editor, and a thing under the cursor."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.toml").write_text(SETTINGS)
    (tmp_path / "pager.py").write_text(PAGER_PROGRAM)
    (tmp_path / "editor.py").write_text(EDITOR_PROGRAM)
    terminal = launch(
        "--config",
        "settings.toml",
        "--user",
        "ada",
        PAGER=f"{sys.executable} {tmp_path / 'pager.py'}",
        EDITOR=f"{sys.executable} '{tmp_path / 'editor.py'}'",
    )
    terminal.wait_for_text("Profile", "Ada")
    terminal.press(b"2", "Things of ada", "▸ 6 Feb 2015", "X note it")
    return terminal


def test_a_command_runs_in_the_background_and_its_error_gets_a_notice(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "status").write_text("3")
    terminal.press(b"X", "note it ended with exit status 3: oops")
    assert (tmp_path / "noted").read_text() == (
        "https://ada.example/software/428434\nMosaik: a small feed reader tool\n"
    )
    (tmp_path / "status").write_text("0")
    terminal.press(b"X", "note it is done.")


def test_a_command_runs_for_all_marked_rows(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "status").write_text("0")
    terminal.press(b"Vjj", "3 marked")
    terminal.press(b"X", "note it is done for 3 of 3 items.")
    terminal.press(b"Z", "reading https://ada.example/software/428434")
    terminal.press(b"\r\r\r", "Press any key to return")
    terminal.press(b" ", "3 marked", "read it ended with exit status 4.")
    terminal.press(b"Z", "reading https://ada.example/software/428434")
    terminal.press(b"\x03", "Press any key to return")  # ctrl+c is for all that is left
    terminal.press(b" ", "3 marked", "read it was ended by signal 2.")


def test_help_and_palette_name_own_commands(terminal: Terminal) -> None:
    terminal.press(b"?", "Keys of this screen")
    terminal.press(b"G", "note it", "read it")
    terminal.send(b"\x1b")
    terminal.wait_until_gone("Keys of this screen")
    terminal.press(b"\x10", "Go to user")
    terminal.press(b"read it", "sh -c echo reading")
    terminal.press(b"\r", "reading https://ada.example/software/428434")


def test_a_command_on_the_screen_gets_the_terminal_and_gives_it_back(terminal: Terminal) -> None:
    on, modes = list_active_modes(terminal.output), terminal.attributes
    terminal.press(b"Z", "reading https://ada.example/software/428434")
    assert list_active_modes(terminal.output) == []
    assert terminal.attributes == terminal.before
    terminal.press(b"2jq\r", "Press any key to return")
    terminal.press(b"\x1b[B", "read it ended with exit status 4.", "Things of ada", "▸ 6 Feb 2015")
    assert list_active_modes(terminal.output) == on
    assert terminal.attributes == modes
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert list_leftovers(terminal) == []


def test_the_list_and_the_detail_are_sent_to_the_pager(terminal: Terminal) -> None:
    terminal.press(b"|", "THINGS OF ADA", "A FEED READER LIBRARY THAT FITS IN YOUR HEAD, 26 FLATTRS, SOFTWARE, ENGLISH")
    assert "  HTTPS://ADA.EXAMPLE/SOFTWARE/428434" in terminal.screen.text
    terminal.press(b"\r", "▸ 6 Feb 2015")
    terminal.press(b"\r\t", "Who flattred it")
    terminal.press(b"|", "MOSAIK: A SMALL FEED READER TOOL", "ADDED   6 FEB 2015")
    terminal.press(b"\r", "Who flattred it")


def test_a_description_is_written_in_the_editor(terminal: Terminal, tmp_path: Path) -> None:
    terminal.press(b"L", "Log in")
    terminal.press(b"\r", "Logged in as")
    terminal.press(b"n", "Add a thing to Flattr")
    terminal.press(b"https://new.example/\tNew one\tshort text", "title        New one", "description  short text")
    terminal.press(b"\x0f", "description  SHORT TEXT[31m edited")
    assert "\x1b[31m edited" not in terminal.output.decode(errors="replace")
    (tmp_path / "editor.py").write_text("raise SystemExit(5)")
    terminal.press(b"\x0f", "ended with exit status 5.", "SHORT TEXT")


def test_the_palette_writes_a_choice_into_the_settings_and_opens_them(terminal: Terminal, tmp_path: Path) -> None:
    terminal.press(b"\x10", "Go to user")
    terminal.press(b"always start theme", "Always start with the theme flattr-dark")
    terminal.press(b"\r", "The settings now have the theme “flattr-dark”.")
    file = tmp_path / "settings.toml"
    assert file.read_text() == f'theme = "flattr-dark"\n{SETTINGS}'
    (tmp_path / "editor.py").write_text("import sys; print(open(sys.argv[-1]).readline())")
    terminal.press(b"\x10", "Go to user")
    terminal.press(b"edit settings", "The settings file, in your editor")
    terminal.press(b"\r", 'theme = "flattr-dark"', "settings.toml has no errors.", "Press any key to return")
    terminal.press(b" ", "Things of ada", "▸ 6 Feb 2015")

"""Tests of terminals with few colours, no Unicode or little room: what the app draws, and its error if it can't."""

import re
import unicodedata
from pathlib import Path

import pytest

from tests.pty.conftest import Launch
from tests.pty.terminal import list_leftovers


@pytest.mark.parametrize(
    ("arguments", "variables", "coloured"),
    [((), {}, True), (("--no-color",), {}, False), ((), {"NO_COLOR": "1"}, False), ((), {"NO_COLOR": ""}, True)],
)
def test_colours_can_be_switched_off(
    launch: Launch, arguments: tuple[str, ...], variables: dict[str, str], coloured: bool
) -> None:
    terminal = launch("--user", "ada", *arguments, **variables)
    terminal.wait_for_text("Profile", "Ada")
    terminal.send(b"q")
    assert terminal.wait() == 0
    drawn = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", terminal.output)
    assert drawn
    assert any(len(set(colour)) > 1 for colour in drawn) is coloured
    assert list_leftovers(terminal) == []


@pytest.mark.usefixtures("nothing_saved")
def test_the_screen_and_what_it_fetched_are_logged(launch: Launch, tmp_path: Path) -> None:
    log = tmp_path / "bugs.log"
    terminal = launch("--user", "ada", "--log", str(log))
    terminal.wait_for_text("Profile", "Ada")
    terminal.send(b"q")
    assert terminal.wait() == 0
    text = log.read_text(encoding="utf-8")
    assert re.search(r"INFO api\.client GET /users/:username username=…: 200 in \d+ ms", text)
    assert "INFO cli.app_start the screen ended with 0\n" in text
    assert text.endswith("INFO cli.log_file ended\n")
    assert "ada" not in text


def test_an_unknown_theme_in_the_settings_is_named_and_the_rest_of_them_used(launch: Launch, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('theme = "no-such"\nuser = "melodia"\n')
    terminal = launch("--config", str(tmp_path / "settings.toml"))
    terminal.wait_for_text("There is no theme 'no-such'", "melodia")
    terminal.send(b"q")
    assert terminal.wait() == 0


@pytest.mark.parametrize("name", ["dumb", "unknown"])
def test_a_terminal_without_cursor_control_gets_an_error(launch: Launch, name: str) -> None:
    terminal = launch("--no-linear", TERM=name)
    assert terminal.wait() == 2
    (line,) = terminal.output.removeprefix(b"\x1b[m").decode().splitlines()
    assert line.startswith(f"flattr-tui: TERM says that this terminal is '{name}'")
    assert "\x1b" not in line


def test_a_locale_without_unicode_gets_ascii(launch: Launch) -> None:
    terminal = launch("--user", "ada", LC_ALL="C")
    terminal.wait_for_text("Profile", "Ada L. - Malmo, Sweden", "* live")
    terminal.press(b"2", "Things of ada", "> 6 Feb 2015")
    terminal.press(b"?", "Keys of this screen")
    terminal.send(b"q")  # closes the help
    terminal.wait_until_gone("Keys of this screen")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert terminal.output.isascii()
    assert list_leftovers(terminal) == []


@pytest.mark.parametrize("name", ["screen", "xterm-16color"])
def test_few_colours_get_a_theme_of_few_colours(launch: Launch, name: str) -> None:
    terminal = launch("--user", "ada", TERM=name, COLORTERM="")
    terminal.wait_for_text("Profile", "Ada")
    terminal.press(b"2", "Things of ada", "▸ 6 Feb 2015")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert not re.search(rb"[34]8;[25];", terminal.output)
    assert re.search("\x1b\\[[0-9;]*7[0-9;]*m▸".encode(), terminal.output)  # the row under the cursor is reversed
    assert b";40m" in terminal.output  # on black, whatever the terminal's own background
    assert b";49m" not in terminal.output


@pytest.mark.parametrize(("theme", "background"), [("flattr-light", b"107m"), ("flattr-contrast", b";40m")])
def test_a_chosen_theme_is_readable_in_16_colours(launch: Launch, theme: str, background: bytes) -> None:
    """The nearest colours of 16 would be yellow on white, and the row under the cursor would look like the others."""
    terminal = launch("--user", "ada", "--theme", theme, TERM="xterm", COLORTERM="")
    terminal.wait_for_text("Profile", "Ada")
    terminal.press(b"2", "Things of ada", "▸ 6 Feb 2015")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert re.search("\x1b\\[[0-9;]*7[0-9;]*m▸".encode(), terminal.output)  # the row under the cursor is reversed
    assert background in terminal.output
    assert b";49m" not in terminal.output
    yellow = re.search(rb"[;\[][39]3m", terminal.output)
    assert (yellow is None) is (theme == "flattr-light")


def test_256_colours_get_backgrounds_that_leave_text_readable(launch: Launch) -> None:
    """Of 256 colours, 22 is the nearest to the colour of the row under the cursor, but it is a strong green."""
    terminal = launch("--user", "ada", TERM="xterm-256color", COLORTERM="")
    terminal.wait_for_text("Profile", "Ada")
    terminal.press(b"2", "Things of ada", "▸ 6 Feb 2015")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert re.search("48;5;236m▸".encode(), terminal.output)
    assert b"48;5;22m" not in terminal.output


@pytest.mark.parametrize(("name", "colour"), [("screen.xterm-256color", rb"[34]8;5;"), ("screen", rb"\x1b\[[0-9;]*m")])
def test_gnu_screen_gets_no_24_bit_colours(launch: Launch, name: str, colour: bytes) -> None:
    """COLORTERM describes the terminal around GNU screen. If the app obeyed it, screen 4 would draw blinking text."""
    terminal = launch("--user", "ada", TERM=name, COLORTERM="truecolor", STY="1234.pts-0.host")
    terminal.wait_for_text("Profile", "Ada")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert re.search(colour, terminal.output)
    assert not re.search(rb"[34]8;2;", terminal.output)


def test_a_terminal_that_is_too_small_shows_a_warning_until_it_grows(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Profile", "Ada")
    terminal.resize(20, 5)
    terminal.wait_for_text("too small (40×12)")
    terminal.press(b"2", "▸ Mosaik: a small")
    terminal.resize(60, 12)
    terminal.wait_for_text("● live", "2 Things", "▸ 6 Feb 2015")
    assert "too small" not in terminal.screen.text
    terminal.resize(20, 5)
    terminal.wait_for_text("too small (40×12)")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert list_leftovers(terminal) == []


GLYPHS = {bytes([code]).decode("cp437") for code in range(32, 256)} | set("☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼")
"""The glyphs of the Linux kernel's font: code page 437, including those of its control characters."""


def test_the_linux_console_gets_its_own_glyphs_and_colours(launch: Launch) -> None:
    terminal = launch("--user", "ada", TERM="linux", COLORTERM="")
    terminal.wait_for_text("Profile", "Ada")
    for place, title in ((b"2", "Things of ada"), (b"3", "Flattrs of ada"), (b"7", "Nothing sent yet"), (b"1", "Ada")):
        terminal.press(place, title)
    terminal.send(b"q")
    assert terminal.wait() == 0
    letters = {character for character in terminal.text if unicodedata.category(character)[0] in "LM"}
    assert set(terminal.text) - letters - GLYPHS - set("\r\n\x0f") == set()
    assert not re.search(rb"[34]8;[25];|\$p|\x1b\[[<>]\d*u", terminal.output)
    assert re.search(rb"\x1b\[2J\x1b\[H(\x1b\[\?\d+l)*\Z", terminal.output)
    assert list_leftovers(terminal) == []

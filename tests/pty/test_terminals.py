"""Terminals that can do less: what is drawn on them, and what is said where nothing can be."""

import re
from pathlib import Path

import pytest

from tests.pty.conftest import Launch
from tests.pty.terminal import is_whole


@pytest.mark.parametrize(
    ("arguments", "variables", "coloured"),
    [((), {}, True), (("--no-color",), {}, False), ((), {"NO_COLOR": "1"}, False), ((), {"NO_COLOR": ""}, True)],
)
def test_colours_can_be_switched_off(
    launch: Launch, arguments: tuple[str, ...], variables: dict[str, str], coloured: bool
) -> None:
    terminal = launch("--user", "ada", *arguments, **variables)
    terminal.shows("Profile", "Ada")
    terminal.send(b"q")
    assert terminal.wait() == 0
    drawn = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", terminal.output)
    assert drawn
    assert any(len(set(colour)) > 1 for colour in drawn) is coloured
    assert is_whole(terminal) == []


def test_the_screen_and_what_it_fetched_are_logged(launch: Launch, tmp_path: Path) -> None:
    log = tmp_path / "bugs.log"
    terminal = launch("--user", "ada", "--log", str(log))
    terminal.shows("Profile", "Ada")
    terminal.send(b"q")
    assert terminal.wait() == 0
    text = log.read_text(encoding="utf-8")
    assert re.search(r"INFO api\.client GET /users/:username username=…: 200 in \d+ ms", text)
    assert "INFO cli.tui the screen ended with 0\n" in text
    assert text.endswith("INFO cli.log_file ended\n")
    assert "ada" not in text

"""Terminals that can do less: what is drawn on them, and what is said where nothing can be."""

import re

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

"""The query language by keys, on a terminal."""

from tests.pty.conftest import Launch
from tests.pty.terminal import CONTROL_Q, ENTER, ESCAPE


def test_a_year_is_filtered_by_and_the_language_is_explained(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    terminal.shows("Most supported")
    terminal.press(b"3", "Flattrs of ada", "▸")
    terminal.press(b"/", "filter saved rows")
    terminal.press(b"?", "What filters, find and search understand")
    terminal.send(ESCAPE)
    terminal.loses("What filters, find and search understand")
    terminal.press(b"2012 -otter", "of 411 saved", "2012")
    terminal.press(b" year:soon", "such as year:2012")
    terminal.send(ENTER + CONTROL_Q)
    assert terminal.wait() == 0

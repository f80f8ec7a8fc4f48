"""Tests of the query language in the filter, and of its help, on a terminal."""

from tests.pty.conftest import Launch
from tests.pty.terminal import CONTROL_Q, ENTER, ESCAPE


def test_a_filter_by_year_and_the_help_of_the_query_language(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported")
    terminal.press(b"3", "Flattrs of ada", "▸")
    terminal.press(b"/", "filter saved rows")
    terminal.press(b"?", "Queries in filters and searches")
    terminal.send(ESCAPE)
    terminal.wait_until_gone("Queries in filters and searches")
    terminal.press(b"2012 -otter", "of 411 saved", "2012")
    terminal.press(b" year:soon", "such as year:2012")
    terminal.send(ENTER + CONTROL_Q)
    assert terminal.wait() == 0

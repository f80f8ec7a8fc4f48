"""Tests of the breadcrumbs and the way back, and of a filter that is saved with a name, on a terminal."""

from tests.pty.conftest import Launch
from tests.pty.terminal import CONTROL_Q, ENTER

BACKSPACE = b"\x7f"
CONTROL_O = b"\x0f"


def test_the_first_line_leads_back(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported")
    terminal.press(b"t", "Things of ada", "▸")
    terminal.press(ENTER, "ada › Things › ", "Who flattred it")
    terminal.press(b"unordlicht" + ENTER, " › nordlicht › Things", "Things of nordlicht")
    terminal.press(BACKSPACE, "ada › Things › ", "Who flattred it")
    terminal.press(BACKSPACE, "Things of ada")
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0


def test_a_filter_is_saved_and_opened_again(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported")
    terminal.press(b"3", "Flattrs of ada", "▸")
    terminal.press(b"/", "filter saved rows")
    terminal.press(b"year:2012", "of 411 saved", "^o save")
    terminal.press(CONTROL_O, "A name for this query")
    terminal.press(b"Twelve" + ENTER, "Saved as “Twelve”.")
    terminal.press(ENTER, "enter open")
    terminal.press(b"1B", "Searches and filters", "★ Twelve  134 saved · flattrs of ada: year:2012")
    terminal.press(ENTER, "134 of 411 saved")
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0

"""Tests of fast typing and pasting: no letter that is meant for a field runs the action of a key."""

from tests.pty.conftest import Launch
from tests.pty.terminal import CONTROL_Q, ENTER, ESCAPE


def test_the_filter_takes_the_very_next_key(launch: Launch) -> None:
    """The filter is opened twice, because its field is made the first time and used again the second time."""
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported")
    for place, there, filtered in (
        (b"2", "Things of ada", "2 of 19 saved"),
        (b"3", "Flattrs of ada", "14 of 411 saved"),
    ):
        terminal.press(place, there, "▸")
        terminal.press(b"/otter", filtered)
        terminal.press(ENTER + ESCAPE)
        terminal.wait_until_gone(filtered)
        terminal.press(b"/otter", filtered)
        terminal.send(ENTER)
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0


def test_the_search_field_takes_the_very_next_key(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported")
    terminal.press(b"5", "Fill in any field")
    terminal.press(b"fingerprint" + ENTER, "27 found", "▸")
    terminal.press(b"\x1b[B", "enter open")
    terminal.press(b"/data", "query  data ")
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0


def test_tabs_and_lines_of_a_form_go_to_their_fields(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported")
    terminal.press(b"L", "Log in")
    terminal.press(b"\r", "Logged in as")
    terminal.press(b"2", "My things")
    terminal.press(b"n", "Add a thing to Flattr")
    terminal.press(
        b"https://new.example/\tA new thing\tWhat it is\x1b[Z\rMore of it",
        "url          https://new.example/  ",
        "title        A new thing ",
        "description  What it isMore of it  ",
    )


def test_a_key_with_priority_comes_after_the_letters_in_front_of_it(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported")
    terminal.press(b"L", "Log in")
    terminal.press(b"\r", "Logged in as")
    terminal.press(b"2", "My things")
    terminal.press(b"n", "Add a thing to Flattr")
    terminal.press(b"https://new.example/\tA new thing\x13", "Add “A new thing” to Flattr, as yours?")

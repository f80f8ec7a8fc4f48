"""A server that puts what a terminal obeys into every string: not one byte of it may reach the terminal."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.serve import serving
from flattr_tui.sandbox.world import World
from flattr_tui.ui.bindings import declared_bindings
from tests.pty.conftest import Launch
from tests.pty.terminal import CONTROL_Q, DOWN, ENTER, ESCAPE, PALETTE, SEQUENCE, Terminal

MARK = "Evil"
POISON = (
    "\x1b]0;pwned\x07\x1b[3133;7m\x1b[?6666h\x1bP+pwned\x1b\\\x1b#8\x1bc"  # ESC: title, attributes, modes, DCS, reset
    "\x9b3133;7m\x9d0;pwned\x9c\x90pwned\x9c\x85"  # C1
    "\x00\x07\x08\x0b\x0c\x0e\x0f\x7f\r"  # C0
    "\u202e\u2066\u200f\u061c\ufeff\U000e0041"  # bidi, tags
    "\ud800"  # a lone surrogate
)
NEVER = (b"\x1b]0;", b"\x1b[3133", b"\x1b[?6666", b"\x1bP+", b"\x1b#8", b"\x1bc")
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What must not be left when the control sequences of the program are taken out (carriage returns aside)."""


GHOST = "ghost"
"""Whom the server does not know."""


def poison(value: Any) -> Any:
    """Put it at both ends of every text, and into a member's name; what a record is stays, so that it is shown."""
    if isinstance(value, str):
        return f"{value}{POISON}{MARK}" if value.startswith("http") else f"{MARK}{POISON}{value}{POISON}"
    if isinstance(value, list):
        return [poison(item) for item in value]
    if isinstance(value, dict):
        return {POISON: POISON, **{name: item if name == "type" else poison(item) for name, item in value.items()}}
    return value


def whoever(app: ASGIApp) -> ASGIApp:
    """Answer for any user name but one as for ada, who one is too: the names that the program knows are the server's.

    The headers are poisoned with what may stand in one.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                evil = (b"x-evil", f"{MARK}\x9b3133;7m\x85{MARK}".encode("latin-1"))
                message = {**message, "headers": [*message["headers"], evil]}
            await send(message)

        path = re.sub(rf"/user(s/(?!{GHOST})[^/]+)?(?=/|$)", "/users/ada", scope["path"])
        await app({**scope, "path": path, "raw_path": path.encode()}, receive, send_on)

    return answer


@pytest.fixture(scope="module")
def hostile(world: World) -> Iterator[str]:
    """The address of the server."""
    raw = f"{MARK}{POISON}".encode("utf-8", "surrogatepass")
    ghost = Fault.fail(404, raw, path=f"/rest/v2/users/{GHOST}", times=FOREVER)
    faults = Faults([ghost, Fault(rewrite=poison, times=FOREVER)])
    with serving(whoever(create_app(world, faults=faults, rate_limit=0))) as root:
        yield f"{root}/rest/v2"


def key(name: str) -> bytes:
    """What the terminal sends for a binding's first key, a letter with or without ctrl, by the binding's id."""
    first = next(binding.key for binding in declared_bindings() if binding.id == name).partition(",")[0]
    return bytes([ord(first[-1]) & 0x1F]) if first.startswith("ctrl+") else first.encode()


def assert_harmless(terminal: Terminal) -> None:
    for bytes_ in NEVER:
        assert bytes_ not in terminal.output
    left = SEQUENCE.sub(b"", terminal.output).decode()  # strictly: no surrogate, no C1 as a byte
    assert not UNSEEN.search(left.replace("\r", "")), UNSEEN.findall(left.replace("\r", ""))[:5]


@pytest.fixture
def terminal(launch: Launch, hostile: str) -> Iterator[Terminal]:
    """The program over that server; what it wrote is looked at after it was quit."""
    terminal = launch("--source", hostile, "--user", "ada", FLATTR_TUI_TOKEN="of-nobody-there")
    terminal.shows("Most supported", "Activities of ada", MARK)
    yield terminal
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0
    assert MARK in terminal.text
    assert_harmless(terminal)


def test_in_lists_and_details(terminal: Terminal) -> None:
    terminal.press(b"2", "Things of ada", f"▸ 6 Feb 2015   {MARK}")
    terminal.press(ENTER, "Who flattred it", f"▸ 4 Dec 2015   {MARK}")
    terminal.press(b"p", "Most supported", MARK)
    terminal.press(b"3", "Flattrs of ada", f"▸ 30 Oct 2017  {MARK}")
    terminal.press(b"s", "by when", MARK)
    terminal.press(b"4", "Activities of ada", f"▸ ·               {MARK}")
    terminal.press(b"t", "· incoming", MARK)


def test_in_search_and_review(terminal: Terminal) -> None:
    terminal.press(b"5", "Fill in any field")
    terminal.press(b"data" + ENTER, "found", f"▸ {MARK}")
    terminal.press(DOWN, "enter open")
    terminal.press(ENTER, "Who flattred it", MARK)
    terminal.press(b"6", "Saved flattrs of ada", f"  {MARK}")


def test_in_the_console(terminal: Terminal) -> None:
    terminal.press(b"7", "Nothing sent yet")
    terminal.press(key("console.send"), f'"username": "{MARK}')
    terminal.press(b"ad", "1 record", f"username: {MARK}")
    terminal.press(b"h", f"x-evil: {MARK}")
    terminal.press(b"w", r'{"\u001b]0;', MARK)
    terminal.press(b"i", "^y copy")
    terminal.send(b"\x15")  # on its own: Textual takes letters before the keys of bindings
    terminal.loses("username*    ada")
    terminal.press(GHOST.encode(), f"/users/{GHOST}")
    terminal.press(ENTER, " 404 ", MARK)
    terminal.press(b"b", MARK)
    terminal.press(b"l", GHOST)


def test_in_questions_and_what_is_told(terminal: Terminal) -> None:
    terminal.press(b"2", "Things of ada", f"▸ 6 Feb 2015   {MARK}")
    terminal.press(b"f", "Flattr", f"“{MARK}", "esc")
    terminal.press(ENTER, "Log in at 127.0.0.1")  # that token is none here
    terminal.send(ESCAPE)
    terminal.loses("Log in at 127.0.0.1")
    terminal.press(PALETTE, "Search for commands")
    terminal.press(MARK.encode(), f"Go to user {MARK}")
    terminal.send(ESCAPE)
    terminal.loses("🔎")
    terminal.press(b"u", "Go to which user?")
    terminal.press(GHOST.encode() + ENTER, f"Things of {GHOST}")
    terminal.press(b"1", MARK)


def test_what_a_command_prints_of_it_is_harmless_too(launch: Launch, hostile: str) -> None:
    terminal = launch("--source", hostile, "sync", "--user", "ada")
    assert terminal.wait() == 0
    assert_harmless(terminal)


def test_the_test_would_see_it(launch: Launch) -> None:
    terminal = launch(code=f"import sys; sys.stdout.buffer.write({POISON.encode('utf-8', 'surrogatepass')!r})")
    terminal.wait()
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        assert_harmless(terminal)

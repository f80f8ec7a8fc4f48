"""Tests that no control sequence of a hostile server, which puts some into every string, reaches the terminal."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.server import serving
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
FORBIDDEN = (b"\x1b]0;", b"\x1b[3133", b"\x1b[?6666", b"\x1bP+", b"\x1b#8", b"\x1bc")
INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Matches characters that the output must not contain outside of the app's own control sequences."""


GHOST = "ghost"
"""A user that the server does not know."""


def poison(value: Any) -> Any:
    """Return a JSON value with `POISON` in every text, and as the name of an additional member of every object.

    The `type` of an object stays as it is: the app must recognize the object, or it would not show the texts.
    """
    if isinstance(value, str):
        return f"{value}{POISON}{MARK}" if value.startswith("http") else f"{MARK}{POISON}{value}{POISON}"
    if isinstance(value, list):
        return [poison(item) for item in value]
    if isinstance(value, dict):
        return {POISON: POISON, **{name: item if name == "type" else poison(item) for name, item in value.items()}}
    return value


def answer_as_ada(app: ASGIApp) -> ASGIApp:
    """Return a wrapper of `app` that answers requests for any user except `GHOST` with ada's data.

    The program asks for user names that it got from the server, and these names are poisoned. Each response also gets
    a poisoned header.
    """

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_poisoned(message: Message) -> None:
            if message["type"] == "http.response.start":
                evil = (b"x-evil", f"{MARK}\x9b3133;7m\x85{MARK}".encode("latin-1"))
                message = {**message, "headers": [*message["headers"], evil]}
            await send(message)

        path = re.sub(rf"/user(s/(?!{GHOST})[^/]+)?(?=/|$)", "/users/ada", scope["path"])
        await app({**scope, "path": path, "raw_path": path.encode()}, receive, send_poisoned)

    return answer


@pytest.fixture(scope="module")
def hostile_server(world: World) -> Iterator[str]:
    """The address of the hostile server."""
    raw = f"{MARK}{POISON}".encode("utf-8", "surrogatepass")
    ghost = Fault.fail(404, raw, path=f"/rest/v2/users/{GHOST}", times=FOREVER)
    faults = Faults([ghost, Fault(rewrite=poison, times=FOREVER)])
    with serving(answer_as_ada(create_app(world, faults=faults, rate_limit=0))) as root:
        yield f"{root}/rest/v2"


def key_of(name: str) -> bytes:
    """Return the bytes that a terminal sends for the first key of a binding: a letter, with or without ctrl."""
    first = next(binding.key for binding in declared_bindings() if binding.id == name).partition(",")[0]
    return bytes([ord(first[-1]) & 0x1F]) if first.startswith("ctrl+") else first.encode()


def assert_harmless(terminal: Terminal) -> None:
    for bytes_ in FORBIDDEN:
        assert bytes_ not in terminal.output
    left = SEQUENCE.sub(b"", terminal.output).decode()  # strict: fails for surrogates and for C1 bytes
    assert not INVISIBLE.search(left.replace("\r", "")), INVISIBLE.findall(left.replace("\r", ""))[:5]


@pytest.fixture
def terminal(launch: Launch, hostile_server: str) -> Iterator[Terminal]:
    """The app, with the hostile server as its source. After the test, the app quits and all its output is checked."""
    terminal = launch("--source", hostile_server, "--user", "ada", FLATTR_TUI_TOKEN="of-nobody-there")
    terminal.wait_for_text("Flattrs by month", MARK)
    yield terminal
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0
    assert MARK in terminal.text
    assert_harmless(terminal)


def test_in_lists_and_details(terminal: Terminal) -> None:
    terminal.press(b"2", "Things of ada", f"▸ 6 Feb 2015   {MARK}")
    terminal.press(ENTER, "Who flattred it", f"▸ 4 Dec 2015   {MARK}")
    terminal.press(b"p", "Flattrs by month", MARK)
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
    terminal.press(key_of("console.send"), f'"username": "{MARK}')
    terminal.press(b"ad", "1 record", f"username: {MARK}")
    terminal.press(b"h", f"x-evil: {MARK}")
    terminal.press(b"w", r'{"\u001b]0;', MARK)
    terminal.press(b"i", "^y copy")
    terminal.send(b"\x15")  # sent alone, because Textual handles letters before the keys of bindings
    terminal.wait_until_gone("username*    ada")
    terminal.press(GHOST.encode(), f"/users/{GHOST}")
    terminal.press(ENTER, " 404 ", MARK)
    terminal.press(b"b", MARK)
    terminal.press(b"l", GHOST)


def test_in_questions_and_notices(terminal: Terminal) -> None:
    terminal.press(b"2", "Things of ada", f"▸ 6 Feb 2015   {MARK}")
    terminal.press(b"f", "Flattr", f"“{MARK}", "esc")
    terminal.press(ENTER, "Log in at 127.0.0.1")  # the server does not accept the token
    terminal.send(ESCAPE)
    terminal.wait_until_gone("Log in at 127.0.0.1")
    terminal.press(PALETTE, "Search for commands")
    terminal.press(MARK.encode(), f"Go to user {MARK}")
    terminal.send(ESCAPE)
    terminal.wait_until_gone("🔎")
    terminal.press(b"u", "Go to which user?")
    terminal.press(GHOST.encode() + ENTER, f"Things of {GHOST}")
    terminal.press(b"1", MARK)


def test_the_output_of_a_command_is_harmless_too(launch: Launch, hostile_server: str) -> None:
    terminal = launch("--source", hostile_server, "sync", "--user", "ada")
    assert terminal.wait() == 0
    assert_harmless(terminal)


def test_the_check_finds_poison(launch: Launch) -> None:
    terminal = launch(code=f"import sys; sys.stdout.buffer.write({POISON.encode('utf-8', 'surrogatepass')!r})")
    terminal.wait()
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        assert_harmless(terminal)

"""A server that puts what a terminal obeys into every string: not one byte of it may reach the terminal."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.faults import FOREVER, Fault, Faults
from flattr_tui.sandbox.serve import serving
from flattr_tui.sandbox.world import World
from tests.pty.conftest import Launch
from tests.pty.terminal import DOWN, ENTER, ESCAPE, SEQUENCE, Terminal

MARK = "Evil"
POISON = (
    "\x1b]0;pwned\x07\x1b[3133;7m\x1b[?6666h\x1bP+pwned\x1b\\\x1b#8\x1bc"  # ESC: title, attributes, modes, DCS, reset
    "\x9b3133;7m\x9d0;pwned\x9c\x90pwned\x9c\x85"  # C1
    "\x00\x07\x08\x0b\x0c\x0e\x0f\x7f\r"  # C0
    "\u202e\u2066\u200f\u061c\ufeff\U000e0041"  # bidi, tags
    "\ud800"  # a lone surrogate
)
NEVER = (b"\x1b]0;", b"3133;7m\x1b", b"\x1b[3133", b"\x1b[?6666", b"\x1bP+", b"\x1b#8", b"\x1bc")
UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What must not be left when the control sequences of the program are taken out (carriage returns aside)."""


def poison(value: Any) -> Any:
    """Put it into every string, at its beginning and in its middle."""
    if isinstance(value, str):
        return f"{POISON}{MARK}{POISON} {value}"
    if isinstance(value, list):
        return [poison(item) for item in value]
    if isinstance(value, dict):
        return {name: poison(item) for name, item in value.items()}
    return value


def whoever(app: ASGIApp) -> ASGIApp:
    """Answer for any user name as for ada: the names that the program knows are the server's own."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        path = re.sub(r"/users/[^/]+", "/users/ada", scope["path"])
        await app({**scope, "path": path, "raw_path": path.encode()}, receive, send)

    return answer


@pytest.fixture(scope="module")
def hostile(world: World) -> Iterator[str]:
    """The address of the server."""
    faults = Faults([Fault(rewrite=poison, times=FOREVER)])
    with serving(whoever(create_app(world, faults=faults, rate_limit=0))) as root:
        yield f"{root}/rest/v2"


def assert_harmless(terminal: Terminal) -> None:
    for bytes_ in NEVER:
        assert bytes_ not in terminal.output
    left = SEQUENCE.sub(b"", terminal.output).decode()  # strictly: no surrogate, no C1 as a byte
    assert not UNSEEN.search(left.replace("\r", "")), UNSEEN.findall(left.replace("\r", ""))[:5]


def test_nothing_of_a_hostile_server_reaches_the_terminal(launch: Launch, hostile: str) -> None:
    terminal = launch("--source", hostile, "--user", "ada")
    terminal.see(MARK)
    for keys in (b"2", DOWN, ENTER, ESCAPE, b"3", ENTER, ESCAPE, b"4", b"?", ESCAPE, b"1"):
        terminal.press(keys)
    terminal.press(b"2", until=MARK)
    terminal.press(b"3", until=MARK)
    terminal.press(b"4", until=MARK)
    terminal.send(b"5")
    terminal.press(b"data" + ENTER, until=MARK)
    terminal.send(b"\x11")
    terminal.wait()
    assert_harmless(terminal)


def test_what_a_command_prints_of_it_is_harmless_too(launch: Launch, hostile: str) -> None:
    terminal = launch("--source", hostile, "sync", "--user", "ada")
    assert terminal.wait() == 0
    assert_harmless(terminal)


def test_the_test_would_see_it(launch: Launch) -> None:
    terminal = launch(code=f"import sys; sys.stdout.buffer.write({POISON.encode('utf-8', 'surrogatepass')!r})")
    terminal.wait()
    with pytest.raises((AssertionError, UnicodeDecodeError)):
        assert_harmless(terminal)

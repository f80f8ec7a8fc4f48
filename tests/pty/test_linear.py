"""Tests of linear mode on a terminal and in a pipe: no byte moves the cursor, ctrl+c stops waiting, ctrl+d quits."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.api.servers import listen
from tests.pty.conftest import Launch
from tests.pty.terminal import INTERRUPT

END = b"\x04"


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The address of a server that accepts requests and never responds."""
    loop, address, ended = asyncio.new_event_loop(), [""], asyncio.Event()
    ready = threading.Event()

    async def ignore_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    async def serve() -> None:
        async with listen(ignore_request) as source:
            address[0] = source.base
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait()
    yield address[0]
    loop.call_soon_threadsafe(ended.set)
    thread.join()
    loop.close()


def test_a_dumb_terminal_gets_text_that_scrolls(launch: Launch) -> None:
    terminal = launch("--user", "ada", TERM="dumb")
    terminal.read_until(lambda: terminal.text.endswith("> "), "a prompt")
    assert "Profile of ada" in terminal.text
    terminal.send(b"2\n")
    terminal.read_until(lambda: "Things of ada" in terminal.text and terminal.text.endswith("> "), "the things")
    terminal.send(END)
    assert terminal.wait() == 0
    written = terminal.output.partition(b"\x1b[m")[2]  # the launcher writes ESC[m itself
    assert b"\x1b" not in written
    assert b"\x08" not in written
    assert b"\r" not in written.replace(b"\r\n", b"")
    assert terminal.attributes == terminal.before


def test_ctrl_c_stops_waiting_and_says_how_to_quit(launch: Launch, silent_server: str) -> None:
    terminal = launch("--linear", "--source", silent_server, "--user", "ada")
    terminal.read_until(lambda: "Fetching ada …" in terminal.text, "that it waits")
    terminal.send(INTERRUPT)
    terminal.read_until(lambda: terminal.text.endswith("> "), "a prompt")
    assert "Stopped. This is what is saved." in terminal.text
    terminal.send(INTERRUPT)
    terminal.read_until(lambda: "Type q, or press ctrl+d, to quit." in terminal.text, "how to quit")
    terminal.send(b"q\n")
    assert terminal.wait() == 0


@pytest.mark.usefixtures("nothing_saved")
def test_each_wait_for_the_rate_limit_is_explained(launch: Launch) -> None:
    terminal = launch("--linear", "--rate-limit", "1", "--user", "ada")
    for number, command in enumerate((b"5 maps\n", b"5 music\n", b"q\n"), 1):
        terminal.read_until(lambda: terminal.text.count("requests are used up") == number, "why it waits")  # noqa: B023
        terminal.send(INTERRUPT)
        terminal.read_until(lambda: terminal.text.endswith("> "), "a prompt")
        terminal.send(command)
    assert terminal.wait() == 0


@pytest.mark.usefixtures("nothing_saved")
def test_a_pipe_gets_the_same_text_as_a_terminal(launch: Launch) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flattr_tui", "--linear", "--offline"],
        input="3\nh",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "\n> 3\n\nFlattrs of ada\nNothing is saved here yet.\n> h\n" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_reader_that_goes_ends_it_silently(launch: Launch) -> None:
    command = f"yes 2 | {sys.executable} -m flattr_tui --linear | head -n 1; exit ${{PIPESTATUS[1]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (141, "")
    assert done.stdout.count("\n") == 1

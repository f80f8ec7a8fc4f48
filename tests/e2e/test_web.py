"""Tests of `flattr-tui web`: the program is drawn in a browser, used by keyboard, and closed to other pages."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.e2e.browser import SECONDS, TerminalPage, needs_chromium
from tests.e2e.web_process import WebProcess, run_web

Serve = Callable[..., WebProcess]


@pytest.fixture
def serve(saved_world: None) -> Iterator[Serve]:
    """A function that starts `flattr-tui web`. The process is ended after the test, and must exit with 0."""
    with ExitStack() as started:
        yield lambda *arguments: started.enter_context(run_web(*arguments))


@pytest.fixture
def page(tmp_path: Path) -> Iterator[TerminalPage]:
    page = TerminalPage(tmp_path / "chromium")
    yield page
    page.close()


@needs_chromium
def test_the_program_is_drawn_and_used_by_keyboard(serve: Serve, page: TerminalPage) -> None:
    address = serve("--user", "melodia").address
    page.open(address)
    page.wait_for_text("Most supported")
    page.wait_for_text("requests left")
    assert page.screen.width > 100
    title, blank = page.line_of("Most supported"), page.screen.lines.index("")
    page.wait_until(lambda: page.take_screenshot(title) != page.take_screenshot(blank))

    page.press("3", 51, "3")
    page.wait_for_text("Flattrs of melodia")
    page.wait_until(lambda: page.line_of("▸") > 0)
    first = page.line_of("▸")
    page.press("j", 74, "j")
    page.wait_until(lambda: page.line_of("▸") == first + 1)

    page.press("z", 90, control=True)
    page.wait_for_text("There is no shell behind a browser.")
    page("Target.setDiscoverTargets", discover=True)
    page.press("o", 79, "o")
    page.wait_for_text("Opened https://")
    opened = page.screen.text.partition("Opened ")[2].split()[0]
    page.wait_until(lambda: opened in {target["url"] for target in page("Target.getTargets")["targetInfos"]})

    page.press("q", 81, "q")
    page.wait_until(lambda: "flattr-tui has ended." in page.visible_text)


@needs_chromium
def test_ctrl_c_ends_the_server_and_its_programs(serve: Serve, page: TerminalPage) -> None:
    process, address = serve()
    page.open(address)
    page.wait_for_text("requests left")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert children
    process.send_signal(signal.SIGINT)
    assert process.wait(SECONDS) == 0
    page.wait_until(lambda: "flattr-tui has ended." in page.visible_text)
    assert not any(Path(f"/proc/{child}").exists() for child in children)


@needs_chromium
def test_arguments_reach_no_shell(serve: Serve, page: TerminalPage, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    address = serve("--user", f"$(touch {trap});'\"", "--offline").address
    page.open(address)
    page.wait_for_text("offline")
    page.wait_for_text("$(touch")
    assert not trap.exists()


def test_only_the_servers_own_page_may_connect(serve: Serve) -> None:
    address = serve().address
    page = httpx.get(address)
    assert page.status_code == 200
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    named = set(re.findall(r"[a-z]+://[^/\"']+", page.text))
    assert named == {f"ws{address.removeprefix('http').rstrip('/')}"}, "the page has an address of another server"
    for headers in ({"Origin": "https://elsewhere.example"}, {"Host": "elsewhere.example"}, {"Origin": "null"}):
        for path in ("", "ws", "static/js/textual.js"):
            assert httpx.get(address + path, headers=headers).status_code == 403
    assert httpx.get(f"{address}static/js/textual.js").status_code == 200


def test_textual_serve_can_run_the_program() -> None:
    """`textual serve "flattr-tui"` runs the program with pipes, not on a terminal, and chooses its driver."""
    environment = os.environ | {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    line = f"{shlex.quote(sys.executable)} -m flattr_tui"
    with subprocess.Popen(
        line, shell=True, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"__GANGLION__\n"
        message = b'{"type": "quit"}'
        process.stdin.write(b"M" + len(message).to_bytes(4, "big") + message)
        process.stdin.flush()
        output, errors = process.communicate(timeout=SECONDS)
    assert b'{"type": "exit"}' in output
    assert errors == b""

"""The sandbox on a port: its banner, its end, and what stands in its way."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.oauth_clients import Credentials
from flattr_tui.sandbox.serve import HOST, ServeError, banner, serve, serving
from flattr_tui.sandbox.world import World

PROGRAM = """
import sys
from pathlib import Path
from flattr_tui.sandbox.serve import serve
from flattr_tui.sandbox.world import World
serve(lambda: World.open(Path(sys.argv[1])), say=lambda line: print(line, flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_cleanly(seeded: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(seeded)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline()]
        while "Ctrl+C" not in lines[-1]:
            assert lines[-1], process.stderr.read()
            lines.append(process.stdout.readline())
        text = "".join(lines)
        root = lines[0].split()[-1]
        for word in (
            f"{root}/rest/v2",
            f"{root}/oauth/authorize",
            f"{root}/oauth/token",
            "flattr-tui",
            "sandbox",
            "ada",
        ):
            assert word in text
        assert httpx.get(f"{root}/rest/v2/users/ada").json()["resource"] == f"{root}/rest/v2/users/ada"
        process.send_signal(number)
        assert process.wait(5) == 0
        assert process.stderr.read() == ""


def test_a_port_that_is_taken_is_said_in_a_sentence(shared: World) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServeError, match=f"Port {port} cannot be had"):
            serve(lambda: shared, port=port)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_is_none_is_said_in_a_sentence(shared: World, port: int) -> None:
    with pytest.raises(ServeError, match="from 0 to 65535"):
        serve(lambda: shared, port=port)


def test_without_the_extra_it_says_what_to_install(shared: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ServeError, match=r"flattr-tui\[server\]"), serving(create_app(shared)):
        raise AssertionError("it must not start")


def test_it_listens_on_this_machine_alone(shared: World) -> None:
    with serving(create_app(shared)) as root:
        assert root.startswith("http://127.0.0.1:")


def test_many_at_once_are_all_answered(shared: World) -> None:
    async def ask(root: str) -> list[int]:
        async with httpx.AsyncClient(timeout=10) as client:
            answers = await asyncio.gather(
                *(client.get(f"{root}/rest/v2/users/ada/flattrs?page={page}") for page in range(1, 41))
            )
        return [answer.status_code for answer in answers]

    with serving(create_app(shared)) as root:
        assert asyncio.run(ask(root)) == [200] * 40


def test_the_banner_and_the_page_list_the_added_clients(shared: World) -> None:
    clients = [Credentials("web", "s3cret", "https://client.example/back"), Credentials("cli", "s3cret")]
    text = "\n".join(banner("http://127.0.0.1:1", ["ada"], 0, clients))
    with serving(create_app(shared, clients=clients)) as root:
        page = httpx.get(root).text
    for shown in (text, page):
        assert "web (https://client.example/back); cli (any loopback address)" in shown
        assert "s3cret" not in shown


def test_the_banner_counts_whom_it_does_not_name() -> None:
    text = "\n".join(banner("http://127.0.0.1:1", [f"u{number}" for number in range(20)], 0))
    assert "u0, u1" in text
    assert "and 8 more" in text
    assert "none" in text

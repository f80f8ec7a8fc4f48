"""Tests of the sandbox on a port: its banner, its shutdown, its timeouts, and errors when it starts."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pytest

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.connection_timeouts import TimedProtocol
from flattr_tui.sandbox.fault_injection import Fault, Faults
from flattr_tui.sandbox.models import Credentials
from flattr_tui.sandbox.server import HOST, RequestLog, ServeError, ServeOptions, banner, serve, serving
from flattr_tui.sandbox.world import World
from tests.sandbox.login_helpers import authorize_params

PROGRAM = """
import sys
from pathlib import Path
from flattr_tui.sandbox.server import ServeOptions, serve
from flattr_tui.sandbox.world import World
serve(lambda: World.open(Path(sys.argv[1])), ServeOptions(), say=lambda line: print(line, flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_addresses_and_ends_cleanly(seeded_world: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(seeded_world)],
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


def test_a_port_in_use_is_explained(shared_world: World) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServeError, match=f"Port {port} can't be used"):
            serve(lambda: shared_world, ServeOptions(port=port))


@pytest.mark.parametrize("port", [-1, 65_536])
def test_an_invalid_port_is_explained(shared_world: World, port: int) -> None:
    with pytest.raises(ServeError, match="from 0 to 65535"):
        serve(lambda: shared_world, ServeOptions(port=port))


def test_without_the_extra_it_says_what_is_missing(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ServeError, match="uvicorn, which is not installed"), serving(create_app(shared_world)):
        raise AssertionError("it must not start")


def test_it_listens_on_this_machine_alone(shared_world: World) -> None:
    with serving(create_app(shared_world)) as root:
        assert root.startswith("http://127.0.0.1:")


@contextlib.contextmanager
def run_server(path: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """Run `flattr-tui serve --json` on a free port. Yields the process, and the decoded JSON line that it prints."""
    command = [sys.executable, "-m", "flattr_tui", "serve", "--port", "0", "--data", str(path), "--json", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        try:
            assert line, process.stderr.read()
            yield process, json.loads(line)
        finally:
            process.terminate()


def test_json_output_and_a_request_log_without_secrets(seeded_world: Path) -> None:
    with run_server(seeded_world, "--client", "web:s3cret:https://client.example/back", "--log-requests") as (
        process,
        info,
    ):
        assert info["api"] == f"{info['address']}/rest/v2"
        assert (info["client_id"], info["clients"]) == ("flattr-tui", ["flattr-tui", "web"])
        assert "ada" in info["users"]
        assert httpx.get(info["openapi"]).json()["servers"] == [{"url": info["api"]}]
        assert httpx.get(info["health"]).json() == {"status": "ok"}
        httpx.get(
            f"{info['api']}/users/ada?access_token=abc&count=1&%61ccess_token=abc", headers={"Authorization": "abc"}
        )
        httpx.get(f"{info['address']}/oauth/code?code=abc&state=x")
        process.send_signal(signal.SIGINT)
        _, log = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "abc" not in log
    lines = [line.split() for line in log.splitlines()]
    assert [line[2:5] for line in lines] == [
        ["GET", "/rest/v2/openapi.json", "200"],
        ["GET", "/health", "200"],
        ["GET", "/rest/v2/users/ada?access_token=***&count=1&%61ccess_token=***", "401"],
        ["GET", "/oauth/code?code=***&state=x", "200"],
    ]


def test_faults_can_be_chosen(seeded_world: Path) -> None:
    with run_server(seeded_world, "--fault", "limit=1", "--fault", "slow=0.01") as (_, info):
        answer = httpx.get(f"{info['api']}/categories")
        assert (answer.status_code, answer.json()["error"]) == (403, "rate_limit_exceeded")
        assert int(answer.headers["x-ratelimit-reset"]) > time.time()
        assert httpx.get(f"{info['address']}/health").status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_a_public_address_needs_the_option_public(shared_world: World, host: str) -> None:
    with pytest.raises(ServeError, match="--public"):
        serve(lambda: shared_world, ServeOptions(host=host))


def test_an_invalid_host_is_explained(shared_world: World) -> None:
    with pytest.raises(ServeError, match="not an address of this machine"):
        serve(lambda: shared_world, ServeOptions(host="no such host"))


def test_a_public_server_accepts_addresses_and_allowed_names(seeded_world: Path) -> None:
    with run_server(seeded_world, "--host", "0.0.0.0", "--public", "--allow-host", "Sandbox.example") as (_, info):
        assert info["address"].startswith("http://127.0.0.1:")
        statuses = [
            httpx.get(info["health"], headers={"Host": host}).status_code
            for host in ("192.0.2.1:80", "[2001:db8::1]", "sandbox.example", "SANDBOX.EXAMPLE.:1", "other.example")
        ]
    assert statuses == [200, 200, 200, 200, 421]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8080", 200),
        ("a.localhost", 200),
        ("127.1.2.3", 200),
        ("[::1]:80", 200),
        ("flattr.com", 421),
        ("127.0.0.1.elsewhere.example", 421),
        ("localhost.elsewhere.example", 421),
        ("user@localhost", 421),
        ("192.0.2.1", 421),
        ("localhost, elsewhere.example", 421),
    ],
)
def test_a_foreign_host_name_is_refused(shared_world: World, host: str, status: int) -> None:
    """If no host name were refused, DNS rebinding would give an attacker's site the origin of the consent page."""
    with serving(create_app(shared_world)) as root:
        form = authorize_params() | {"username": "ada", "decision": "allow"}
        answer = httpx.post(f"{root}/oauth/authorize", data=form, headers={"Host": host, "Origin": f"http://{host}"})
        page = httpx.get(root, headers={"Host": host})
    if status == 421:
        assert (answer.status_code, page.status_code) == (421, 421)
        assert answer.json()["error"] == "misdirected_request"
        assert "access-control-allow-origin" not in answer.headers
    else:
        assert (answer.status_code, page.status_code) == (302, 200)


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"", b""),
        (b"GET /rest/v2/categories HTTP/1.1\r\nHost: local", b"408"),
        (b"POST /rest/v2/things HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{", b"408"),
    ],
)
def test_an_incomplete_request_ends_the_connection(
    shared_world: World, monkeypatch: pytest.MonkeyPatch, sent: bytes, answered: bytes
) -> None:
    for name in ("head_seconds", "body_seconds"):
        monkeypatch.setattr(TimedProtocol, name, 0.2)
    with serving(create_app(shared_world)) as root:
        address = ("127.0.0.1", int(root.rpartition(":")[2]))
        with socket.create_connection(address, timeout=5) as connection:
            connection.sendall(sent)
            received = b"".join(iter(lambda: connection.recv(1000), b""))
    assert received.split(b" ")[1:2] == [answered][: bool(answered)]


def test_slowly_sent_bytes_do_not_restart_the_timeout(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimedProtocol, "head_seconds", 0.3)
    with serving(create_app(shared_world)) as root:
        address = ("127.0.0.1", int(root.rpartition(":")[2]))
        with socket.create_connection(address, timeout=0.05) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n")
            start, received = time.monotonic(), b""
            while not received and time.monotonic() - start < 5:
                connection.sendall(b"x: y\r\n")
                with contextlib.suppress(TimeoutError):
                    received = connection.recv(1000)
    assert b"408" in received


def test_a_response_that_the_client_does_not_read_ends_the_connection(
    shared_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimedProtocol, "write_seconds", 0.2)
    lines: Queue[str] = Queue()
    faults = Faults([Fault.flood(50_000_000)])
    with serving(RequestLog(create_app(shared_world, faults=faults), lines.put)) as root:
        address = ("127.0.0.1", int(root.rpartition(":")[2]))
        with socket.create_connection(address, timeout=5) as connection:
            connection.sendall(b"GET /rest/v2/categories HTTP/1.1\r\nHost: localhost\r\n\r\n")
            line = lines.get(timeout=5)
    assert "200" in line
    assert "cut off" in line


def test_a_connection_is_kept_for_the_next_request(shared_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timeout runs only while a request is received. For idle connections, uvicorn has another timeout."""
    monkeypatch.setattr(TimedProtocol, "head_seconds", 0.2)
    faults = Faults([Fault.slow(0.5)])
    with serving(create_app(shared_world, faults=faults)) as root, httpx.Client() as client:
        for _ in range(3):
            assert client.get(f"{root}/rest/v2/categories").status_code == 200


def test_many_requests_at_once_are_all_answered(shared_world: World) -> None:
    async def ask(root: str) -> list[int]:
        async with httpx.AsyncClient(timeout=10) as client:
            answers = await asyncio.gather(
                *(client.get(f"{root}/rest/v2/users/ada/flattrs?page={page}") for page in range(1, 41))
            )
        return [answer.status_code for answer in answers]

    with serving(create_app(shared_world)) as root:
        assert asyncio.run(ask(root)) == [200] * 40


def test_its_end_does_not_wait_for_a_world_that_is_being_seeded(shared_world: World) -> None:
    began, ended, in_time = threading.Event(), threading.Event(), Queue[bool]()

    def seed() -> World:
        began.set()
        in_time.put(ended.wait(10))
        return shared_world

    def ask(root: str) -> None:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"{root}/rest/v2/users/ada", timeout=10)

    with serving(create_app(seed)) as root:
        client = threading.Thread(target=ask, args=(root,))
        client.start()
        assert began.wait(10)
    ended.set()
    client.join()
    assert in_time.get(timeout=10)


def test_the_banner_and_the_page_list_the_added_clients(shared_world: World) -> None:
    clients = (Credentials("web", "s3cret", "https://client.example/back"), Credentials("cli", "s3cret"))
    text = "\n".join(banner("http://127.0.0.1:1", ["ada"], ServeOptions(clients=clients)))
    with serving(create_app(shared_world, clients=clients)) as root:
        page = httpx.get(root).text
    for output in (text, page):
        assert "web (https://client.example/back); cli (any loopback address)" in output
        assert "s3cret" not in output


def test_the_banner_counts_the_users_that_it_does_not_name() -> None:
    text = "\n".join(banner("http://127.0.0.1:1", [f"u{number}" for number in range(20)], ServeOptions(rate_limit=0)))
    assert "u0, u1" in text
    assert "and 8 more" in text
    assert "none" in text

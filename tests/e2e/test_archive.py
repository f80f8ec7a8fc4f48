"""Tests of a web archive's raw replay as the source: it is read, and a missing capture is an error that says so."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.test_commands import run

REPLAY = "/web/20130101000000id_/https://api.flattr.com/rest/v2"
NEAREST = REPLAY.replace("20130101000000", "20120930120000")
ADA = {"type": "user", "username": "ada", "firstname": "Ada"}
FOUND = f"{NEAREST}/things/42"
LOOKUP = "/things/lookup?url=https%3A%2F%2Fexample.com%2F"
CAPTURES = {
    f"{REPLAY}/users/ada": (302, {"Location": f"{NEAREST}/users/ada"}, b""),
    f"{NEAREST}/users/ada": (200, {"Content-Type": "application/json"}, json.dumps(ADA).encode()),
    f"{REPLAY}{LOOKUP}": (302, {"Location": f"{NEAREST}{LOOKUP}"}, b""),
    f"{NEAREST}{LOOKUP}": (302, {"Location": FOUND, "Content-Type": "text/html"}, b"<html>Found</html>"),
}
NOT_THERE = (404, {"Content-Type": "text/html"}, b"<html><body>The archive has not archived that URL.</body></html>")


class Replay(BaseHTTPRequestHandler):
    """A web archive, which serves captures by their address and ignores request headers."""

    def do_GET(self) -> None:
        status, headers, body = CAPTURES.get(self.path, NOT_THERE)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print no line for a request."""


@pytest.fixture
def archive() -> Iterator[str]:
    """The address of the archive's replay, as the program's source."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Replay) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{REPLAY}"
        server.shutdown()


def test_a_capture_is_read_and_a_missing_one_is_an_error(archive: str, tmp_path: Path) -> None:
    home = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    code, out, err = run(home, "--source", archive, "get", "user", "username=ada")
    assert (code, json.loads(out)) == (0, ADA), err
    code, out, err = run(home, "--source", archive, "get", "lookup", "url=https://example.com/")
    assert (code, json.loads(out)["location"]) == (0, FOUND), err
    for arguments in (("user", "username=bob"), ("thing", "id=7"), ("lookup", "url=https://none.example/")):
        code, out, err = run(home, "--source", archive, "get", *arguments)
        assert (code, out) == (1, "")
        assert err.rstrip().endswith("not captured by this web archive.")
        assert len(err.splitlines()) == 1

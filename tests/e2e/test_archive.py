"""A web archive's raw replay as the source: what was captured is read, what was not is said to be not captured."""

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
    """Answers as an archive does, which knows nothing of formats and methods."""

    def do_GET(self) -> None:
        status, headers, body = CAPTURES.get(self.path, NOT_THERE)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of requests."""


@pytest.fixture
def archive() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Replay) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{REPLAY}"
        server.shutdown()


def test_a_capture_is_read_and_what_is_none_is_said_to_be_none(archive: str, tmp_path: Path) -> None:
    home = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    code, out, said = run(home, "--source", archive, "get", "user", "username=ada")
    assert (code, json.loads(out)) == (0, ADA), said
    code, out, said = run(home, "--source", archive, "get", "lookup", "url=https://example.com/")
    assert (code, json.loads(out)["location"]) == (0, FOUND), said
    for arguments in (("user", "username=bob"), ("thing", "id=7"), ("lookup", "url=https://none.example/")):
        code, out, said = run(home, "--source", archive, "get", *arguments)
        assert (code, out) == (1, "")
        assert said.rstrip().endswith("not captured by this web archive.")
        assert len(said.splitlines()) == 1

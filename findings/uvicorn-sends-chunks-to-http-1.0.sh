#!/usr/bin/env bash
# uvicorn with httptools answers an HTTP/1.0 request in chunks, so the page begins with `3` and ends with `0`.
#
# Guess: A server knows from the request's version whether the client can read chunks. `ab`, old proxies and `curl
# --http1.0` get the body as it is, ended by the end of the connection.
# What happens: uvicorn's httptools protocol, which it takes by itself if httptools is installed, as with
# `uvicorn[standard]`, sends a streamed answer with `Transfer-Encoding: chunked` whatever the request's version is. A
# client that knows HTTP/1.0 only takes the sizes of the chunks for a part of the page. The same app in uvicorn's h11
# protocol, Hypercorn, Daphne and granian is sent plainly.
# Versions: uvicorn 0.54.0 with httptools 0.9.0 and h11 0.16.0, hypercorn 0.18.0, daphne 4.2.3, granian 2.8.9.
# Source: run of this script; uvicorn/protocols/http/httptools_impl.py, where no length means chunks; RFC 9112, 6.1: a
# server MUST NOT send Transfer-Encoding unless the request indicates HTTP/1.1 or later.
# In this program: `flattr-tui serve` is always h11's (sandbox/connection_timeouts.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check uvicorn==0.54.0 httptools==0.9.0 h11==0.16.0 \
  hypercorn==0.18.0 daphne==4.2.3 granian==2.8.9
cat >app.py <<'PYTHON'
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    for piece in (b"one", b"two"):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})
PYTHON
venv/bin/python - <<'PYTHON'
import socket, subprocess, sys, time

COMMANDS = {
    "uvicorn, httptools": ["uvicorn", "app:app", "--lifespan", "off", "--port", "{port}"],
    "uvicorn, h11": ["uvicorn", "app:app", "--lifespan", "off", "--http", "h11", "--port", "{port}"],
    "Hypercorn": ["hypercorn", "app:app", "--bind", "127.0.0.1:{port}"],
    "Daphne": ["daphne", "app:app", "--port", "{port}"],
    "granian": ["granian", "app:app", "--interface", "asginl", "--port", "{port}"],
}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def connect(port):
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except OSError:
            time.sleep(0.1)
    sys.exit("A server did not start.")


def ask(port, version):
    with connect(port) as connection:
        connection.sendall(f"GET / HTTP/{version}\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")


CHUNKS = b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"
seen = {}
for name, command in COMMANDS.items():
    port = free_port()
    words = [f"venv/bin/{command[0]}", *(word.format(port=port) for word in command[1:])]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen[name] = [ask(port, version)[2] for version in ("1.0", "1.1")]
    server.terminate()
    server.wait()
    print(f"{name}: HTTP/1.0: {seen[name][0]}")
unchanged = all(new == CHUNKS for _, new in seen.values())
unchanged &= [name for name, (old, _) in seen.items() if old == CHUNKS] == ["uvicorn, httptools"]
unchanged &= all(old == b"onetwo" for name, (old, _) in seen.items() if name != "uvicorn, httptools")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

#!/usr/bin/env bash
# uvicorn finds no page for a request that names the whole address, unless httptools is installed.
#
# Guess: `GET http://127.0.0.1/x HTTP/1.1`, which clients send to a proxy and each server has to accept, has the path
# `/x` for the application.
# What happens: Under uvicorn with h11, and under hypercorn, `path` is `http://127.0.0.1/x`, and an application answers
# 404. uvicorn with httptools, granian, waitress and gunicorn give `/x`. uvicorn takes httptools if it's installed, so a
# server on one machine answers what the same server on another one does not.
# Versions: uvicorn 0.54.0 with h11 0.16.0 or httptools 0.9.0, hypercorn 0.18.0; granian 2.8.9, waitress 3.0.2 and
# gunicorn 27.0.1 do as guessed.
# Source: run of this script; RFC 9112, 3.2.2: a server MUST accept the absolute form in requests.
# In this program: `serve` answers both forms.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check uvicorn==0.54.0 h11==0.16.0 httptools==0.9.0 \
  hypercorn==0.18.0
venv/bin/python - <<'PYTHON'
import os, socket, subprocess, sys, time

APP = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        length = (b"content-length", b"%d" % len(scope["path"]))
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": scope["path"].encode()})
"""
with open("server.py", "w") as file:
    file.write(APP)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, target):
    for _ in range(100):
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        except OSError:
            time.sleep(0.1)
            continue
        with connection:
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            return connection.makefile("rb").read().decode().partition("\r\n\r\n")[2]
    return "no server"


def paths(*command):
    port = free_port()
    options = [word.format(port=port) for word in command]
    server = subprocess.Popen([sys.executable, "-m", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return ask(port, "/x"), ask(port, "http://127.0.0.1/x")
    finally:
        server.terminate()
        server.wait()


seen = {
    "uvicorn, h11": paths("uvicorn", "server:app", "--http", "h11", "--port", "{port}"),
    "uvicorn, httptools": paths("uvicorn", "server:app", "--http", "httptools", "--port", "{port}"),
    "hypercorn": paths("hypercorn", "server:app", "--bind", "127.0.0.1:{port}"),
}
for name, (short, whole) in seen.items():
    print(f"{name}: /x is {short}, http://127.0.0.1/x is {whole}")
unchanged = seen == {
    "uvicorn, h11": ("/x", "http://127.0.0.1/x"),
    "uvicorn, httptools": ("/x", "/x"),
    "hypercorn": ("/x", "http://127.0.0.1/x"),
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

#!/usr/bin/env bash
# An app that replays a recorded response has two dates in it with uvicorn, Hypercorn and Werkzeug, and the wrong one
# with gunicorn.
#
# Guess: A server writes `Date` and `Server` itself if the app gives none. An app that replays a saved response, such as
# a mock, a proxy or an archive, gives those that were saved, and they are sent as they are.
# What happens: uvicorn, Hypercorn and Werkzeug's development server send their own fields and the app's: two `Date` and
# two `Server` in one response. The first date is today's in uvicorn and Werkzeug, and the app's in Hypercorn, so for
# who reads one of them a page of 2013 is old or new. gunicorn drops the app's two fields without a word. Daphne,
# granian, waitress and wsgiref send what the app says.
# Versions: uvicorn 0.54.0, hypercorn 0.18.0, werkzeug 3.1.9, gunicorn 27.0.1; daphne 4.2.3, granian 2.8.9, waitress
# 3.0.2 and Python's wsgiref for comparison.
# Source: run of this script; RFC 9110, 5.3: a sender MUST NOT generate several field lines with the same name unless
# its value is a list, and 6.6.1, where Date is a single HTTP-date; 'server_header' and 'date_header' of uvicorn's
# settings turn its own off.
# In this program: the sandbox gives no date of its own; of two dates in what curl printed, `import` takes the last
# (library/import_export/http_transcript.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check uvicorn==0.54.0 hypercorn==0.18.0 daphne==4.2.3 \
  granian==2.8.9 gunicorn==27.0.1 waitress==3.0.2 werkzeug==3.1.9
cat >app.py <<'PYTHON'
FIELDS = [("date", "Wed, 01 May 2013 07:08:09 GMT"), ("server", "nginx"), ("content-length", "2")]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    fields = [(name.encode(), value.encode()) for name, value in FIELDS]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": b"ok"})


def wsgi(environ, start_response):
    start_response("200 OK", FIELDS)
    return [b"ok"]
PYTHON
venv/bin/python - <<'PYTHON'
import socket, subprocess, sys, time

from app import FIELDS

WSGIREF = "import app; from wsgiref import simple_server as s; s.make_server('', {port}, app.wsgi).serve_forever()"
WERKZEUG = "import app; from werkzeug import serving; serving.run_simple('127.0.0.1', {port}, app.wsgi)"
COMMANDS = {
    "uvicorn": ["uvicorn", "app:asgi", "--lifespan", "off", "--port", "{port}"],
    "Hypercorn": ["hypercorn", "app:asgi", "--bind", "127.0.0.1:{port}"],
    "Werkzeug": ["python", "-c", WERKZEUG],
    "gunicorn": ["gunicorn", "app:wsgi", "--bind", "127.0.0.1:{port}"],
    "Daphne": ["daphne", "app:asgi", "--port", "{port}"],
    "granian": ["granian", "app:asgi", "--interface", "asginl", "--port", "{port}"],
    "waitress": ["waitress-serve", "--listen=127.0.0.1:{port}", "app:wsgi"],
    "wsgiref": ["python", "-c", WSGIREF],
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


def ask(port):
    with connect(port) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        head = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")[0]
    fields = [line.partition(": ") for line in head.decode().splitlines()[1:]]
    return {name: [value for field, _, value in fields if field.lower() == name] for name in ("date", "server")}


seen = {}
for name, command in COMMANDS.items():
    port = free_port()
    words = [f"venv/bin/{command[0]}", *(word.format(port=port) for word in command[1:])]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    fields = ask(port)
    server.terminate()
    server.wait()
    recorded = {value for _, value in FIELDS}
    seen[name] = ["recorded" if value in recorded else "its own" for value in fields["date"] + fields["server"]]
    print(f"{name}: dates: {fields['date']}, servers: {fields['server']}")
two = ["its own", "recorded"] * 2
unchanged = seen.pop("uvicorn") == seen.pop("Werkzeug") == two and seen.pop("Hypercorn") == two[1:] + two[:1]
unchanged &= seen.pop("gunicorn") == ["its own"] * 2 and all(fields == ["recorded"] * 2 for fields in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

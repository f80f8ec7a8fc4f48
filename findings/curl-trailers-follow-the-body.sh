#!/usr/bin/env bash
# `curl -i` prints the trailer fields of a response right behind its body, in the same file.
#
# Guess: of a chunked response with trailers (`Server-Timing`, `Digest`), `curl -i` prints the head and the body. It
# leaves the trailers out, or prints them with the head.
# What happens: they follow the last byte of the body, without a line break between the two: `{"a":1}Expires: 0`. A
# JSON parser refuses the rest of such a file, and text, CSV or YAML silently gets lines more. `--dump-header` writes
# them behind the head, and `-v` shows none.
# Versions: curl 7.88.1 (the curl on PATH is used).
# Source: run of this script; RFC 9112, 7.1.2.
# In this program: `import` cuts such lines off behind a chunked body of JSON or XML (library/import_export/http_transcript.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
command -v curl >/dev/null || { echo "This needs curl."; exit 2; }
curl --version | head -n 1
python=${PYTHON:-python3}
"$python" - <<'PYTHON'
import http.server, subprocess, sys, threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Trailer", "Expires")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b'7\r\n{"a":1}\r\n0\r\nExpires: 0\r\n\r\n')

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def curl(*words):
    address = f"http://127.0.0.1:{server.server_port}/"
    return subprocess.run(["curl", "-sS", "--noproxy", "*", *words, address], capture_output=True, check=True).stdout


plain, with_head = curl(), curl("-i")
print("curl:", plain, "| the end of curl -i:", with_head.partition(b"\r\n\r\n")[2])
unchanged = plain == b'{"a":1}' and with_head.endswith(b'\r\n\r\n{"a":1}Expires: 0\r\n')

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

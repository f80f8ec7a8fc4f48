#!/usr/bin/env bash
# posting imports `curl -G … -d tag=a` as a POST, and takes the JSON of `curl --json` for the address.
#
# Guess: A client that imports commands of curl makes the same request of them: `-G` puts the data into the query, as in
# many an API's examples, and `--json`, in curl since 2022, is a POST with a body.
# What happens: posting's import knows a part of curl's options. `-G` is a POST with a form. Of one that it doesn't know
# it takes the value for the address, with `://` in front, and the real one is gone. `-F` is a POST without a body, `-I`
# a GET. JSON behind `-d` without a Content-Type is split into a form at each `=` and `&`. All this without a word. A
# query, two equal names in it and in `-d`, headers and `-u` are imported well.
# Versions: posting 2.11.1, which is built on textual 6.1.0.
# Source: run of this script; posting/importing/curl.py; curl(1) on -G, --json, -F and -I.
# In this program: its console writes curl commands with -X, -H and --data-raw (library/console/exchange.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check posting==2.11.1
HOME=$folder venv/bin/python -W ignore - <<'PYTHON'
import sys
from posting.importing.curl import CurlImport

COMMANDS = {
    "curl -G https://h.example/x -d tag=a": ["POST", "https://h.example/x", [("tag", "a")]],
    "curl --json 7 https://h.example/x": ["GET", "://7", []],
    "curl https://h.example/x -F tag=a": ["POST", "https://h.example/x", []],
    "curl -I https://h.example/x": ["GET", "https://h.example/x", []],
    "curl https://h.example/x -d '[\"a=b&c\"]'": ["POST", "https://h.example/x", [('["a', "b"), ('c"]', "")]],
    "curl https://h.example/x -d tag=a -d tag=b": ["POST", "https://h.example/x", [("tag", "a"), ("tag", "b")]],
}
unchanged = True
for command, expected in COMMANDS.items():
    request = CurlImport(command).to_request_model()
    form = [(field.name, field.value) for field in (request.body.form_data or [])] if request.body else []
    seen = [request.method, request.url, form]
    print(f"{command}: {seen}")
    unchanged &= seen == expected and not (request.body and request.body.content)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

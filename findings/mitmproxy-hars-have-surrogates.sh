#!/usr/bin/env bash
# mitmproxy writes a HAR that no strict reader of JSON opens.
#
# Guess: a body that is no text in UTF-8, such as a page in ISO 8859-1 or a broken gzip stream under `application/json`,
# is written in base64 with `"encoding": "base64"`, which HAR has for that.
# What happens: the type decides, not the bytes. With a type of text each byte beyond ASCII that is no UTF-8 becomes half a
# surrogate pair (Python's surrogateescape), and the file has `\udceb`. msgspec and orjson refuse the whole file, with
# all its other entries; json and Node read it, and can't encode the text again, or make U+FFFD of it.
# Versions: mitmproxy 11.0.2; msgspec 0.20.0 and orjson 3.11.4; Node 20.
# Source: run of this script; mitmproxy/addons/savehar.py; RFC 8259, 8.2: unpaired surrogates make the behaviour of
# readers unpredictable.
# In this program: the bytes are restored (library/import_export/http_archives.py); until this finding they were question marks.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check mitmproxy==11.0.2
"${PYTHON:-python3}" -m venv readers
readers/bin/python -m pip install -qq --disable-pip-version-check msgspec==0.20.0 orjson==3.11.4
venv/bin/python - <<'PYTHON'
import json
from mitmproxy import http
from mitmproxy.addons.savehar import SaveHar
from mitmproxy.test import tflow

flows = []
for body, kind in ((b'["fine"]', "application/json"), ('["Zoë"]'.encode("latin-1"), "application/json"), (b"\xeb", "image/png")):
    flow = tflow.tflow()
    flow.response = http.Response(b"HTTP/1.1", 200, b"OK", http.Headers(content_type=kind), body, None, 1.0, 2.0)
    flows.append(flow)
with open("a.har", "w") as file:
    json.dump(SaveHar().make_har(flows), file)
PYTHON
node -e 'const har = JSON.parse(require("fs").readFileSync("a.har"));
console.log(Buffer.from(har.log.entries[1].response.content.text).toString("hex"))' >by-node
readers/bin/python - <<'PYTHON'
import json, sys
import msgspec, orjson

with open("a.har", "rb") as file:
    data = file.read()
contents = [entry["response"]["content"] for entry in json.loads(data)["log"]["entries"]]
print([(content["text"], content.get("encoding")) for content in contents])
refused = []
for name, decode in (("msgspec", msgspec.json.decode), ("orjson", orjson.loads)):
    try:
        decode(data)
    except (msgspec.DecodeError, orjson.JSONDecodeError) as error:
        refused.append(name)
        print(f"{name}: {error}")
by_node = bytes.fromhex(open("by-node").read()).decode()
print("Node:", by_node)
unchanged = refused == ["msgspec", "orjson"] and by_node == '["Zo\ufffd"]'
unchanged &= [content["text"] for content in contents] == ['["fine"]', '["Zo\udceb"]', "6w=="]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

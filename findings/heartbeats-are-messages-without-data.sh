#!/usr/bin/env bash
# Microsoft's reader of event streams passes each heartbeat on as a message, and sseclient-py passes half a message on.
#
# Guess: A line that begins with a colon is a comment, which servers send every few seconds so that proxies keep the
# connection. An event is what ends with an empty line: what was cut off by the end of the stream isn't one.
# What happens: fetch-event-source calls onmessage with `data: ''` for a comment, and for each additional empty line, so
# `JSON.parse(message.data)` raises an error at the first heartbeat, mostly later than a test lasts. sseclient-py gives
# the last event though its empty line, and maybe the rest of its data, never came. eventsource, eventsource-parser and
# httpx-sse give the complete events alone.
# Versions: @microsoft/fetch-event-source 2.0.1, eventsource 4.1.1, eventsource-parser 4.1.3 on Node 20; sseclient-py
# 1.9.0, httpx-sse 0.4.3.
# Source: run of this script; the HTML standard, 9.2.6: an event without data isn't dispatched, and an incomplete one at
# the end is discarded.
# In this program: Flattr has no event streams; a sync asks page by page (library/sync.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check sseclient-py==1.9.0 httpx-sse==0.4.3 httpx==0.28.1
npm install --silent --no-audit --no-fund @microsoft/fetch-event-source@2.0.1 eventsource@4.1.1 \
  eventsource-parser@4.1.3 >/dev/null
cat >read.mjs <<'SCRIPT'
import http from 'node:http';
import {EventSource} from 'eventsource';
import {createParser} from 'eventsource-parser';
import fetchModule from '@microsoft/fetch-event-source';

const text = process.argv[2];
const server = http.createServer((request, response) => {
  response.writeHead(200, {'Content-Type': 'text/event-stream'});
  response.end(text);
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const address = `http://127.0.0.1:${server.address().port}/`;
globalThis.document = {hidden: false, addEventListener() {}, removeEventListener() {}};
globalThis.window = {setTimeout, clearTimeout, fetch};
const seen = {'fetch-event-source': [], eventsource: [], 'eventsource-parser': []};
await fetchModule.fetchEventSource(address, {onmessage: ({data}) => seen['fetch-event-source'].push(data)});
await new Promise(done => {
  const source = new EventSource(address);
  source.onmessage = ({data}) => seen.eventsource.push(data);
  source.onerror = () => {
    source.close();
    done();
  };
});
createParser({onEvent: ({data}) => seen['eventsource-parser'].push(data)}).feed(text);
console.log(JSON.stringify(seen));
process.exit();
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import httpx, httpx_sse, sseclient

TEXT = ': heartbeat\n\ndata: {"flattrs": 1}\n\n: heartbeat\n\ndata: {"flattrs": 2}\ndata: '
node = subprocess.run(["node", "read.mjs", TEXT], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
seen["sseclient-py"] = [event.data for event in sseclient.SSEClient([TEXT.encode()]).events()]
response = httpx.Response(200, headers={"Content-Type": "text/event-stream"}, content=TEXT)
seen["httpx-sse"] = [event.data for event in httpx_sse.EventSource(response).iter_sse()]
for name, data in seen.items():
    print(f"{name}: {data}")
whole = ['{"flattrs": 1}']
unchanged = seen.pop("fetch-event-source") == ["", *whole, ""]
unchanged &= seen.pop("sseclient-py") == [*whole, '{"flattrs": 2}\n']
unchanged &= len(seen) == 3 and all(data == whole for data in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

#!/usr/bin/env bash
# har-to-k6 asks for `?tag=a&tag=b&tag=b` if `?tag=a&tag=b` was recorded, and of a form's two tags it sends one, `a,b`.
#
# Guess: A HAR file has each parameter in order, and a converter writes a request with the same ones. Names that occur
# twice are common: check boxes, tags, PHP's `tag[]`.
# What happens: har-to-k6 compares the address with `queryString` and adds what it takes to be missing: the second of
# two equal names, again. A form with two equal names becomes one with both values joined by an escaped comma; without
# `params`, from `text` alone, it's right. har2case, of HttpRunner, keeps the last of each.
# Versions: har-to-k6 0.14.16 on Node 20; har2case 0.3.1.
# Source: run of this script; HAR 1.2: queryString is a list of all parameters parsed from a query string, and so is
# params of a form.
# In this program: `import` reads the addresses in a HAR file, not `queryString` (library/import_export/http_archives.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check har2case==0.3.1
npm install --silent --no-audit --no-fund har-to-k6@0.14.16 >/dev/null
cat >convert.mjs <<'SCRIPT'
import {readFileSync} from 'node:fs';
import harToK6 from 'har-to-k6';

const har = readFileSync('page.har', 'utf8');
const {main} = await harToK6.liHARToK6Script(JSON.parse(har));
console.log(JSON.stringify({
  query: main.match(/'(https:[^']*page[^']*)'/)[1],
  form: main.match(/form', '([^']*)'/)[1],
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys

TAGS = [{"name": "tag", "value": "a"}, {"name": "tag", "value": "b"}]
FORM = {"mimeType": "application/x-www-form-urlencoded", "params": TAGS, "text": "tag=a&tag=b"}
JSON = "application/json"


def entry(method, url, query, **more):
    request = {"method": method, "url": url, "httpVersion": "HTTP/1.1", "headers": [], "cookies": []}
    request |= {"queryString": query, "headersSize": -1, "bodySize": -1, **more}
    response = {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": ""}
    response |= {"headers": [{"name": "Content-Type", "value": JSON}], "headersSize": -1, "bodySize": 7}
    response["content"] = {"size": 7, "mimeType": JSON, "text": '{"a":1}'}
    times = {"startedDateTime": "2013-05-01T07:08:09.000Z", "time": 1, "timings": {"send": 0, "wait": 1, "receive": 0}}
    return {**times, "request": request, "response": response, "cache": {}}


entries = [entry("GET", "https://h.example/page?tag=a&tag=b", TAGS)]
entries.append(entry("POST", "https://h.example/form", [], postData=FORM))
with open("page.har", "w") as file:
    json.dump({"log": {"version": "1.2", "creator": {"name": "hand", "version": "1"}, "entries": entries}}, file)
node = subprocess.run(["node", "convert.mjs"], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
subprocess.run(["venv/bin/har2case", "page.har"], capture_output=True, check=True)
with open("page.json") as file:
    steps = [step["request"] for step in json.load(file)["teststeps"]]
seen |= {"har2case": [steps[0]["params"], steps[1]["data"]]}
for name, found in seen.items():
    print(f"{name}: {found}")
unchanged = seen == {
    "query": "https://h.example/page?tag=a&tag=b&tag=b",
    "form": "tag=a%2Cb",
    "har2case": [{"tag": "b"}, {"tag": "b"}],
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

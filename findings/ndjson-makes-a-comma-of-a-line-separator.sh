#!/usr/bin/env bash
# Python's ndjson reads a title with Unicode's line separator in it as one with a comma there.
#
# Guess: In a file of JSON lines the line feed ends a line, and nothing else: U+2028 in a text is part of it, unescaped
# as json.dumps with `ensure_ascii=False`, orjson and JavaScript write it. A reader that gets this wrong raises an
# error.
# What happens: ndjson splits at all that Unicode calls the end of a line, puts commas between the pieces and brackets
# around them, and parses that. Where a text was cut there's a comma in it now, and the result is valid. So it is with
# U+2029, and U+0085. Eight other readers give the text as it was.
# Versions: ndjson 0.3.1; jsonlines 4.0.0, json-lines 0.5.0, orjsonl 1.0.0, srsly 2.5.6, pandas 3.1.1, polars 2.1.0;
# npm's ndjson 2.0.0 and split2 4.2.0 on Node 20.
# Source: run of this script; ndjson/decoder.py: `s.splitlines()`; the NDJSON specification, 3.1: the line separator is
# \n; RFC 8259, 7: U+2028 need not be escaped.
# In this program: such characters of a server's text become blanks or line feeds when it's decoded, and a line feed is
# written as `\n` (model/text_sanitizer.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check ndjson==0.3.1 jsonlines==4.0.0 json-lines==0.5.0 \
  orjsonl==1.0.0 srsly==2.5.6 pandas==3.1.1 polars==2.1.0
npm install --silent --no-audit --no-fund ndjson@2.0.0 split2@4.2.0 >/dev/null
cat >read.mjs <<'SCRIPT'
import {createReadStream} from 'node:fs';
import ndjson from 'ndjson';
import split2 from 'split2';

const titles = async reader => {
  const found = [];
  for await (const {title} of createReadStream('things.jsonl').pipe(reader)) found.push(title);
  return found;
};
console.log(JSON.stringify({
  'npm ndjson': await titles(ndjson.parse()),
  'npm split2': await titles(split2(JSON.parse)),
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import json_lines, jsonlines, ndjson, orjsonl, pandas, polars, srsly

NAME = "things.jsonl"
READERS = {
    "ndjson": lambda: ndjson.load(open(NAME, encoding="utf-8", newline="")),
    "jsonlines": lambda: list(jsonlines.open(NAME)),
    "json-lines": lambda: list(json_lines.reader(open(NAME, "rb"))),
    "orjsonl": lambda: orjsonl.load(NAME),
    "srsly": lambda: list(srsly.read_jsonl(NAME)),
    "pandas": lambda: pandas.read_json(NAME, lines=True).to_dict("records"),
    "polars": lambda: polars.read_ndjson(NAME).to_dicts(),
}
unchanged = True
for separator in ("\u2028", "\u2029", "\x85"):
    titles = [f"One{separator}two", "Three"]
    with open(NAME, "w", encoding="utf-8", newline="") as file:
        file.writelines(json.dumps({"title": title}, ensure_ascii=False) + "\n" for title in titles)
    node = subprocess.run(["node", "read.mjs"], capture_output=True, text=True, check=True).stdout
    seen = {name: [row["title"] for row in read()] for name, read in READERS.items()} | json.loads(node)
    same = [name for name, found in seen.items() if found == titles]
    print(f"{titles[0]!a}: ndjson {seen.pop('ndjson')}, as it was:", *same)
    unchanged &= same == list(seen)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

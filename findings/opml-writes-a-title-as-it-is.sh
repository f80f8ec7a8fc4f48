#!/usr/bin/env bash
# The opml package writes a list's title `Tom & Ada` as it is, and then can't read the list itself.
#
# Guess: A library that reads and writes OPML escapes all texts, those of the subscriptions and that of the list, and
# reads what it wrote.
# What happens: opml.stringify of npm, the package of OPML's author, escapes attributes only. What's in `head`, the
# title, the owner's name and address, stands between the tags as it was given: an `&` or a `<` there makes the file
# ill-formed: opml.parse and Python's XML refuse it. listparser forgives that, but finds no title if it is in CDATA, as
# feedsmith writes it. opml-generator escapes it.
# Versions: opml 0.5.8, opml-generator 1.1.1, feedsmith 3.0.1 on Node 20; listparser 0.20.
# Source: run of this script; XML 1.0, 2.4: `&` and `<` must not appear in their literal form in a text.
# In this program: neither reads nor writes OPML; feeds are XML that must be well-formed
# (library/import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check listparser==0.20
npm install --silent --no-audit --no-fund opml@0.5.8 opml-generator@1.1.1 feedsmith@3.0.1 >/dev/null
cat >write.mjs <<'SCRIPT'
import {generateOpml} from 'feedsmith';
import opml from 'opml';
import generate from 'opml-generator';

const title = 'Tom & Ada';
const outline = {text: title, type: 'rss', xmlUrl: 'https://h/?a=1&b=2'};
const byOpml = opml.stringify({opml: {head: {title}, body: {subs: [outline]}}});
const again = await new Promise(done =>
  opml.parse(byOpml, (error, list) => done(error ? error.message.split('\n')[0] : list.opml.head.title)));
console.log(JSON.stringify([again, {
  'opml': byOpml,
  'opml-generator': generate({title}, [outline]),
  'feedsmith': generateOpml({head: {title}, body: {outlines: [outline]}}),
}]));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
from xml.etree import ElementTree
import listparser

node = subprocess.run(["node", "write.mjs"], capture_output=True, text=True, check=True).stdout
again, lists = json.loads(node)
print("opml reads what it wrote:", again)
read, titles = {}, {}
for name, text in lists.items():
    try:
        read[name] = ElementTree.fromstring(text.encode()).findtext("head/title").strip()
    except ElementTree.ParseError as error:
        read[name] = str(error)
    titles[name] = listparser.parse(text.encode())["meta"].get("title")
    print(f"{name}: read as XML: {read[name]}; by listparser: {titles[name]}")
unchanged = again == "Invalid character in entity name" and read.pop("opml").startswith("not well-formed")
unchanged &= set(read.values()) == {"Tom & Ada"}
unchanged &= titles == {"opml": "Tom & Ada", "opml-generator": "Tom & Ada", "feedsmith": None}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

#!/usr/bin/env bash
# xmlbuilder2, xml-js and jstoxml write the title `How to write &lt;b&gt;` as it is, so it's read as `How to write <b>`.
#
# Guess: Who builds XML from an object escapes each text, so that a parser gives it back: an ampersand becomes `&amp;`,
# whatever follows it.
# What happens: xmlbuilder2 and jstoxml leave an ampersand alone if what follows looks like a reference, in attributes
# too, and xml-js does so for `&amp;`. What titles about HTML say is lost, and is markup one step later. What xml-js
# itself reads and writes again changes. In attributes xml-js escapes quotes alone: `Tom & Ada` and `a < b` there aren't
# XML. xml2js, fast-xml-parser, js2xmlparser, xml, and Python's xmltodict and dicttoxml are right.
# Versions: xmlbuilder2 4.0.3, xml-js 1.6.11, jstoxml 7.1.1, xml2js 0.6.2, fast-xml-parser 5.12.1, js2xmlparser 5.0.0,
# xml 1.0.1 on Node 20; xmltodict 1.0.4, dicttoxml 1.7.16.
# Source: run of this script; XML 1.0, 2.4: the ampersand must be escaped.
# In this program: each ampersand in the sandbox's XML is escaped (sandbox/api_responses.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check xmltodict==1.0.4 dicttoxml==1.7.16
npm install --silent --no-audit --no-fund xmlbuilder2@4.0.3 xml-js@1.6.11 jstoxml@7.1.1 xml2js@0.6.2 \
  fast-xml-parser@5.12.1 js2xmlparser@5.0.0 xml@1.0.1 >/dev/null
cat >write.cjs <<'SCRIPT'
const {XMLBuilder} = require('fast-xml-parser');
const js2xmlparser = require('js2xmlparser');
const {toXML} = require('jstoxml');
const xml = require('xml');
const {Builder} = require('xml2js');
const xmlJs = require('xml-js');
const {create} = require('xmlbuilder2');

const writers = {
  xmlbuilder2: title => create({title}).end(),
  'xmlbuilder2, attribute': title => create({title: {'@a': title}}).end(),
  'xml-js': title => xmlJs.js2xml({title: {_text: title}}, {compact: true}),
  'xml-js, attribute': title => xmlJs.js2xml({title: {_attributes: {a: title}}}, {compact: true}),
  jstoxml: title => toXML({title}),
  xml2js: title => new Builder().buildObject({title}),
  'fast-xml-parser': title => new XMLBuilder().build({title}),
  js2xmlparser: title => js2xmlparser.parse('title', title),
  xml: title => xml({title}),
};
const seen = {};
for (const [name, write] of Object.entries(writers)) seen[name] = process.argv.slice(2).map(write);
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import xml.etree.ElementTree as ElementTree
import dicttoxml, xmltodict

TITLES = ["Tom & Ada, a < b", "How to write &lt;b&gt;", "Escape as &amp;"]


def read(document):
    try:
        element = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return None
    return element.get("a") or "".join(element.itertext())


output = subprocess.run(["node", "write.cjs", *TITLES], capture_output=True, text=True, check=True).stdout
seen = json.loads(output)
seen["xmltodict"] = [xmltodict.unparse({"title": title}) for title in TITLES]
seen["dicttoxml"] = [dicttoxml.dicttoxml({"title": title}, root=False, attr_type=False) for title in TITLES]
seen = {name: [read(document) for document in documents] for name, documents in seen.items()}
for name, titles in seen.items():
    print(f"{name}:", *titles, sep=" | ")
decoded = [TITLES[0], "How to write <b>", "Escape as &"]
unchanged = seen.pop("xmlbuilder2") == seen.pop("xmlbuilder2, attribute") == seen.pop("jstoxml") == decoded
unchanged &= seen.pop("xml-js") == [*TITLES[:2], "Escape as &"]
unchanged &= seen.pop("xml-js, attribute") == [None, *decoded[1:]]
unchanged &= len(seen) == 6 and all(titles == TITLES for titles in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

#!/usr/bin/env bash
# The text `1:30` that npm's yaml writes is the number 90 for PyYAML, and `1e5` from PyYAML is 100000 for npm's yaml.
#
# Guess: A library that writes YAML puts quotes around a text that a reader could take for something else, so that a
# text stays one, whichever library reads it.
# What happens: It does so for readers of its own version of YAML. npm's yaml writes YAML 1.2: `1:30`, `yes`, `1_000`
# and `2013-05-01` are plain there, and PyYAML, which reads 1.1, makes 90, True, 1000 and a date of them. PyYAML writes
# `1e5`, `0o14` and `08` plain, since they are texts in 1.1: yaml and js-yaml read 100000, 12 and 8. ruamel.yaml writes
# `1:30` plain too. js-yaml quotes what either version would mistake, so its files are read well. `version: '1.1'` of
# yaml is the way out.
# Versions: yaml 2.9.1 and js-yaml 5.5.0 on Node 20; PyYAML 6.0.4, ruamel.yaml 0.19.1.
# Source: run of this script; YAML 1.1's types for int (base 60, `_`) and float; YAML 1.2.2, 10.3.2, the core schema.
# In this program: a value without quotes is a text, unless it is null, true or false (model/xml_yaml_parser.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pyyaml==6.0.4 ruamel.yaml==0.19.1
npm install --silent --no-audit --no-fund yaml@2.9.1 js-yaml@5.5.0 >/dev/null
cat >convert.mjs <<'SCRIPT'
import {readFileSync} from 'node:fs';
import * as jsYaml from 'js-yaml';
import YAML from 'yaml';

const {load, dump} = jsYaml.load ? jsYaml : jsYaml.default;
const {texts, documents} = JSON.parse(readFileSync(0, 'utf8'));
console.log(JSON.stringify(documents
  ? {yaml: documents.map(document => YAML.parse(document)), 'js-yaml': documents.map(document => load(document))}
  : {
    yaml: texts.map(text => YAML.stringify(text)),
    'yaml as 1.1': texts.map(text => YAML.stringify(text, {version: '1.1'})),
    'js-yaml': texts.map(text => dump(text)),
  }));
SCRIPT
venv/bin/python - <<'PYTHON'
import datetime, io, json, subprocess, sys
import ruamel.yaml, yaml

TEXTS = ["1:30", "yes", "1_000", "2013-05-01", "1e5", "0o14", "08"]


def node(**given):
    done = subprocess.run(["node", "convert.mjs"], input=json.dumps(given), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def by_ruamel(text):
    stream = io.StringIO()
    ruamel.yaml.YAML(typ="safe", pure=True).dump([text], stream)
    return stream.getvalue()


seen = {}
for name, documents in node(texts=TEXTS).items():
    seen[f"{name} to PyYAML"] = [yaml.safe_load(document) for document in documents]
seen["ruamel.yaml to PyYAML"] = [yaml.safe_load(by_ruamel(text))[0] for text in TEXTS]
written = [yaml.safe_dump(text) for text in TEXTS]
seen |= {f"PyYAML to {name}": values for name, values in node(documents=written).items()}
seen["PyYAML to PyYAML"] = [yaml.safe_load(document) for document in written]
for name, values in seen.items():
    print(f"{name}:", *map(repr, values))
read_by_1_1 = [90, True, 1000, datetime.date(2013, 5, 1), *TEXTS[4:]]
unchanged = seen.pop("yaml to PyYAML") == read_by_1_1
unchanged &= seen.pop("ruamel.yaml to PyYAML") == [90, True, *TEXTS[2:]]
for name in ("yaml", "js-yaml"):
    unchanged &= seen.pop(f"PyYAML to {name}") == [*TEXTS[:4], 100000, 12, 8]
unchanged &= len(seen) == 3 and all(values == TEXTS for values in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

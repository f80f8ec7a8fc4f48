#!/usr/bin/env bash
# Of a list of tags, one of them empty, four libraries for Node write a CSV in which Python finds a tag less.
#
# Guess: Three objects with one member each become three rows, also if one of the texts is empty: a writer puts quotes
# where a row would otherwise be an empty line, as Python's csv module does.
# What happens: csv-stringify, Papa Parse, fast-csv and d3-dsv write an empty line. Python's csv.DictReader and
# pandas pass over empty lines, and so does Papa Parse with `skipEmptyLines`: two rows, and whatever is counted by row
# is off by one. csv-parse and d3-dsv read three. json2csv, Python and pandas write `""`, which is three rows for all
# but Papa Parse with that option.
# Versions: csv-stringify 6.9.0, csv-parse 7.0.3, papaparse 5.7.1, fast-csv 5.0.8, d3-dsv 3.0.2, @json2csv/plainjs 7.0.8
# on Node 20; Python 3.11, pandas 3.1.1.
# Source: run of this script; RFC 4180 knows no empty lines.
# In this program: Python's csv module writes a row of one empty cell as `""` (import_export/exporter.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pandas==3.1.1
npm install --silent --no-audit --no-fund csv-stringify@6.9.0 csv-parse@7.0.3 papaparse@5.7.1 fast-csv@5.0.8 \
  d3-dsv@3.0.2 @json2csv/plainjs@7.0.8 >/dev/null
cat >write.mjs <<'SCRIPT'
import {Parser} from '@json2csv/plainjs';
import {parse} from 'csv-parse/sync';
import {stringify} from 'csv-stringify/sync';
import * as d3 from 'd3-dsv';
import * as fastCsv from 'fast-csv';
import Papa from 'papaparse';

const rows = [{tag: 'audio'}, {tag: ''}, {tag: 'video'}];
const written = {
  'csv-stringify': stringify(rows, {header: true}),
  'Papa Parse': Papa.unparse(rows),
  'fast-csv': await fastCsv.writeToString(rows, {headers: true}),
  'd3-dsv': d3.csvFormat(rows),
  json2csv: new Parser().parse(rows),
};
const seen = {};
for (const [name, text] of Object.entries(written)) {
  seen[name] = [text, {
    'csv-parse': parse(text, {columns: true}).length,
    'd3-dsv': d3.csvParse(text).length,
    'Papa Parse, skipEmptyLines': Papa.parse(text, {header: true, skipEmptyLines: true}).data.length,
  }];
}
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python - <<'PYTHON'
import csv, io, json, subprocess, sys
import pandas


def by_python(text):
    return {
        "csv.DictReader": len(list(csv.DictReader(io.StringIO(text, newline="")))),
        "pandas": len(pandas.read_csv(io.StringIO(text))),
    }


node = subprocess.run(["node", "write.mjs"], capture_output=True, text=True, check=True).stdout
seen = {name: rows | by_python(text) for name, (text, rows) in json.loads(node).items()}
stream = io.StringIO(newline="")
csv.writer(stream).writerows([["tag"], ["audio"], [""], ["video"]])
seen["Python"] = by_python(stream.getvalue())
seen["pandas"] = by_python(pandas.DataFrame({"tag": ["audio", "", "video"]}).to_csv(index=False))
for name, rows in seen.items():
    print(f"written by {name}: rows read:", *(f"{reader} {count}" for reader, count in rows.items()), sep=" | ")
skips = {"csv-parse": 3, "d3-dsv": 3, "Papa Parse, skipEmptyLines": 2, "csv.DictReader": 2, "pandas": 2}
unchanged = all(seen[name] == skips for name in ("csv-stringify", "Papa Parse", "fast-csv", "d3-dsv"))
unchanged &= seen["json2csv"] == skips | {"csv.DictReader": 3, "pandas": 3}
unchanged &= seen["Python"] == seen["pandas"] == {"csv.DictReader": 3, "pandas": 3}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

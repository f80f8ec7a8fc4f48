#!/usr/bin/env bash
# Five libraries leave out a member that the first objects don't have, without a word.
#
# Guess: Objects that are written as CSV get a column for each member that occurs in one of them, or there is an error.
# What happens: Papa Parse, csv-stringify and fast-csv take the titles from the first object, so a `url` that the second
# one has is not in the file. polars looks at 100 objects, and petl at 1,000: what first occurs behind them is lost,
# also if polars reads it from a file of JSON lines, while a number that is no integer behind them is an error.
# json-2-csv writes the word `undefined` where a member is missing. @json2csv/plainjs, d3-dsv, SheetJS and pandas do as
# guessed, and tablib raises. Papa Parse, csv-stringify and polars say in their manuals where titles and types come
# from, but not that the rest is dropped; polars reads all with `infer_schema_length=None`.
# Versions: papaparse 5.7.1, csv-stringify 6.9.0, fast-csv 5.0.8, json-2-csv 5.6.0, @json2csv/plainjs 7.0.8, d3-dsv
# 3.0.2, xlsx 0.18.5 on Node 20; polars 2.1.0, petl 1.7.30, pandas 3.1.1, tablib 3.10.0.
# Source: run of this script; polars, `infer_schema_length`; petl/io/json.py, `fromdicts`: `sample=1000`.
# In this program: an export to CSV has all columns; as JSON, members without a value are left out, so the README says
# how to read such a file (library/import_export/exporter.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check polars==2.1.0 petl==1.7.30 pandas==3.1.1 tablib==3.10.0
npm install --silent --no-audit --no-fund papaparse@5.7.1 csv-stringify@6.9.0 fast-csv@5.0.8 json-2-csv@5.6.0 \
  @json2csv/plainjs@7.0.8 d3-dsv@3.0.2 xlsx@0.18.5 >/dev/null
cat >write.mjs <<'SCRIPT'
import papaparse from 'papaparse';
import {stringify} from 'csv-stringify/sync';
import {writeToString} from 'fast-csv';
import {json2csv} from 'json-2-csv';
import {Parser} from '@json2csv/plainjs';
import {csvFormat} from 'd3-dsv';
import xlsx from 'xlsx';

const rows = JSON.parse(process.argv[2]);
console.log(JSON.stringify({
  'Papa Parse': papaparse.unparse(rows),
  'csv-stringify': stringify(rows, {header: true}),
  'fast-csv': await writeToString(rows, {headers: true}),
  'json-2-csv': json2csv(rows),
  '@json2csv/plainjs': new Parser().parse(rows),
  'd3-dsv': csvFormat(rows),
  'SheetJS': xlsx.utils.sheet_to_csv(xlsx.utils.json_to_sheet(rows)),
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import pandas, petl, polars, tablib
from tablib.exceptions import InvalidDimensions

FIRST, LATER = {"title": "a", "clicks": 1}, {"title": "b", "clicks": 2, "url": "https://h/"}
command = ["node", "write.mjs", json.dumps([FIRST, LATER])]
seen = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
seen["pandas"] = pandas.DataFrame([FIRST, LATER]).to_csv(index=False)
try:
    seen["tablib"] = tablib.import_set(json.dumps([FIRST, LATER]), format="json").export("csv")
except InvalidDimensions:
    seen["tablib"] = "InvalidDimensions"
for size in (99, 100, 999, 1000):
    rows = [FIRST] * size + [LATER]
    with open("rows.jsonl", "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    seen[f"polars, behind {size}"] = polars.DataFrame(rows).write_csv()
    seen[f"polars, read, behind {size}"] = polars.read_ndjson("rows.jsonl").write_csv()
    seen[f"petl, behind {size}"] = ",".join(petl.header(petl.fromdicts(rows)))
with open("rows.jsonl", "w") as file:
    file.writelines(json.dumps({"amount": amount}) + "\n" for amount in [1] * 100 + [0.95])
try:
    seen["polars, 0.95 behind 100"] = polars.read_ndjson("rows.jsonl").write_csv()
except polars.exceptions.ComputeError:
    seen["polars, 0.95 behind 100"] = "ComputeError"
everything = polars.read_ndjson("rows.jsonl", infer_schema_length=None)["amount"][-1]
lost = [name for name, text in seen.items() if "clicks" in text and "url" not in text]
print("without the column:", "; ".join(lost))
print("json-2-csv:", seen["json-2-csv"].splitlines()[1])
expected = ["Papa Parse", "csv-stringify", "fast-csv", "polars, behind 100", "polars, read, behind 100"]
expected += ["polars, behind 999", "polars, read, behind 999"]
expected += ["polars, behind 1000", "polars, read, behind 1000", "petl, behind 1000"]
unchanged = sorted(lost) == sorted(expected) and seen["json-2-csv"].splitlines()[1] == "a,1,undefined"
unchanged &= seen["tablib"] == "InvalidDimensions" and seen["polars, 0.95 behind 100"] == "ComputeError"
unchanged &= everything == 0.95

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

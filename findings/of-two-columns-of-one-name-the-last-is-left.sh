#!/usr/bin/env bash
# Of a table with two columns called `revenue`, csv-parse, d3-dsv and Python's csv.DictReader give the second one alone.
#
# Guess: A report with the same title twice, one for flattrs and one for subscriptions, is refused, or gives both values
# under two names.
# What happens: The three make an object of each row, and the second value replaces the first, without a warning: a sum
# over the rows is too small. Papa Parse and pandas call the second `revenue_1` and `revenue.1`, polars
# `revenue_duplicated_0`, and fast-csv raises an error. csv-parse gives both if `group_columns_by_name` is set.
# Versions: csv-parse 7.0.3, d3-dsv 3.0.2, papaparse 5.7.1, fast-csv 5.0.8 on Node 20; Python 3.11, pandas 3.1.1,
# polars 2.1.0.
# Source: run of this script; the documentation of csv.DictReader doesn't say what becomes of equal field names.
# In this program: a report with two columns of one name is refused, and the name told (model/revenue_csv.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pandas==3.1.1 polars==2.1.0
npm install --silent --no-audit --no-fund csv-parse@7.0.3 d3-dsv@3.0.2 papaparse@5.7.1 fast-csv@5.0.8 >/dev/null
cat >read.mjs <<'SCRIPT'
import {parse} from 'csv-parse/sync';
import * as d3 from 'd3-dsv';
import * as fastCsv from 'fast-csv';
import Papa from 'papaparse';

const text = process.argv[2];
const byFastCsv = await new Promise(done => {
  fastCsv.parseString(text, {headers: true}).on('data', done).on('error', () => done('error'));
});
console.log(JSON.stringify({
  'csv-parse': parse(text, {columns: true})[0],
  'csv-parse, group_columns_by_name': parse(text, {columns: true, group_columns_by_name: true})[0],
  'd3-dsv': d3.csvParse(text)[0],
  'Papa Parse': Papa.parse(text, {header: true}).data[0],
  'fast-csv': byFastCsv,
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import csv, io, json, subprocess, sys
import pandas, polars

TEXT = "month,revenue,revenue\n2013-05,1,2\n"
node = subprocess.run(["node", "read.mjs", TEXT], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
seen["csv.DictReader"] = next(csv.DictReader(io.StringIO(TEXT)))
seen["pandas"] = pandas.read_csv(io.StringIO(TEXT), dtype=str).iloc[0].to_dict()
seen["polars"] = polars.read_csv(TEXT.encode(), infer_schema=False).row(0, named=True)
for name, row in seen.items():
    print(f"{name}: {row}")
last = {"month": "2013-05", "revenue": "2"}
unchanged = seen["csv-parse"] == seen["d3-dsv"] == seen["csv.DictReader"] == last
unchanged &= seen["csv-parse, group_columns_by_name"] == {"month": "2013-05", "revenue": ["1", "2"]}
both = {"month": "2013-05", "revenue": "1"}
unchanged &= seen["Papa Parse"] == both | {"revenue_1": "2"} and seen["pandas"] == both | {"revenue.1": "2"}
unchanged &= seen["polars"] == both | {"revenue_duplicated_0": "2"} and seen["fast-csv"] == "error"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

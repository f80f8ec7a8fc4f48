#!/usr/bin/env bash
# SheetJS turns the month 2013-05 of a CSV into the number 41395.
#
# Guess: a cell `2013-05` stays text: it is a month, not a date, and no format was asked for.
# What happens: it is read as 1 May 2013 and stored as Excel's day number; sheet_to_json gives 41395, so months no
# longer compare with those of another file.
# Versions: xlsx 0.18.5 on Node 20.
# Source: run of this script. `raw: true` leaves cells as text.
# In this program: exports are plain CSV and JSON with the month as text; whoever opens them with SheetJS needs `raw:
# true`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python=${PYTHON:-python3}
npm install --silent --no-audit --no-fund xlsx@0.18.5 >/dev/null
"$python" - <<'PYTHON'
import json, subprocess, sys

script = r"""
const xlsx = require('xlsx');
const csv = 'period;clicks\n2013-05;8\n2013-06;9\n';
const rows = options => xlsx.utils.sheet_to_json(xlsx.read(csv, {type: 'string', FS: ';', ...options}).Sheets.Sheet1);
console.log(JSON.stringify([rows({}), rows({raw: true})]));
"""
read, raw = json.loads(subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True).stdout)
print("read as", read, "| with raw", raw)
unchanged = [row["period"] for row in read] == [41395, 41426] and raw[0]["period"] == "2013-05"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

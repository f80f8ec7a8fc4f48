#!/usr/bin/env bash
# csvkit reads an amount with a decimal comma a hundredfold: 0,95 becomes 95.
#
# Guess: `csvstat -d ';'` and `csvjson -d ';'` keep `0,95` as text, or complain: a comma is no part of an English
# number that has two digits behind it.
# What happens: every comma is taken out as a thousands separator, wherever it stands, so 0,95 is 95 and the sum of
# 0,95 + 1,20 is 215. With one place (`1,2`, as R writes it) the factor is 10, so rows of one column differ.
# Versions: csvkit 2.2.0, agate 1.14.2; babel 2.19.0's parse_decimal does the same for `en` unless `strict=True`.
# Source: run of this script. `--locale de_DE` is the way out.
# In this program: a revenue report's amounts are read as whole cents by the position of the last separator, and
# `earnings --format csv` writes a decimal point.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check csvkit==2.2.0 agate==1.14.2 babel==2.19.0
python=venv/bin/python
"$python" - <<'PYTHON'
import json, pathlib, subprocess, sys

pathlib.Path("report.csv").write_text("period;clicks;revenue\n2013-05;8;0,95\n2013-06;9;1,20\n2013-07;1;1,2\n")


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


rows = [row["revenue"] for row in json.loads(run("venv/bin/csvjson", "-d", ";", "report.csv"))]
total = run("venv/bin/csvstat", "-d", ";", "-c", "revenue", "--sum", "report.csv").strip()
german = [row["revenue"] for row in json.loads(run("venv/bin/csvjson", "-d", ";", "--locale", "de_DE", "report.csv"))]
print("read as", rows, "sum", total, "| with --locale de_DE", german)
unchanged = rows == [95, 120, 12] and german == [0.95, 1.2, 1.2]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

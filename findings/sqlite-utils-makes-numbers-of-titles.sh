#!/usr/bin/env bash
# sqlite-utils stores the title `007` of a CSV as 7, and that of JSON too if 100 numbers were in front of it.
#
# Guess: A JSON text stays a text. In a CSV, a column has numbers if that loses nothing; `007` and `1e5` are texts.
# What happens: The column's type comes from the first 100 objects, and SQLite turns every text that looks like a number
# into one where the column is INTEGER: `"007"` is 7, `"1e5"` 100000 and an id of 20 digits 1.2345678901234567e+19.
# Of a CSV all values are looked at, and a single `1e5` among the titles makes each of them a float: `007` is 7.0.
# Versions: sqlite-utils 4.2.1.
# Source: run of this script; SQLite's documentation of type affinity; sqlite-utils' of `--no-detect-types`.
# In this program: `import` takes a title as it is written, and a revenue report's cells by their column.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check sqlite-utils==4.2.1
venv/bin/python - <<'PYTHON'
import json, subprocess, sys

LATER = ["007", "1e5", "12345678901234567890", "podcast"]


def store(name, text, *options):
    with open(name, "w") as file:
        file.write(text)
    tool = "venv/bin/sqlite-utils"
    subprocess.run([tool, "insert", f"{name}.db", "things", name, *options], check=True, capture_output=True)
    rows = subprocess.run([tool, "rows", f"{name}.db", "things"], check=True, capture_output=True).stdout
    return [row["title"] for row in json.loads(rows)]


early = store("early.json", json.dumps([{"title": title} for title in LATER]))
late = store("late.json", json.dumps([{"title": number} for number in range(100)] + [{"title": one} for one in LATER]))
table = "id,title\n1,007\n2,3\n"
plain = store("plain.csv", table, "--csv")
exponent = store("exponent.csv", f"{table}3,1e5\n", "--csv")
as_it_is = store("as-it-is.csv", f"{table}3,1e5\n", "--csv", "--no-detect-types")
print("JSON:", early, "and behind 100 numbers:", late[100:])
print("CSV:", plain, "with 1e5:", exponent, "with --no-detect-types:", as_it_is)
unchanged = early == LATER and late[100:] == [7, 100000, 1.2345678901234567e19, "podcast"]
unchanged &= plain == [7, 3] and exponent == [7.0, 3.0, 100000.0] and as_it_is == ["007", "3", "1e5"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

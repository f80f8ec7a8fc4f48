#!/usr/bin/env bash
# pandas reads the JSON text "007" as the number 7.
#
# Guess: JSON tells texts from numbers, so `read_json` need not guess: `{"name": "007"}` is a text.
# What happens: A column whose texts all look like numbers becomes one: user names, tags and codes lose their zeros,
# `1e5` is 100000.0, and a merge with another file finds nothing. Keys of an object become 7 as well. A column that is
# called `date`, `modified`, or ends with `_at` or `_time`, or begins with `timestamp`, becomes dates. `dtype=False,
# convert_dates=False` leaves both.
# Versions: pandas 3.1.1.
# Source: run of this script; https://pandas.pydata.org/docs/reference/api/pandas.read_json.html, `dtype`.
# In this program: exports have texts in quotes; whoever reads them with pandas needs `dtype=False`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check pandas==3.1.1
python=venv/bin/python
"$python" - <<'PYTHON'
import io, sys
import pandas

TEXT = '[{"name": "007", "tag": "1e5", "title": "007"}, {"name": "1984", "tag": "2e5", "title": "a"}]'
read = pandas.read_json(io.StringIO(TEXT)).to_dict("list")
exact = pandas.read_json(io.StringIO(TEXT), dtype=False).to_dict("list")
print("read_json:", read)
print("dtype=False:", exact)
unchanged = read == {"name": [7, 1984], "tag": [100000.0, 200000.0], "title": ["007", "a"]}
unchanged &= exact == {"name": ["007", "1984"], "tag": ["1e5", "2e5"], "title": ["007", "a"]}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

#!/usr/bin/env bash
# boolean.py drops the tags `none` and `1` from an expression, and finds everything or nothing for them.
#
# Guess: In `none | music` and `1 & audio` the names are symbols, as `music` and `audio` are: only `and`, `or`, `not`
# and their signs have a meaning.
# What happens: `true`, `1`, `false`, `0` and `none` are the constants of the algebra, in capitals too. `none | music`
# becomes `music` and `1 & audio` becomes `audio`, so two tags of four are never asked for; `none & music` is false, and
# `none` alone has no symbol.
# Versions: boolean.py 5.0.
# Source: run of this script; boolean/boolean.py, `BooleanAlgebra.tokenize`, which lists them and may be overridden.
# In this program: model/tag_expression.py reads the language of Flattr's search, which has no constants: these are tags.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check boolean.py==5.0
venv/bin/python - <<'PYTHON'
import sys
from boolean import BooleanAlgebra

algebra = BooleanAlgebra()
seen = {}
for text in ("rock | music", "none | music", "1 & audio", "TRUE & audio", "none & music", "none"):
    expression = algebra.parse(text)
    seen[text] = str(expression.simplify()), sorted(symbol.obj for symbol in expression.symbols)
    print(f"{text}: {seen[text][0]}, symbols {seen[text][1]}")
unchanged = seen == {
    "rock | music": ("music|rock", ["music", "rock"]),
    "none | music": ("music", ["music"]),
    "1 & audio": ("audio", ["audio"]),
    "TRUE & audio": ("audio", ["audio"]),
    "none & music": ("0", ["music"]),
    "none": ("0", []),
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

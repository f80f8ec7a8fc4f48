#!/usr/bin/env bash
# orjson leaves out a table of a TOML document that json writes.
#
# Guess: A document of tomlkit is a dict, so `orjson.dumps` and `json.dumps` write the same.
# What happens: TOML allows `[a.x]`, then another table, then `[a.y]`. tomlkit puts the two parts of `a` together when
# they are asked for, but the dict below has the last part only. orjson reads that dict directly, so `a.x` is gone,
# without an error; `dict(document)` and `json` are whole. `document.unwrap()` is the way out.
# Versions: tomlkit 0.15.2, orjson 3.13.0.
# Source: run of this script; TOML 1.0, 'Table': defining tables out of order is discouraged, but valid.
# In this program: settings are read by tomllib; nothing is given to orjson.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check tomlkit==0.15.2 orjson==3.13.0
python=venv/bin/python
"$python" - <<'PYTHON'
import json, sys
import orjson, tomlkit

TEXT = """
[sources.live]
url = "https://api.example.org"
[theme]
name = "dark"
[sources.local]
url = "http://127.0.0.1"
"""
document = tomlkit.parse(TEXT)
by_json, by_orjson = json.loads(json.dumps(document)), orjson.loads(orjson.dumps(document))
print("json:  ", by_json)
print("orjson:", by_orjson)
unchanged = list(by_json["sources"]) == ["live", "local"] and list(by_orjson["sources"]) == ["local"]
unchanged &= orjson.loads(orjson.dumps(document.unwrap())) == by_json

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

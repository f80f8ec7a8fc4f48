#!/usr/bin/env bash
# msgspec reads no date and no duration from YAML into a field that is declared as text.
#
# Guess: `day: 2013-05-01` and `length: 1:30` into a Struct with `day: str` and `length: str` are these texts: the type
# says what is wanted, as it does when msgspec reads `day: date` from JSON. Failing that, `strict=False` converts them.
# What happens: PyYAML has decided before msgspec sees the type: the first is a date, the second the whole number 90, in
# sixties. Both are refused with 'Expected `str`', and `strict=False` only converts texts to other types. `2013-05` is
# text, so a file is readable until somebody adds the day. With quotes it works; ruamel.yaml, a reader of YAML 1.2,
# takes `1:30` for text.
# Versions: msgspec 0.23.0 with PyYAML 6.0.3; ruamel.yaml 0.19.1 for comparison.
# Source: run of this script; msgspec/yaml.py, `decode`; YAML 1.1, types int (base 60) and timestamp; the core schema of
# YAML 1.2 has neither.
# In this program: YAML is read as texts alone, and the fields decide (model/xml_yaml_parser.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check msgspec==0.23.0 pyyaml==6.0.3 ruamel.yaml==0.19.1
venv/bin/python - <<'PYTHON'
import io, sys
import msgspec
from ruamel.yaml import YAML


class Episode(msgspec.Struct):
    value: str


def read(text, strict):
    try:
        return msgspec.yaml.decode(f"value: {text}", type=Episode, strict=strict).value
    except msgspec.ValidationError as error:
        return str(error)


seen = {}
for text in ("2013-05-01", "1:30", "2013-05", '"1:30"'):
    by_ruamel = YAML(typ="safe").load(io.StringIO(f"value: {text}"))["value"]
    seen[text] = [read(text, True), read(text, False), by_ruamel]
    print(f"{text}: strict {seen[text][0]!r}; not strict {seen[text][1]!r}; ruamel.yaml {by_ruamel!r}")
unchanged = all("got `date`" in answer for answer in seen["2013-05-01"][:2])
unchanged &= all("got `int`" in answer for answer in seen["1:30"][:2]) and seen["1:30"][2] == "1:30"
unchanged &= seen["2013-05"] == ["2013-05"] * 3 and seen['"1:30"'] == ["1:30"] * 3

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

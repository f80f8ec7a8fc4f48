#!/usr/bin/env bash
# A msgspec field that is annotated `Raw | None` accepts nothing but null.
#
# Guess: `Raw` stands for any JSON value, so `Raw | None = None` is how an optional value is kept undecoded, and
# `list[Raw] | Raw` is a list or anything else, as with `Any`.
# What happens: In a union `Raw` is ignored without a warning. `Raw | None` refuses every value but null, and
# `list[Raw] | Raw` every value but a list. `Raw` alone takes all of them, and so does `Any` in a union.
# Versions: msgspec 0.23.0.
# Source: run of this script; msgspec/msgspec, issue 659.
# In this program: `Raw` stands alone or within a list or dict (library/import_export/irregular_json.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check msgspec==0.23.0
venv/bin/python - <<'PYTHON'
import sys
from typing import Any

from msgspec import Raw, ValidationError
from msgspec.json import decode

VALUES = (b'{"code": 1}', b"[1]", b'"text"', b"5", b"null")


def accepted(kind):
    found = []
    for value in VALUES:
        try:
            decode(value, type=kind)
        except ValidationError:
            continue
        found.append(value)
    return tuple(found)


kinds = {"Raw": Raw, "Raw | None": Raw | None, "list[Raw] | Raw": list[Raw] | Raw, "int | Any": int | Any}
seen = {name: accepted(kind) for name, kind in kinds.items()}
for name, values in seen.items():
    print(f"{name}: {b', '.join(values).decode()}")
expected = {"Raw": VALUES, "Raw | None": (b"null",), "list[Raw] | Raw": (b"[1]",), "int | Any": VALUES}

if seen != expected:
    sys.exit("This has changed.")
print("As described.")
PYTHON

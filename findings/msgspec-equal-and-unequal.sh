#!/usr/bin/env bash
# Two msgspec structs with an `__eq__` of their own are equal and unequal at once.
#
# Guess: `class A(Struct, eq=False)` with its own `__eq__` behaves as any class does: `!=` is the opposite of `==`.
# What happens: `==` calls `__eq__`, but `!=` compares identities, so `a == b` and `a != b` are both true. Without
# `eq=False`, which one writes to say that the comparison is one's own, `!=` follows `__eq__`.
# Versions: msgspec 0.23.0.
# Source: run of this script.
# In this program: model/api_request.py defines `__ne__` beside `__eq__`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check msgspec==0.23.0
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
from msgspec import Struct


class Ours(Struct, eq=False):
    name: str

    def __eq__(self, other):
        return self.name.lower() == other.name.lower()


class Default(Struct):
    name: str
    __eq__ = Ours.__eq__


class Plain:
    def __init__(self, name):
        self.name = name

    __eq__ = Ours.__eq__


seen = {kind.__name__: (kind("Ada") == kind("ada"), kind("Ada") != kind("ada")) for kind in (Plain, Default, Ours)}
print("a == b, a != b:", seen)
unchanged = seen == {"Plain": (True, False), "Default": (True, False), "Ours": (True, True)}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

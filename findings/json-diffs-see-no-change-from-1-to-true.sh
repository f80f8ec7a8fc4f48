#!/usr/bin/env bash
# jsondiff and dictdiffer find no difference between 1 and true, and deepdiff none if it's in a list.
#
# Guess: A count of 1 that has become `true` is a change: JSON has numbers and truth values, and a client in another
# language sees two things.
# What happens: jsondiff and dictdiffer compare as Python does, where 1 equals True and 0 equals False, and return
# nothing. deepdiff reports a change of type for a member of an object, and nothing for the same change in a list, not
# even for `[1, true]` and `[true, 1]`. jsonpatch reports all of them.
# Versions: jsondiff 2.2.1, dictdiffer 0.10.0, deepdiff 9.1.0; jsonpatch 1.48 for comparison.
# Source: run of this script; RFC 8259, 3: numbers and `true` are different values.
# In this program: pages are compared by their bytes, and fields after they have been decoded to their types.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check jsondiff==2.2.1 dictdiffer==0.10.0 \
  deepdiff==9.1.0 jsonpatch==1.48
venv/bin/python - <<'PYTHON'
import sys
import deepdiff, dictdiffer, jsondiff, jsonpatch

CASES = (({"a": 1}, {"a": 2}), ({"a": 1}, {"a": True}), ({"a": [0]}, {"a": [False]}), ([1, True], [True, 1]))
FUNCTIONS = {
    "jsondiff": jsondiff.diff,
    "dictdiffer": lambda old, new: list(dictdiffer.diff(old, new)),
    "deepdiff": deepdiff.DeepDiff,
    "jsonpatch": lambda old, new: jsonpatch.make_patch(old, new).patch,
}
seen = {name: [bool(function(old, new)) for old, new in CASES] for name, function in FUNCTIONS.items()}
print("Is there a difference?", *(f"{old} and {new}" for old, new in CASES), sep="; ")
for name, found in seen.items():
    print(f"  {name}:", *found)
unchanged = seen == {
    "jsondiff": [True, False, False, False],
    "dictdiffer": [True, False, False, False],
    "deepdiff": [True, True, False, False],
    "jsonpatch": [True, True, True, True],
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

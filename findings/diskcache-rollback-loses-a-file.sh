#!/usr/bin/env bash
# A transaction of diskcache that is rolled back loses every large value that it touched.
#
# Guess: `with cache.transact():` undoes all of it when an exception leaves the block, as its name says.
# What happens: values over 32 KiB are files, and a file is removed at once when its row is deleted or overwritten.
# The rollback brings the row back but not the file: `key in cache` is true, `cache.get(key)` gives the default, and
# `cache.check()` reports nothing. Small values come back.
# Versions: diskcache 5.6.3.
# Source: run of this script; the documentation says of transact that it 'locks' and that writes are atomic.
# In this program: rows are deleted in a transaction of their own (store/cache_handle.py, `remover`), and a response
# is never overwritten.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check diskcache==5.6.3
python=venv/bin/python
"$python" - <<'PYTHON'
import diskcache
import sys

seen = {}
for size in (1_000, 100_000):
    for how in ("delete", "overwrite"):
        cache = diskcache.Cache(f"{how}{size}")
        cache["page"] = b"a" * size
        try:
            with cache.transact():
                if how == "delete":
                    del cache["page"]
                else:
                    cache["page"] = b"b" * size
                raise InterruptedError
        except InterruptedError:
            pass
        value = cache.get("page")
        seen[size, how] = value is not None
        print(f"{size} bytes, {how}: the key is there: {'page' in cache}, its value: {seen[size, how]}")
        cache.close()
unchanged = seen == {
    (1_000, "delete"): True,
    (1_000, "overwrite"): True,
    (100_000, "delete"): False,
    (100_000, "overwrite"): False,
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

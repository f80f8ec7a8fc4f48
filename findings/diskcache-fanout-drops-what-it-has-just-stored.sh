#!/usr/bin/env bash
# diskcache's FanoutCache of 8 MB forgets a value of 1.5 MB at once, and says that it has stored it.
#
# Guess: A cache with `size_limit` of 8 MB holds five values of 1.5 MB; the oldest go when a sixth comes. What doesn't
# fit is refused: `set` returns False.
# What happens: The limit is divided by the number of shards, 8 unless told, and each shard keeps its own. A value above
# an eighth is written, found too large by the same call, and removed with all else in its shard; `set` returns True.
# `Cache` with the same limit keeps them.
# Versions: diskcache 5.6.3.
# Source: run of this script; diskcache/fanout.py: `size_limit … / shards`; its docstring takes the settings of Cache
# and names no division.
# In this program: store/response_store.py uses Cache without a limit: nothing that was saved goes by itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check diskcache==5.6.3
venv/bin/python - <<'PYTHON'
import sys
import diskcache


def fill(cache, size, number):
    answers = [cache.set(key, bytes(size)) for key in range(number)]
    kept = sum(key in cache for key in range(number))
    print(f"{type(cache).__name__}, {number} of {size / 1e6} MB: {answers.count(True)} stored, {kept} there")
    cache.close()
    return answers.count(True), kept


seen = [
    fill(make(folder, size_limit=8_000_000), size, number)
    for size, number in ((1_500_000, 4), (100_000, 40))
    for make, folder in ((diskcache.Cache, f"cache-{size}"), (diskcache.FanoutCache, f"fanout-{size}"))
]
unchanged = seen == [(4, 4), (4, 0), (40, 40), (40, 40)]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

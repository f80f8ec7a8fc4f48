#!/usr/bin/env bash
# `pull` of a diskcache takes away the thing that was stored under the key 7.
#
# Guess: `pull()` gives the oldest value that `push()` has put in the queue, or None. What is stored by a key stays.
# What happens: Without a prefix a queue has no mark of its own: each value whose key is a whole number from 0 on is in
# it. So a cache of things by their ids loses the one of the smallest id to whoever works off the queue, as if it
# were a job, and `pull()` of an empty queue gives one. A queue with a prefix has texts as keys.
# Versions: diskcache 5.6.3.
# Source: run of this script; diskcache/core.py, `pull`: 'When prefix is None, integer keys are used'.
# In this program: `push` and `pull` aren't used, and all keys are texts (store/response_store.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check diskcache==5.6.3
venv/bin/python - <<'PYTHON'
import sys
import diskcache

cache = diskcache.Cache("cache")
cache[7] = "thing 7"
cache["7"] = "thing '7'"
cache[-7] = "thing -7"
cache.push("job")
pulled = [cache.pull()[1], cache.pull()[1], cache.pull()[1]]
left = sorted(map(repr, cache))
cache.clear()
cache[7] = "thing 7"
cache.push("job", prefix="jobs")
with_prefix = [cache.pull(prefix="jobs")[1], cache.pull(prefix="jobs")[1]]
print("one job pushed, pulled three times:", pulled, "left:", left)
print("with a prefix:", with_prefix, "left:", list(cache))
unchanged = pulled == ["thing 7", "job", None] and left == ["'7'", "-7"]
unchanged &= with_prefix == ["job", None] and list(cache) == [7]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

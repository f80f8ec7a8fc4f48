#!/usr/bin/env bash
# A counter of requests that is to end after an hour ends after five minutes in cachelib, once it has counted.
#
# Guess: `set("requests", 0, timeout=3600)` and `inc("requests")` count the requests of an hour, as Redis does it: what
# counts up leaves the time when the counter ends.
# What happens: cachelib, the caches of Flask-Caching, stores the new number with the cache's own timeout, 300 seconds
# unless told. A long counter is gone early, so a limit lets too many through; a short one never ends while requests
# come. Django's cache in files does so too; its cache in memory, diskcache and aiocache keep the time. And cachelib's
# cache in files refuses to `add` a key that has run out, though `get` finds none.
# Versions: cachelib 0.17.0, Django 5.2.19, diskcache 5.6.3, aiocache 0.12.3.
# Source: run of this script; cachelib/base.py, `inc`; django/core/cache/backends/base.py, `incr`.
# In this program: limits are counted by the server; the sandbox counts without a cache (sandbox/rest_api.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check cachelib==0.17.0 django==5.2.19 diskcache==5.6.3 \
  aiocache==0.12.3
venv/bin/python - <<'PYTHON'
import asyncio, sys, time
import aiocache, cachelib, diskcache, django
from django.conf import settings
from django.core.cache import caches

BACKENDS = "django.core.cache.backends"
settings.configure(
    CACHES={
        "default": {"BACKEND": f"{BACKENDS}.locmem.LocMemCache"},
        "files": {"BACKEND": f"{BACKENDS}.filebased.FileBasedCache", "LOCATION": "django"},
    }
)
django.setup()
memory, files, disk = cachelib.SimpleCache(), cachelib.FileSystemCache("cachelib"), diskcache.Cache("diskcache")
short = cachelib.SimpleCache(default_timeout=1)
other = aiocache.SimpleMemoryCache()


async def count_with_aiocache():
    await other.set("n", 0, ttl=1)
    await other.increment("n")
    await asyncio.sleep(2)
    return await other.get("n")


for cache in (memory, files, caches["default"], caches["files"], disk):
    if cache is disk:
        cache.set("n", 0, expire=1)
    else:
        cache.set("n", 0, 1)
for count in (memory.inc, files.inc, caches["default"].incr, caches["files"].incr, disk.incr):
    count("n")
short.set("n", 0, timeout=60)
short.inc("n")
files.set("key", 1, timeout=1)
by_aiocache = asyncio.run(count_with_aiocache())
refused = not files.add("key", 2)
gone = files.get("key") is None
set_again = files.set("key", 3) and files.get("key") == 3
seen = {
    "cachelib in memory": memory.get("n"),
    "cachelib in files": files.get("n"),
    "Django in memory": caches["default"].get("n"),
    "Django in files": caches["files"].get("n"),
    "diskcache": disk.get("n"),
    "aiocache": by_aiocache,
}
print("A counter of 1 s, after 2 s:", seen)
print("A counter of 60 s in a cache of 1 s, after 2 s:", short.get("n"))
print(f"cachelib in files, a key that has run out: is gone: {gone}; can't be added: {refused}; can be set: {set_again}")
unchanged = list(seen.values()) == [1, 1, None, 1, None, None] and short.get("n") is None
unchanged &= refused and gone and set_again

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

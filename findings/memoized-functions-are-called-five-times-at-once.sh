#!/usr/bin/env bash
# A function that diskcache's `memoize_stampede` guards is called five times if five threads ask for the same at once.
#
# Guess: A cache against stampedes, and one that is given a lock, call the function once, and the others wait for it.
# What happens: `memoize_stampede` only renews early what it has; for what it doesn't have, all five call. cachetools'
# `cached(…, lock=…)` guards the dictionary, not the call. functools.lru_cache, joblib, and for tasks asyncstdlib and
# aiocache's `cached` do the same. One page is asked for five times, and a rate limit is used up five times as fast.
# cachetools with `condition=`, dogpile.cache, async_lru and aiocache's `cached_stampede` call once.
# Versions: diskcache 5.6.3, cachetools 8.0.2, joblib 1.6.0, dogpile.cache 1.5.0, async_lru 2.4.0, asyncstdlib 3.14.0,
# aiocache 0.12.3.
# Source: run of this script; diskcache/recipes.py: stampedes are prevented by early recomputation.
# In this program: a request that waits is queued once, whoever wants it (library/fetch/queue_and_limits.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check diskcache==5.6.3 cachetools==8.0.2 joblib==1.6.0 \
  dogpile.cache==1.5.0 async_lru==2.4.0 asyncstdlib==3.14.0 aiocache==0.12.3
venv/bin/python -W ignore - <<'PYTHON'
import asyncio, functools, sys, threading, time
import aiocache, async_lru, asyncstdlib, cachetools, diskcache, joblib
from dogpile.cache import make_region

disk = diskcache.Cache("disk")
THREADS = {
    "diskcache.memoize_stampede": diskcache.memoize_stampede(disk, 60, name="search"),
    "cachetools, lock": cachetools.cached(cachetools.LRUCache(9), lock=threading.Lock()),
    "functools.lru_cache": functools.lru_cache,
    "joblib": joblib.Memory("joblib", verbose=0).cache,
    "cachetools, condition": cachetools.cached(cachetools.LRUCache(9), condition=threading.Condition()),
    "dogpile.cache": make_region().configure("dogpile.cache.memory").cache_on_arguments(),
}
TASKS = {
    "asyncstdlib.lru_cache": asyncstdlib.lru_cache,
    "aiocache.cached": aiocache.cached(ttl=60, key="first"),
    "async_lru": async_lru.alru_cache,
    "aiocache.cached_stampede": aiocache.cached_stampede(ttl=60, lease=5, key="second"),
}


def count_threads(guard):
    calls = []

    def search(words):
        calls.append(words)
        time.sleep(1)
        return words

    guarded = guard(search)
    threads = [threading.Thread(target=guarded, args=("music",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    guarded("music")
    return len(calls)


async def count_tasks(guard):
    calls = []

    async def search(words):
        calls.append(words)
        await asyncio.sleep(0.5)
        return words

    guarded = guard(search)
    await asyncio.gather(*(guarded("music") for _ in range(5)))
    await guarded("music")
    return len(calls)


async def count_all():
    return {name: await count_tasks(guard) for name, guard in TASKS.items()}


seen = {name: count_threads(guard) for name, guard in THREADS.items()} | asyncio.run(count_all())
print("calls of five at once and one later:", seen)
unchanged = list(seen.values()) == [5, 5, 5, 5, 1, 1, 5, 5, 1, 1]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

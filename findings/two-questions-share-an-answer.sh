#!/usr/bin/env bash
# With dogpile.cache and Beaker, `search("free music")` and `search("free", "music")` are one question with one answer.
#
# Guess: A cache for functions keeps the answers of different arguments apart: 1 and "1", None and "None", one text with
# a blank and two texts.
# What happens: dogpile.cache and Beaker join `str()` of all arguments by blanks to a key. So these pairs share what was
# asked for first, and in dogpile.cache an empty text and no argument do. cashews puts the arguments into a template as
# text: 1 and "1" are equal, and an empty text is no argument, even if the default is another. fast-memoize goes by
# JSON, where undefined in a list is null, and a member that is undefined isn't there. aiocache, Flask-Caching, cachier
# and diskcache keep all of them apart; so does moize.
# Versions: dogpile.cache 1.5.0, beaker 1.14.1, cashews 7.6.0, aiocache 0.12.3, flask-caching 2.5.1, cachier 4.2.0,
# diskcache 5.6.3; fast-memoize 2.5.2, moize 6.1.7 on Node 20.
# Source: run of this script; dogpile/cache/util.py, function_key_generator: a blank joins the arguments, and its
# documentation shows a generator of one's own; beaker/cache.py joins them, too.
# In this program: an answer is kept under the whole address (store/response_store.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check dogpile.cache==1.5.0 beaker==1.14.1 cashews==7.6.0 \
  aiocache==0.12.3 flask-caching==2.5.1 cachier==4.2.0 diskcache==5.6.3
npm install --silent --no-audit --no-fund fast-memoize@2.5.2 moize@6.1.7 >/dev/null
cat >ask.mjs <<'SCRIPT'
import fastMemoize from 'fast-memoize';
import moize from 'moize';

const pairs = [[[1], ['1']], [['a b'], ['a', 'b']], [[null], ['null']], [[undefined], [null]]];
const seen = {};
for (const [name, memoize] of Object.entries({'fast-memoize': fastMemoize, moize})) {
  seen[name] = pairs.filter(pair => {
    let calls = 0;
    const search = memoize((...words) => {
      calls += 1;
      return words.length;
    });
    for (const words of pair) search(...words);
    return calls === 1;
  }).length;
}
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python -W ignore - <<'PYTHON'
import asyncio, json, subprocess, sys
import aiocache, diskcache, flask, flask_caching
from beaker.cache import CacheManager
from cachier import cachier
from cashews import Cache
from dogpile.cache import make_region

PAIRS = [((1,), ("1",)), ((None,), ("None",)), (("free music",), ("free", "music")), (("",), ())]
loop = asyncio.new_event_loop()


def search_all(*words):
    return [type(word).__name__ + str(word) for word in words]


async def search_later(*words):
    return search_all(*words)


async def search_two(first="-", second=None):
    return search_all(first, second)


def by_dogpile():
    return make_region().configure("dogpile.cache.memory").cache_on_arguments()(search_all)


def by_beaker():
    return CacheManager(type="memory").cache(f"pair {PAIRS.index(pair)}", type="memory")(search_all)


def by_cashews():
    cache = Cache()
    cache.setup("mem://")
    ask = cache(ttl="1m")(search_two)
    return lambda *words: loop.run_until_complete(ask(*words))


def by_aiocache():
    ask = aiocache.cached(ttl=60)(search_later)
    return lambda *words: loop.run_until_complete(ask(*words))


def by_flask():
    app = flask.Flask("search")
    ask = flask_caching.Cache(app, config={"CACHE_TYPE": "SimpleCache"}).memoize(60)(search_all)

    def within(*words):
        with app.app_context():
            return ask(*words)

    return within


WAYS = {
    "dogpile.cache": by_dogpile,
    "Beaker": by_beaker,
    "cashews": by_cashews,
    "aiocache": by_aiocache,
    "Flask-Caching": by_flask,
    "cachier": lambda: cachier(backend="memory")(search_all),
    "diskcache": lambda: diskcache.Cache().memoize()(search_all),
}
seen = {}
for name, way in WAYS.items():
    seen[name] = []
    for pair in PAIRS:
        ask = way()
        first, second = (ask(*words) for words in pair)
        if first == second:
            seen[name].append(pair)
    print(f"{name}: one answer for {seen[name] or 'none'}")
node = json.loads(subprocess.run(["node", "ask.mjs"], capture_output=True, text=True, check=True).stdout)
print("pairs of four with one answer:", node)
unchanged = seen.pop("dogpile.cache") == PAIRS and seen.pop("Beaker") == PAIRS[:3] and seen.pop("cashews") == PAIRS[::3]
unchanged &= not any(seen.values()) and node == {"fast-memoize": 1, "moize": 0}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

#!/usr/bin/env bash
# Of two texts, rank_bm25 finds the one that does not have the word that was looked for.
#
# Guess: BM25 puts a text with the word before one without it, however few texts there are.
# What happens: A word that half of the texts have weighs nothing: log(1) is 0. All scores are 0, and `get_top_n` names
# the last text, with the word or without it. In a search of four posts, two of which are about music, the best one for
# `music` may be about maps. BM25Plus of the same package, bm25s and SQLite's bm25() give such a word a small weight.
# Versions: rank-bm25 0.2.2, bm25s 0.3.16; SQLite as Python has it (3.40 and later tried).
# Source: run of this script; https://github.com/dorianbrown/rank_bm25/issues/39 (open); rank_bm25.py, `_calc_idf`.
# In this program: relevance is SQLite's bm25(), for which no word weighs nothing (store/thing_search.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check rank-bm25==0.2.2 bm25s==0.3.16
venv/bin/python - <<'PYTHON'
import sqlite3, sys
import bm25s
from rank_bm25 import BM25Okapi, BM25Plus

POSTS = ["free music", "slow music", "paper maps", "old maps"]


def by_bm25s(posts):
    index = bm25s.BM25()
    index.index([post.split() for post in posts], show_progress=False)
    return str(index.retrieve([["music"]], k=1, corpus=posts, show_progress=False).documents[0][0])


def by_sqlite(posts):
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE posts USING fts5 (text)")
    base.executemany("INSERT INTO posts VALUES (?)", [(post,) for post in posts])
    return base.execute("SELECT text FROM posts('music') ORDER BY bm25(posts)").fetchone()[0]


def by_rank_bm25(kind, posts):
    return kind([post.split() for post in posts]).get_top_n(["music"], posts, n=1)[0]


seen = {}
for number in (4, 2):
    posts = POSTS[:: 4 // number]
    seen[number] = [
        by_rank_bm25(BM25Okapi, posts), by_rank_bm25(BM25Plus, posts), by_bm25s(posts), by_sqlite(posts),
    ]
    print(f"music in {posts}: Okapi {seen[number][0]!r}, Plus, bm25s, SQLite {seen[number][1:]}")
scores = list(BM25Okapi([post.split() for post in POSTS]).get_scores(["music"]))
print("scores of Okapi:", [float(score) for score in scores])
unchanged = scores == [0, 0, 0, 0] and all("maps" in found[0] for found in seen.values())
unchanged &= all("music" in post for found in seen.values() for post in found[1:])

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

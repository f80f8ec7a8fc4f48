#!/usr/bin/env bash
# SQLite's full-text search finds a bear where one looks for a pig, in Thai.
#
# Guess: FTS5's default tokenizer `unicode61` splits at what is no letter and no digit, and vowel signs belong to the
# letters.
# What happens: signs of the categories Mn and Mc are separators for it. หมู (pig) and หมี (bear) are both indexed as
# ห or หม, so either finds the other; Hindi का finds कि. With `categories 'L* N* Co M*'` each finds itself.
# Versions: the SQLite of CPython 3.11.7 and 3.13.0.
# Source: run of this script; SQLite's FTS5 documentation, 4.3.1, names `L* N* Co` as the default without saying what
# it does to such scripts.
# In this program: texts are cut into tokens by store/text_query_sql.py, where a letter keeps its marks; the sandbox's
# index names the categories.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python=${PYTHON:-python3}
"$python" - <<'PYTHON'
import sqlite3
import sys

pairs = (("หมู", "หมี"), ("का", "कि"))
print("SQLite", sqlite3.sqlite_version)


def found(options):
    base = sqlite3.connect(":memory:")
    base.execute(f'CREATE VIRTUAL TABLE words USING fts5(word, tokenize="{options}")')
    base.executemany("INSERT INTO words VALUES (?)", [(word,) for pair in pairs for word in pair])
    return [
        [row[0] for row in base.execute("SELECT word FROM words WHERE words MATCH ? ORDER BY rowid", (pair[0],))]
        for pair in pairs
    ]


default, named = found("unicode61"), found("unicode61 categories 'L* N* Co M*'")
print("default", default, "| with marks", named)
unchanged = default == [list(pair) for pair in pairs] and named == [[pair[0]] for pair in pairs]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

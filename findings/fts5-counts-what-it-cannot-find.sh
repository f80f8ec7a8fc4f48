#!/usr/bin/env bash
# An FTS5 index that is empty has three rows, shows three texts, and passes its integrity check.
#
# Guess: `SELECT count(*)` of an index counts what can be found in it, and `integrity-check` tells what is missing.
# What happens: With external content (`content=`) all but MATCH reads the table of the texts. An index that nobody has
# filled, as there was no trigger, looks full and finds nothing. `integrity-check` compares the two only if `rank` is 1.
# The other way round, one deleted text makes each question that shows it fail, in 3.40 with `database disk image is
# malformed`, in a file that isn't.
# Versions: SQLite as Python has it (3.40.1 tried).
# Source: run of this script; SQLite's documentation of FTS5, 4.4.3 and 6.4.
# In this program: `cache verify` compares the index with the texts (store/integrity_check.py).
set -euo pipefail
"${PYTHON:-python3}" - <<'PYTHON'
import sqlite3, sys

base = sqlite3.connect(":memory:")
base.executescript("""
    CREATE TABLE post (id INTEGER PRIMARY KEY, text);
    INSERT INTO post (text) VALUES ('free music'), ('maps'), ('slow music');
    CREATE VIRTUAL TABLE found USING fts5 (text, content='post', content_rowid='id');
""")


def ask(sql):
    try:
        return [row[0] for row in base.execute(sql)]
    except sqlite3.DatabaseError as error:
        return f"error: {error}"


counted, shown = ask("SELECT count(*) FROM found"), ask("SELECT text FROM found")
matched = ask("SELECT rowid FROM found('music')")
checks = [
    ask("INSERT INTO found (found) VALUES ('integrity-check')"),
    ask("INSERT INTO found (found, rank) VALUES ('integrity-check', 1)"),
]
base.execute("INSERT INTO found (found) VALUES ('rebuild')")
rebuilt = ask("SELECT text FROM found('music')")
base.execute("DELETE FROM post WHERE id = 1")
after = ask("SELECT rowid FROM found('music')"), ask("SELECT text FROM found('music')")
whole = ask("PRAGMA integrity_check")
print(f"SQLite {sqlite3.sqlite_version}: {counted[0]} rows, {shown}, found for music: {matched}")
print("integrity-check:", checks[0] or "passed", "; with rank 1:", checks[1] or "passed")
print("rebuilt:", rebuilt, "; one text deleted:", *after, "; the file:", whole[0])
unchanged = (counted, shown, matched) == ([3], ["free music", "maps", "slow music"], [])
unchanged &= checks[0] == [] and "error" in checks[1] and rebuilt == ["free music", "slow music"]
unchanged &= after[0] == [1, 3] and "error" in after[1] and whole == ["ok"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

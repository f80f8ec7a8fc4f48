#!/usr/bin/env bash
# Whoosh never finds `May`, `us` or `C`, and tantivy no word of 40 letters, such as a digest.
#
# Guess: A word of a text is found by that word. If words are left out of an index, they are "the" and "of".
# What happens: Whoosh's text fields leave out every word of one letter, and `may`, `can`, `us`, `yet` and `you` with
# the articles. The same words are left out of a question, so `May` finds nothing, and `podcast May` every podcast of
# the year. tantivy keeps those, but drops words of 40 letters and more: no SHA-1 in hexadecimal digits, no long token.
# Versions: whoosh-reloaded 2.7.5, tantivy 0.27.0 on Python 3.11.
# Source: run of this script; whoosh/analysis/filters.py, `STOP_WORDS`; whoosh/analysis/analyzers.py, `minsize=2`.
# In this program: the index of SQLite's FTS5 leaves out no word (store/full_text_search.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check whoosh-reloaded==2.7.5 tantivy==0.27.0
venv/bin/python -W ignore - <<'PYTHON'
import os, sys
import tantivy
from whoosh import fields, index
from whoosh.qparser import QueryParser

DIGEST = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
TEXTS = ["podcast of May", "podcast of June", "written in C", f"file {DIGEST}", f"file {DIGEST[:39]}"]
ASKED = ["June", "May", "podcast May", "C", DIGEST, DIGEST[:39]]

os.mkdir("whoosh")
whoosh = index.create_in("whoosh", fields.Schema(text=fields.TEXT(stored=True)))
writer = whoosh.writer()
for text in TEXTS:
    writer.add_document(text=text)
writer.commit()
builder = tantivy.SchemaBuilder()
builder.add_text_field("text", stored=True)
other = tantivy.Index(builder.build())
writer = other.writer()
for text in TEXTS:
    writer.add_document(tantivy.Document(text=text))
writer.commit()
other.reload()


def by_whoosh(words):
    with whoosh.searcher() as searcher:
        return sorted(hit["text"] for hit in searcher.search(QueryParser("text", whoosh.schema).parse(words)))


def by_tantivy(words):
    searcher = other.searcher()
    query = other.parse_query(words, ["text"], conjunction_by_default=True)
    return sorted(searcher.doc(address)["text"][0] for _, address in searcher.search(query, 10).hits)


seen = {words: (by_whoosh(words), by_tantivy(words)) for words in ASKED}
for words, (found, also) in seen.items():
    print(f"{words}: Whoosh {found}, tantivy {also}")
unchanged = list(seen.values()) == [
    ([TEXTS[1]], [TEXTS[1]]),
    ([], [TEXTS[0]]),
    (sorted(TEXTS[:2]), [TEXTS[0]]),
    ([], [TEXTS[2]]),
    ([TEXTS[3]], []),
    ([TEXTS[4]], [TEXTS[4]]),
]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

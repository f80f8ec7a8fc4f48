#!/usr/bin/env bash
# lunr, the search of many static sites, never finds `C++`, `C#` or `.net` by their names.
#
# Guess: What is asked for goes through the same steps as what was indexed, so `c++` finds each text with C++, and
# perhaps those with C as well.
# What happens: A word loses its signs at both ends when a text is indexed (the trimmer), and keeps them in a question,
# which has the stemmer alone: `C++` is stored as `c`, `c++` is looked for and nothing is found. `c` finds all three. A
# sign inside, as in `AT&T`, does no harm. Python's lunr is the same, so an index that was built there doesn't help
# either.
# Versions: lunr 2.3.9 on Node 20, Python's lunr 0.8.0.
# Source: run of this script; lunr.js, `lunr`: `builder.pipeline.add(lunr.trimmer, …)` and
# `builder.searchPipeline.add(lunr.stemmer)`.
# In this program: titles and questions lose their signs alike, so `c++` finds whatever has a word that begins with c
# (store/text_query_sql.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check lunr==0.8.0
npm install --silent --no-audit --no-fund lunr@2.3.9 >/dev/null
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
from lunr import lunr

TEXTS = ("C++ for all", "C# for all", "AT&T then", ".net again")
QUESTIONS = ("c++", "c#", "c", "at&t", ".net", "net")
SCRIPT = r"""
const lunr = require('lunr');
const [texts, questions] = JSON.parse(process.argv[1]);
const index = lunr(function () {
  this.ref('id');
  this.field('text');
  texts.forEach((text, id) => this.add({id, text}));
});
console.log(JSON.stringify(questions.map(question => index.search(question).map(({ref}) => texts[ref]).sort())));
"""
index = lunr(ref="id", fields=("text",), documents=[{"id": str(id), "text": text} for id, text in enumerate(TEXTS)])
by_python = [sorted(TEXTS[int(found["ref"])] for found in index.search(question)) for question in QUESTIONS]
asked = ["node", "-e", SCRIPT, json.dumps([TEXTS, QUESTIONS])]
by_node = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
for question, node, python in zip(QUESTIONS, by_node, by_python):
    print(f"{question}: lunr {node}, Python's lunr {python}")
unchanged = by_node == by_python == [[], [], ["C# for all", "C++ for all"], ["AT&T then"], [], [".net again"]]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

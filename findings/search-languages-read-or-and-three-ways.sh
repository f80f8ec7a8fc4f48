#!/usr/bin/env bash
# Three readers of Lucene's query language find three sets of things for `audio OR video AND free`.
#
# Guess: AND binds more tightly than OR, in each of them, as in SQL, Python and every textbook: `audio OR (video AND
# free)`.
# What happens: luqum does that. lucene of npm reads each operator as what joins its left side to all the rest, so `free
# AND audio OR video` is `free AND (audio OR video)`. Liqe goes from left to right: `(audio OR video) AND free`. Neither
# is an error, so a query that was tried against one finds other things in the next. Parentheses mean the same in all
# three.
# Versions: luqum 1.0.0; lucene 2.1.1 and liqe 3.8.7 on Node 20.
# Source: run of this script; luqum's parser.py, `precedence`. The READMEs of lucene and Liqe name the operators, and no
# order.
# In this program: `&` binds more tightly than `|` in tags, as at Flattr, and the help says so (model/tag_expression.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check luqum==1.0.0
npm install --silent --no-audit --no-fund lucene@2.1.1 liqe@3.8.7 >/dev/null
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
from luqum.parser import parser

QUERIES = ("audio OR video AND free", "free AND audio OR video")
SCRIPT = r"""
const lucene = require('lucene'), liqe = require('liqe');
const byLucene = node => node.left ? `(${byLucene(node.left)} ${node.operator} ${byLucene(node.right)})` : node.term;
const byLiqe = node => node.type === 'LogicalExpression'
  ? `(${byLiqe(node.left)} ${node.operator.operator} ${byLiqe(node.right)})` : node.expression.value;
const queries = JSON.parse(process.argv[1]);
console.log(JSON.stringify(queries.map(query => [byLucene(lucene.parse(query)), byLiqe(liqe.parse(query))])));
"""


def by_luqum(node):
    parts = [by_luqum(child) for child in node.children]
    return f"({f' {node.op} '.join(parts)})" if parts else node.value


done = subprocess.run(["node", "-e", SCRIPT, json.dumps(QUERIES)], capture_output=True, text=True, check=True)
seen = [[by_luqum(parser.parse(query)), *others] for query, others in zip(QUERIES, json.loads(done.stdout))]
for query, read in zip(QUERIES, seen):
    print(query)
    for name, meaning in zip(("luqum", "lucene", "Liqe"), read):
        print(f"  {name}: {meaning}")
unchanged = seen == [
    ["(audio OR (video AND free))", "(audio OR (video AND free))", "((audio OR video) AND free)"],
    ["((free AND audio) OR video)", "(free AND (audio OR video))", "((free AND audio) OR video)"],
]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

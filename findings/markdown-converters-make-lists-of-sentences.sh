#!/usr/bin/env bash
# html2text and Turndown turn the sentence `1) one` into a list, and html2text `> more` into a quote.
#
# Guess: A converter from HTML to Markdown escapes what Markdown would read as markup: the paragraph `1. May` becomes
# `1\. May`, and comes back as the same paragraph.
# What happens: Both escape a number with a full stop, `-` and `+`, and no number with a parenthesis, which is a list
# since CommonMark: it comes back as an `<ol>`. html2text also leaves `> more`, `[text](address)`, backticks and
# asterisks as they are, so plain text becomes a quote, a link, code and emphasis; Turndown escapes these, and html2text
# all but the quote with `escape_snob`.
# Versions: html2text 2025.4.15 with markdown-it-py 4.3.0; turndown 7.2.5 on Node 20.
# Source: run of this script; CommonMark 0.31, 5.2 (a list's number ends with `.` or `)`) and 2.4 (backslash escapes).
# In this program: an export to Markdown escapes every sign that may be markup (library/import_export/exporter.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check html2text==2025.4.15 markdown-it-py==4.3.0
npm install --silent --no-audit --no-fund turndown@7.2.5 >/dev/null
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import html2text
from markdown_it import MarkdownIt

TEXTS = ("1. May", "1) one", "- minus", "&gt; more", "[text](address)", "*stars*")
SCRIPT = r"""
const Turndown = require('turndown');
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(text => new Turndown().turndown(`<p>${text}</p>`))));
"""
done = subprocess.run(["node", "-e", SCRIPT, json.dumps(TEXTS)], capture_output=True, text=True, check=True)
changed = {"html2text": set(), "Turndown": set()}
for text, by_turndown in zip(TEXTS, json.loads(done.stdout)):
    for name, markdown in (("html2text", html2text.html2text(f"<p>{text}</p>").strip()), ("Turndown", by_turndown)):
        back = MarkdownIt("commonmark").render(markdown).strip()
        if back != f"<p>{text}</p>":
            changed[name].add(text)
        print(f"{text}: {name} {markdown!r}, back in HTML {back!r}")
unchanged = changed == {
    "html2text": {"1) one", "&gt; more", "[text](address)", "*stars*"},
    "Turndown": {"1) one"},
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

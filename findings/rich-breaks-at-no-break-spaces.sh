#!/usr/bin/env bash
# Rich and Textual break lines at no-break spaces.
#
# Guess: `1 200 EUR` that is written with no-break spaces, narrow ones (U+202F, French) or figure spaces (U+2007) stays
# on one line, as in a browser, and in Python's textwrap.
# What happens: A word ends at whatever Python counts as a blank, so the amount is cut in two. The other way round, a
# zero-width space, which is there to allow a break, allows none.
# Versions: rich 15.0.0, textual 8.2.8.
# Source: run of this script; Unicode Standard Annex 14, class GL; https://github.com/Textualize/rich/issues/4196.
# In this program: in long texts of users, such a line break is seen here as well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check rich==15.0.0 textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, io, sys, textwrap
from rich.console import Console
from rich.text import Text
from textual.app import App
from textual.content import Content


def by_rich(text):
    return [line.plain.rstrip() for line in Text(text).wrap(Console(file=io.StringIO()), 9)]


def by_textual(text):
    return [line.plain.rstrip() for line in Content(text).wrap(9)]


seen = {}
for name, blank in (("U+00A0", "\u00a0"), ("U+202F", "\u202f"), ("U+2007", "\u2007")):
    text = f"costs 1{blank}200{blank}EUR"
    seen[name] = by_rich(text), by_textual(text), textwrap.wrap(text, 9)
    print(name, *(ascii(lines) for lines in seen[name]))
unchanged = all(rich == content and len(rich[0]) > 5 and plain[0] == "costs" for rich, content, plain in seen.values())
print("U+200B", ascii(by_rich("flattr\u200bcom.org")))

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

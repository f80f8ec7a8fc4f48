#!/usr/bin/env bash
# Text that went through Textual's markup.escape does not always come back as it was.
#
# Guess: `Content.from_markup(escape(text)).plain == text` for every text: that is what escape is for.
# What happens: a backslash at the end is doubled (`C:\` is shown as `C:\\`), a backslash before a bracket is lost,
# and some texts with `[/` still raise MarkupError. About one in twelve random texts of punctuation differs.
# Versions: textual 8.2.8.
# Source: run of this script.
# In this program: text of a server is never given to the markup parser, escaped or not: it is put into Content as it
# is.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import random
import sys
from textual.content import Content
from textual.markup import MarkupError, escape


def shown(text):
    try:
        return Content.from_markup(escape(text)).plain
    except MarkupError as error:
        return error


for text in ("C:\\", "\\[ ", "[a] b", '[/ ="'):
    print(repr(text), "->", repr(shown(text)))
letters = "[]\\/a$@= \"'1:#%"
draw = random.Random(1)
texts = ["".join(draw.choices(letters, k=draw.randint(1, 7))) for _ in range(5000)]
different = sum(shown(text) != text for text in texts)
print(f"{different} of {len(texts)} texts differ")
unchanged = shown("C:\\") == "C:\\\\" and shown("[a] b") == "[a] b" and different > 100

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

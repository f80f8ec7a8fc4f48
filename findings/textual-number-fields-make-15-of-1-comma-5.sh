#!/usr/bin/env bash
# Who types `1,5` into a number field of Textual has entered 15.
#
# Guess: `Input(type="number")` shows what was typed and calls it invalid, or takes the comma: half of Europe writes it.
# `1_0` is no number.
# What happens: a key that doesn't fit is dropped with the bell as the only sign, so `1,5` becomes 15 and is valid: ten
# times as much. `1_0` is valid, since Python's `float` reads it; a server that gets the text does not.
# Versions: textual 8.2.8.
# Source: run of this script; textual/widgets/_input.py, `_RESTRICT_TYPES`.
# In this program: fields take any text; what was entered is checked when it's sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys
from textual.app import App
from textual.widgets import Input

TYPED = ("1.5", "1,5", "1_0", "abc")


class Page(App):
    def compose(self):
        yield Input(type="number")


async def main():
    seen = {}
    app = Page()
    async with app.run_test() as pilot:
        field = app.query_one(Input)
        for text in TYPED:
            field.value = ""
            await pilot.press(*text)
            seen[text] = (field.value, field.is_valid)
    return seen


seen = asyncio.run(main())
for text, (value, valid) in seen.items():
    print(f"{text!r} typed: {value!r}, {'valid' if valid else 'invalid'}")
unchanged = seen == {
    "1.5": ("1.5", True),
    "1,5": ("15", True),
    "1_0": ("1_0", True),
    "abc": ("", False),
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

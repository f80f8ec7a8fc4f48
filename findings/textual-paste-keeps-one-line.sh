#!/usr/bin/env bash
# Textual's Input keeps the first line of a paste, which may be an empty one.
#
# Guess: a one-line field joins the lines of a paste, as an HTML input and readline with bracketed paste do, or
# refuses it visibly.
# What happens: everything after the first line break is dropped without a sign. A long address that a terminal or a
# mail client broke over two lines arrives cut, and a paste that begins with a line break inserts nothing.
# Versions: textual 8.2.8.
# Source: run of this script.
# In this program: the fields that take an address or a name put the lines of a paste together.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio
import sys
from textual import events
from textual.app import App
from textual.widgets import Input


class Form(App):
    def compose(self):
        yield Input()


async def main():
    seen = []
    app = Form()
    async with app.run_test() as pilot:
        field = app.query_one(Input)
        for pasted in ("http://127.0.0.1/?code=abc\n&state=def", "\nhttp://127.0.0.1/"):
            field.value = ""
            field.post_message(events.Paste(pasted))
            await pilot.pause()
            seen.append(field.value)
    return seen


seen = asyncio.run(main())
print(seen)
unchanged = seen == ["http://127.0.0.1/?code=abc", ""]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

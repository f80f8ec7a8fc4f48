#!/usr/bin/env bash
# Textual's Input inserts nothing of a paste that is too long for it, or that has one wrong character.
#
# Guess: With `max_length=10`, a longer paste is cut, as HTML's `maxlength` does. Of `12 ` (with the space that a double
# click selects) a field of numbers takes the digits. A limit holds for `field.value = …` too.
# What happens: The paste is inserted as a whole or not at all; the terminal's bell is the only sign. What the program
# assigns is neither cut nor refused, so the field then holds what nobody could type, and `restrict='[0-9]{4}'` can
# never be typed at all: each letter is checked as the whole value.
# Versions: textual 8.2.8.
# Source: run of this script; https://textual.textualize.io/widgets/input/#restricting-input tells of typing a
# character.
# In this program: fields have no limit of their own; what was entered is checked when it's sent, and the sentence says
# what is wrong.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys
from textual import events
from textual.app import App
from textual.widgets import Input


async def fill(how, text, **options):
    app = App()
    async with app.run_test() as pilot:
        field = Input(**options)
        await app.mount(field)
        field.focus()
        if how == "paste":
            field.post_message(events.Paste(text))
        elif how == "assign":
            field.value = text
        else:
            await pilot.press(*text)
        await pilot.pause()
        return field.value


CASES = [
    ("paste", "abcdefghijkl", {"max_length": 10}),
    ("type", "abcdefghijkl", {"max_length": 10}),
    ("assign", "abcdefghijkl", {"max_length": 10}),
    ("paste", "12 ", {"type": "integer"}),
    ("type", "2013", {"restrict": "[0-9]{4}"}),
]
seen = [asyncio.run(fill(how, text, **options)) for how, text, options in CASES]
for (how, text, options), value in zip(CASES, seen):
    print(how, repr(text), options, "->", repr(value))
unchanged = seen == ["", "abcdefghij", "abcdefghijkl", "", ""]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

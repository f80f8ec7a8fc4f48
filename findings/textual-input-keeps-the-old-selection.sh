#!/usr/bin/env bash
# In a field of Textual that a program fills anew, the next letter replaces the beginning of the new text.
#
# Guess: after `field.value = "goodbye"` the cursor is at the end and nothing is selected, as in a web page, so what is
# typed is appended. A field that gets the focus has its text selected, and the new text is selected as a whole or not.
# What happens: cursor and selection stay where they were, in letters. `hello` was selected on focus, so of `goodbye`
# the first five letters are, and `!` makes `!ye` of it. With the cursor behind `x`, `longer` becomes `l!onger`. Only
# the first value that a field gets moves the cursor to the end. In a TextArea the cursor goes to the beginning.
# Versions: textual 8.2.8.
# Source: run of this script; textual/widgets/_input.py, `_watch_value`.
# In this program: who sets the value of a field that has the focus sets its cursor, too (ui/screens/search.py).
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
from textual.widgets import Input, TextArea


class Page(App):
    def compose(self):
        yield Input(id="empty")
        yield Input("hello", id="selected")
        yield Input(id="typed")
        yield TextArea("hello", id="area")


async def main():
    seen = {}
    app = Page()
    async with app.run_test() as pilot:

        async def fill(name, value, typed_before=""):
            field = app.query_one(f"#{name}")
            field.focus()
            await pilot.pause()
            await pilot.press(*typed_before)
            if isinstance(field, Input):
                field.value = value
            else:
                field.move_cursor(field.document.end)
                field.text = value
            await pilot.press("!")
            seen[name] = field.value if isinstance(field, Input) else field.text

        await fill("empty", "goodbye")
        await fill("selected", "goodbye")
        await fill("typed", "longer", typed_before="x")
        await fill("area", "goodbye")
    return seen


seen = asyncio.run(main())
for name, text in seen.items():
    print(f"{name}: filled, then ! typed: {text}")
unchanged = seen == {"empty": "goodbye!", "selected": "!ye", "typed": "l!onger", "area": "!goodbye"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

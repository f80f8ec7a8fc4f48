#!/usr/bin/env bash
# In Textual, a field that is not displayed can be given the focus, and takes what is typed.
#
# Guess: `focus()` on a widget with `display = False` does nothing, as it does nothing on a disabled one: what is hidden
# while it has the focus loses it, after all.
# What happens: the hidden field gets the focus and every key; the user types into nothing, and the keys of the page
# don't work, since the field takes the letters.
# Versions: textual 8.2.8.
# Source: run of this script.
# In this program: the key to the results is bound only while they are displayed (ui/screens/search.py).
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
from textual.binding import Binding
from textual.widgets import Input


class Page(App):
    BINDINGS = [Binding("x", "export")]
    AUTO_FOCUS = None
    exports = 0

    def compose(self):
        yield Input()

    def action_export(self):
        self.exports += 1


async def type_into(name, value):
    app = Page()
    async with app.run_test() as pilot:
        field = app.query_one(Input)
        setattr(field, name, value)
        await pilot.pause()
        field.focus()
        await pilot.press("x")
        return field.value, app.exports


disabled, hidden = asyncio.run(type_into("disabled", True)), asyncio.run(type_into("display", False))
print("value of the field and calls of the page's key: disabled", disabled, "| not displayed", hidden)
unchanged = disabled == ("", 1) and hidden == ("x", 0)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

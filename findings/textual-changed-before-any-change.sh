#!/usr/bin/env bash
# Some of Textual's widgets report a change when a screen opens, others do not.
#
# Guess: `Changed` is posted when somebody changes a value. A value given to the constructor is no change, or it is
# one for all widgets alike.
# What happens: Input and Select post Changed for the value that they begin with; Switch and Checkbox do not. A
# handler that saves what was changed saves at once on opening, for half of the form.
# Versions: textual 8.2.8.
# Source: run of this script.
# In this program: forms are read when they are sent, not while they change.
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
from textual.app import App
from textual.widgets import Checkbox, Input, Select, Switch


class Form(App):
    seen = []

    def compose(self):
        yield Input("ada")
        yield Select([("A", 1), ("B", 2)], value=1)
        yield Switch(value=True)
        yield Checkbox("C", value=True)

    def on_input_changed(self, event):
        self.seen.append("Input")

    def on_select_changed(self, event):
        self.seen.append("Select")

    def on_switch_changed(self, event):
        self.seen.append("Switch")

    def on_checkbox_changed(self, event):
        self.seen.append("Checkbox")


async def main():
    app = Form()
    async with app.run_test() as pilot:
        await pilot.pause()
    return app.seen


seen = sorted(asyncio.run(main()))
print("Changed on opening:", seen)
unchanged = seen == ["Input", "Select"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

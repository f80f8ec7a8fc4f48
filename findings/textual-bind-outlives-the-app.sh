#!/usr/bin/env bash
# A key that is bound to one Textual app stays bound in the apps that are made after it.
#
# Guess: `app.bind("x", …)` changes that app alone; a new app of the same class has the keys of its BINDINGS, and no more.
# What happens: an app copies the dictionary of its class's bindings, but not the lists in it. A key that BINDINGS already
# names is added to the list of the class. Each later app of the process has the binding, too, and once more for each app
# before it that bound the key. A key that BINDINGS does not name stays with the one app.
# Versions: textual 8.2.8 on Python 3.11.7.
# Source: run of this script; https://textual.textualize.io/api/app/#textual.app.App.bind does not mention it.
# In this program: the app makes the lists its own before it binds (ui/textual_private.py). Its tests, which start some
# hundred apps in a process, had become slower with each of them.
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


class Reader(App):
    BINDINGS = [("x", "bell", "ring")]

    def on_mount(self):
        if READERS == 0:
            self.bind("x", "screenshot", description="picture")
            self.bind("y", "screenshot", description="picture")


async def bound_actions():
    app = Reader()
    async with app.run_test():
        chain = [bindings for _, bindings in app.screen._binding_chain]
        return {key: [b.action for bindings in chain for k, b in bindings if k == key] for key in "xy"}


READERS = 0
first = asyncio.run(bound_actions())
READERS = 1
second = asyncio.run(bound_actions())
print("the app that binds x and y:   ", first)
print("a new app, which binds nothing:", second)
unchanged = second == {"x": ["bell", "screenshot"], "y": []} and first == {"x": ["bell", "screenshot"], "y": ["screenshot"]}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

#!/usr/bin/env bash
# From Python 3.12 on, Textual starts tasks in another order in the program than in its tests.
#
# Guess: `run_test()` and `run(headless=True)` do the same, apart from the driver: what a test sees, the user sees.
# What happens: `run()` makes asyncio's tasks eager where Python can (3.12 and later), `run_test()` does not. An eager
# task runs up to its first wait inside the call that starts it. So when the mode is switched, the new screen composes
# while `App.current_mode` still names the old one, in the program alone; a test sees the new one, as on Python 3.11.
# Versions: textual 8.2.8 with Python 3.12.1 and 3.13.0 ($PYTHON, or one that is on PATH or in pyenv, is used).
# Source: run of this script; https://docs.python.org/3/library/asyncio-task.html#asyncio.eager_task_factory
# In this program: a page asks for the mode again when it is shown (ui/screens/base_page.py).
set -euo pipefail
for name in ${PYTHON:-python3.14 python3.13 python3.12 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python3}; do
  "$name" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && break
  name=
done
[ -n "$name" ] || { echo "This needs Python 3.12 or later."; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"$name" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys
from textual.app import App
from textual.screen import Screen
from textual.widgets import Static


class Page(Screen):
    def compose(self):
        self.app.modes.append(self.app.current_mode)
        yield Static("page")


class Pages(App):
    MODES = {"one": Page, "two": Page}
    DEFAULT_MODE = "one"

    def __init__(self):
        super().__init__()
        self.modes = []

    async def on_ready(self):
        await self.switch_mode("two")
        self.exit()


async def test():
    app = Pages()
    async with app.run_test() as pilot:
        await pilot.pause()
    return app.modes


app, tested = Pages(), asyncio.run(test())
app.run(headless=True)
print("Python", sys.version.split()[0])
print("current_mode while the two screens compose: run_test()", tested, "| run()", app.modes)
unchanged = tested == ["one", "two"] and app.modes == ["one", "one"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

#!/usr/bin/env bash
# A binding for shift+b works in Textual's tests, and in no terminal.
#
# Guess: `Binding("shift+b", ...)` answers to B, or `pilot.press("shift+b")` shows in a test that it does not.
# What happens: a terminal sends B, and Textual names that key `B`, with the Kitty keyboard protocol too. The pilot
# makes the event out of the name that it's given, so the test passes. The same goes for `ctrl+i` and `ctrl+m`, which
# most terminals send as tab and enter.
# Versions: textual 8.2.8.
# Source: run of this script, which types B into a pseudo-terminal.
# In this program: keys are written as B, and tests/pty types bytes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
cat >page.py <<'PYTHON'
import asyncio, os, pty, select, sys, time
from textual.app import App
from textual.binding import Binding


class Page(App):
    BINDINGS = [Binding("shift+b", "hit('shift+b')"), Binding("q", "quit")]
    ENABLE_COMMAND_PALETTE = False
    hits = []

    def on_ready(self):
        if len(sys.argv) > 1:
            open("ready", "w").close()

    def action_hit(self, key):
        self.hits.append(key)


if len(sys.argv) > 1:
    Page().run()
    with open("hits", "w") as file:
        file.write(" ".join(Page.hits))
    sys.exit()


async def by_pilot():
    app = Page()
    async with app.run_test() as pilot:
        await pilot.press("shift+b")
        return list(app.hits)


def by_terminal():
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.setdefault("TERM", "xterm-256color")
        os.execv(sys.executable, [sys.executable, "page.py", "run"])
    typed, end = False, time.monotonic() + 60
    while time.monotonic() < end and not os.path.exists("hits"):
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                os.read(terminal, 65536)
            except OSError:
                break
        if not typed and os.path.exists("ready"):
            os.write(terminal, b"Bq")
            typed = True
    os.waitpid(pid, 0)
    with open("hits") as file:
        return file.read().split()


tested, real = asyncio.run(by_pilot()), by_terminal()
print("by pilot.press('shift+b'):", tested, "| by typing B:", real)
unchanged = tested == ["shift+b"] and real == []

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
"$python" page.py

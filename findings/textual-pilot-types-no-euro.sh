#!/usr/bin/env bash
# `pilot.press('€')` types nothing into an Input, though the key works in every terminal.
#
# Guess: The pilot types any character that it's given: `ä` and `日` arrive.
# What happens: Of letters the event has the character. Any other sign is turned into its name (`euro_sign`), and only
# the names of ASCII's signs are turned back, so `€`, `£`, `§`, `–`, `„`, `…` and `°` arrive as a key without a
# character. A terminal sends the bytes, and the sign is typed. A test of a field for amounts fails, or tests nothing.
# Versions: textual 8.2.8.
# Source: run of this script, which also types € into a pseudo-terminal; textual/app.py, `_press_keys`.
# In this program: tests/pty types bytes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, os, pty, select, sys, time
from textual.app import App
from textual.widgets import Input

SIGNS = ["ä", "日", "%", "€", "§", "–", "…"]


class Form(App):
    ready = False

    def compose(self):
        yield Input()

    def on_ready(self):
        Form.ready = True
        if len(sys.argv) > 1:
            os.write(3, b"ready")

    def on_input_changed(self, event):
        if len(sys.argv) > 1 and event.value:
            self.exit(event.value)


async def by_pilot():
    app = Form()
    async with app.run_test() as pilot:
        field, seen = app.query_one(Input), {}
        for sign in SIGNS:
            field.value = ""
            await pilot.press(sign)
            await pilot.pause()
            seen[sign] = field.value
        return seen


def by_terminal(sign):
    reader, writer = os.pipe()
    answer_reader, answer_writer = os.pipe()
    process, terminal = pty.fork()
    if process == 0:
        os.dup2(writer, 3)
        os.dup2(answer_writer, 4)
        value = Form_run()
        os.write(4, (value or "").encode())
        os._exit(0)
    os.close(writer)
    os.close(answer_writer)
    is_typed, end = False, time.monotonic() + 20
    while time.monotonic() < end:
        ready = select.select([reader, terminal, answer_reader], [], [], 1)[0]
        if answer_reader in ready:
            break
        if terminal in ready:
            try:
                os.read(terminal, 65536)
            except OSError:
                break
        if reader in ready and not is_typed and os.read(reader, 5):
            os.write(terminal, sign.encode())
            is_typed = True
    value = os.read(answer_reader, 100).decode()
    os.waitpid(process, 0)
    return value


def Form_run():
    sys.argv.append("terminal")
    return Form().run()


os.environ["TERM"] = "xterm-256color"
typed = by_terminal("€")
seen = asyncio.run(by_pilot())
print("by the pilot:", seen, "| in a terminal, €:", repr(typed))
unchanged = [seen[sign] for sign in SIGNS] == ["ä", "日", "%", "", "", "", ""] and typed == "€"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

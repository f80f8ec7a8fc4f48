#!/usr/bin/env bash
# In Textual, a screen that dismisses itself while another lies on top of it closes the other one.
#
# Guess: `self.dismiss(result)` closes `self`. If that is not the top of the stack, it is taken out from below, or an
# error says that it can't be.
# What happens: the result goes to the callback of `self`, and the top of the stack is popped, whatever that is. The
# dialog on top is gone without an answer: its callback is never called, and who awaits it waits for ever. The screen
# that said goodbye stays, and its next `dismiss` fails.
# Versions: textual 8.2.8.
# Source: run of this script. It happens to a progress dialog that ends by itself below a question.
# In this program: what ends by itself asks `is_active` first, and waits until it's on top (ui/screens/sync_dialog.py).
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
from textual.screen import ModalScreen


async def main():
    app, answers = App(), []
    async with app.run_test() as pilot:
        progress, question = ModalScreen(name="progress"), ModalScreen(name="question")
        app.push_screen(progress, lambda result: answers.append(("progress", result)))
        await pilot.pause()
        app.push_screen(question, lambda result: answers.append(("question", result)))
        await pilot.pause()
        progress.dismiss("done")
        await pilot.pause()
        return answers, [screen.name for screen in app.screen_stack[1:]]


answers, left = asyncio.run(main())
print("answers:", answers, "| screens that are left:", left)
unchanged = answers == [("progress", "done")] and left == ["progress"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

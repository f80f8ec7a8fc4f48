#!/usr/bin/env bash
# A wide letter in a Textual dialog is blank where the edge of a widget below the dialog passes.
#
# Guess: what lies on a higher layer is drawn whole; what is below it, and covered, has no say in it.
# What happens: each line of the screen is cut where any widget begins or ends, covered or not, and the upper widget's
# text with it. A cut in the middle of a letter of two cells (Chinese, Japanese, Korean, emoji) leaves two blanks. Which
# letter is lost depends on the page below and on the size of the terminal.
# Versions: textual 8.2.8 on Python 3.11.7.
# Source: run of this script; textual/_compositor.py, `_render_chops`.
# In this program: notices and dialogs lose such letters as well.
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
from textual.containers import Horizontal
from textual.widgets import Static


class Pages(App):
    CSS = """
    Screen { layers: page dialog; }
    Horizontal { height: 3; }
    #left { width: 7; }
    #dialog { layer: dialog; width: 20; height: 1; }
    """

    def compose(self):
        with Horizontal():
            yield Static("left", id="left")
            yield Static("right")
        yield Static("漢字漢字漢字", id="dialog")


async def first_line():
    app = Pages()
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        return "".join(segment.text for segment in app.screen._compositor.render_strips()[0]).rstrip()


line = asyncio.run(first_line())
print("the dialog's text: 漢字漢字漢字")
print("what is drawn:    ", line)
unchanged = line == "漢字漢  漢字"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

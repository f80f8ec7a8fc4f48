#!/usr/bin/env bash
# In Textual, `text-style: reverse` works for a widget, but not for a part of one that draws itself by visual styles.
#
# Guess: `.option-list--option-highlighted { text-style: reverse }` reverses the highlighted option, as `bold` makes it
# bold: a component class takes every text style.
# What happens: the style is parsed and stands in `get_component_styles`, but `get_visual_style`, by which OptionList
# draws, copies bold, dim, italic, underline and strike, and leaves reverse (and blink) out. In an ANSI theme, where
# reversing is the one highlight that every terminal shows, nothing is highlighted.
# Versions: textual 8.2.8.
# Source: run of this script.
# In this program: the ANSI themes give what is under a cursor two colours; lists that we draw are reversed by us.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
venv/bin/python - <<'PYTHON'
import asyncio
import sys

from textual.app import App
from textual.widgets import OptionList, Static

PART = "option-list--option-highlighted"


class Parts(App):
    CSS = f"""
    Static {{ text-style: reverse; }}
    OptionList:focus > .{PART} {{ text-style: reverse bold; }}
    """

    def compose(self):
        yield Static("whole")
        yield OptionList("part")


async def main():
    app = Parts()
    async with app.run_test() as pilot:
        options = app.query_one(OptionList)
        options.focus()
        options.highlighted = 0
        await pilot.pause()
        style = options.get_visual_style(PART)
        return {
            "widget": app.query_one(Static).visual_style.reverse,
            "part, as parsed": options.get_component_styles(PART).text_style.reverse,
            "part, as drawn": style.reverse,
            "bold, as drawn": style.bold,
        }


seen = asyncio.run(main())
print(seen)
if [bool(value) for value in seen.values()] != [True, True, False, True]:
    sys.exit("This has changed.")
print("As described.")
PYTHON

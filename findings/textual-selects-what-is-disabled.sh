#!/usr/bin/env bash
# In Textual, `select_all` of a SelectionList checks the entries that are disabled.
#
# Guess: What the user may not check isn't checked by `select_all` either, and what is disabled and checked stays so:
# a required column, a thing that can't be paid.
# What happens: `select_all`, `deselect_all` and `toggle_all` change all entries. The user can't undo it, since a click
# leaves a disabled entry alone.
# Versions: textual 8.2.8 on Python 3.11.
# Source: run of this script; textual/widgets/_selection_list.py, `_apply_to_all`, which goes over all options.
# In this program: its Checklist has no such method (ui/widgets/inputs.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8
venv/bin/python - <<'PYTHON'
import asyncio, sys
from textual.app import App
from textual.widgets import SelectionList
from textual.widgets.selection_list import Selection


class Payments(App):
    def compose(self):
        yield SelectionList(
            Selection("open", "open"),
            Selection("paid", "paid", disabled=True),
            Selection("fee", "fee", initial_state=True, disabled=True),
        )


async def main():
    app = Payments()
    async with app.run_test(size=(40, 10)) as pilot:
        widget = app.query_one(SelectionList)
        seen = [sorted(widget.selected)]
        await pilot.click(SelectionList, offset=(4, 2))
        seen.append(sorted(widget.selected))
        for act in (widget.select_all, widget.deselect_all, widget.toggle_all):
            act()
            seen.append(sorted(widget.selected))
        return seen


start, clicked, all_selected, none_selected, toggled = asyncio.run(main())
print("at first:", start, "; disabled entry clicked:", clicked)
print("select_all:", all_selected, "; deselect_all:", none_selected, "; toggle_all:", toggled)
unchanged = start == clicked == ["fee"] and none_selected == []
unchanged &= all_selected == toggled == ["fee", "open", "paid"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

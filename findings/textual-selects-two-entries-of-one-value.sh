#!/usr/bin/env bash
# Of two entries of a Textual SelectionList with one value, a click on one checks both, and the order is that of clicks.
#
# Guess: `selected` has the values of the checked entries from top to bottom. Entries with equal values are two entries,
# as in a Select or an OptionList.
# What happens: `selected` has the values in the order in which they were checked, so the first column that is checked
# becomes the first one of an export. What is checked is a value, not an entry: of two things of the same price both get
# a cross, and `selected` has one of them. 1 and True are one value, too.
# Versions: textual 8.2.8 on Python 3.11.
# Source: run of this script; textual/widgets/_selection_list.py, `_selected`, which is a dictionary.
# In this program: its Checklist is a list of its own (ui/widgets/inputs.py).
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


class Columns(App):
    def __init__(self, entries):
        super().__init__()
        self.entries = entries

    def compose(self):
        yield SelectionList(*self.entries)


async def select(entries, *keys):
    app = Columns(entries)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        widget = app.query_one(SelectionList)
        lines = app.screen._compositor.render_strips()[1 : len(entries) + 1]
        return widget.selected, [next(str(part.style) for part in line if "X" in part.text) for line in lines]


async def main():
    upwards = await select([("title", "t"), ("clicks", "c")], "down", "space", "up", "space")
    none = await select([("One", 95), ("Two", 95)])
    twins = await select([("One", 95), ("Two", 95)], "space")
    truth = await select([("One", 1), ("Two", True)], "space")
    return upwards, none, twins, truth


upwards, none, twins, truth = asyncio.run(main())
print("clicks, then title:", upwards[0])
changed = [before != after for before, after in zip(none[1], twins[1])]
print("One of two of 95 cents:", twins[0], "crosses that changed:", changed)
print("1 of 1 and True:", truth[0])
unchanged = upwards[0] == ["c", "t"] and twins[0] == [95] and changed == [True, True] and truth[0] == [1]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

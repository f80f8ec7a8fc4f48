#!/usr/bin/env bash
# When an entry in front goes or comes, Textual's two lists disagree about which one stays highlighted.
#
# Guess: the highlight stays on its entry, as a text cursor stays on its letter; or on its line, in both lists.
# What happens: of a, b, c, d with c highlighted, a ListView without a highlights c, and an OptionList d. With a new
# entry in front, the ListView highlights b. A key that is pressed in that moment acts on another thing.
# Versions: textual 8.2.8.
# Source: run of this script.
# In this program: tables keep the cursor on its item (ui/widgets/table.py), and the bookmarks find theirs again.
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
from textual.widgets import Label, ListItem, ListView, OptionList


class Page(App):
    def compose(self):
        yield ListView(*[ListItem(Label(name), name=name) for name in "abcd"])
        yield OptionList(*"abcd")


async def main(change):
    app = Page()
    async with app.run_test() as pilot:
        views, options = app.query_one(ListView), app.query_one(OptionList)
        views.index = options.highlighted = 2
        await pilot.pause()
        await change(views, options)
        await pilot.pause()
        return views.highlighted_child.name, options.get_option_at_index(options.highlighted).prompt


async def remove(views, options):
    await views.pop(0)
    options.remove_option_at_index(0)


async def insert(views, options):
    await views.insert(0, [ListItem(Label("new"), name="new")])


removed, inserted = asyncio.run(main(remove)), asyncio.run(main(insert))[0]
print("c was highlighted. Without a: ListView", removed[0], "OptionList", removed[1])
print("With a new one in front: ListView", inserted)
unchanged = removed == ("c", "d") and inserted == "b"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON

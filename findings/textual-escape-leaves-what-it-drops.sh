#!/usr/bin/env bash
# Text that went through Textual's own `escape` loses `[OK]`, but not in a DataTable or a Tree.
#
# Guess: `textual.markup.escape`, 'so that it won't be interpreted as markup', makes any text safe for each of Textual's
# widgets that takes markup. What is markup for one of them is markup for the others.
# What happens: `escape` follows Rich's rules, by which a tag begins with a small letter, `#`, `/` or `@`, so `[OK]`,
# `[DE]` and `[100%]` are left as they are; Static, Label, Button, OptionList and others then take them for tags and draw
# nothing. DataTable and Tree read a str by Rich's rules and show them. A placeholder, a Log, a Footer and the app's
# title take no markup, so the backslashes of an escaped text are seen there. A Content instead of a str is shown as it
# is.
# Versions: textual 8.2.8 with rich 15.0.0.
# Source: run of this script; textual/markup.py, `escape`; textual/widgets/_data_table.py, line 221, and
# textual/widgets/_tree.py, line 859, call Rich's Text.from_markup.
# In this program: text of a server is put into Content or Text, and never goes through markup.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check textual==8.2.8 rich==15.0.0
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, re, sys
from textual.app import App
from textual.markup import escape
from textual.widgets import DataTable, Input, OptionList, Static, Tree

TEXT = "<[OK] [b]done[/b]>"
WAYS = {"as it is": str, "escaped": escape}


class Page(App):
    def __init__(self, text):
        super().__init__()
        self.text = text

    def compose(self):
        yield Static(self.text)
        yield OptionList(self.text)
        yield DataTable(show_header=False)
        yield Tree(self.text)
        yield Input(placeholder=self.text, compact=True)

    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("column")
        table.add_row(self.text)


async def main():
    seen = {}
    for way, change in WAYS.items():
        app = Page(change(TEXT))
        async with app.run_test(size=(40, 40)) as pilot:
            await pilot.pause(0.2)
            for kind in (Static, OptionList, DataTable, Tree, Input):
                area = app.query_one(kind).region
                lines = app.screen._compositor.render_strips()[area.y : area.bottom]
                seen[way, kind.__name__] = re.search("<.*>", "".join(line.text for line in lines))[0]
    return seen


seen = asyncio.run(main())
for (way, name), shown in seen.items():
    print(f"{way}, {name}: {shown}")
unchanged = seen == {
    ("as it is", "Static"): "< done>",
    ("as it is", "OptionList"): "< done>",
    ("as it is", "DataTable"): "<[OK] done>",
    ("as it is", "Tree"): "<[OK] done>",
    ("as it is", "Input"): TEXT,
    ("escaped", "Static"): "< [b]done[/b]>",
    ("escaped", "OptionList"): "< [b]done[/b]>",
    ("escaped", "DataTable"): TEXT,
    ("escaped", "Tree"): TEXT,
    ("escaped", "Input"): r"<[OK] \[b]done\[/b]>",
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
